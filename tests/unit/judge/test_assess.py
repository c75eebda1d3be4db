"""What holds for every assessment."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed import judge
from heed.judge import MODEL, assess, language, ngrams, opinions, ready
from heed.judge.risks import RULES
from heed.judge.text import read
from heed.judge.weights import Heard
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


@pytest.mark.parametrize("text", ["", "   ", "\u200b"])
def test_an_empty_text_is_for_people(text):
    assessment = assess(text)
    assert (assessment.kind, assessment.sentiment, assessment.topic) == ("irrelevant", "neutral", "other")
    assert assessment.uncertain
    assert assessment.risks == ()
    assert assessment.reasons == ("uncertain: the words do not settle what the customer wants",)


@pytest.mark.parametrize("text", ["👌", "📷📷", "。。。", "xyzzy", "退", "refund", "?"])
def test_where_next_to_no_words_tell_it_says_so(text):
    assessment = assess(text)
    assert assessment.uncertain
    assert assessment.risks == ()


def test_reasons_are_sentences_with_the_customers_words():
    reasons = assess("快递三天没到，再不处理我打12315！！！").reasons
    findings = [reason.partition(": says ")[0] for reason in reasons]
    assert findings == ["regulator risk", "angry", "complaint", "negative", "about delivery"]
    assert "12315" in reasons[0]
    assert "快递" in reasons[4]


@given(ANY_TEXT)
def test_reasons_quote_only_what_was_written(text):
    for reason in assess(text).reasons:
        _, says, quotes = reason.partition(": says “")
        assert not says or all(quote in text for quote in quotes.removesuffix("”").split("”, “"))


@pytest.mark.parametrize(
    "text", ["где мой заказ? он не пришел", "Gdzie jest moje zamówienie?", "đơn hàng của tôi đâu rồi"]
)
def test_a_language_the_weights_know_little_of_is_left_to_people(text):
    assessment = assess(text)
    assert assessment.uncertain
    assert "knows little of" in assessment.reasons[-2]


PEOPLE = (
    "women, men, gay people, lesbians, trans people, Muslims, Jews, Christians, Hindus, Black people, white people, "
    "Asians, Arabs, Chinese people, Africans, immigrants, refugees, disabled people, old people, blind people"
)
PEOPLE_ZH = (
    "女人, 男人, 同性恋, 穆斯林, 回族, 犹太人, 基督徒, 黑人, 白人, 外国人, 东北人, 河南人, 农民, 残疾人, 老人, 少数民族"
)


@pytest.mark.parametrize("who", PEOPLE.split(", "))
def test_naming_people_is_no_abuse(who):
    for text in (
        f"do you have a discount for {who}?",
        f"my friends are {who} and love your shop",
        f"a table for {who} please",
    ):
        assert "abuse" not in {risk.name for risk in assess(text).risks}, text


@pytest.mark.parametrize("who", PEOPLE_ZH.split(", "))
def test_naming_people_in_chinese_is_no_abuse(who):
    for text in (f"请问{who}有优惠吗", f"我朋友是{who}，很喜欢你们家", f"这款适合{who}用吗"):
        assert "abuse" not in {risk.name for risk in assess(text).risks}, text


@pytest.mark.parametrize(
    ("plain", "disguised"),
    [
        ("你们是垃圾，退款", "你们是垃\u200b圾，退\u200b款"),
        ("東西壞了，我要退貨", "东西坏了，我要退货"),
        ("please refund my order", "ｐｌｅａｓｅ ｒｅｆｕｎｄ ｍｙ ｏｒｄｅｒ"),
        ("please refund my order", "please r e f u n d my order"),
        ("please refund my order", "plеаse rеfund my оrdеr"),
    ],
)
def test_a_disguise_changes_nothing(plain, disguised):
    one, other = assess(plain), assess(disguised)
    assert (one.kind, one.sentiment, one.topic, one.confidence) == (
        other.kind,
        other.sentiment,
        other.topic,
        other.confidence,
    )


def test_getting_ready_reads_all_that_the_first_message_needs():
    language.table.cache_clear()
    opinions.table.cache_clear()
    ready()
    assert language.table.cache_info().currsize == opinions.table.cache_info().currsize == 1


def test_a_short_text_takes_the_channels_language():
    assert assess("👍", "zh-CN").language == "zh"


def test_capitals_throughout_are_anger_only_in_a_bad_mood():
    assert [signal.evidence for signal in assess("YOU LOST MY PARCEL").signals] == [("YOU LOST MY PARCEL",)]
    assert assess("BEST COFFEE IN TOWN").signals == ()


def heard_in(text, column, says):
    """A message whose only n-gram says so much for a column."""
    grams = ngrams.split(read(text).plain)
    row = bytearray(b"\x80" * opinions.table().columns)
    row[column] = says
    return opinions.Message(read(text), grams, Heard(1, grams.numbers[:1], bytes(row), len(row)), [])


@pytest.mark.parametrize(("text", "risks"), [("🖕", []), ("jerk", ["abuse"])])
def test_a_risk_that_the_weights_alone_raise_needs_words_to_show(text, risks):
    scores = [0.0] * opinions.table().columns
    scores[opinions.risk_column(RiskName.ABUSE)] = 2.0
    message = heard_in(text, opinions.risk_column(RiskName.ABUSE), 255)
    heard = opinions.form(message, scores, frozenset(), 0.9)
    assert heard.risks == (RiskName.ABUSE,)
    assert [risk.name for risk in judge._heard(heard, ())] == risks


@pytest.mark.parametrize(
    ("mood", "topic", "score", "abuse"),
    [
        (0.9, Topic.OTHER, 0.1, True),
        (0.9, Topic.TECHNICAL, 0.1, False),
        (0.9, Topic.TECHNICAL, 0.7, True),
        (0.1, Topic.OTHER, 0.7, False),
        (0.1, Topic.OTHER, 1.1, True),
    ],
)
def test_abuse_is_raised_later_at_ease_and_about_things(mood, topic, score, abuse):
    scores = [0.0] * opinions.table().columns
    scores[opinions.told(topic).column] = 5.0
    scores[opinions.risk_column(RiskName.ABUSE)] = score
    heard = opinions.form(heard_in("jerk", 0, 255), scores, frozenset(), mood)
    assert (RiskName.ABUSE in heard.risks) is abuse


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
