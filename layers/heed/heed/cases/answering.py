"""How the people who answer change a case."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from heed.cases import promises
from heed.cases.change import changed
from heed.model import Case, Metric, Status
from heed.policy import Policy
from heed.sla import clocks


def reply(case: Case, policy: Policy, now: datetime) -> Case:
    """An agent's public answer, recorded by the desk as it was sent. It answers all that was said before it."""
    return answered(case, now, policy, now)


def acknowledge(case: Case, by: str, now: datetime) -> Case:
    """Somebody took the case; the first one stays on record until the customer is answered."""
    if case.acknowledged_by or case.status is Status.RESOLVED:
        return case
    return changed(case, now, acknowledged_by=by, acknowledged_at=now)


def assign(case: Case, team: str, assignee: str, now: datetime) -> Case:
    """Another team or person answers. No promise changes."""
    if (case.team, case.assignee) == (team, assignee):
        return case
    return changed(case, now, team=team, assignee=assignee)


def note(case: Case, now: datetime) -> Case:
    """An internal note: a new version to hang it on, nothing else."""
    return changed(case, now)


def set_status(case: Case, status: Status, policy: Policy, now: datetime) -> Case:
    """Open, pending on the customer, or on hold: waiting pauses the resolution clock and no other (rules 6 to 8)."""
    if status is Status.RESOLVED or case.status in (status, Status.RESOLVED):
        return case
    case = promises.under(promises.broken(case, now, now), policy, case.priority, now)
    step = clocks.resume if status is Status.OPEN else clocks.pause
    stepped = tuple(
        step(clock, policy.calendars, now) if clock.metric is Metric.RESOLUTION else clock for clock in case.clocks
    )
    return changed(case, now, status=status, clocks=stepped)


def resolve(case: Case, now: datetime) -> Case:
    """The matter is settled: resolution is met, an unanswered promise ends unkept but unbroken (rule 14)."""
    if case.status is Status.RESOLVED:
        return case
    case = promises.broken(case, now, now)
    ended = tuple(
        clocks.finish(clock, now) if clock.metric is Metric.RESOLUTION else clocks.close(clock, now)
        for clock in case.clocks
    )
    return changed(
        case,
        now,
        status=Status.RESOLVED,
        resolved_at=now,
        clocks=ended,
        waiting_since=None,
        waiting_until=None,
        waiting_messages=0,
    )


def reopen(case: Case, policy: Policy, now: datetime) -> Case:
    """Back to open: resolution goes on with the time it had left."""
    if case.status is not Status.RESOLVED:
        return case
    return changed(reopened(promises.under(case, policy, case.priority, now), policy, now), now)


def reopened(case: Case, policy: Policy, at: datetime) -> Case:
    """A resolved case, open again from `at`: what made it need people may make it need them again."""
    case = replace(case, status=Status.OPEN, resolved_at=None, acknowledged_by="", acknowledged_at=None, escalated=())
    return promises.resumed(case, policy, at)


def answered(case: Case, said_at: datetime, policy: Policy, now: datetime) -> Case:
    """A human's public answer said at `said_at`, which may reach us late or before the message it answers."""
    case = promises.answered(case, said_at, now)
    case = replace(case, last_reply_at=max(case.last_reply_at or said_at, said_at))
    if case.waiting_since is None or said_at < case.waiting_since:
        return changed(case, now)
    still = case.waiting_until if case.waiting_until and case.waiting_until > said_at else None
    case = replace(
        case,
        answered=True,
        waiting_since=still,
        waiting_until=still,
        waiting_messages=1 if still else 0,
        acknowledged_by="",
        acknowledged_at=None,
        escalated=tuple(reason for reason in case.escalated if reason != "contacted_again"),
    )
    if still is not None:
        case = promises.under(promises.broken(case, now, now), policy, case.priority, now)
        case = promises.promised(case, policy, still)
    return changed(case, now)
