"""The rules of service promises on whole cases; T numbers are the worked cases, on Wednesday 2026-03-11."""

from __future__ import annotations

import pytest

from heed import cases
from heed.model import Author, ClockState, EffectKind, Status
from tests.unit.builders import a_policy, at
from tests.unit.cases.story import FR, NR, RES, Story, elapsed

HOUR = 3600

# -- first response (rules 2, 6, 9) ---------------------------------------------------------------------------------


def test_t41_a_bot_acknowledges_but_only_a_person_answers() -> None:
    story = Story().customer("10:00").bot("10:00:05").expire("10:30:01").agent("10:40")
    assert story.case.first_ack_at == at("10:00:05")
    clock = story.clock(FR)
    assert (clock.state, clock.deadline_at, elapsed(clock)) == (ClockState.BREACHED_MET, at("10:30"), 40 * 60)


@pytest.mark.parametrize(
    ("reply", "state"), [("10:30:00", ClockState.MET), ("10:30:01", ClockState.BREACHED_MET)], ids=["in time", "late"]
)
def test_t42_a_reply_at_the_deadline_is_in_time_and_a_second_later_is_not(reply: str, state: ClockState) -> None:
    story = Story().customer("10:00").agent(reply)
    assert story.clock(FR).state is state
    assert bool(story.effects(EffectKind.BREACH)) is (state is ClockState.BREACHED_MET)


def test_t43_a_note_is_no_reply() -> None:
    story = Story().customer("10:00").note("10:10").expire("10:30:01")
    assert (story.clock(FR).state, story.clock(FR).deadline_at) == (ClockState.BREACHED, at("10:30"))


def test_t45_a_reply_in_the_platforms_own_app_counts() -> None:
    story = Story().customer("10:00").agent("10:25")
    assert (story.clock(FR).state, elapsed(story.clock(FR))) == (ClockState.MET, 25 * 60)


def test_t46_later_messages_do_not_restart_the_first_response() -> None:
    story = Story().customer("10:00").customer("10:05").customer("10:20")
    assert [clock.deadline_at for clock in story.clocks(FR)] == [at("10:30")]
    assert (story.case.waiting_since, story.case.waiting_until) == (at("10:00"), at("10:20"))
    assert story.case.waiting_messages == 3


def test_t49_a_status_neither_pauses_nor_meets_the_first_response() -> None:
    story = Story().customer("10:00").status("10:10", Status.PENDING_CUSTOMER)
    assert (story.clock(FR).state, story.clock(FR).deadline_at) == (ClockState.RUNNING, at("10:30"))


@pytest.mark.parametrize("author", [Author.AGENT, Author.BOT])
def test_a_conversation_we_opened_promises_nothing_until_the_customer_writes(author: Author) -> None:
    story = Story()
    (story.agent if author is Author.AGENT else story.bot)("09:30")
    assert (story.case.clocks, story.case.status, story.case.version) == ((), Status.PENDING_CUSTOMER, 1)
    story.customer("10:00")
    assert (story.clock(FR).deadline_at, story.case.status) == (at("10:30"), Status.OPEN)
    assert story.case.first_ack_at is None


def test_a_bot_that_spoke_before_the_customer_acknowledged_nothing() -> None:
    story = Story().customer("10:00").bot("09:59", received="10:01")
    assert story.case.first_ack_at is None


def test_the_first_acknowledgement_is_the_earliest_in_whatever_order_they_arrive() -> None:
    story = Story().customer("10:00").bot("10:00:09").bot("10:00:05", received="10:00:10").bot("10:02")
    assert story.case.first_ack_at == at("10:00:05")


def test_a_case_without_a_promise_has_no_clock_and_still_knows_who_waits() -> None:
    story = Story(a_policy(first_response=None, next_response=None, resolution=None))
    story.customer("10:00")
    assert (story.case.clocks, story.case.waiting_since) == ((), at("10:00"))
    story.agent("10:10")
    assert (story.case.answered, story.case.waiting_since) == (True, None)


# -- next response (rule 7) -----------------------------------------------------------------------------------------


def test_t47_each_wait_after_the_first_answer_is_a_promise_of_its_own() -> None:
    story = Story().customer("10:00").agent("10:20").customer("11:00").customer("11:10").agent("11:15")
    assert (story.clock(NR, 1).deadline_at, elapsed(story.clock(NR, 1))) == (at("11:20"), 15 * 60)
    story.customer("11:40")
    assert (story.clock(NR, 2).state, story.clock(NR, 2).deadline_at) == (ClockState.RUNNING, at("12:00"))


def test_t48_the_next_response_waits_for_the_first() -> None:
    story = Story(a_policy(first_response=HOUR, next_response=900)).customer("10:00").customer("10:30")
    assert story.clock(FR).deadline_at == at("11:00")
    assert story.clocks(NR) == []


def test_a_broken_first_response_stays_the_only_reply_promise_until_it_is_answered() -> None:
    story = Story().customer("10:00").expire("10:31").customer("10:50")
    assert [clock.state for clock in story.clocks(FR)] == [ClockState.BREACHED]
    assert story.clocks(NR) == []
    assert story.agent("11:00").clock(FR).state is ClockState.BREACHED_MET


def test_an_older_message_that_arrives_later_moves_the_start_back() -> None:
    story = Story().customer("10:05").customer("10:00", received="10:06")
    assert [(clock.started_at, clock.deadline_at) for clock in story.clocks(FR)] == [(at("10:00"), at("10:30"))]
    assert story.clock(RES).deadline_at == at("14:00")
    assert story.case.waiting_since == at("10:00")


def test_a_late_seen_reply_leaves_those_waiting_who_wrote_after_it() -> None:
    story = Story().customer("10:00").customer("10:20").agent("10:10", received="10:25")
    assert (story.clock(FR).state, elapsed(story.clock(FR))) == (ClockState.MET, 10 * 60)
    assert (story.clock(NR).started_at, story.clock(NR).deadline_at) == (at("10:20"), at("10:40"))
    assert (story.case.waiting_since, story.case.waiting_messages) == (at("10:20"), 1)


def test_a_reply_said_before_the_message_does_not_answer_it() -> None:
    story = Story().customer("10:00").agent("09:59", received="10:01")
    assert (story.clock(FR).state, story.case.waiting_since) == (ClockState.RUNNING, at("10:00"))
    assert not story.case.answered


# -- resolution (rule 8) --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.PENDING_CUSTOMER, Status.ON_HOLD])
def test_t50_waiting_on_the_customer_pauses_the_resolution(status: Status) -> None:
    story = Story().customer("10:00").agent("10:10").status("11:00", status)
    paused = story.clock(RES)
    assert (paused.state, paused.intervals) == (ClockState.PAUSED, ((at("10:00"), at("11:00")),))
    assert paused.deadline_at is None
    assert story.customer("15:00").clock(RES).deadline_at == at("18:00")
    assert story.case.status is Status.OPEN


def test_going_back_to_open_resumes_the_resolution() -> None:
    story = Story().customer("10:00").status("11:00", Status.ON_HOLD).status("12:00", Status.PENDING_CUSTOMER)
    assert story.status("13:00", Status.OPEN).clock(RES).deadline_at == at("16:00")


def test_a_promise_already_broken_is_not_saved_by_a_pause() -> None:
    story = Story().customer("10:00").agent("10:10").status("14:00:01", Status.ON_HOLD)
    assert story.clock(RES).state is ClockState.BREACHED
    assert story.effects(EffectKind.BREACH) == ["1.resolution.1"]


def test_a_message_older_than_the_pause_does_not_count_time_twice() -> None:
    story = Story().customer("10:00").agent("10:01").status("11:00", Status.ON_HOLD)
    assert story.customer("10:55", received="11:01").clock(RES).deadline_at == at("14:00")


@pytest.mark.parametrize(
    ("change", "kept"),
    [(Status.OPEN, True), (Status.RESOLVED, True), (Status.ON_HOLD, False)],
    ids=["the same", "resolved is no status to set", "another"],
)
def test_a_status_that_changes_nothing_makes_no_version(change: Status, kept: bool) -> None:
    case = Story().customer("10:00").case
    assert (cases.set_status(case, change, a_policy(), at("10:10")) is case) is kept


def test_a_resolved_case_takes_no_status_but_reopen() -> None:
    case = Story().customer("10:00").resolve("10:10").case
    assert cases.set_status(case, Status.ON_HOLD, a_policy(), at("10:20")) is case


def test_resolving_meets_the_resolution_even_while_paused() -> None:
    story = Story().customer("10:00").status("11:00", Status.ON_HOLD).resolve("12:00")
    assert (story.clock(RES).state, story.clock(RES).stopped_at) == (ClockState.MET, at("12:00"))


def test_resolving_late_is_a_breach_met_late() -> None:
    story = Story().customer("10:00").agent("10:10").resolve("15:00")
    assert (story.clock(RES).state, story.effects(EffectKind.BREACH)) == (ClockState.BREACHED_MET, ["1.resolution.1"])


# -- start time (rule 10) -------------------------------------------------------------------------------------------


def test_t63_a_platform_clock_that_runs_ahead_is_not_believed() -> None:
    story = Story().customer("10:07", received="10:00")
    assert (story.clock(FR).started_at, story.clock(FR).deadline_at) == (at("10:00"), at("10:30"))


@pytest.mark.parametrize(
    ("sent", "start"), [("09:50", "09:50"), ("09:45", "09:45"), ("09:44:59", "09:45"), ("03:00", "09:45")]
)
def test_a_message_that_comes_late_counts_from_15_minutes_ago_at_most(sent: str, start: str) -> None:
    assert Story().customer(sent, received="10:00").clock(FR).started_at == at(start)


def test_a_reply_from_a_platform_clock_that_runs_ahead_counts_when_received() -> None:
    story = Story().customer("10:00").agent("10:45", received="10:20")
    assert (story.clock(FR).stopped_at, story.case.last_reply_at) == (at("10:20"), at("10:20"))


def test_a_message_that_comes_too_late_to_count_from_says_when_it_was_said() -> None:
    story = Story().customer("09:00", received="10:00")
    assert (story.clock(FR).started_at, story.clock(FR).said_at) == (at("09:45"), at("09:00"))
    assert Story().customer("09:50", received="10:00").clock(FR).said_at is None
    assert story.agent("10:10").customer("11:00").clock(NR).said_at is None
