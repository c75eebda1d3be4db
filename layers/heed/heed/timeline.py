"""A case's history beside its messages, read off from what a transition changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from heed.codec import instant
from heed.model import Case, EffectKind, Entry, EntryKind, Status

SYSTEM = "heed"


def entries(before: Case | None, after: Case, by: str, at: datetime) -> tuple[Entry, ...]:
    """What changed between two versions, one line each. `by` is who made the change: a person, or `heed`."""
    if before is None:
        return tuple(_told(frozenset(), after, at))
    return (
        *_people(before, after, by, at),
        *_told(_keys(before), after, at),
        *_withheld(before, after, at),
        *_confirmed(before, after, at),
    )


def _people(before: Case, after: Case, by: str, at: datetime) -> Iterator[Entry]:
    if after.merged_into and not before.merged_into:
        yield Entry(at, EntryKind.MERGED, by, f"into {after.merged_into}")
    elif after.spam is not before.spam:
        yield Entry(at, EntryKind.SPAM, by, "marked" if after.spam else "cleared")
    elif after.status is not before.status:
        if after.status is Status.RESOLVED:
            yield Entry(at, EntryKind.RESOLVED, by)
        elif before.status is Status.RESOLVED:
            yield Entry(at, EntryKind.REOPENED, by, f"episode {after.episode}")
        else:
            yield Entry(at, EntryKind.STATUS, by, after.status)
    if after.priority is not before.priority:
        yield Entry(at, EntryKind.PRIORITY, by, f"{before.priority} to {after.priority}")
    if (after.team, after.assignee) != (before.team, before.assignee):
        yield Entry(at, EntryKind.ASSIGNED, by, f"{after.team} {after.assignee}".strip())
    if after.acknowledged_by and not before.acknowledged_by:
        yield Entry(at, EntryKind.ACKNOWLEDGED, by)


_TOLD = {
    EffectKind.ESCALATION: EntryKind.ESCALATED,
    EffectKind.WARNING: EntryKind.WARNED,
    EffectKind.BREACH: EntryKind.BREACHED,
    EffectKind.CORRECTION: EntryKind.CORRECTED,
}


def _told(known: frozenset[str], after: Case, at: datetime) -> Iterator[Entry]:
    clocks = {clock.id: clock for clock in after.clocks}
    for effect in after.outbox:
        if effect.key in known:
            continue
        clock = clocks.get(effect.clock)
        detail = clock.metric if clock else ", ".join(effect.reasons)
        detail += f" level {effect.level}" if effect.level > 1 else ""
        deadline = clock.deadline_at if clock and effect.kind is not EffectKind.ESCALATION else None
        yield Entry(at, _TOLD[effect.kind], SYSTEM, detail, deadline_at=deadline)


def _withheld(before: Case, after: Case, at: datetime) -> Iterator[Entry]:
    """Each notice that waits, with why and until when."""
    known = {(effect.key, effect.held_by) for effect in before.outbox}
    clocks = {clock.id: clock for clock in after.clocks}
    for effect in after.outbox:
        if effect.held_until is None or (effect.key, effect.held_by) in known:
            continue
        clock = clocks.get(effect.clock)
        detail = f"{effect.kind} {clock.metric if clock else effect.clock}"
        detail += f" level {effect.level}" if effect.level > 1 else ""
        detail += f": {effect.held_by.split('/', 1)[0]} until {instant(effect.held_until)}"
        yield Entry(at, EntryKind.WITHHELD, SYSTEM, detail, deadline_at=clock.deadline_at if clock else None)


def _confirmed(before: Case, after: Case, at: datetime) -> Iterator[Entry]:
    unpublished = {clock.id for clock in before.clocks if clock.published_at is None}
    for clock in after.clocks:
        if clock.published_at is not None and clock.id in unpublished:
            yield Entry(clock.published_at, EntryKind.PUBLISHED, SYSTEM, clock.metric, deadline_at=clock.deadline_at)


def _keys(case: Case) -> frozenset[str]:
    return frozenset(effect.key for effect in case.outbox)
