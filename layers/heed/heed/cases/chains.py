"""Whom a broken promise is told to while the customer still waits: level after level (rule 19).

The chain is frozen into the clock at the breach. Levels count elapsed time from the breach; one that falls outside the
hours of its own promise is held until they open, unless the case is P1. An acknowledgement holds every level for the
chain's limit; then the next level is told, the ones after it keep their distance, and the case can be taken again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from heed.cases.change import effect
from heed.model import Case, Chain, Clock, ClockState, Effect, EffectKind, Priority
from heed.policy import Policy
from heed.sla.calendars import Calendar, Unbounded
from heed.values import replace

AGE_CAP = timedelta(hours=24)


def frozen(clock: Clock, chain: Chain) -> Clock:
    """A clock just broken, at the first level of its chain; the plain chain of one level is not worth storing."""
    assert clock.deadline_at is not None  # noqa: S101 - it broke
    return replace(
        clock, chain=None if chain == Chain() else chain, level=1, next_level_at=_following(chain, 1, clock.deadline_at)
    )


def level_due(case: Case, clock: Clock) -> datetime | None:
    """When the next level of a broken clock is to be told, None if never."""
    if clock.next_level_at is None or clock.state is not ClockState.BREACHED or clock.stopped_at is not None:
        return None
    if case.acknowledged_at is None or clock.chain is None:
        return clock.next_level_at
    return max(clock.next_level_at, case.acknowledged_at + timedelta(seconds=clock.chain.acknowledged_seconds))


def levelled(case: Case, now: datetime, policy: Policy | None) -> Case:
    """Every level whose time has come is told. Without a policy none is held for opening hours."""
    outbox: list[Effect] = []
    after = []
    for clock in case.clocks:
        due = level_due(case, clock)
        while due is not None and due <= now:
            clock, told = _stepped(case, clock, due, now, policy)
            outbox += [told] if told else []
            due = clock.next_level_at
        after.append(clock)
    case = replace(case, clocks=tuple(after), outbox=(*case.outbox, *outbox))
    lapsed = outbox and case.acknowledged_at is not None
    return replace(case, acknowledged_by="", acknowledged_at=None) if lapsed else case


def taken_back(case: Case, now: datetime) -> Case:
    """The case with every level that was not told yet back on its chain: whoever takes the case holds those too.

    An answer after the breach has ended the chain.
    """
    untold = [entry for entry in case.outbox if entry.kind is EffectKind.BREACH and entry.level > 1]
    levels = {entry.clock: entry.level for entry in reversed(untold)}
    clocks = tuple(
        [
            replace(clock, level=levels[clock.id] - 1, next_level_at=now)
            if clock.id in levels and not _ended(case, clock)
            else clock
            for clock in case.clocks
        ]
    )
    return replace(case, clocks=clocks, outbox=tuple([entry for entry in case.outbox if entry not in untold]))


def _ended(case: Case, clock: Clock) -> bool:
    return case.last_reply_at is not None and clock.deadline_at is not None and case.last_reply_at > clock.deadline_at


def answered(clock: Clock, said_at: datetime) -> Clock:
    """A person's answer after the breach ends the chain, of a resolution too: somebody is on it."""
    if clock.next_level_at is None or clock.deadline_at is None or said_at <= clock.deadline_at:
        return clock
    return replace(clock, next_level_at=None)


def _stepped(
    case: Case, clock: Clock, due: datetime, now: datetime, policy: Policy | None
) -> tuple[Clock, Effect | None]:
    """A clock past its due level: told, held until its hours open, or given up for its age."""
    assert clock.chain is not None  # noqa: S101 - a level is due only on a chain
    assert clock.deadline_at is not None  # noqa: S101 - it broke
    calendar = policy.calendars.get(clock.calendar) if policy and case.priority is not Priority.P1 else None
    opens = _opening(calendar, now)
    if opens > now:
        return replace(clock, next_level_at=opens), None
    age = calendar.between(clock.deadline_at, due) if calendar else (due - clock.deadline_at).total_seconds()
    if age > AGE_CAP.total_seconds():
        return replace(clock, next_level_at=None), None
    level = clock.level + 1
    # The version, because a level that an acknowledgement took back comes again, and is another telling.
    key = f"{case.id}/{clock.id}/v{clock.deadline_version}/breach/{level}/{case.version + 1}"
    told = effect(key, EffectKind.BREACH, now, clock=clock.id, level=level)
    return replace(clock, level=level, next_level_at=_following(clock.chain, level, due)), told


def _opening(calendar: Calendar | None, now: datetime) -> datetime:
    try:
        return calendar.next_opening(now) if calendar else now
    except Unbounded:
        return now


def _following(chain: Chain, level: int, told_at: datetime) -> datetime | None:
    """When the level after `level` is due, at its distance from that one."""
    if level >= len(chain.levels):
        return None
    gap = chain.levels[level].after_seconds - chain.levels[level - 1].after_seconds
    return told_at + timedelta(seconds=gap)
