"""Customers who write; agents who answer at the desk or in the platform's own app, and meddle at the worst moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from heed.platforms import Request
from tests.simulation import wecom
from tests.simulation.platforms import Platforms, Said, event
from tests.simulation.world import World

SECOND = 1000
MINUTE = 60 * SECOND


@dataclass(frozen=True)
class Mood:
    """What somebody writes, in words whose meaning is beyond doubt, and what policy.yaml promises for it.

    `levels` are those of the chain by which a broken promise is told.
    """

    texts: dict[str, str]
    reply_ms: int | None
    resolution_ms: int | None
    needs_people: bool = False
    levels: int = 1


MOODS = {
    "fire": Mood(
        {"en": "The charger caught fire and burned my hand", "zh": "充电器着火了，我的手被烧伤了"},
        MINUTE,
        40 * MINUTE,
        needs_people=True,
        levels=3,
    ),
    "complaint": Mood(
        {"en": "My parcel arrived broken and I am unhappy.", "zh": "我要投诉，快递坏了"},
        5 * MINUTE,
        60 * MINUTE,
        levels=2,
    ),
    "question": Mood({"en": "Where is my order?", "zh": "请问什么时候发货"}, 20 * MINUTE, 120 * MINUTE),
    "praise": Mood({"en": "Thank you, great service!", "zh": "谢谢，很满意"}, None, None),
}
ACKNOWLEDGED_MS = 12 * MINUTE
FORGOTTEN = 0.04
ANSWER = "We are on it"
# None of these may ever stand in a log, an escalation or a notice.
PERSONAL = (
    *(text for mood in MOODS.values() for text in mood.texts.values()),
    ANSWER,
    "zebra-",
    "oVq8e6HkT2n",
    "76543210",
    "wmQ7rXbHAAA",
)
CHANNELS = ("wechat/flagship", "facebook/page", "webhook/form", wecom.CHANNEL)
_CUSTOMERS = {
    "wechat/flagship": "oVq8e6HkT2n{:07}",
    "facebook/page": "76543210{:08}",
    "webhook/form": "zebra-{}",
    wecom.CHANNEL: "wmQ7rXbHAAA{:07}",
}
_IDS = {"wechat": "2489{:013}", "facebook": "m_{}", "webhook": "web-{}", "wecom": "wecom-{}"}
ANN = {"iam": {"userArn": "arn:aws:sts::123456789012:assumed-role/Desk/ann"}}


@dataclass
class Act:
    """Something an agent did to a case at the desk, or who was on call at the page of a link.

    It took effect between `begun_ms` and `done_ms`, if that is known. `changed` is what the desk said of it, not if an
    earlier try had done it whose answer was lost; or whether the page then showed that the case was theirs.
    """

    kind: str
    begun_ms: int
    done_ms: int | None = None
    changed: bool = False


@dataclass
class Talk:
    """One customer's conversation, as the people in it know it."""

    channel: str
    customer: str
    mood: Mood
    said: list[Said] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)


class People:
    """Plays conversations. `case_of(channel, customer)` is the case an agent has on the screen, or None."""

    def __init__(self, world: World, platforms: Platforms, case_of: Callable[[str, str], str | None]) -> None:
        self.world = world
        self.platforms = platforms
        self.case_of = case_of
        self.talks: list[Talk] = []
        self.by_customer: dict[tuple[str, str], Talk] = {}
        self.messages = 0
        self._ids = 0

    def open_talks(self, messages: int, span_ms: int) -> None:
        """Plan conversations of so many customer messages in all, begun at any time of the span."""
        random = self.world.random
        while self.messages < messages:
            channel = random.choice(CHANNELS)
            mood = random.choices(list(MOODS.values()), (1, 2, 4, 3))[0]
            talk = Talk(channel, _CUSTOMERS[channel].format(len(self.talks)), mood)
            self.talks.append(talk)
            self.by_customer[talk.channel, talk.customer] = talk
            rounds = [random.choice((1, 1, 2, 3, 4)) for _ in range(random.choice((1, 1, 2, 3)))]
            self.messages += sum(rounds)
            self.world.schedule(random.randrange(span_ms), self._play, talk, rounds, random.random() < 0.35)

    def _play(self, talk: Talk, rounds: list[int], disturbed: bool) -> None:
        """Schedule a conversation from here: rounds of messages and answers, then perhaps its end.

        A few are forgotten: nobody answers, nobody resolves; who is on call may take them and then forget them too.
        """
        random, at = self.world.random, 0
        if random.random() < FORGOTTEN:
            self._speak(talk, 1, disturbed)
            return
        for count in rounds:
            at = self._round(talk, count, at, disturbed)
        if disturbed and random.random() < 0.5:
            for _ in range(random.randint(1, 3)):
                kind = random.choice(("acknowledge", "pending_customer", "on_hold", "open", "note", "read"))
                self.world.schedule(random.randint(0, at + MINUTE), self.act, talk, Act(kind, 0))
        if random.random() < 0.9:
            limit = talk.mood.resolution_ms or 30 * MINUTE
            soon, edge, late = random.randint(1, limit // 8), limit - at, limit + random.randint(1, limit)
            end = at + random.choices((soon, edge, late), (8, 1, 1))[0]
            self.world.schedule(end, self.act, talk, Act("resolve", 0))
            if disturbed and random.random() < 0.3:
                self.world.schedule(end + random.randint(1, 10 * MINUTE), self._speak, talk, 1, disturbed)
            elif disturbed and random.random() < 0.2:
                self.world.schedule(end + random.randint(1, 10 * MINUTE), self.act, talk, Act("reopen", 0))
        if random.random() < 0.1:
            self.world.schedule(random.randint(0, at + MINUTE), self.platforms.disturb, talk.channel)

    def _round(self, talk: Talk, count: int, at: int, disturbed: bool) -> int:
        """Some messages and, mostly, an answer: in time, at the very deadline, an instant late, or far too late."""
        random = self.world.random
        if _by_the_second(talk.channel):
            at += -(self.world.ms + at) % SECOND
        first = at
        burst = count > 1 and random.random() < 0.5
        for number in range(1 if burst else count):
            at += number and random.randint(1, 20 * SECOND)
            self.world.schedule(at, self._speak, talk, count if burst else 1, disturbed)
        promised = talk.mood.reply_ms or 10 * MINUTE
        early, late = int(promised * random.uniform(0.02, 0.9)), int(promised * random.uniform(1.1, 2.5))
        answered = first + random.choices((early, promised, promised + 1, late), (12, 1, 1, 2))[0]
        if random.random() < 0.93:
            at = max(at, answered)
            self.world.schedule(at, self._answer, talk, disturbed)
        return at + random.randint(1, 10 * MINUTE)

    def _speak(self, talk: Talk, count: int, disturbed: bool) -> None:
        random = self.world.random
        text = talk.mood.texts["zh" if _by_the_second(talk.channel) else "en"]
        said_ms = self.world.ms
        if _by_the_second(talk.channel):
            said_ms -= said_ms % SECOND
        said = [Said(talk.channel, talk.customer, self._id(talk.channel), False, text, said_ms) for _ in range(count)]
        talk.said += said
        self.platforms.send(said, disturbed=disturbed and random.random() < 0.7)

    def _answer(self, talk: Talk, disturbed: bool) -> None:
        """The brand answers: seen as the platform's echo, or recorded at the desk."""
        random = self.world.random
        said = Said(talk.channel, talk.customer, self._id(talk.channel), True, ANSWER, self.world.ms)
        talk.said.append(said)
        if not talk.channel.startswith("wechat") and random.random() < 0.5:
            said.said_ms -= said.said_ms % SECOND if _by_the_second(talk.channel) else 0
            self.platforms.send([said], disturbed=disturbed)
        else:
            self._record(talk, said)

    def _record(self, talk: Talk, said: Said) -> None:
        case = self.case_of(talk.channel, talk.customer)
        if case is not None:
            at = self.world.at(said.said_ms).isoformat()
            body = {"text": said.text, "message_id": said.id, "sent_at": at}
            if self._desk(f"cases/{case}/reply", body)[0] == 200:
                said.accepted_ms = said.accepted_ms or self.world.ms
                return
        if self.world.ms - said.said_ms < 6 * 60 * MINUTE:
            self.world.schedule(self.world.random.randint(2, 30) * SECOND, self._record, talk, said)

    def act(self, talk: Talk, act: Act, tries: int = 0) -> None:
        """Do something to a case at the desk, again and again until it says that it is done, or cannot be."""
        if not tries:
            act.begun_ms = self.world.ms
            talk.acts.append(act)
        case = self.case_of(talk.channel, talk.customer)
        status, act.changed = self._desk(*_asked(act.kind, case)) if case else (404, False)
        if status == 200:
            act.done_ms = self.world.ms
        elif status in (404, 500, 503) and tries < 100:
            self.world.schedule(self.world.random.randint(2, 30) * SECOND, self.act, talk, act, tries + 1)

    def _desk(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, bool]:
        """The status that the desk answers, 500 if it never did, and whether it says that something changed."""
        method = "GET" if body is None else "POST"
        request = Request(method, "", {"content-type": "application/json"}, json.dumps(body or {}).encode())
        answer, failure = self.world.invoke("desk", event(request, {"proxy": path}, authorizer=ANN))
        status = 500 if failure else int(answer["statusCode"])
        self.world.log("desk", path, status)
        self.world.counts[f"desk answered {status}"] += 1
        return status, status == 200 and json.loads(answer["body"]).get("changed", False)

    def _id(self, channel: str) -> str:
        self._ids += 1
        return _IDS[channel.split("/")[0]].format(self._ids)


def _by_the_second(channel: str) -> bool:
    """Whether the platform's clock shows whole seconds."""
    return channel.startswith(("wechat", "wecom"))


def _asked(kind: str, case: str) -> tuple[str, dict[str, Any] | None]:
    if kind == "read":
        return f"cases/{case}", None
    if kind in ("pending_customer", "on_hold", "open"):
        return f"cases/{case}/status", {"status": kind}
    return f"cases/{case}/{kind}", {"text": ANSWER} if kind == "note" else {}
