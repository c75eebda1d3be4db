"""What happens when the time of a case or a bundle has come: one read and one transaction for a whole queue batch."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from heed import cases, noise, timeline
from heed.model import Bundle, Case
from heed.policy import Policy
from heed.rim.bundles import PREFIX, Bundles
from heed.rim.items import HORIZON, stamp
from heed.rim.queues import Wake
from heed.rim.recording import stand_back
from heed.rim.store import Change
from heed.values import Value

LOG = logging.getLogger(__name__)

ATTEMPTS = 3


class _Order(Value):
    """One message of the queue: look at a case or a bundle, because it may be due or something of it was told.

    `held` effects of a case wait in `window` until `until`.
    """

    message_id: str
    about: str
    due_at: str | None
    told: tuple[str, ...]
    told_at: datetime | None
    held: tuple[str, ...]
    window: str
    until: datetime | None


class Outcome(Value):
    """Messages to receive again, and what was woken before its time."""

    failed: tuple[str, ...]
    early: tuple[Wake, ...]


def expire(table: Bundles, policy: Policy, bodies: Mapping[str, str], now: datetime) -> Outcome:
    """Handle wakes and receipts, `bodies` by message id. Raises Unavailable if the table cannot do it now.

    Nothing is said here: what expires goes into an outbox, and the table's stream carries it to announce. A message, a
    case or a bundle that cannot be read fails alone.
    """
    orders, failed = _orders(bodies)
    left = {order.about for order in orders}
    stuck: frozenset[str] = frozenset()
    early: list[Wake] = []
    for attempt in range(ATTEMPTS):
        if not left:
            break
        found, unreadable = table.load_both(sorted(left))
        stuck |= unreadable
        afters = {name: _after(before, policy, orders, now) for name, before in found.items()}
        left = table.save_both(*_changes(found, afters, now))
        for name in afters.keys() - left:
            early += _early(name, _due(afters[name]), orders, now)
        if left:
            stand_back(attempt)
    failed += [order.message_id for order in orders if order.about in left | stuck]
    return Outcome(tuple(failed), tuple(early))


def _changes(
    befores: Mapping[str, Case | Bundle], afters: Mapping[str, Case | Bundle], now: datetime
) -> tuple[list[Change], list[tuple[Bundle, Bundle]]]:
    changes, bundles = [], []
    for name, before in befores.items():
        after = afters[name]
        if isinstance(before, Case) and isinstance(after, Case):
            changes.append(Change(before, after, timeline.entries(before, after, timeline.SYSTEM, now)))
        elif isinstance(before, Bundle) and isinstance(after, Bundle):
            bundles.append((before, after))
    return changes, bundles


def _orders(bodies: Mapping[str, str]) -> tuple[list[_Order], list[str]]:
    """What the messages ask for, and the ids of those that ask for nothing we know."""
    orders: list[_Order] = []
    failed: list[str] = []
    for message_id, body in bodies.items():
        try:
            orders.append(_order(message_id, json.loads(body)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            LOG.error("message %s cannot be read: %s", message_id, type(error).__name__)
            failed.append(message_id)
    return orders, failed


def _order(message_id: str, asked: Mapping[str, Any]) -> _Order:
    at, until = asked.get("at"), asked.get("until")
    return _Order(
        message_id,
        str(asked["case"]),
        stamp(datetime.fromisoformat(asked["due_at"])) if "due_at" in asked else None,
        tuple(map(str, asked.get("told", ()))),
        _aware(at) if at else None,
        tuple(map(str, asked.get("held", ()))),
        str(asked.get("window", "")),
        _aware(until) if until else None,
    )


def _aware(text: str) -> datetime:
    """Raises ValueError for a time without zone, which would stay in the case for ever."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("no zone")
    return at


def _after(before: Case | Bundle, policy: Policy, orders: Iterable[_Order], now: datetime) -> Case | Bundle:
    if isinstance(before, Case):
        return _after_case(before, policy, [order for order in orders if order.about == before.key], now)
    bundle = before
    for order in orders:
        if order.about == f"{PREFIX}{bundle.key}":
            bundle = noise.told(bundle, order.told, order.told_at, now)
    return noise.lived(bundle, now)


def _after_case(case: Case, policy: Policy, orders: Iterable[_Order], now: datetime) -> Case:
    case = cases.adopt(case, policy, now)
    for order in orders:
        case = cases.confirm(case, order.told, order.told_at, now)
        if order.until is not None:
            case = cases.hold(case, order.held, order.window, order.until, now)
    return cases.expire(case, now, policy)


def _due(after: Case | Bundle) -> datetime | None:
    return cases.due_at(after) if isinstance(after, Case) else noise.due_at(after)


def _early(about: str, due: datetime | None, orders: Iterable[_Order], now: datetime) -> list[Wake]:
    """A wake whose moment is still to come, by our clock: ask to be woken again."""
    if due is None or not now <= due <= now + HORIZON:
        return []
    asked = any(order.about == about and order.due_at == stamp(due) for order in orders)
    return [Wake(about, due)] if asked else []
