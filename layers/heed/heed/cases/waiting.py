"""Who waits: what was heard from the customer, and what of it came after the last answer.

A case remembers its episode's last messages and answers by their times. That is enough to put an answer in its place
however late it reaches us, and to take one back that the platform rejected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from heed.model import Case
from heed.values import replace

MESSAGES = 100
REPLIES = 4


def heard(case: Case, start: datetime) -> Case:
    """One more customer message, counted from `start`."""
    return _remembered(case, (*case.heard, start), case.replies)


def replied(case: Case, said_at: datetime) -> Case:
    """One more answer."""
    return _remembered(case, case.heard, {*case.replies, said_at})


def rejected(case: Case, said_at: datetime) -> Case:
    """An answer of `said_at` never reached the customer."""
    return _remembered(case, case.heard, [at for at in case.replies if at != said_at])


def forgotten(case: Case, starts: Iterable[datetime]) -> Case:
    """Messages taken back or moved away, one for each of `starts`."""
    left = list(case.heard)
    for start in starts:
        if start in left:
            left.remove(start)
    return _remembered(case, left, case.replies)


def joined(case: Case, starts: Sequence[datetime]) -> Case:
    """Messages of another conversation wait here too: what was answered in this one before was no answer to them."""
    if not starts or case.last_reply_at is None or case.last_reply_at < starts[0]:
        return _remembered(case, (*case.heard, *starts), case.replies)
    return _remembered(case, (*unanswered(case), *starts), [at for at in case.replies if at < starts[0]])


def settled(case: Case) -> Case:
    """Nobody waits any more, whatever was asked; what had an answer is remembered, should that answer be rejected."""
    last = case.last_reply_at
    return _remembered(case, [start for start in case.heard if last is not None and start <= last], case.replies)


def counted(case: Case) -> Case:
    """The case with who waits counted anew."""
    return _remembered(case, case.heard, case.replies)


def unanswered(case: Case) -> tuple[datetime, ...]:
    """The customer messages that came after the last answer, oldest first."""
    last = case.last_reply_at
    return tuple(start for start in case.heard if last is None or start > last)


def answered_at(case: Case, start: datetime) -> datetime | None:
    """When a customer message of `start` got its answer: with the first one said since, as far as they are kept."""
    return next((at for at in case.replies if at >= start), None)


def _remembered(case: Case, messages: Iterable[datetime], replies: Iterable[datetime]) -> Case:
    kept = tuple(sorted(messages))
    answers = tuple(sorted(replies))
    if len(answers) > REPLIES:
        dropped = answers[-REPLIES - 1]
        answers, kept = answers[-REPLIES:], tuple(start for start in kept if start > dropped)
    last = answers[-1] if answers else None
    waiting = tuple(start for start in kept if last is None or start > last)
    answered = kept[: len(kept) - len(waiting)]
    if len(kept) > MESSAGES:
        # The oldest wait is the promise, the newest the platform's window; those between only count.
        waiting = waiting[:1] + waiting[1:][-(MESSAGES - 1) :]
        answered = answered[-(MESSAGES - len(waiting)) :] if len(waiting) < MESSAGES else ()
    waits = () if case.spam else waiting
    return replace(
        case,
        heard=answered + waiting,
        replies=answers,
        last_reply_at=last,
        waiting_since=waits[0] if waits else None,
        waiting_until=waits[-1] if waits else None,
        waiting_messages=len(waits),
    )
