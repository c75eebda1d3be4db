"""Recover: records what intake verified while the table could not take it. Reads the recovery queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heed import judge
from heed.rim import runtime
from heed.rim.dynamo import Unavailable
from heed.rim.intake import recover
from heed.rim.store import Table
from heed.values import Value


class Settings(Value):
    table_name: str


SETTINGS = runtime.settings(Settings)
POLICY = runtime.policy()
LOGGER = runtime.logger()
TABLE = Table(runtime.client("dynamodb", runtime.PATIENT), SETTINGS.table_name, POLICY.retention_days)
judge.ready()
runtime.ready()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    left, poisonous = [record["messageId"] for record in event["Records"]], []
    for record in event["Records"]:
        try:
            recover(TABLE, POLICY, record["body"], runtime.now())
        except Unavailable:
            # The table cannot now, and would keep each of the others waiting as long.
            break
        except Exception as bug:
            # One poisonous parcel must not hold up the others; the queue moves it aside after its last try.
            LOGGER.error("bug", extra={"message_id": record["messageId"], **runtime.where(bug)})
            poisonous.append(record["messageId"])
        left.remove(record["messageId"])
    recovered = len(event["Records"]) - len(left) - len(poisonous)
    runtime.count({"Recovered": recovered, "RecoverBugs": len(poisonous), "NotYetRecovered": len(left)})
    return runtime.failures([*left, *poisonous])
