"""Telling the world what the table's stream says: escalations, notices, wakes, and a receipt for all that was told.

Before it speaks it reads each case once more, so that nothing is announced which is no longer so or was told already.
It writes nothing: receipts go to the queue of `expire`, which takes the effect out of the case's outbox.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from heed import cases
from heed.announcing import escalation, notice
from heed.model import Case, Effect, EffectKind
from heed.policy import Policy
from heed.rim.items import from_stream
from heed.rim.queues import Entry, Lost, Receipt, Wake
from heed.rim.store import Table

Send = Callable[[Sequence[Entry]], Sequence[Lost]]

_COUNTED = {
    EffectKind.ESCALATION: "Escalations",
    EffectKind.WARNING: "Warnings",
    EffectKind.BREACH: "Breaches",
    EffectKind.CORRECTION: "Corrections",
}


@dataclass(frozen=True, slots=True)
class Said:
    """Which stream records have to come again, what was told, and each breach's seconds from deadline to notice."""

    failed: tuple[str, ...]
    counts: Counter[str]
    lags_seconds: tuple[float, ...]
    bugs: tuple[BaseException, ...]


@dataclass(frozen=True, slots=True)
class _Task:
    """One effect to tell, the case as it is now, and the stream record that asked for it."""

    sequence: str
    case: Case
    effect: Effect


@dataclass(slots=True)
class _Batch:
    """Entries of one destination, each with what it stands for."""

    send: Send
    entries: list[Entry] = field(default_factory=list)
    tasks: list[_Task | str] = field(default_factory=list)

    def add(self, entry: Entry, task: _Task | str) -> None:
        self.entries.append(entry)
        self.tasks.append(task)

    def flush(self) -> tuple[set[str], list[_Task]]:
        """Send everything; returns the records worth repeating and the tasks that were told.

        An entry that will never be taken is not repeated by the stream, which would hold up every case behind it: it
        stays in the outbox, and the warning of `queues` names why.
        """
        lost = {entry.position: entry.again for entry in self.send(self.entries)} if self.entries else {}
        told = [task for at, task in enumerate(self.tasks) if at not in lost and isinstance(task, _Task)]
        again = (self.tasks[at] for at, worth in lost.items() if worth)
        return {task.sequence if isinstance(task, _Task) else task for task in again}, told


@dataclass(slots=True)
class _Round:
    """What one call of `say` has to send, and what it found no need or no way to."""

    wakes: _Batch
    queue: _Batch
    topic: _Batch
    now: datetime
    moot: list[_Task] = field(default_factory=list)
    bugs: list[BaseException] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Speaker:
    """What announce speaks with. `case_url` is the address a case id is appended to, for teams' own tools; `link`
    makes the link that a person on call gets from a case id and the time.
    """

    policy: Policy
    table: Table
    clock: Callable[[], datetime]
    escalate: Send
    publish: Send
    wake: Send
    case_url: str
    link: Callable[[str, datetime], str]

    def say(self, records: Iterable[Mapping[str, Any]]) -> Said:
        """Tell what a batch of stream records has to tell. Raises Unavailable if the table cannot be read."""
        round_ = _Round(_Batch(self.wake), _Batch(self.escalate), _Batch(self.publish), self.clock())
        for task in self._still_to_tell(records, round_):
            try:
                self._compose(task, round_)
            except Exception as bug:
                # It stays in the outbox, which tries again; the other cases of the shard must not wait for it.
                round_.bugs.append(bug)
        failed, _ = round_.wakes.flush()
        told: list[_Task] = []
        for batch in (round_.topic, round_.queue):
            lost, done = batch.flush()
            failed |= lost
            told += done
        at = self.clock()
        self._file(told, round_.moot, at)
        return Said(
            failed=tuple(sorted(failed)),
            counts=Counter(_COUNTED[task.effect.kind] for task in told),
            lags_seconds=tuple(_lags(told, at)),
            bugs=tuple(round_.bugs),
        )

    def _still_to_tell(self, records: Iterable[Mapping[str, Any]], round_: _Round) -> list[_Task]:
        """The effects of the records that are in their cases' outboxes still, with the cases as they are now."""
        asked: dict[tuple[str, str], str] = {}
        for record in records:
            sequence = record["dynamodb"]["SequenceNumber"]
            try:
                case, wake_at = from_stream(record["dynamodb"]["NewImage"])
            except Exception as bug:
                # A record that cannot be read will not be readable later, and must not hold up its shard.
                round_.bugs.append(bug)
                continue
            if wake_at is not None:
                round_.wakes.add(Wake(case.key, wake_at).entry(round_.now), sequence)
            asked.update({(case.key, effect.key): sequence for effect in cases.to_announce(case)})
        current = self.table.load_many({key for key, _ in asked}).cases if asked else {}
        return [
            _Task(asked[case.key, effect.key], case, effect)
            for case in current.values()
            for effect in case.outbox
            if (case.key, effect.key) in asked
        ]

    def _compose(self, task: _Task, round_: _Round) -> None:
        case, effect = task.case, task.effect
        if effect.kind is EffectKind.ESCALATION:
            message = escalation(case, effect, self.policy, f"{self.case_url}{case.id}", case.excerpt)
            round_.queue.add({"MessageBody": message.body, "MessageAttributes": message.message_attributes}, task)
            return
        composed = notice(case, effect, self.policy, round_.now, self.link(case.id, round_.now), case.excerpt)
        if composed is None:
            round_.moot.append(task)
            return
        entry = {
            "Message": composed.message,
            "MessageStructure": "json",
            "Subject": composed.subject,
            "MessageAttributes": composed.message_attributes,
        }
        round_.topic.add(entry, task)

    def _file(self, told: Iterable[_Task], moot: Iterable[_Task], at: datetime) -> None:
        """Send receipts. One that is lost only means that the outbox repeats what was told, under the same key."""
        by_case: dict[tuple[str, datetime | None], list[str]] = {}
        for tasks, when in ((told, at), (moot, None)):
            for task in tasks:
                by_case.setdefault((task.case.key, when), []).append(task.effect.key)
        if by_case:
            self.wake([Receipt(key, tuple(keys), when).entry() for (key, when), keys in by_case.items()])


def _lags(told: Iterable[_Task], at: datetime) -> Iterable[float]:
    for task in told:
        clock = cases.clock_named(task.case, task.effect.clock)
        first = task.effect.kind is EffectKind.BREACH and task.effect.level == 1
        if first and clock is not None and clock.deadline_at is not None:
            yield (at - clock.deadline_at).total_seconds()
