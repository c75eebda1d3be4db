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
from heed.rim.queues import Entry, Receipt, Wake
from heed.rim.store import Table, from_stream

Send = Callable[[Sequence[Entry]], Sequence[int]]

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


@dataclass(slots=True)
class _Batch:
    """Entries of one destination, each with the stream record and, for an effect, the case and effect it tells."""

    send: Send
    entries: list[Entry] = field(default_factory=list)
    causes: list[tuple[str, Case, Effect | None]] = field(default_factory=list)

    def add(self, entry: Entry, sequence: str, case: Case, effect: Effect | None = None) -> None:
        self.entries.append(entry)
        self.causes.append((sequence, case, effect))

    def flush(self) -> tuple[set[str], list[tuple[str, Case, Effect | None]]]:
        """Send everything; returns the records that failed and the causes that were told."""
        failed = set(self.send(self.entries)) if self.entries else set()
        told = [cause for index, cause in enumerate(self.causes) if index not in failed]
        return {self.causes[index][0] for index in failed}, told


@dataclass(frozen=True, slots=True)
class Speaker:
    """What announce speaks with. `case_url` is the address a case id is appended to."""

    policy: Policy
    table: Table
    clock: Callable[[], datetime]
    escalate: Send
    publish: Send
    wake: Send
    case_url: str

    def say(self, records: Iterable[Mapping[str, Any]]) -> Said:
        """Tell what a batch of stream records has to tell. Raises Unavailable if the table cannot be read."""
        wakes, queue, topic = _Batch(self.wake), _Batch(self.escalate), _Batch(self.publish)
        moot: list[tuple[str, Case, Effect]] = []
        bugs: list[BaseException] = []
        now = self.clock()
        for sequence, case, effect in self._still_to_tell(records, wakes, now):
            try:
                self._compose(sequence, case, effect, now, queue, topic, moot)
            except Exception as bug:
                # It stays in the outbox, which tries again; the other cases of the shard must not wait for it.
                bugs.append(bug)
        failed, _ = wakes.flush()
        told: list[tuple[str, Case, Effect | None]] = []
        for batch in (topic, queue):
            lost, done = batch.flush()
            failed |= lost
            told += done
        at = self.clock()
        self._file(told, moot, at)
        effects = [(case, effect) for _, case, effect in told if effect is not None]
        return Said(
            failed=tuple(sorted(failed)),
            counts=Counter(_COUNTED[effect.kind] for _, effect in effects),
            lags_seconds=tuple(_lags(effects, at)),
            bugs=tuple(bugs),
        )

    def _still_to_tell(
        self, records: Iterable[Mapping[str, Any]], wakes: _Batch, now: datetime
    ) -> list[tuple[str, Case, Effect]]:
        """The effects of the records that are in their cases' outboxes still, with the cases as they are now."""
        asked: dict[tuple[str, str], str] = {}
        for record in records:
            sequence = record["dynamodb"]["SequenceNumber"]
            case, wake_at = from_stream(record["dynamodb"]["NewImage"])
            if wake_at is not None:
                wakes.add(Wake(case.key, wake_at).entry(now), sequence, case)
            asked.update({(case.key, effect.key): sequence for effect in cases.to_announce(case)})
        current = self.table.load_many({key for key, _ in asked}) if asked else {}
        return [
            (asked[case.key, effect.key], case, effect)
            for case in current.values()
            for effect in case.outbox
            if (case.key, effect.key) in asked
        ]

    def _compose(
        self,
        sequence: str,
        case: Case,
        effect: Effect,
        now: datetime,
        queue: _Batch,
        topic: _Batch,
        moot: list[tuple[str, Case, Effect]],
    ) -> None:
        url = f"{self.case_url}{case.id}"
        if effect.kind is EffectKind.ESCALATION:
            message = escalation(case, effect, self.policy, url, case.excerpt)
            entry: Entry = {"MessageBody": message.body, "MessageAttributes": message.message_attributes}
            queue.add(entry, sequence, case, effect)
            return
        composed = notice(case, effect, self.policy, now, url, case.excerpt)
        if composed is None:
            moot.append((sequence, case, effect))
            return
        entry = {
            "Message": composed.message,
            "MessageStructure": "json",
            "Subject": composed.subject,
            "MessageAttributes": composed.message_attributes,
        }
        topic.add(entry, sequence, case, effect)

    def _file(
        self, told: Iterable[tuple[str, Case, Effect | None]], moot: Iterable[tuple[str, Case, Effect]], at: datetime
    ) -> None:
        """Send receipts. One that is lost only means that the outbox repeats what was told, under the same key."""
        by_case: dict[tuple[str, datetime | None], list[str]] = {}
        for _, case, effect in told:
            if effect is not None:
                by_case.setdefault((case.key, at), []).append(effect.key)
        for _, case, effect in moot:
            by_case.setdefault((case.key, None), []).append(effect.key)
        if by_case:
            self.wake([Receipt(key, tuple(keys), when).entry() for (key, when), keys in by_case.items()])


def _lags(effects: Iterable[tuple[Case, Effect]], at: datetime) -> Iterable[float]:
    for case, effect in effects:
        clock = cases.clock_named(case, effect.clock)
        if effect.kind is EffectKind.BREACH and clock is not None and clock.deadline_at is not None:
            yield (at - clock.deadline_at).total_seconds()
