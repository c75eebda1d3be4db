"""Making log-odds mean what they say, on the dev rows of the corpora that may ship."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

MOST_FLAGGED = {"abuse": 0.02, "self_harm": 0.0008, "scam": 0.002}
"""The share of ordinary messages that a head may raise a false alarm on."""


def temperature(scores: Numbers, labels: NDArray[np.int64]) -> float:
    """What to divide log-odds (rows x labels) by so that the right labels become likeliest."""
    choices = np.exp(np.linspace(-1, 1.5, 101))
    return float(min(choices, key=lambda choice: _surprise(scores / choice, labels)))


def _surprise(scores: Numbers, labels: NDArray[np.int64]) -> float:
    scores = scores - scores.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(labels)), labels]))


def threshold(
    head: str, scores: Numbers, labels: NDArray[np.int64], sources: NDArray[np.int64], plain: Numbers
) -> float:
    """The log-odds from which on to say yes: the best macro-F1, averaged over sources, at few enough false alarms."""
    least = float(np.quantile(plain, 1 - MOST_FLAGGED[head]))
    choices = np.linspace(least, least + 3, 61)
    return float(max(choices, key=lambda choice: mean_f1(scores > choice, labels, sources)))


def mean_f1(said: NDArray[np.bool_], labels: NDArray[np.int64], sources: NDArray[np.int64]) -> float:
    """The macro-F1 of yes and no, averaged over the sources that have both."""
    found = []
    for source in np.unique(sources):
        here, right = said[sources == source], labels[sources == source] == 1
        if right.any() and not right.all():
            found.append((_f1(here, right) + _f1(~here, ~right)) / 2)
    return float(np.mean(found))


def _f1(said: NDArray[np.bool_], right: NDArray[np.bool_]) -> float:
    return 2 * int((said & right).sum()) / max(1, int(said.sum()) + int(right.sum()))
