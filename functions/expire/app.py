"""Expire: reads a case again when its time has come and marks what ran out; files what announce has told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heed.rim import queues, runtime
from heed.rim.bundles import Bundles
from heed.rim.dynamo import Unavailable
from heed.rim.expiry import expire
from heed.values import Value


class Settings(Value):
    table_name: str
    due_queue_url: str


SETTINGS = runtime.settings(Settings)
POLICY = runtime.policy()
TABLE = Bundles(runtime.client("dynamodb", runtime.PATIENT), SETTINGS.table_name, POLICY.retention_days)
SQS = runtime.client("sqs", runtime.PATIENT)
runtime.ready()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    now = runtime.now()
    bodies = {record["messageId"]: record["body"] for record in event["Records"]}
    try:
        outcome = expire(TABLE, POLICY, bodies, now)
    except Unavailable:
        return runtime.failures(bodies)
    # One that is lost is found by the next sweep.
    queues.send(SQS, SETTINGS.due_queue_url, [wake.entry(runtime.now()) for wake in outcome.early])
    return runtime.failures(outcome.failed)
