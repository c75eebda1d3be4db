from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed import cases
from heed.model import Attachment, AttachmentKind, Case, Clock, ClockState, Entry, EntryKind
from heed.rim.desk_views import Line, case_view, page, timeline
from heed.rim.items import Stored
from tests.unit.builders import a_message, a_policy, an_assessment, at

NOW = at("10:00")
TIMES = st.lists(st.integers(0, 5), max_size=30).map(sorted)


def lines(seconds: list[int]) -> list[Line]:
    return [Line(NOW + timedelta(seconds=second), {"n": n}) for n, second in enumerate(seconds)]


@given(TIMES, st.integers(1, 7))
def test_pages_hold_every_line_once_and_in_order(seconds: list[int], size: int) -> None:
    found, after = [], None
    every = lines(seconds)
    for _ in range(len(every) + 1):
        got = page(every, after, size)
        assert len(got.views) <= size
        found += got.views
        after = got.next
        if after is None:
            break
    assert found == [line.view for line in every]


@given(TIMES, st.integers(1, 7), st.integers(0, 5))
def test_a_line_that_comes_in_late_repeats_and_hides_no_other(seconds: list[int], size: int, late: int) -> None:
    every = lines(seconds)
    first = page(every, None, size)
    if first.next is None or first.next[0] == NOW + timedelta(seconds=late):
        return
    with_late = sorted([*every, Line(NOW + timedelta(seconds=late), {"n": "late"})], key=lambda line: line.at)
    rest = [view for view in page(with_late, first.next, 100).views if view["n"] != "late"]
    assert first.views + rest == [line.view for line in every]


def test_a_place_past_the_end_is_an_empty_last_page() -> None:
    assert page(lines([1, 2]), (NOW + timedelta(days=1), 9), 5).views == []
    assert page([], None, 5).next is None


def test_a_message_comes_before_what_it_did_at_the_same_time() -> None:
    said = Stored(a_message(at=NOW))
    found = timeline([said], [Entry(NOW, EntryKind.ESCALATED, "heed")])
    assert [line.view["type"] for line in found] == ["message", "entry"]


def test_what_came_with_a_message_is_shown_by_reference() -> None:
    picture = Attachment(AttachmentKind.IMAGE, "media-1")
    (line,) = timeline([Stored(a_message(at=NOW, attachments=(picture,)))], [])
    assert line.view["attachments"] == [{"kind": "image", "reference": "media-1", "title": None}]


def a_case() -> Case:
    policy = a_policy(calendar="always")
    return cases.receive(None, a_message(at=NOW), an_assessment(), policy, NOW)


def a_clock(state: ClockState, deadline_at: datetime | None = NOW, stopped_at: datetime | None = None) -> Clock:
    return replace(a_case().clocks[0], state=state, deadline_at=deadline_at, stopped_at=stopped_at)


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("clock", "left", "overdue"),
    [
        (a_clock(ClockState.RUNNING, NOW + MINUTE), 60.0, 0.0),
        (a_clock(ClockState.RUNNING, NOW), 0.0, 0.0),
        (a_clock(ClockState.RUNNING, NOW - MINUTE), 0.0, 60.0),
        (a_clock(ClockState.RUNNING, None), None, 0.0),
        (a_clock(ClockState.PAUSED, None), None, 0.0),
        (a_clock(ClockState.BREACHED, NOW - MINUTE), None, 60.0),
        (a_clock(ClockState.BREACHED, NOW - 3 * MINUTE, NOW - MINUTE), None, 120.0),
        (a_clock(ClockState.BREACHED_MET, NOW - 3 * MINUTE, NOW - 2 * MINUTE), None, 60.0),
        (a_clock(ClockState.MET, NOW - MINUTE, NOW - 2 * MINUTE), None, 0.0),
        (a_clock(ClockState.CANCELLED, NOW - MINUTE, NOW - 2 * MINUTE), None, 0.0),
        (a_clock(ClockState.RETRACTED, NOW - MINUTE, NOW - 2 * MINUTE), None, 0.0),
    ],
)
def test_a_promise_shows_the_time_left_or_how_late_it_is_or_was(
    clock: Clock, left: float | None, overdue: float
) -> None:
    view = case_view(replace(a_case(), clocks=(clock,)), a_policy(), NOW)["clocks"][0]
    assert (view["left_seconds"], view["overdue_seconds"]) == (left, overdue)


def test_why_is_told_in_the_teams_language() -> None:
    case = replace(a_case(), escalated=("priority:P1",))
    english = case_view(case, a_policy(), NOW)["why"]
    assert english[0]["code"] == "priority:P1"
    assert english[0]["text"].isascii()


def test_times_are_in_utc_to_the_millisecond() -> None:
    assert case_view(a_case(), a_policy(), NOW)["opened_at"] == "2026-03-11T02:00:00.000Z"
    assert NOW.astimezone(UTC) == datetime(2026, 3, 11, 2, tzinfo=UTC)
