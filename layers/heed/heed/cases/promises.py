"""The clocks of a case: which message starts one, what ends it, what moves it.

At most one reply clock of a case is open at a time: the first response until a person has answered, the next response
after that. Numbered rules are those of the README's section on service levels.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from heed.cases import chains, windows
from heed.cases.change import effect
from heed.cases.windows import REPLY_CLOCKS, latest
from heed.model import Case, Clock, ClockState, EffectKind, Metric, Priority, Status
from heed.policy import Policy
from heed.sla import clocks
from heed.values import replace

NOT_PROMISED = "not_promised"
WITHDRAWN = "withdrawn"
SPAM = "spam"
CONTAINED = "contained"
MERGED = "merged"
SPLIT = "split"
REJECTED = "reply_rejected"
RESOLVED = "resolved"

# A promise that ended so can be made again as it was; one that ended thus leaves nothing to go on with.
_RENEWABLE = (NOT_PROMISED, SPAM)
_SPENT = (WITHDRAWN, MERGED, SPLIT)


def broken(case: Case, by: datetime, seen_at: datetime, policy: Policy | None = None) -> Case:
    """Promises broken by `by` are broken before anything else happens, whoever notices first.

    A reply window that closed though nobody waited breaks nothing. The policy gives the chain of levels.
    """
    if not any(clocks.overdue(clock, by) for clock in case.clocks):
        return case
    outbox, after = list(case.outbox), []
    for clock in case.clocks:
        if clocks.overdue(clock, by) and clock.deadline_at is not None:
            if clock.metric is Metric.REPLY_WINDOW and not windows.awaited(case, clock):
                clock = clocks.cancel(clock, clock.deadline_at, windows.CLOSED)
            else:
                key = f"{case.id}/{clock.id}/v{clock.deadline_version}/breach"
                outbox.append(effect(key, EffectKind.BREACH, seen_at, clock=clock.id))
                clock = clocks.breach(clock, seen_at)
                clock = chains.frozen(clock, policy.chain(case.priority)) if policy else clock
        after.append(clock)
    return replace(case, clocks=tuple(after), outbox=tuple(outbox))


def answered(case: Case, said_at: datetime, now: datetime, policy: Policy | None = None) -> Case:
    """A person's answer said at `said_at` ends every reply clock that had begun by then.

    An answer in time that reaches us after the breach takes the breach back, with one correction (rule 13); so does
    one said before a reply window closed. A window that still runs goes on: no answer stops it.
    """
    case = broken(case, said_at, now, policy)
    outbox, after = list(case.outbox), []
    for clock in case.clocks:
        ended = _answered(clock, said_at)
        if ended.state is ClockState.RETRACTED and clock.state is not ClockState.RETRACTED:
            key = f"{case.id}/{clock.id}/v{clock.deadline_version}/correction"
            outbox.append(effect(key, EffectKind.CORRECTION, now, clock=clock.id))
        after.append(ended)
    first = latest(case, Metric.FIRST_RESPONSE)
    answers = first is not None and said_at >= first.started_at
    return replace(case, answered=case.answered or answers, clocks=tuple(after), outbox=tuple(outbox))


def _answered(clock: Clock, said_at: datetime) -> Clock:
    broke = clock.state in (ClockState.BREACHED, ClockState.BREACHED_MET)
    if clock.metric in REPLY_CLOCKS or (clock.metric is Metric.REPLY_WINDOW and broke):
        return clocks.answer(clock, said_at)
    return chains.answered(clock, said_at)


def promised(case: Case, policy: Policy, start: datetime) -> Case:
    """The case with the clocks that an unanswered message of `start` runs under."""
    replies = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.RESOLUTION)
    case = only(case, replies, lambda clock: clocks.backdate(clock, policy.calendars, start))
    if not open_reply(case):
        case = begun(case, policy, reply_metric(case), start)
    return resolving(case, policy, start)


def kept_already(case: Case, policy: Policy, start: datetime, said_at: datetime, now: datetime) -> Case:
    """The case after a message of `start` that was answered at `said_at`, though the answer reached us first."""
    replies = [clock for clock in case.clocks if clock.metric in REPLY_CLOCKS]
    if not any(clock.stopped_at is None or clock.stopped_at >= start for clock in replies):
        case = replace(answered(begun(case, policy, reply_metric(case), start), said_at, now, policy), answered=True)
    return resolving(case, policy, start)


def resumed(case: Case, policy: Policy, at: datetime) -> Case:
    """A resolved case whose resolution goes on at `at` with the time it had left (rule 14)."""
    last = latest(case, Metric.RESOLUTION)
    if last is not None and (last.state is ClockState.MET or last.reason == CONTAINED):
        case = begun(case, policy, Metric.RESOLUTION, at)
    return replace(case, clocks=kept(case))


def under(case: Case, policy: Policy, priority: Priority, now: datetime) -> Case:
    """The case under this policy and priority: live clocks are recomputed from their start (rule 11).

    What was not promised before and is now counts from its original start too. A reply window is the platform's and
    stays as it is.
    """
    if (priority, policy.version) == (case.priority, case.policy):
        return case
    moved = []
    for clock in case.clocks:
        target = policy.target(priority, clock.metric)
        if clock.metric is Metric.REPLY_WINDOW:
            moved.append(clock)
        elif target is None:
            moved.append(clocks.cancel(clock, now, NOT_PROMISED))
        else:
            moved.append(clocks.retarget(clock, policy.calendars, target, now))
    return owed(replace(case, priority=priority, policy=policy.version, clocks=tuple(moved)), policy, now)


def owed(case: Case, policy: Policy, now: datetime) -> Case:
    """The promises that somebody who waits already is owed, from their original start, with rule 11's floor."""
    if case.spam or case.status is Status.RESOLVED:
        return case
    if case.waiting_since is not None and not open_reply(case):
        case = begun(case, policy, reply_metric(case), case.waiting_since, fresh=True)
        case = only(case, REPLY_CLOCKS, lambda clock: clocks.floored(clock, now) if clocks.is_live(clock) else clock)
    last = latest(case, Metric.RESOLUTION)
    target = policy.target(case.priority, Metric.RESOLUTION)
    if target is None or not (case.heard or case.answered) or (last and last.reason not in _RENEWABLE):
        return case
    if last is None:
        start = min((*case.heard, case.opened_at))
        clock = clocks.floored(_blank(case, policy, Metric.RESOLUTION, start), now)
    else:
        clock = clocks.again(last, policy.calendars, target, now)
    if case.status in policy.pausing:
        clock = clocks.pause(clock, policy.calendars, now)
    return replace(case, clocks=(*case.clocks, clock))


def only(case: Case, metrics: tuple[Metric, ...], step: Callable[[Clock], Clock]) -> Case:
    """The case after a step of its clocks of some metrics."""
    after = tuple([step(clock) if clock.metric in metrics else clock for clock in case.clocks])
    return case if after == case.clocks else replace(case, clocks=after)


def kept(case: Case) -> tuple[Clock, ...]:
    """Live clocks, those that an effect still to be told names, the last of each metric. The timeline has the rest."""
    last = {clock.metric: clock.id for clock in case.clocks}
    worth = {*last.values(), *(told.clock for told in case.outbox)}
    return tuple(clock for clock in case.clocks if clocks.is_live(clock) or clock.id in worth)


def open_reply(case: Case) -> Clock | None:
    """The reply promise that still asks for something; there is at most one."""
    return next((clock for clock in case.clocks if clock.metric in REPLY_CLOCKS and clocks.is_open(clock)), None)


def reply_metric(case: Case) -> Metric:
    return Metric.NEXT_RESPONSE if case.answered else Metric.FIRST_RESPONSE


def resolving(case: Case, policy: Policy, start: datetime) -> Case:
    last = latest(case, Metric.RESOLUTION)
    if last is None or (last.state is ClockState.CANCELLED and last.reason in _SPENT):
        case = begun(case, policy, Metric.RESOLUTION, start)
    return replace(case, clocks=kept(case))


def begun(case: Case, policy: Policy, metric: Metric, at: datetime, fresh: bool = False) -> Case:
    """A new clock of the metric, if the policy promises it.

    Unless it is `fresh`, resolution goes on with what the last one left; so does a first response closed unanswered.
    """
    if policy.target(case.priority, metric) is None:
        return case
    last = latest(case, metric)
    if fresh or last is None or last.stopped_at is None or not _goes_on(last):
        return replace(case, clocks=(*case.clocks, _blank(case, policy, metric, at)))
    counts_from = max(at, last.stopped_at)
    clock = _blank(case, policy, metric, counts_from, last)
    # What was asked before the last clock stopped may have been answered before that too.
    return replace(case, clocks=(*case.clocks, replace(clock, started_at=at)))


def _goes_on(last: Clock) -> bool:
    if last.metric is Metric.RESOLUTION:
        return last.reason not in _SPENT
    return last.metric is Metric.FIRST_RESPONSE and last.reason not in (*_SPENT, CONTAINED, REJECTED)


def _blank(case: Case, policy: Policy, metric: Metric, at: datetime, before: Clock | None = None) -> Clock:
    """A running clock from `at`, which goes on with the time that `before` has spent."""
    target = policy.target(case.priority, metric)
    assert target is not None  # noqa: S101 - callers ask first
    last = latest(case, metric)
    return clocks.start(
        policy.calendars,
        target,
        at,
        episode=case.episode,
        metric=metric,
        period=last.period + 1 if last else 1,
        used=before.used_seconds if before else 0.0,
        intervals=clocks.active(before, at) if before else (),
    )
