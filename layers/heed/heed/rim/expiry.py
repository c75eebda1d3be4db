"""What happens when a case's time has come: one read and one transaction for a whole batch of queue messages."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heed import cases, timeline
from heed.model import Case
from heed.policy import Policy
from heed.rim.items import HORIZON, stamp
from heed.rim.queues import Wake
from heed.rim.recording import stand_back
from heed.rim.store import Change, Table

LOG = logging.getLogger(__name__)

ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class _Order:
    """One message of the queue: look at `case`, because it may be due or because something of it was told."""

    message_id: str
    case: str
    due_at: str | None
    told: tuple[str, ...]
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Messages to receive again, and cases woken before their time."""

    failed: tuple[str, ...]
    early: tuple[Wake, ...]


def expire(table: Table, policy: Policy, bodies: Mapping[str, str], now: datetime) -> Outcome:
    """Handle wakes and receipts, `bodies` by message id. Raises Unavailable if the table cannot do it now.

    Nothing is said here: what expires goes into the case's outbox, and the table's stream carries it to announce. A
    message or a case that cannot be read fails alone.
    """
    orders, failed = _orders(bodies)
    left = {order.case for order in orders}
    unreadable: frozenset[str] = frozenset()
    early: list[Wake] = []
    for attempt in range(ATTEMPTS):
        found = table.load_many(left)
        unreadable |= found.unreadable
        afters = {key: _after(before, policy, orders, now) for key, before in found.cases.items()}
        lost = table.save_many([_change(found.cases[key], after, now) for key, after in afters.items()])
        early += [wake for key, after in afters.items() if key not in lost for wake in _early(after, orders, now)]
        left = lost
        if not left:
            break
        stand_back(attempt)
    failed += [order.message_id for order in orders if order.case in left | unreadable]
    return Outcome(tuple(failed), tuple(early))


def _change(before: Case, after: Case, now: datetime) -> Change:
    return Change(before, after, timeline.entries(before, after, timeline.SYSTEM, now))


def _orders(bodies: Mapping[str, str]) -> tuple[list[_Order], list[str]]:
    """What the messages ask for, and the ids of those that ask for nothing we know."""
    orders: list[_Order] = []
    failed: list[str] = []
    for message_id, body in bodies.items():
        try:
            orders.append(_order(message_id, json.loads(body)))
        except (ValueError, KeyError, TypeError) as error:
            LOG.error("message %s cannot be read: %s", message_id, type(error).__name__)
            failed.append(message_id)
    return orders, failed


def _order(message_id: str, asked: Mapping[str, Any]) -> _Order:
    at = asked.get("at")
    return _Order(
        message_id,
        str(asked["case"]),
        stamp(datetime.fromisoformat(asked["due_at"])) if "due_at" in asked else None,
        tuple(asked.get("told", ())),
        datetime.fromisoformat(at) if at else None,
    )


def _after(case: Case, policy: Policy, orders: Iterable[_Order], now: datetime) -> Case:
    for order in orders:
        if order.case == case.key:
            case = cases.confirm(case, order.told, order.told_at, now)
    return cases.expire(case, now, policy)


def _early(case: Case, orders: Iterable[_Order], now: datetime) -> list[Wake]:
    """A wake whose moment is still to come, by our clock: ask to be woken again."""
    due = cases.due_at(case)
    if due is None or not now <= due <= now + HORIZON:
        return []
    asked = any(order.case == case.key and order.due_at == stamp(due) for order in orders)
    return [Wake(case.key, due)] if asked else []
