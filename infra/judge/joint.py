"""Fitting all risks at once: logistic models over n-grams, features and lists together, by Adagrad, a text at a time.

One thread and the random generator of `fit`, so that the same rows and seed give the same weights.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from infra.judge.fit import BIAS_RATE, _next

Numbers = NDArray[np.float64]

GRAMS, FEATURES, LISTS, DECAY = 0.25, 0.04, 0.1, 0.9
"""How fast each learns, and by what share that falls over the epochs."""

DROP = 0.6
"""The share of features left out each time: rules are more often right on messages that they were written beside."""

EPOCHS, SEED = 24, 7
FIRST = 1e-3, 1e-2, 1e-2  # what Adagrad's sums of squares begin with
START = -2.0


class Inputs(NamedTuple):
    """Per text i its n-grams `grams[starts[i] : starts[i + 1]]`, of which each counts `shares[i]`; its features, the
    same way; and how much it has of each list."""

    grams: NDArray[np.int32]
    starts: NDArray[np.int64]
    shares: Numbers
    features: NDArray[np.int32]
    begins: NDArray[np.int64]
    lists: Numbers


class Weights(NamedTuple):
    """What n-grams, features and lists say for each risk (columns), and what it begins with."""

    grams: Numbers
    features: Numbers
    lists: Numbers
    first: Numbers


@njit(cache=True)
def _fit(inputs, texts, targets, importance, found, epochs, seed):  # type: ignore[no-untyped-def]  # noqa: C901
    grams, starts, shares, features, begins, lists = inputs
    weights, beside, listed, first = found
    risks = len(first)
    squares, besides = np.full_like(weights, FIRST[0]), np.full_like(beside, FIRST[1])
    listeds, firsts = np.full_like(listed, FIRST[2]), np.ones(risks)
    state = np.uint64(seed * 2654435761 + 88172645463325252)
    limit = np.uint64((1.0 - DROP) * 4294967296.0)
    kept = np.zeros((begins[1:] - begins[:-1]).max() + 1, np.int64)
    order = texts.copy()
    off = np.zeros(risks)
    step, steps = 0, len(order) * epochs
    for _ in range(epochs):
        for i in range(len(order) - 1, 0, -1):
            state = _next(state)
            j = np.int64(state % np.uint64(i + 1))
            order[i], order[j] = order[j], order[i]
        for text in order:
            count = 0
            for at in range(begins[text], begins[text + 1]):
                state = _next(state)
                if (state >> np.uint64(32)) < limit:
                    kept[count] = features[at]
                    count += 1
            pace = 1.0 - DECAY * step / steps
            step += 1
            for r in range(risks):
                total = 0.0
                for at in range(starts[text], starts[text + 1]):
                    total += weights[grams[at], r]
                total = total * shares[text] + first[r]
                for at in range(count):
                    total += beside[kept[at], r] / (1.0 - DROP)
                for k in range(lists.shape[1]):
                    total += listed[k, r] * lists[text, k]
                error = (1.0 / (1.0 + math.exp(-total)) - targets[text, r]) * importance[text, r]
                off[r] = error
                firsts[r] += error * error
                first[r] -= BIAS_RATE * GRAMS * pace * error / math.sqrt(firsts[r])
            for at in range(starts[text], starts[text + 1]):
                gram = grams[at]
                for r in range(risks):
                    error = off[r] * shares[text]
                    squares[gram, r] += error * error
                    weights[gram, r] -= GRAMS * pace * error / math.sqrt(squares[gram, r])
            for at in range(count):
                for r in range(risks):
                    besides[kept[at], r] += off[r] * off[r]
                    beside[kept[at], r] -= FEATURES * pace * off[r] / math.sqrt(besides[kept[at], r])
            for k in range(lists.shape[1]):
                if lists[text, k] > 0:
                    for r in range(risks):
                        error = off[r] * lists[text, k]
                        listeds[k, r] += error * error
                        listed[k, r] -= LISTS * pace * error / math.sqrt(listeds[k, r])


def fit(
    inputs: Inputs, texts: NDArray[np.int32], targets: Numbers, importance: Numbers, grams: int, features: int
) -> Weights:
    """The weights that fit targets (texts x risks, 1 or 0), each counting `importance`; `texts` are those fitted on."""
    risks = targets.shape[1]
    found = Weights(
        np.zeros((grams, risks)),
        np.zeros((features, risks)),
        np.zeros((inputs.lists.shape[1], risks)),
        np.full(risks, START),
    )
    _fit(inputs, texts, targets, importance, found, EPOCHS, SEED)
    return found


@njit(cache=True)
def _odds(inputs, texts, found):  # type: ignore[no-untyped-def]
    grams, starts, shares, features, begins, lists = inputs
    weights, beside, listed, first = found
    odds = np.zeros((len(texts), len(first)))
    for row in range(len(texts)):
        text = texts[row]
        for r in range(len(first)):
            total = 0.0
            for at in range(starts[text], starts[text + 1]):
                total += weights[grams[at], r]
            total = total * shares[text] + first[r]
            for at in range(begins[text], begins[text + 1]):
                total += beside[features[at], r]
            for k in range(lists.shape[1]):
                total += listed[k, r] * lists[text, k]
            odds[row, r] = total
    return odds


def odds(inputs: Inputs, texts: NDArray[np.int32], found: Weights) -> Numbers:
    """The log-odds (texts x risks) of the texts of these numbers."""
    return np.asarray(_odds(inputs, texts, found))
