"""A calendar drawn as a person can check it: a month of it, and the way to a deadline."""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import groupby
from zoneinfo import ZoneInfo

from heed.policy.opening import Opening
from heed.sla.calendars import WEEKDAYS, Calendar
from infra.heedctl.screen import Screen, pad, table, width

_DAY = timedelta(days=1)
_WEEK = "一二三四五六日"
_CLOSED = "休"
# By which rule of the file a day is as it is: its mark, and what it means.
_MARKS = {
    "days": ("改", "set by hand"),
    "off": ("假", "day off"),
    "makeup": ("班", "make-up workday"),
    "week": ("", ""),
}


@dataclass(frozen=True)
class Shown:
    """A calendar of a policy file, by name."""

    name: str
    opening: Opening

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.opening.zone)

    @cached_property
    def calendar(self) -> Calendar:
        days = {date.fromisoformat(day): hours for day, hours in self.opening.dated.items()}
        return Calendar(self.opening.zone, self.opening.week, days, self.opening.years or ())

    def rule(self, day: date) -> str:
        """Which key of the file decides this date: `days`, `off`, `makeup` or `week`."""
        given = {"days": self.opening.days, "off": self.opening.off, "makeup": self.opening.makeup}
        return next((key for key, found in given.items() if day.isoformat() in found), "week")

    def hours(self, day: date) -> list[str]:
        plain = self.opening.week.get(WEEKDAYS[day.weekday()], [])
        return [f"{opens}-{closes}" for opens, closes in self.opening.dated.get(day.isoformat(), plain)]

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)

    def shift(self, day: date) -> timedelta:
        """By how much the clocks are put forward on this date; negative when they are put back."""
        after, before = self.midnight(day + _DAY).utcoffset(), self.midnight(day).utcoffset()
        assert after is not None  # noqa: S101 - a ZoneInfo always knows
        assert before is not None  # noqa: S101
        return after - before

    def zone_at(self, at: datetime) -> str:
        return f"{self.opening.zone} (UTC{at.astimezone(self.zone).isoformat()[-6:]})"


# -- a month


def month_page(shown: Shown, year: int, month: int, today: date, screen: Screen) -> list[str]:
    """The month in weeks from Monday: what each day is open, and why it differs from the plain week."""
    days = gregorian.Calendar().monthdatescalendar(year, month)
    weeks = [[_cell(shown, day, today) if day.month == month else [] for day in week] for week in days]
    heads = [f"{zh} {name.capitalize()}" for zh, name in zip(_WEEK, WEEKDAYS, strict=True)]
    column = max(width(line) for line in [*heads, *(line for week in weeks for cell in week for line in cell)])
    lines = [screen.paint(_row(heads, column), "bold")]
    for week in weeks:
        height = max(map(len, week))
        lines += [
            "",
            *(_row([cell[line] if line < len(cell) else "" for cell in week], column) for line in range(height)),
        ]
    first = date(year, month, 1)
    title = f"{shown.name}  {year}-{month:02}  {shown.zone_at(shown.midnight(first))}"
    return [screen.paint(title, "bold"), "", *lines, "", *_notes(shown, first, today)]


def _cell(shown: Shown, day: date, today: date) -> list[str]:
    number = f"[{day.day}]" if day == today else f"{day.day}"
    return [f"{number} {_MARKS[shown.rule(day)][0]}".rstrip(), *(shown.hours(day) or [_CLOSED])]


def _row(cells: list[str], column: int) -> str:
    return " ".join(pad(cell, column) for cell in cells).rstrip()


def _notes(shown: Shown, first: date, today: date) -> Iterator[str]:
    """What the month holds, what its marks mean, and what is out of the ordinary."""
    days = [first + step * _DAY for step in range(gregorian.monthrange(first.year, first.month)[1])]
    end = shown.midnight(days[-1] + _DAY)
    seconds = shown.calendar.between(shown.midnight(first), end)
    yield f"{_open_days(shown, days)}, {_hours(seconds)} open"
    marks = [
        f"{mark} {meaning}" for rule, (mark, meaning) in _MARKS.items() if any(shown.rule(d) == rule for d in days)
    ]
    closed = [f"{_CLOSED} closed"] if any(not shown.hours(day) for day in days) else []
    now = [f"[{today.day}] today"] if today in days else []
    if legend := "  ".join([*(mark for mark in marks if mark.strip()), *closed, *now]):
        yield legend
    for day in days:
        if shown.shift(day):
            yield _change(shown, day)
    if not shown.calendar.certain(shown.midnight(first)):
        yield f"the public holidays of {first.year} are not known here: this is the plain week"


def _open_days(shown: Shown, days: list[date]) -> str:
    number = sum(bool(shown.hours(day)) for day in days)
    return f"{number} open day{'' if number == 1 else 's'}"


def _hours(seconds: float) -> str:
    """Open time in hours, not days: a day is open for as long as its hours say."""
    minutes, rest = divmod(round(seconds), 60)
    parts = [(minutes // 60, "h"), (minutes % 60, "min"), (rest, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 h"


def _change(shown: Shown, day: date) -> str:
    """`Sun 2026-03-08: clocks go from 02:00 to 03:00`."""
    low, high = (int(shown.midnight(edge).timestamp()) for edge in (day, day + _DAY))
    before = shown.midnight(day).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        same = datetime.fromtimestamp(middle, shown.zone).utcoffset() == before
        low, high = (middle, high) if same else (low, middle)
    after = datetime.fromtimestamp(high, shown.zone)
    then = after - shown.shift(day)
    length = _hours((_DAY - shown.shift(day)).total_seconds())
    return f"{_named(day)}: clocks go from {then:%H:%M} to {after:%H:%M}, a day of {length}"


def _named(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()].capitalize()} {day}"


# -- a deadline


def due_page(shown: Shown, start: datetime, seconds: int, screen: Screen) -> list[str]:
    """When a promise made at `start` falls due, and the days it crossed. Raises Unbounded."""
    due = shown.calendar.add(start, seconds)
    begins, ends = start.astimezone(shown.zone), due.astimezone(shown.zone)
    rows = []
    days = [begins.date() + step * _DAY for step in range((ends.date() - begins.date()).days + 1)]
    for (why, hours), run in groupby(days, key=lambda day: (_why(shown, day), " ".join(shown.hours(day)))):
        stretch = list(run)
        since, until = max(start, shown.midnight(stretch[0])), min(due, shown.midnight(stretch[-1] + _DAY))
        counted = shown.calendar.between(since, until)
        rows.append((_stretch(stretch), _hours(counted) if counted else "-", hours or _CLOSED, why))
    return [
        f"{shown.name}  {shown.zone_at(due)}",
        f"{_hours(seconds)} of open time from {_named(begins.date())} {begins:%H:%M:%S} is due "
        + screen.paint(f"{_named(ends.date())} {ends:%H:%M:%S}", "bold"),
        "",
        *table(("", "counts", "open", "why"), rows),
    ]


def _why(shown: Shown, day: date) -> str:
    """Why a day is as it is."""
    rule = shown.rule(day)
    if rule != "week":
        return " ".join(_MARKS[rule])
    return "the week" if shown.calendar.certain(shown.midnight(day)) else f"the week; holidays of {day.year} not known"


def _stretch(days: list[date]) -> str:
    return _named(days[0]) if len(days) == 1 else f"{_named(days[0])} .. {_named(days[-1])}"
