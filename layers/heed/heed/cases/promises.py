"""The clocks of a case: which message starts one, what ends it, what moves it.

At most one reply clock of a case is open at a time: the first response until a person has answered, the next response
after that. Numbered rules are those of the README's section on promises.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from heed.cases.change import effect
from heed.model import Case, Clock, ClockState, EffectKind, Metric, Priority
from heed.policy import Policy
from heed.sla import clocks

REPLY_CLOCKS = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)


def broken(case: Case, by: datetime, seen_at: datetime) -> Case:
    """Promises broken by `by` are broken before anything else happens, whoever notices first."""
    outbox, after = list(case.outbox), []
    for clock in case.clocks:
        if clocks.overdue(clock, by):
            key = f"{case.id}/{clock.id}/v{clock.deadline_version}/breach"
            outbox.append(effect(key, EffectKind.BREACH, seen_at, clock=clock.id))
            clock = clocks.breach(clock, seen_at)
        after.append(clock)
    if len(outbox) == len(case.outbox):
        return case
    return replace(case, clocks=tuple(after), outbox=tuple(outbox))


def answered(case: Case, said_at: datetime, now: datetime) -> Case:
    """A person's answer said at `said_at` ends every reply clock that had begun by then.

    An answer in time that reaches us after the breach takes the breach back, with one correction (rule 13).
    """
    case = broken(case, said_at, now)
    outbox, after = list(case.outbox), []
    for clock in case.clocks:
        ended = clocks.answer(clock, said_at) if clock.metric in REPLY_CLOCKS else clock
        if ended.state is ClockState.RETRACTED and clock.state is not ClockState.RETRACTED:
            key = f"{case.id}/{clock.id}/v{clock.deadline_version}/correction"
            outbox.append(effect(key, EffectKind.CORRECTION, now, clock=clock.id))
        after.append(ended)
    first = latest(case, Metric.FIRST_RESPONSE)
    answers = first is not None and said_at >= first.started_at
    return replace(case, answered=case.answered or answers, clocks=tuple(after), outbox=tuple(outbox))


def promised(case: Case, policy: Policy, start: datetime) -> Case:
    """The case with the clocks that an unanswered message of `start` runs under."""
    case = replace(case, clocks=tuple(clocks.backdate(clock, policy.calendars, start) for clock in case.clocks))
    if not any(clock.metric in REPLY_CLOCKS and clocks.is_open(clock) for clock in case.clocks):
        case = _begun(case, policy, _reply_metric(case), start)
    return _resolving(case, policy, start)


def kept_already(case: Case, policy: Policy, start: datetime, said_at: datetime, now: datetime) -> Case:
    """The case after a message of `start` that was answered at `said_at`, though the answer reached us first."""
    replies = [clock for clock in case.clocks if clock.metric in REPLY_CLOCKS]
    if not any(clock.stopped_at is None or clock.stopped_at >= start for clock in replies):
        begun = _begun(case, policy, _reply_metric(case), start)
        case = replace(answered(begun, said_at, now), answered=True)
    return _resolving(case, policy, start)


def resumed(case: Case, policy: Policy, at: datetime) -> Case:
    """A resolved case whose resolution goes on at `at` with the time it had left (rule 14)."""
    last = latest(case, Metric.RESOLUTION)
    if last is not None and last.state is ClockState.MET:
        case = _begun(case, policy, Metric.RESOLUTION, at)
    return replace(case, clocks=kept(case))


def under(case: Case, policy: Policy, priority: Priority, now: datetime) -> Case:
    """The case under this policy and priority: live clocks are recomputed from their start (rule 11)."""
    if (priority, policy.version) == (case.priority, case.policy):
        return case
    moved = []
    for clock in case.clocks:
        target = policy.target(priority, clock.metric)
        if target is None:
            moved.append(clocks.cancel(clock, now, "not_promised"))
        else:
            moved.append(clocks.retarget(clock, policy.calendars, target, now))
    return replace(case, priority=priority, policy=policy.version, clocks=tuple(moved))


def kept(case: Case) -> tuple[Clock, ...]:
    """Live clocks, those that an effect still to be told names, the last of each metric. The timeline has the rest."""
    last = {clock.metric: clock.id for clock in case.clocks}
    worth = {*last.values(), *(told.clock for told in case.outbox)}
    return tuple(clock for clock in case.clocks if clocks.is_live(clock) or clock.id in worth)


def latest(case: Case, metric: Metric) -> Clock | None:
    """The last clock of a metric in this episode."""
    return next((c for c in reversed(case.clocks) if c.metric is metric and c.episode == case.episode), None)


def _reply_metric(case: Case) -> Metric:
    return Metric.NEXT_RESPONSE if case.answered else Metric.FIRST_RESPONSE


def _resolving(case: Case, policy: Policy, start: datetime) -> Case:
    if latest(case, Metric.RESOLUTION) is None:
        case = _begun(case, policy, Metric.RESOLUTION, start)
    return replace(case, clocks=kept(case))


def _begun(case: Case, policy: Policy, metric: Metric, at: datetime) -> Case:
    """A new clock of the metric, if the policy promises it.

    Resolution goes on with what the last one left; so does a first response that was closed unanswered.
    """
    target = policy.target(case.priority, metric)
    if target is None:
        return case
    last = latest(case, metric)
    used = 0.0
    if last is not None and metric is not Metric.NEXT_RESPONSE and last.stopped_at is not None:
        used = min(clocks.used(last, policy.calendars[target.calendar], last.stopped_at), target.seconds)
        at = max(at, last.stopped_at)
    clock = clocks.start(
        policy.calendars,
        target,
        at,
        episode=case.episode,
        metric=metric,
        period=last.period + 1 if last else 1,
        used=used,
    )
    return replace(case, clocks=(*case.clocks, clock))
