"""What a message is made of, as numbers: its n-grams, hashed, which the weights are looked up by.

Scripts without spaces (Chinese, Japanese, Korean, Thai, ...) give characters, pairs and triples; the others give words,
word pairs and every four letters in a row; punctuation and emoji give runs and members. A hash is the n-gram's UTF-16
taken as one number, modulo a prime: as good as any for n-grams this short, and the standard library does it in C.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from zlib import crc32

LIMIT = 600
"""Characters looked at: more of a message makes the answer slower, not better."""

PRIME = 19_071_979
"""Hashes are below it: as many as a table has sets, times the 256 tags of a byte."""

FIRST_SOLID = "\u0e00"
"""Scripts whose words are told apart by spaces are written before it, but for Vietnamese and a few smaller ones."""

# U+0E00 to U+11FF and U+3040 to U+D7AF in UTF-8: `re` takes 20 M instructions to compile the same set of characters.
_SOLID = rb"(?:[\xe4-\xec]..|\xe3[\x81-\xbf].|\xed[\x80-\x9e].|\xe0[\xb8-\xbf].|\xe1[\x80-\x87].)+"
_SOLID_PART = re.compile(_SOLID, re.DOTALL)
_SOLID_RUN = re.compile(rb"[0-9]*(?:" + _SOLID + rb"[0-9]*)+", re.DOTALL)
_WORD = re.compile("(?:[^\\W\U00010000-\U0010ffff]|[\u0300-\u036f\u064b-\u0dff])+(?:'[a-z]+)?")
_MARKS = re.compile("[^\\w\\s\u0300-\u036f\u064b-\u109f]+")
_URL = r"https?\S*|www\.\S+"
_HANDLE = r"@[\w.]+"
_NUMBER = re.compile(r"[0-9]{2,}")
_FOLDED = PRIME.__rmod__


class Grams(NamedTuple):
    """The hashes, one per n-gram and place, and what they were made from."""

    numbers: list[int]
    solid: str
    words: list[str]
    marks: list[str]

    def name(self, index: int) -> str:
        """The n-gram of `numbers[index]`, `_` where a word or run begins or ends."""
        if index < (size := max(0, 3 * len(self.solid) - 3)):
            return _solid_name(self.solid, index)
        index -= size
        if index < len(self.words):
            return self.words[index]
        index -= len(self.words)
        if self.words and index < len(self.words) - 1:
            return f"{self.words[index]} {self.words[index + 1]}"
        index -= max(0, len(self.words) - 1)
        spaced = f"_{'_'.join(self.words)}_" if self.words else ""
        for start in range(4):
            if index < (size := max(0, len(spaced) - start) // 4):
                return spaced[start + 4 * index : start + 4 * index + 4]
            index -= size
        return self.marks[index]


def _solid_name(solid: str, index: int) -> str:
    for length in (1, 2):
        if index < (size := len(solid) - length + 1):
            return solid[index : index + length]
        index -= size
    return solid[index : index + 3]


def fold(plain: str) -> str:
    """Without handles, whom a message is to; addresses, and numbers of two digits and more, made one."""
    plain = plain[:LIMIT]
    if "http" in plain or "www." in plain:
        plain = re.sub(_URL, "\ue000", plain)
    if "@" in plain:
        plain = re.sub(_HANDLE, " ", plain)
    return _NUMBER.sub("00", plain)


def _ones_and_twos(units: bytes) -> tuple[list[int], list[int]]:
    """Characters, and pairs of them, of UTF-16 as numbers."""
    twos = [0] * (len(units) // 2 - 1)
    for start in (0, 2):
        twos[start // 2 :: 2] = memoryview(units)[start : len(units) - (len(units) - start) % 4].cast("I").tolist()
    return memoryview(units).cast("H").tolist(), twos


def split(plain: str) -> Grams:
    """The n-grams of a text as `text.read` brings it; of an n-gram that repeats, every place."""
    folded = fold(plain)
    numbers: list[int] = []
    solid = ""
    spaced = folded
    if not folded.isascii() and (runs := _SOLID_RUN.findall(written := folded.encode("utf-8", "surrogatepass"))):
        solid = f"_{b'_'.join(runs).decode()}_"
        spaced = _SOLID_PART.sub(b" ", written).decode("utf-8", "surrogatepass")
        ones, twos = _ones_and_twos(solid.encode("utf-16-le"))
        numbers += ones
        numbers += map(_FOLDED, twos)
        numbers += [(two + (three << 32)) % PRIME for two, three in zip(twos, ones[2:])]  # noqa: B905
    if words := _WORD.findall(spaced):
        ones = [crc32(word.encode()) for word in words]
        numbers += map(_FOLDED, ones)
        numbers += [(31 * one + two) % PRIME for one, two in zip(ones, ones[1:])]  # noqa: B905, RUF007
        letters = f"_{'_'.join(words)}_".encode("utf-16-le")
        for start in (0, 2, 4, 6):
            numbers += map(_FOLDED, memoryview(letters)[start : len(letters) - (len(letters) - start) % 8].cast("Q"))
    marks: list[str] = []
    for run in _MARKS.findall(folded):
        marks.append(run[:3])
        if len(run) > 1:
            marks += dict.fromkeys(run)
    numbers += [crc32(mark.encode("utf-16-le", "surrogatepass"), 1) % PRIME for mark in marks]
    return Grams(numbers, solid, words, marks)
