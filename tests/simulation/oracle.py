"""What must hold of a run, judged from outside: by what was said, answered and received, and what the table holds.

It shares no code with what it judges. It knows the promises of policy.yaml by heart (`people.MOODS`), reads stored JSON
by field name, and computes every promise anew from the times at which things were said.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.linked import Links
from tests.simulation.people import ACKNOWLEDGED_MS, PERSONAL, Talk
from tests.simulation.platforms import SECRETS, Delivery
from tests.simulation.promised import NEVER, Course, Promise, Told, milliseconds
from tests.simulation.wecom import ACCESS, TOKEN
from tests.simulation.world import Clocks, World

METRICS = ("first_response", "next_response", "resolution")  # a platform's reply window is not judged here
UNDER_WAY_MS = 15_000  # what announce had read before an answer may be told so long after it
_PRIVATE = (*PERSONAL, *(value for secret in SECRETS.values() for value in secret.values()), TOKEN, ACCESS)
# What may become of a clock in one version of its case.
_AFTER = {
    "running": {"running", "paused", "met", "breached", "breached_met", "cancelled", "retracted"},
    "paused": {"paused", "running", "met", "cancelled"},
    "breached": {"breached", "breached_met", "retracted"},
    "breached_met": {"breached_met", "retracted"},
    "cancelled": {"cancelled", "met"},
    "met": {"met"},
    "retracted": {"retracted"},
}
_ENDED = ("met", "breached", "breached_met", "cancelled", "retracted")


@dataclass
class Oracle:
    """Hears everything that leaves the system, and sees each write to its table as it is committed."""

    world: World
    clocks: Clocks
    findings: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    stored_ms: dict[tuple[str, str], int] = field(default_factory=dict)
    cases: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    notices: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    escalations: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    broken_bodies: set[bytes] = field(default_factory=set)
    lags_ms: list[int] = field(default_factory=list)
    judged: Counter[str] = field(default_factory=Counter)
    told_by_ms: dict[str, int] = field(default_factory=dict)
    held: dict[tuple[str, str], str] = field(default_factory=dict)
    deadlines: dict[tuple[str, str, str], str] = field(default_factory=dict)
    bundles: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: Links = field(init=False)
    _versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    _windows: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _customers: dict[str, tuple[str, str]] = field(default_factory=dict)
    _bookmarks: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.links = Links(self.world, self.find)

    def find(self, what: str, example: object = "") -> None:
        self.findings[what] += 1
        self.examples.setdefault(what, f"at {self.world.ms} ms: {example}")

    # -- hearing

    def answered(self, delivery: Delivery, status: int, success: bool) -> None:
        if delivery.forged:
            if success or status not in (401, 500, 503):
                self.find("a forged request was not refused", status)
            return
        if not success and status not in (500, 503):
            self.find("a genuine request was refused", (delivery.id, status))
        for said in delivery.said:
            if success and said.accepted_ms is None:
                said.accepted_ms = self.world.ms
        if success and delivery.broken:
            self.broken_bodies.add(delivery.body)

    def line(self, text: str) -> None:
        """A line that a function logged."""
        if any(private in text for private in _PRIVATE) or self.links.leaked(text):
            self.find("something personal was logged", text[:200])
        if '"message":"bug"' in text or '"level":"ERROR"' in text:
            self.world.bug(text)

    def escalated(self, entry: dict[str, Any]) -> None:
        self.world.log("escalation", entry["MessageBody"])
        self._private("an escalation", entry)
        body = json.loads(entry["MessageBody"])
        self.escalations[body["case_id"]][body["key"]] += 1

    def noticed(self, entry: dict[str, Any]) -> None:
        self.world.log("notice", entry["Message"])
        self._private("a notice", entry)
        body = json.loads(json.loads(entry["Message"])["default"])
        for line in body.get("worst", [body]):
            self.links.told(line)
        if body["kind"] == "digest":
            self._digested(body)
            return
        self._one(Told(self.world.ms, body))

    def _digested(self, digest: dict[str, Any]) -> None:
        """Each notice that a digest stands for, as if it had come by itself."""
        self.world.counts["digests received"] += 1
        self.told_by_ms.setdefault(digest["key"], self.world.ms)
        for key in digest["tells"]:
            case_id, clock, version, kind, *level = key.split("/")
            deadline = self.deadlines.get((case_id, clock, version[1:]))
            if deadline is None:
                self.find("a digest told of a promise that nobody made", key)
                continue
            about = {"key": key, "kind": kind, "case_id": case_id, "clock": clock, "metric": clock.split(".")[1]}
            about["level"] = int(level[0]) if level else 1
            body = about | {"deadline_at": deadline, "occurred_at": digest["occurred_at"]}
            self._one(Told(self.world.ms, body, digest["key"]))

    def _one(self, told: Told) -> None:
        body = told.body
        early_ms = milliseconds(body["deadline_at"]) - self.world.ms
        if body["kind"] == "breach" and early_ms >= self.clocks.fast_ms:
            self.find("a promise was announced as broken before its deadline", body)
        self.notices[body["case_id"]].append(told)

    def _private(self, what: str, entry: object) -> None:
        text = json.dumps(entry, ensure_ascii=False)
        if any(private in text for private in _PRIVATE):
            self.find(f"{what} held something personal", text[:200])

    def written(self, key: tuple[str, str], item: dict[str, Any]) -> None:
        """One write, as it is committed: a case goes forward, and what has ended has ended."""
        self.world.log("written", *key)
        if self.world.running == "page":
            self.links.written()
        if key[1].startswith("M#"):
            self._message_written(item)
        elif key[1] == "CASE":
            self._case_written(key[0], item)
        elif key[1] == "BUNDLE":
            bundle = json.loads(item["bundle"]["S"])
            if bundle["version"] <= self.bundles.get(key[0], {"version": 0})["version"]:
                self.find("a bundle's version did not rise", bundle)
            self.bundles[key[0]] = bundle
            self._gathered(bundle)
        elif key[1].startswith("B#"):
            if item["pulled_to"]["S"] < self._bookmarks.get(key, ""):
                self.find("a bookmark went back", key)
            self._bookmarks[key] = item["pulled_to"]["S"]

    def _message_written(self, item: dict[str, Any]) -> None:
        message = json.loads(item["message"]["S"])["message"]
        identity = (message["channel"], message["id"])
        if identity in self.stored_ms:
            self.find("a message was stored twice", identity)
        self.stored_ms.setdefault(identity, self.world.ms)

    def _case_written(self, pk: str, item: dict[str, Any]) -> None:
        case = json.loads(zlib.decompress(item["case"]["B"]))
        before = self._versions.get(pk)
        if case["version"] <= (before["version"] if before else 0):
            self.find("a case's version did not rise", (case["id"], case["version"]))
        if before:
            self._forward(before, case)
        self.links.case(case)
        self._versions[pk] = case
        self._customers[case["id"]] = case["channel"], case["customer"]
        self.cases[self._customers[case["id"]]] = case
        self._noted(case)

    def _noted(self, case: dict[str, Any]) -> None:
        """Deadlines, as a version of a case has them: a digest names promises by their keys only."""
        for clock in case.get("clocks", ()):
            if clock.get("deadline_at"):
                self.deadlines[case["id"], _name(clock), str(clock.get("deadline_version", 1))] = clock["deadline_at"]

    def _gathered(self, bundle: dict[str, Any]) -> None:
        """Which breaches wait for which digest, and which windows have been told of: nobody keeps them any more."""
        window = bundle.get("window") or {}
        kept = {window.get("name"), *(telling["window"]["name"] for telling in bundle.get("outbox", ()))}
        for name in self._windows[bundle["key"]] - kept:
            self.told_by_ms.setdefault(name, self.world.ms)
        self._windows[bundle["key"]] = kept
        for _, key in window.get("held", ()):
            case_id, clock, _, kind = key.split("/")[:4]
            if kind == "breach":
                self.held[case_id, clock] = window["name"]

    def _forward(self, before: dict[str, Any], case: dict[str, Any]) -> None:
        """No clock takes a step back; one that still ran may leave only when its metric has begun the next."""
        after = {_name(clock): clock["state"] for clock in case.get("clocks", ())}
        last = {clock["metric"]: (clock["episode"], clock["period"]) for clock in case.get("clocks", ())}
        for clock in before.get("clocks", ()):
            name, state = _name(clock), clock["state"]
            if name in after:
                held = after[name] in _AFTER[state]
            else:
                held = last.get(clock["metric"], (0, 0)) > (clock["episode"], clock["period"]) or state in _ENDED
            if not held:
                self.find("a clock went backwards", (case["id"], name, state, after.get(name)))

    def customer_of(self, case_id: str) -> tuple[str, str]:
        """Channel and customer of a case."""
        return self._customers[case_id]

    def case_of(self, channel: str, customer: str) -> str | None:
        case = self.cases.get((channel, customer))
        return case["id"] if case else None

    # -- judging

    def judge(self, talks: Iterable[Talk], items: dict[tuple[str, str], dict[str, Any]]) -> None:
        """Everything, once the world has come to rest."""
        for what in self.world.bugs:
            self.find("a function met a bug", what)
        self._stored(talks, items)
        for talk in talks:
            case = self.cases.get((talk.channel, talk.customer))
            if case is not None:
                self._judge_talk(talk, case)
        for case in self._versions.values():
            if case.get("outbox"):
                self.find("an effect was never told, or never filed", (case["id"], case["outbox"]))
        for bundle in self.bundles.values():
            if bundle.get("outbox") or (bundle.get("window") or {}).get("held"):
                self.find("a digest was never told, or never filed", bundle)
        for (pk, _), item in items.items():
            if "due_at" in item and milliseconds(item["due_at"]["S"]) <= self.world.ms:
                self.find("a case was due and nobody looked", (pk, item["due_at"]))

    def _stored(self, talks: Iterable[Talk], items: dict[tuple[str, str], dict[str, Any]]) -> None:
        kept = Counter(
            (message["channel"], message["id"])
            for item in items.values()
            if "message" in item
            for message in [json.loads(item["message"]["S"])["message"]]
        )
        known = {(said.channel, said.id) for talk in talks for said in talk.said}
        for identity in kept.keys() - known:
            self.find("a message was stored that nobody said", identity)
        for said in (said for talk in talks for said in talk.said):
            count = kept[said.channel, said.id]
            if count > 1 or (said.accepted_ms is not None and count != 1):
                self.find("an accepted message was not stored exactly once", (said.channel, said.id, count))
            if said.accepted_ms is None and not said.gave_up and not said.by_brand:
                self.find("a message was neither accepted nor given up", said.id)
        raw = {item["raw"]["B"] for item in items.values() if "raw" in item}
        if not self.broken_bodies <= raw:
            self.find("an unreadable delivery was lost", len(self.broken_bodies - raw))

    def _judge_talk(self, talk: Talk, case: dict[str, Any]) -> None:
        course = Course.of(talk, self.stored_ms, self.clocks)
        notices = sorted(self.notices.get(case["id"], ()), key=lambda told: told.ms)
        self._keys(case, course, notices)
        self._levels(case, course, notices)
        self._escalation(case, course)
        self._waiting(case, course)
        self._promises(case, course, notices)

    def _keys(self, case: dict[str, Any], course: Course, notices: list[Told]) -> None:
        """Repetitions share one key, so a receiver that drops repeats sees each breach once.

        Of a digest with one case left, told as its notice, more may be left when cases were opened again.
        """
        keys = defaultdict(set)
        for told in notices:
            if told.body["kind"] in ("breach", "correction"):
                # A level that an acknowledgement held back may come once more, under a key of its own.
                keys[told.body["kind"], told.body["clock"], told.level].add("/".join(told.body["key"].split("/")[:5]))
        for about, several in keys.items():
            if len(several) > 1:
                self.find("repetitions of a notice had different keys", (case["id"], about, several))
        # A digest that comes again may have one case left, and be its notice: by itself after a digest is no mistake.
        # Topics keep no order: what counts is when each was said, not when it came.
        first: dict[str, Told] = {}
        for told in sorted(notices, key=lambda told: milliseconds(told.body["occurred_at"])):
            if told.digest and not first.setdefault(told.body["key"], told).digest and course.settled:
                self.find("what was told by itself was told again in a digest", (case["id"], told))
            first.setdefault(told.body["key"], told)

    def _levels(self, case: dict[str, Any], course: Course, notices: list[Told]) -> None:
        """Within the limit of an acknowledgement no further level is told.

        An answer ends it, and so does whatever closes or opens the case.
        """
        wrong_ms = 3 * max(map(abs, self.clocks.skews.values()), default=0)
        answers = [at for one, at in zip(course.said, course.stored_ms, strict=True) if one.by_brand]
        ended = [(at, at) for at in answers]
        ended += [(act.begun_ms, act.done_ms or NEVER) for act in course.acts("resolve", "reopen")]
        for act in course.acts("acknowledge"):
            if act.done_ms is None or not act.changed:
                continue
            self.judged["acknowledgements held to their limit"] += 1
            silent = range(act.done_ms + wrong_ms + 1, act.begun_ms + ACKNOWLEDGED_MS - wrong_ms)
            for told in (told for told in notices if told.level > 1):
                at = milliseconds(told.body["occurred_at"])
                if at in silent and not any(act.begun_ms <= last and first <= at + wrong_ms for first, last in ended):
                    self.find("a level was told within the limit of an acknowledgement", (case["id"], act, told))

    def _escalation(self, case: dict[str, Any], course: Course) -> None:
        needed = course.talk.mood.needs_people and any(not one.by_brand for one in course.said)
        keys = self.escalations.get(case["id"], Counter())
        if needed and not keys:
            self.find("a case that needs people was not escalated", case["id"])
        if keys and not needed:
            self.find("a case that needs nobody was escalated", case["id"])
        if len(keys) > 1 and course.settled:
            self.find("repetitions of an escalation had different keys", (case["id"], keys))

    def _waiting(self, case: dict[str, Any], course: Course) -> None:
        """The case counts each unanswered message once."""
        if course.resolved or not course.in_order:
            return
        expected = 0
        for one in course.said:
            expected = 0 if one.by_brand else expected + 1
        if case.get("waiting_messages", 0) != expected:
            self.find("unanswered messages were miscounted", (case["id"], case.get("waiting_messages", 0), expected))

    def _promises(self, case: dict[str, Any], course: Course, notices: list[Told]) -> None:
        slack = self.clocks.slow_ms
        breaches = {told.body["clock"]: told for told in reversed(notices) if told.body["kind"] == "breach"}
        corrected = {told.body["clock"] for told in notices if told.body["kind"] == "correction"}
        orderly = course.settled and course.in_order
        owed = list(course.owed())
        for promise in owed:
            met = [told for told in breaches.values() if told.about(promise, slack)]
            standing = [told for told in met if told.body["clock"] not in corrected]
            if orderly or (promise.metric == "first_response" and course.settled and course.first_is_plain):
                self._judge_promise(case, promise, standing, course)
            if orderly and promise.kept_ms == NEVER and not course.acts("resolve", "pending_customer", "on_hold"):
                self._to_the_last_level(case, promise, course, notices)
            if promise.kept(slack) and promise.told_ms is not None:
                self._not_after_proof(case, promise, promise.told_ms, met, notices)
        if orderly and not course.acts("pending_customer", "on_hold"):
            for told in breaches.values():
                if told.body["metric"] not in METRICS or told.body["clock"] in corrected:
                    continue
                if not any(told.about(promise, slack) for promise in owed):
                    self.find("something was announced that nobody was promised", (case["id"], told.body))

    def _judge_promise(self, case: dict[str, Any], promise: Promise, standing: list[Told], course: Course) -> None:
        slack = self.clocks.slow_ms
        self.judged["promises judged to the instant"] += 1
        if promise.broken(slack):
            self.judged["of these broken"] += 1
            if not standing and not self._dropped(case, promise, course):
                self.find("a broken promise was not announced", (case["id"], promise))
        if promise.kept(slack) and standing:
            self.find("a kept promise was announced as broken", (case["id"], promise))
        self.lags_ms += [told.ms - promise.due_ms for told in standing[:1] if not told.digest]

    def _to_the_last_level(self, case: dict[str, Any], promise: Promise, course: Course, notices: list[Told]) -> None:
        """Whoever is never answered is told of at every level: an acknowledgement holds a chain and does not end it."""
        if promise.metric == "resolution" and any(one.by_brand for one in course.said):
            return  # an answer ended its chain
        told = [
            each.level for each in notices if each.body["kind"] == "breach" and each.about(promise, self.clocks.slow_ms)
        ]
        self.judged["chains followed to their last level"] += 1
        if told and max(told) < course.talk.mood.levels:
            self.find("a chain did not reach its last level", (case["id"], promise, max(told)))

    def _dropped(self, case: dict[str, Any], promise: Promise, course: Course) -> bool:
        """Whether its notice was withheld, and what it asked for had happened before the digest could tell it.

        Any answer to it will do, stored in any order: whoever was answered once waits no more.
        """
        slack = self.clocks.slow_ms
        answers = [
            at
            for one, at in zip(course.said, course.stored_ms, strict=True)
            if one.by_brand and one.said_ms >= promise.began_ms
        ]
        known = promise.kept_ms if promise.told_ms is None else promise.told_ms
        ended_ms = min([known, *answers])
        for (case_id, clock, _), deadline in self.deadlines.items():
            window = self.held.get((case_id, clock))
            about = clock.split(".")[1] == promise.metric and abs(milliseconds(deadline) - promise.due_ms) <= slack
            if case_id == case["id"] and window and about:
                self.judged["of these withheld, and answered before they were told"] += 1
                return ended_ms <= self.told_by_ms.get(window, NEVER - 1)
        return False

    def _not_after_proof(
        self, case: dict[str, Any], promise: Promise, told_ms: int, met: list[Told], notices: list[Told]
    ) -> None:
        """Proof that was stored before the deadline leaves nothing to announce; a warning after it is stale."""
        if met and told_ms < promise.due_ms - self.clocks.fast_ms:
            self.find("a promise known to be kept was announced as broken", (case["id"], promise))
        known = told_ms + self.clocks.fast_ms + UNDER_WAY_MS
        for told in notices:
            late = milliseconds(told.body["occurred_at"]) > known
            if late and told.body["kind"] == "warning" and told.about(promise, 0):
                self.find("a warning came after the answer", (case["id"], promise, told.body))


def _name(clock: dict[str, Any]) -> str:
    return f"{clock['episode']}.{clock['metric']}.{clock['period']}"
