"""Business time: opening hours in a zone, exact to the microsecond, on aware datetimes.

Opening hours are half-open, [open, close), wall-clock in the calendar's zone and turned into UTC day by day. A
boundary inside a daylight-saving gap moves to the first instant after the gap; an ambiguous opening is the first
occurrence, an ambiguous closing the last. Each UTC year is laid out once, then every question is a binary search.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from heed.values import Value

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GUARD_DAYS = 400

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_GUARD = GUARD_DAYS * 86_400_000_000

Hours = Sequence[tuple[str, str]]


class Unbounded(Exception):
    """The calendar has no open time within GUARD_DAYS of the start, so the promise would never fall due."""


class _Year(Value):
    """The open intervals of one UTC year in microseconds since 1970, and the open time before each."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    total: int


class Calendar:
    """Opening hours of one week pattern with dated overrides.

    `week` maps `mon`..`sun` to intervals of local `HH:MM`; `days` replaces the pattern on single dates (an empty
    list closes the day). `24:00` is midnight at the end of the day. An interval whose end is not after its start
    crosses midnight and belongs to the day it starts on. `years` are the local years whose public holidays
    `days` holds; none at all means that this calendar has none to know.
    """

    def __init__(
        self,
        zone: str,
        week: Mapping[str, Hours],
        days: Mapping[date, Hours] | None = None,
        years: Collection[int] = (),
    ) -> None:
        self._zone = ZoneInfo(zone)
        self._week = tuple(_minutes(week.get(name, ())) for name in WEEKDAYS)
        self._days = {day: _minutes(hours) for day, hours in (days or {}).items()}
        self._known = frozenset(years)
        self._years: dict[int, _Year] = {}
        self._always = not self._days and all(hours == ((0, 1440),) for hours in self._week)

    def add(self, start: datetime, seconds: float) -> datetime:
        """The instant at which `seconds` of open time have passed since `start`, in UTC.

        A target exhausted exactly at closing stays at closing. Raises Unbounded.
        """
        left = round(seconds * 1_000_000)
        at = _micros(start)
        if left <= 0 or self._always:
            return _instant(at + max(left, 0))
        limit = at + _GUARD
        for year in range(_instant(at).year, MAXYEAR):
            laid = self._year(year)
            spent = _spent(laid, at)
            if spent < laid.total:
                if laid.starts[bisect_right(laid.ends, at)] > limit:
                    break
                if spent + left <= laid.total:
                    index = bisect_right(laid.before, spent + left - 1) - 1
                    return _instant(laid.starts[index] + spent + left - laid.before[index])
                left -= laid.total - spent
                limit = laid.ends[-1] + _GUARD
            at = _micros(datetime(year + 1, 1, 1, tzinfo=UTC))
            if at > limit:
                break
        raise Unbounded

    def between(self, start: datetime, end: datetime) -> float:
        """Seconds of open time in [start, end); 0 when `end` is not after `start`."""
        first, last = _micros(start), _micros(end)
        if last <= first:
            return 0.0
        if self._always:
            return (last - first) / 1_000_000
        years = range(_instant(first).year, _instant(last).year + 1)
        whole = sum(self._year(year).total for year in years[:-1])
        return (whole + _spent(self._year(years[-1]), last) - _spent(self._year(years[0]), first)) / 1_000_000

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself while open, else the next opening, in UTC. Raises Unbounded."""
        return self.add(at, 1e-6) - _MICROSECOND

    def certain(self, at: datetime) -> bool:
        """Whether the public holidays of the local year of `at` are known; until then the plain week stands in."""
        return not self._known or at.astimezone(self._zone).year in self._known

    def _year(self, year: int) -> _Year:
        laid = self._years.get(year)
        if laid is None:
            laid = self._years[year] = self._lay_out(year)
        return laid

    def _lay_out(self, year: int) -> _Year:
        low, high = _micros(datetime(year, 1, 1, tzinfo=UTC)), _micros(datetime(year + 1, 1, 1, tzinfo=UTC))
        day, last = date(year, 1, 1) - 2 * _DAY, date(year, 12, 31) + 2 * _DAY
        spans: list[tuple[int, int]] = []
        while day <= last:
            for opens, closes in self._days.get(day, self._week[day.weekday()]):
                span = (max(self._utc(day, opens, 0), low), min(self._utc(day, closes, 1), high))
                if span[0] < span[1]:
                    spans.append(span)
            day += _DAY
        merged = _merge(sorted(spans))
        lengths = [end - begin for begin, end in merged]
        return _Year(
            tuple(begin for begin, _ in merged),
            tuple(end for _, end in merged),
            tuple(accumulate(lengths, initial=0))[:-1],
            sum(lengths),
        )

    def _utc(self, day: date, minutes: int, fold: int) -> int:
        wall = datetime(day.year, day.month, day.day, tzinfo=self._zone) + timedelta(minutes=minutes)
        first, second = wall.utcoffset(), wall.replace(fold=1).utcoffset()
        if first == second:
            return _micros(wall)
        before, after = _micros(wall), _micros(wall.replace(fold=1))
        if after < before:
            return self._gap_end(after, before)
        return after if fold else before

    def _gap_end(self, low: int, high: int) -> int:
        """The transition in (low, high], by bisection on the zone's offset."""
        before = _instant(low).astimezone(self._zone).utcoffset()
        while high - low > 1_000_000:
            middle = (low + high) // 2_000_000 * 1_000_000
            if _instant(middle).astimezone(self._zone).utcoffset() == before:
                low = middle
            else:
                high = middle
        return high


def _spent(laid: _Year, at: int) -> int:
    """Open microseconds of the year before `at`."""
    index = bisect_right(laid.starts, at) - 1
    if index < 0:
        return 0
    return laid.before[index] + min(at, laid.ends[index]) - laid.starts[index]


def _merge(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end in spans:
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _minutes(hours: Hours) -> tuple[tuple[int, int], ...]:
    """Intervals as minutes after midnight; one that crosses midnight ends after 1440."""
    spans = []
    for opens, closes in hours:
        begin, end = _minute(opens), _minute(closes)
        spans.append((begin, end if end > begin else end + 1440))
    return tuple(spans)


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    value = int(hour) * 60 + int(minute)
    if not (0 <= value <= 1440 and 0 <= int(minute) < 60):
        raise ValueError(f"{clock!r} is not a time of day between 00:00 and 24:00")
    return value


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _instant(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
