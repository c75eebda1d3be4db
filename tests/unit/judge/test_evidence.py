"""What speaks for and against a risk: words, lists of words, phrases and rules, in one sum."""

from __future__ import annotations

from array import array
from math import log
from pathlib import Path

import pytest

from heed.judge import alarms, assess, dangers, evidence, language, ngrams, opinions
from heed.judge.evidence import FIGURES, HEADER, MARK, NOTHING, RISKS, SIZE, WAYS, ZERO, Evidence, load
from heed.judge.text import read
from heed.judge.weights import Weights
from heed.model import RiskName
from infra.judge import lists

SETS = 500


def file_of(
    rows: dict[int, tuple[int, int]], features: dict[str, int] | None = None, counted: tuple[int, ...] = ()
) -> bytes:
    """A file of n-grams that say as much of every risk, and of the lists they are on; of features, and of lists.

    A byte of an n-gram is worth 0.1, one of a feature or list 0.5, and what comes first is -1.
    """
    beside = {"nobody": 0, **(features or {})}
    names = f"{' '.join(beside)}\n{' '.join(map(str, range(len(counted))))}".encode()
    tags, written = array("H", [0xFFFF] * SETS * WAYS), [NOTHING] * (SETS * WAYS)
    for number, (says, on) in rows.items():
        at = next(at for at in range(number % SETS * WAYS, SETS * WAYS) if tags[at] == 0xFFFF)
        tags[at], written[at] = number // SETS, bytes([ZERO + says] * SIZE + [on])
    header = HEADER.pack(MARK, SETS, len(counted), len(names)) + names + FIGURES.pack(0.1, 0.5, -1.0) * SIZE
    said = b"".join(bytes([ZERO + says] * SIZE) for says in (*beside.values(), *counted))
    return header + said + tags.tobytes() + b"".join(written)


TABLE = Evidence(file_of({3: (10, 0), 503: (-20, 1), 1003: (1, 2)}, {"court": 4, "joking": -6}, (2, -3)))


def odds(table: Evidence, numbers: set[int], *features: str) -> float:
    """The log-odds of the first risk; of the others they are the same."""
    rows = [table.row(number) for number in sorted(numbers)]
    sums = [sum(row[at] for row in rows) for at in range(SIZE)]
    found = table.odds(len(numbers), len(rows), sums, bytes(row[SIZE] for row in rows), features)
    assert len(set(found)) == 1
    return found[0]


def test_n_grams_of_one_set_each_have_their_row_and_others_none() -> None:
    assert [TABLE.row(number)[0] - ZERO for number in (3, 503, 1003, 4, 1503)] == [10, -20, 1, 0, 0]
    assert TABLE.row(4) is NOTHING


def test_words_add_up_by_their_share_of_the_message() -> None:
    assert odds(TABLE, {3, *range(10_000, 10_063)}) == pytest.approx(-1 + 10 * 0.1 / 8)


def test_few_words_prove_little() -> None:
    assert odds(TABLE, {3}) == odds(TABLE, {3, *range(10_000, 10_023)})


def test_phrases_and_rules_count_whole_and_those_it_knows_nothing_of_do_not() -> None:
    assert odds(TABLE, set(), "court", "joking", "unheard of") == pytest.approx(-1 + 0.5 * (4 - 6))


def test_a_list_counts_by_the_logarithm_of_its_words() -> None:
    table = Evidence(file_of(dict.fromkeys(range(7), (0, 1)) | {9: (0, 2)}, counted=(2, -3)))
    assert odds(table, set(range(7))) == pytest.approx(-1 + 0.5 * 2 * log(8))
    assert odds(table, {1, 9}) == pytest.approx(-1 + 0.5 * (2 - 3) * log(2))


def test_it_knows_what_a_feature_speaks_for() -> None:
    assert [TABLE.speaks(name, 0) for name in ("court", "joking", "unheard of")] == [4, -6, 0]


@pytest.mark.parametrize(
    "data",
    [file_of({})[:-1], file_of({}) + b"\0", b"weights?" + file_of({})[8:]],
    ids=["cut", "longer", "another file"],
)
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not an evidence file"):
        Evidence(data)


def test_the_rows_of_the_file_that_ships_stand_beside_those_of_the_weights() -> None:
    message = opinions.listen(read("the newspaper will hear of this"))[0]
    weights, table = Weights(opinions.weights.FILE.read_bytes()), load()
    numbers = message.heard.known
    assert numbers
    silent = bytes([ZERO] * weights.columns)
    alone = {number: weights.hear({number}).rows or silent for number in numbers}
    assert message.heard.rows == b"".join(alone[number] + table.row(number) for number in numbers)
    assert message.sums == [sum(message.heard.column(at)) for at in range(message.heard.columns)]


@pytest.mark.parametrize(
    "text",
    ["I'm a lawyer and need two printers", "I don't want to sue you", "我不会起诉你们的", "kill me now lol, an update"],
)
def test_words_alone_do_not_raise_what_the_context_of_a_rule_silences(text: str) -> None:
    assert assess(text).risks == ()


SAYING = "anything at all, said by somebody who is angry about their order"


def weighed(monkeypatch: pytest.MonkeyPatch, text: str, says: int, **features: int) -> alarms.Weighed:
    """A message as a table understands it in which every n-gram says the same of every risk."""
    numbers = {each % SETS: each for each in ngrams.split(text).numbers}
    on = ngrams.split("somebody angry ? 。").numbers
    table = Evidence(file_of({each: (says, int(each in on)) for each in numbers.values()}, features, (0,)))
    beside = Weights(opinions.weights.FILE.read_bytes(), table)
    monkeypatch.setattr(opinions, "beside", lambda: table)
    monkeypatch.setattr(opinions, "table", lambda: beside)
    return alarms.weigh(opinions.listen(read(text))[0], dangers.hear(read(text)))


def test_words_that_convince_raise_a_risk_without_any_rule_and_those_on_a_list_are_shown(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    found, unlikely = weighed(monkeypatch, SAYING, 20)
    assert [risk.name for risk in found] == list(RISKS)
    assert {quote for risk in found for quote in risk.evidence} <= {"somebody", "angry"}
    assert not unlikely


def test_words_on_no_list_raise_nothing_by_themselves(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    assert weighed(monkeypatch, "anything at all, said by whom it may concern", 20)[0] == ()


def test_what_the_words_speak_against_is_unlikely(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    assert weighed(monkeypatch, SAYING, -20) == ((), frozenset(RISKS))


def test_a_phrase_that_speaks_for_a_risk_is_shown_rather_than_loud_words(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    found, _ = weighed(monkeypatch, "they shouted, the hospital knows", 20, ill=0, harm_word=40)
    assert {risk.evidence for risk in found if risk.name is not RiskName.SAFETY} == {("hospital",)}


def test_what_only_goes_with_a_danger_is_not_shown(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    assert weighed(monkeypatch, "they shouted, my arm knows", 20, body=40)[0] == ()


def test_the_words_of_a_rule_are_shown_before_all(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    found, _ = weighed(monkeypatch, "I will sue you, the hospital knows", 20, harm_word=40)
    assert {risk.evidence for risk in found if risk.name is RiskName.LEGAL} == {("I will sue you",)}


def test_marks_alone_are_no_evidence(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    assert ngrams.split("?!?! ... !!").numbers
    assert weighed(monkeypatch, "?!?! ... !!", 127)[0] == ()


@pytest.mark.parametrize("state", ["anybody", "grieved", "silenced"])
def test_rules_tell_whether_they_hold_and_of_whom(state: str) -> None:
    said = {"I will sue you": {"anybody", "grieved"}, "the ombudsman": {"grieved"}, "not caught fire": {"silenced"}}
    for text, states in said.items():
        heard = dangers.hear(read(text))
        told = alarms.features(heard, dangers.held(heard))
        assert any(name.endswith(f":{state}") for name in told) is (state in states), text


def test_all_tables_together_keep_within_eight_megabytes() -> None:
    files = (evidence.FILE, opinions.weights.FILE, language.TABLE)
    assert sum(Path(file).stat().st_size for file in files) <= 8_000_000


def test_an_unfinished_word_of_a_list_stands_for_those_it_may_be(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "en.txt").write_text("# a comment\n\nlawyers:\n  solicitor*, my brief\n\nfires:\n  smoke\n")
    (tmp_path / "zh.txt").write_text("lawyers:\n  律师函\n")
    found = lists.on(["solicitors", "smoker", "sol"], tmp_path)
    assert found == [
        {lists.number(word) for word in ("solicitor", "solicitors", "my brief")},
        {lists.number("smoke")},
        {lists.number("律师函")},
    ]


@pytest.mark.parametrize("word", ["three whole words", "四个字的", "a-b"])
def test_what_is_no_n_gram_by_itself_is_refused_in_a_list(word: str) -> None:
    with pytest.raises(ValueError, match="is no n-gram"):
        lists.number(word)
