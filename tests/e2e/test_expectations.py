"""What the demo expects can fail: each expectation notices a day that went wrong in its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from heed.model import Priority
from infra.demo import expectations as expected
from infra.demo.day import BROKEN, KEPT
from infra.demo.expectations import Expectation
from infra.demo.facts import Facts
from infra.heedctl.queues import Letter
from tests.e2e.conftest import Played

pytestmark = pytest.mark.e2e


def counted(name: str, difference: int) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, counters={**facts.counters, name: facts.counters[name] + difference})


def misjudged(facts: Facts) -> Facts:
    (fate,) = facts.fates["wechat/praise"]
    assert fate.case is not None
    wrong = replace(fate, case=replace(fate.case, priority=Priority.P1))
    return replace(facts, fates={**facts.fates, "wechat/praise": [wrong]})


def all_kept(facts: Facts) -> Facts:
    return replace(facts, fates={**facts.fates, BROKEN[0]: facts.fates[KEPT[0]]})


def called_for_a_kept_promise(facts: Facts) -> Facts:
    (fate,) = facts.fates[KEPT[0]]
    assert fate.case is not None
    letter = facts.notices[0]
    needless = Letter("x", {**letter.body, "case_id": fate.case.id, "key": "x"}, letter.at)
    return replace(facts, notices=(*facts.notices, needless))


def late(facts: Facts) -> Facts:
    return replace(facts, notices=[replace(letter, at=letter.at + timedelta(seconds=5)) for letter in facts.notices])


def talkative(facts: Facts) -> Facts:
    text = facts.fates["wechat/praise"][0].message.text
    return replace(facts, logs={**facts.logs, "Desk": [*facts.logs["Desk"], f"got {text[4:14]} today"]})


def followed(**changes: object) -> Callable[[Facts], Facts]:
    def spoil(facts: Facts) -> Facts:
        assert facts.followed is not None
        return replace(facts, followed=replace(facts.followed, **changes))  # type: ignore[arg-type]

    return spoil


def looking_took_it(facts: Facts) -> Facts:
    assert facts.followed is not None
    return followed(after_looking=facts.followed.after)(facts)


def nobody_took_it(facts: Facts) -> Facts:
    assert facts.followed is not None
    return followed(after=facts.followed.before)(facts)


WRONG: list[tuple[Expectation, Callable[[Facts], Facts]]] = [
    (expected.every_webhook_gets_its_answer, lambda facts: replace(facts, sent=facts.sent[:-1])),
    (
        expected.every_webhook_gets_its_answer,
        lambda facts: replace(facts, sent=[replace(facts.sent[0], statuses=(500,)), *facts.sent[1:]]),
    ),
    (expected.every_genuine_message_is_stored_exactly_once, lambda facts: replace(facts, stored=facts.stored + 1)),
    (expected.every_genuine_message_is_stored_exactly_once, lambda facts: replace(facts, stored=facts.stored - 1)),
    (expected.each_message_has_the_priority_its_words_call_for, misjudged),
    (expected.a_storm_of_duplicates_stores_one_message, counted("Duplicates", -1)),
    (expected.a_forgery_is_refused_and_stores_nothing, counted("Refused", 1)),
    (expected.an_unreadable_body_is_quarantined, lambda facts: replace(facts, quarantined=0)),
    (expected.an_event_that_says_nothing_is_only_counted, counted("Ignored", -1)),
    (expected.every_p1_case_is_escalated_and_nothing_twice, lambda facts: replace(facts, escalations=())),
    (
        expected.every_p1_case_is_escalated_and_nothing_twice,
        lambda facts: replace(facts, escalations=[*facts.escalations, facts.escalations[0]]),
    ),
    (expected.the_promises_meant_to_be_broken_were, all_kept),
    (expected.every_broken_promise_is_announced_exactly_once, lambda facts: replace(facts, notices=facts.notices[1:])),
    (
        expected.every_broken_promise_is_announced_exactly_once,
        lambda facts: replace(facts, notices=[*facts.notices, facts.notices[0]]),
    ),
    (expected.every_broken_promise_is_announced_exactly_once, lambda facts: replace(facts, settled=False)),
    (expected.a_reply_in_time_keeps_its_promise_and_nobody_is_called, called_for_a_kept_promise),
    (expected.every_notice_reaches_on_call_by_mail, lambda facts: replace(facts, mails=facts.mails[1:])),
    (expected.a_notice_comes_within_seconds, late),
    (expected.a_notice_comes_within_seconds, lambda facts: replace(facts, notices=())),
    (
        expected.a_notices_link_changes_nothing_until_its_button_is_pressed,
        lambda facts: replace(facts, followed=None),
    ),
    (expected.a_notices_link_changes_nothing_until_its_button_is_pressed, followed(looked=())),
    (expected.a_notices_link_changes_nothing_until_its_button_is_pressed, looking_took_it),
    (expected.a_notices_link_changes_nothing_until_its_button_is_pressed, nobody_took_it),
    (expected.no_log_of_a_function_holds_a_customers_words_or_id, talkative),
    (
        expected.no_log_of_a_function_holds_a_customers_words_or_id,
        lambda facts: replace(facts, logs={**facts.logs, "Intake": []}),
    ),
]


@pytest.mark.parametrize(("expectation", "spoil"), WRONG, ids=lambda part: getattr(part, "__name__", ""))
def test_an_expectation_notices_what_went_wrong(
    played: Played, expectation: Expectation, spoil: Callable[[Facts], Facts]
) -> None:
    assert expectation(played.facts).true
    assert not expectation(spoil(played.facts)).true


def test_every_expectation_is_shown_to_be_able_to_fail() -> None:
    assert {expectation for expectation, _ in WRONG} == set(expected.EXPECTATIONS)
