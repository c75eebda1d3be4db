"""Holidays written into the text of a policy file: what changes, and that nothing else does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heed.policy.build import compile_policy
from infra.heedctl.almanac import Span
from infra.heedctl.commands import POLICY
from infra.heedctl.policy_text import with_year, without_year
from infra.heedctl.target import Failed

SHIPPED = POLICY.read_text("utf-8")
OFFICE = """\
# holidays of ours
brands: {x: {name: X}}
calendars: # all of them
  always: {zone: UTC, week: {daily: ["00:00-24:00"]}}
  office: # the shop's
    zone:   Asia/Shanghai
    week:
      mon-fri: ["09:00-18:00"] # long days
      # no weekends
    # by hand
    days: {"2026-12-31": []}

  other:
    zone: UTC
    week: {mon: ["09:00-18:00"]}
"""


def span(text: str, name: str = "x") -> Span:
    first, _, last = text.partition("..")
    return Span(date.fromisoformat(first), date.fromisoformat(last or first), name)


NEW_YEAR, FESTIVAL = span("2026-01-01..2026-01-03", "New Year"), span("2026-02-15..2026-02-23", "Spring Festival")
SUNDAY = span("2026-01-04", "for New Year")


def test_a_first_year_is_written_behind_the_week_and_before_what_follows() -> None:
    assert with_year(OFFICE, "office", 2026, [NEW_YEAR, FESTIVAL], [SUNDAY]) == OFFICE.replace(
        "# long days\n",
        """# long days
    years: [2026]
    off:
      - 2026-01-01..2026-01-03 # New Year
      - 2026-02-15..2026-02-23 # Spring Festival
    makeup:
      - 2026-01-04 # for New Year
""",
    )


def test_a_year_without_make_up_workdays_writes_no_list_of_them() -> None:
    assert "makeup" not in with_year(OFFICE, "office", 2026, [NEW_YEAR], [])


TWO_YEARS = """\
calendars:
  office:
    zone: UTC
    off:
    # kept by hand before
    - "2025-01-01" # old
    - 2027-01-01 # new
    years: [2025, 2027] # known
    week: {daily: ["00:00-12:00"]}
"""


def test_a_year_between_two_others_keeps_their_order_indent_and_comments() -> None:
    assert with_year(TWO_YEARS, "office", 2026, [NEW_YEAR], []) == TWO_YEARS.replace(
        "# old\n", "# old\n    - 2026-01-01..2026-01-03 # New Year\n"
    ).replace("[2025, 2027]", "[2025, 2026, 2027]")


def test_an_announcement_that_changed_replaces_only_its_year() -> None:
    before = with_year(TWO_YEARS, "office", 2026, [NEW_YEAR, FESTIVAL], [])
    after = with_year(before, "office", 2026, [span("2026-01-01..2026-01-02", "New Year")], [])
    assert after == with_year(TWO_YEARS, "office", 2026, [span("2026-01-01..2026-01-02", "New Year")], [])


def test_taking_the_only_year_out_takes_its_keys_out() -> None:
    assert without_year(with_year(OFFICE, "office", 2026, [NEW_YEAR], [SUNDAY]), "office", 2026) == OFFICE


def test_taking_one_of_several_years_out_keeps_the_others() -> None:
    assert without_year(TWO_YEARS, "office", 2025) == TWO_YEARS.replace('    - "2025-01-01" # old\n', "").replace(
        "[2025, 2027]", "[2027]"
    )


def test_what_means_the_same_is_left_as_it_is_written() -> None:
    text = with_year(OFFICE, "office", 2026, [NEW_YEAR], [])
    apart = text.replace("- 2026-01-01..2026-01-03 # New Year", "- 2026-01-01 # ours\n      - 2026-01-02..2026-01-03")
    assert with_year(apart, "office", 2026, [NEW_YEAR], []) == apart


def test_line_ends_of_the_file_are_kept() -> None:
    windows = OFFICE.replace("\n", "\r\n")
    text = with_year(windows, "office", 2026, [NEW_YEAR], [SUNDAY])
    assert text == with_year(OFFICE, "office", 2026, [NEW_YEAR], [SUNDAY]).replace("\n", "\r\n")


def test_a_file_that_ends_within_the_calendar_gets_its_last_line_ended() -> None:
    text = OFFICE[: OFFICE.index("    # by hand")].replace("      # no weekends\n", "").rstrip("\n")
    assert with_year(text, "office", 2026, [NEW_YEAR], []).endswith("# New Year\n")


IN_ONE_LINE = TWO_YEARS.replace(
    '\n    # kept by hand before\n    - "2025-01-01" # old\n    - 2027-01-01 # new', " [2025-01-01]"
)
SHARED = (
    TWO_YEARS.replace("  office:", "  other:").replace("off:", "off: &holidays")
    + "  office:\n    zone: UTC\n    week: {}\n    off: *holidays\n"
)
REFUSED = [
    (OFFICE, "always", "write the calendar always over several lines"),
    (IN_ONE_LINE, "office", "write off of office with one entry a line"),
    (TWO_YEARS.replace("2027-01-01", "2025-12-31..2026-01-02"), "office", "of office at New Year"),
    (TWO_YEARS.replace("[2025, 2027] # known", "\n    - 2025"), "office", r"write the years of office as \[2025\]"),
    (SHARED, "office", "off of office is an alias"),
]


@pytest.mark.parametrize(("text", "calendar", "told"), REFUSED)
def test_lines_that_cannot_be_told_apart_are_refused_with_what_to_do(text: str, calendar: str, told: str) -> None:
    with pytest.raises(Failed, match=told):
        with_year(text, calendar, 2026, [NEW_YEAR], [])


YEARS = st.integers(2020, 2030)


@st.composite
def announcements(draw: st.DrawFn) -> tuple[int, list[Span], list[Span]]:
    """A year with some spans off and some make-up workdays."""
    year = draw(YEARS)
    firsts = sorted(draw(st.sets(st.integers(0, 70), max_size=6)))
    off = [Span(b := date(year, 1, 1) + timedelta(days=5 * n), b + timedelta(days=n % 4), "off") for n in firsts]
    makeup = [span((date(year, 1, 5) + timedelta(days=5 * n)).isoformat()) for n in firsts if n % 3 == 0]
    return year, off, makeup


@settings(deadline=None, max_examples=8)
@given(st.lists(announcements(), max_size=4))
def test_any_years_imported_and_taken_out_again_leave_the_file_byte_for_byte(
    years: list[tuple[int, list[Span], list[Span]]],
) -> None:
    before = text = without_year(SHIPPED, "office-cn", 2026)
    for year, off, makeup in years:
        text = with_year(text, "office-cn", year, off, makeup)
        assert with_year(text, "office-cn", year, off, makeup) == text
        office = compile_policy(text)["calendars"]["office-cn"]
        closed = {day.isoformat() for one in off for day in one.days()}
        assert {day for day, hours in office["days"].items() if day[:4] == str(year) and not hours} == closed
        assert year in office["years"]
    for year in {year for year, _, _ in years}:
        text = without_year(text, "office-cn", year)
    assert text == before


@settings(deadline=None, max_examples=10)
@given(announcements(), st.sampled_from(["office-cn", "office-global"]))
def test_an_import_changes_nothing_but_its_calendar(made: tuple[int, list[Span], list[Span]], name: str) -> None:
    after = with_year(SHIPPED, name, *made)
    one, other = compile_policy(SHIPPED), compile_policy(after)
    for compiled in (one, other):
        del compiled["version"], compiled["calendars"][name]
    assert one == other
    assert [line for line in SHIPPED.splitlines() if "#" in line and " - 20" not in line] == [
        line for line in after.splitlines() if "#" in line and " - 20" not in line
    ]
