"""Business time against a walk through the minutes, its laws, and its edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heed.sla import Calendar, Unbounded
from heed.sla.calendars import GUARD_DAYS
from tests.unit.sla.walk import DAYS, Walk

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)

# A zone, and a day around which its clocks change or its year ends.
TURNS = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/New_York", date(2025, 12, 31)),
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Shanghai", date(2026, 2, 17)),
    ("America/Santiago", date(2026, 4, 5)),
    ("America/Santiago", date(2026, 9, 6)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Kiritimati", date(2026, 1, 1)),
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("Asia/Kathmandu", date(2027, 1, 1)),
]

minutes = st.integers(0, 24 * 60 - 1)
clocks = st.builds(lambda minute: f"{minute // 60:02}:{minute % 60:02}", minutes)
closings = st.one_of(clocks, st.just("24:00"))
hours = st.lists(st.tuples(clocks, closings), max_size=3)
weeks = st.dictionaries(st.sampled_from(NAMES), hours, max_size=7)
seconds = st.one_of(st.integers(0, 400_000), st.floats(0, 400_000).map(lambda value: round(value, 6)))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Calendar, Walk]:
    """A random calendar and the walk over the two weeks around a turn of its zone."""
    zone, turn = draw(st.sampled_from(TURNS))
    first = turn - timedelta(days=5)
    days = st.integers(0, DAYS - 1).map(lambda n: first + timedelta(days=n))
    week, overrides = draw(weeks), draw(st.dictionaries(days, hours, max_size=4))
    return Calendar(zone, week, overrides), Walk(zone, first, week, overrides)


def moments(walk: Walk) -> st.SearchStrategy[datetime]:
    """Instants of the walk's middle, some on whole minutes, some not."""
    inner = st.integers(2 * 1440, (DAYS - 4) * 1440)
    odd = st.sampled_from([0, 0, 1, 30_000_000, 59_999_999])
    return st.builds(lambda minute, micros: walk.begins + timedelta(minutes=minute, microseconds=micros), inner, odd)


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_adding_agrees_with_a_walk_through_the_minutes(data: st.DataObject) -> None:
    calendar, walk = data.draw(worlds())
    start, wanted = data.draw(moments(walk)), data.draw(seconds)
    if wanted == 0:
        assert calendar.add(start, wanted) == start
        return
    expected = walk.add(start, wanted)
    try:
        actual = calendar.add(start, wanted)
    except Unbounded:
        assert expected is None
        return
    assert actual == expected if expected is not None else actual > walk.ends


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_measuring_agrees_with_a_walk_through_the_minutes(data: st.DataObject) -> None:
    calendar, walk = data.draw(worlds())
    start, end = data.draw(moments(walk)), data.draw(moments(walk))
    assert calendar.between(start, end) == walk.between(start, end)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_time_added_is_the_time_measured(data: st.DataObject) -> None:
    calendar, walk = data.draw(worlds())
    start, wanted = data.draw(moments(walk)), data.draw(seconds)
    try:
        due = calendar.add(start, wanted)
    except Unbounded:
        return
    assert calendar.between(start, due) == pytest.approx(wanted, abs=1e-6)
    if wanted:
        assert calendar.between(due - MICROSECOND, due) > 0, "the deadline is the earliest instant that will do"


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_open_time_adds_up_and_never_runs_backwards(data: st.DataObject) -> None:
    calendar, walk = data.draw(worlds())
    first, second, third = sorted(data.draw(st.tuples(moments(walk), moments(walk), moments(walk))))
    parts = calendar.between(first, second) + calendar.between(second, third)
    assert calendar.between(first, third) == pytest.approx(parts, abs=1e-6)
    assert 0 <= parts <= (third - first).total_seconds() + 1e-6


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_later_start_and_a_longer_promise_never_fall_due_earlier(data: st.DataObject) -> None:
    calendar, walk = data.draw(worlds())
    starts = sorted(data.draw(st.tuples(moments(walk), moments(walk))))
    wanted = sorted(data.draw(st.tuples(seconds, seconds)))
    try:
        due = [calendar.add(start, wanted[0]) for start in starts] + [calendar.add(starts[1], wanted[1])]
    except Unbounded:
        return
    assert due == sorted(due)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_next_opening_is_the_first_open_instant(data: st.DataObject) -> None:
    calendar, walk = data.draw(worlds())
    start = data.draw(moments(walk))
    try:
        opening = calendar.next_opening(start)
    except Unbounded:
        return
    assert opening >= start
    assert calendar.between(start, opening) == 0
    assert calendar.between(opening, opening + MICROSECOND) > 0


OFFICE = {day: [("09:00", "17:00")] for day in NAMES[:5]}
EVERY_DAY = {key: [("00:00", "24:00")] for key in NAMES}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_hours_are_open_at_their_opening_and_closed_at_their_closing() -> None:
    office = Calendar("UTC", OFFICE)
    assert office.next_opening(utc("2026-03-11T09:00")) == utc("2026-03-11T09:00")
    assert office.next_opening(utc("2026-03-11T16:59:59.999999")) == utc("2026-03-11T16:59:59.999999")
    assert office.next_opening(utc("2026-03-11T17:00")) == utc("2026-03-12T09:00")


def test_overlapping_and_touching_hours_count_once() -> None:
    patchwork = Calendar(
        "UTC", {"mon": [("09:00", "12:00"), ("11:00", "13:00"), ("13:00", "14:00"), ("22:00", "03:00")]}
    )
    assert patchwork.between(utc("2026-03-09T00:00"), utc("2026-03-10T00:00")) == 7 * 3600
    overlapping = Calendar("UTC", {"mon": [("22:00", "10:00")], "tue": [("09:00", "12:00")]})
    assert overlapping.between(utc("2026-03-10T00:00"), utc("2026-03-11T00:00")) == 12 * 3600


def test_an_override_closes_its_day_but_not_the_night_shift_that_began_before() -> None:
    nights = Calendar("UTC", {key: [("22:00", "06:00")] for key in NAMES}, {date(2026, 3, 11): []})
    assert nights.between(utc("2026-03-11T00:00"), utc("2026-03-12T12:00")) == 6 * 3600


@pytest.mark.parametrize("interval", [("00:00", "00:00"), ("09:00", "09:00")])
def test_an_interval_that_ends_where_it_starts_lasts_a_day(interval: tuple[str, str]) -> None:
    monday = Calendar("UTC", {"mon": [interval]})
    assert monday.between(utc("2026-03-09T00:00"), utc("2026-03-11T00:00")) == 24 * 3600


def test_a_long_shift_reaches_over_new_year_in_the_westernmost_zone() -> None:
    shift = Calendar("Etc/GMT+12", {"wed": [("23:00", "22:00")]})
    assert shift.between(utc("2027-01-01T00:00"), utc("2027-01-02T00:00")) == 10 * 3600


def test_always_is_elapsed_time_to_the_microsecond() -> None:
    always = Calendar("America/New_York", EVERY_DAY)
    start = utc("2026-03-08T05:59:59.999999")
    assert always.add(start, 86_400.000001) == start + timedelta(days=1, microseconds=1)
    assert always.between(start, start + timedelta(days=1)) == 86_400
    assert always.between(start, start - SECOND) == 0


def test_every_day_whole_equals_always_though_one_day_is_overridden_to_the_same() -> None:
    spelled = Calendar("America/New_York", EVERY_DAY, {date(2026, 3, 8): [("00:00", "24:00")]})
    start = utc("2025-12-30T12:00")
    assert spelled.add(start, 500 * 86_400) == start + timedelta(days=500)


def test_a_start_in_any_zone_is_answered_in_utc() -> None:
    office = Calendar("UTC", OFFICE)
    due = office.add(datetime.fromisoformat("2026-03-11T17:30:00+08:00"), 3600)
    assert (due, due.tzinfo) == (utc("2026-03-11T10:30"), UTC)


def test_a_promise_of_two_years_is_exact() -> None:
    office = Calendar("Europe/London", OFFICE)
    assert office.add(utc("2026-01-01T00:00"), 8 * 3600 * 522) == utc("2027-12-31T17:00")


def test_the_guard_looks_400_days_ahead_and_no_further() -> None:
    opening = date(2027, 6, 1)
    once = Calendar("UTC", {}, {opening: [("00:00", "01:00")]})
    opens_at = datetime(2027, 6, 1, tzinfo=UTC)
    just = opens_at - timedelta(days=GUARD_DAYS)
    assert once.add(just, 60) == opens_at + 60 * SECOND
    with pytest.raises(Unbounded):
        once.add(just - MICROSECOND, 60)


def test_the_guard_counts_from_the_last_open_time() -> None:
    yearly = Calendar("UTC", {}, {date(2026 + n, 6, 1): [("00:00", "01:00")] for n in range(3)})
    assert yearly.add(utc("2026-05-31T00:00"), 3 * 3600) == utc("2028-06-01T01:00")
    sparse = Calendar("UTC", {}, {date(year, 6, 1): [("00:00", "01:00")] for year in (2026, 2028)})
    with pytest.raises(Unbounded):
        sparse.add(utc("2026-05-31T00:00"), 2 * 3600)


@pytest.mark.parametrize("days", [{}, {date(2026, 3, 11): [("09:00", "10:00")]}])
def test_a_calendar_that_never_opens_again_is_unbounded(days: dict[date, Any]) -> None:
    closed = Calendar("Asia/Shanghai", {}, days)
    with pytest.raises(Unbounded):
        closed.add(utc("2026-03-11T00:00"), 3601)
    with pytest.raises(Unbounded):
        closed.next_opening(utc("2026-03-12T00:00"))
    assert closed.between(utc("2026-03-12T00:00"), utc("2036-03-12T00:00")) == 0


def test_a_promise_beyond_the_last_year_is_unbounded() -> None:
    with pytest.raises(Unbounded):
        Calendar("UTC", OFFICE).add(utc("9998-12-30T00:00"), 30 * 86_400)


@pytest.mark.parametrize("clock", ["24:01", "25:00", "09:60", "-1:00", "9", "09:00:00", "noon"])
def test_what_is_no_time_of_day_is_refused(clock: str) -> None:
    with pytest.raises(ValueError, match=r"time of day|unpack|literal"):
        Calendar("UTC", {"mon": [("09:00", clock)]})
