"""What a conversation was promised, computed anew from who said what when, and what the world was told of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.simulation.people import MINUTE, Act, Talk
from tests.simulation.platforms import Said
from tests.simulation.world import START, Clocks

LATE_INGEST_MS = 15 * MINUTE
NEVER = 2**60
_REPLY = ("first_response", "next_response")


def milliseconds(text: str) -> int:
    return (datetime.fromisoformat(text) - START) // timedelta(milliseconds=1)


@dataclass(frozen=True)
class Promise:
    """Something owed from `began_ms` by `due_ms`, and kept no earlier than `kept_ms` and no later than `kept_by_ms`.

    `told_ms` is when Heed had stored a reply that keeps it, None where no reply did.
    """

    metric: str
    began_ms: int
    due_ms: int
    kept_ms: int = NEVER
    kept_by_ms: int = NEVER
    told_ms: int | None = None

    def broken(self, slack_ms: int) -> bool:
        """Broken for sure."""
        return self.kept_ms > self.due_ms + slack_ms

    def kept(self, slack_ms: int) -> bool:
        """Kept for sure: whoever's clock is slow takes an answer for older than it is, perhaps than the question."""
        if slack_ms and self.kept_ms - self.began_ms <= slack_ms:
            return False
        return self.kept_by_ms <= self.due_ms - slack_ms


@dataclass(frozen=True)
class Told:
    """A notice as a receiver got it, at `ms`; `digest` is the key of the digest that it came in, if it did."""

    ms: int
    body: dict[str, Any]
    digest: str = ""

    @property
    def level(self) -> int:
        """The step of the chain of escalation."""
        return self.body.get("level") or 1

    def about(self, promise: Promise, slack_ms: int) -> bool:
        due_ms = milliseconds(self.body["deadline_at"])
        return self.body["metric"] == promise.metric and abs(due_ms - promise.due_ms) <= slack_ms


@dataclass(frozen=True)
class Course:
    """How a conversation went: what was stored of it, in the order in which it was said."""

    talk: Talk
    said: tuple[Said, ...]
    stored_ms: tuple[int, ...]
    clocks: Clocks

    @classmethod
    def of(cls, talk: Talk, stored_ms: Mapping[tuple[str, str], int], clocks: Clocks) -> Course:
        kept = ((one, stored_ms.get((one.channel, one.id))) for one in talk.said)
        known = [(one, at) for one, at in kept if at is not None]
        known.sort(key=lambda pair: (pair[0].said_ms, pair[0].by_brand, pair[1]))
        return cls(talk, tuple(one for one, _ in known), tuple(at for _, at in known), clocks)

    def acts(self, *kinds: str) -> list[Act]:
        return [act for act in self.talk.acts if act.kind in kinds]

    @property
    def resolved(self) -> Act | None:
        return next(iter(self.acts("resolve")), None)

    @property
    def settled(self) -> bool:
        """Whether the case was resolved never, or once and for all after everything was said and stored."""
        resolved = self.resolved
        if self.acts("reopen"):
            return False
        return resolved is None or max(self.stored_ms, default=0) < resolved.begun_ms - self.clocks.wrong_ms

    @property
    def in_order(self) -> bool:
        """Whether all was stored in the order in which it was said, and none of it too late to count from its time."""
        apart = all(
            b.said_ms - a.said_ms > self.clocks.slow_ms or a.by_brand == b.by_brand for a, b in pairwise(self.said)
        )
        return apart and self._prompt(len(self.said)) and list(self.stored_ms) == sorted(self.stored_ms)

    @property
    def first_is_plain(self) -> bool:
        """Whether the first answer's promise depends on no order of arrival: what began it came first, and in time."""
        if not self.said or self.said[0].by_brand or self.clocks.slow_ms:
            return False
        return self.stored_ms[0] == min(self.stored_ms) and self._prompt(1)

    def _prompt(self, count: int) -> bool:
        known = list(zip(self.said, self.stored_ms, strict=True))[:count]
        return all(at - one.said_ms + self.clocks.fast_ms < LATE_INGEST_MS for one, at in known)

    def owed(self) -> Iterator[Promise]:
        """Every promise that what was said made; a resolution ends whatever is open."""
        for promise in (*self._replies(), *self._resolution()):
            if promise.kept_ms == NEVER and self.resolved is not None:
                began, done = self.resolved.begun_ms, self.resolved.done_ms
                wrong = self.clocks.wrong_ms + self.clocks.fast_ms  # a fast clock may have seen it broken before
                yield replace(promise, kept_ms=began - wrong, kept_by_ms=NEVER if done is None else done + wrong)
            else:
                yield promise

    def _replies(self) -> Iterator[Promise]:
        waiting: Promise | None = None
        answered, within = False, self.talk.mood.reply_ms
        for one, stored_ms in zip(self.said, self.stored_ms, strict=True):
            if within is None:
                return
            if not one.by_brand and waiting is None:
                waiting = Promise(_REPLY[answered], one.said_ms, one.said_ms + within)
            if one.by_brand and waiting is not None:
                yield replace(waiting, kept_ms=one.said_ms, kept_by_ms=one.said_ms, told_ms=stored_ms)
                waiting, answered = None, True
        if waiting is not None:
            yield waiting

    def _resolution(self) -> Iterator[Promise]:
        """From the first message on; a case that was put on hold has another deadline, which is not computed here."""
        within = self.talk.mood.resolution_ms
        began = next((one.said_ms for one in self.said if not one.by_brand), None)
        if within is not None and began is not None and not self.acts("pending_customer", "on_hold"):
            yield Promise("resolution", began, began + within)
