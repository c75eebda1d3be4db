"""Finding phrases."""

import pytest

from heed.judge.evidence import MATCHER, _rows
from heed.judge.matching import Matcher
from heed.judge.text import read


def phrases(matcher, text):
    return [hit.phrase for hit in matcher.find(text)]


MATCH = Matcher(
    [
        ("topic", 2, "refund*, 退款, 投诉"),
        ("mood", 1, "good, 好, on hold"),
        ("mood", 2, "不好用"),
        ("silent", 0, "good morning, 你好"),
        ("kind", 1, "不退款"),
    ],
    lasting={"topic"},
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("refunded, please refund", ["refund*", "refund*"]),
        ("prerefund", []),
        ("goods", []),
        ("good好", ["good", "好"]),
        ("good morning", ["good morning"]),
        ("put on hold", ["on hold"]),
        ("不好用", ["不好用"]),
        ("你好", ["你好"]),
        ("投诉good", ["投诉", "good"]),
        ("", []),
    ],
)
def test_the_longest_phrase_counts_and_words_end_where_words_end(text, found):
    assert phrases(MATCH, text) == found


def test_a_lasting_label_is_heard_inside_a_longer_phrase():
    assert [(hit.phrase, hit.labels) for hit in MATCH.find("不退款")] == [
        ("不退款", (("kind", 1),)),
        ("退款", (("topic", 2),)),
    ]


ALL = [(label, phrase) for label, weight, listed in _rows() if weight for phrase in listed.split(", ")]


def test_every_phrase_of_the_lists_is_found_with_its_label():
    lost = [
        (label, phrase)
        for label, phrase in ALL
        if not any(label == said for hit in MATCHER.find(phrase.rstrip("*")) for said, _ in hit.labels)
    ]
    assert lost == []


def test_every_phrase_stands_as_messages_are_read():
    assert [phrase for _, phrase in ALL if read(phrase).plain != phrase] == []


def test_no_list_names_a_phrase_twice():
    assert sorted(ALL) == sorted(set(ALL))
