"""Short ways to say a policy, a message, an assessment. Everything has a plain default; name only what matters.

`at("10:00")` is ten o'clock in Shanghai on Wednesday 2026-03-11, as UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from heed.model import (
    Assessment,
    Author,
    Channel,
    Confidence,
    Kind,
    Message,
    Metric,
    Priority,
    Risk,
    RiskName,
    Sentiment,
    Signal,
    SignalName,
    Surface,
    Topic,
)
from heed.policy import People, Policy, Target, Team, When

DAY = "2026-03-11"
CHANNEL = "wechat/flagship-cn"

ALWAYS: Mapping[str, Any] = {
    "zone": "UTC",
    "week": {key: [["00:00", "24:00"]] for key in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
    "days": {},
    "years": (),
}
OFFICE: Mapping[str, Any] = {
    "zone": "Asia/Shanghai",
    "week": {key: [["09:00", "18:00"]] for key in ("mon", "tue", "wed", "thu", "fri")},
    "days": {},
    "years": (),
}

_numbers = count(1)


def at(clock: str, day: str = DAY, zone: str = "Asia/Shanghai") -> datetime:
    """The UTC instant of a wall-clock time such as `10:00` or `10:30:01`."""
    return datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def a_message(
    text: str = "Where is my parcel?",
    at: datetime = at("10:00"),  # noqa: B008 - a fixed instant
    author: Author = Author.CUSTOMER,
    received_at: datetime | None = None,
    **changes: Any,
) -> Message:
    """A direct message said at `at` and received at once, unless told otherwise."""
    given: dict[str, Any] = {
        "channel": CHANNEL,
        "id": f"m{next(_numbers)}",
        "conversation": "customer-1",
        "customer": "customer-1",
        "surface": Surface.DIRECT,
    }
    return Message(**{**given, **changes}, author=author, text=text, sent_at=at, received_at=received_at or at)


def an_assessment(
    kind: Kind = Kind.QUESTION,
    risks: Iterable[RiskName] = (),
    signals: Iterable[SignalName] = (),
    sentiment: Sentiment = Sentiment.NEUTRAL,
    topic: Topic = Topic.DELIVERY,
    language: str = "en",
    uncertain: bool = False,
) -> Assessment:
    return Assessment(
        kind=kind,
        sentiment=sentiment,
        topic=topic,
        language=language,
        risks=tuple(Risk(name, ("a word",)) for name in risks),
        signals=tuple(Signal(name, ("a word",)) for name in signals),
        confidence=Confidence(0.9, 0.9, 0.9, 0.9),
        uncertain=uncertain,
        reasons=("a reason",),
        model="test",
    )


def targets(
    first_response: int | None = 1800,
    next_response: int | None = 1200,
    resolution: int | None = 14_400,
    calendar: str = "office",
    warn_share: float = 0.0,
) -> dict[Metric, Target]:
    """The promises of one priority, in seconds; None promises nothing."""
    seconds = {
        Metric.FIRST_RESPONSE: first_response,
        Metric.NEXT_RESPONSE: next_response,
        Metric.RESOLUTION: resolution,
    }
    return {metric: Target(value, calendar, warn_share) for metric, value in seconds.items() if value is not None}


def people(**changes: Any) -> People:
    """When a case needs people; by default never."""
    never: dict[str, Any] = {
        "priorities": frozenset(),
        "risks": frozenset(),
        "signals": frozenset(),
        "contacted_again_seconds": None,
        "uncertain_negative": False,
    }
    return People(**{**never, **changes})


def a_policy(
    *, by_priority: Mapping[Priority, Mapping[Metric, Target]] | None = None, changes: Any = None, **promised: Any
) -> Policy:
    """A policy of one channel and two teams. Safety risks are P1, complaints P2, questions P3, all else P4.

    Keywords of `targets` promise the same for every priority; `by_priority` replaces the promises of some.
    `changes` are fields of Policy.
    """
    given: dict[str, Any] = {
        "version": "1",
        "brands": {"acme": "Acme"},
        "teams": {"care": Team("care", "en"), "safety": Team("safety", "en")},
        "channels": {CHANNEL: Channel("wechat", "flagship-cn", "acme", "care")},
        "hours": {"office": OFFICE, "always": ALWAYS},
        "priorities": (
            (When(risks=frozenset({RiskName.SAFETY})), Priority.P1),
            (When(kinds=frozenset({Kind.COMPLAINT})), Priority.P2),
            (When(kinds=frozenset({Kind.QUESTION})), Priority.P3),
        ),
        "routing": ((When(risks=frozenset({RiskName.SAFETY})), "safety"),),
        "people": people(),
        "reopen_window_seconds": 72 * 3600,
        "retention_days": 400,
        "quarantine_days": 30,
        "excerpt_characters": 0,
        "targets": {**{priority: targets(**promised) for priority in Priority}, **(by_priority or {})},
    }
    return Policy(**{**given, **(changes or {})})
