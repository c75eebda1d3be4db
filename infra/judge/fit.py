"""Fitting one head: a linear model over the n-grams, by Adagrad with feature dropout, one text at a time.

One thread and one random generator of our own, so that the same rows and seed give the same weights.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

FIRST = 1e-3  # what Adagrad's sums of squares begin with
BIAS_RATE = 0.3


@njit(cache=True)
def _next(state: Any) -> Any:
    """Marsaglia's xorshift64."""
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    return state ^ (state << np.uint64(17))


@njit(cache=True)
def _errors(scores: Any, target: Any) -> None:
    """Scores become what they are off the target by: softmax, or the logistic function of a single one."""
    if len(scores) == 1:
        scores[0] = 1.0 / (1.0 + math.exp(-scores[0])) - target[0]
        return
    top, total = scores.max(), 0.0
    for c in range(len(scores)):
        scores[c] = math.exp(scores[c] - top)
        total += scores[c]
    for c in range(len(scores)):
        scores[c] = scores[c] / total - target[c]


@njit(cache=True)
def _fit(grams, starts, sizes, texts, targets, importance, weights, bias, epochs, rate, drop, decay, seed):  # type: ignore[no-untyped-def]  # noqa: C901
    size = targets.shape[1]
    squares = np.full_like(weights, FIRST)
    bias_squares = np.ones(size)
    state = np.uint64(seed * 2654435761 + 88172645463325252)
    order = np.arange(len(texts))
    kept = np.zeros((starts[1:] - starts[:-1]).max(), np.int64)
    keep = 1.0 - drop
    limit = np.uint64(keep * 4294967296.0)
    off = np.zeros(size)
    step, steps = 0, len(texts) * epochs
    for _ in range(epochs):
        for i in range(len(order) - 1, 0, -1):
            state = _next(state)
            j = np.int64(state % np.uint64(i + 1))
            order[i], order[j] = order[j], order[i]
        for row in order:
            text = texts[row]
            count = 0
            for at in range(starts[text], starts[text + 1]):
                state = _next(state)
                if (state >> np.uint64(32)) < limit:
                    kept[count] = grams[at]
                    count += 1
            share = 1.0 / (math.sqrt(sizes[text]) * keep)
            off[:] = 0.0
            for at in range(count):
                for c in range(size):
                    off[c] += weights[kept[at], c]
            for c in range(size):
                off[c] = off[c] * share + bias[c]
            _errors(off, targets[row])
            pace = rate * (1.0 - decay * step / steps)
            step += 1
            for c in range(size):
                off[c] *= importance[row]
                bias_squares[c] += off[c] * off[c]
                bias[c] -= BIAS_RATE * pace * off[c] / math.sqrt(bias_squares[c])
                off[c] *= share
            for at in range(count):
                gram = kept[at]
                for c in range(size):
                    squares[gram, c] += off[c] * off[c]
                    weights[gram, c] -= pace * off[c] / math.sqrt(squares[gram, c])


def fit(
    grams: NDArray[np.int32],
    starts: NDArray[np.int64],
    sizes: NDArray[np.float64],
    texts: NDArray[np.int32],
    targets: NDArray[np.float64],
    importance: NDArray[np.float64],
    vocabulary: int,
    epochs: int,
    rate: float,
    drop: float,
    decay: float,
    seed: int,
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Weights (vocabulary x labels) and biases that fit targets (rows x labels; one column: the chance of yes).

    Text i has the n-grams `grams[starts[i] : starts[i + 1]]` of `sizes[i]` in all; row j is of text `texts[j]` and
    counts `importance[j]`. `rate` falls by the share `decay` over the epochs; `drop` is left out each time.
    """
    weights = np.zeros((vocabulary, targets.shape[1]), np.float32)
    bias = np.zeros(targets.shape[1])
    _fit(grams, starts, sizes, texts, targets, importance, weights, bias, epochs, rate, drop, decay, seed)
    return weights, bias


@njit(cache=True)
def _logits(grams, starts, sizes, texts, weights, bias):  # type: ignore[no-untyped-def]
    found = np.zeros((len(texts), len(bias)))
    for row in range(len(texts)):
        text = texts[row]
        for at in range(starts[text], starts[text + 1]):
            for c in range(len(bias)):
                found[row, c] += weights[grams[at], c]
        for c in range(len(bias)):
            found[row, c] = found[row, c] / math.sqrt(sizes[text]) + bias[c]
    return found


def logits(
    grams: NDArray[np.int32],
    starts: NDArray[np.int64],
    sizes: NDArray[np.float64],
    texts: NDArray[np.int32],
    weights: NDArray[np.float32],
    bias: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The log-odds (texts x labels) of the texts of these numbers."""
    return np.asarray(_logits(grams, starts, sizes, texts, weights, bias))
