"""A digest: many withheld notices as one SNS message, following the contract `heed.digest.v1`.

It is composed from the cases as they are at sending. If one promise is left it is told by its own notice, and if none
is, nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from heed.announcing.facts import Facts
from heed.announcing.gathered import Gathered, Line, gather, sort
from heed.announcing.languages import words_of
from heed.announcing.notices import Notice, notice
from heed.announcing.wire import Attributes, dumps, instant
from heed.model import Bundle, Case, Telling
from heed.policy import Policy
from heed.values import Value

SCHEMA = "heed.digest.v1"


class Digest(Value):
    """What to send, None if nothing is left to tell, and what that does with each withheld (case key, effect key)."""

    notice: Notice | None
    told: tuple[tuple[str, str], ...]
    moot: tuple[tuple[str, str], ...]


def digest(
    bundle: Bundle,
    telling: Telling,
    found: Mapping[str, Case],
    policy: Policy,
    now: datetime,
    link: Callable[[str, datetime], str],
) -> Digest:
    """The digest of a window. `found` are its cases by key; `link` makes a link from a case id and the time."""
    sorted_ = sort(telling.window, found, policy, now)
    composed: Notice | None = None
    if len(sorted_.lines) > 1 or (sorted_.lines and telling.window.more):
        gathered = gather(bundle, telling.window, sorted_, policy, now, link)
        composed = _composed(telling, gathered, sorted_.lines, policy, now)
    elif sorted_.lines:
        (line,) = sorted_.lines
        composed = notice(line.case, line.effect, policy, now, link(line.case.id, now), line.case.excerpt)
    return Digest(composed, tuple(sorted_.told), tuple(sorted_.moot))


def _composed(telling: Telling, gathered: Gathered, lines: list[Line], policy: Policy, now: datetime) -> Notice:
    words = words_of(policy, gathered.team)
    key = telling.digest.key
    return Notice(
        key=key,
        severity=gathered.severity,
        body=dumps(_document(key, gathered, lines, now)),
        subject=words.digest_subject(gathered),
        email=words.digest_email(gathered),
        sms=words.digest_sms(gathered),
        attributes=_attributes(gathered),
    )


def _attributes(gathered: Gathered) -> Attributes:
    """For the same subscription filters as a single notice's: where several values are gathered, any may match."""
    return {
        "schema": SCHEMA,
        "kind": "digest",
        "severity": str(gathered.severity),
        "brand": gathered.brand,
        "team": gathered.team,
        "recipient": gathered.on_call,
        "platform": tuple(name for name, _ in gathered.platforms),
        "priority": tuple(map(str, gathered.priorities)),
        "metric": gathered.metrics,
    }


def _document(key: str, gathered: Gathered, lines: list[Line], now: datetime) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "key": key,
        "kind": "digest",
        "why": gathered.why,
        "severity": gathered.severity,
        "brand": gathered.brand,
        "team": gathered.team,
        "recipient": gathered.on_call or None,
        "occurred_at": instant(now),
        "since": instant(gathered.since),
        "until": instant(gathered.until),
        "breaches": gathered.late,
        "warnings": gathered.due,
        "more": gathered.more,
        "waiting_cases": gathered.waiting,
        "platforms": _counts(gathered.platforms),
        "topics": _counts(gathered.topics),
        "worst": [_told(line, shown) for line, shown in zip(lines, gathered.worst, strict=False)],
        "tells": [line.effect.key for line in lines],
    }


def _counts(pairs: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"name": name, "count": count} for name, count in pairs]


def _told(line: Line, shown: Facts) -> dict[str, Any]:
    assert line.clock.deadline_at is not None  # noqa: S101 - a clock without deadline is moot
    return {
        "key": line.effect.key,
        "kind": shown.kind,
        "case_id": shown.case_id,
        "channel": shown.channel,
        "priority": shown.priority,
        "metric": shown.metric,
        "topic": shown.topic,
        "risks": list(shown.risks),
        "level": shown.level,
        "deadline_at": instant(line.clock.deadline_at),
        "overdue_seconds": shown.overdue_seconds,
        "acknowledged_by": shown.taken_by or None,
        "next_action": shown.action,
        "link": shown.link,
    }
