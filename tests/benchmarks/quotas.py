"""On paper: what AWS's quotas allow at 10, 1,000 and 100,000 messages a second, from request units that were measured.

Each bound is what one message asks of something that AWS limits, and the limit. The quotas are AWS's defaults for an
account in a large region as of the date of `prices.py`; those that can be raised say by what. One conversation is one
partition: whatever the account, it takes a thousand write units a second, about 150 messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

RATES = (10, 1_000, 100_000)
TEAMS = 2  # that share the load evenly, each with one list of open cases, in the worst of hours
FIRST = 3  # of what breaks, to be named
SHARDS = 16  # of the index of what falls due: heed.rim.items.SHARDS, which a test compares
PARTITION_UNITS = 1_000
TABLE_UNITS = 40_000
NEW_TABLE_UNITS = 4_000
WAKE_SECONDS = (0.012 + 0.001 * 1769 / 256) / 10  # a call for ten: its wait, and a millisecond of a whole CPU


@dataclass(frozen=True)
class Bound:
    """Something that is limited: how much of it a message needs, how much there is, and what moves the limit."""

    what: str
    each: float
    limit: float
    setting: str

    @property
    def messages_a_second(self) -> float:
        return self.limit / self.each if self.each else float("inf")


def load(cost: Mapping[str, Any]) -> list[Bound]:
    """The bounds, the lowest first, from the JSON of `make bench-cost`."""
    busy, messages = cost["busy"]["usage"], cost["messages"]
    intake, desk = busy["intake"], busy["desk"]

    def each(value: float) -> float:
        return value / messages

    def units(name: str) -> float:
        return each(sum(used["units"].get(name, 0) for used in busy.values()))

    writes = each(sum(sum(used["units"].values()) for used in busy.values()))
    notices = each(busy["announce"]["published"])
    seconds = cost["busy"]["seconds"]
    bounds = [
        Bound("WebhookRate, our own throttle of a route", each(intake["requests"]), 1_000, "the parameter, to 10,000"),
        Bound(
            "the API, requests a second of an account",
            each(intake["requests"] + desk["requests"]),
            10_000,
            "a quota to be raised; accounts per brand",
        ),
        Bound(
            "functions running at once in an account",
            each(sum(seconds.values())),
            1_000,
            "a quota to be raised to tens of thousands",
        ),
        Bound(
            "one list of the index desk: a team, a status", units("index desk") / TEAMS, PARTITION_UNITS, "more teams"
        ),
        Bound(
            "one of 16 shards of the index due",
            units("index due") / SHARDS,
            PARTITION_UNITS,
            "SHARDS in heed.rim.items",
        ),
        Bound(
            "a new table on demand, write units", writes, NEW_TABLE_UNITS, "grows with use; pre-warm before a campaign"
        ),
        Bound("a table, write units", writes, TABLE_UNITS, "a quota to be raised; provisioned capacity"),
        Bound("ExpireConcurrency, batches side by side", each(seconds["expire"]), 10, "the parameter, to 1,000"),
        Bound("mails a second to one address, by SNS", notices, 10, "policy `noise`; a queue instead of mail"),
        Bound("notices a second, in the smallest regions", notices, 300, "policy `noise`; a quota to be raised"),
        Bound(
            "the one sweep a minute, seconds for its wakes",
            each(busy["watch"]["queued"]) * WAKE_SECONDS,
            50 / 60,
            "memory of watch",
        ),
    ]
    return sorted(bounds, key=lambda bound: bound.messages_a_second)


def table(bounds: Sequence[Bound]) -> str:
    lines = [f"on paper, at {TEAMS} teams  {'a message':>31}{'there is':>10}{'messages/s':>12}   what moves it"]
    for bound in bounds:
        enough = bound.messages_a_second
        lines.append(f"  {bound.what:46}{bound.each:>9.4f}{bound.limit:>10,.0f}{enough:>12,.0f}   {bound.setting}")
    for rate in RATES:
        broken = [bound.what for bound in bounds if bound.messages_a_second < rate]
        more = f"; {len(broken) - FIRST} more" if len(broken) > FIRST else ""
        lines.append(f"at {rate:,} messages a second: {'; then '.join(broken[:FIRST]) or 'nothing breaks'}{more}")
    return "\n".join(lines)


def plain(bounds: Sequence[Bound]) -> list[dict[str, Any]]:
    return [asdict(bound) | {"messages_a_second": bound.messages_a_second} for bound in bounds]
