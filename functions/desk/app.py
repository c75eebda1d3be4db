"""Desk: the HTTP API of the people who answer. ANY /desk/{proxy+}, described in openapi.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heed.rim import desk_errors, runtime
from heed.rim.corrections import Corrections
from heed.rim.desk import Desk
from heed.values import Value


class Settings(Value):
    table_name: str


SETTINGS = runtime.settings(Settings)
POLICY = runtime.policy()
LOGGER = runtime.logger()
DESK = Desk(
    policy=POLICY,
    table=Corrections(runtime.client("dynamodb", runtime.HURRIED), SETTINGS.table_name, POLICY.retention_days),
    clock=runtime.now,
)
runtime.ready()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    try:
        return DESK.answer(event)
    except Exception as bug:
        # The traceback holds no values of ours, the message might: log where it broke, never what it held.
        LOGGER.error("bug", extra={"request_id": context.aws_request_id, **runtime.where(bug)})
        runtime.count({"DeskBugs": 1})
        return desk_errors.bug(context.aws_request_id)
