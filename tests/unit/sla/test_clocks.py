"""One clock: what the transitions of a case rely on, and the corners that no case reaches by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from heed.model import Clock, ClockState, Metric
from heed.policy import Target
from heed.sla import Calendar, clocks
from tests.unit.builders import ALWAYS, OFFICE, at

CALENDARS = {
    "always": Calendar(ALWAYS["zone"], ALWAYS["week"]),
    "office": Calendar(OFFICE["zone"], OFFICE["week"]),
    "closed": Calendar("UTC", {}),
}
HOUR = 3600


def a_clock(
    seconds: int = 1800,
    calendar: str = "office",
    warn_share: float = 0.0,
    used: float = 0.0,
    metric: Metric = Metric.FIRST_RESPONSE,
    start: datetime = at("10:00"),  # noqa: B008 - a fixed instant
) -> Clock:
    target = Target(seconds, calendar, warn_share)
    return clocks.start(CALENDARS, target, start, episode=1, metric=metric, period=1, used=used)


def retargeted(clock: Clock, seconds: int, now: datetime, calendar: str = "office", warn_share: float = 0.0) -> Clock:
    return clocks.retarget(clock, CALENDARS, Target(seconds, calendar, warn_share), now)


# -- start --------------------------------------------------------------------------------------------------------


def test_a_clock_without_open_time_runs_without_a_deadline_and_says_so() -> None:
    clock = a_clock(calendar="closed", warn_share=0.75)
    assert (clock.state, clock.deadline_at, clock.warn_at, clock.reason) == (
        ClockState.RUNNING,
        None,
        None,
        "unbounded",
    )
    assert not clocks.overdue(clock, at("10:00", day="2036-03-11"))


def test_a_clock_with_no_time_left_gets_five_open_minutes() -> None:
    clock = a_clock(HOUR, used=HOUR, warn_share=0.75, start=at("17:58"))
    assert (clock.deadline_at, clock.warn_at, clock.reason) == (at("09:03", day="2026-03-12"), None, "accelerated")
    assert clock.used_seconds == HOUR


def test_a_clock_with_no_time_left_on_a_closed_calendar_is_unbounded() -> None:
    assert a_clock(calendar="closed", used=1800).reason == "unbounded"


# -- warnings (rule 17) ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "seconds", "share", "warn_at"),
    [
        ("16:00", 4 * HOUR, 0.75, at("10:00", day="2026-03-12")),
        ("10:00", 1800, 0.75, at("10:22:30")),
        ("10:00", 480, 0.75, at("10:06")),
        ("10:00", 479, 0.75, None),
        ("10:00", 1800, 0.0, None),
    ],
    ids=["a share of business time", "half an hour", "two minutes before", "less than two minutes before", "no share"],
)
def test_a_warning_is_due_at_a_share_of_business_time(
    start: str, seconds: int, share: float, warn_at: datetime | None
) -> None:
    assert a_clock(seconds, warn_share=share, start=at(start)).warn_at == warn_at


def test_a_share_spent_before_a_pause_is_not_warned_of_again() -> None:
    clock = clocks.pause(a_clock(HOUR, warn_share=0.5), CALENDARS, at("10:40"))
    assert clocks.resume(clock, CALENDARS, at("12:00")).warn_at is None


def test_a_share_not_yet_spent_is_warned_of_after_a_pause() -> None:
    clock = clocks.pause(a_clock(HOUR, warn_share=0.5), CALENDARS, at("10:20"))
    assert clocks.resume(clock, CALENDARS, at("12:00")).warn_at == at("12:10")


# -- pause and resume (rule 8) --------------------------------------------------------------------------------------


def test_a_pause_costs_nothing_and_moves_the_deadline_to_a_new_version() -> None:
    paused = clocks.pause(a_clock(4 * HOUR), CALENDARS, at("11:00"))
    assert (paused.state, paused.intervals, paused.deadline_at) == (
        ClockState.PAUSED,
        ((at("10:00"), at("11:00")),),
        None,
    )
    resumed = clocks.resume(paused, CALENDARS, at("15:00"))
    assert (resumed.state, resumed.deadline_at, resumed.stopped_at) == (ClockState.RUNNING, at("18:00"), None)
    assert resumed.deadline_version == 2


def test_pausing_and_resuming_twice_counts_each_interval_once() -> None:
    clock = a_clock(4 * HOUR)
    for stop, go in [("11:00", "12:00"), ("13:00", "14:00")]:
        clock = clocks.resume(clocks.pause(clock, CALENDARS, at(stop)), CALENDARS, at(go))
    assert clock.deadline_at == at("16:00")
    assert clocks.used(clock, CALENDARS["office"], at("14:30")) == 2.5 * HOUR


def test_a_clock_paused_over_and_over_keeps_its_last_intervals_and_the_seconds_of_the_rest() -> None:
    clock = a_clock(8 * HOUR, start=at("09:00"))
    for minute in range(1, 59, 2):
        clock = clocks.pause(clock, CALENDARS, at(f"09:{minute:02}"))
        clock = clocks.resume(clock, CALENDARS, at(f"09:{minute + 1:02}"))
    assert (len(clock.intervals), clock.used_seconds) == (20, 9 * 60)
    assert clocks.used(clock, CALENDARS["office"], at("09:58")) == 29 * 60


def test_another_calendar_counts_the_intervals_before_a_pause_anew() -> None:
    clock = clocks.pause(a_clock(4 * HOUR, "always", start=at("08:00")), CALENDARS, at("10:00"))
    moved = clocks.resume(retargeted(clock, 4 * HOUR, at("11:00")), CALENDARS, at("12:00"))
    assert moved.deadline_at == at("15:00"), "one of its two hours lay in the office's"


def test_a_message_older_than_the_pause_resumes_from_the_pause() -> None:
    paused = clocks.pause(a_clock(4 * HOUR), CALENDARS, at("11:00"))
    assert clocks.resume(paused, CALENDARS, at("10:50")).deadline_at == at("14:00")


def test_only_a_running_clock_pauses_and_only_a_paused_one_resumes() -> None:
    running = a_clock()
    paused = clocks.pause(running, CALENDARS, at("10:10"))
    assert clocks.pause(paused, CALENDARS, at("10:20")) is paused
    assert clocks.resume(running, CALENDARS, at("10:20")) is running


def test_a_clock_whose_time_shrank_in_a_pause_gets_five_minutes_when_it_resumes() -> None:
    paused = retargeted(clocks.pause(a_clock(4 * HOUR), CALENDARS, at("12:00")), HOUR, at("13:00"))
    assert (paused.state, paused.target_seconds) == (ClockState.PAUSED, HOUR)
    resumed = clocks.resume(paused, CALENDARS, at("15:00"))
    assert (resumed.deadline_at, resumed.reason) == (at("15:05"), "accelerated")


# -- another target or calendar (rules 11 and 16) --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "deadline", "reason"),
    [
        ("10:10", "10:30", ""),
        ("10:30", "10:30", ""),
        ("10:30:01", "10:35:01", "accelerated"),
        ("10:40", "10:45", "accelerated"),
    ],
)
def test_a_shorter_promise_counts_from_the_start_and_is_past_only_after_its_deadline(
    now: str, deadline: str, reason: str
) -> None:
    raised = retargeted(a_clock(4 * HOUR), 1800, at(now))
    assert (raised.deadline_at, raised.reason, raised.deadline_version) == (at(deadline), reason, 2)


def test_a_longer_promise_counts_from_the_start() -> None:
    assert retargeted(a_clock(1800), 4 * HOUR, at("10:20")).deadline_at == at("14:00")


def test_a_recorded_breach_is_not_undone_by_a_longer_promise() -> None:
    breached = clocks.breach(a_clock(1800), at("10:31"))
    assert retargeted(breached, 4 * HOUR, at("10:35")) is breached


def test_the_same_promise_changes_nothing() -> None:
    clock = replace(a_clock(warn_share=0.75), warn_at=None)
    assert retargeted(clock, 1800, at("10:25"), warn_share=0.75) is clock
    paused = clocks.pause(clock, CALENDARS, at("10:10"))
    assert retargeted(paused, 1800, at("10:25")) is paused


def test_an_accelerated_promise_is_not_put_off_again() -> None:
    raised = retargeted(a_clock(4 * HOUR), 1800, at("10:40"))
    assert retargeted(raised, 1800, at("10:44")) is raised


def test_an_edited_calendar_moves_an_open_deadline() -> None:
    clock = a_clock(9 * HOUR)
    assert clock.deadline_at == at("10:00", day="2026-03-12")
    edited = {"office": Calendar(OFFICE["zone"], OFFICE["week"], {at("10:00", day="2026-03-12").date(): []})}
    moved = clocks.retarget(clock, edited, Target(9 * HOUR, "office", 0.0), at("11:00"))
    assert (moved.deadline_at, moved.deadline_version) == (at("10:00", day="2026-03-13"), 2)


def test_a_mended_calendar_gives_an_unbounded_clock_its_deadline() -> None:
    mended = retargeted(a_clock(calendar="closed"), 1800, at("10:10"))
    assert (mended.deadline_at, mended.reason) == (at("10:30"), "")


# -- an older message (rules 7 and 10) --------------------------------------------------------------------------------


def test_an_older_message_moves_the_start_back() -> None:
    moved = clocks.backdate(a_clock(1800), CALENDARS, at("09:55"))
    assert (moved.started_at, moved.deadline_at, moved.deadline_version) == (at("09:55"), at("10:25"), 2)


@pytest.mark.parametrize(
    "clock",
    [
        a_clock(used=60),
        clocks.pause(a_clock(), CALENDARS, at("10:10")),
        clocks.breach(a_clock(), at("10:31")),
        retargeted(a_clock(4 * HOUR), 1800, at("10:40")),
    ],
    ids=["with time used before", "paused", "breached", "accelerated"],
)
def test_an_older_message_leaves_alone(clock: Clock) -> None:
    assert clocks.backdate(clock, CALENDARS, at("09:55")) is clock


def test_a_later_message_does_not_restart_a_clock() -> None:
    clock = a_clock()
    assert clocks.backdate(clock, CALENDARS, at("10:00")) is clock


# -- how a clock ends -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("moment", "overdue"), [("10:30:00", False), ("10:30:00.000001", True)])
def test_a_promise_kept_at_the_very_deadline_is_kept(moment: str, overdue: bool) -> None:
    assert clocks.overdue(a_clock(), at(moment)) is overdue


def test_a_warning_needs_a_deadline_two_minutes_away() -> None:
    clock = a_clock()
    assert clocks.worth_warning(clock, at("10:28"))
    assert not clocks.worth_warning(clock, at("10:28:01"))
    assert not clocks.worth_warning(a_clock(calendar="closed"), at("10:28"))


RUNNING = a_clock()
BREACHED = clocks.breach(RUNNING, at("10:31"))
BREACHED_MET = clocks.finish(BREACHED, at("10:40"))
CLOSED = clocks.close(BREACHED, at("10:40"))
MET = clocks.finish(RUNNING, at("10:20"))
UNANSWERED = clocks.close(RUNNING, at("10:20"))
WITHDRAWN = clocks.cancel(RUNNING, at("10:20"), "withdrawn")
RETRACTED = clocks.answer(BREACHED, at("10:29"))


@pytest.mark.parametrize(
    ("clock", "said", "state", "stopped"),
    [
        (RUNNING, "10:20", ClockState.MET, "10:20"),
        (RUNNING, "09:59:59", ClockState.RUNNING, None),
        (RUNNING, "10:00", ClockState.MET, "10:00"),
        (BREACHED, "10:40", ClockState.BREACHED_MET, "10:40"),
        (BREACHED, "10:30:00", ClockState.RETRACTED, "10:30"),
        (BREACHED, "10:30:01", ClockState.BREACHED_MET, "10:30:01"),
        (BREACHED_MET, "10:35", ClockState.BREACHED_MET, "10:35"),
        (BREACHED_MET, "10:50", ClockState.BREACHED_MET, "10:40"),
        (BREACHED_MET, "10:29", ClockState.RETRACTED, "10:29"),
        (RETRACTED, "10:20", ClockState.RETRACTED, "10:20"),
        (MET, "10:10", ClockState.MET, "10:10"),
        (MET, "10:25", ClockState.MET, "10:20"),
        (UNANSWERED, "10:10", ClockState.MET, "10:10"),
        (UNANSWERED, "10:25", ClockState.CANCELLED, "10:20"),
        (WITHDRAWN, "10:10", ClockState.CANCELLED, "10:20"),
        (CLOSED, "10:50", ClockState.BREACHED, "10:40"),
        (CLOSED, "10:35", ClockState.BREACHED_MET, "10:35"),
        (CLOSED, "10:29", ClockState.RETRACTED, "10:29"),
    ],
)
def test_the_earliest_answer_counts_in_whatever_order_answers_arrive(
    clock: Clock, said: str, state: ClockState, stopped: str | None
) -> None:
    answered = clocks.answer(clock, at(said))
    assert (answered.state, answered.stopped_at) == (state, at(stopped) if stopped else None)


def test_an_answer_before_the_close_takes_back_its_reason() -> None:
    assert UNANSWERED.reason == "closed_unanswered"
    assert clocks.answer(UNANSWERED, at("10:10")).reason == ""


@pytest.mark.parametrize("ended", [MET, BREACHED_MET, CLOSED, UNANSWERED, RETRACTED])
def test_an_ended_clock_does_not_end_again(ended: Clock) -> None:
    later = at("11:00")
    assert not clocks.is_open(ended)
    assert clocks.finish(ended, later) is ended
    assert clocks.cancel(ended, later, "merged") is ended
    assert clocks.close(ended, later) is ended
    assert clocks.pause(ended, CALENDARS, later) is ended
    assert not clocks.overdue(ended, later)


def test_a_broken_promise_stays_open_until_somebody_answers_or_closes() -> None:
    assert clocks.is_open(BREACHED)
    assert not clocks.is_live(BREACHED)
    assert clocks.cancel(BREACHED, at("11:00"), "merged") is BREACHED


def test_a_breach_keeps_its_deadline_and_says_when_it_was_seen() -> None:
    assert (BREACHED.deadline_at, BREACHED.detected_at, BREACHED.stopped_at) == (at("10:30"), at("10:31"), None)


def test_a_clock_has_a_name() -> None:
    assert RUNNING.id == "1.first_response.1"
