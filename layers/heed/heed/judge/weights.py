"""The trained weights: a table of n-grams, and adding up the rows of those in a message.

The file is read whole by one `open().read()` and never taken apart: a header (struct), then a tag per row, then the
rows, one byte per head's label. The n-gram of hash h may stand in the rows of set h % sets, where the tag is h // sets;
most n-grams of the world have no row and are passed over. Rows are added as one big integer, in 16-bit lanes: exactly,
and many times faster than a loop over them. `infra/judge` makes the file; README.md tells from what.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress
from math import sqrt
from operator import add
from pathlib import Path
from struct import Struct
from typing import NamedTuple

FILE = Path(__file__).with_name("weights.bin")
HEADER = Struct("<8sII24s")
"""The file's mark, sets, columns (labels of all heads, an even number), the model's version."""

MODEL = "ngrams-3"
"""The weights that this code reads, by name; an assessment says it."""

MARK = b"heed\x00\x00\x00\x02"
WAYS = 4
"""Rows per set: the more, the fewer good n-grams are left out for want of a place."""

ZERO = 128
"""What stands for no weight: bytes are unsigned."""

REMEMBERED = 1 << 14
"""N-grams whose rows are remembered, and as many from before those: 5 MB for what most messages are made of."""

_LANES = 256
"""Rows added at a time: 256 x 255 fits into 16 bits."""


class Heard(NamedTuple):
    """How many n-grams a message has, the hashes of those that the table knows, and their rows' bytes."""

    distinct: int
    known: list[int]
    rows: bytes
    columns: int

    def column(self, number: int) -> bytes:
        """What each known n-gram says for one label; ZERO is nothing."""
        return self.rows[number :: self.columns]


class Weights:
    """A weights file in memory. Reading changes nothing but what is remembered of it."""

    def __init__(self, data: bytes) -> None:
        """Take a file's bytes. Raises ValueError if it is none of ours."""
        mark, self.sets, self.columns, name = HEADER.unpack_from(data)
        numbers = Struct(f"<{2 * self.columns}d")
        tags = HEADER.size + numbers.size
        self._rows = tags + self.sets * WAYS
        if (
            mark != MARK
            or name.rstrip(b"\0") != MODEL.encode()
            or len(data) != self._rows + self.sets * WAYS * self.columns
        ):
            raise ValueError("not a weights file of this version")
        values = numbers.unpack_from(data, HEADER.size)
        self.scales, self.biases = values[: self.columns], values[self.columns :]
        self._data = data
        self._tags = tuple(data[tags + way : self._rows : WAYS] for way in range(WAYS))
        self._masks = _masks(self.columns)
        self._lately: dict[int, bytes] = {}
        self._before: dict[int, bytes] = {}

    def hear(self, numbers: set[int]) -> Heard:
        """The rows of a message's n-grams."""
        if len(self._lately) > REMEMBERED:
            self._lately, self._before = {}, self._lately
        lately = self._lately
        self._look_up(numbers.difference(lately), lately)
        rows = [lately[number] for number in numbers]
        return Heard(len(numbers), list(compress(numbers, rows)), b"".join(rows), self.columns)

    def _look_up(self, numbers: Iterable[int], found: dict[int, bytes]) -> None:
        """Put the row of every n-gram into `found`, an empty one for those that the table does not know."""
        first, second, third, fourth = self._tags
        data, columns, sets, start, before = self._data, self.columns, self.sets, self._rows, self._before.get
        step = WAYS * columns
        for number in numbers:
            row = before(number)
            if row is None:
                place, tag = number % sets, number // sets
                at = start + step * place
                if first[place] == tag:
                    row = data[at : at + columns]
                elif second[place] == tag:
                    row = data[at + columns : at + 2 * columns]
                elif third[place] == tag:
                    row = data[at + 2 * columns : at + 3 * columns]
                elif fourth[place] == tag:
                    row = data[at + 3 * columns : at + step]
                else:
                    row = b""
            found[number] = row

    def scores(self, heard: Heard) -> list[float]:
        """The log-odds of every label."""
        share = 1 / sqrt(heard.distinct or 1)
        nothing = ZERO * len(heard.known)
        return [
            (total - nothing) * share * scale + bias
            for total, scale, bias in zip(self._add(heard.rows), self.scales, self.biases, strict=True)
        ]

    def _add(self, rows: bytes) -> list[int]:
        """Per column the sum over rows."""
        size = self.columns
        sums = self._fold(rows[: _LANES * size])
        for start in range(_LANES * size, len(rows), _LANES * size):
            sums = list(map(add, sums, self._fold(rows[start : start + _LANES * size])))
        return sums

    def _fold(self, rows: bytes) -> list[int]:
        """The same for at most _LANES rows: even and odd columns apart, the rows' halves added until one is left."""
        size = self.columns
        lanes, folds = self._masks[(max(1, len(rows) // size) - 1).bit_length()]
        both = int.from_bytes(rows, "little")
        even, odd = both & lanes, (both >> 8) & lanes
        for bits, low in folds:
            even, odd = (even & low) + (even >> bits), (odd & low) + (odd >> bits)
        sums = [0] * size
        sums[::2] = memoryview(even.to_bytes(size, "little")).cast("H").tolist()
        sums[1::2] = memoryview(odd.to_bytes(size, "little")).cast("H").tolist()
        return sums


def _masks(columns: int) -> list[tuple[int, list[tuple[int, int]]]]:
    """Per power of two of rows: the mask of every other byte, and how to fold the rows into one."""
    every_other = int.from_bytes(b"\xff\x00" * (columns // 2), "little")
    found = []
    folds: list[tuple[int, int]] = []
    for steps in range(_LANES.bit_length()):
        if steps:
            bits = 8 * columns << (steps - 1)
            every_other |= every_other << bits
            folds = [(bits, (1 << bits) - 1), *folds]
        found.append((every_other, folds))
    return found


def load(path: Path = FILE) -> Weights:
    """The weights that ship. Raises OSError if the file is not there."""
    with open(path, "rb", buffering=0) as file:
        return Weights(file.read())
