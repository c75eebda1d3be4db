"""A slow, obvious oracle for business time: walk through the minutes of a few weeks and mark the open ones.

An interval is open from the first minute whose wall clock has reached its opening to the last whose wall clock has not
reached its closing, which is the whole of the rule for gaps and for hours that come twice.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

DAYS = 12
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTE = timedelta(minutes=1)

Hours = Sequence[tuple[str, str]]


class Walk:
    """The minutes of DAYS days from midnight UTC of `first`, open or not."""

    def __init__(self, zone: str, first: date, week: Mapping[str, Hours], days: Mapping[date, Hours]) -> None:
        self.begins = datetime(first.year, first.month, first.day, tzinfo=UTC)
        self._given = zone, first, week, days

    @cached_property
    def open(self) -> list[bool]:
        zone, first, week, days = self._given
        latest, earliest = _walls(zone, first)
        marks = [False] * len(latest)
        for day in (first + timedelta(days=n) for n in range(-3, DAYS + 2)):
            for opens, closes in days.get(day, week.get(_NAMES[day.weekday()], ())):
                opening, closing = _wall(day, opens), _wall(day, closes)
                if closing <= opening:
                    closing += timedelta(days=1)
                begin, end = bisect_left(latest, opening), bisect_left(earliest, closing)
                marks[begin:end] = [True] * (end - begin)
        return marks

    @property
    def ends(self) -> datetime:
        return self.begins + DAYS * 24 * 60 * _MINUTE

    def between(self, start: datetime, end: datetime) -> float:
        total = timedelta()
        for minute in self._open_minutes_after(start):
            if minute >= end:
                break
            total += max(min(end, minute + _MINUTE) - max(start, minute), timedelta())
        return total.total_seconds()

    def add(self, start: datetime, seconds: float) -> datetime | None:
        """None if the target is not exhausted within the walk."""
        left = timedelta(seconds=seconds)
        for minute in self._open_minutes_after(start):
            begins = max(start, minute)
            if left <= minute + _MINUTE - begins:
                return begins + left
            left -= minute + _MINUTE - begins
        return None

    def _open_minutes_after(self, start: datetime) -> Iterator[datetime]:
        """The begin of each open minute that is not over at `start`."""
        first = (start - self.begins) // _MINUTE
        return (self.begins + n * _MINUTE for n in range(first, len(self.open)) if self.open[n])


def _wall(day: date, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day) + timedelta(hours=hour, minutes=minute)


@lru_cache(maxsize=64)
def _walls(zone: str, first: date) -> tuple[list[datetime], list[datetime]]:
    """At each minute the latest wall clock shown so far, and the earliest still to be shown."""
    start, info = datetime(first.year, first.month, first.day, tzinfo=UTC), ZoneInfo(zone)
    walls = [(start + n * _MINUTE).astimezone(info).replace(tzinfo=None) for n in range(DAYS * 24 * 60)]
    return list(accumulate(walls, max)), list(accumulate(reversed(walls), min))[::-1]
