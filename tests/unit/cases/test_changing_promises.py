"""Promises that change under way: another priority or policy, and evidence that comes late."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from heed import cases
from heed.model import ClockState, EffectKind, Kind, Priority, RiskName, Status
from heed.policy import Policy
from heed.sla import Calendar
from tests.unit.builders import ALWAYS, OFFICE, a_policy, at, targets
from tests.unit.cases.story import FR, NR, RES, Story, elapsed

HOUR = 3600

# -- another priority or policy (rule 11) ---------------------------------------------------------------------------

GRAVER = a_policy(
    by_priority={Priority.P3: targets(first_response=4 * HOUR), Priority.P1: targets(first_response=1800)}
)


@pytest.mark.parametrize(("raised", "deadline", "reason"), [("10:10", "10:30", ""), ("10:40", "10:45", "accelerated")])
def test_t53_a_graver_message_moves_the_deadline_but_gives_people_five_minutes(
    raised: str, deadline: str, reason: str
) -> None:
    story = Story(GRAVER).customer("10:00").customer(raised, risks=[RiskName.SAFETY])
    assert (story.case.priority, story.case.team) == (Priority.P1, "safety")
    clock = story.clock(FR)
    assert (clock.deadline_at, clock.reason, clock.deadline_version) == (at(deadline), reason, 2)


BY_HAND = a_policy(
    by_priority={
        Priority.P4: {},
        Priority.P3: targets(first_response=4 * HOUR),
        Priority.P1: targets(first_response=1800),
    }
)


@pytest.mark.parametrize(("raised", "deadline", "reason"), [("10:10", "10:30", ""), ("10:40", "10:45", "accelerated")])
def test_t53_people_raise_a_priority(raised: str, deadline: str, reason: str) -> None:
    clock = Story(BY_HAND).customer("10:00").prioritise(raised, Priority.P1).clock(FR)
    assert (clock.deadline_at, clock.reason) == (at(deadline), reason)


def test_t54_people_lower_a_priority_in_time() -> None:
    story = Story(BY_HAND).customer("10:00").prioritise("10:05", Priority.P1).prioritise("10:20", Priority.P3)
    assert (story.clock(FR).deadline_at, story.case.priority) == (at("14:00"), Priority.P3)


def test_t54_a_priority_lowered_after_the_breach_neither_undoes_nor_repeats_it() -> None:
    story = Story(BY_HAND).customer("10:00").prioritise("10:05", Priority.P1).prioritise("10:35", Priority.P3)
    assert (story.clock(FR).state, story.clock(FR).deadline_at) == (ClockState.BREACHED, at("10:30"))
    assert story.expire("17:00").effects(EffectKind.BREACH) == ["1.first_response.1", "1.resolution.1"]


def test_a_priority_that_promises_what_none_did_counts_from_the_original_start() -> None:
    story = Story(BY_HAND).customer("10:00").prioritise("10:05", Priority.P4)
    assert {clock.reason for clock in story.case.clocks} == {"not_promised"}
    story.prioritise("10:10", Priority.P1)
    assert (story.clock(FR).started_at, story.clock(FR).deadline_at) == (at("10:00"), at("10:30"))
    assert (story.clock(RES).started_at, story.clock(RES).deadline_at) == (at("10:00"), at("14:00"))


def test_a_message_that_raises_a_case_of_no_promise_does_not_restart_the_wait_before_it() -> None:
    story = Story(BY_HAND).customer("10:00", kind=Kind.PRAISE).customer("10:40", risks=[RiskName.SAFETY])
    clock = story.clock(FR)
    assert (clock.started_at, clock.deadline_at, clock.reason) == (at("10:00"), at("10:45"), "accelerated")
    assert story.clock(RES).deadline_at == at("14:00")


def test_a_resolution_first_promised_while_the_case_is_on_hold_is_paused() -> None:
    story = Story(BY_HAND).customer("10:00", kind=Kind.PRAISE).agent("10:05").status("10:10", Status.ON_HOLD)
    assert story.prioritise("10:30", Priority.P1).clock(RES).state is ClockState.PAUSED
    assert story.status("11:00", Status.OPEN).clock(RES).deadline_at == at("14:30")


def test_the_same_priority_and_a_settled_case_change_nothing() -> None:
    story = Story(BY_HAND).customer("10:00")
    before = story.case
    assert story.prioritise("10:05", before.priority).case is before
    resolved = story.agent("10:06").resolve("10:07").case
    assert story.prioritise("10:08", Priority.P1).case is resolved
    assert cases.adopt(resolved, replace(BY_HAND, version="2"), at("10:09")) is resolved


@pytest.mark.parametrize(("pausing", "deadline"), [({Status.ON_HOLD}, "14:00"), ({Status.PENDING_CUSTOMER}, "18:00")])
def test_the_policy_says_which_statuses_pause_a_resolution(pausing: set[Status], deadline: str) -> None:
    story = Story(replace(a_policy(), pausing=frozenset(pausing))).customer("10:00").agent("10:05")
    assert story.status("11:00", Status.PENDING_CUSTOMER).customer("15:00").clock(RES).deadline_at == at(deadline)


def _closed_on_thursday(version: str) -> Policy:
    office = {**OFFICE, "days": {"2026-03-12": []}}
    return a_policy(resolution=9 * HOUR, changes={"version": version, "hours": {"office": office, "always": ALWAYS}})


def test_t68_a_day_closed_by_hand_moves_open_promises_and_no_breach() -> None:
    story = Story(a_policy(resolution=9 * HOUR)).customer("10:00").expire("10:31")
    assert story.clock(RES).deadline_at == at("10:00", day="2026-03-12")
    broken = story.clock(FR)
    story._case = cases.adopt(story.case, _closed_on_thursday("2"), at("11:00"))
    assert story.clock(RES).deadline_at == at("10:00", day="2026-03-13")
    assert story.clock(FR) == broken
    assert cases.adopt(story.case, _closed_on_thursday("2"), at("11:01")) is story.case


def test_t68_a_paused_resolution_counts_its_earlier_time_by_the_new_hours() -> None:
    story = Story(a_policy(resolution=12 * HOUR)).customer("10:00").agent("10:05")
    story.status("10:00", Status.ON_HOLD, day="2026-03-12").status("10:00", Status.OPEN, day="2026-03-13")
    assert story.clock(RES).deadline_at == at("13:00", day="2026-03-13")
    late = _closed_on_thursday("2")
    late = replace(late, targets={p: targets(resolution=12 * HOUR) for p in Priority})
    story._case = cases.adopt(story.case, late, at("11:00", day="2026-03-13"))
    assert story.clock(RES).deadline_at == at("14:00", day="2026-03-13")


@pytest.mark.parametrize(
    ("start", "before", "warn_at"),
    [
        ("17:00", 1 * HOUR, at("11:00", day="2026-03-12")),
        ("17:00", 12_600, at("17:30")),
        ("16:00", 1 * HOUR, at("10:00", day="2026-03-12")),
    ],
)
def test_t67_a_warning_comes_some_open_time_before_the_deadline(start: str, before: int, warn_at: datetime) -> None:
    share = 1 - before / (4 * HOUR)
    story = Story(a_policy(first_response=4 * HOUR, warn_share=share)).customer(start)
    assert story.clock(FR).warn_at == warn_at


def test_a_milder_message_does_not_lower_the_priority() -> None:
    story = (
        Story(GRAVER)
        .customer("10:00", kind=Kind.COMPLAINT, risks=[RiskName.SAFETY])
        .customer("10:05", kind=Kind.PRAISE)
    )
    assert (story.case.priority, story.case.kind, story.clock(FR).deadline_at) == (
        Priority.P1,
        Kind.COMPLAINT,
        at("10:30"),
    )


def test_a_priority_that_promises_nothing_cancels_the_promise() -> None:
    policy = a_policy(by_priority={Priority.P1: targets(resolution=None)})
    clock = Story(policy).customer("10:00").customer("10:05", risks=[RiskName.SAFETY]).clock(RES)
    assert (clock.state, clock.reason) == (ClockState.CANCELLED, "not_promised")


def test_another_policy_moves_the_deadlines_of_the_case_it_touches() -> None:
    story = Story().customer("10:00")
    story.policy = a_policy(first_response=2 * HOUR, changes={"version": "2"})
    story.customer("10:10")
    assert (story.clock(FR).deadline_at, story.case.policy) == (at("12:00"), "2")


def test_a_policy_without_the_calendar_of_a_running_clock_is_no_obstacle() -> None:
    story = Story().customer("10:00").status("10:30", Status.ON_HOLD)
    story.policy = a_policy(
        calendar="always", changes={"version": "2", "hours": {"always": a_policy().hours["always"]}}
    )
    story.customer("11:00").agent("11:05").status("11:30", Status.ON_HOLD).resolve("12:00").reopen("13:00")
    assert {clock.calendar for clock in story.clocks(RES)} == {"always"}


def test_what_was_broken_under_the_old_policy_stays_broken_under_the_new() -> None:
    story = Story().customer("10:00")
    story.policy = a_policy(first_response=4 * HOUR, changes={"version": "2"})
    assert story.customer("10:35").clock(FR).state is ClockState.BREACHED


def test_a_late_seen_reply_under_a_new_policy_starts_the_next_promise_by_the_new_one() -> None:
    story = Story().customer("10:00").customer("10:20")
    story.policy = a_policy(next_response=600, changes={"version": "2"})
    story.agent("10:10", received="10:25")
    assert (story.clock(NR).deadline_at, story.case.policy) == (at("10:30"), "2")


def test_a_customer_is_heard_though_the_calendar_never_opens() -> None:
    policy = a_policy()
    policy.__dict__["calendars"] = {"office": Calendar("UTC", {})}
    story = Story(policy).customer("10:00")
    assert [(clock.deadline_at, clock.reason) for clock in story.case.clocks] == [(None, "unbounded")] * 2
    assert cases.due_at(story.case) is None
    assert cases.next_deadline(story.case) is None


# -- late evidence (rule 13) ----------------------------------------------------------------------------------------


def test_t61_a_reply_in_time_that_arrives_after_the_breach_takes_it_back_with_one_correction() -> None:
    story = Story().customer("10:00").expire("10:30:02").agent("10:29:50", received="10:31:10")
    assert (story.clock(FR).state, story.clock(FR).stopped_at) == (ClockState.RETRACTED, at("10:29:50"))
    assert story.effects(EffectKind.CORRECTION) == ["1.first_response.1"]
    story.agent("10:29:40", received="10:32")
    assert story.effects(EffectKind.CORRECTION) == ["1.first_response.1"]
    assert story.customer("10:40").clock(NR).deadline_at == at("11:00")


def test_late_evidence_takes_back_a_breach_that_another_reply_met_late() -> None:
    story = Story().customer("10:00").agent("10:31").agent("10:29", received="10:33")
    assert (story.clock(FR).state, story.effects(EffectKind.CORRECTION)) == (
        ClockState.RETRACTED,
        ["1.first_response.1"],
    )


def test_late_evidence_takes_back_a_breach_after_the_case_was_resolved() -> None:
    story = Story().customer("10:00").expire("10:30:02").resolve("10:31").agent("10:29:50", received="10:31:10")
    assert story.clock(FR).state is ClockState.RETRACTED
    assert story.case.status is Status.RESOLVED
    assert story.customer("11:00").clock(NR).state is ClockState.RUNNING


def test_a_reply_in_time_that_is_seen_late_needs_no_correction_if_nobody_declared_the_breach() -> None:
    story = Story().customer("10:00").agent("10:29:50", received="10:31:10")
    assert story.clock(FR).state is ClockState.MET
    assert story.case.outbox == ()


def test_a_reply_that_overtakes_its_message_answers_it() -> None:
    story = Story().agent("10:10").customer("10:00", received="10:11")
    assert (story.clock(FR).state, elapsed(story.clock(FR))) == (ClockState.MET, 10 * 60)
    assert (story.case.waiting_since, story.case.answered) == (None, True)
    assert story.clock(RES).state is ClockState.RUNNING


def test_a_late_reply_that_overtakes_its_message_is_still_late() -> None:
    story = Story(a_policy(first_response=300)).agent("10:10").customer("10:00", received="10:11")
    assert story.clock(FR).state is ClockState.BREACHED_MET
    assert story.effects(EffectKind.BREACH) == ["1.first_response.1"]


@pytest.mark.parametrize("said", ["10:05", "10:10"])
def test_a_message_within_a_wait_already_answered_starts_nothing(said: str) -> None:
    story = Story().customer("10:00").agent("10:10").customer(said, received="10:11")
    assert story.clocks(NR) == []
    assert story.case.waiting_since is None


def test_the_latest_reply_counts_for_what_was_said_before_it_in_whatever_order_replies_arrive() -> None:
    story = Story().customer("10:00").agent("10:10").agent("10:05", received="10:11")
    assert (story.case.last_reply_at, story.clock(FR).stopped_at) == (at("10:10"), at("10:05"))
    assert story.customer("10:07", received="10:12").case.waiting_since is None


def test_a_reply_that_overtakes_its_message_answers_even_where_no_first_response_is_promised() -> None:
    story = Story(a_policy(first_response=None)).agent("10:10").customer("10:00", received="10:11").customer("10:20")
    assert story.clock(NR).deadline_at == at("10:40")


def test_a_message_whose_whole_wait_reached_us_late_is_a_promise_kept() -> None:
    story = Story().customer("10:00").agent("10:10").agent("11:05").customer("11:00", received="11:06")
    assert (story.clock(NR).state, elapsed(story.clock(NR))) == (ClockState.MET, 5 * 60)


def test_of_several_answers_that_overtook_a_message_the_first_one_kept_its_promise() -> None:
    story = Story(a_policy(next_response=6 * 60)).customer("10:00").agent("10:10").agent("11:05").agent("11:10")
    story.customer("11:00", received="11:12")
    assert (story.clock(NR).state, elapsed(story.clock(NR))) == (ClockState.MET, 5 * 60)
    assert story.case.outbox == ()


def test_a_message_from_before_our_opening_word_leaves_the_open_wait_alone() -> None:
    story = Story().agent("10:00").customer("10:05").customer("09:58", received="10:06")
    assert [(c.state, c.started_at) for c in story.clocks(FR)] == [(ClockState.RUNNING, at("10:05"))]
    assert story.customer("10:10").clocks(NR) == []
    assert story.agent("10:20").clock(FR).state is ClockState.MET
