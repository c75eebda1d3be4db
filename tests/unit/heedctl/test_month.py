"""Months and deadlines as `heed calendar` draws them: read the files in tests/golden/calendars, they are the point.

After a change, write them anew with `HEED_WRITE_GOLDEN=1 pytest tests/unit/heedctl` and read the diff.
"""

from __future__ import annotations

import io
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from heed.policy.opening import Opening
from heed.sla import Unbounded
from infra.heedctl.month import Shown, due_page, month_page
from infra.heedctl.screen import Screen, width

GOLDEN = Path(__file__).parents[2] / "golden" / "calendars"
PLAIN = Screen(io.StringIO())
TODAY = date(2026, 2, 21)

CN: dict[str, Any] = {
    "zone": "Asia/Shanghai",
    "week": {"mon-fri": ["09:00-18:00"]},
    "years": ["2026"],
    "off": ["2026-01-01..2026-01-03", "2026-02-15..2026-02-23"],
    "makeup": ["2026-01-04", "2026-02-14", "2026-02-28"],
    "days": {"2026-02-13": ["09:00-12:00"]},
}
NY: dict[str, Any] = {"zone": "America/New_York", "week": {"mon-fri": ["09:00-12:00", "13:00-17:30"]}}
NIGHT: dict[str, Any] = {"zone": "Europe/London", "week": {"daily": ["22:00-06:00"]}}
ALWAYS: dict[str, Any] = {"zone": "UTC", "week": {"daily": ["00:00-24:00"]}}


def shown(name: str, given: dict[str, Any]) -> Shown:
    return Shown(name, Opening.model_validate(given))


MONTHS = {
    "spring-festival": ("office-cn", CN, 2026, 2),
    "year-not-known": ("office-cn", CN, 2027, 1),
    "clocks-forward": ("office-ny", NY, 2026, 3),
    "clocks-back": ("night-london", NIGHT, 2026, 10),
    "always": ("always", ALWAYS, 2026, 4),
}
DUES = {
    "due-over-the-festival": ("office-cn", CN, "2026-02-13T10:00+08:00", 14 * 3600),
    "due-over-the-clocks": ("office-ny", NY, "2026-03-06T16:30-05:00", 2 * 3600),
    "due-in-a-year-not-known": ("office-cn", CN, "2026-12-31T17:30+08:00", 3600),
    "due-always": ("always", ALWAYS, "2026-04-01T23:50+00:00", 20 * 60 + 5),
}


def drawn(name: str) -> list[str]:
    if name in MONTHS:
        calendar, given, year, month = MONTHS[name]
        return month_page(shown(calendar, given), year, month, TODAY, PLAIN)
    calendar, given, start, seconds = DUES[name]
    return due_page(shown(calendar, given), datetime.fromisoformat(start), seconds, PLAIN)


@pytest.mark.parametrize("name", [*MONTHS, *DUES])
def test_a_page_reads_as_its_golden_file(name: str) -> None:
    file, text = GOLDEN / f"{name}.txt", "\n".join(drawn(name)) + "\n"
    if os.environ.get("HEED_WRITE_GOLDEN") == "1":
        file.write_text(text, encoding="utf-8")
    assert file.exists(), f"{file.name} is missing; HEED_WRITE_GOLDEN=1 writes it"
    assert text == file.read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_page() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} == {*MONTHS, *DUES}


def columns(line: str, step: int) -> list[str]:
    """A line in parts of `step` columns, as a terminal draws them."""
    parts = [""]
    for char in line:
        if width(parts[-1]) >= step:
            parts.append("")
        parts[-1] += char
    return parts


@pytest.mark.parametrize("name", MONTHS)
def test_days_of_a_week_stand_under_each_other_whatever_they_are_marked_with(name: str) -> None:
    lines = drawn(name)
    step = width(lines[2][: lines[2].index("二")])
    days = []
    for line in lines[2 : lines.index("", lines.index("", 3) + 1)]:
        *full, last = columns(line, step)
        assert all(part[-1] == " " and width(part) == step for part in full)
        assert all(part[:1] != " " or not part.strip() for part in [*full, last])
        days.append(len([*full, last]))
    assert max(days) == 7


def test_the_hours_of_a_month_are_what_the_calendar_counts() -> None:
    assert "16 open days, 138 h open" in drawn("spring-festival")


def test_a_day_over_which_the_clocks_go_is_noted_with_its_length() -> None:
    assert "Sun 2026-03-08: clocks go from 02:00 to 03:00, a day of 23 h" in drawn("clocks-forward")
    assert "Sun 2026-10-25: clocks go from 02:00 to 01:00, a day of 25 h" in drawn("clocks-back")


@pytest.mark.parametrize("name", DUES)
def test_the_days_to_a_deadline_count_up_to_the_promise(name: str) -> None:
    calendar, given, start, seconds = DUES[name]
    one = shown(calendar, given)
    due = one.calendar.add(datetime.fromisoformat(start), seconds)
    assert one.calendar.between(datetime.fromisoformat(start), due) == seconds
    assert any(f"{due.astimezone(one.zone):%Y-%m-%d %H:%M:%S}" in line for line in drawn(name))


def test_a_promise_that_never_falls_due_is_not_drawn() -> None:
    never = Shown("never", shown("cn", CN).opening.model_copy(update={"week": {}, "days": {}}))
    with pytest.raises(Unbounded):
        due_page(never, datetime.fromisoformat("2026-03-01T10:00+08:00"), 60, PLAIN)
