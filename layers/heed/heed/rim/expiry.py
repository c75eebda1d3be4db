"""What happens when a case's time has come: one read and one transaction for a whole batch of queue messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heed import cases, timeline
from heed.model import Case
from heed.rim.queues import Wake
from heed.rim.store import HORIZON, Change, Table, stamp


@dataclass(frozen=True, slots=True)
class Outcome:
    """Messages to receive again, and cases woken before their time."""

    failed: tuple[str, ...]
    early: tuple[Wake, ...]


def expire(table: Table, bodies: Mapping[str, str], now: datetime) -> Outcome:
    """Handle wakes and receipts, `bodies` by message id. Raises Unavailable if the table cannot do it now.

    Nothing is said here: what expires goes into the case's outbox, and the table's stream carries it to announce.
    """
    asked: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for message_id, body in bodies.items():
        order = json.loads(body)
        asked.setdefault(order["case"], []).append((message_id, order))
    found = table.load_many(asked)
    changes = []
    for key, before in found.items():
        after = _after(before, [order for _, order in asked[key]], now)
        changes.append(Change(before, after, timeline.entries(before, after, timeline.SYSTEM, now)))
    lost = table.save_many(changes)
    saved = [change for change in changes if change.after.key not in lost]
    return Outcome(
        failed=tuple(message_id for key in sorted(lost) for message_id, _ in asked[key]),
        early=tuple(
            wake for change in saved for wake in _early(change.after, [o for _, o in asked[change.after.key]], now)
        ),
    )


def _after(case: Case, orders: Iterable[Mapping[str, Any]], now: datetime) -> Case:
    for order in orders:
        if "told" in order:
            at = datetime.fromisoformat(order["at"]) if order["at"] else None
            case = cases.confirm(case, order["told"], at, now)
    return cases.expire(case, now)


def _early(case: Case, orders: Iterable[Mapping[str, Any]], now: datetime) -> list[Wake]:
    """A wake whose moment is still to come, by our clock: ask to be woken again."""
    due = cases.due_at(case)
    if due is None or not now <= due <= now + HORIZON:
        return []
    wanted = {stamp(datetime.fromisoformat(order["due_at"])) for order in orders if "due_at" in order}
    return [Wake(case.key, due)] if stamp(due) in wanted else []
