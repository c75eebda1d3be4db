"""What happens when the time of a case or a bundle has come: one read and one transaction for a whole queue batch."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Mapping
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

    Nothing is said here: what expires goes into an outbox, and the table's stream carries it to announce. A message or
    a case that cannot be read fails alone.
    """
    orders, failed = _orders(bodies)
    about = {order.about for order in orders}
    gathering = {each for each in about if each.startswith(PREFIX)}
    early: list[Wake] = []
    stuck = _cases(table, policy, orders, about - gathering, early, now) | _bundles(
        table, orders, gathering, early, now
    )
    failed += [order.message_id for order in orders if order.about in stuck]
    return Outcome(tuple(failed), tuple(early))


def _cases(
    table: Bundles, policy: Policy, orders: Collection[_Order], left: set[str], early: list[Wake], now: datetime
) -> set[str]:
    """Step these cases on; returns those that could not be read or saved."""
    unreadable: set[str] = set()
    for attempt in range(ATTEMPTS if left else 0):
        found = table.load_many(left)
        unreadable |= found.unreadable
        afters = {key: _after(before, policy, orders, now) for key, before in found.cases.items()}
        left = table.save_many([_change(found.cases[key], after, now) for key, after in afters.items()])
        for key in afters.keys() - left:
            early += _early(key, cases.due_at(afters[key]), orders, now)
        if not left:
            break
        stand_back(attempt)
    return left | unreadable


def _bundles(table: Bundles, orders: Collection[_Order], left: set[str], early: list[Wake], now: datetime) -> set[str]:
    """Step these bundles on; returns those that could not be read or saved."""
    unreadable: set[str] = set()
    for attempt in range(ATTEMPTS if left else 0):
        found, bad = table.load_bundles(each.removeprefix(PREFIX) for each in left)
        unreadable |= {f"{PREFIX}{key}" for key in bad}
        pairs = [(before, _after_bundle(before, orders, now)) for before in found.values()]
        lost = table.save_bundles(pairs)
        for _, after in pairs:
            if after.key not in lost:
                early += _early(f"{PREFIX}{after.key}", noise.due_at(after), orders, now)
        left = {f"{PREFIX}{key}" for key in lost}
        if not left:
            break
        stand_back(attempt)
    return left | unreadable


def _change(before: Case, after: Case, now: datetime) -> Change:
    return Change(before, after, timeline.entries(before, after, timeline.SYSTEM, now))


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


def _after(case: Case, policy: Policy, orders: Iterable[_Order], now: datetime) -> Case:
    case = cases.adopt(case, policy, now)
    for order in orders:
        if order.about == case.key:
            case = cases.confirm(case, order.told, order.told_at, now)
            if order.until is not None:
                case = cases.hold(case, order.held, order.window, order.until, now)
    return cases.expire(case, now, policy)


def _after_bundle(bundle: Bundle, orders: Iterable[_Order], now: datetime) -> Bundle:
    after = bundle
    for order in orders:
        if order.about == f"{PREFIX}{bundle.key}":
            after = noise.told(after, order.told, order.told_at, now)
    return noise.lived(after, now)


def _early(about: str, due: datetime | None, orders: Iterable[_Order], now: datetime) -> list[Wake]:
    """A wake whose moment is still to come, by our clock: ask to be woken again."""
    if due is None or not now <= due <= now + HORIZON:
        return []
    asked = any(order.about == about and order.due_at == stamp(due) for order in orders)
    return [Wake(about, due)] if asked else []
