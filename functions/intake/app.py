"""Intake: answers the platforms. GET|POST /webhooks/{platform}/{account}."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from heed import judge
from heed.rim import http, queues, runtime
from heed.rim.intake import Intake
from heed.rim.pulse import Rhythms
from heed.rim.vault import Vault
from heed.values import Value


class Settings(Value):
    table_name: str
    recovery_queue_url: str
    pulls_queue_url: str
    secrets_prefix: str


SETTINGS = runtime.settings(Settings)
POLICY = runtime.policy()
LOGGER = runtime.logger()


@cache
def _ssm() -> Any:
    return runtime.client("ssm", runtime.HURRIED)


@cache
def _sqs() -> Any:
    """Made when the table first fails, or a platform first rings: a healthy function never pays for it."""
    return runtime.client("sqs", runtime.HURRIED)


def _send_recovery(entries: Sequence[queues.Entry]) -> Sequence[queues.Lost]:
    return queues.send(_sqs(), SETTINGS.recovery_queue_url, entries)


def _send_pulls(entries: Sequence[queues.Entry]) -> Sequence[queues.Lost]:
    return queues.send(_sqs(), SETTINGS.pulls_queue_url, entries)


INTAKE = Intake(
    policy=POLICY,
    table=Rhythms(runtime.client("dynamodb", runtime.HURRIED), SETTINGS.table_name, POLICY.retention_days),
    vault=Vault(_ssm, SETTINGS.secrets_prefix),
    send_recovery=_send_recovery,
    send_pulls=_send_pulls,
    clock=runtime.now,
)
judge.ready()
runtime.ready()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    path = event.get("pathParameters") or {}
    platform, account = path.get("platform", ""), path.get("account", "")
    try:
        outcome = INTAKE.take(platform, account, http.request(event))
    except Exception as bug:
        # The traceback holds no values of ours, the message might: log where it broke, never what it held.
        LOGGER.error("bug", extra={"request_id": context.aws_request_id, **runtime.where(bug)})
        runtime.count({"Bugs": 1})
        return http.as_json(500, {"error": "internal", "request_id": context.aws_request_id})
    if outcome.rejected:
        runtime.count({"Refused": outcome.answer.status == 401})
        runtime.count({"Rejected": 1}, reason=outcome.rejected)
    runtime.count(outcome.counts)
    return http.response(outcome.answer)
