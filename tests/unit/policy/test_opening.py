# ruff: noqa: E501 - a sentence told is compared whole, on its own line
"""Dates of a calendar: which of its keys decides, whose holidays are known, and who hears that they are not."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.policy import FORESIGHT, Policy, load
from heed.policy.build import compile_policy, main, warnings
from heed.policy.opening import Opening
from heed.policy.source import Invalid
from heed.sla import Calendar

EXAMPLE = Path(__file__).with_name("example.yaml").read_text(encoding="utf-8")
SHIPPED = (Path(__file__).parents[3] / "layers/policy/policy.yaml").read_text(encoding="utf-8")
PLAIN = '    days:\n      2026-01-01..2026-01-03: []\n      2026-01-04: ["09:00-18:00"]\n'
MONDAY = [["09:00", "12:00"], ["13:00", "18:00"]]


def with_dates(lines: str) -> str:
    """The example with other dates in its office, from line 13."""
    assert PLAIN in EXAMPLE
    return EXAMPLE.replace(PLAIN, "".join(f"    {line}\n" for line in lines.splitlines()))


def office(lines: str) -> dict[str, list[list[str]]]:
    days: dict[str, list[list[str]]] = compile_policy(with_dates(lines))["calendars"]["office"]["days"]
    return days


PRECEDENCE = [
    # what the file says of 2026-02-14, a Saturday with hours of its own; what it is open then, or None for the week's
    ("years: [2026]", None),
    ("off: [2026-02-14]", []),
    ("makeup: [2026-02-14]", MONDAY),
    ("off: [2026-02-10..2026-02-20]\nmakeup: [2026-02-14]", []),
    ("makeup: [2026-02-14]\ndays: {2026-02-14: []}", []),
    ('off: [2026-02-14]\ndays: {2026-02-14: ["10:00-11:00"]}', [["10:00", "11:00"]]),
    ('off: [2026-02-14]\nmakeup: [2026-02-14]\ndays: {2026-02-14: ["10:00-11:00"]}', [["10:00", "11:00"]]),
]


@pytest.mark.parametrize(("lines", "hours"), PRECEDENCE)
def test_an_override_decides_before_a_day_off_and_that_before_a_make_up_workday(
    lines: str, hours: list[list[str]] | None
) -> None:
    assert office(lines).get("2026-02-14") == hours


MISTAKES = [
    ("off: [2026-02-30]", '13: calendars.office.off: "2026-02-30" is not a date from 2000 to 2199; write 2026-01-04 or 2026-01-01..2026-01-03'),
    ("off:\n- 2026-01-01\n- 2025-12-30..2026-01-02", '15: calendars.office.off: 2026-01-01 is already given by "2026-01-01"'),
    ("makeup: [2026-02-14, 2026-02-14]", '13: calendars.office.makeup: 2026-02-14 is already given by "2026-02-14"'),
    ("makeup: 2026-02-14", "13: calendars.office.makeup: must be a list, such as [a, b]"),
    ("years: []", "13: calendars.office.years: must hold at least one entry"),
    ("years: [26]", '13: calendars.office.years: "26" must be a whole number from 2000 to 2199'),
    ("holidays: [2026-01-01]", '13: calendars.office.holidays: is not known here; did you mean "days"? choose from zone, week, years, off, makeup, days'),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "told"), MISTAKES)
def test_a_mistake_in_dates_is_told_with_its_line(lines: str, told: str) -> None:
    with pytest.raises(Invalid) as caught:
        compile_policy(with_dates(lines))
    assert str(caught.value).splitlines() == [told]


def test_a_make_up_workday_without_a_monday_to_take_hours_from_is_refused() -> None:
    text = with_dates("makeup: [2026-02-14]").replace("mon-fri:", "tue-fri:")
    with pytest.raises(Invalid, match=r"13: calendars.office.makeup: has the hours of Monday, which has none"):
        compile_policy(text)
    assert compile_policy(
        text.replace("makeup: [2026-02-14]", 'makeup: [2026-02-14]\n    days: {2026-02-14: ["09:00-10:00"]}')
    )


def test_days_off_that_close_a_calendar_for_more_than_400_days_are_refused() -> None:
    with pytest.raises(Invalid, match="has no open time in the 400 days from 2026-01-0"):
        compile_policy(with_dates("off: [2026-01-01..2026-12-31, 2027-01-01..2027-03-01]"))


def test_too_many_days_off_are_refused() -> None:
    years = ", ".join(f"{year}-01-01..{year}-12-31" for year in (2030, 2031, 2032))
    with pytest.raises(Invalid, match=r"13: calendars.office.off: has more than 1000 dated days"):
        compile_policy(with_dates(f"off: [{years}]"))


ISO = st.dates(date(2026, 1, 1), date(2026, 3, 1)).map(date.isoformat)


@given(st.sets(ISO), st.sets(ISO), st.sets(ISO))
def test_every_date_is_decided_by_exactly_the_first_key_that_names_it(
    off: set[str], makeup: set[str], days: set[str]
) -> None:
    opening = Opening.model_validate(
        {
            "zone": "UTC",
            "week": {"mon": ["08:00-09:00"]},
            "off": [*off],
            "makeup": [*makeup],
            "days": {day: ["01:00-02:00"] for day in days},
        }
    )
    expected = {
        day: [("01:00", "02:00")] if day in days else [] if day in off else [("08:00", "09:00")]
        for day in off | makeup | days
    }
    assert opening.dated == expected


# -- years without data


def shipped(*lines: str) -> Policy:
    """The shipped policy, whose office-cn knows 2026, with more lines among its days off."""
    text = SHIPPED.replace("    off:\n", "\n".join(("    off:", *lines, "")))
    return load(compile_policy(text.replace("years: [2026]", "years: [2026, 2027]") if lines else text))


def at(local: str) -> datetime:
    return datetime.fromisoformat(f"{local}+08:00").astimezone(UTC)


def test_t24_a_promise_into_a_year_without_data_follows_the_plain_week_and_is_uncertain() -> None:
    calendar = shipped().calendars["office-cn"]
    due = calendar.add(at("2026-12-31T17:30"), 3600)
    assert due == at("2027-01-01T09:30")
    assert (calendar.certain(at("2026-12-31T17:30")), calendar.certain(due)) == (True, False)


def test_t24_with_the_years_data_it_waits_for_the_holidays_to_end() -> None:
    calendar = shipped("      - 2027-01-01..2027-01-03").calendars["office-cn"]
    due = calendar.add(at("2026-12-31T17:30"), 3600)
    assert due == at("2027-01-04T09:30")
    assert calendar.certain(due)


def test_a_year_begins_where_the_calendar_is() -> None:
    shanghai = Calendar("Asia/Shanghai", {}, years=[2026])
    assert shanghai.certain(datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC))
    assert not shanghai.certain(datetime(2026, 12, 31, 16, tzinfo=UTC))
    assert not shanghai.certain(datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC))


def test_a_calendar_without_years_has_no_holidays_to_know() -> None:
    assert Calendar("UTC", {}).certain(datetime(2099, 1, 1, tzinfo=UTC))


def test_a_missing_year_is_seen_60_days_ahead_and_not_before() -> None:
    begins = at("2027-01-01T00:00")
    assert timedelta(days=60) == FORESIGHT
    assert shipped().uncertain(begins - FORESIGHT - timedelta(milliseconds=1)) == ()
    assert shipped().uncertain(begins - FORESIGHT) == ("office-cn",)
    assert shipped().uncertain(begins + timedelta(days=100)) == ("office-cn",)
    assert shipped().uncertain(at("2025-12-31T12:00")) == ("office-cn",)
    assert shipped("      - 2027-01-01..2027-01-03").uncertain(begins - FORESIGHT) == ()


def test_a_warning_names_the_line_and_the_command_that_helps() -> None:
    line = SHIPPED[: SHIPPED.index("years: [2026]")].count("\n") + 1
    told = warnings(SHIPPED, compile_policy(SHIPPED), at("2026-11-20T12:00"))
    assert [str(problem) for problem in told] == [
        f"{line}: calendars.office-cn.years: warning: does not know all public holidays until 2027-01-19, so the plain week stands in for them; `heed calendar import COUNTRY 2027 --calendar office-cn` adds them once they are published"
    ]
    assert warnings(SHIPPED, compile_policy(SHIPPED), at("2026-06-01T12:00")) == []


def test_check_warns_of_missing_years_and_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(with_dates("years: [2001]"), encoding="utf-8")
    assert main(["--check", str(file)]) == 0
    told, closing = capsys.readouterr().out.splitlines()
    assert told.startswith(f"{file}:13: calendars.office.years: warning: ")
    assert "valid, version" in closing
