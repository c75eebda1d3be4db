"""What a digest tells of the notices that a window withheld, and what it drops."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from heed import contracts
from heed.announcing import Digest, digest, moot, premature
from heed.model import Case, Chain, ClockState, EffectKind, Hold, Level, Metric, Priority, Status
from tests.unit.announcing.gathered import BUNDLE, NAME, found, link, telling, withheld
from tests.unit.announcing.told import DUE, NOW, POLICY, case, clock, effect

OTHERS = [case(clock(), key=f"{n}" * 32, id=f"000{n}-HQ7K", priority=Priority.P2) for n in (1, 2)]


def told(*cases: Case, others: bool = True, now: Any = NOW, **changes: Any) -> Digest:
    every = [*cases, *(OTHERS if others else [])]
    return digest(replace(BUNDLE, **changes), telling(every), found(every), POLICY, now, link)


def body(sent: Digest) -> dict[str, Any]:
    assert sent.notice is not None
    read: dict[str, Any] = json.loads(sent.notice.body)
    return read


late = case(clock())


def test_a_digest_follows_its_contract_and_carries_the_key_of_its_window() -> None:
    sent = told(late)
    assert sent.notice is not None
    assert sent.notice.key == body(sent)["key"] == NAME
    contracts.Digest.model_validate_json(sent.notice.body)
    Draft202012Validator(json.loads(contracts.schema("heed.digest.v1"))).validate(body(sent))
    assert len(sent.notice.message_attributes) <= 10


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({}, clock(state=ClockState.BREACHED_MET, stopped_at=DUE + timedelta(minutes=1))),
        ({}, clock(state=ClockState.RETRACTED, stopped_at=DUE - timedelta(minutes=1))),
        ({"status": Status.RESOLVED, "resolved_at": NOW}, clock()),
    ],
)
def test_what_was_answered_taken_back_or_closed_has_dropped_out(changes: dict[str, Any], about: Any) -> None:
    settled = case(about, **changes)
    sent = told(settled)
    assert body(sent)["breaches"] == 2
    assert sent.moot == ((settled.key, withheld(settled).outbox[0].key),)
    assert len(sent.told) == 2


def test_what_its_case_has_told_otherwise_has_dropped_out_without_a_receipt() -> None:
    gone = replace(withheld(late), outbox=())
    every = [late, *OTHERS]
    sent = digest(BUNDLE, telling(every), found(every) | {late.key: gone}, POLICY, NOW, link)
    assert body(sent)["breaches"] == 2
    assert late.key not in {key for key, _ in (*sent.told, *sent.moot)}


def test_what_another_window_withholds_is_left_to_that() -> None:
    elsewhere = withheld(late)
    elsewhere = replace(elsewhere, outbox=(replace(elsewhere.outbox[0], held_by="hours/x@later"),))
    every = [late, *OTHERS]
    sent = digest(BUNDLE, telling(every), found(every) | {late.key: elsewhere}, POLICY, NOW, link)
    assert body(sent)["breaches"] == 2


def test_a_case_that_cannot_be_read_is_counted() -> None:
    every = [late, *OTHERS]
    known = found(every)
    del known[late.key]
    assert body(digest(BUNDLE, telling(every), known, POLICY, NOW, link))["more"] == 1


def test_one_that_is_left_is_told_by_its_own_notice_under_its_own_key() -> None:
    sent = told(late, others=False)
    assert sent.notice is not None
    assert sent.notice.key == withheld(late).outbox[0].key
    assert body(sent)["schema"] == "heed.notice.v1"
    assert sent.told == ((late.key, sent.notice.key),)


def test_where_nothing_is_left_nothing_is_sent_and_all_of_it_is_moot() -> None:
    sent = told(case(clock(state=ClockState.BREACHED_MET, stopped_at=NOW)), others=False)
    assert (sent.notice, sent.told, len(sent.moot)) == (None, (), 1)


def test_t76_a_breach_and_its_reminder_are_one_line_the_reminders() -> None:
    chain = Chain((Level(0), Level(60)))
    both = withheld(withheld(case(clock(chain=chain, level=2))), level=2)
    sent = told(both)
    assert body(sent)["breaches"] == 3
    (line,) = [line for line in body(sent)["worst"] if line["case_id"] == late.id]
    assert line["level"] == 2
    assert len([key for _, key in sent.told if key.startswith(late.id)]) == 2


def test_the_worst_come_first_and_so_many_as_the_policy_says() -> None:
    grave = case(clock(deadline_at=NOW - timedelta(seconds=1)), key="p1", id="P1P1-AAAA", priority=Priority.P1)
    long = case(clock(deadline_at=DUE - timedelta(hours=9)), key="long", id="LONG-AAAA", priority=Priority.P2)
    soon = case(
        clock(state=ClockState.RUNNING, deadline_at=NOW + timedelta(minutes=1)),
        key="s",
        id="S00N-AAAA",
        priority=Priority.P2,
    )
    every = [soon, long, grave, *OTHERS]
    policy = replace(POLICY, noise=replace(POLICY.noise, worst=4))
    sent = body(digest(BUNDLE, telling(every), found(every), policy, NOW, link))
    assert [line["case_id"] for line in sent["worst"]] == ["P1P1-AAAA", "LONG-AAAA", "0001-HQ7K", "0002-HQ7K"]
    assert [key[:9] for key in sent["tells"]][-1] == "S00N-AAAA"
    assert (sent["breaches"], sent["warnings"]) == (4, 1)


def test_a_digest_has_the_gravest_severity_and_answers_to_the_filters_of_each_it_tells() -> None:
    other = replace(OTHERS[0], channel="facebook/qinghe", clocks=(clock(metric=Metric.RESOLUTION),))
    sent = told(late, other, others=False)
    assert sent.notice is not None
    attributes = sent.notice.message_attributes
    assert attributes["severity"]["StringValue"] == "critical"
    assert attributes["platform"] == {"DataType": "String.Array", "StringValue": '["facebook", "wechat"]'}
    assert attributes["priority"] == {"DataType": "String.Array", "StringValue": '["P1", "P2"]'}
    assert attributes["metric"]["DataType"] == "String.Array"
    assert attributes["team"] == {"DataType": "String", "StringValue": "care-cn"}
    assert "recipient" not in attributes or attributes["recipient"]["StringValue"]


def test_one_value_of_a_gathered_attribute_is_a_plain_string() -> None:
    sent = told(late)
    assert sent.notice is not None
    assert sent.notice.message_attributes["platform"] == {"DataType": "String", "StringValue": "wechat"}


def test_no_digest_holds_an_id_of_a_customer_or_conversation() -> None:
    sent = told(late, why=Hold.RATE)
    assert sent.notice is not None
    text = sent.notice.message + sent.notice.subject
    assert late.customer not in text
    assert late.conversation not in text
    assert late.key not in text


# -- corrections of what was withheld

back = clock(state=ClockState.RETRACTED, stopped_at=DUE - timedelta(seconds=10))


def corrected(of: Case, **changes: Any) -> Any:
    return effect(of, EffectKind.CORRECTION, **changes)


@pytest.mark.parametrize(
    ("now", "why", "early"),
    [
        (NOW - timedelta(seconds=1), "untold", False),  # the digest will not tell the breach
        (NOW, None, True),  # a digest may be telling it right now
    ],
)
def test_a_correction_of_a_breach_that_still_waits_is_moot_until_a_digest_may_have_told_it(
    now: Any, why: str | None, early: bool
) -> None:
    waiting = withheld(case(back))
    assert moot(waiting, corrected(waiting), now) == why
    assert premature(waiting, corrected(waiting), now) is early


def test_a_correction_that_waited_is_told_though_no_receipt_says_that_the_breach_was() -> None:
    """The receipt may have been lost, and a false alarm must not stand."""
    unsure, published = case(back), case(replace(back, published_at=NOW))
    assert moot(unsure, corrected(unsure, tries=2), NOW) is None
    assert moot(published, corrected(published, tries=2), NOW) is None


def test_a_correction_of_a_breach_that_is_being_told_alone_does_not_wait() -> None:
    about = case(back)
    about = replace(about, outbox=(effect(about, EffectKind.BREACH),))
    assert moot(about, corrected(about), NOW) is None
    assert not premature(about, corrected(about), NOW)


reminded = replace(back, chain=Chain((Level(0), Level(60))), level=2)


@pytest.mark.parametrize("level", [1, 2])
def test_a_correction_of_what_one_level_was_told_does_not_wait_for_another_that_is_withheld(level: int) -> None:
    """Whoever heard of the breach must hear that it was taken back, whichever of the two notices it was."""
    half = withheld(case(reminded), level=level)
    for now in (NOW - timedelta(seconds=1), NOW):
        assert moot(half, corrected(half), now) is None
        assert not premature(half, corrected(half), now)


def test_a_correction_of_what_no_level_was_told_is_moot_until_the_first_digest_may_have_told_it() -> None:
    both = withheld(withheld(case(reminded)), level=2)
    first = replace(both.outbox[0], held_until=NOW - timedelta(seconds=5))
    both = replace(both, outbox=(first, both.outbox[1]))
    assert moot(both, corrected(both), NOW - timedelta(seconds=6)) == "untold"
    assert premature(both, corrected(both), NOW - timedelta(seconds=5))
