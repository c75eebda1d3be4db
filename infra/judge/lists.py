"""Lists of words that speak of risks, in `lists/`: what a message may hold many of, met in training or not."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from heed.judge import ngrams
from infra.judge.phrases import listed

LISTS = Path(__file__).with_name("lists")


def on(words: Iterable[str], folder: Path = LISTS) -> list[set[int]]:
    """Per list, a language's after the other's, the hashes of its words; those with a * may go on to be any of `words`.

    Raises ValueError on a word that is no n-gram by itself.
    """
    known = sorted(set(words))
    found: dict[str, set[int]] = {}
    for path in sorted(folder.glob("*.txt")):
        for name, word in listed(path.read_text("utf-8")):
            numbers = found.setdefault(f"{path.stem}-{name}", set())
            numbers.update(number(each) for each in _finished(word, known))
    return list(found.values())


def _finished(word: str, known: Sequence[str]) -> Iterator[str]:
    stem = word.rstrip("*")
    yield stem
    if stem != word:
        at = bisect_left(known, stem)
        while at < len(known) and known[at].startswith(stem):
            yield known[at]
            at += 1


def number(word: str) -> int:
    """The hash of a word, pair of words, or up to three characters. Raises ValueError if it is not one n-gram."""
    grams = ngrams.split(word)
    for at, each in enumerate(grams.numbers):
        if grams.name(at) == word:
            return each
    raise ValueError(f"{word!r} is no n-gram")
