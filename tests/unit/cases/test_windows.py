"""The platform's reply window (rule 20): 24 hours here, on Wednesday 2026-03-11 in Shanghai."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from heed import cases
from heed.model import ClockState, EffectKind, Metric, Status, Surface
from heed.policy import ELAPSED, Policy, Target
from tests.unit.builders import CHANNEL, a_message, a_policy, an_assessment, at
from tests.unit.cases.story import FR, RW, Story

HOUR = 3600
DAY = 24 * HOUR


def windowed(seconds: int = DAY, warn_share: float = 0.0, **promised: Any) -> Policy:
    window = Target(seconds, ELAPSED, warn_share)
    return replace(a_policy(**promised), reply_windows={"wechat": {Surface.DIRECT: window}})


def test_the_window_begins_with_the_first_message_and_anew_with_each_later_one() -> None:
    story = Story(windowed()).customer("10:00").customer("11:00")
    assert [(clock.period, clock.deadline_at) for clock in story.clocks(RW)] == [(1, at("11:00", day="2026-03-12"))]
    assert story.clock(RW).deadline_version == 2


def test_an_older_message_that_comes_later_does_not_move_the_window() -> None:
    story = Story(windowed()).customer("10:10").customer("10:05", received="10:11")
    assert story.clock(RW).deadline_at == at("10:10", day="2026-03-12")


def test_where_the_platform_sets_no_window_there_is_none() -> None:
    assert Story().customer("10:00").clocks(RW) == []
    comment = a_message(at=at("10:00"), surface=Surface.COMMENT)
    case = cases.receive(None, comment, an_assessment(), windowed(), at("10:00"))
    assert Metric.REPLY_WINDOW not in {clock.metric for clock in case.clocks}


def test_neither_an_answer_nor_a_status_nor_a_priority_stops_or_moves_the_window() -> None:
    story = Story(windowed()).customer("10:00").agent("10:10").status("10:20", Status.ON_HOLD)
    story._case = cases.adopt(story.case, replace(windowed(HOUR), version="2"), at("10:30"))
    assert (story.clock(RW).state, story.clock(RW).deadline_at) == (ClockState.RUNNING, at("10:00", day="2026-03-12"))


def test_a_window_that_closes_while_the_customer_waits_is_a_breach() -> None:
    story = Story(windowed(HOUR, first_response=4 * HOUR)).customer("10:00").expire("11:00").expire("11:00:01")
    assert (story.clock(RW).state, story.effects(EffectKind.BREACH)) == (ClockState.BREACHED, ["1.reply_window.1"])
    assert story.agent("11:30").clock(RW).state is ClockState.BREACHED_MET


def test_a_window_that_closes_on_nobody_ends_silently() -> None:
    story = Story(windowed(HOUR, resolution=None)).customer("10:00").agent("10:10").expire("11:00:01")
    clock = story.clock(RW)
    assert (clock.state, clock.reason, clock.stopped_at) == (ClockState.CANCELLED, "window_closed", at("11:00"))
    assert (story.case.outbox, cases.due_at(story.case)) == ((), None)


def test_an_answer_in_the_window_that_is_seen_after_it_takes_the_breach_back() -> None:
    story = Story(windowed(HOUR, first_response=4 * HOUR)).customer("10:00").expire("11:00:01")
    story.agent("10:59", received="11:05")
    assert story.clock(RW).state is ClockState.RETRACTED
    assert story.effects(EffectKind.CORRECTION) == ["1.reply_window.1"]


def test_a_message_after_the_window_closed_begins_another() -> None:
    story = Story(windowed(HOUR, first_response=8 * HOUR)).customer("10:00").expire("11:00:01").customer("12:00")
    assert [(clock.period, clock.state) for clock in story.clocks(RW)] == [
        (1, ClockState.BREACHED),
        (2, ClockState.RUNNING),
    ]
    assert story.clock(RW, 1).stopped_at == at("12:00")
    assert story.clock(RW, 2).deadline_at == at("13:00")


def test_resolving_stops_the_window_and_a_message_restarts_it() -> None:
    story = Story(windowed()).customer("10:00").agent("10:10").resolve("11:00")
    assert (story.clock(RW).state, story.clock(RW).reason) == (ClockState.CANCELLED, "resolved")
    assert story.customer("12:00").clock(RW, 2).deadline_at == at("12:00", day="2026-03-12")


@pytest.mark.parametrize(("reopened", "running"), [("10:30", True), ("11:30", False)])
def test_the_desk_reopens_a_window_that_is_still_open(reopened: str, running: bool) -> None:
    story = Story(windowed(HOUR)).customer("10:00").agent("10:10").resolve("10:20").reopen(reopened)
    assert (story.clock(RW).state is ClockState.RUNNING) is running
    assert story.clock(RW).deadline_at == at("11:00")


def test_nobody_is_hurried_by_a_window_in_which_nobody_waits() -> None:
    story = Story(windowed(HOUR)).customer("10:00")
    assert cases.next_deadline(story.case) == at("10:30")
    story.agent("10:10")
    assert cases.next_deadline(story.case) == at("14:00")


# -- warnings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "said", "warn_at"),
    [
        (windowed(warn_share=0.75), "10:00", "16:45"),
        (windowed(warn_share=0.75, calendar="always"), "10:00", "04:00 next"),
        (windowed(warn_share=0.75, first_response=None, next_response=None), "10:00", "04:00 next"),
        (windowed(HOUR, 0.75, first_response=4 * HOUR), "10:00", "10:00"),
        (windowed(2 * HOUR, 0.75), "19:00", "19:00"),
        (windowed(119, 0.75, first_response=4 * HOUR), "10:00", None),
        (windowed(), "10:00", None),
    ],
    ids=[
        "three quarters of the open hours in it",
        "of an elapsed day for round-the-clock promises",
        "and where no reply is promised",
        "at once if it closes before the reply is due",
        "at once if it closes before the next opening",
        "never less than two minutes before it closes",
        "never without a share",
    ],
)
def test_a_window_warns_while_people_are_there_to_answer(policy: Policy, said: str, warn_at: str | None) -> None:
    story = Story(policy).customer(said)
    moment, _, following = (warn_at or "").partition(" ")
    day = "2026-03-12" if following else "2026-03-11"
    assert story.clock(RW).warn_at == (at(moment, day=day) if warn_at else None)


def test_the_warning_is_told_once_and_only_while_somebody_waits() -> None:
    policy = windowed(HOUR, 0.75, first_response=4 * HOUR)
    assert Story(policy).customer("10:00").expire("10:00").expire("10:01").effects(EffectKind.WARNING) == [
        "1.reply_window.1"
    ]
    assert Story(policy).customer("10:00").agent("10:01").expire("10:02").effects(EffectKind.WARNING) == []


def test_a_window_of_a_message_already_answered_warns_nobody() -> None:
    story = Story(windowed(HOUR, 0.75)).customer("10:00").agent("10:10").customer("10:05", received="10:12")
    assert story.clock(RW).started_at == at("10:05")
    assert story.clock(RW).warn_at is None
    assert story.clock(FR).state is ClockState.MET
    assert story.case.channel == CHANNEL
