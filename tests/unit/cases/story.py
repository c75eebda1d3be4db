"""A case told as a story: each step says who did what, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from heed import cases
from heed.model import Author, Case, Clock, EffectKind, Metric, Priority, Status
from heed.policy import Policy
from tests.unit.builders import a_message, a_policy, an_assessment, at

FR, NR, RES, RW = Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.RESOLUTION, Metric.REPLY_WINDOW


class Story:
    """Times are Shanghai wall-clock on Wednesday 2026-03-11; `day` names another."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.policy = policy or a_policy()
        self._case: Case | None = None

    @property
    def case(self) -> Case:
        assert self._case is not None
        return self._case

    def customer(self, said: str, received: str = "", day: str = "2026-03-11", **understood: Any) -> Story:
        return self._message(Author.CUSTOMER, said, received, day, **understood)

    def agent(self, said: str, received: str = "", day: str = "2026-03-11") -> Story:
        """A person's public answer, seen as an echo of the platform."""
        return self._message(Author.AGENT, said, received, day)

    def bot(self, said: str, received: str = "", day: str = "2026-03-11") -> Story:
        return self._message(Author.BOT, said, received, day)

    def desk_reply(self, moment: str, day: str = "2026-03-11") -> Story:
        self._case = cases.reply(self.case, self.policy, at(moment, day))
        return self

    def note(self, moment: str) -> Story:
        self._case = cases.note(self.case, at(moment))
        return self

    def status(self, moment: str, status: Status, day: str = "2026-03-11") -> Story:
        self._case = cases.set_status(self.case, status, self.policy, at(moment, day))
        return self

    def resolve(self, moment: str, day: str = "2026-03-11") -> Story:
        self._case = cases.resolve(self.case, at(moment, day))
        return self

    def reopen(self, moment: str, day: str = "2026-03-11") -> Story:
        self._case = cases.reopen(self.case, self.policy, at(moment, day))
        return self

    def acknowledge(self, moment: str, by: str = "li") -> Story:
        self._case = cases.acknowledge(self.case, by, at(moment))
        return self

    def expire(self, moment: str, day: str = "2026-03-11") -> Story:
        self._case = cases.expire(self.case, at(moment, day), self.policy)
        return self

    def does(self, step: Callable[[Case, datetime], Case], moment: str, day: str = "2026-03-11") -> Story:
        """A step that needs no policy."""
        self._case = step(self.case, at(moment, day))
        return self

    def decides(self, step: Callable[[Case, Policy, datetime], Case], moment: str, day: str = "2026-03-11") -> Story:
        """A step under the story's policy."""
        self._case = step(self.case, self.policy, at(moment, day))
        return self

    def prioritise(self, moment: str, priority: Priority, day: str = "2026-03-11") -> Story:
        self._case = cases.prioritise(self.case, priority, self.policy, at(moment, day))
        return self

    def withdraw(self, said: str, moment: str) -> Story:
        self._case = cases.withdraw(self.case, a_message(at=at(said)), self.policy, at(moment))
        return self

    def reject(self, said: str, moment: str, day: str = "2026-03-11") -> Story:
        """The platform says that it did not take the reply of `said`."""
        self._case = cases.fail_reply(self.case, at(said), self.policy, at(moment, day))
        return self

    def confirm(self, moment: str, keys: Iterable[str] | None = None) -> Story:
        told = [effect.key for effect in self.case.outbox] if keys is None else keys
        self._case = cases.confirm(self.case, told, at(moment), at(moment))
        return self

    def clock(self, metric: Metric, period: int | None = None, episode: int | None = None) -> Clock:
        """The last clock of a metric, or the one of a period."""
        found = [
            clock
            for clock in self.case.clocks
            if clock.metric is metric and period in (None, clock.period) and episode in (None, clock.episode)
        ]
        return found[-1]

    def clocks(self, metric: Metric) -> list[Clock]:
        return [clock for clock in self.case.clocks if clock.metric is metric]

    def effects(self, kind: EffectKind) -> list[str]:
        """The clocks that effects of a kind tell of."""
        return [effect.clock for effect in self.case.outbox if effect.kind is kind]

    def escalated(self) -> list[tuple[str, ...]]:
        return [effect.reasons for effect in self.case.outbox if effect.kind is EffectKind.ESCALATION]

    def _message(self, author: Author, said: str, received: str, day: str, **understood: Any) -> Story:
        sent_at, received_at = at(said, day), at(received or said, day)
        message = a_message(author=author, at=sent_at, received_at=received_at)
        assessment = an_assessment(**understood)
        self._case = cases.receive(self._case, message, assessment, self.policy, received_at)
        return self


def elapsed(clock: Clock) -> float:
    """Seconds from a clock's start to its end."""
    assert clock.stopped_at is not None
    return (clock.stopped_at - clock.started_at).total_seconds()


def when(moment: datetime | None) -> datetime:
    assert moment is not None
    return moment
