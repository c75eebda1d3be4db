"""What time makes a case tell, and what becomes of it until it is told (rules 17 and 18)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heed import cases
from heed.model import EffectKind
from tests.unit.builders import a_policy, at
from tests.unit.cases.story import FR, NR, Story

HOUR = 3600

# -- warnings (rule 17) and effects (rule 18) -----------------------------------------------------------------------

WARNED = a_policy(resolution=None, warn_share=0.75)


def test_a_warning_is_given_once_at_its_share() -> None:
    story = Story(WARNED).customer("10:00").expire("10:22:29")
    assert story.case.outbox == ()
    story.expire("10:22:30").expire("10:23")
    assert [effect.key for effect in story.case.outbox] == [f"{story.case.id}/1.first_response.1/v1/warning"]


@pytest.mark.parametrize("moment", ["10:28:01", "10:30:01"])
def test_a_warning_too_late_to_help_is_dropped(moment: str) -> None:
    story = Story(WARNED).customer("10:00").expire(moment)
    assert story.effects(EffectKind.WARNING) == []
    due = cases.due_at(story.case)
    assert due is not None
    assert due > at(moment)


def test_no_warning_is_given_of_a_promise_just_kept() -> None:
    story = Story(WARNED).customer("10:00").agent("10:25")
    assert story.case.outbox == ()
    assert Story(WARNED).customer("10:00").resolve("10:25").case.outbox == ()


def test_a_breach_is_declared_once_and_keyed_by_clock_and_deadline() -> None:
    story = Story(a_policy(resolution=None)).customer("10:00").expire("10:30:01").expire("10:30:05")
    (effect,) = story.case.outbox
    assert effect.key == f"{story.case.id}/1.first_response.1/v1/breach"
    assert story.clock(FR).detected_at == at("10:30:01")
    assert cases.to_announce(story.case) == (effect,)


def test_a_late_reply_declares_the_breach_that_nobody_had_seen() -> None:
    story = Story().customer("10:00").agent("10:40")
    assert story.effects(EffectKind.BREACH) == ["1.first_response.1"]
    assert story.clock(FR).detected_at == at("10:40")


def test_a_told_breach_says_when_and_leaves_the_outbox() -> None:
    story = Story().customer("10:00").expire("10:30:01").confirm("10:30:02")
    assert (story.case.outbox, story.clock(FR).published_at) == ((), at("10:30:02"))


def test_a_breach_that_needed_no_telling_leaves_the_outbox_unpublished() -> None:
    case = Story().customer("10:00").expire("10:30:01").case
    done = cases.confirm(case, (effect.key for effect in case.outbox), None, at("10:30:02"))
    assert (done.outbox, done.clocks[0].published_at) == ((), None)


def test_confirming_takes_only_what_was_told_even_from_a_generator() -> None:
    policy = replace(a_policy(first_response=1800, resolution=1800))
    case = Story(policy).customer("10:00").expire("10:30:01").case
    first, second = (effect.key for effect in case.outbox)
    both = cases.confirm(case, (key for key in [first, second]), at("10:31"), at("10:31"))
    assert both.outbox == ()
    assert [effect.key for effect in cases.confirm(case, [first], at("10:31"), at("10:31")).outbox] == [second]
    assert cases.confirm(case, ["unknown"], at("10:31"), at("10:31")) is case


def test_what_nobody_confirmed_is_told_again_ever_less_often_and_at_least_hourly() -> None:
    story = Story(a_policy(resolution=None)).customer("10:00").expire("10:30:01")
    waits = []
    for _ in range(60):
        due = cases.due_at(story.case)
        assert due is not None
        before, story._case = story.case, cases.expire(story.case, due)
        assert [effect.key for effect in cases.to_announce(story.case)] == [e.key for e in before.outbox]
        waits.append((story.case.outbox[0].retry_at - due).total_seconds())
    assert waits[:6] == [180, 360, 720, 1440, 2880, 3600]
    assert set(waits[6:]) == {3600}
    assert story.case.outbox[0].tries == 61


def test_a_clock_stays_on_the_case_as_long_as_an_effect_names_it() -> None:
    story = Story().customer("10:00").agent("10:05").customer("11:00").expire("11:21").agent("11:30").customer("12:00")
    assert [clock.period for clock in story.clocks(NR)] == [1, 2]
    assert cases.clock_named(story.case, "1.next_response.1") is not None
    story.confirm("12:01").agent("12:05").customer("13:00")
    assert [clock.period for clock in story.clocks(NR)] == [3]
    assert cases.clock_named(story.case, "1.next_response.1") is None


def test_a_new_episode_keeps_the_clock_of_a_breach_still_to_be_told() -> None:
    story = Story().customer("10:00").agent("10:40").resolve("11:00").customer("10:00", day="2026-03-23")
    assert cases.clock_named(story.case, "1.first_response.1") is not None
    assert cases.clock_named(story.case, "1.resolution.1") is None
    assert story.clock(FR).period == 1


def test_somebody_looks_again_the_instant_after_a_deadline() -> None:
    case = Story(a_policy(resolution=None)).customer("10:00").case
    assert cases.next_deadline(case) == at("10:30")
    assert cases.due_at(case) == at("10:30:00.000001")
    assert cases.expire(case, at("10:30")) is case
    assert cases.expire(case, at("10:30:00.000001")) is not case


def test_the_warning_is_due_before_the_deadline() -> None:
    assert cases.due_at(Story(WARNED).customer("10:00").case) == at("10:22:30")


# -- what waits for a digest ---------------------------------------------------------------------------------------

WINDOW = "incident/q/t//breach/high/1@2026-03-11T02:30:00.000Z"


def _withheld() -> Story:
    story = Story(a_policy(resolution=None)).customer("10:00").expire("10:30:01")
    story._case = cases.hold(story.case, [story.case.outbox[0].key], WINDOW, at("10:40"), at("10:30:02"))
    return story


def test_a_withheld_notice_stays_in_the_outbox_and_is_nobodys_concern_until_its_digest_should_have_told_it() -> None:
    case = _withheld().case
    (effect,) = case.outbox
    assert (effect.held_by, effect.held_until) == (WINDOW, at("10:40"))
    assert cases.to_announce(case) == ()
    assert cases.due_at(case) == effect.retry_at == at("10:43")


def test_withholding_again_or_something_unknown_changes_nothing() -> None:
    case = _withheld().case
    key = case.outbox[0].key
    assert cases.hold(case, [key], WINDOW, at("10:40"), at("10:35")) is case
    assert cases.hold(case, ["another"], WINDOW, at("10:40"), at("10:35")) is case


def test_a_withheld_notice_that_no_digest_told_is_told_again_under_its_key() -> None:
    before = _withheld().case
    after = cases.expire(before, at("10:43"))
    (effect,) = cases.to_announce(after)
    assert (effect.key, effect.held_by, effect.tries) == (before.outbox[0].key, WINDOW, 2)


def test_a_withheld_breach_is_published_when_its_digest_was() -> None:
    case = _withheld().case
    told = cases.confirm(case, [case.outbox[0].key], at("10:40:01"), at("10:40:02"))
    assert told.outbox == ()
    assert told.clocks[0].published_at == at("10:40:01")
