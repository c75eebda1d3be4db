"""How good a model is: macro-F1 per source, accuracy and calibration, on rows it was not trained on.

The protocol of the reference: a source with two labels is scored with the choice restricted to those two; a source
with one label is left out of the mean; a source's languages count together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from infra.judge.data import Row
from infra.judge.train import HEADS, first_columns

Numbers = NDArray[np.float64]
"""From texts to the log-odds of every column; yes is above nought."""

BINS = 15


class Figure(NamedTuple):
    """One source's score times 100, and its rows."""

    score: float
    rows: int


def f1_by(rows: Sequence[Row], scores: Numbers, head: str, group: Callable[[Row], str]) -> dict[str, Figure]:
    """Macro-F1 of every group (source, language) with at least two labels."""
    found = {}
    for name in sorted({group(row) for row in rows}):
        here = [number for number, row in enumerate(rows) if group(row) == name]
        labels = np.array([rows[number].label for number in here])
        present = sorted(set(labels.tolist()))
        if len(present) > 1:
            found[name] = Figure(100 * macro_f1(chosen(scores[here], head, present), labels, present), len(here))
    return found


def chosen(scores: Numbers, head: str, present: Sequence[int] = ()) -> NDArray[np.int64]:
    """The label of each row, of two if only two are present."""
    start, size = first_columns()[head], HEADS[head]
    own = scores[:, start : start + size]
    if size == 1:
        return (own[:, 0] > 0).astype(np.int64)
    if len(present) == 2:
        return np.array(present)[own[:, present].argmax(axis=1)]
    return own.argmax(axis=1)


def macro_f1(said: NDArray[np.int64], labels: NDArray[np.int64], present: Sequence[int]) -> float:
    return float(np.mean([_f1(said == label, labels == label) for label in present]))


def _f1(said: NDArray[np.bool_], right: NDArray[np.bool_]) -> float:
    return 2 * int((said & right).sum()) / max(1, int(said.sum()) + int(right.sum()))


def mean(figures: dict[str, Figure]) -> float:
    return float(np.mean([figure.score for figure in figures.values()]))


def sureness(scores: Numbers, head: str) -> Numbers:
    """The probability of the likeliest label."""
    start = first_columns()[head]
    own = scores[:, start : start + HEADS[head]]
    return 1 / np.exp(own - own.max(axis=1, keepdims=True)).sum(axis=1)


def accuracy(rows: Sequence[Row], scores: Numbers, head: str) -> dict[str, float]:
    """The share of right labels times 100: of all, and of the surer half."""
    right = chosen(scores, head) == np.array([row.label for row in rows])
    order = np.argsort(-sureness(scores, head), kind="stable")
    return {"all": 100 * float(right.mean()), "surer half": 100 * float(right[order[: len(order) // 2]].mean())}


def reliability(rows: Sequence[Row], scores: Numbers, head: str) -> list[tuple[float, float, int]]:
    """Per bin of confidence: its mean, the share of right labels, and how many rows."""
    right = chosen(scores, head) == np.array([row.label for row in rows])
    sure = sureness(scores, head)
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [
        (float(sure[bins == number].mean()), float(right[bins == number].mean()), int((bins == number).sum()))
        for number in range(BINS)
        if (bins == number).any()
    ]


def calibration_error(bins: Sequence[tuple[float, float, int]]) -> float:
    """The expected calibration error: how far confidence is from the share of right labels, on average."""
    rows = sum(count for _, _, count in bins)
    return sum(abs(sure - right) * count for sure, right, count in bins) / rows


def flagged(scores: Numbers, head: str) -> float:
    """The share of rows, in percent, that a yes-or-no head says yes to."""
    return 100 * float((scores[:, first_columns()[head]] > 0).mean())
