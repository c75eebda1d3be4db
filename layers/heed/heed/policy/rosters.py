"""Who is on call: a weekly rotation, handed over at a wall-clock moment in a zone, with dated overrides. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from heed.sla.calendars import Calendar
from heed.values import Value

_WEEK = timedelta(days=7)


class Override(Value):
    """Somebody else, [begins_at, ends_at)."""

    begins_at: datetime
    ends_at: datetime
    who: str


class Roster(Value):
    """`rotation` takes turns, a week each: the first begins on the date `starts` at `handover`, local `HH:MM`.

    Before that date the same turns ran, so somebody is on call at any time.
    """

    name: str
    zone: str
    handover: str
    starts: date
    rotation: tuple[str, ...]
    overrides: tuple[Override, ...] = ()


class Shift(Value):
    """Who is on call in [begins_at, ends_at), and whether that is an override."""

    begins_at: datetime
    ends_at: datetime
    who: str
    override: bool


def load(name: str, compiled: Mapping[str, Any]) -> Roster:
    """A roster from its compiled literal, in which the times of overrides are local."""
    zone = compiled["zone"]
    return Roster(
        name=name,
        zone=zone,
        handover=compiled["handover"],
        starts=date.fromisoformat(compiled["starts"]),
        rotation=tuple(compiled["rotation"]),
        overrides=tuple(
            Override(_local(zone, entry["from"]), _local(zone, entry["until"]), entry["who"])
            for entry in compiled["overrides"]
        ),
    )


def on_call(roster: Roster, now: datetime) -> str:
    """Who is on call at `now`: an override if there is one, else whose week it is."""
    return shift(roster, now).who


def shift(roster: Roster, now: datetime) -> Shift:
    """The shift under way at `now`."""
    week = _week(roster, now)
    begins_at, ends_at = _handover(roster, week), _handover(roster, week + 1)
    for override in roster.overrides:
        if override.begins_at <= now < override.ends_at:
            return Shift(override.begins_at, override.ends_at, override.who, override=True)
        if override.ends_at <= now:
            begins_at = max(begins_at, override.ends_at)
        else:
            ends_at = min(ends_at, override.begins_at)
    return Shift(begins_at, ends_at, roster.rotation[week % len(roster.rotation)], override=False)


def shifts(roster: Roster, since: datetime, until: datetime) -> Iterator[Shift]:
    """The shifts from the one under way at `since` on, as long as they begin before `until`."""
    while since < until:
        found = shift(roster, since)
        yield found
        since = found.ends_at


def _week(roster: Roster, now: datetime) -> int:
    """The number of the rotation's week, 0 from `starts` on."""
    week = (now.astimezone(ZoneInfo(roster.zone)).date() - roster.starts) // _WEEK
    return week if _handover(roster, week) <= now else week - 1


def _handover(roster: Roster, week: int) -> datetime:
    return _instant(roster.zone, roster.starts + week * _WEEK, roster.handover)


def _local(zone: str, wall: str) -> datetime:
    at = datetime.fromisoformat(wall)
    return _instant(zone, at.date(), f"{at:%H:%M}")


@cache
def _instant(zone: str, day: date, clock: str) -> datetime:
    """A wall-clock moment in UTC, by the calendars' own rule for one that a change of clocks skips or repeats."""
    opening = Calendar(zone, {}, {day: [(clock, "24:00")]})
    return opening.next_opening(datetime.combine(day - timedelta(days=2), time(), ZoneInfo("UTC")))
