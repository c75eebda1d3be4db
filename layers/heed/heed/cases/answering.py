"""How the people who answer change a case."""

from __future__ import annotations

from datetime import datetime

from heed.cases import chains, promises, waiting, windows
from heed.cases.change import changed
from heed.model import Case, Clock, Metric, Priority, Status
from heed.policy import Policy
from heed.sla import clocks
from heed.values import replace


def reply(case: Case, policy: Policy, now: datetime) -> Case:
    """An agent's public answer, recorded by the desk as it was sent. It answers all that was said before it."""
    return answered(case, now, policy, now)


def acknowledge(case: Case, by: str, now: datetime) -> Case:
    """Somebody took the case; the first one stays on record until the customer is answered.

    It holds every level of the chain for its limit, one that is just being told included; when the next level is told,
    the case can be taken again. A case that was resolved meanwhile has nothing left to take (rule 19).
    """
    if case.acknowledged_by or case.status is Status.RESOLVED:
        return case
    return changed(chains.taken_back(case, now), now, acknowledged_by=by, acknowledged_at=now)


def assign(case: Case, team: str, assignee: str, now: datetime) -> Case:
    """Another team or person answers. No promise changes."""
    if (case.team, case.assignee) == (team, assignee):
        return case
    return changed(case, now, team=team, assignee=assignee)


def note(case: Case, now: datetime) -> Case:
    """An internal note: a new version to hang it on, nothing else."""
    return changed(case, now)


def prioritise(case: Case, priority: Priority, policy: Policy, now: datetime) -> Case:
    """Another priority, up or down: open promises are recomputed from their start, breaches stay (rule 11)."""
    if case.priority is priority or case.status is Status.RESOLVED:
        return case
    return changed(promises.under(promises.broken(case, now, now, policy), policy, priority, now), now)


def adopt(case: Case, policy: Policy, now: datetime) -> Case:
    """A new policy, with its targets and calendars, for promises that run (rule 16); none for what is settled."""
    if case.policy == policy.version or case.status is Status.RESOLVED:
        return case
    return changed(promises.under(promises.broken(case, now, now, policy), policy, case.priority, now), now)


def set_status(case: Case, status: Status, policy: Policy, now: datetime) -> Case:
    """Open, pending on the customer, or on hold: the statuses that the policy names pause resolution (rules 6 to 8)."""
    if status is Status.RESOLVED or case.status in (status, Status.RESOLVED):
        return case
    case = promises.under(promises.broken(case, now, now, policy), policy, case.priority, now)
    step = clocks.pause if status in policy.pausing else clocks.resume
    case = promises.only(case, (Metric.RESOLUTION,), lambda clock: step(clock, policy.calendars, now))
    return changed(case, now, status=status)


def resolve(case: Case, now: datetime) -> Case:
    """The matter is settled: resolution is met, an unanswered promise ends unkept but unbroken (rule 14)."""
    if case.status is Status.RESOLVED:
        return case
    case = promises.broken(case, now, now)
    ended = tuple(_settled(clock, now) for clock in case.clocks)
    return changed(waiting.settled(case), now, status=Status.RESOLVED, resolved_at=now, clocks=ended)


def _settled(clock: Clock, now: datetime) -> Clock:
    if clock.metric is Metric.RESOLUTION:
        return clocks.finish(clock, now)
    return (
        clocks.end(clock, now, promises.RESOLVED) if clock.metric is Metric.REPLY_WINDOW else clocks.close(clock, now)
    )


def reopen(case: Case, policy: Policy, now: datetime) -> Case:
    """Back to open: resolution goes on with the time it had left. A case merged into another is its own again."""
    if case.status is not Status.RESOLVED or case.spam:
        return case
    case = reopened(promises.under(case, policy, case.priority, now), policy, now)
    return changed(windows.reopened(case, policy, now), now)


def reopened(case: Case, policy: Policy, at: datetime) -> Case:
    """A resolved case, open again from `at`: what made it need people may make it need them again."""
    case = replace(case, status=Status.OPEN, resolved_at=None, acknowledged_by="", acknowledged_at=None, escalated=())
    return promises.resumed(replace(case, merged_into=""), policy, at)


def answered(case: Case, said_at: datetime, policy: Policy, now: datetime) -> Case:
    """A human's public answer said at `said_at`, which may reach us late or before the message it answers."""
    case = promises.answered(case, said_at, now, policy)
    waited = case.waiting_since
    case = waiting.replied(case, said_at)
    if waited is None or said_at < waited:
        return changed(case, now)
    case = replace(
        case,
        answered=True,
        contain_at=None,
        acknowledged_by="",
        acknowledged_at=None,
        escalated=tuple(reason for reason in case.escalated if reason != "contacted_again"),
    )
    still = case.waiting_since
    if still is not None:
        case = promises.under(promises.broken(case, now, now, policy), policy, case.priority, now)
        case = promises.promised(case, policy, still)
    return changed(case, now)
