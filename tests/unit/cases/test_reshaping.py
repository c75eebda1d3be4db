"""Merged, split, taken back, spam, contained, rejected: what is done to a case as a whole (rules 9, 12 and 15)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heed import cases
from heed.model import Case, ClockState, EffectKind, Metric, Priority, RiskName, SignalName, Status, Surface
from heed.policy import ELAPSED, Policy, Target
from heed.sla import clocks
from tests.unit.builders import a_message, a_policy, an_assessment, at, people, targets
from tests.unit.cases.story import FR, NR, RES, RW, Story

HOUR = 3600
POLICY = a_policy()
WINDOWED = replace(POLICY, reply_windows={"wechat": {Surface.DIRECT: Target(86_400, ELAPSED, 0.0)}})


def other(story: Story) -> Case:
    """The story's case as another conversation's."""
    return replace(story.case, key="other", id="0000-0000", conversation="customer-2")


def merged(survivor: Case, source: Case, moment: str, policy: Policy = POLICY) -> tuple[Story, Story]:
    stories = Story(policy), Story(policy)
    stories[0]._case, stories[1]._case = cases.merge(survivor, source, policy, at(moment))
    return stories


# -- merge (rule 12) ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("survives", "goes"), [("10:00", "09:50"), ("09:50", "10:00")])
def test_t56_the_earliest_unanswered_message_of_both_is_the_survivors_start(survives: str, goes: str) -> None:
    into, gone = merged(Story().customer(survives).case, other(Story().customer(goes)), "10:05")
    assert [clock.deadline_at for clock in into.clocks(FR)] == [at("10:20")]
    assert (gone.clock(FR).state, gone.clock(FR).reason) == (ClockState.CANCELLED, "merged")
    assert (gone.case.status, gone.case.merged_into, gone.case.waiting_since) == (
        Status.RESOLVED,
        into.case.key,
        None,
    )
    assert (into.clock(RES).started_at, into.clock(RES).deadline_at) == (at("09:50"), at("13:50"))
    into.expire("10:31")
    gone.expire("10:31")
    assert into.effects(EffectKind.BREACH) + gone.effects(EffectKind.BREACH) == ["1.first_response.1"]
    assert into.agent("10:32").case.waiting_since is None


def test_an_answered_survivor_owes_a_next_response() -> None:
    into, _ = merged(Story().customer("09:00").agent("09:30").case, other(Story().customer("09:10")), "09:35")
    assert (into.clock(NR).started_at, into.clock(NR).deadline_at) == (at("09:10"), at("09:40"))
    assert into.clock(NR).reason == "accelerated"
    assert into.case.waiting_since == at("09:10")


def test_a_merge_of_cases_that_nobody_waits_in_starts_nothing() -> None:
    into, gone = merged(
        Story().customer("10:00").agent("10:10").case, other(Story().customer("10:05").agent("10:06")), "10:20"
    )
    assert (into.clocks(NR), into.case.waiting_since, gone.clock(FR).state) == ([], None, ClockState.MET)


def test_a_start_that_would_break_the_survivor_at_once_gives_five_minutes() -> None:
    slow = a_policy(by_priority={Priority.P4: targets(first_response=4 * HOUR)})
    waiting = Story(slow).customer("09:00").prioritise("09:01", Priority.P4)
    into, _ = merged(Story(slow).customer("10:00").case, other(waiting), "10:05", slow)
    assert (into.clock(FR).deadline_at, into.clock(FR).reason) == (at("10:10"), "accelerated")


def test_a_breach_stays_where_it_happened_and_its_wait_breaks_no_second_promise() -> None:
    into, gone = merged(Story().customer("10:00").case, other(Story().customer("09:50")), "10:25")
    assert (gone.clock(FR).state, gone.clock(FR).stopped_at) == (ClockState.BREACHED, at("10:25"))
    assert (into.clock(FR).started_at, into.clock(FR).deadline_at) == (at("10:00"), at("10:30"))


def test_a_survivor_that_waits_for_nobody_gets_a_new_promise_for_a_wait_already_broken() -> None:
    survivor = Story().customer("09:00").agent("09:01").case
    into, _ = merged(survivor, other(Story().customer("09:50")), "10:25")
    assert (into.clock(NR).started_at, into.clock(NR).deadline_at) == (at("10:25"), at("10:45"))


def test_a_broken_survivor_stays_broken_once() -> None:
    into, _ = merged(Story().customer("09:50").case, other(Story().customer("10:00")), "10:25")
    assert [clock.state for clock in into.clocks(FR)] == [ClockState.BREACHED]
    assert into.effects(EffectKind.BREACH) == ["1.first_response.1"]


def test_a_resolved_survivor_is_open_again_for_those_who_wait() -> None:
    survivor = Story().customer("09:00").agent("09:10").resolve("09:20").case
    into, _ = merged(survivor, other(Story().customer("10:00")), "10:05")
    assert (into.case.status, into.clock(NR).deadline_at) == (Status.OPEN, at("10:20"))


def test_the_graver_priority_and_every_risk_survive() -> None:
    into, _ = merged(Story().customer("10:00").case, other(Story().customer("10:01", risks=[RiskName.SAFETY])), "10:05")
    assert (into.case.priority, into.case.risks, into.case.team) == (Priority.P1, (RiskName.SAFETY,), "care")


def test_resolution_counts_what_the_source_counted_before_the_survivor_began() -> None:
    source = Story().customer("09:00").agent("09:01").status("09:30", Status.ON_HOLD).status("10:02", Status.OPEN)
    into, _ = merged(Story().customer("10:00").case, other(source), "10:05")
    assert (into.clock(RES).started_at, into.clock(RES).deadline_at) == (at("09:00"), at("13:30"))


def test_a_survivor_without_a_resolution_gets_one() -> None:
    into, _ = merged(Story().agent("09:00").case, other(Story().customer("09:50")), "10:05")
    assert (into.clock(RES).started_at, into.clock(FR).deadline_at) == (at("09:00"), at("10:20"))


def test_a_later_or_paused_resolution_is_left_alone() -> None:
    survivor = Story().customer("09:00").agent("09:01").status("09:30", Status.ON_HOLD).case
    into, _ = merged(survivor, other(Story().customer("09:50").agent("09:51")), "10:05")
    assert (into.clock(RES).started_at, into.clock(RES).state) == (at("09:00"), ClockState.PAUSED)


def test_the_sources_window_ends_and_the_survivors_stays() -> None:
    survivor, source = Story(WINDOWED).customer("10:00"), other(Story(WINDOWED).customer("10:04"))
    into, gone = merged(survivor.case, source, "10:05", WINDOWED)
    assert (gone.clock(RW).reason, into.clock(RW).deadline_at) == ("merged", at("10:00", day="2026-03-12"))


def test_a_window_of_an_answered_message_closes_silently_though_another_conversation_waits() -> None:
    survivor = Story(WINDOWED).customer("10:00").agent("10:10")
    into, _ = merged(survivor.case, other(Story(WINDOWED).customer("11:00")), "11:05", WINDOWED)
    into.expire("10:01", day="2026-03-12")
    assert (into.clock(RW).state, into.clock(RW).reason) == (ClockState.CANCELLED, "window_closed")


def test_a_case_is_not_merged_with_itself_nor_twice() -> None:
    case = Story().customer("10:00").case
    assert cases.merge(case, case, POLICY, at("10:05")) == (case, case)
    into, gone = merged(case, other(Story().customer("10:01")), "10:05")
    assert cases.merge(into.case, gone.case, POLICY, at("10:06")) == (into.case, gone.case)
    assert cases.merge(gone.case, into.case, POLICY, at("10:06")) == (gone.case, into.case)


def test_a_merged_case_that_is_reopened_is_its_own_again() -> None:
    _, gone = merged(Story().customer("10:00").case, other(Story().customer("10:01")), "10:05")
    assert gone.reopen("10:10").case.merged_into == ""
    assert gone.customer("10:12").clock(FR).deadline_at == at("10:42")


def test_spam_brings_nobody_who_waits() -> None:
    source = other(Story().customer("09:50").does(cases.mark_spam, "09:51"))
    into, _ = merged(Story().customer("10:00").case, source, "10:05")
    assert into.clock(FR).deadline_at == at("10:30")


def test_late_messages_of_both_are_answered_by_one_reply() -> None:
    into, _ = merged(Story().customer("10:00").case, other(Story().customer("09:50").customer("10:02")), "10:05")
    assert into.case.waiting_messages == 3
    assert into.agent("10:10").case.waiting_messages == 0


# -- split ----------------------------------------------------------------------------------------------------------


def parted(story: Story, moved: list[str], moment: str) -> tuple[Story, Story]:
    messages = [a_message(id=f"moved-{said}", at=at(said)) for said in moved]
    old, new = Story(story.policy), Story(story.policy)
    old._case, new._case = cases.split(story.case, messages, story.policy, at(moment))
    return old, new


def test_a_split_copies_the_start_of_the_moved_messages() -> None:
    old, new = parted(Story().customer("10:00").customer("10:10"), ["10:10"], "10:20")
    assert (old.clock(FR).deadline_at, old.case.waiting_messages) == (at("10:30"), 1)
    assert (new.clock(FR).started_at, new.clock(FR).deadline_at) == (at("10:10"), at("10:40"))
    assert (new.clock(RES).started_at, new.case.version, new.case.waiting_messages) == (at("10:10"), 1, 1)
    assert new.case.key != old.case.key
    assert new.case.id != old.case.id
    assert (new.case.conversation, new.case.outbox) == (old.case.conversation, ())


def test_what_is_left_counts_from_its_own_oldest_message() -> None:
    old, _ = parted(Story().customer("10:00").customer("10:10"), ["10:00"], "10:20")
    assert (old.clock(FR).started_at, old.clock(FR).deadline_at) == (at("10:10"), at("10:40"))


def test_a_case_all_of_whose_messages_move_promises_nothing_until_the_next() -> None:
    old, new = parted(Story().customer("10:00"), ["10:00"], "10:20")
    assert {clock.reason for clock in old.case.clocks} == {"split"}
    assert new.clock(FR).deadline_at == at("10:30")
    assert old.customer("11:00").clock(FR).deadline_at == at("11:30")
    assert old.clock(RES).deadline_at == at("15:00")


def test_an_answered_message_that_moves_owes_a_resolution_and_no_reply() -> None:
    old, new = parted(Story().customer("10:00").agent("10:10").customer("10:15"), ["10:00"], "10:20")
    assert (new.clocks(FR), new.clocks(NR), new.clock(RES).deadline_at) == ([], [], at("14:00"))
    assert new.case.answered
    assert old.clock(NR).deadline_at == at("10:35")


def test_a_start_long_ago_gives_the_split_five_minutes_and_a_broken_one_a_new_promise() -> None:
    _, new = parted(Story().customer("09:00").agent("09:10").customer("09:20"), ["09:20"], "09:38")
    assert (new.clock(FR).deadline_at, new.clock(FR).reason) == (at("09:50"), "")
    old, new = parted(Story().customer("10:00"), ["10:00"], "10:40")
    assert (old.clock(FR).state, old.clock(FR).stopped_at) == (ClockState.BREACHED, at("10:40"))
    assert new.clock(FR).deadline_at == at("11:10")


def test_a_message_long_forgotten_can_be_split_off_too() -> None:
    old, new = parted(Story().customer("10:00"), ["09:00"], "10:20")
    assert (old.case.waiting_since, old.clock(FR).deadline_at) == (at("10:00"), at("10:30"))
    assert (new.clocks(FR), new.clock(RES).started_at) == ([], at("09:00"))


def test_a_split_without_messages_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        cases.split(Story().customer("10:00").case, [], POLICY, at("10:05"))


# -- withdrawal and spam (rule 15) ----------------------------------------------------------------------------------


def test_t65_the_only_message_taken_back_ends_its_promise_unbroken() -> None:
    story = Story().customer("10:00").withdraw("10:00", "10:15").expire("23:00")
    assert {(clock.state, clock.reason) for clock in story.case.clocks} == {(ClockState.CANCELLED, "withdrawn")}
    assert (story.case.outbox, story.case.waiting_since) == ((), None)
    story.customer("10:00", day="2026-03-12")
    assert story.clock(FR).deadline_at == at("10:30", day="2026-03-12")
    assert story.clock(RES).deadline_at == at("14:00", day="2026-03-12")


def test_the_oldest_of_several_taken_back_moves_the_start_to_the_next() -> None:
    story = Story().customer("10:00").customer("10:10").withdraw("10:00", "10:15")
    assert (story.clock(FR).deadline_at, story.case.waiting_messages) == (at("10:40"), 1)
    assert story.customer("10:20").withdraw("10:20", "10:21").clock(FR).deadline_at == at("10:40")


def test_an_answered_or_unknown_message_taken_back_changes_nothing() -> None:
    story = Story().customer("10:00").agent("10:10")
    before = story.case
    assert story.withdraw("10:00", "10:15").case is before
    assert story.withdraw("10:05", "10:15").case is before


def test_a_message_taken_back_after_an_answer_leaves_the_resolution_running() -> None:
    story = Story().customer("10:00").agent("10:10").customer("10:20").withdraw("10:20", "10:25")
    assert (story.clock(NR).reason, story.clock(RES).state) == ("withdrawn", ClockState.RUNNING)


def test_a_breach_on_record_is_not_taken_back_with_the_message() -> None:
    story = Story().customer("10:00").withdraw("10:00", "10:31")
    assert (story.clock(FR).state, story.clock(FR).stopped_at) == (ClockState.BREACHED, at("10:31"))


def test_spam_ends_every_promise_and_later_messages_start_none() -> None:
    story = Story(WINDOWED).customer("10:00").does(cases.mark_spam, "10:05").customer("10:10").expire("23:00")
    assert {(clock.state, clock.reason) for clock in story.case.clocks} == {(ClockState.CANCELLED, "spam")}
    assert (story.case.status, story.case.waiting_since, story.case.outbox) == (Status.RESOLVED, None, ())
    marked = story.case
    assert story.does(cases.mark_spam, "10:11").case is marked
    assert story.reopen("10:12").case is marked


def test_only_a_risk_in_spam_goes_to_people() -> None:
    caring = a_policy(
        changes={"people": people(risks=frozenset(RiskName), signals=frozenset(SignalName), contacted_again_seconds=1)}
    )
    story = Story(caring).customer("10:00").does(cases.mark_spam, "10:05")
    assert story.customer("10:10", signals=[SignalName.ANGRY]).escalated() == []
    assert story.customer("10:20", risks=[RiskName.SAFETY]).escalated() == [("risk:safety",)]


@pytest.mark.parametrize(("moment", "deadline", "reason"), [("10:10", "10:30", ""), ("10:40", "10:45", "accelerated")])
def test_no_spam_after_all_restores_the_original_start_with_five_minutes_at_least(
    moment: str, deadline: str, reason: str
) -> None:
    story = Story(WINDOWED).customer("10:00").does(cases.mark_spam, "10:05").decides(cases.unmark_spam, moment)
    clock = story.clock(FR)
    assert (clock.period, clock.started_at, clock.deadline_at, clock.reason) == (2, at("10:00"), at(deadline), reason)
    assert (story.clock(RES).deadline_at, story.case.status) == (at("14:00"), Status.OPEN)
    assert story.clock(RW).deadline_at == at("10:00", day="2026-03-12")
    assert story.effects(EffectKind.BREACH) == []


def test_a_case_that_was_closed_anyway_stays_closed_when_it_is_no_spam() -> None:
    story = Story().customer("10:00").agent("10:10").resolve("10:20").does(cases.mark_spam, "10:30")
    story.decides(cases.unmark_spam, "10:40")
    assert (story.case.spam, story.case.status) == (False, Status.RESOLVED)
    unmarked = story.case
    assert story.decides(cases.unmark_spam, "10:41").case is unmarked


def test_resolution_that_was_paused_when_it_became_spam_goes_on_with_what_was_left() -> None:
    story = Story().customer("10:00").agent("10:01").status("11:00", Status.ON_HOLD).does(cases.mark_spam, "12:00")
    assert story.decides(cases.unmark_spam, "13:00").clock(RES).deadline_at == at("16:00")


# -- containment and rejected replies (rule 9) ----------------------------------------------------------------------


def test_what_a_bot_settles_is_contained_and_not_met() -> None:
    story = Story().customer("10:00").bot("10:00:05").does(cases.contain, "10:05")
    assert {(clock.state, clock.reason) for clock in story.case.clocks} == {(ClockState.CANCELLED, "contained")}
    assert (story.case.status, story.case.waiting_since) == (Status.RESOLVED, None)
    contained = story.case
    assert story.does(cases.contain, "10:06").case is contained
    story.customer("11:05")
    assert (story.clock(FR).deadline_at, story.clock(RES).deadline_at) == (at("11:35"), at("15:00"))


def test_a_rejected_reply_restores_the_promise_it_had_met() -> None:
    story = Story().customer("10:00").agent("10:10").reject("10:10", "10:12")
    assert [(clock.period, clock.state) for clock in story.clocks(FR)] == [(2, ClockState.RUNNING)]
    assert (story.clock(FR).started_at, story.clock(FR).deadline_at) == (at("10:00"), at("10:30"))
    assert (story.case.answered, story.case.waiting_since, story.case.last_reply_at) == (False, at("10:00"), None)
    assert story.agent("10:20").clock(FR).state is ClockState.MET


def test_a_promise_restored_after_its_deadline_is_broken() -> None:
    story = Story().customer("10:00").agent("10:10").reject("10:10", "10:45")
    assert (story.clock(FR).state, story.effects(EffectKind.BREACH)) == (ClockState.BREACHED, ["1.first_response.2"])


def test_a_late_reply_that_was_rejected_leaves_the_breach_open() -> None:
    story = Story().customer("10:00").agent("10:40").reject("10:40", "10:41")
    assert (story.clock(FR).state, story.clock(FR).stopped_at) == (ClockState.BREACHED, None)
    assert story.effects(EffectKind.BREACH) == ["1.first_response.1"]
    assert story.agent("10:50").clock(FR).state is ClockState.BREACHED_MET


@pytest.mark.parametrize(("second", "state"), [("10:20", ClockState.MET), ("10:40", ClockState.BREACHED_MET)])
def test_a_later_reply_takes_the_place_of_a_rejected_one(second: str, state: ClockState) -> None:
    story = Story().customer("10:00").agent("10:10").agent(second).reject("10:10", "10:50")
    assert (story.clock(FR).state, story.clock(FR).stopped_at) == (state, at(second))
    assert (story.case.answered, story.case.waiting_since) == (True, None)


def test_the_wait_that_began_after_a_rejected_reply_is_part_of_the_one_before() -> None:
    story = Story().customer("10:00").agent("10:10").customer("10:15").reject("10:10", "10:20")
    assert (story.clock(NR).state, story.clock(NR).reason) == (ClockState.CANCELLED, "reply_rejected")
    assert (story.clock(FR).deadline_at, story.case.waiting_messages) == (at("10:30"), 2)


def test_a_case_closed_on_a_reply_that_was_rejected_is_open_again() -> None:
    story = Story().customer("10:00").agent("10:10").resolve("10:11").reject("10:10", "10:12")
    assert (story.case.status, story.clock(FR).deadline_at) == (Status.OPEN, at("10:30"))
    assert story.clock(RES).state is ClockState.RUNNING


def test_a_rejected_next_response_is_restored_as_one() -> None:
    story = Story().customer("10:00").agent("10:05").customer("11:00").agent("11:10").reject("11:10", "11:12")
    assert (story.clock(NR).period, story.clock(NR).deadline_at, story.case.answered) == (2, at("11:20"), True)


def test_a_reply_that_nobody_knows_of_cannot_be_rejected() -> None:
    story = Story().customer("10:00").agent("10:10")
    before = story.case
    assert story.reject("10:11", "10:12").case is before


def test_the_rejection_of_a_reply_that_answered_nobody_starts_nothing() -> None:
    story = Story().customer("10:00").agent("10:05").agent("10:10").reject("10:10", "10:12")
    assert (story.clock(FR).state, story.clock(FR).stopped_at) == (ClockState.MET, at("10:05"))
    assert story.clocks(NR) == []


def test_a_rejected_reply_of_a_case_without_promises_leaves_the_customer_waiting() -> None:
    bare = a_policy(first_response=None, next_response=None, resolution=None)
    story = Story(bare).customer("10:00").agent("10:05").reject("10:05", "10:12")
    assert (story.case.waiting_since, story.case.clocks) == (at("10:00"), ())


# -- who waits, remembered ------------------------------------------------------------------------------------------


def test_a_late_reply_leaves_exactly_those_waiting_who_wrote_after_it() -> None:
    story = Story().customer("10:00").customer("10:10").customer("10:20").agent("10:05", received="10:25")
    assert (story.clock(NR).started_at, story.case.waiting_messages) == (at("10:10"), 2)


def test_a_flood_of_messages_is_remembered_by_its_oldest_and_newest() -> None:
    story = Story().customer("10:00").agent("10:00:01")
    for second in range(2, 60):
        story.customer(f"10:00:{second:02}").customer(f"10:01:{second:02}")
    assert (len(story.case.heard), story.case.waiting_messages) == (100, 100)
    assert (story.case.waiting_since, story.case.waiting_until) == (at("10:00:02"), at("10:01:59"))


def test_many_answered_messages_and_replies_are_forgotten() -> None:
    story = Story()
    for minute in range(0, 50, 5):
        story.customer(f"10:{minute:02}").agent(f"10:{minute + 1:02}")
    assert (len(story.case.heard), len(story.case.replies)) == (4, 4)
    for minute in range(60 * 2):
        case = cases.receive(
            story.case, a_message(at=at("11:00:00")), an_assessment(), POLICY, at(f"11:{minute % 60:02}")
        )
        story._case = case
    story.agent("12:59")
    assert (len(story.case.heard), story.case.waiting_messages) == (100, 0)
    story.customer("13:00")
    assert (len(story.case.heard), story.case.waiting_messages) == (100, 1)


def test_laws_of_a_merge_hold_however_it_is_done() -> None:
    for pair in (("10:00", "09:50"), ("09:50", "10:00")):
        for moment in ("10:05", "10:21", "10:31"):
            into, gone = merged(Story().customer(pair[0]).case, other(Story().customer(pair[1])), moment)
            assert sum(c.metric is Metric.FIRST_RESPONSE and clocks.is_open(c) for c in into.case.clocks) == 1
            assert not any(clocks.is_open(c) for c in gone.case.clocks)
