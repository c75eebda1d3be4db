"""Random stories of a case with late, early and crossing events, and a plain list of who waits beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import strategies as st

from heed import cases
from heed.cases import waiting
from heed.cases.hearing import LATE_INGEST
from heed.model import (
    Author,
    Case,
    Chain,
    ClockState,
    Kind,
    Level,
    Metric,
    Priority,
    RiskName,
    Status,
    Surface,
)
from heed.policy import ELAPSED, Policy, Target
from tests.unit.builders import a_message, a_policy, an_assessment, at, people, targets

REOPEN_WINDOW = timedelta(hours=2)
REPLIES = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
LIVE = (ClockState.RUNNING, ClockState.PAUSED)
MINUTE = timedelta(minutes=1)


def _policy(version: str, calendar: str, fast: int) -> Policy:
    return a_policy(
        calendar=calendar,
        warn_share=0.75,
        by_priority={Priority.P1: targets(fast, fast, 3600, calendar, 0.75)},
        changes={
            "version": version,
            "reopen_window_seconds": REOPEN_WINDOW.total_seconds(),
            "people": people(risks=frozenset(RiskName), contacted_again_seconds=600),
            "reply_windows": {"wechat": {Surface.DIRECT: Target(5400, ELAPSED, 0.75)}},
            "chains": dict.fromkeys(Priority, Chain((Level(0), Level(300), Level(900)), 600)),
        },
    )


POLICIES = {
    "always": [_policy("1", "always", 300), _policy("2", "always", 600)],
    "office": [_policy("1", "office", 300), _policy("2", "office", 600)],
}


@dataclass(frozen=True)
class Event:
    """What happens `gap` after the last event, by our clock. A message was said `lag` before; negative is skew."""

    name: str
    gap: timedelta
    lag: timedelta = timedelta()
    risky: bool = False
    status: Status = Status.OPEN
    number: int = 0


gaps = st.one_of(
    st.integers(0, 40).map(lambda n: n * MINUTE),
    st.integers(0, 5).map(lambda n: timedelta(seconds=n)),
    st.integers(1, 5).map(lambda n: timedelta(hours=n)),
)
lags = st.one_of(st.just(timedelta()), st.integers(-120, 2400).map(lambda n: timedelta(seconds=n)))
names = st.sampled_from(
    ["customer"] * 4
    + ["agent"] * 3
    + ["expire"] * 3
    + ["bot", "desk", "status", "status", "resolve", "reopen", "acknowledge", "assign", "note", "confirm", "policy"]
    + ["priority", "adopt", "withdraw", "spam", "unspam", "contain", "reject", "merge", "merge", "split"]
)
events = st.builds(
    Event,
    name=names,
    gap=gaps,
    lag=lags,
    risky=st.booleans(),
    status=st.sampled_from([Status.OPEN, Status.PENDING_CUSTOMER, Status.ON_HOLD]),
    number=st.integers(0, 9),
)
stories = st.lists(events, min_size=1, max_size=25)
openings = st.sampled_from(["customer", "customer", "agent", "bot"])


@dataclass
class Teller:
    """Applies events to a case, and keeps a plain list of who waits beside it."""

    calendar: str
    now: datetime = field(default_factory=lambda: at("10:00"))
    case: Case | None = None
    policy: Policy = field(init=False)
    unanswered: list[datetime] = field(default_factory=list)
    last_reply: datetime | None = None

    def __post_init__(self) -> None:
        self.policy = POLICIES[self.calendar][0]

    def tell(self, number: int, event: Event) -> Case:
        self.now += event.gap
        if event.name in ("customer", "agent", "bot"):
            self.case = self._message(f"m{number}", event)
        elif self.case is not None:
            self.case = self._change(self.case, event)
        assert self.case is not None
        return self.case

    def _message(self, name: str, event: Event) -> Case:
        author = Author(event.name)
        message = a_message(id=name, at=self.now - event.lag, received_at=self.now, author=author)
        said_at = min(message.sent_at, self.now)
        if author is Author.CUSTOMER:
            self._wait(max(said_at, self.now - LATE_INGEST))
        elif author is Author.AGENT:
            self._answer(said_at)
        kind, risks = (Kind.COMPLAINT, [RiskName.SAFETY]) if event.risky else (Kind.QUESTION, [])
        return cases.receive(self.case, message, an_assessment(kind, risks), self.policy, self.now)

    def _wait(self, start: datetime) -> None:
        resolved = self.case.resolved_at if self.case and not self.case.spam else None
        if resolved is not None and start - resolved > REOPEN_WINDOW:
            self.last_reply = None
        if self.last_reply is None or start > self.last_reply:
            self.unanswered.append(start)

    def _answer(self, said_at: datetime) -> None:
        self.last_reply = max(self.last_reply or said_at, said_at)
        self.unanswered = [start for start in self.unanswered if start > said_at]

    def _change(self, case: Case, event: Event) -> Case:
        match event.name:
            case "desk":
                return self._replied(case)
            case "status":
                return cases.set_status(case, event.status, self.policy, self.now)
            case "resolve":
                self.unanswered = self.unanswered if case.spam else []
                return cases.resolve(case, self.now)
            case "reopen":
                return cases.reopen(case, self.policy, self.now)
            case "acknowledge":
                return cases.acknowledge(case, "li", self.now)
            case "withdraw" | "split" | "reject" | "merge":
                return self._reshaped(case, event)
            case "assign":
                return cases.assign(case, "care", f"agent-{event.number}", self.now)
            case "confirm":
                told = [effect.key for effect in case.outbox[: event.number]]
                return cases.confirm(case, told, self.now, self.now)
            case "policy":
                self.policy = POLICIES[self.calendar][event.number % 2]
                return case
        return self._ruled(case, event)

    def _replied(self, case: Case) -> Case:
        self._answer(self.now)
        return cases.reply(case, self.policy, self.now)

    def _ruled(self, case: Case, event: Event) -> Case:
        """What people, a bot or a new policy say of the case as a whole."""
        match event.name:
            case "contain":
                self.unanswered = self.unanswered if case.spam else []
                return cases.contain(case, self.now)
            case "priority":
                return cases.prioritise(case, list(Priority)[event.number % 4], self.policy, self.now)
            case "spam":
                return cases.mark_spam(case, self.now)
            case "unspam":
                return cases.unmark_spam(case, self.policy, self.now)
            case "adopt":
                return cases.adopt(case, self.policy, self.now)
            case "note":
                return cases.note(case, self.now)
        return cases.expire(case, self.now, self.policy)

    def _reshaped(self, case: Case, event: Event) -> Case:
        """What moves messages; who waits after it is the case's own word, which the laws hold to its clocks."""
        waits = waiting.unanswered(case)
        if event.name == "merge":
            message = a_message(at=self.now - event.gap, received_at=self.now, conversation=f"c{self.now}")
            other = cases.receive(None, message, an_assessment(), self.policy, self.now)
            case, gone = cases.merge(case, other, self.policy, self.now)
            assert not any(clock.state in LIVE for clock in gone.clocks)
        elif event.name == "reject" and case.replies:
            said_at = case.replies[event.number % len(case.replies)]
            case = cases.fail_reply(case, said_at, self.policy, self.now)
        elif waits and event.name in ("withdraw", "split"):
            message = a_message(at=waits[event.number % len(waits)])
            if event.name == "withdraw":
                case = cases.withdraw(case, message, self.policy, self.now)
            else:
                case, _ = cases.split(case, [message], self.policy, self.now)
        self.unanswered = list(waiting.unanswered(case))
        self.last_reply = case.last_reply_at
        return case


def told(calendar: str, opening: str, story: list[Event]) -> list[tuple[Case | None, Event, Case, Teller]]:
    """Each step of a story: the case before, the event, the case after. The teller is as it was after the last."""
    teller, steps = Teller(calendar), []
    for number, event in enumerate([Event(opening, timedelta()), *story]):
        before = teller.case
        steps.append((before, event, teller.tell(number, event), teller))
    return steps
