"""The judge against the table of messages."""

import pytest

from heed.judge import assess
from tests.unit.judge.messages import CHINESE, ENGLISH

FIELDS = ("kind", "sentiment", "topic")


def rows(table):
    for line in table.strip().splitlines():
        text, *fields, risks, signals = line.split("|")
        expected = {name: value.strip() for name, value in zip(FIELDS, fields, strict=True) if value.strip() != "*"}
        yield text.strip(), expected, risks.split(), signals.split()


CASES = [*rows(CHINESE), *rows(ENGLISH)]
IDS = [case[0] for case in CASES]
SHARE = {"kind": 0.89, "sentiment": 0.9, "topic": 0.84}
SURE = {
    "快递显示签收了但是我没收到": {"kind": "complaint", "sentiment": "negative", "topic": "delivery"},
    "请问什么时候发货？": {"kind": "question", "sentiment": "neutral", "topic": "delivery"},
    "帮我改一下地址": {"kind": "request", "sentiment": "neutral", "topic": "delivery"},
    "客服小姐姐很耐心，点赞👍": {"kind": "praise", "sentiment": "positive", "topic": "service_attitude"},
    "建议增加夜间配送": {"kind": "suggestion", "topic": "delivery"},
    "My order never arrived": {"kind": "complaint", "sentiment": "negative", "topic": "delivery"},
    "How do I reset my password?": {"kind": "question", "sentiment": "neutral", "topic": "account_security"},
    "please cancel my order": {"kind": "request"},
    "Love it, works great!": {"kind": "praise", "sentiment": "positive"},
    "My charger caught fire last night": {"kind": "complaint", "sentiment": "negative"},
}


@pytest.mark.parametrize(("text", "risks", "signals"), [(case[0], *case[2:]) for case in CASES], ids=IDS)
def test_a_message_has_the_risks_and_signals_that_the_table_says(text, risks, signals):
    assessment = assess(text)
    assert {risk.name for risk in assessment.risks} >= set(risks)
    assert [signal.name for signal in assessment.signals] == signals


def test_three_messages_in_a_hundred_at_most_raise_a_risk_that_the_table_does_not_say():
    alarms = [text for text, _, risks, _ in CASES if {risk.name for risk in assess(text).risks} - set(risks)]
    assert len(alarms) <= 0.03 * len(CASES)


@pytest.mark.parametrize("table", [CHINESE, ENGLISH], ids=["zh", "en"])
@pytest.mark.parametrize("field", FIELDS)
def test_nearly_all_messages_mean_what_the_table_says(table, field):
    """None of these messages was trained on."""
    said = [(getattr(assess(text), field), expected[field]) for text, expected, *_ in rows(table) if field in expected]
    assert sum(one == other for one, other in said) >= SHARE[field] * len(said)


@pytest.mark.parametrize("text", SURE)
def test_the_plainest_messages_are_never_mistaken(text):
    assessment = assess(text)
    assert {name: getattr(assessment, name) for name in SURE[text]} == SURE[text]


@pytest.mark.parametrize(("table", "language"), [(CHINESE, "zh"), (ENGLISH, "en")])
def test_the_language_of_a_message_is_known_with_the_channels_hint(table, language):
    assert {assess(text, language).language for text, *_ in rows(table)} == {language}
