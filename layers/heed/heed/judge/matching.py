"""Finding thousands of phrases in a message at once, in one pass, without regular expressions.

A phrase is looked up by its first two characters at every character of the text (Chinese, emoji), or by its first three
letters at every word (Latin script, where it must end with a word unless written `refund*`). The longest phrase at a
place wins, and a phrase inside another does not count: that is how an idiom (累死了, "killing it") or a negation with a
meaning of its own (不好用) silences the words in it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from operator import add
from typing import NamedTuple

Row = tuple[str, float, str]
"""A label, the weight each phrase gives it (none: the phrase only silences others), and the phrases between commas."""

Labels = tuple[tuple[str, float], ...]
"""What a phrase says: labels, each with its weight."""

_LATIN_WORD = re.compile(r"[a-z0-9][a-z0-9']*")


class Hit(NamedTuple):
    """A phrase found in plain[start:end], and what it says."""

    start: int
    end: int
    phrase: str
    labels: Labels


_NOWHERE = Hit(0, 0, "", ())


class Matcher:
    """All phrases of all rows, indexed. Built once; finding changes nothing."""

    def __init__(self, rows: Iterable[Row], lasting: Container[str] = ()) -> None:
        """`lasting` are the labels that a phrase keeps inside another that says something: 不退款 is about 退款."""
        labels: dict[str, Labels] = {}
        self._lasting: dict[str, Labels] = {}
        for label, weight, phrases in rows:
            says = ((label, weight),) if weight else ()
            for phrase in phrases.split(", "):
                labels[phrase] = labels[phrase] + says if phrase in labels else says
            if label in lasting:
                for phrase in phrases.split(", "):
                    self._lasting[phrase] = self._lasting.get(phrase, ()) + says
        self._labels = labels
        self._words: defaultdict[str, list[str]] = defaultdict(list)
        self._pairs: defaultdict[str, list[str]] = defaultdict(list)
        for phrase in sorted(labels, key=len, reverse=True):
            if phrase[0] > "z":
                self._pairs[phrase[:2]].append(phrase)
            elif (stem := phrase[:3]).isalnum():
                self._words[stem].append(phrase)
            else:
                self._words[_LATIN_WORD.findall(phrase)[0][:3]].append(phrase)

    def find(self, plain: str) -> list[Hit]:
        """The phrases in the text, by where they start; of one within another, the lasting labels."""
        found = self._at_words(plain)
        if not plain.isascii():
            found += self._at_characters(plain)
            found.sort(key=_by_place)
        hits: list[Hit] = []
        around = _NOWHERE
        for hit in found:
            if hit.end > around.end:
                around = hit
                hits.append(hit)
            elif around.labels and hit.phrase in self._lasting:
                hits.append(Hit(hit.start, hit.end, hit.phrase, self._lasting[hit.phrase]))
        return hits

    def _at_words(self, plain: str) -> list[Hit]:
        found: list[Hit] = []
        for word in _LATIN_WORD.finditer(plain):
            if phrases := self._words.get(word.group()[:3]):
                self._collect(found, phrases, plain, word.start())
        return found

    def _at_characters(self, plain: str) -> list[Hit]:
        pairs = self._pairs
        found: list[Hit] = []
        for start, pair in enumerate(map(add, plain, plain[1:] + " ")):
            if pair in pairs:
                self._collect(found, pairs[pair], plain, start)
            if pair[0] in pairs:
                self._collect(found, pairs[pair[0]], plain, start)
        return found

    def _collect(self, found: list[Hit], phrases: Sequence[str], plain: str, start: int) -> None:
        for phrase in phrases:
            words = phrase[:-1] if phrase[-1] == "*" else phrase
            if plain.startswith(words, start):
                end = start + len(words)
                if words is not phrase or not _inside_word(plain, end):
                    found.append(Hit(start, end, phrase, self._labels[phrase]))


def _by_place(hit: Hit) -> tuple[int, int]:
    return hit.start, -hit.end


def _inside_word(plain: str, end: int) -> bool:
    """Whether a Latin word goes on at `end`."""
    around = plain[end - 1 : end + 1]
    return len(around) == 2 and around.isascii() and around.isalnum()
