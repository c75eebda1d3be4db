"""A year's holidays as the libraries have them, held to the State Council's paper and to each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import holidays
import pytest

from heed.policy import load
from heed.policy.build import compile_policy
from heed.sla import Calendar
from infra.heedctl.almanac import Almanac, almanac
from infra.heedctl.commands import POLICY
from infra.heedctl.policy_text import with_year
from infra.heedctl.target import Failed
from tests.unit.sla import worked

# The State Council's notice on the holidays of 2026.
OFF_2026 = [
    "2026-01-01..2026-01-03",
    "2026-02-15..2026-02-23",
    "2026-04-04..2026-04-06",
    "2026-05-01..2026-05-05",
    "2026-06-19..2026-06-21",
    "2026-09-25..2026-09-27",
    "2026-10-01..2026-10-07",
]
MAKEUP_2026 = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]


def test_the_chinese_year_2026_is_the_state_councils_paper() -> None:
    found = almanac("CN", 2026)
    assert [str(span) for span in found.off] == OFF_2026
    assert [str(span) for span in found.makeup] == MAKEUP_2026
    assert found.off[1].name == "Spring Festival"


def imported(place: str, year: int) -> Calendar:
    """The shipped office-cn with a year imported, built and loaded."""
    text = POLICY.read_text("utf-8")
    found: Almanac = almanac(place, year)
    changed = with_year(text, "office-cn", year, found.off, found.makeup)
    return load(compile_policy(changed)).calendars["office-cn"]


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


def works(calendar: Calendar, day: date) -> bool:
    begins = datetime.combine(day, time(), ZoneInfo("Asia/Shanghai"))
    return calendar.between(begins, begins + timedelta(days=1)) == 9 * 3600


def by_chinesecalendar(year: int) -> Callable[[date], bool]:
    return lambda day: bool(chinese_calendar.is_workday(day))


def by_holidays(country: str, year: int) -> Callable[[date], bool]:
    return holidays.country_holidays(country, years=year).is_working_day


@pytest.mark.parametrize("year", range(2012, 2027))
def test_after_an_import_of_china_every_day_is_worked_as_the_library_says(year: int) -> None:
    calendar, is_workday = imported("CN", year), by_chinesecalendar(year)
    assert [day for day in days_of(year) if works(calendar, day) != is_workday(day)] == []


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_another_library_knows_the_same_chinese_year(year: int) -> None:
    calendar, is_workday = imported("CN", year), by_holidays("CN", year)
    assert [day for day in days_of(year) if works(calendar, day) != is_workday(day)] == []


@pytest.mark.parametrize("country", ["US", "GB", "DE", "JP", "FR", "AU", "KR", "SG", "HU", "TW"])
def test_after_an_import_of_another_country_every_day_is_worked_as_the_library_says(country: str) -> None:
    calendar, is_workday = imported(country, 2026), by_holidays(country, 2026)
    assert [day for day in days_of(2026) if works(calendar, day) != is_workday(day)] == []


def test_an_import_of_2026_gives_the_calendar_of_the_worked_cases() -> None:
    calendar = imported("CN", 2026)
    given = {date.fromisoformat(day): hours for day, hours in worked.CN["days"].items()}
    expected = Calendar(worked.CN["zone"], worked.CN["week"], given)
    for day in days_of(2026):
        begins = datetime.combine(day, time(), UTC)
        assert calendar.add(begins, 5 * 3600) == expected.add(begins, 5 * 3600)


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    england, scotland = almanac("GB-ENG", 2026), almanac("GB-SCT", 2026)
    easter_monday = date(2026, 4, 6)
    assert easter_monday in [span.first for span in england.off]
    assert easter_monday not in [span.first for span in scotland.off]


def test_names_are_english_where_the_library_has_english() -> None:
    assert almanac("JP", 2026).off[0].name == "New Year's Day"


REFUSED = [
    ("CN", 2032, "knows no 2032 yet, only years up to 20"),
    ("CN", 2003, "knows no 2003"),
    ("XX", 2026, "holidays does not know XX; write it as in ISO 3166"),
    ("GB-XXX", 2026, "holidays does not know GB-XXX; GB has ENG, NIR, SCT, WLS"),
    ("JP", 2199, "knows no public holidays of JP in 2199"),
]


@pytest.mark.parametrize(("place", "year", "told"), REFUSED)
def test_a_year_or_place_that_a_library_does_not_know_is_refused(place: str, year: int, told: str) -> None:
    with pytest.raises(Failed, match=told):
        almanac(place, year)
