"""Watch: each minute, wakes every case with something to happen before the next run, to its very second."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from heed.rim import queues, runtime
from heed.rim.items import HORIZON, SHARDS
from heed.rim.store import Table

SPARE_MILLISECONDS = 5_000


@dataclass(frozen=True, slots=True)
class Settings:
    table_name: str
    due_queue_url: str


SETTINGS = runtime.settings(Settings)
POLICY = runtime.policy()
TABLE = Table(runtime.client("dynamodb", runtime.PATIENT), SETTINGS.table_name, POLICY.retention_days)
SQS = runtime.client("sqs", runtime.PATIENT)
runtime.ready()


def handler(event: Mapping[str, Any], context: Any) -> None:
    now = runtime.now()
    sent, lost, overdue = 0, 0, 0.0
    wakes = _falling_due(now)
    while batch := list(islice(wakes, 100)):
        failed = queues.send(SQS, SETTINGS.due_queue_url, [wake.entry(runtime.now()) for wake in batch])
        sent, lost = sent + len(batch) - len(failed), lost + len(failed)
        overdue = max(overdue, *((now - wake.at).total_seconds() for wake in batch))
        if context.get_remaining_time_in_millis() < SPARE_MILLISECONDS:
            runtime.count({"SweepsCut": 1})
            break
    # What was lost or not reached stays in the index, so the next run finds it.
    runtime.count({"Sweeps": 1, "Woken": sent, "WakesLost": lost, "CalendarsUncertainSoon": len(POLICY.uncertain(now))})
    runtime.count({"SweepOverdueSeconds": overdue}, MetricUnit.Seconds)


def _falling_due(now: datetime) -> Iterator[queues.Wake]:
    """All shards, each minute beginning with another, so that a run cut short never starves the same ones."""
    first = now.minute % len(SHARDS)
    for shard in SHARDS[first:] + SHARDS[:first]:
        for key, at in TABLE.due(shard, now + HORIZON):
            yield queues.Wake(key, at)
