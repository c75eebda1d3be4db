"""Finding thousands of phrases in a message at once, without regular expressions over phrases.

A phrase stands as `text.read` brings it. In Latin script it begins and ends with a word, unless written `refund*`; in
others (Chinese, emoji) it may stand anywhere. At `~` there may be a few characters: `take ~ court`.

A phrase is looked up by one word or two characters of it, the rarest there are. So a message is compared with all
phrases by one intersection of sets, and only what may be in it is read: the index is text until then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from operator import add
from typing import NamedTuple

Row = tuple[str, str]
"""A group's name, and a phrase that belongs to it."""

Index = Mapping[str, bytes]
"""By what they are looked up by, phrases with their groups, in the form that `index` gives them."""

GAP = 10
"""Ideographs at a `~`; of Latin letters three times as many."""

_STEM = 3
_FIELD, _ENTRY = "\x1f", "\t"
_LATIN_WORD = re.compile(r"[a-z0-9][a-z0-9']*")
_NEVER: Mapping[str, int] = {}


class Hit(NamedTuple):
    """A phrase of `groups` found in plain[start:end]."""

    start: int
    end: int
    groups: tuple[str, ...]


_Phrase = tuple[int, str, bool, str, bool, int, tuple[str, ...]]
"""Before, first, open, rest, rest open, gap, groups: `first` begins `before` characters ahead of what it is looked up
by; `rest`, if any, follows within `gap`. No named one: every class of those costs a cold start 1.4 M instructions."""


def index(rows: Iterable[Row], common: Mapping[str, int] = _NEVER) -> dict[str, bytes]:
    """An index of the phrases. `common` says how often words and pairs of characters are met, for the rarest."""
    groups: dict[str, list[str]] = {}
    for group, phrase in rows:
        groups.setdefault(phrase, []).append(group)
    entries: dict[str, list[str]] = {}
    for phrase, found in sorted(groups.items()):
        key, before = min(_keys(phrase), key=lambda each: (common.get(each[0], 0), -len(each[0]), each[1]))
        entries.setdefault(key, []).append(_FIELD.join((str(before), phrase, " ".join(found))))
    return {key: _ENTRY.join(entries[key]).encode() for key in sorted(entries)}


def _keys(phrase: str) -> Iterator[tuple[str, int]]:
    """What a phrase may be looked up by, and where in its first part that stands. Raises ValueError if nothing."""
    first = phrase.partition("~")[0].rstrip(" ")
    bare = first.rstrip("*")
    if not bare:
        raise ValueError("a phrase has letters, digits or signs before any ~ or *")
    for word in _LATIN_WORD.finditer(bare):
        if word.end() < len(bare) or not first.endswith("*"):
            yield word.group(), word.start()
        elif len(word.group()) >= _STEM:
            yield word.group()[:_STEM] + "*", word.start()
    for at, pair in enumerate(map(add, bare, bare[1:])):
        if not pair.isascii() and " " not in pair:
            yield pair, at
    if len(bare) == 1 or not (_LATIN_WORD.search(bare) or any(map(_solid, bare))):
        yield bare[0], 0


def _solid(character: str) -> bool:
    return character > "\x7f"


class Phrases:
    """The phrases of an index. Finding changes nothing but what is remembered of the index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._read: dict[str, list[_Phrase]] = {}

    def find(self, plain: str, keys: set[str] | None = None) -> list[Hit]:
        """The phrases in a text that `text.read` brought to one form, in no order; `keys` are `keys_of` it."""
        hits: list[Hit] = []
        for key in self._index.keys() & (keys or keys_of(plain)):
            phrases = self._read.get(key)
            if phrases is None:
                phrases = self._read[key] = [_phrase(entry) for entry in self._index[key].decode().split(_ENTRY)]
            _collect(hits, phrases, plain, key.rstrip("*") or key)
        return hits


def keys_of(plain: str) -> set[str]:
    """What phrases in a text may be looked up by: words, stems, characters and pairs of them."""
    words = _LATIN_WORD.findall(plain)
    keys = {*words, *plain, *[word[:_STEM] + "*" for word in words]}
    if not plain.isascii():
        keys.update(map(add, plain, plain[1:]))
    return keys


def _phrase(entry: str) -> _Phrase:
    before, phrase, groups = entry.split(_FIELD)
    first, _, rest = phrase.partition("~")
    first, rest = first.rstrip(" "), rest.lstrip(" ")
    gap = GAP if rest > "\x7f" else 3 * GAP
    return int(before), first.rstrip("*"), _open(first), rest.rstrip("*"), _open(rest), gap, tuple(groups.split(" "))


def _open(part: str) -> bool:
    """Whether a part of a phrase may end within a word."""
    return not part or part[-1] == "*" or part[-1] > "\x7f"


def _collect(hits: list[Hit], phrases: Iterable[_Phrase], plain: str, key: str) -> None:
    at = plain.find(key)
    while at >= 0:
        for before, first, unfinished, rest, rest_unfinished, gap, groups in phrases:
            start = at - before
            if start < 0 or not plain.startswith(first, start) or _inside_word(plain, start):
                continue
            end = start + len(first)
            if not unfinished and _inside_word(plain, end):
                continue
            if rest and (end := _after(rest, rest_unfinished, plain, end, gap)) < 0:
                continue
            hits.append(Hit(start, end, groups))
        at = plain.find(key, at + 1)


def _after(rest: str, unfinished: bool, plain: str, start: int, gap: int) -> int:
    """Where `rest` ends if it stands at most `gap` behind `start`, else -1."""
    found = start - 1
    while (found := plain.find(rest, found + 1, start + gap + len(rest))) >= 0:
        end = found + len(rest)
        if not _inside_word(plain, found) and (unfinished or not _inside_word(plain, end)):
            return end
    return -1


def _inside_word(plain: str, at: int) -> bool:
    """Whether a Latin word goes on from before `at`."""
    around = plain[at - 1 : at + 1] if at else ""
    return len(around) == 2 and around.isascii() and around.isalnum()
