"""Page: what the link of a notice opens. GET and POST /case/{token}; the link itself is the permission."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from heed.page import Trouble
from heed.rim import runtime
from heed.rim.link_keys import LinkKeys
from heed.rim.page import Page, trouble
from heed.rim.store import Table
from heed.values import Value


class Settings(Value):
    table_name: str
    link_key: str
    case_url: str


SETTINGS = runtime.settings(Settings)
POLICY = runtime.policy()
LOGGER = runtime.logger()


@cache
def _secrets() -> Any:
    return runtime.client("secretsmanager", runtime.HURRIED)


PAGE = Page(
    policy=POLICY,
    table=Table(runtime.client("dynamodb", runtime.HURRIED), SETTINGS.table_name, POLICY.retention_days),
    keys=LinkKeys(_secrets, SETTINGS.link_key),
    clock=runtime.now,
    acknowledged=lambda: runtime.count({"LinkAcknowledgements": 1}),
    case_url="" if SETTINGS.case_url == "none" else SETTINGS.case_url,
)
runtime.ready()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    try:
        return PAGE.answer(event)
    except Exception as bug:
        # The traceback holds no values of ours, the message might: log where it broke, never what it held.
        LOGGER.error("bug", extra={"request_id": context.aws_request_id, **runtime.where(bug)})
        runtime.count({"PageBugs": 1})
        return trouble(500, Trouble.FAILED, request_id=context.aws_request_id)
