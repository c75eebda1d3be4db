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


@pytest.mark.parametrize(("text", "expected", "risks", "signals"), CASES, ids=[case[0] for case in CASES])
def test_a_message_means_what_the_table_says(text, expected, risks, signals):
    assessment = assess(text)
    assert {name: getattr(assessment, name) for name in expected} == expected
    assert [risk.name for risk in assessment.risks] == risks
    assert [signal.name for signal in assessment.signals] == signals


@pytest.mark.parametrize(("table", "language"), [(CHINESE, "zh"), (ENGLISH, "en")])
def test_the_language_of_a_message_is_known_with_the_channels_hint(table, language):
    assert {assess(text, language).language for text, *_ in rows(table)} == {language}
