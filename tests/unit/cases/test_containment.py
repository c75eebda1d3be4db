"""A bot settles a matter: the customer says so, or keeps silent for as long as the policy says (rule 9)."""

from __future__ import annotations

import pytest

from heed import cases
from heed.model import ClockState, EffectKind, RiskName, Status
from heed.policy import Policy
from tests.unit.builders import a_policy, at, people
from tests.unit.cases.story import FR, RES, Story


def patient(seconds: int | None = 600) -> Policy:
    changes = {"contained_after_seconds": seconds, "people": people(risks={RiskName.SAFETY})}
    return a_policy(changes=changes)


def told(moment: str = "10:01") -> Story:
    return Story(patient()).customer("10:00").bot(moment)


def test_silence_after_a_bots_answer_settles_the_matter() -> None:
    story = told()
    assert cases.due_at(story.case) == at("10:11")
    story.expire("10:11")
    assert (story.case.status, story.case.waiting_since, story.case.contain_at) == (Status.RESOLVED, None, None)
    assert {(clock.state, clock.reason) for clock in story.case.clocks} == {(ClockState.CANCELLED, "contained")}
    assert story.expire("10:31").effects(EffectKind.BREACH) == []


def test_it_is_not_settled_a_moment_before() -> None:
    assert told().expire("10:10:59").case.status is Status.OPEN


def test_a_word_of_the_customer_begins_the_wait_for_people_again() -> None:
    story = told().customer("10:05").expire("10:11")
    assert story.case.status is Status.OPEN
    assert story.expire("10:31").effects(EffectKind.BREACH) == ["1.first_response.1"]


def test_the_last_answer_of_a_bot_counts() -> None:
    story = told().bot("10:05").expire("10:11")
    assert story.case.status is Status.OPEN
    assert story.expire("10:15").case.status is Status.RESOLVED


def test_answers_of_a_bot_that_come_out_of_order_change_nothing() -> None:
    story = Story(patient()).customer("10:00").bot("10:05").bot("10:01", received="10:06")
    assert story.case.contain_at == at("10:15")


def test_a_bots_answer_from_before_the_customers_last_word_settles_nothing() -> None:
    story = Story(patient()).customer("10:00").customer("10:05").bot("10:03", received="10:06")
    assert story.case.contain_at is None


def test_a_persons_answer_takes_over() -> None:
    story = told().agent("10:05")
    assert story.case.contain_at is None
    assert story.expire("10:11").case.status is Status.OPEN


def test_what_was_handed_to_people_is_theirs() -> None:
    story = Story(patient()).customer("10:00", risks={RiskName.SAFETY}).bot("10:01")
    assert story.case.contain_at is None


@pytest.mark.parametrize("seconds", [None])
def test_without_a_patience_no_bot_settles_anything(seconds: int | None) -> None:
    story = Story(patient(seconds)).customer("10:00").bot("10:01")
    assert story.expire("23:00").case.status is Status.OPEN


def test_a_message_after_containment_reopens_with_the_time_that_was_left() -> None:
    story = told().expire("10:11").customer("10:20")
    assert story.case.status is Status.OPEN
    assert story.clock(RES).state is ClockState.RUNNING
    assert story.clock(FR).state is ClockState.RUNNING


def test_a_resolved_case_waits_for_no_bot() -> None:
    story = told().resolve("10:05")
    assert cases.due_at(story.case) is None or cases.due_at(story.case) != at("10:11")
    assert story.expire("10:11").case.resolved_at == at("10:05")
