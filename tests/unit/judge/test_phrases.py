"""Finding phrases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.judge.dangers import ALARMING, COMPANY
from heed.judge.phrases import Phrases, index
from heed.judge.text import read
from infra.judge.phrases import built, rows

ROWS = [
    ("topic", "refund*"),
    ("topic", "退款"),
    ("mood", "good"),
    ("mood", "on hold"),
    ("mood", "no good"),
    ("mood", "退款好"),
    ("court", "take ~ court"),
    ("court", "告~法院"),
    ("sign", "😡"),
    ("sign", "$"),
]
PHRASES = Phrases(index(ROWS))


def found(text: str) -> list[str]:
    return [text[start:end] for start, end, _ in sorted(PHRASES.find(text))]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("refunded, please refund", ["refund", "refund"]),
        ("prerefund", []),
        ("goods", []),
        ("good退款", ["good", "退款"]),
        ("no good", ["no good", "good"]),
        ("put on hold", ["on hold"]),
        ("退款好", ["退款", "退款好"]),
        ("i will take you to court", ["take you to court"]),
        ("take courtney", []),
        ("take it or leave it, the shop is far from any court", []),
        ("我要告你们到法院", ["告你们到法院"]),
        ("告诉我怎么退这双鞋, 我在法院门口等", []),
        ("😡😡", ["😡", "😡"]),
        ("$5", ["$"]),
        ("", []),
    ],
)
def test_words_end_where_words_end_and_a_gap_is_short(text: str, said: list[str]) -> None:
    assert found(text) == said


@pytest.mark.parametrize("text", ["don t", "it t t don t", "tt don t 't", "don t's", "好don t's"])
def test_a_phrase_is_found_by_a_word_of_one_letter(text: str) -> None:
    found = Phrases(index([("not", "don t")], {"don": 9})).find(text)
    assert [text[hit.start : hit.end] for hit in found] == ["don t"]


@pytest.mark.parametrize("text", ["don to", "donat t", "dont"])
def test_a_letter_within_a_word_is_no_word(text: str) -> None:
    assert Phrases(index([("not", "don t")], {"don": 9})).find(text) == []


def test_pairs_of_signs_beyond_the_basic_plane_are_found() -> None:
    found = Phrases(index([("anger", "😡💀"), ("anger", "滚💀")])).find("a😡💀 滚💀")
    assert sorted((hit.start, hit.end) for hit in found) == [(1, 3), (4, 6)]


def test_a_phrase_of_two_groups_says_both() -> None:
    assert Phrases(index([("a", "退款"), ("b", "退款")])).find("退款")[0].groups == ("a", "b")


@pytest.mark.parametrize("phrase", ["", "~", "*", "  "])
def test_a_phrase_without_anything_to_find_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="a phrase has"):
        index([("a", phrase)])


@given(st.lists(st.text("退款好ab $~*'😡", min_size=1, max_size=6), min_size=1, max_size=5), st.text("退款好ab $'😡"))
def test_what_is_found_is_there(phrases: list[str], text: str) -> None:
    listed = []
    for phrase in phrases:
        try:
            index([("a", phrase)])
        except ValueError:
            continue
        listed.append(("a", phrase))
    hits = Phrases(index(listed)).find(text)
    starts = tuple(phrase.partition("~")[0].rstrip(" ").rstrip("*") for _, phrase in listed)
    assert all(text[start:end].startswith(starts) for start, end, _ in hits)


ALL = sorted(set(rows()))


def test_every_phrase_of_the_lists_is_found_with_its_group() -> None:
    shipped = Phrases(index(ALL))
    lost = [
        (group, phrase)
        for group, phrase in ALL
        if not any(group in hit.groups for hit in shipped.find(phrase.rstrip("*"))) and "~" not in phrase
    ]
    assert lost == []


def test_every_phrase_stands_as_messages_are_read() -> None:
    assert [phrase for _, phrase in ALL if read(bare := phrase.replace("~", "").rstrip("*")).plain != bare] == []


@pytest.mark.parametrize("path", [ALARMING, COMPANY], ids=lambda path: path.name)
def test_the_files_that_ship_are_what_the_lists_give(path) -> None:  # type: ignore[no-untyped-def]
    assert path.read_bytes() == built()[path], "run `python -m infra.judge.phrases`"
