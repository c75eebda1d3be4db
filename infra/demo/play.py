"""Playing the day: every step at its time, every request really signed, everything that happened kept as facts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from heed.cases import conversation_key
from heed.model import Case, ClockState
from heed.platforms import Broken, Reading, Request, Secret, Unreadable
from infra.demo.day import DAY, STORM_COPIES, STORM_THREADS, TAKEN, Act, Step
from infra.demo.listening import Listener
from infra.heedctl import channels, events, pages, posting, senders
from infra.heedctl.desk import Desk
from infra.heedctl.posting import Answer, Fate
from infra.heedctl.screen import Screen, clock_time, pad
from infra.heedctl.target import Target

SETTLE = timedelta(seconds=40)


@dataclass(frozen=True, slots=True)
class Sent:
    """A step that was done: the answers it got, and what Heed reads in what was sent."""

    step: Step
    statuses: tuple[int, ...]
    reading: Reading


@dataclass(frozen=True, slots=True)
class Followed:
    """What following a notice's link did: the answers to looking twice, to pressing, and the case after each."""

    looked: tuple[Answer, ...]
    pressed: Answer
    before: Case
    after_looking: Case
    after: Case


@dataclass
class Play:
    """One performance on one stack."""

    target: Target
    listener: Listener
    screen: Screen
    secrets: Mapping[str, Secret]
    sent: list[Sent] = field(default_factory=list)

    def day(self) -> None:
        """Every step at its time, or as soon after as the machine gets there."""
        begin = time.monotonic()
        for step in DAY:
            self.listener.until(lambda: False, begin + step.at)
            {Act.DESK_REPLY: self._desk_reply}.get(step.act, self._send)(step)

    def handshakes(self) -> None:
        """Platforms check an address before they use it."""
        for channel, secret in self.secrets.items():
            platform = channel.partition("/")[0]
            if platform == "webhook":
                continue
            request = senders.handshake(platform, secret, "heed-2026", at=datetime.now(UTC))
            answer = posting.post(self.target, channel, request)
            told = "is ours" if (answer.status, answer.text) == (200, "heed-2026") else f"HTTP {answer.status}"
            self._note(channel, f"the platform checks the address: it {told}")

    def settle(self) -> bool:
        """Wait until every promise that is due was broken and announced; whether that came to pass."""
        return self.listener.until(self._settled, time.monotonic() + SETTLE.total_seconds())

    def follow_link(self) -> Followed | None:
        """Open the link of a notice twice, as a preview and a person would, then press the button; None without one."""
        (fate,) = self.fates(TAKEN)
        mine = [
            letter.body["link"]
            for letter in self.listener.notices
            if fate.case and letter.body["case_id"] == fate.case.id
        ]
        if not mine or fate.case is None:
            return None
        address = f"case/{mine[-1].rsplit('/', 1)[-1]}"
        look = Request("GET", "", {"accept-language": "en"}, b"")
        form = Request("POST", "", {"content-type": "application/x-www-form-urlencoded"}, b"name=Li+Wei")
        looked = tuple(posting.call(self.target, address, look) for _ in range(2))
        after_looking = self._now(fate.case)
        pressed = posting.call(self.target, address, form)
        after = self._now(fate.case)
        self._note(
            after.channel, f"on call opens the link of {after.id} and takes it: {after.acknowledged_by or 'nobody'}"
        )
        return Followed(looked, pressed, fate.case, after_looking, after)

    def _now(self, case: Case) -> Case:
        return posting.table_of(self.target).load(case.key) or case

    def fates(self, event: str) -> list[Fate]:
        """What became of the messages of an event, as the table has them now."""
        messages = [message for sent in self.sent if sent.step.event == event for message in sent.reading.messages]
        return posting.fates(self.target, list({message.id: message for message in messages}.values()))

    def _send(self, step: Step) -> None:
        event, now = events.named(step.event), datetime.now(UTC)
        channel = f"{event.platform}/{event.account}"
        secret = self.secrets[channel]
        signing = channels.generate(event.platform) if step.act is Act.FORGE else secret
        request = events.request(event, signing, now)
        copies = STORM_COPIES if step.act is Act.STORM else 1
        with ThreadPoolExecutor(STORM_THREADS if copies > 1 else 1) as threads:
            answers = list(threads.map(lambda _: posting.post(self.target, channel, request), range(copies)))
        sent = Sent(step, tuple(answer.status for answer in answers), _reading(channel, request, signing, now))
        self.sent.append(sent)
        self._tell(sent, channel)

    def _desk_reply(self, step: Step) -> None:
        (fate,) = self.fates(step.event)
        case = Desk(self.target).reply(fate.case.id if fate.case else "", step.text)["case"]
        self.sent.append(Sent(step, (200,), Reading()))
        self._note(case["channel"], f"an agent answers {case['id']} through the desk")

    def _tell(self, sent: Sent, channel: str) -> None:
        if not set(sent.statuses) <= {200, 204}:
            self._note(
                channel, f"refused with {', '.join(map(str, sorted(set(sent.statuses))))}: not the channel's signature"
            )
            return
        if len(sent.statuses) > 1:
            self._note(channel, f"the same delivery {len(sent.statuses)} times, from {STORM_THREADS} senders at once")
        for name in sent.reading.ignored:
            self._note(channel, f"taken, nothing to keep: {name}")
        for part in sent.reading.broken:
            self._note(channel, f"taken, but unreadable ({part.reason}): kept in quarantine")
        for fate in posting.fates(self.target, sent.reading.messages):
            self.screen.show(pages.message_line(fate, self.screen))

    def _note(self, channel: str, text: str) -> None:
        at = self.screen.paint(clock_time(datetime.now(UTC)), "dim")
        self.screen.show(f"{at}  {pad(channel.partition('/')[0], 9)} {self.screen.paint(text, 'dim')}")

    def cases(self) -> list[Case]:
        """Every case of the day as it is now."""
        messages = [message for sent in self.sent for message in sent.reading.messages]
        keys = {conversation_key(message.channel, message.conversation) for message in messages}
        return list(posting.table_of(self.target).load_many(keys).cases.values())

    def _settled(self) -> bool:
        """No promise overdue but unbroken, no breach unpublished, nothing left to tell, every notice here."""
        now, told = datetime.now(UTC), {letter.body["key"] for letter in self.listener.notices}
        cases = self.cases()
        soon = [
            clock
            for case in cases
            for clock in case.clocks
            if clock.state is ClockState.RUNNING and clock.deadline_at and clock.deadline_at - now < SETTLE
        ]
        return not soon and not any(case.outbox for case in cases) and broken_promises(cases) <= told


def broken_promises(cases: Iterable[Case]) -> set[str]:
    """The key of the notice that each broken promise of these cases has to have."""
    return {
        f"{case.id}/{clock.id}/v{clock.deadline_version}/breach"
        for case in cases
        for clock in case.clocks
        if clock.state in (ClockState.BREACHED, ClockState.BREACHED_MET)
    }


def _reading(channel: str, request: Request, secret: Secret, at: datetime) -> Reading:
    """What an adapter reads in it: also in a forgery, as who signed it would have it read."""
    try:
        return posting.reading(channel, request, secret, at)
    except Unreadable as error:
        return Reading(broken=(Broken(error.reason, b""),))
