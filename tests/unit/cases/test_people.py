"""Who the case belongs to, what it is called, and when it needs people."""

from __future__ import annotations

import re
from typing import Any

import pytest

from heed import cases
from heed.model import Kind, Priority, RiskName, Sentiment, SignalName, Status, Topic
from heed.policy import Policy
from tests.unit.builders import CHANNEL, a_message, a_policy, an_assessment, at, people
from tests.unit.cases.story import FR, RES, Story

# -- names ----------------------------------------------------------------------------------------------------------


def test_a_case_id_is_eight_crockford_digits_and_another_when_taken() -> None:
    key = cases.conversation_key(CHANNEL, "customer-1")
    drawn = {cases.short_id(key, "m1", attempt) for attempt in range(100)}
    assert len(drawn) == 100
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", name) for name in drawn)
    assert cases.short_id(key, "m1") == cases.short_id(key, "m1", 0)


def test_a_conversation_has_one_key_per_channel() -> None:
    keys = {cases.conversation_key(channel, "c") for channel in (CHANNEL, "wechat/other")}
    assert len(keys) == 2
    assert all(re.fullmatch(r"[0-9a-f]{32}", key) for key in keys)


@pytest.mark.parametrize("text", ["", "\ud800", "李雷", "a\nb", "x" * 10_000])
def test_any_text_a_platform_sends_is_a_fit_key(text: str) -> None:
    case = cases.receive(None, a_message(conversation=text, id=text), an_assessment(), a_policy(), at("10:00"))
    assert case.key == cases.conversation_key(CHANNEL, text)
    assert case.id == cases.short_id(case.key, text)


# -- the summary ----------------------------------------------------------------------------------------------------


def test_the_case_says_what_its_gravest_message_was_about_and_the_latest_mood() -> None:
    story = Story().customer("10:00", kind=Kind.COMPLAINT, topic=Topic.PRICE, sentiment=Sentiment.NEGATIVE)
    story.customer("10:05", kind=Kind.PRAISE, topic=Topic.OTHER, sentiment=Sentiment.POSITIVE, language="zh")
    case = story.case
    assert (case.kind, case.topic, case.language, case.sentiment) == (
        Kind.COMPLAINT,
        Topic.PRICE,
        "en",
        Sentiment.POSITIVE,
    )


def test_the_first_message_of_a_customer_speaks_for_the_case_even_if_we_opened_it() -> None:
    story = Story(a_policy(first_response=None, next_response=None, resolution=None)).agent("09:00")
    story.customer("10:00", kind=Kind.PRAISE, topic=Topic.PRICE).customer("10:01", kind=Kind.SUGGESTION)
    assert (story.case.kind, story.case.topic, story.case.priority) == (Kind.PRAISE, Topic.PRICE, Priority.P4)


def test_risks_gather_and_each_is_named_once() -> None:
    story = Story().customer("10:00", risks=[RiskName.LEGAL, RiskName.LEGAL])
    story.customer("10:05", risks=[RiskName.MEDIA, RiskName.LEGAL])
    assert story.case.risks == (RiskName.LEGAL, RiskName.MEDIA)


def test_a_graver_message_moves_the_case_to_its_team_unless_somebody_has_it() -> None:
    story = Story().customer("10:00").customer("10:05", risks=[RiskName.SAFETY])
    assert story.case.team == "safety"
    story = Story().customer("10:00")
    story._case = cases.assign(story.case, "care", "li", at("10:01"))
    assert story.customer("10:05", risks=[RiskName.SAFETY]).case.team == "care"


def test_assigning_changes_no_promise_and_the_same_again_changes_nothing() -> None:
    case = Story().customer("10:00").case
    moved = cases.assign(case, "safety", "li", at("10:05"))
    assert (moved.team, moved.assignee, moved.clocks) == ("safety", "li", case.clocks)
    assert cases.assign(moved, "safety", "li", at("10:06")) is moved


# -- acknowledging --------------------------------------------------------------------------------------------------


def test_the_first_to_acknowledge_stays_on_record() -> None:
    story = Story().customer("10:00").acknowledge("10:05", "li")
    assert (story.case.acknowledged_by, story.case.acknowledged_at) == ("li", at("10:05"))
    assert cases.acknowledge(story.case, "han", at("10:06")) is story.case


def test_an_answer_ends_the_acknowledgement() -> None:
    story = Story().customer("10:00").acknowledge("10:05").desk_reply("10:10")
    assert (story.case.acknowledged_by, story.case.acknowledged_at, story.clock(FR).stopped_at) == (
        "",
        None,
        at("10:10"),
    )


def test_resolving_beats_acknowledging() -> None:
    story = Story().customer("10:00").resolve("10:05")
    assert cases.acknowledge(story.case, "li", at("10:05")) is story.case


@pytest.mark.parametrize("reopened", ["by the desk", "by the customer"])
def test_a_reopened_case_wants_acknowledging_again(reopened: str) -> None:
    story = Story().customer("10:00").acknowledge("10:05").resolve("10:10")
    story.reopen("10:20") if reopened == "by the desk" else story.customer("10:20")
    assert (story.case.acknowledged_by, story.case.status) == ("", Status.OPEN)


# -- when a case needs people ---------------------------------------------------------------------------------------


def needing(**rules: Any) -> Policy:
    return a_policy(changes={"people": people(**rules)})


@pytest.mark.parametrize(
    ("rules", "understood", "reasons"),
    [
        ({"priorities": {Priority.P2}}, {"kind": Kind.COMPLAINT}, ("priority:P2",)),
        ({"priorities": {Priority.P1}}, {"kind": Kind.COMPLAINT}, None),
        ({"risks": {RiskName.LEGAL}}, {"risks": [RiskName.LEGAL, RiskName.LEGAL]}, ("risk:legal",)),
        ({"risks": {RiskName.LEGAL}}, {"risks": [RiskName.MEDIA]}, None),
        ({"signals": {SignalName.ANGRY}}, {"signals": [SignalName.ANGRY]}, ("signal:angry",)),
        ({"signals": {SignalName.ANGRY}}, {"signals": [SignalName.URGENT]}, None),
        ({"uncertain_negative": True}, {"uncertain": True, "sentiment": Sentiment.NEGATIVE}, ("uncertain_negative",)),
        ({"uncertain_negative": True}, {"uncertain": True}, None),
        ({"uncertain_negative": True}, {"sentiment": Sentiment.NEGATIVE}, None),
        ({"uncertain_negative": False}, {"uncertain": True, "sentiment": Sentiment.NEGATIVE}, None),
    ],
)
def test_a_case_goes_to_people_for_the_policys_reasons(
    rules: dict[str, Any], understood: dict[str, Any], reasons: tuple[str, ...] | None
) -> None:
    story = Story(needing(**rules)).customer("10:00", **understood)
    assert story.escalated() == ([] if reasons is None else [reasons])
    assert story.case.escalated == (reasons or ())


def test_the_same_reason_escalates_once_and_a_new_one_again() -> None:
    story = Story(needing(risks=set(RiskName)))
    story.customer("10:00", risks=[RiskName.LEGAL]).customer("10:01", risks=[RiskName.LEGAL])
    assert story.escalated() == [("risk:legal",)]
    story.customer("10:02", risks=[RiskName.LEGAL, RiskName.MEDIA])
    assert story.escalated() == [("risk:legal",), ("risk:media",)]
    keys = [effect.key for effect in story.case.outbox]
    assert keys == [f"{story.case.id}/1/escalation", f"{story.case.id}/3/escalation"]


def test_a_case_that_comes_back_after_it_was_resolved_goes_to_people_again() -> None:
    story = Story(needing(risks={RiskName.LEGAL})).customer("10:00", risks=[RiskName.LEGAL]).resolve("10:10")
    story.customer("11:00", risks=[RiskName.LEGAL])
    assert story.escalated() == [("risk:legal",)] * 2


@pytest.mark.parametrize(("again", "escalated"), [("10:19:59", False), ("10:20", True)])
def test_a_customer_who_writes_again_unanswered_needs_people(again: str, escalated: bool) -> None:
    story = Story(needing(contacted_again_seconds=1200)).customer("10:00").customer(again)
    assert (story.escalated() == [("contacted_again",)]) is escalated


def test_writing_again_counts_anew_after_an_answer() -> None:
    story = Story(needing(contacted_again_seconds=600)).customer("10:00").customer("10:15").agent("10:20")
    story.customer("11:00").customer("11:05")
    assert story.escalated() == [("contacted_again",)]
    story.customer("11:10")
    assert story.escalated() == [("contacted_again",)] * 2


def test_a_note_is_a_version_and_nothing_else() -> None:
    story = Story().customer("10:00")
    before = story.case
    after = story.note("10:05").case
    assert (after.version, after.updated_at, after.clocks) == (before.version + 1, at("10:05"), before.clocks)


def test_a_case_opens_with_its_channels_brand_and_team() -> None:
    case = Story().customer("10:00").case
    assert (case.brand, case.team, case.version, case.policy) == ("acme", "care", 1, "1")
    assert [clock.metric for clock in case.clocks] == [FR, RES]


def test_a_channel_is_named_by_platform_and_account() -> None:
    assert a_policy().channels[CHANNEL].name == CHANNEL
