"""What a message is made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.judge.ngrams import LIMIT, PRIME, split

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


def names(text):
    grams = split(text)
    return [grams.name(index) for index in range(len(grams.numbers))]


@pytest.mark.parametrize(
    ("text", "made_of"),
    [
        ("", []),
        ("好", ["_", "好", "_", "_好", "好_", "_好_"]),
        ("hi you", ["hi", "you", "hi you", "_hi_", "you_", "hi_y", "i_yo", "_you"]),
        ("it's", ["it's", "_it'", "it's", "t's_", "'"]),
        ("!!!!", ["!!!", "!"]),
        ("😡👍", ["😡👍", "😡", "👍"]),
        ("@brand hi", ["hi", "_hi_"]),
        ("\ud800", ["\ud800"]),
    ],
)
def test_a_text_is_made_of(text, made_of):
    assert names(text) == made_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paid 25 dollars", "paid 1999 dollars"),
        ("see https://a.example/x?y=1", "see www.b.example"),
        ("@one thanks", "@two thanks"),
    ],
)
def test_numbers_addresses_and_handles_are_alike(one, other):
    assert split(one).numbers == split(other).numbers


@given(ANY_TEXT)
def test_every_n_gram_has_a_hash_and_a_name(text):
    grams = split(text)
    assert all(0 <= number < PRIME for number in grams.numbers)
    assert len(names(text)) == len(grams.numbers)
    with pytest.raises(IndexError):
        grams.name(len(grams.numbers))


@given(ANY_TEXT)
def test_an_n_gram_of_one_name_has_one_hash(text):
    grams = split(text + " " + text)
    by_name = {}
    for index, number in enumerate(grams.numbers):
        kind = (len(grams.words), grams.name(index), index >= 3 * max(0, len(grams.solid) - 1))
        by_name.setdefault(kind, set()).add(number)
    assert max(map(len, by_name.values()), default=0) <= 2  # a word of four letters is also four letters in a row


def test_only_the_beginning_of_a_long_text_is_looked_at():
    assert split("word " * 10_000).numbers == split("word " * (LIMIT // 5)).numbers
