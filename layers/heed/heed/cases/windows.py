"""The platform's reply window: how long after the customer's last message the brand may still write (rule 20).

It is a clock in elapsed time that every customer message begins anew and no answer stops. It breaks only if the
customer still waits when it closes; else it ends silently. While the customer waits it warns once, when `warn_share`
of the open hours within it is spent, by the hours of the reply promise: so people are warned while they are there. It
warns at once if no such hour is left, or if it closes before the reply promise is due.
"""

from __future__ import annotations

from datetime import datetime

from heed.model import Case, Clock, ClockState, Metric, Surface
from heed.policy import ELAPSED, Policy
from heed.sla import clocks
from heed.values import replace

CLOSED = "window_closed"
REPLY_CLOCKS = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)


def heard(case: Case, surface: Surface, policy: Policy, start: datetime) -> Case:
    """The window begins anew with a customer message of `start`, unless a later one began it."""
    last = latest(case, Metric.REPLY_WINDOW)
    if last is not None and start <= last.started_at:
        return case
    target = policy.reply_window(case.channel, surface)
    if target is None:
        return case
    if last is None or last.state is not ClockState.RUNNING:
        period = last.period + 1 if last else 1
        begun = clocks.start(
            policy.calendars, target, start, episode=case.episode, metric=Metric.REPLY_WINDOW, period=period
        )
        ended = tuple([clocks.end(clock, start, CLOSED) if clock is last else clock for clock in case.clocks])
        return replace(case, clocks=(*ended, _warning(case, begun, policy)))
    begun = _warning(case, clocks.restart(last, policy.calendars, start), policy)
    return replace(case, clocks=tuple([begun if clock is last else clock for clock in case.clocks]))


def reopened(case: Case, policy: Policy, now: datetime) -> Case:
    """The window of a case that is open again: it goes on if it has not closed since the customer's last message."""
    last = latest(case, Metric.REPLY_WINDOW)
    if last is None or last.state is not ClockState.CANCELLED or last.deadline_at is None or last.deadline_at <= now:
        return case
    fresh = replace(last, state=ClockState.RUNNING, period=last.period + 1, stopped_at=None, reason="")
    return replace(case, clocks=(*case.clocks, _warning(case, fresh, policy)))


def awaited(case: Case, window: Clock) -> bool:
    """Whether the message that began the window waits for an answer."""
    last = case.last_reply_at
    return case.waiting_since is not None and (last is None or last < window.started_at)


def latest(case: Case, metric: Metric) -> Clock | None:
    """The last clock of a metric in this episode."""
    return next((c for c in reversed(case.clocks) if c.metric is metric and c.episode == case.episode), None)


def _warning(case: Case, window: Clock, policy: Policy) -> Clock:
    """The window with the moment at which it warns, None if it need not."""
    at = _warn_at(case, window, policy) if awaited(case, window) and window.warn_share else None
    if at is not None and not clocks.worth_warning(window, at):
        at = None
    return replace(window, warn_at=at)


def _warn_at(case: Case, window: Clock, policy: Policy) -> datetime:
    assert window.deadline_at is not None  # noqa: S101 - elapsed time has no end
    reply = next((clock for clock in case.clocks if clock.metric in REPLY_CLOCKS and clocks.is_open(clock)), None)
    if reply is not None and reply.deadline_at is not None and window.deadline_at < reply.deadline_at:
        return window.started_at
    calendar = policy.calendars.get(reply.calendar if reply else ELAPSED, policy.calendars[ELAPSED])
    return calendar.add(window.started_at, calendar.between(window.started_at, window.deadline_at) * window.warn_share)
