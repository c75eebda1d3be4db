"""When a channel's silence is unusual, by its own rhythm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed import rhythm
from heed.rhythm import HOUR, MISSED, Rhythm, expected, floor, learnt, silent

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = timedelta(weeks=1)


def office(hour: datetime) -> int:
    """30 an hour on weekdays from 01:00 to 10:00 UTC, nothing else."""
    return 30 if hour.weekday() < 5 and 1 <= hour.hour < 10 else 0


def lived(weeks: int, rate: object = office, start: datetime = MONDAY) -> tuple[Rhythm, datetime]:
    """A rhythm that learnt each hour for some weeks, and when it was last heard."""
    known, last = rhythm.begun(start - timedelta(minutes=1)), start
    for hours in range(weeks * 168):
        hour = start + hours * HOUR
        count = rate(hour)  # type: ignore[operator]
        last = hour + timedelta(minutes=59) if count else last
        known = learnt(known, {hour: count}, last, hour + HOUR)
    return known, last


def test_an_hour_is_learnt_from_what_it_brought() -> None:
    known, _ = lived(2)
    assert known.usual[1] == 30
    assert known.usual[0] == 0
    assert sum(known.usual) == pytest.approx(30 * 9 * 5)


@pytest.mark.parametrize(
    ("last", "now", "is_silent"),
    [
        ("16 02:00", "16 02:29", False),  # under half an hour
        ("16 02:00", "16 02:39", False),  # 19.5 missed
        ("16 02:00", "16 02:41", True),  # 20.5 missed
        ("13 09:59", "16 00:59", False),  # a weekend is usual
        ("13 09:59", "16 01:38", False),
        ("13 09:59", "16 01:41", True),
    ],
)
def test_silence_is_what_the_hours_of_the_week_make_of_it(last: str, now: str, is_silent: bool) -> None:
    known, _ = lived(2)
    at = [datetime.fromisoformat(f"2026-03-{moment}:00+00:00") for moment in (last, now)]
    assert silent(known, *at) is is_silent


def test_nothing_is_unusual_before_two_weeks_are_known() -> None:
    known, last = lived(1)
    assert not silent(known, last, last + WEEK)


def test_a_quiet_channel_has_a_longer_breath() -> None:
    known, last = lived(3, lambda hour: int(hour.hour == 3))
    assert not silent(known, last, last + timedelta(days=19))
    assert silent(known, last, last + timedelta(days=21))


def test_an_outage_is_not_learnt_and_ends_with_the_first_delivery() -> None:
    known, last = lived(3)
    now = last + WEEK
    for _ in range(5):
        known = learnt(known, {}, last, now)
        assert silent(known, last, now)
        now += HOUR
    spoke = known.until + WEEK
    assert not silent(known, spoke, spoke + timedelta(minutes=5))
    assert known.usual == lived(3)[0].usual


def test_a_campaigns_peak_is_not_the_usual_of_its_hour() -> None:
    start = MONDAY + 3 * WEEK
    known, _ = lived(3, lambda hour: 5)
    for hours in range(168):
        hour = start + hours * HOUR
        known = learnt(known, {hour: 10_000 if hours == 26 else 5}, hour + HOUR, hour + HOUR)
    peak = start + WEEK + 26 * HOUR
    assert not silent(known, peak, peak + HOUR)
    assert known.usual[26] < 15


def test_a_steady_random_channel_is_never_called_silent() -> None:
    random = Random(7)  # noqa: S311 - a repeatable story
    known, last, heard = rhythm.begun(MONDAY), MONDAY, 0
    for hours in range(6 * 168):
        hour = MONDAY + (hours + 1) * HOUR
        count = sum(random.random() < 0.2 for _ in range(20))
        heard += count
        last = hour + timedelta(minutes=random.randrange(60)) if count else last
        assert not silent(known, last, hour + HOUR)
        known = learnt(known, {hour: count}, last, hour + HOUR)
    assert sum(known.usual) == pytest.approx(heard / 6, rel=0.1)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_what_is_expected_adds_up(first: int, second: int, third: int) -> None:
    known = Rhythm(MONDAY, MONDAY, tuple(float(hour % 5) / 10_000 for hour in range(168)))
    a, b, c = sorted(MONDAY + timedelta(seconds=value) for value in (first, second, third))
    assert expected(known, a, c) == pytest.approx(expected(known, a, b) + expected(known, b, c), abs=1e-9)
    assert expected(known, a, c) <= MISSED


def test_an_instant_belongs_to_its_hour_in_utc() -> None:
    assert floor(datetime.fromisoformat("2026-03-02T08:30:15+08:00")) == MONDAY
