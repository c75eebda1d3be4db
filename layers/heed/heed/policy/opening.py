"""The calendars of a policy file: opening hours by weekday, and the dates on which they differ."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from heed.policy.source import quoted
from heed.policy.values import Interval, Wrong, Zone, whole
from heed.sla.calendars import GUARD_DAYS, WEEKDAYS, Calendar, Unbounded

_DAYS_AT_ONCE = 366
_DAYS_GIVEN = 1000
_DAY = timedelta(days=1)
_WEEKDAYS = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?")
_DATES = re.compile(r"(2[01]\d\d-\d\d-\d\d)(?:\.\.(2[01]\d\d-\d\d-\d\d))?", re.ASCII)


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _apart(hours: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The intervals of a day in order, none overlapping another."""
    ordered = sorted(hours)
    for (opens, closes), (following, end) in pairwise(ordered):
        if _minutes(closes) > _minutes(following) or _minutes(closes) < _minutes(opens):
            raise Wrong(f"{opens}-{closes} and {following}-{end} overlap")
    return ordered


Hours = Annotated[list[Interval], Field(max_length=8), AfterValidator(_apart)]


def _weekdays(key: str) -> list[str]:
    """`mon`, `mon-fri`, `sat-sun` or `daily`, as days."""
    first, last = _ends(_WEEKDAYS, "mon-sun" if key == "daily" else key)
    if first not in WEEKDAYS or last not in WEEKDAYS:
        names = ", ".join(WEEKDAYS)
        raise Wrong(f"{quoted(key)} is not a day; choose from {names}, a range such as mon-fri, or daily")
    begin = WEEKDAYS.index(first)
    return [WEEKDAYS[(begin + step) % 7] for step in range((WEEKDAYS.index(last) - begin) % 7 + 1)]


def dates(key: str) -> list[str]:
    """`2026-01-04` or `2026-01-01..2026-01-03`, as ISO dates. Raises Wrong."""
    try:
        begin, end = map(date.fromisoformat, _ends(_DATES, key))
    except ValueError:
        raise Wrong(
            f"{quoted(key)} is not a date from 2000 to 2199; write 2026-01-04 or 2026-01-01..2026-01-03"
        ) from None
    if not 0 <= (end - begin).days < _DAYS_AT_ONCE:
        raise Wrong(f"{quoted(key)} must run forward, over at most {_DAYS_AT_ONCE} days")
    return [(begin + step * _DAY).isoformat() for step in range((end - begin).days + 1)]


def _ends(pattern: re.Pattern[str], key: str) -> tuple[str, str]:
    """First and last of a range; a single one is both; two empty ones if the key is neither."""
    found = pattern.fullmatch(key)
    return (found[1], found[2] or found[1]) if found else ("", "")


def _days(spread: Callable[[str], list[str]], given: dict[str, Any]) -> dict[str, Any]:
    """Hours by single day, from hours by day or range; no day may be given twice."""
    found: dict[str, Any] = {}
    by: dict[str, str] = {}
    for key, hours in given.items():
        for day in spread(key):
            if day in by:
                raise Wrong(f"{day} is already given by {quoted(by[day])}", key)
            found[day], by[day] = hours, key
    return found


def _spread(given: list[str]) -> list[str]:
    """Single dates, from a list of dates and ranges; no date may be given twice."""
    by: dict[str, str] = {}
    for index, key in enumerate(given):
        for day in dates(key):
            if day in by:
                raise Wrong(f"{day} is already given by {quoted(by[day])}", index)
            by[day] = key
    return sorted(by)


def _key(spread: Callable[[str], list[str]]) -> AfterValidator:
    def check(key: str) -> str:
        spread(key)
        return key

    return AfterValidator(check)


Dates = Annotated[list[Annotated[str, _key(dates)]], AfterValidator(_spread)]
_Distinct = AfterValidator(lambda values: sorted(set(values)))
Years = Annotated[list[Annotated[int, whole(2000, 2199)]], Field(min_length=1), _Distinct]


class Opening(BaseModel):
    """A calendar: opening hours in a zone.

    On one date, `days` decides before `off` (closed), that before `makeup` (Monday's hours), and that before `week`.
    `years` are those whose public holidays are known; without it they are nobody's concern.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    zone: Zone
    week: Annotated[dict[Annotated[str, _key(_weekdays)], Hours], AfterValidator(partial(_days, _weekdays))]
    years: Years | None = None
    off: Dates = []
    makeup: Dates = []
    days: Annotated[dict[Annotated[str, _key(dates)], Hours], AfterValidator(partial(_days, dates))] = {}

    @property
    def dated(self) -> dict[str, list[tuple[str, str]]]:
        """The hours of every date that the week's pattern does not decide, by ISO date."""
        made_up = dict.fromkeys(self.makeup, self.week.get("mon", []))
        return {**made_up, **{day: [] for day in self.off}, **self.days}

    def compiled(self) -> dict[str, Any]:
        """What `heed.policy.load` reads: precedence is settled here, so that the run time sees one map of dates."""
        return {"zone": self.zone, "week": self.week, "days": self.dated, "years": self.years or []}

    @model_validator(mode="after")
    def _opens(self) -> Opening:
        """Refuse a calendar on which a promise might never fall due, whenever it starts."""
        days = self.dated
        if len(days) > _DAYS_GIVEN:
            raise Wrong(f"has more than {_DAYS_GIVEN} dated days", "days" if len(self.days) > _DAYS_GIVEN else "off")
        if not any(self.week.values()):
            raise Wrong("has no open time in its week; after its last dated day no promise on it falls due", "week")
        if not self.week.get("mon") and set(self.makeup) - set(self.off) - set(self.days):
            raise Wrong("has the hours of Monday, which has none; give these dates under days, with hours", "makeup")
        closed = sum(not hours for hours in days.values())
        if closed < GUARD_DAYS - 28:
            return self  # too few closed days to fill the guard, with weeks for the pattern and a clock change to spare
        by_date = [date.fromisoformat(day) for day in days]
        calendar = Calendar(self.zone, self.week, dict(zip(by_date, days.values(), strict=True)))
        # A week without a dated day is as open as any other, so only starts around dated days can tell more.
        around = {day + step * _DAY for day in by_date for step in range(-8, 2)}
        for day in sorted(around):
            try:
                calendar.next_opening(datetime.combine(day, time(), UTC))
            except Unbounded:
                raise Wrong(
                    f"has no open time in the {GUARD_DAYS} days from {day}; a promise on it never falls due"
                ) from None
        return self
