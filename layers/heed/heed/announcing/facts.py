"""What a notice is about, read from the case as it is now: which facts hold, how grave, and whether to speak at all."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from heed import cases
from heed.announcing.wire import one_line, quoted
from heed.model import (
    Case,
    Clock,
    ClockState,
    Effect,
    EffectKind,
    Kind,
    Level,
    Metric,
    Priority,
    RiskName,
    Status,
    Surface,
    Topic,
)
from heed.policy import Policy
from heed.values import Value

NAME_LIMIT = 40


class Severity(StrEnum):
    """How loud a notice may be; subscriptions filter by it. Only `critical` should wake somebody."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    INFO = "info"


# The one table of severities. What asks for nothing (a correction, a promise kept late, a closed case) is `info`.
SEVERITIES = {
    EffectKind.BREACH: {
        Priority.P1: Severity.CRITICAL,
        Priority.P2: Severity.HIGH,
        Priority.P3: Severity.NORMAL,
        Priority.P4: Severity.NORMAL,
    },
    EffectKind.WARNING: {
        Priority.P1: Severity.HIGH,
        Priority.P2: Severity.NORMAL,
        Priority.P3: Severity.NORMAL,
        Priority.P4: Severity.INFO,
    },
}


class NextAction(StrEnum):
    """What the reader should do: answer, settle the matter, see that whoever took it does so, or nothing."""

    REPLY = "reply"
    RESOLVE = "resolve"
    FOLLOW_UP = "follow_up"
    NONE = "none"


class Turn(StrEnum):
    """How the promise stands, as the words tell it."""

    LATE = "late"
    KEPT_LATE = "kept_late"
    CLOSED = "closed"
    DUE = "due"
    TAKEN_BACK = "taken_back"


class Facts(Value):
    """All that the words of a notice may use. Nothing here came from a customer but `excerpt`, cleaned and cut.

    `gap_seconds` lies between the deadline and what the notice tells of: how late, how long still to go, or (taken
    back) how early it was. `due_at` is in the zone of the promise's calendar. `taken_by` is empty while nobody took it.
    `level` is the step of the escalation chain, 1 for all but a repeated breach; `addressed` the team it goes to, and
    `on_call` who of `roster` is on call, both empty where no level of the chain names a roster.
    """

    kind: EffectKind
    turn: Turn
    severity: Severity
    action: NextAction
    case_id: str
    channel: str
    brand: str
    brand_name: str
    team: str
    priority: Priority
    surface: Surface
    subject: Kind
    topic: Topic
    risks: tuple[RiskName, ...]
    metric: Metric
    target_seconds: int
    calendar: str
    accelerated: bool
    due_at: datetime
    gap_seconds: float
    waited_seconds: float | None
    waiting_messages: int
    taken_by: str
    link: str
    excerpt: str | None
    level: int = 1
    addressed: str = ""
    roster: str = ""
    on_call: str = ""

    @property
    def overdue_seconds(self) -> float:
        """Elapsed seconds past the deadline, 0 where nothing is or was late."""
        return 0.0 if self.turn in (Turn.DUE, Turn.TAKEN_BACK) else self.gap_seconds


_TELLS = {
    EffectKind.BREACH: (ClockState.BREACHED, ClockState.BREACHED_MET),
    EffectKind.WARNING: (ClockState.RUNNING,),
    EffectKind.CORRECTION: (ClockState.RETRACTED,),
}


def moot(case: Case, effect: Effect, now: datetime) -> str | None:
    """Why the notice is no longer worth sending, as a code, or None while it is.

    `clock_gone`, `clock_<state>` (a warning whose promise was met, paused or cancelled; a breach taken back),
    `deadline_moved` (the warning was about an older deadline), `deadline_past` (the breach itself is due), `answered`
    (nobody waits in a window that still runs), `untold` (a correction of a breach that nobody heard of), or, from the
    second level on, `settled` and `acknowledged`. Raises KeyError for an escalation, which is no notice.
    """
    tells = _TELLS[effect.kind]
    clock = cases.clock_named(case, effect.clock)
    if clock is None or clock.deadline_at is None:
        return "clock_gone"
    if clock.state not in tells:
        return f"clock_{clock.state}"
    if effect.kind is EffectKind.CORRECTION and _untold(case, clock, now):
        return "untold"
    if effect.kind is EffectKind.WARNING:
        if not effect.key.endswith(f"/v{clock.deadline_version}/warning"):
            return "deadline_moved"
        if now >= clock.deadline_at:
            return "deadline_past"
        if clock.metric is Metric.REPLY_WINDOW and case.waiting_since is None:
            return "answered"
    return _level_moot(case, clock) if effect.level > 1 else None


def premature(case: Case, effect: Effect, now: datetime) -> bool:
    """Whether nobody can know yet if the breach that a correction takes back was told: a digest is just telling it."""
    clock = cases.clock_named(case, effect.clock)
    if effect.kind is not EffectKind.CORRECTION or clock is None:
        return False
    until = _withheld_until(case, clock)
    return until is not None and until <= now


def _untold(case: Case, clock: Clock, now: datetime) -> bool:
    """Whether the breach was withheld, and is or was taken back before any digest told it."""
    until = _withheld_until(case, clock)
    return until is not None and now < until


def _withheld_until(case: Case, clock: Clock) -> datetime | None:
    """When the first digest may tell of a breach at any of its levels; None if one level may have been told already.

    A level that has left the outbox may have been told, its receipt lost: better a correction too many than none.
    """
    untold = [entry for entry in case.outbox if entry.clock == clock.id and entry.kind is EffectKind.BREACH]
    untils = [entry.held_until for entry in untold if entry.held_until is not None]
    return min(untils) if len(untils) == len(untold) == max(1, clock.level) else None


def _level_moot(case: Case, clock: Clock) -> str | None:
    if clock.state is not ClockState.BREACHED or clock.stopped_at is not None:
        return "settled"
    return "acknowledged" if case.acknowledged_by else None


def facts(
    case: Case, effect: Effect, clock: Clock, policy: Policy, now: datetime, case_url: str, excerpt: str | None
) -> Facts:
    """The facts of a notice that is not moot."""
    assert clock.deadline_at is not None  # noqa: S101 - a clock without deadline is moot
    turn = _turn(case, effect, clock)
    moment = now if turn is Turn.DUE else clock.stopped_at or case.resolved_at or now
    settled = turn not in (Turn.LATE, Turn.DUE)
    level = _level(clock, effect)
    loud = Severity(level.severity) if level.severity else SEVERITIES.get(effect.kind, {}).get(case.priority)
    addressed = level.team or case.team
    return Facts(
        kind=effect.kind,
        turn=turn,
        severity=Severity.INFO if settled or loud is None else loud,
        action=_action(case, clock, settled),
        case_id=case.id,
        channel=case.channel,
        brand=case.brand,
        brand_name=policy.brands.get(case.brand, case.brand),
        team=case.team,
        priority=case.priority,
        surface=case.surface,
        subject=case.kind,
        topic=case.topic,
        risks=case.risks,
        metric=clock.metric,
        target_seconds=clock.target_seconds,
        calendar=clock.calendar,
        accelerated=clock.reason == "accelerated",
        due_at=clock.deadline_at.astimezone(zone(policy, clock, addressed)),
        gap_seconds=round(abs((moment - clock.deadline_at).total_seconds()), 3),
        waited_seconds=(now - case.waiting_since).total_seconds() if case.waiting_since else None,
        waiting_messages=case.waiting_messages,
        taken_by=one_line(case.acknowledged_by, NAME_LIMIT),
        link=case_url,
        excerpt=quoted(excerpt, policy.excerpt_characters),
        level=effect.level,
        addressed=addressed,
        roster=level.roster,
        on_call=policy.on_call(level.roster, now),
    )


def _level(clock: Clock, effect: Effect) -> Level:
    """To whom a breach goes, as it was settled when the promise broke; everything else goes where it always does."""
    if effect.kind is not EffectKind.BREACH or clock.chain is None:
        return Level(0)
    return clock.chain.levels[effect.level - 1]


def _turn(case: Case, effect: Effect, clock: Clock) -> Turn:
    if effect.kind is EffectKind.WARNING:
        return Turn.DUE
    if effect.kind is EffectKind.CORRECTION:
        return Turn.TAKEN_BACK
    if clock.state is ClockState.BREACHED_MET:
        return Turn.KEPT_LATE
    return Turn.CLOSED if case.status is Status.RESOLVED else Turn.LATE


def _action(case: Case, clock: Clock, settled: bool) -> NextAction:
    if settled:
        return NextAction.NONE
    if case.acknowledged_by:
        return NextAction.FOLLOW_UP
    return NextAction.RESOLVE if clock.metric is Metric.RESOLUTION else NextAction.REPLY


def zone(policy: Policy, clock: Clock, team: str = "") -> ZoneInfo:
    """The zone of the promise's calendar. One in UTC has no local time of its own: then the team's, if it names one.

    UTC, too, stands for a calendar that a newer policy has dropped.
    """
    hours = policy.hours.get(clock.calendar)
    name = hours["zone"] if hours else "UTC"
    return team_zone(policy, team) if name in _UTC else ZoneInfo(name)


def team_zone(policy: Policy, team: str) -> ZoneInfo:
    """Where a team reads its notices, or else works; UTC if it says neither."""
    known = policy.teams.get(team)
    hours = policy.hours.get(known.calendar) if known else None
    return ZoneInfo((known.zone if known else "") or (hours["zone"] if hours else "UTC"))


_UTC = ("UTC", "Etc/UTC")
