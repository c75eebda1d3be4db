"""What speaks for and against each risk: a message's words, the phrases that rules are made of, and the rules.

One linear model per risk, learned from our own messages by `infra.judge.evidence`: a rule alone knows only what it
names, and single words are seldom met twice. N-grams have a row in a small table, looked up together with that of
`weights`; a row ends in the word lists (injuries, newspapers, tricks) that the n-gram is on: a message may hold many
words of a list, met in training or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import log1p, sqrt
from pathlib import Path
from struct import Struct

from heed.model import RiskName

FILE = Path(__file__).with_name("evidence.bin")
HEADER = Struct("<8sIII")
"""The file's mark, sets, word lists, bytes of names; then the names, FIGURES per risk, the rows of features and lists,
the tags, and the rows of n-grams."""

MARK = b"heedrsk2"
RISKS = tuple(RiskName)
FIGURES = Struct("<3d")
"""In log-odds: what a byte of an n-gram is worth, what one of a feature or list is, and what a risk begins with."""

WAYS = 4
"""Rows per set. An n-gram of hash h may stand in set h % sets, where the tag, 16 bits, is h // sets."""

SIZE = len(RISKS)
WIDTH = SIZE + 1
"""Bytes of an n-gram's row: one per risk, and the number of the lists it is on."""

ZERO = 128
"""What stands for no weight: bytes are unsigned."""

NOTHING = bytes([ZERO] * SIZE + [0])
"""The row of an n-gram that is not in the table."""

FEWEST = 24
"""N-grams that a message counts as having at least: a word or two prove little."""

ANYBODY, GRIEVED, SILENCED = "anybody", "grieved", "silenced"
"""What rules may say of a risk: that one holds of anybody, or of the grieved, or that the context speaks against it."""


def said(risk: RiskName, state: str) -> str:
    """The name of the feature that rules say so of a risk."""
    return f"{risk}:{state}"


class Evidence:
    """An evidence file in memory."""

    def __init__(self, data: bytes) -> None:
        """Take a file's bytes. Raises ValueError if it is none of ours."""
        mark, self._sets, lists, size = HEADER.unpack_from(data)
        figures = HEADER.size + size
        features, _, numbers = data[HEADER.size : figures].decode("ascii", "replace").partition("\n")
        names = features.split(" ")
        self._features = figures + FIGURES.size * SIZE
        self._lists = self._features + SIZE * len(names)
        tags = self._lists + SIZE * lists
        self._rows = tags + 2 * WAYS * self._sets
        if mark != MARK or len(data) != self._rows + WIDTH * WAYS * self._sets:
            raise ValueError("not an evidence file of this version")
        self._data = data
        self._names = dict(zip(names, range(self._features, self._lists, SIZE), strict=True))
        self._on = tuple([tuple(map(int, each.split("+"))) for each in numbers.split(" ") if each])
        self._figures = tuple(FIGURES.iter_unpack(data[figures : self._features]))
        self._tags = memoryview(data)[tags : self._rows].cast("H")

    def row(self, number: int) -> bytes:
        """The row of an n-gram, `NOTHING` if it has none."""
        place, tag = number % self._sets * WAYS, number // self._sets
        tags = self._tags
        for at in range(place, place + WAYS):
            if tags[at] == tag:
                start = self._rows + WIDTH * at
                return self._data[start : start + WIDTH]
        return NOTHING

    def odds(
        self, distinct: int, known: int, sums: Sequence[int], lists: bytes, features: Iterable[str]
    ) -> list[float]:
        """Per risk the log-odds that it is meant, in the order of RISKS.

        Of a message's `distinct` n-grams `known` have rows, whose bytes add up to `sums` and end in `lists`; its
        `features` are its groups of phrases, and what the rules say.
        """
        share, nothing = 1 / sqrt(max(FEWEST, distinct)), ZERO * known
        rows = [self._data[at : at + SIZE] for at in map(self._names.get, features) if at]
        joined, unsaid = b"".join(rows), ZERO * len(rows)
        beside: list[float] = [sum(joined[at::SIZE]) - unsaid for at in range(SIZE)]
        for at, loud in self._counted(lists):
            beside = [one + loud * (byte - ZERO) for one, byte in zip(beside, self._data[at : at + SIZE], strict=True)]
        return [
            (total - nothing) * share * worth + other * weight + first
            for total, other, (worth, weight, first) in zip(sums, beside, self._figures, strict=True)
        ]

    def _counted(self, lists: bytes) -> Iterator[tuple[int, float]]:
        """Where the row of each word list stands, and how much a message holds of it: the logarithm of its words."""
        counts: dict[int, int] = {}
        for number in {*lists.translate(None, b"\0")}:
            for each in self._on[number - 1]:
                counts[each] = counts.get(each, 0) + lists.count(number)
        for each, count in sorted(counts.items()):
            yield self._lists + SIZE * each, log1p(count)

    def speaks(self, feature: str, risk: int) -> int:
        """What a feature says for a risk: above nought for it."""
        at = self._names.get(feature)
        return self._data[at + risk] - ZERO if at else 0


def load(path: Path = FILE) -> Evidence:
    """The evidence that ships. Raises OSError if the file is not there."""
    with open(path, "rb", buffering=0) as file:
        return Evidence(file.read())
