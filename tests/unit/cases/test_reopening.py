"""A case closed and opened again (rule 14)."""

from __future__ import annotations

import pytest

from heed import cases
from heed.model import ClockState, EffectKind, Kind, Priority, RiskName, Status
from tests.unit.builders import a_policy, at
from tests.unit.cases.story import FR, NR, RES, Story

HOUR = 3600

# -- reopen (rule 14) -----------------------------------------------------------------------------------------------


def test_t58_a_reopened_case_resumes_its_resolution_and_starts_a_next_response() -> None:
    story = Story(a_policy(resolution=8 * HOUR)).customer("10:00").agent("10:10").resolve("12:00")
    story.customer("10:00", day="2026-03-12")
    assert story.clock(RES).deadline_at == at("16:00", day="2026-03-12")
    assert story.clock(NR).deadline_at == at("10:20", day="2026-03-12")
    assert story.case.episode == 1


def test_t59_after_the_window_a_message_opens_a_new_episode() -> None:
    story = Story().customer("10:00", risks=[RiskName.SAFETY]).agent("10:10").acknowledge("10:11").resolve("12:00")
    story.customer("10:00", day="2026-03-23", kind=Kind.PRAISE)
    assert story.case.episode == 2
    assert story.clock(FR).deadline_at == at("10:30", day="2026-03-23")
    assert story.clock(FR).id == "2.first_response.1"
    fresh = (story.case.priority, story.case.team, story.case.risks, story.case.kind, story.case.acknowledged_by)
    assert fresh == (Priority.P4, "care", (), Kind.PRAISE, "")
    assert story.case.opened_at == at("10:00", day="2026-03-23")


@pytest.mark.parametrize(("second", "episode"), [("12:00:00", 1), ("12:00:01", 2)])
def test_the_window_is_72_hours(second: str, episode: int) -> None:
    story = Story().customer("10:00").agent("10:10").resolve("12:00").customer(second, day="2026-03-14")
    assert story.case.episode == episode


def test_a_case_resolved_unanswered_ends_its_promise_neither_kept_nor_broken() -> None:
    story = Story().customer("10:00").resolve("10:10")
    assert (story.clock(FR).state, story.clock(FR).reason) == (ClockState.CANCELLED, "closed_unanswered")
    assert (story.case.waiting_since, story.case.waiting_messages, cases.due_at(story.case)) == (None, 0, None)


def test_a_case_resolved_unanswered_and_reopened_has_the_rest_of_its_first_response() -> None:
    story = Story().customer("10:00").resolve("10:10").customer("11:00")
    assert [(clock.period, clock.state) for clock in story.clocks(FR)] == [(2, ClockState.RUNNING)]
    assert story.clock(FR).deadline_at == at("11:20")
    story.resolve("11:05").customer("12:00")
    assert story.clock(FR, 3).deadline_at == at("12:15")


def test_a_broken_first_response_closed_unanswered_gives_five_minutes_when_reopened() -> None:
    story = Story().customer("10:00").expire("10:31").resolve("10:40").customer("11:00")
    assert story.clock(FR, 1).state is ClockState.BREACHED
    second = story.clock(FR, 2)
    assert (second.state, second.deadline_at, second.reason) == (ClockState.RUNNING, at("11:05"), "accelerated")
    story.agent("11:03")
    assert [clock.state for clock in story.clocks(FR)] == [ClockState.BREACHED, ClockState.MET]


def test_a_broken_next_response_closed_unanswered_does_not_stand_in_the_way_of_the_next() -> None:
    story = Story().customer("10:00").agent("10:10").customer("11:00").expire("11:21").resolve("11:30")
    story.customer("12:00")
    assert (story.clock(NR).period, story.clock(NR).deadline_at) == (2, at("12:20"))


def test_a_message_older_than_the_resolution_does_not_count_time_twice() -> None:
    story = Story().customer("10:00").resolve("10:10").customer("10:05", received="10:11")
    assert (story.clock(FR).deadline_at, story.clock(RES).deadline_at) == (at("10:30"), at("14:00"))
    assert story.case.waiting_since == at("10:05")


def test_a_message_and_its_reply_that_are_both_seen_after_the_close_end_what_the_message_began() -> None:
    story = Story().customer("10:00").resolve("10:10").customer("10:05", received="10:11")
    story.agent("10:06", received="10:12").expire("10:31")
    assert (story.clock(FR).state, story.case.waiting_since) == (ClockState.MET, None)
    assert story.effects(EffectKind.BREACH) == []


def test_a_reply_seen_after_the_close_shows_that_the_customer_was_answered() -> None:
    story = Story().customer("10:00").resolve("10:20").agent("10:15", received="10:21")
    assert (story.clock(FR).state, story.clock(FR).reason) == (ClockState.MET, "")
    assert story.customer("11:00").clock(NR).deadline_at == at("11:20")


def test_a_reopened_case_has_no_second_breach_of_the_same_resolution() -> None:
    story = Story().customer("10:00").agent("10:10").resolve("15:00").reopen("15:10")
    assert [clock.state for clock in story.clocks(RES)] == [ClockState.BREACHED_MET]
    assert story.case.status is Status.OPEN


def test_the_desk_reopens_with_the_time_that_was_left() -> None:
    story = Story().customer("10:00").agent("10:10").resolve("11:00").reopen("15:00")
    assert (story.clock(RES).deadline_at, story.case.resolved_at) == (at("18:00"), None)


def test_a_case_reopened_again_and_again_keeps_only_what_matters() -> None:
    story = Story().customer("10:00").agent("10:01")
    for minute in range(10, 40, 2):
        story.resolve(f"10:{minute}").reopen(f"10:{minute + 1}")
    assert len(story.case.clocks) == 2


def test_a_conversation_we_opened_resolves_and_reopens_without_a_promise() -> None:
    story = Story().agent("09:30").resolve("09:40").reopen("09:50")
    assert story.case.clocks == ()


def test_reopening_what_is_open_and_resolving_what_is_resolved_change_nothing() -> None:
    story = Story().customer("10:00")
    assert cases.reopen(story.case, story.policy, at("10:05")) is story.case
    story.resolve("10:10")
    assert cases.resolve(story.case, at("10:20")) is story.case


def test_a_reply_to_a_resolved_case_leaves_it_resolved() -> None:
    story = Story().customer("10:00").agent("10:10").resolve("10:20").agent("10:30")
    assert (story.case.status, story.case.last_reply_at) == (Status.RESOLVED, at("10:30"))
