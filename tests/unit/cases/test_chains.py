"""The chain of escalation (rule 19): T70 to T78, on Wednesday 2026-03-11 unless dated."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from heed import cases
from heed.announcing import moot, notice
from heed.model import Chain, ClockState, EffectKind, Kind, Level, Priority
from heed.policy import Policy
from tests.unit.builders import a_policy, at
from tests.unit.cases.story import FR, RES, Story

LADDER = Chain((Level(0), Level(600, "safety"), Level(1200, severity="critical")))


def laddered(chain: Chain = LADDER, priority: Priority = Priority.P3, **promised: int | str | None) -> Policy:
    return replace(a_policy(**{"resolution": None, **promised}), chains={priority: chain})


def told(story: Story, until: str, day: str = "2026-03-11") -> list[tuple[int, datetime]]:
    """Each level with the moment it was told, as the sweep would wake the case, up to `until`."""
    seen: list[tuple[int, datetime]] = []
    known = {effect.key for effect in story.case.outbox}
    while (due := cases.due_at(story.case)) is not None and due <= at(until, day=day):
        case = cases.expire(story.case, due, story.policy)
        fresh = [effect for effect in case.outbox if effect.key not in known]
        seen += [(effect.level, due - timedelta(microseconds=due.microsecond)) for effect in fresh]
        known |= {effect.key for effect in fresh}
        story._case = cases.confirm(case, [effect.key for effect in case.outbox], due, due)
    return seen


def test_t70_levels_follow_the_breach_at_their_delays() -> None:
    story = Story(laddered()).customer("10:00")
    assert told(story, "23:00") == [(1, at("10:30")), (2, at("10:40")), (3, at("10:50"))]


def test_t71_an_acknowledgement_holds_every_level_for_its_limit() -> None:
    story = Story(laddered()).customer("10:00")
    assert told(story, "10:32") == [(1, at("10:30"))]
    story.acknowledge("10:33")
    assert told(story, "11:02:59") == []
    assert told(story, "12:00") == [(2, at("11:03")), (3, at("11:13"))]


def test_when_the_chain_goes_on_the_case_can_be_taken_again() -> None:
    story = Story(laddered()).customer("10:00").expire("10:31").acknowledge("10:33").expire("11:03").confirm("11:04")
    assert story.case.acknowledged_by == ""
    story.acknowledge("11:05", by="han")
    assert (story.case.acknowledged_by, told(story, "11:34")) == ("han", [])
    assert told(story, "12:00") == [(3, at("11:35"))]


def test_a_level_that_is_not_told_yet_is_held_too_and_told_when_the_limit_is_over() -> None:
    story = Story(laddered()).customer("10:00")
    assert told(story, "10:32") == [(1, at("10:30"))]
    story.expire("10:40")
    assert [entry.level for entry in story.case.outbox] == [2]
    story.acknowledge("10:41")
    assert story.case.outbox == ()
    assert told(story, "12:00") == [(2, at("11:11")), (3, at("11:21"))]


def test_of_two_levels_that_are_not_told_yet_both_are_held() -> None:
    story = Story(laddered()).customer("10:00").expire("10:55")
    assert [entry.level for entry in story.case.outbox] == [1, 2, 3]
    story.acknowledge("10:56")
    assert [entry.level for entry in story.case.outbox] == [1]
    assert told(story, "12:00") == [(2, at("11:26")), (3, at("11:36"))]


def test_a_level_that_comes_again_has_a_key_of_its_own() -> None:
    """The digest that withheld it may remember the old key, and would take the new telling for a repetition."""
    story = Story(laddered()).customer("10:00").expire("10:55")
    before = {entry.key for entry in story.case.outbox if entry.level > 1}
    story.acknowledge("10:56").expire("11:27").expire("11:37")
    after = {entry.key for entry in story.case.outbox if entry.level > 1}
    assert (len(before), len(after), before & after) == (2, 2, set())


def test_a_chain_that_an_answer_ended_is_not_begun_again_by_taking_the_case() -> None:
    policy = laddered(first_response=None, resolution=3600)
    story = Story(policy).customer("10:00").expire("11:10").agent("11:12").acknowledge("11:13")
    assert [entry.level for entry in story.case.outbox] == [1]
    assert told(story, "15:00") == []


def test_a_case_taken_before_the_breach_holds_the_levels_after_it() -> None:
    story = Story(laddered()).customer("10:00").acknowledge("10:25")
    assert told(story, "12:00") == [(1, at("10:30")), (2, at("10:55")), (3, at("11:05"))]


def test_an_acknowledgement_of_long_ago_holds_nothing() -> None:
    story = Story(laddered(replace(LADDER, acknowledged_seconds=60))).customer("10:00").acknowledge("10:05")
    assert told(story, "12:00") == [(1, at("10:30")), (2, at("10:40")), (3, at("10:50"))]


def test_t72_a_reply_ends_the_chain() -> None:
    story = Story(laddered()).customer("10:00")
    assert told(story, "10:40:30") == [(1, at("10:30")), (2, at("10:40"))]
    assert told(story.agent("10:41"), "23:00") == []


def test_a_reply_ends_the_chain_of_a_resolution_too_but_not_one_said_before_it_broke() -> None:
    late = Story(laddered(first_response=None, next_response=None, resolution=1800)).customer("10:00").expire("10:31")
    assert told(late.agent("10:29", received="10:32"), "10:45") == [(2, at("10:40"))]
    assert told(late.agent("10:46"), "23:00") == []
    assert late.clock(RES).state is ClockState.BREACHED


def test_resolving_ends_the_chain_and_beats_an_acknowledgement() -> None:
    story = Story(laddered()).customer("10:00").expire("10:31").resolve("10:33")
    resolved = story.case
    assert story.acknowledge("10:33").case is resolved
    assert [level for level, _ in told(story, "23:00")] == []


def test_t74_a_policy_edited_during_a_chain_changes_nothing_of_it() -> None:
    story = Story(laddered()).customer("10:00").expire("10:30:01")
    story.policy = replace(laddered(Chain((Level(0), Level(60)))), version="2")
    story._case = cases.adopt(story.case, story.policy, at("10:35"))
    assert [when for _, when in told(story, "23:00")] == [at("10:40"), at("10:50")]


def test_a_policy_edited_before_the_breach_counts() -> None:
    story = Story(laddered()).customer("10:00")
    story.policy = laddered(Chain((Level(0), Level(60))))
    assert told(story, "23:00") == [(1, at("10:30")), (2, at("10:31"))]


def test_t76_levels_wait_for_the_hours_of_their_promise() -> None:
    story = Story(laddered(Chain((Level(0), Level(1800), Level(3600))))).customer("17:30", day="2026-03-13")
    assert told(story, "23:00", day="2026-03-16") == [
        (1, at("18:00", day="2026-03-13")),
        (2, at("09:00", day="2026-03-16")),
        (3, at("09:30", day="2026-03-16")),
    ]


@pytest.mark.parametrize(("priority", "calendar"), [(Priority.P1, "office"), (Priority.P3, "always")])
def test_t76_neither_p1_nor_a_round_the_clock_promise_waits(priority: Priority, calendar: str) -> None:
    policy = laddered(Chain((Level(0), Level(1800))), priority, calendar=calendar)
    story = Story(policy).customer("17:30", day="2026-03-13").prioritise("17:31", priority, day="2026-03-13")
    assert told(story, "23:00", day="2026-03-13") == [
        (1, at("18:00", day="2026-03-13")),
        (2, at("18:30", day="2026-03-13")),
    ]


def test_a_chain_ends_after_a_day_however_often_it_was_held() -> None:
    story = Story(laddered(replace(LADDER, acknowledged_seconds=86_400), calendar="always")).customer("10:00")
    story.expire("10:31").acknowledge("10:33")
    assert told(story, "23:00", day="2026-03-13") == []
    assert story.clock(FR).state is ClockState.BREACHED
    assert cases.due_at(story.case) is None


def test_a_level_on_a_calendar_that_never_opens_again_is_told_at_once() -> None:
    story = Story(laddered()).customer("10:00").expire("10:31")
    story.policy.__dict__["calendars"] = {"office": type(story.policy.calendars["office"])("UTC", {})}
    assert told(story, "10:40") == [(2, at("10:40"))]


def test_an_outage_tells_every_level_it_missed() -> None:
    story = Story(laddered()).customer("10:00").expire("10:55")
    assert [(e.level, e.key.removeprefix(f"{story.case.id}/1.first_response.1/v1/")) for e in story.case.outbox] == [
        (1, "breach"),
        (2, "breach/2/2"),
        (3, "breach/3/2"),
    ]


def test_without_a_policy_a_breach_is_told_once() -> None:
    case = cases.expire(Story(laddered()).customer("10:00").case, at("10:31"))
    assert [effect.level for effect in cases.expire(case, at("10:50")).outbox] == [1]


def test_only_the_first_level_is_the_publishing_of_the_breach() -> None:
    story = Story(laddered()).customer("10:00").expire("10:31").confirm("10:31").expire("10:40").confirm("10:41")
    assert story.clock(FR).published_at == at("10:31")


def test_t77_a_breach_told_twice_has_one_key_and_is_confirmed_once() -> None:
    story = Story(laddered()).customer("10:00").expire("10:30:01").expire("10:30:01").expire("10:33:02")
    assert [effect.key for effect in story.case.outbox] == [f"{story.case.id}/1.first_response.1/v1/breach"]
    assert story.confirm("10:33:03").case.outbox == ()


def test_t78_a_case_answered_before_its_time_has_nothing_to_tell() -> None:
    assert Story(laddered()).customer("10:00").agent("10:29").expire("10:30:01").case.outbox == ()


# -- what is told of a level ----------------------------------------------------------------------------------------


def test_a_level_goes_to_its_own_team_and_severity() -> None:
    story = Story(laddered()).customer("10:00", kind=Kind.QUESTION).expire("10:50")
    sent = [notice(story.case, effect, story.policy, at("10:50"), "https://x") for effect in story.case.outbox]
    found = [(s.attributes["level"], s.attributes["team"], s.attributes["severity"]) for s in sent if s]
    assert found == [("1", "care", "normal"), ("2", "safety", "normal"), ("3", "care", "critical")]
    assert sent[1] is not None
    assert sent[1].subject == f"P3 BREACH L2 {story.case.id}: first reply 20 min late, wechat/flagship-cn"


@pytest.mark.parametrize(("reply", "taken", "why"), [("10:41", "", "settled"), ("", "10:41", "acknowledged")])
def test_a_level_that_was_overtaken_is_not_told(reply: str, taken: str, why: str) -> None:
    story = Story(laddered()).customer("10:00").expire("10:31").confirm("10:32").expire("10:40")
    (effect,) = story.case.outbox
    assert moot(story.case, effect, at("10:41")) is None
    (story.agent if reply else story.acknowledge)(reply or taken)
    assert moot(story.case, effect, at("10:41")) == why


def test_effects_of_a_level_are_breaches() -> None:
    story = Story(laddered()).customer("10:00").expire("10:40")
    assert story.effects(EffectKind.BREACH) == ["1.first_response.1"] * 2
