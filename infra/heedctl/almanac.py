"""A year's public holidays and make-up workdays, from libraries that follow the governments' announcements.

China announces each year by decree, which days are off and which weekends are worked for them: `chinesecalendar` holds
the State Council's papers and refuses a year that has none yet. Every other country comes from `holidays`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from infra.heedctl.target import Failed

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days in a row, first to last, under one name."""

    first: date
    last: date
    name: str

    def __str__(self) -> str:
        """As a policy file writes it."""
        return f"{self.first}" if self.first == self.last else f"{self.first}..{self.last}"

    def days(self) -> Iterator[date]:
        return (self.first + step * _DAY for step in range((self.last - self.first).days + 1))


@dataclass(frozen=True, slots=True)
class Almanac:
    """The days off and the make-up workdays of one year, in order."""

    source: str
    off: tuple[Span, ...]
    makeup: tuple[Span, ...]


def almanac(place: str, year: int) -> Almanac:
    """`place` is a country of ISO 3166, or a part of one: `CN`, `GB-ENG`. Raises Failed if the year is not known."""
    country, _, part = place.partition("-")
    return _china(year) if country == "CN" and not part else _elsewhere(country, part, year)


def _china(year: int) -> Almanac:
    import chinese_calendar  # slow to load, and no other command needs it
    from chinese_calendar.constants import holidays, workdays

    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        known = max(holidays).year
        raise Failed(
            f"chinesecalendar knows no {year} yet, only years up to {known}. The State Council publishes a year's "
            "holidays in the November before it; `.venv/bin/uv pip install --upgrade chinesecalendar` once it did, "
            "and `make lock UPGRADE=--upgrade-package=chinesecalendar` for the others"
        ) from None
    return Almanac("chinesecalendar", _spans(holidays, year), _spans(workdays, year, "for "))


def _elsewhere(country: str, part: str, year: int) -> Almanac:
    import holidays

    try:
        found = holidays.country_holidays(country, subdiv=part or None)
        language = "en_US" if "en_US" in found.supported_languages else None
        found = holidays.country_holidays(country, subdiv=part or None, years=year, language=language)
    except NotImplementedError:
        parts = holidays.list_supported_countries().get(country)
        told = f"{country} has {', '.join(parts) or 'no parts'}" if parts is not None else "write it as in ISO 3166"
        raise Failed(f"holidays does not know {country}{'-' if part else ''}{part}; {told}") from None
    worked = dict.fromkeys(found.weekend_workdays, "make-up workday")
    off = _spans(found, year)
    if not off:
        raise Failed(f"holidays knows no public holidays of {country} in {year}")
    return Almanac("holidays", off, _spans(worked, year))


def _spans(named: Mapping[date, str], year: int, before: str = "") -> tuple[Span, ...]:
    spans: list[Span] = []
    for day in sorted(day for day in named if day.year == year):
        name = before + " ".join(named[day].split())
        if spans and spans[-1].name == name and spans[-1].last == day - _DAY:
            spans[-1] = Span(spans[-1].first, day, name)
        else:
            spans.append(Span(day, day, name))
    return tuple(spans)
