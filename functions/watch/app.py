"""Watch: each minute, wakes every case with something to happen before the next run, to its very second."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heed.rim import queues, runtime
from heed.rim.store import HORIZON, SHARDS, Table

SPARE_MILLISECONDS = 5_000


@dataclass(frozen=True, slots=True)
class Settings:
    table_name: str
    due_queue_url: str


SETTINGS = runtime.settings(Settings)
TABLE = Table(runtime.client("dynamodb", runtime.PATIENT), SETTINGS.table_name, keep_days=0)
SQS = runtime.client("sqs", runtime.PATIENT)
LOGGER = runtime.logger()
runtime.ready()


def handler(event: Mapping[str, Any], context: Any) -> None:
    now = runtime.now()
    sent, overdue = 0, 0.0
    wakes = _falling_due(now)
    while batch := [wake for _, wake in zip(range(100), wakes, strict=False)]:
        failed = queues.send(SQS, SETTINGS.due_queue_url, [wake.entry(runtime.now()) for wake in batch])
        sent += len(batch) - len(failed)
        overdue = max(overdue, *((now - wake.at).total_seconds() for wake in batch))
        if failed or context.get_remaining_time_in_millis() < SPARE_MILLISECONDS:
            # What is left stays in the index, so the next run finds it.
            LOGGER.warning("sweep cut short", extra={"sent": sent, "failed": len(failed)})
            break
    runtime.count({"Woken": sent, "SweepOverdueSeconds": overdue})
    runtime.count({"Sweeps": 1})


def _falling_due(now: datetime) -> Iterator[queues.Wake]:
    for shard in SHARDS:
        for key, at in TABLE.due(shard, now + HORIZON):
            yield queues.Wake(key, at)
