"""The brand's own words count without training, and say so."""

from __future__ import annotations

import pytest

from heed.judge import assess
from heed.judge.phrases import index
from heed.judge.text import read
from heed.judge.words import Words


def words(*rows: tuple[str, str], language: str = "zh") -> Words:
    return Words({language: {key: entries.decode() for key, entries in index(rows).items()}})


OWN = words(
    ("product", "爆炸鸡排"),
    ("nothing", "火箭班"),
    ("topic:technical", "闪连码"),
    ("risk:safety", "漏浆"),
    ("risk:safety", "紫圈"),
)


def test_a_phrase_for_a_danger_raises_it() -> None:
    found = assess("新买的枕头漏浆", "zh", OWN)
    assert [(risk.name, risk.evidence) for risk in found.risks] == [("safety", ("漏浆",))]
    assert "safety risk, by the brand's own words: says “漏浆”" in found.reasons


def test_the_brands_evidence_and_the_rules_stand_together() -> None:
    found = assess("电池漏浆然后起火了", "zh", OWN)
    assert [(risk.name, risk.evidence) for risk in found.risks] == [("safety", ("漏浆", "起火"))]


def test_a_phrase_for_a_topic_settles_it() -> None:
    found = assess("闪连码在哪里看", "zh", OWN)
    assert found.topic == "technical"
    assert "about technical, by the brand's own words: says “闪连码”" in found.reasons


@pytest.mark.parametrize(("text", "reason"), [("爆炸鸡排炸了吗", "product"), ("我家孩子在火箭班着火了", "passed over")])
def test_names_and_what_means_nothing_are_taken_out(text: str, reason: str) -> None:
    spoken = OWN.heard(read(text), "zh")
    assert "爆炸" not in spoken.text.plain
    assert "火箭" not in spoken.text.plain
    assert len(spoken.text.plain) == len(text)
    assert next(spoken.reasons()).startswith(f"{reason}, by the brand's own words")


def test_a_product_called_like_a_danger_raises_none() -> None:
    killer = words(("product", "caught fire"), language="en")
    text = "Caught Fire, the hot sauce, arrived broken and leaking"
    assert [risk.name for risk in assess(text, "en").risks] == ["safety"]
    assert assess(text, "en", killer).risks == ()


def test_the_longest_phrase_at_a_place_counts() -> None:
    own = words(("risk:safety", "漏浆"), ("nothing", "漏浆工艺"))
    assert own.heard(read("你们的漏浆工艺"), "zh").risks == ()
    assert own.heard(read("枕头漏浆"), "zh").risks != ()


def test_words_count_in_their_own_language_and_where_none_is_known() -> None:
    own = words(("risk:safety", "purple ring"), language="en")
    text = read("purple ring")
    assert own.heard(text, "zh").risks == ()
    assert own.heard(text, "en").risks != ()
    assert own.heard(text, "und").risks != ()


def test_hostile_spelling_does_not_hide_them() -> None:
    assert [risk.name for risk in assess("枕头 漏\u200b漿 了", "zh", OWN).risks] == ["safety"]


def test_a_word_said_twice_is_quoted_once() -> None:
    found = OWN.heard(read("漏浆，漏浆，还有紫圈"), "zh")
    assert [risk.evidence for risk in found.risks] == [("漏浆", "紫圈")]
