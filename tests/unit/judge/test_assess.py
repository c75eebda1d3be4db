"""What holds for every assessment."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.judge import MODEL, assess
from heed.judge.risks import RULES
from heed.model import Kind, RiskName, Sentiment, SignalName, Topic

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80) | st.lists(
    st.sampled_from(
        ["退款", "not ", "没", "起火", "\u200b", "！", "sue you ", "会不会", "\ud800", "İ", "a b c d ", "好好好", "?"]
    )
).map("".join)


@given(ANY_TEXT, st.none() | st.text(max_size=6))
def test_any_text_gets_a_sane_answer(text, language):
    assessment = assess(text, language)
    assert assessment.kind in Kind
    assert assessment.sentiment in Sentiment
    assert assessment.topic in Topic
    assert assessment.model == MODEL
    confidence = assessment.confidence
    assert all(
        0 <= sure <= 1 for sure in (confidence.kind, confidence.sentiment, confidence.topic, confidence.language)
    )
    assert assess(text, language) == assessment


@given(ANY_TEXT)
def test_all_evidence_is_the_customers_own_words(text):
    assessment = assess(text)
    for found in (*assessment.risks, *assessment.signals):
        assert found.evidence
        assert all(quote and quote in text for quote in found.evidence)


@pytest.mark.parametrize("text", ["", "   ", "👌", "xyzzy", "📷📷", "。。。"])
def test_where_no_words_tell_it_says_so(text):
    assessment = assess(text)
    assert (assessment.kind, assessment.sentiment, assessment.topic) == ("irrelevant", "neutral", "other")
    assert assessment.uncertain
    assert assessment.confidence.kind < 0.5
    assert assessment.reasons == ("uncertain: the words do not settle what the customer wants",)


def test_reasons_are_sentences_with_the_customers_words():
    assert assess("三天没发货，再不处理我打12315！！！").reasons == (
        "regulator risk: says “12315”",
        "angry: says “！！！”",
        "complaint: says “没发货”, “不处理”",
        "negative: says “没发货”",
        "about delivery: says “没发货”, “发货”",
    )


def test_a_question_mark_alone_is_reason_enough_for_a_question():
    assert assess("this one?").reasons[0] == "question: has a question mark"


def test_a_language_without_lists_is_left_to_people():
    assessment = assess("где мой заказ? он не пришел")
    assert assessment.language == "ru"
    assert assessment.uncertain
    assert "another language (ru)" in assessment.reasons[-2]


def test_a_short_text_takes_the_channels_language():
    assert assess("👍", "zh-CN").language == "zh"


def test_capitals_throughout_are_anger_only_in_a_bad_mood():
    assert [signal.evidence for signal in assess("YOU LOST MY PARCEL").signals] == [("YOU LOST MY PARCEL",)]
    assert assess("BEST COFFEE IN TOWN").signals == ()


@pytest.mark.parametrize("risk", RiskName)
def test_every_risk_has_rules(risk):
    assert any(rule.risk is risk for rule in RULES)


@pytest.mark.parametrize("signal", SignalName)
def test_every_signal_can_be_raised(signal):
    assert signal in {each.name for each in assess("urgent, I am furious, let me talk to a human").signals}


def test_a_text_of_any_length_costs_no_more_than_its_first_page():
    page = "再不退款我就投诉，客服态度太差" * 150
    start = time.process_time()
    assess(page)
    first = time.process_time() - start
    start = time.process_time()
    assess(page * 100)
    assert time.process_time() - start < 10 * first + 0.05
