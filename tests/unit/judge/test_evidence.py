"""What words say for and against a risk beside the rules."""

from __future__ import annotations

from array import array

import pytest

from heed.judge import assess, dangers, evidence, ngrams, opinions
from heed.judge.evidence import FIGURES, HEADER, MARK, RISKS, SLOTS, Evidence
from heed.judge.text import read
from heed.judge.weights import ZERO
from heed.model import RiskName

NOBODY = (frozenset[RiskName](), frozenset[RiskName](), frozenset[RiskName]())
RULED = (frozenset({RiskName.LEGAL}), frozenset({RiskName.LEGAL, RiskName.MEDIA}), frozenset[RiskName]())


def file_of(hashes: list[int], rows: list[list[int]]) -> bytes:
    """A byte is worth 0.1, what comes first -1, a rule 2, one of the grieved 0.5."""
    figures = FIGURES.pack(0.1, -1.0, 2.0, 0.5) * len(RISKS)
    written = b"".join(bytes(ZERO + each for each in row) for row in rows)
    slots = array("H", [0] * SLOTS)
    for at, number in enumerate(hashes):
        slots[number % SLOTS] = at
    return HEADER.pack(MARK, len(hashes)) + figures + slots.tobytes() + array("I", hashes).tobytes() + written


TABLE = Evidence(file_of([3, 5], [[10] * 9, [-20, *[0] * 8]]))


def test_the_bytes_of_known_n_grams_add_up_and_others_are_passed_over() -> None:
    heard = TABLE.hear({3, 5, *range(100, 162)})
    assert heard.distinct == 64
    assert TABLE.odds(heard, NOBODY) == pytest.approx([-1 - 10 * 0.1 / 8, *[-1 + 10 * 0.1 / 8] * 8])


def test_few_words_prove_little() -> None:
    assert TABLE.odds(TABLE.hear({3}), NOBODY) == TABLE.odds(TABLE.hear({3, *range(100, 123)}), NOBODY)


def test_a_rule_adds_what_it_is_worth_and_more_if_it_holds_of_anybody() -> None:
    odds = dict(zip(RISKS, TABLE.odds(TABLE.hear(set()), RULED), strict=True))
    assert (odds[RiskName.LEGAL], odds[RiskName.MEDIA], odds[RiskName.SAFETY]) == (1.5, -0.5, -1.0)


@pytest.mark.parametrize("data", [file_of([1], [[0] * 9])[:-1], b"weights?" + file_of([], [])[8:]])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not an evidence file"):
        Evidence(data)


@pytest.mark.parametrize(
    "text",
    ["I'm a lawyer and need two printers", "I don't want to sue you", "我不会起诉你们的", "kill me now lol, an update"],
)
def test_words_alone_do_not_raise_what_the_context_of_a_rule_silences(text: str) -> None:
    assert assess(text).risks == ()


SAYING = "anything at all, said by somebody who is angry about their order"


def weighed(monkeypatch: pytest.MonkeyPatch, text: str, byte: int, mood: float) -> evidence.Weighed:
    """A message as a table understands it in which every n-gram says the same of every risk."""
    message = opinions.listen(read(text))[0]
    numbers = sorted({number % SLOTS: number for number in message.grams.numbers}.values())
    monkeypatch.setattr(evidence, "table", lambda: Evidence(file_of(numbers, [[byte] * 9] * len(numbers))))
    return evidence.weigh(message, dangers.hear(read(text)), mood)


def test_words_that_convince_raise_a_risk_without_any_rule_and_are_shown_for_it(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    found = weighed(monkeypatch, SAYING, 20, 0.9)
    assert [risk.name for risk in found[0]] == list(RISKS)
    assert all(quote in SAYING for risk in found[0] for quote in risk.evidence)
    assert not found[1]


def test_at_ease_words_alone_raise_only_what_is_said_at_ease(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    found = weighed(monkeypatch, SAYING, 20, 0.1)
    assert {risk.name for risk in found[0]} == {RiskName.FRAUD, RiskName.SELF_HARM, RiskName.SCAM}


def test_what_the_words_speak_against_is_unlikely(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    found = weighed(monkeypatch, SAYING, -20, 0.9)
    assert found == ((), frozenset(RISKS))


def test_marks_alone_are_no_evidence(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    assert ngrams.split("?!?! ... !!").numbers
    assert weighed(monkeypatch, "?!?! ... !!", 127, 0.9)[0] == ()


def test_the_file_that_ships_is_small() -> None:
    assert evidence.FILE.stat().st_size <= 150_000
