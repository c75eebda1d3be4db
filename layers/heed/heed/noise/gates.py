"""What stands between a notice and its people: the hours they work, the incident they know of, their patience.

A notice that is not critical and comes outside the working hours of its team waits for them, and for nothing else.
Otherwise the first notice of an incident goes out at once: the first breach, or the first warning, of one brand, team,
severity and level; the others of the window are told together. Of what is left nobody gets more than so many in a
while. Critical notices wait for no hours and no rate; corrections wait for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from heed.announcing.facts import Facts, Severity
from heed.model import EffectKind, Hold
from heed.policy import Policy
from heed.sla.calendars import Unbounded
from heed.values import Value, replace


class Gate(Value):
    """The bundle `key` lets `lets_pass` notices through until `until`, if its window opens now.

    What the bundles that it `remembers` decided of a notice, it decides again.
    """

    key: str
    why: Hold
    brand: str
    team: str
    roster: str
    until: datetime
    lets_pass: int
    remembers: tuple[str, ...] = ()


def gates(found: Facts, policy: Policy, now: datetime) -> tuple[Gate, ...]:
    """The gates of a notice, in order; none while the policy says nothing of noise."""
    if found.kind is EffectKind.CORRECTION:
        return ()
    critical = found.severity is Severity.CRITICAL
    usual = tuple(_usual(found, policy, now, critical))
    opens = None if critical else _opening(policy, found.addressed, now)
    if opens is None:
        return usual
    # A notice of the last working minute may come once more: only the usual gates know what became of it.
    known = tuple(key for gate in usual for key in (gate.key, *gate.remembers))
    return (replace(_gate(found, Hold.HOURS, opens, 0, found.roster), remembers=known),)


def _usual(found: Facts, policy: Policy, now: datetime, critical: bool) -> Iterator[Gate]:
    noise = policy.noise
    if noise.incident_seconds:
        until = now + timedelta(seconds=noise.incident_seconds)
        own, *others = (
            _gate(found, Hold.INCIDENT, until, 1, found.roster, str(found.kind), str(severity), str(found.level))
            for severity in (found.severity, *_before(found))
        )
        yield replace(own, remembers=tuple(gate.key for gate in others))
    if noise.most and not critical:
        until = now + timedelta(seconds=noise.within_seconds)
        yield _gate(found, Hold.RATE, until, noise.most, found.on_call)


def _before(found: Facts) -> tuple[Severity, ...]:
    """The severities that a breach may have had: a case that is closed makes it information, one opened again more."""
    if found.kind is not EffectKind.BREACH:
        return ()
    if found.severity is Severity.INFO:
        return (Severity.CRITICAL, Severity.HIGH, Severity.NORMAL)
    return (Severity.INFO,)


def _gate(found: Facts, why: Hold, until: datetime, lets_pass: int, *shared: str) -> Gate:
    key = "/".join((why, found.brand, found.addressed, *shared))
    return Gate(key, why, found.brand, found.addressed, found.roster, until, lets_pass)


def _opening(policy: Policy, team: str, now: datetime) -> datetime | None:
    """When a team begins to work again; None while it works, and for one that always does."""
    known = policy.teams.get(team)
    calendar = policy.calendars.get(known.calendar) if known and known.calendar else None
    try:
        opens = calendar.next_opening(now) if calendar else now
    except Unbounded:
        return None
    return opens if opens > now else None
