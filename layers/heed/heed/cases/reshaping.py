"""What people and platforms do to a case as a whole: merged, split, taken for spam, contained by a bot; a message taken
back by the customer, an answer rejected by the platform."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from heed.cases import promises, waiting, windows
from heed.cases.answering import reopened
from heed.cases.change import changed
from heed.cases.hearing import conversation_key, counted_from, short_id
from heed.cases.promises import broken, only
from heed.cases.windows import REPLY_CLOCKS, latest
from heed.model import Case, Clock, ClockState, Message, Metric, Status
from heed.policy import Policy
from heed.sla import clocks
from heed.values import replace

_KEPT = (ClockState.MET, ClockState.BREACHED_MET, ClockState.RETRACTED)


def merge(survivor: Case, source: Case, policy: Policy, now: datetime) -> tuple[Case, Case]:
    """Two cases of one matter become `survivor`, which takes over whoever waits in `source` (rule 12).

    The survivor's reply promise starts at the earliest unanswered message of both, its resolution at the earlier
    start, with rule 11's floor; the graver priority counts. A breach stays where it happened: a wait that has broken
    its promise there does not break another, so it moves no start and gets a new promise from `now`. Both unchanged
    if they are the same case or one was merged before. The two must be written in one transaction.
    """
    if survivor.key == source.key or survivor.merged_into or source.merged_into:
        return survivor, source
    survivor, source = broken(survivor, now, now, policy), broken(source, now, now, policy)
    taken = waiting.unanswered(source) if not source.spam else ()
    if taken and survivor.status is Status.RESOLVED and not survivor.spam:
        survivor = reopened(survivor, policy, now)
    risks = tuple(dict.fromkeys((*survivor.risks, *source.risks)))
    survivor = promises.under(replace(survivor, risks=risks), policy, min(survivor.priority, source.priority), now)
    survivor = _taken_over(survivor, source, taken, policy, now)
    ended = tuple(clocks.end(clock, now, promises.MERGED) for clock in source.clocks)
    source = waiting.settled(replace(source, clocks=ended))
    closed = {"status": Status.RESOLVED, "resolved_at": source.resolved_at or now, "merged_into": survivor.key}
    return changed(survivor, now), changed(source, now, **closed)


def split(case: Case, messages: Sequence[Message], policy: Policy, now: datetime) -> tuple[Case, Case]:
    """The case without these messages of its customer, and a new case that holds them, at least one (rule 12).

    The new case copies the starts of the moved messages, with rule 11's floor; a breach stays where it happened, and
    what broke there gets a new promise from `now`. Later messages of the conversation go to the old case. Its summary
    is the old one's, for people to change. Raises ValueError without messages.
    """
    if not messages:
        raise ValueError("a split needs at least one message")
    case = broken(case, now, now, policy)
    first = min(messages, key=counted_from)
    starts = sorted(map(counted_from, messages))
    moved = [start for start in starts if start in waiting.unanswered(case)]
    new = _apart(case, first, not moved, now)
    for start in starts:
        new = waiting.heard(new, start)
    new = _owing(new, [], moved, _broke(case), policy, now)
    new = promises.owed(new, policy, now)
    return changed(_without(case, starts, promises.SPLIT, policy, now), now), changed(new, now)


def withdraw(case: Case, message: Message, policy: Policy, now: datetime) -> Case:
    """The customer took a message back. If nobody else waits its promise ends, if others do it starts with them (15).

    An answered message changes nothing. A breach on record stays. If nobody ever answered, resolution ends too.
    """
    start = counted_from(message)
    if start not in waiting.unanswered(case):
        return case
    return changed(_without(broken(case, now, now, policy), [start], promises.WITHDRAWN, policy, now), now)


def mark_spam(case: Case, now: datetime) -> Case:
    """Nothing is promised to this conversation until the mark is taken away; only risks still go to people."""
    if case.spam:
        return case
    case = broken(case, now, now)
    ended = tuple(clocks.end(clock, now, promises.SPAM) for clock in case.clocks)
    closed = {"status": Status.RESOLVED, "resolved_at": now, "acknowledged_by": "", "acknowledged_at": None}
    return changed(waiting.counted(replace(case, spam=True, clocks=ended)), now, **closed)


def unmark_spam(case: Case, policy: Policy, now: datetime) -> Case:
    """The mark was a mistake: promises are made again from their original start, with rule 11's floor (rule 15)."""
    if not case.spam:
        return case
    case = waiting.counted(replace(case, spam=False))
    if case.waiting_since is None and not any(clock.reason == promises.SPAM for clock in case.clocks):
        return changed(case, now)
    case = replace(case, status=Status.OPEN, resolved_at=None)
    case = promises.owed(promises.under(case, policy, case.priority, now), policy, now)
    case = windows.reopened(case, policy, now)
    return changed(replace(case, clocks=promises.kept(case)), now)


def contain(case: Case, now: datetime) -> Case:
    """A bot settled the matter: the customer said so, or kept silent after a sure answer (rule 9).

    Live promises end as `cancelled(contained)`, which is neither met nor broken, and the case is closed.
    """
    if case.waiting_since is None or case.status is Status.RESOLVED:
        return case
    case = broken(case, now, now)
    ended = tuple(clocks.end(clock, now, promises.CONTAINED) for clock in case.clocks)
    closed = {"status": Status.RESOLVED, "resolved_at": now, "contain_at": None}
    return changed(waiting.settled(case), now, clocks=ended, **closed)


def fail_reply(case: Case, said_at: datetime, policy: Policy, now: datetime) -> Case:
    """The platform rejected the answer of `said_at`: it was none, and what it had ended goes on (rule 9).

    The promise is as if the answer had never been: it keeps its start and deadline, so it is broken at once if that
    has passed. A later answer ends it in its place. A case that was closed since is open again if somebody waits.
    """
    if said_at not in case.replies:
        return case
    case = waiting.rejected(broken(case, now, now, policy), said_at)
    ended = [c for c in case.clocks if c.metric in REPLY_CLOCKS and c.stopped_at == said_at and c.state in _KEPT]
    if case.status is Status.RESOLVED and case.waiting_since is not None:
        case = reopened(case, policy, now)
    case = only(case, REPLY_CLOCKS, lambda c: c if c in ended else clocks.end(c, now, promises.REJECTED))
    for clock in ended:
        first = clock.metric is Metric.FIRST_RESPONSE
        case = replace(_restored(case, clock), answered=case.answered and not first)
    for at in case.replies:
        case = promises.answered(case, at, now, policy)
    if case.waiting_since is not None:
        case = promises.promised(broken(case, now, now, policy), policy, case.waiting_since)
    return changed(case, now)


def _restored(case: Case, clock: Clock) -> Case:
    """The case with a promise as it was before the answer that ended it."""
    needed = case.waiting_since is not None or any(at >= clock.started_at for at in case.replies)
    if clock.state is ClockState.BREACHED_MET:
        open_again = replace(clock, state=ClockState.BREACHED, stopped_at=None)
        return replace(case, clocks=tuple(open_again if c.id == clock.id and needed else c for c in case.clocks))
    void = replace(clock, state=ClockState.CANCELLED, reason=promises.REJECTED)
    fresh = replace(
        clock,
        period=clock.period + 1,
        state=ClockState.RUNNING,
        stopped_at=None,
        deadline_version=1,
        detected_at=None,
        published_at=None,
        chain=None,
        level=0,
        next_level_at=None,
    )
    after = tuple(void if c.id == clock.id else c for c in case.clocks)
    return replace(case, clocks=(*after, fresh) if needed else after)


def _taken_over(survivor: Case, source: Case, taken: Sequence[datetime], policy: Policy, now: datetime) -> Case:
    """The survivor with the waits of the source and the earlier start of resolution."""
    own = waiting.unanswered(survivor)
    survivor = waiting.joined(survivor, taken)
    survivor = _owing(survivor, own, taken, _broke(source), policy, now)
    theirs = latest(source, Metric.RESOLUTION)
    if theirs is None or not clocks.is_live(theirs):
        return survivor
    ours = latest(survivor, Metric.RESOLUTION)
    if ours is None:
        return promises.owed(survivor, policy, now)
    return only(
        survivor,
        (Metric.RESOLUTION,),
        lambda clock: clocks.extend(clock, policy.calendars, theirs, now) if clock is ours else clock,
    )


def _apart(case: Case, first: Message, answered: bool, now: datetime) -> Case:
    """A case of its own beside `case`, still without messages, named after the first that it will hold."""
    key = conversation_key(case.channel, f"{case.conversation}\n{first.id}")
    return replace(
        case,
        key=key,
        id=short_id(key, first.id),
        version=0,
        episode=1,
        status=Status.OPEN,
        opened_at=now,
        resolved_at=None,
        acknowledged_by="",
        acknowledged_at=None,
        escalated=(),
        clocks=(),
        outbox=(),
        heard=(),
        answered=answered,
    )


def _owing(
    case: Case, own: Sequence[datetime], taken: Sequence[datetime], broke: bool, policy: Policy, now: datetime
) -> Case:
    """The case with a reply promise for those it took over, who wait beside its `own`."""
    if not taken or case.spam:
        return case
    earliest = now if broke else taken[0]
    if promises.open_reply(case) is None:
        case = promises.begun(case, policy, promises.reply_metric(case), earliest, fresh=True)
    elif own and earliest < own[0]:
        case = only(case, REPLY_CLOCKS, lambda clock: clocks.restart(clock, policy.calendars, earliest))
    return only(case, REPLY_CLOCKS, lambda clock: clocks.floored(clock, now) if clocks.is_live(clock) else clock)


def _broke(case: Case) -> bool:
    """Whether those who wait here have seen their promise broken already."""
    clock = promises.open_reply(case)
    return clock is not None and clock.state is ClockState.BREACHED


def _without(case: Case, starts: Sequence[datetime], reason: str, policy: Policy, now: datetime) -> Case:
    """The case without messages that counted from `starts`."""
    case = waiting.forgotten(case, starts)
    oldest = case.waiting_since
    if oldest is not None:
        return only(
            case,
            REPLY_CLOCKS,
            lambda clock: clocks.restart(clock, policy.calendars, oldest) if oldest > clock.started_at else clock,
        )
    case = only(case, REPLY_CLOCKS, lambda clock: clocks.end(clock, now, reason))
    if case.answered or case.heard:
        return case
    return only(case, (Metric.RESOLUTION,), lambda clock: clocks.end(clock, now, reason))
