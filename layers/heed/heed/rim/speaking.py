"""Telling the world what the table's stream says: escalations, notices, digests, wakes, and a receipt for each.

Before it speaks it reads each case once more, so that nothing is announced which is no longer so or was told already.
Of cases it writes nothing: receipts go to the queue of `expire`, which takes the effect out of the case's outbox. What
the policy's measures against noise decide of a notice it records in their bundles, before anything is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from heed import cases, noise
from heed.announcing import Digest, Notice, digest, escalation, moot, notice, premature
from heed.announcing.facts import facts
from heed.model import Bundle, Case, Effect, EffectKind
from heed.noise import Verdict, Way
from heed.policy import Policy
from heed.rim.bundles import PREFIX, Bundles, from_stream
from heed.rim.queues import Entry, Lost, Receipt, Wake, Withheld
from heed.rim.withholding import Asked, verdicts
from heed.values import Value

Send = Callable[[Sequence[Entry]], Sequence[Lost]]

_COUNTED = {
    EffectKind.ESCALATION: "Escalations",
    EffectKind.WARNING: "Warnings",
    EffectKind.BREACH: "Breaches",
    EffectKind.CORRECTION: "Corrections",
    EffectKind.DIGEST: "Digests",
}


class Said(Value):
    """Which stream records have to come again, what was told, and each breach's seconds from deadline to notice."""

    failed: tuple[str, ...]
    counts: Counter[str]
    lags_seconds: tuple[float, ...]
    bugs: tuple[BaseException, ...]


class _Task(Value):
    """One effect to tell, the case as it is now, and the stream record that asked for it."""

    sequence: str
    case: Case
    effect: Effect

    def receipts(self) -> Iterator[tuple[str, str, bool]]:
        """Who has to hear that it was told: the case or bundle, the effect's key, and whether it was not moot."""
        yield self.case.key, self.effect.key, True


class _Together(Value):
    """One digest to tell, with what it tells."""

    sequence: str
    bundle: str
    effect: Effect
    digest: Digest

    def receipts(self) -> Iterator[tuple[str, str, bool]]:
        yield from ((case, key, True) for case, key in self.digest.told)
        yield from ((case, key, False) for case, key in self.digest.moot)
        yield f"{PREFIX}{self.bundle}", self.effect.key, self.digest.notice is not None


class _Batch:
    """Entries of one destination, each with what it stands for."""

    __slots__ = ("entries", "send", "tasks")

    def __init__(self, send: Send) -> None:
        self.send = send
        self.entries: list[Entry] = []
        self.tasks: list[_Task | _Together | str] = []

    def add(self, entry: Entry, task: _Task | _Together | str) -> None:
        self.entries.append(entry)
        self.tasks.append(task)

    def flush(self) -> tuple[set[str], list[_Task | _Together]]:
        """Send everything; returns the records worth repeating and the tasks that were told.

        An entry that will never be taken is not repeated by the stream, which would hold up every case behind it: it
        stays in the outbox, and the warning of `queues` names why.
        """
        lost = {entry.position: entry.again for entry in self.send(self.entries)} if self.entries else {}
        told = [task for at, task in enumerate(self.tasks) if at not in lost and not isinstance(task, str)]
        again = (self.tasks[at] for at, worth in lost.items() if worth)
        return {task if isinstance(task, str) else task.sequence for task in again}, told


class _Round:
    """What one call of `say` has to send, and what it found no need or no way to.

    `receipts` are effect keys by the case or bundle they belong to and the time they were told, None if they are moot;
    `withheld` effect keys by case, window and the time until which they wait.
    """

    __slots__ = ("bugs", "now", "queue", "receipts", "topic", "wakes", "withheld")

    def __init__(self, wakes: _Batch, queue: _Batch, topic: _Batch, now: datetime) -> None:
        self.wakes, self.queue, self.topic, self.now = wakes, queue, topic, now
        self.receipts: dict[tuple[str, datetime | None], list[str]] = {}
        self.withheld: dict[tuple[str, str, datetime], list[str]] = {}
        self.bugs: list[BaseException] = []

    def settled(self, about: str, key: str, at: datetime | None) -> None:
        self.receipts.setdefault((about, at), []).append(key)

    def publish(self, composed: Notice, task: _Task | _Together) -> None:
        entry = {
            "Message": composed.message,
            "MessageStructure": "json",
            "Subject": composed.subject,
            "MessageAttributes": composed.message_attributes,
        }
        self.topic.add(entry, task)


class Speaker(Value):
    """What announce speaks with. `case_url` is the address a case id is appended to, for teams' own tools; `link`
    makes the link that a person on call gets from a case id and the time.
    """

    policy: Policy
    table: Bundles
    clock: Callable[[], datetime]
    escalate: Send
    publish: Send
    wake: Send
    case_url: str
    link: Callable[[str, datetime], str]

    def say(self, records: Iterable[Mapping[str, Any]]) -> Said:
        """Tell what a batch of stream records has to tell. Raises Unavailable if the table cannot be read."""
        round_ = _Round(_Batch(self.wake), _Batch(self.escalate), _Batch(self.publish), self.clock())
        asked = self._asked(records, round_)
        self._single(asked, round_)
        self._together(asked, round_)
        failed, _ = round_.wakes.flush()
        told: list[_Task | _Together] = []
        for batch in (round_.topic, round_.queue):
            lost, done = batch.flush()
            failed |= lost
            told += done
        at = self.clock()
        for task in told:
            for about, key, was_told in task.receipts():
                round_.settled(about, key, at if was_told else None)
        self._file(round_)
        counts = Counter(_COUNTED[task.effect.kind] for task in told)
        counts["Withheld"] = sum(map(len, round_.withheld.values()))
        return Said(tuple(sorted(failed)), counts, tuple(_lags(told, at)), tuple(round_.bugs))

    def _asked(self, records: Iterable[Mapping[str, Any]], round_: _Round) -> dict[tuple[str, str], str]:
        """The effects that the records ask to tell, by what they belong to and their key; wakes go out as they are."""
        asked: dict[tuple[str, str], str] = {}
        for record in records:
            sequence = record["dynamodb"]["SequenceNumber"]
            try:
                found, wake_at = from_stream(record["dynamodb"]["NewImage"])
            except Exception as bug:
                # A record that cannot be read will not be readable later, and must not hold up its shard.
                round_.bugs.append(bug)
                continue
            if isinstance(found, Bundle):
                about = f"{PREFIX}{found.key}"
                keys = [telling.window.name for telling in noise.to_announce(found)]
            else:
                about, keys = found.key, [effect.key for effect in cases.to_announce(found)]
            if wake_at is not None:
                round_.wakes.add(Wake(about, wake_at).entry(round_.now), sequence)
            asked.update({(about, key): sequence for key in keys})
        return asked

    # -- one by one

    def _single(self, asked: Mapping[tuple[str, str], str], round_: _Round) -> None:
        """Escalations and notices of effects that are in their outboxes still, from the cases as they are."""
        wanted = {about for about, _ in asked if not about.startswith(PREFIX)}
        current = self.table.load_many(wanted).cases if wanted else {}
        outboxes = {(case.key, effect.key): (case, effect) for case in current.values() for effect in case.outbox}
        notices: list[tuple[_Task, Asked]] = []
        for place, sequence in asked.items():
            if place not in outboxes:
                continue
            task = _Task(sequence, *outboxes[place])
            try:
                if task.effect.kind is EffectKind.ESCALATION:
                    self._escalate(task, round_)
                elif (at_gates := self._at_gates(task, round_)) is not None:
                    notices.append((task, at_gates))
            except Exception as bug:
                # It stays in the outbox, which tries again; the other cases of the shard must not wait for it.
                round_.bugs.append(bug)
        found = verdicts(self.table, [at_gates for _, at_gates in notices], round_.now)
        for (task, _), verdict in zip(notices, found, strict=True):
            self._obey(verdict, task, round_)

    def _escalate(self, task: _Task, round_: _Round) -> None:
        case = task.case
        message = escalation(case, task.effect, self.policy, f"{self.case_url}{case.id}", case.excerpt)
        round_.queue.add({"MessageBody": message.body, "MessageAttributes": message.message_attributes}, task)

    def _at_gates(self, task: _Task, round_: _Round) -> Asked | None:
        """A notice with the gates it has to pass; None if it is moot, or must wait for what a digest tells."""
        case, effect, now = task.case, task.effect, round_.now
        if premature(case, effect, now):
            return None
        clock = cases.clock_named(case, effect.clock)
        if clock is None or moot(case, effect, now) is not None:
            round_.settled(case.key, effect.key, None)
            return None
        return Asked(
            case.key, effect, noise.gates(facts(case, effect, clock, self.policy, now, "", None), self.policy, now)
        )

    def _obey(self, verdict: Verdict, task: _Task, round_: _Round) -> None:
        case, effect = task.case, task.effect
        if verdict.way is Way.TOLD:
            round_.settled(case.key, effect.key, verdict.at)
        elif verdict.way is Way.HOLD and verdict.until is not None:
            round_.withheld.setdefault((case.key, verdict.window, verdict.until), []).append(effect.key)
        elif verdict.way is Way.GO:
            try:
                link = self.link(case.id, round_.now)
                composed = notice(case, effect, self.policy, round_.now, link, case.excerpt)
            except Exception as bug:
                round_.bugs.append(bug)
            else:
                assert composed is not None  # noqa: S101 - what is moot came to no gate
                round_.publish(composed, task)

    # -- together

    def _together(self, asked: Mapping[tuple[str, str], str], round_: _Round) -> None:
        """Digests of the windows that are in their bundles' outboxes still."""
        wanted = {about.removeprefix(PREFIX) for about, _ in asked if about.startswith(PREFIX)}
        current = self.table.load_bundles(wanted)[0] if wanted else {}
        for bundle in current.values():
            for telling in bundle.outbox:
                sequence = asked.get((f"{PREFIX}{bundle.key}", telling.window.name))
                if sequence is None:
                    continue
                found = self.table.load_many(case for case, _ in telling.window.held).cases
                try:
                    composed = digest(bundle, telling, found, self.policy, round_.now, self.link)
                except Exception as bug:
                    round_.bugs.append(bug)
                    continue
                task = _Together(sequence, bundle.key, telling.digest, composed)
                if composed.notice is not None:
                    round_.publish(composed.notice, task)
                else:
                    for about, key, _ in task.receipts():
                        round_.settled(about, key, None)

    def _file(self, round_: _Round) -> None:
        """Send receipts. One that is lost only means that the outbox repeats what was told, under the same key."""
        entries = [Receipt(about, tuple(keys), at).entry() for (about, at), keys in round_.receipts.items()]
        entries += [
            Withheld(case, tuple(keys), window, until).entry()
            for (case, window, until), keys in round_.withheld.items()
        ]
        if entries:
            self.wake(entries)


def _lags(told: Iterable[_Task | _Together], at: datetime) -> Iterable[float]:
    """Of breaches told one by one and at once: what waits for a digest is meant to be late."""
    for task in told:
        if not isinstance(task, _Task) or task.effect.kind is not EffectKind.BREACH or task.effect.level > 1:
            continue
        clock = cases.clock_named(task.case, task.effect.clock)
        if clock is not None and clock.deadline_at is not None:
            yield (at - clock.deadline_at).total_seconds()
