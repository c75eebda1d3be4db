"""What happened in the day, measured where an operator would look: the table, the queues, metrics, logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from typing import Any

from heed.model import Case
from infra.demo.play import Followed, Play, Sent
from infra.heedctl.posting import Fate
from infra.heedctl.queues import Letter
from infra.heedctl.target import Target
from infra.local.stack import Stack

FUNCTIONS = ("Intake", "Recover", "Pull", "Watch", "Expire", "Announce", "Desk", "Page")
COUNTERS = ("Received", "Duplicates", "Ignored", "Quarantined", "Refused", "Recovering")


@dataclass(frozen=True)
class Facts:
    """The day as it went. `fates` are by event; `stored` and `quarantined` count items of the whole table."""

    settled: bool
    sent: Sequence[Sent]
    fates: Mapping[str, Sequence[Fate]]
    cases: Sequence[Case]
    stored: int
    quarantined: int
    escalations: Sequence[Letter]
    notices: Sequence[Letter]
    followed: Followed | None
    mails: Sequence[Mapping[str, Any]]
    counters: Mapping[str, int]
    logs: Mapping[str, Sequence[str]]

    @property
    def breaches(self) -> list[Letter]:
        return [letter for letter in self.notices if letter.body["kind"] == "breach"]

    @property
    def lags_seconds(self) -> list[float]:
        """From each deadline to its notice in the inbox, ascending."""
        return sorted(letter.lag_seconds for letter in self.breaches)

    def lag_seconds(self, share: float) -> float:
        """A percentile of the lags; of none, infinite: nothing was announced."""
        lags = self.lags_seconds
        if len(lags) < 2:
            return lags[0] if lags else float("inf")
        return quantiles(lags, n=100, method="inclusive")[round(share * 100) - 1]


def gather(play: Play, stack: Stack, settled: bool, followed: Followed | None) -> Facts:
    sorts = _items(play.target)
    return Facts(
        settled=settled,
        sent=tuple(play.sent),
        fates={sent.step.event: play.fates(sent.step.event) for sent in play.sent},
        cases=play.cases(),
        stored=sum(sort.startswith("M#") for _, sort in sorts),
        quarantined=sum(part.startswith("RAW#") for part, _ in sorts),
        escalations=tuple(play.listener.escalations),
        notices=tuple(play.listener.notices),
        followed=followed,
        mails=stack.mails(),
        counters=_counters(play.target),
        logs={name: stack.logs(name) for name in FUNCTIONS},
    )


def _items(target: Target) -> list[tuple[str, str]]:
    """The keys of everything in the table, to count what no message and no case leads to."""
    pages = target.client("dynamodb").get_paginator("scan").paginate(TableName=target.output("TableName"))
    return [(item["pk"]["S"], item["sk"]["S"]) for page in pages for item in page["Items"]]


def _counters(target: Target) -> dict[str, int]:
    """Heed's own metrics since the stack is up."""
    now = datetime.now(UTC)
    found = {}
    for name in COUNTERS:
        points = target.client("cloudwatch").get_metric_statistics(
            Namespace="Heed",
            MetricName=name,
            Dimensions=[{"Name": "service", "Value": target.name}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        found[name] = round(sum(point["Sum"] for point in points))
    return found
