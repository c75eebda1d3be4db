"""Watch: each minute, wakes every case with something to happen before the next run, to its very second.

With the time that is left it brings a new policy to the open cases, and every ten minutes asks which channel is silent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from heed.rim import adoption, pulse, queues, runtime
from heed.rim.dynamo import Conflict, Unavailable
from heed.rim.watching import Watched
from heed.values import Value

SPARE_MILLISECONDS = 5_000
LISTEN_MINUTES = 10


class Settings(Value):
    table_name: str
    due_queue_url: str


SETTINGS = runtime.settings(Settings)
POLICY = runtime.policy()
TABLE = Watched(runtime.client("dynamodb", runtime.PATIENT), SETTINGS.table_name, POLICY.retention_days)
SQS = runtime.client("sqs", runtime.PATIENT)
LOGGER = runtime.logger()
runtime.ready()


def handler(event: Mapping[str, Any], context: Any) -> None:
    now = runtime.now()
    sent, lost, overdue = 0, 0, 0.0
    wakes = TABLE.falling_due(now)
    while batch := list(islice(wakes, 100)):
        failed = _wake([wake.entry(runtime.now()) for wake in batch])
        sent, lost = sent + len(batch) - len(failed), lost + len(failed)
        overdue = max(overdue, *((now - wake.at).total_seconds() for wake in batch))
        if not _in_time(context):
            runtime.count({"SweepsCut": 1})
            break
    # What was lost or not reached stays in the index, so the next run finds it.
    runtime.count({"Sweeps": 1, "Woken": sent, "WakesLost": lost, "CalendarsUncertainSoon": len(POLICY.uncertain(now))})
    runtime.count({"SweepOverdueSeconds": overdue}, MetricUnit.Seconds)
    with suppress(Conflict, Unavailable):  # the next run goes on
        runtime.count({"Adopting": adoption.walk(TABLE, POLICY, now, _wake, partial(_in_time, context))})
        if now.minute % LISTEN_MINUTES == 0:
            _listen(now)


def _in_time(context: Any) -> bool:
    return bool(context.get_remaining_time_in_millis() >= SPARE_MILLISECONDS)


def _wake(entries: Sequence[queues.Entry]) -> Sequence[queues.Lost]:
    return queues.send(SQS, SETTINGS.due_queue_url, entries)


def _listen(now: datetime) -> None:
    """Ask which channels have fallen silent. A channel's name is the brand's own word, so the log may hold it."""
    silent = pulse.silent(TABLE, POLICY.channels, now)
    for channel in silent:
        LOGGER.warning("silent", extra={"channel": channel})
    runtime.count({"SilentChannels": len(silent)})
