"""The trained weights: a table of n-grams, and adding up the rows of those in a message.

The file is read whole by one `open().read()` and never taken apart: a header (struct), then a tag per row, then the
rows, one byte per head's label. The n-gram of hash h may stand in the rows of set h % sets, where the tag is h // sets;
most n-grams of the world have no row and are passed over. Rows are added as one big integer, in 16-bit lanes: exactly,
and many times faster than a loop over them. `infra/judge` makes the file; README.md tells from what.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress
from math import sqrt
from operator import add
from pathlib import Path
from struct import Struct

from heed.judge.evidence import NOTHING, WIDTH, ZERO, Evidence

FILE = Path(__file__).with_name("weights.bin")
HEADER = Struct("<8sII24s")
"""The file's mark, sets, columns (labels of all heads, an even number), the model's version."""

MODEL = "ngrams-4"
"""The weights that this code reads, by name; an assessment says it."""

MARK = b"heed\x00\x00\x00\x02"
WAYS = 4
"""Rows per set: the more, the fewer good n-grams are left out for want of a place."""

REMEMBERED = 1 << 14
"""N-grams whose rows are remembered, and as many from before those: 5 MB for what most messages are made of."""

_LANES = 256
"""Rows added at a time: 256 x 255 fits into 16 bits."""


class Heard:
    """How many n-grams a message has, the hashes of those that the tables know, and their rows' bytes.

    No named tuple: every class of those costs a cold start 1.4 M instructions.
    """

    def __init__(self, distinct: int, known: list[int], rows: bytes, columns: int) -> None:
        self.distinct, self.known, self.rows, self.columns = distinct, known, rows, columns

    def column(self, number: int) -> bytes:
        """What each known n-gram says for one label; ZERO is nothing."""
        return self.rows[number :: self.columns]


class Weights:
    """A weights file in memory. Reading changes nothing but what is remembered of it."""

    def __init__(self, data: bytes, beside: Evidence | None = None) -> None:
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
        self._beside = beside
        self._width = self.columns + (WIDTH if beside else 0)
        self._masks = _masks(self._width)
        self._lately: dict[int, bytes] = {}
        self._before: dict[int, bytes] = {}

    def hear(self, numbers: set[int]) -> Heard:
        """The rows of a message's n-grams."""
        if len(self._lately) > REMEMBERED:
            self._lately, self._before = {}, self._lately
        lately = self._lately
        self._look_up(numbers.difference(lately), lately)
        rows = [lately[number] for number in numbers]
        return Heard(len(numbers), list(compress(numbers, rows)), b"".join(rows), self._width)

    def _look_up(self, numbers: Iterable[int], found: dict[int, bytes]) -> None:
        """Put the row of every n-gram into `found`, an empty one for those that neither table knows."""
        before, row = self._before.get, self._row
        beside, silent = self._beside, bytes([ZERO]) * self.columns
        for number in numbers:
            known = before(number)
            if known is None:
                known = row(number)
                if beside:
                    other = beside.row(number)
                    known = (known or silent) + other if known or other is not NOTHING else b""
            found[number] = known

    def _row(self, number: int) -> bytes:
        first, second, third, fourth = self._tags
        place, tag = number % self.sets, number // self.sets
        if first[place] == tag:
            at = WAYS * place
        elif second[place] == tag:
            at = WAYS * place + 1
        elif third[place] == tag:
            at = WAYS * place + 2
        elif fourth[place] == tag:
            at = WAYS * place + 3
        else:
            return b""
        start = self._rows + self.columns * at
        return self._data[start : start + self.columns]

    def sums(self, heard: Heard) -> list[int]:
        """Per column, then per one of the table beside, the sum of the rows' bytes."""
        sums = self._fold(heard.rows[: _LANES * self._width])
        for start in range(_LANES * self._width, len(heard.rows), _LANES * self._width):
            sums = list(map(add, sums, self._fold(heard.rows[start : start + _LANES * self._width])))
        return sums

    def scores(self, heard: Heard, sums: Sequence[int]) -> list[float]:
        """The log-odds of every label."""
        share = 1 / sqrt(heard.distinct or 1)
        nothing = ZERO * len(heard.known)
        return [
            (total - nothing) * share * scale + bias
            for total, scale, bias in zip(
                sums, self.scales, self.biases, strict=False
            )  # the rest is of the table beside
        ]

    def _fold(self, rows: bytes) -> list[int]:
        """The same for at most _LANES rows: even and odd columns apart, the rows' halves added until one is left."""
        size = self._width
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


def load(path: Path = FILE, beside: Evidence | None = None) -> Weights:
    """The weights that ship. Raises OSError if the file is not there."""
    with open(path, "rb", buffering=0) as file:
        return Weights(file.read(), beside)
