"""Texts as arrays of the n-grams they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heed.judge import text as texts
from heed.judge.ngrams import split


class Texts(NamedTuple):
    """Per text i the distinct hashes `grams[starts[i] : starts[i + 1]]`."""

    grams: NDArray[np.uint32]
    starts: NDArray[np.int64]


def featurise(written: Iterable[str]) -> Texts:
    """The hashes of every text, each once, in increasing order."""
    parts, sizes = [], [0]
    for one in written:
        distinct = np.unique(np.array(split(texts.read(one).plain).numbers, dtype=np.uint32))
        parts.append(distinct)
        sizes.append(len(distinct))
    return Texts(np.concatenate(parts), np.cumsum(np.array(sizes, dtype=np.int64)))
