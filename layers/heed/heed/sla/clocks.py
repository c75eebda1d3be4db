"""One promise with a deadline, as pure transitions of `Clock`.

Business time is measured on the clock's calendar over its active intervals, so a pause costs the promise nothing and
another calendar counts them anew. A clock is live while it may still be kept or broken; it is open until it ends, so a
broken promise stays open until somebody answers or closes the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from heed.model import Clock, ClockState, Interval, Metric
from heed.policy import Target
from heed.sla.calendars import Calendar, Unbounded
from heed.values import replace

ACCELERATED_FLOOR = timedelta(minutes=5)
WARNING_GAP = timedelta(minutes=2)

ACCELERATED = "accelerated"
CLOSED_UNANSWERED = "closed_unanswered"

INTERVALS = 20  # kept one by one; older ones only as the seconds they spent, so that a case stays small

Calendars = Mapping[str, Calendar]

_LIVE = (ClockState.RUNNING, ClockState.PAUSED)
_BROKEN = (ClockState.BREACHED, ClockState.BREACHED_MET)


def is_live(clock: Clock) -> bool:
    """Whether the promise may still be kept or broken."""
    return clock.state in _LIVE


def is_open(clock: Clock) -> bool:
    """Whether the promise still asks for something: it is live, or broken and neither met nor closed since."""
    return is_live(clock) or (clock.state is ClockState.BREACHED and clock.stopped_at is None)


def uncertain(clock: Clock, calendars: Calendars) -> bool:
    """Whether the deadline lies in a year whose public holidays the calendar does not know (rule 4)."""
    calendar = calendars.get(clock.calendar)
    return calendar is not None and clock.deadline_at is not None and not calendar.certain(clock.deadline_at)


def start(
    calendars: Calendars,
    target: Target,
    at: datetime,
    *,
    episode: int,
    metric: Metric,
    period: int,
    used: float = 0.0,
    intervals: tuple[Interval, ...] = (),
) -> Clock:
    """A running clock whose promise began at `at`; `used` seconds and `intervals` were already spent before.

    On a calendar without open time it has no deadline and the reason `unbounded`, for operations to see: a message is
    never refused because a calendar is wrong.
    """
    blank = Clock(
        episode=episode,
        metric=metric,
        period=period,
        state=ClockState.RUNNING,
        calendar=target.calendar,
        target_seconds=target.seconds,
        warn_share=target.warn_share,
        started_at=at,
        resumed_at=at,
        deadline_at=None,
        used_seconds=used,
        intervals=intervals,
    )
    return _run(blank, calendars)


def again(clock: Clock, calendars: Calendars, target: Target, now: datetime) -> Clock:
    """An ended promise as its next period, as if it had never ended: the same start, the same active time."""
    fresh = Clock(
        episode=clock.episode,
        metric=clock.metric,
        period=clock.period + 1,
        state=ClockState.RUNNING,
        calendar=target.calendar,
        target_seconds=target.seconds,
        warn_share=target.warn_share,
        started_at=clock.started_at,
        resumed_at=clock.resumed_at or now,
        deadline_at=None,
        used_seconds=clock.used_seconds,
        intervals=clock.intervals,
        said_at=clock.said_at,
    )
    return floored(_aim(fresh, calendars[target.calendar]), now)


def pause(clock: Clock, calendars: Calendars, at: datetime) -> Clock:
    """Stop counting at `at` without ending the promise."""
    if clock.state is not ClockState.RUNNING:
        return clock
    kept = active(clock, at)
    dropped = kept[:-INTERVALS]
    calendar = calendars[clock.calendar]
    return replace(
        clock,
        state=ClockState.PAUSED,
        used_seconds=clock.used_seconds + sum(calendar.between(*interval) for interval in dropped),
        intervals=kept[len(dropped) :],
        resumed_at=None,
        stopped_at=at,
        deadline_at=None,
        warn_at=None,
        deadline_version=clock.deadline_version + 1,
    )


def resume(clock: Clock, calendars: Calendars, at: datetime) -> Clock:
    """Count again from `at` with the time that was left; time before the pause is never counted twice."""
    if clock.state is not ClockState.PAUSED:
        return clock
    at = max(at, clock.stopped_at or at)
    return _run(replace(clock, state=ClockState.RUNNING, resumed_at=at, stopped_at=None), calendars)


def used(clock: Clock, calendar: Calendar, at: datetime) -> float:
    """Business seconds spent on the promise by `at`, its active intervals measured on `calendar`."""
    return clock.used_seconds + sum(calendar.between(*interval) for interval in active(clock, at))


def active(clock: Clock, at: datetime) -> tuple[Interval, ...]:
    """The intervals in which the promise counted by `at`; of a clock that has ended, all of them."""
    at = min(at, clock.stopped_at or at)
    if clock.resumed_at is None or clock.resumed_at >= at:
        return clock.intervals
    return (*clock.intervals, (clock.resumed_at, at))


def retarget(clock: Clock, calendars: Calendars, target: Target, now: datetime) -> Clock:
    """Another promise, or another calendar, for the same wait, counted from its original start.

    A deadline that would already be past is moved to five minutes from now and marked `accelerated`, so that
    raising a priority gives people a chance instead of an instant breach. It is moved so only once.
    """
    if not is_live(clock):
        return clock
    same = (target.seconds, target.calendar) == (clock.target_seconds, clock.calendar)
    if same and (clock.state is ClockState.PAUSED or clock.reason == ACCELERATED):
        return clock
    version = clock.deadline_version + 1
    moved = replace(
        clock,
        target_seconds=target.seconds,
        calendar=target.calendar,
        warn_share=target.warn_share,
        deadline_version=version,
    )
    if clock.state is ClockState.PAUSED:
        return moved
    aimed = _aim(moved, calendars[target.calendar])
    if same and aimed.deadline_at == clock.deadline_at:
        return clock
    return floored(aimed, now)


def floored(clock: Clock, now: datetime) -> Clock:
    """The clock, but with five minutes from `now` if a change of ours would break it at once (rule 11)."""
    if not late(clock, now):
        return clock
    return replace(clock, deadline_at=now + ACCELERATED_FLOOR, warn_at=None, reason=ACCELERATED)


def backdate(clock: Clock, calendars: Calendars, at: datetime) -> Clock:
    """The clock as if it had begun at `at`, when an older message reaches us after the one that started it."""
    return restart(clock, calendars, at) if at < clock.started_at else clock


def restart(clock: Clock, calendars: Calendars, at: datetime) -> Clock:
    """The clock begun at `at` instead, if it has run without a break since it began and was not accelerated."""
    untouched = clock.state is ClockState.RUNNING and clock.resumed_at == clock.started_at
    if not untouched or clock.used_seconds or clock.intervals or clock.reason == ACCELERATED or at == clock.started_at:
        return clock
    version = clock.deadline_version + 1
    moved = replace(clock, started_at=at, resumed_at=at, deadline_version=version, said_at=None)
    return _aim(moved, calendars[clock.calendar])


def extend(clock: Clock, calendars: Calendars, other: Clock, now: datetime) -> Clock:
    """The clock as if it had begun when `other` did, counting what `other` counted before it (rule 12)."""
    if clock.state is not ClockState.RUNNING or clock.resumed_at is None or other.started_at >= clock.started_at:
        return clock
    first = min((clock.resumed_at, *(begin for begin, _ in clock.intervals)))
    earlier = [(begin, min(end, first)) for begin, end in active(other, now) if begin < first]
    spans = (*earlier, *clock.intervals)
    resumed_at = clock.resumed_at
    if spans and spans[-1][1] == resumed_at:
        *rest, (resumed_at, _) = spans
        spans = tuple(rest)
    moved = replace(
        clock,
        started_at=other.started_at,
        resumed_at=resumed_at,
        intervals=spans,
        used_seconds=clock.used_seconds + other.used_seconds,
        deadline_version=clock.deadline_version + 1,
    )
    return floored(_aim(moved, calendars[clock.calendar]), now)


def overdue(clock: Clock, now: datetime) -> bool:
    """A promise kept at the very deadline is kept; it is broken from the instant after it."""
    return clock.state is ClockState.RUNNING and late(clock, now)


def late(clock: Clock, at: datetime) -> bool:
    """Whether `at` is past the deadline, whatever the clock's state."""
    return clock.deadline_at is not None and at > clock.deadline_at


def worth_warning(clock: Clock, at: datetime) -> bool:
    """Whether a warning given at `at` leaves people time before the breach is told."""
    return clock.deadline_at is not None and clock.deadline_at - at >= WARNING_GAP


def breach(clock: Clock, now: datetime) -> Clock:
    """The promise is broken: the deadline stays as the time of the breach, `now` is when we saw it."""
    return replace(clock, state=ClockState.BREACHED, detected_at=now, warn_at=None)


def finish(clock: Clock, at: datetime) -> Clock:
    """What was promised happened at `at`: met, or breached and met late."""
    if not is_open(clock):
        return clock
    state = ClockState.MET if is_live(clock) else ClockState.BREACHED_MET
    return replace(clock, state=state, stopped_at=at, warn_at=None)


def answer(clock: Clock, at: datetime) -> Clock:
    """A person's answer said at `at`, in whatever order answers reach us; the earliest is the one that counts.

    An answer in time takes a breach back, or shows that a case closed as unanswered was not.
    """
    if at < clock.started_at or (clock.stopped_at is not None and at >= clock.stopped_at):
        return clock
    if clock.state is ClockState.CANCELLED and clock.reason != CLOSED_UNANSWERED:
        return clock
    state = ClockState.MET
    if clock.state is ClockState.RETRACTED or (clock.state in _BROKEN and not late(clock, at)):
        state = ClockState.RETRACTED
    elif clock.state in _BROKEN:
        state = ClockState.BREACHED_MET
    reason = "" if clock.reason == CLOSED_UNANSWERED else clock.reason
    return replace(clock, state=state, stopped_at=at, warn_at=None, reason=reason)


def cancel(clock: Clock, at: datetime, reason: str) -> Clock:
    """The promise no longer applies; neither kept nor broken."""
    if not is_live(clock):
        return clock
    return replace(clock, state=ClockState.CANCELLED, stopped_at=at, reason=reason, warn_at=None)


def end(clock: Clock, at: datetime, reason: str) -> Clock:
    """Nothing is asked for any more: a live promise is cancelled, a broken one stays broken, on record."""
    if is_open(clock) and not is_live(clock):
        return replace(clock, stopped_at=at)
    return cancel(clock, at, reason)


def close(clock: Clock, at: datetime) -> Clock:
    """The case was closed and nobody will answer any more."""
    return end(clock, at, CLOSED_UNANSWERED)


def _run(clock: Clock, calendars: Calendars) -> Clock:
    """Aim a clock that begins to run; one with no time left gets five open minutes, so it cannot break at birth."""
    calendar = calendars[clock.calendar]
    if _spent(clock, calendar) < clock.target_seconds:
        return _aim(clock, calendar)
    floor = replace(clock, target_seconds=int(ACCELERATED_FLOOR.total_seconds()), used_seconds=0.0, intervals=())
    aimed = _aim(replace(floor, warn_share=0.0), calendar)
    return replace(clock, deadline_at=aimed.deadline_at, reason=aimed.reason or ACCELERATED)


def _spent(clock: Clock, calendar: Calendar) -> float:
    return clock.used_seconds + sum(calendar.between(*interval) for interval in clock.intervals)


def _aim(clock: Clock, calendar: Calendar) -> Clock:
    """Set the deadline and the warning from the time that is left after `resumed_at`."""
    since = clock.resumed_at
    assert since is not None  # noqa: S101 - callers run the clock first
    spent = _spent(clock, calendar)
    try:
        deadline = calendar.add(since, clock.target_seconds - spent)
    except Unbounded:
        return replace(clock, deadline_at=None, warn_at=None, reason="unbounded")
    warn_at = None
    until_warning = clock.target_seconds * clock.warn_share - spent
    if clock.warn_share and until_warning > 0:
        warn_at = calendar.add(since, until_warning)
        # A warning is worth giving only if it leaves people time before the breach is told.
        warn_at = warn_at if deadline - warn_at >= WARNING_GAP else None
    return replace(clock, deadline_at=deadline, warn_at=warn_at, reason="")
