"""What the page says of a case: how its most urgent promise stands, who has it, what is at risk."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from heed.announcing.facts import NAME_LIMIT, team_zone, zone
from heed.announcing.wire import one_line
from heed.model import Case, Clock, ClockState, Kind, Metric, Priority, RiskName, Status, Surface, Topic
from heed.policy import Policy
from heed.values import Value

ANONYMOUS = "on call"
BY_LINK = " (link)"


class Standing(StrEnum):
    """How the most urgent promise stands; the page's colour follows it."""

    LATE = "late"
    DUE = "due"
    CALM = "calm"
    RESOLVED = "resolved"


class Promise(Value):
    """The open promise that falls due first. `gap_seconds` is how late it is, or how long still to go."""

    metric: Metric
    target_seconds: int
    calendar: str
    due_at: datetime
    gap_seconds: float


class Shown(Value):
    """All that the page may say. Times are in the zone of the promise's calendar, of the last one if none is open."""

    standing: Standing
    promise: Promise | None
    case_id: str
    brand_name: str
    channel: str
    surface: Surface
    subject: Kind
    topic: Topic
    team: str
    priority: Priority
    status: Status
    risks: tuple[RiskName, ...]
    waiting_messages: int
    waited_seconds: float | None
    taken_by: str
    taken_at: datetime | None
    resolved_at: datetime | None
    at: datetime
    ends_at: datetime
    open_url: str

    @property
    def may_acknowledge(self) -> bool:
        return not self.taken_by and self.standing is not Standing.RESOLVED


def signature(name: str) -> str:
    """The name that an acknowledgement by link is recorded under; the mark says that it was typed, not proven."""
    return (one_line(name, NAME_LIMIT - len(BY_LINK)) or ANONYMOUS) + BY_LINK


def shown(case: Case, policy: Policy, now: datetime, ends_at: datetime, open_url: str) -> Shown:
    """The page's content from the case as it is at `now`. `open_url` is the whole link to the case, empty for none."""
    clock = _most_urgent(case)
    here = _zone(case, policy, clock)
    promise = _promise(clock, now, here) if clock else None
    return Shown(
        standing=_standing(case, promise, now),
        promise=promise,
        case_id=case.id,
        brand_name=policy.brands.get(case.brand, case.brand),
        channel=case.channel,
        surface=case.surface,
        subject=case.kind,
        topic=case.topic,
        team=case.team,
        priority=case.priority,
        status=case.status,
        risks=case.risks,
        waiting_messages=case.waiting_messages,
        waited_seconds=(now - case.waiting_since).total_seconds() if case.waiting_since else None,
        taken_by=one_line(case.acknowledged_by, NAME_LIMIT),
        taken_at=case.acknowledged_at.astimezone(here) if case.acknowledged_at else None,
        resolved_at=case.resolved_at.astimezone(here) if case.resolved_at else None,
        at=now.astimezone(here),
        ends_at=ends_at.astimezone(here),
        open_url=open_url,
    )


def _most_urgent(case: Case) -> Clock | None:
    """The promise with the earliest deadline that still asks for something: it runs, or it is broken and unanswered.

    A platform's reply window asks for nothing while nobody waits.
    """
    asking = [
        clock
        for clock in case.clocks
        if clock.deadline_at is not None
        and (clock.state is ClockState.RUNNING or (clock.state is ClockState.BREACHED and clock.stopped_at is None))
        and (clock.metric is not Metric.REPLY_WINDOW or case.waiting_since is not None)
    ]
    return min(asking, key=lambda clock: (clock.deadline_at, clock.id), default=None)


def _promise(clock: Clock, now: datetime, here: ZoneInfo) -> Promise:
    assert clock.deadline_at is not None  # noqa: S101 - only a clock with a deadline asks for something
    gap_seconds = abs((now - clock.deadline_at).total_seconds())
    due_at = clock.deadline_at.astimezone(here)
    return Promise(clock.metric, clock.target_seconds, clock.calendar, due_at, gap_seconds)


def _standing(case: Case, promise: Promise | None, now: datetime) -> Standing:
    if case.status is Status.RESOLVED:
        return Standing.RESOLVED
    if promise is None:
        return Standing.CALM
    return Standing.LATE if now > promise.due_at else Standing.DUE


def _zone(case: Case, policy: Policy, clock: Clock | None) -> ZoneInfo:
    known = clock or (case.clocks[-1] if case.clocks else None)
    return zone(policy, known, case.team) if known else team_zone(policy, case.team)
