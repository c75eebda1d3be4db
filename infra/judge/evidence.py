"""The evidence of risks that ships: `python -m infra.judge.evidence DATA`, from our own messages.

N-grams, phrases, rules and word lists are weighed together. How sure that makes is learned from writers left out: rules
and words alike are right more often on the messages that they were made from than they will be.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heed.judge import alarms, dangers
from heed.judge import text as texts
from heed.judge.evidence import (
    ANYBODY,
    FEWEST,
    FIGURES,
    FILE,
    GRIEVED,
    HEADER,
    MARK,
    RISKS,
    SILENCED,
    SIZE,
    WAYS,
    WIDTH,
    ZERO,
    said,
)
from infra.judge import data, joint, lists, phrases, recipe, train
from infra.judge.corpus import Texts, featurise
from infra.judge.joint import Inputs, Weights

SETS = 10_000
"""Of WAYS rows each in the table."""

TRUE, ORDINARY = 2.0, 0.3
"""What a message with the risk weighs, and an ordinary text of the corpora; others weigh one."""

ORDINARY_TEXTS = 16_000
PRECISION = 0.925
"""The share of right alarms among all, on writers left out, that a risk is raised at: a false alarm wakes somebody."""

RIDGE, STEPS = 1.0, 15

_WORD = re.compile(r"\b[a-z]+(?:'[a-z]+)?\b")

Numbers = NDArray[np.float64]
Ids = NDArray[np.int32]


class Rows(NamedTuple):
    """Texts, their features by number, how much each has of each list, its risks, what it counts, and who wrote it."""

    texts: Texts
    features: list[list[int]]
    lists: Numbers
    risks: Numbers
    importance: Numbers
    writers: NDArray[np.str_]


class Table(NamedTuple):
    """N-grams that have a row, and what they, the features and the lists weigh."""

    grams: NDArray[np.uint32]
    weights: Weights


def names() -> list[str]:
    """The features: groups of phrases, and what the rules may say of each risk."""
    groups = sorted({group for group, _ in phrases.rows()})
    return [*groups, *[said(risk, state) for risk in RISKS for state in (ANYBODY, GRIEVED, SILENCED)]]


def features(written: str) -> list[str]:
    """Those of a text."""
    heard = dangers.hear(texts.read(written))
    return alarms.features(heard, dangers.held(heard))


def ordinary(folder: Path) -> dict[str, float]:
    """Texts without any risk, and what they count: those that name people, and ordinary ones, none like one of dev."""
    named = [row for row in data.lexicon() if row.head == "abuse" and not row.label]
    some = [
        row
        for row in data.corpus(folder, "train")
        if row.head in ("kind", "sentiment") and row.language in ("zh", "en")
    ]
    dev = {row.text for row in data.corpus(folder, "dev", data.CLASSES)}
    unlike = recipe.without(some[:: max(1, len(some) // ORDINARY_TEXTS)], dev)
    return {row.text: ORDINARY for row in unlike} | {row.text: 1.0 for row in named}


def gathered(folder: Path) -> tuple[Rows, list[set[int]]]:
    """Our messages, then texts without any risk; and the n-grams on each word list."""
    messages = data.own(set_aside=False)
    others = ordinary(folder)
    written = [*(message.text for message in messages), *others]
    found = featurise(written)
    on = lists.on(word for text in written for word in _WORD.findall(text.lower()))
    risks = np.zeros((len(written), SIZE))
    risks[: len(messages)] = [[name in message.risks for name in RISKS] for message in messages]
    importance = np.array([*[1.0] * len(messages), *others.values()])[:, None]
    number = {name: at for at, name in enumerate(names())}
    told = [sorted([number[name] for name in features(text)]) for text in written]
    counts = np.log1p(_counted(found, on))
    by = {message.text: each for each in data.UNSEEN for message in data.own(set_aside=False, files=(each,))}
    writers = np.array([by.get(text, "") for text in written])
    return Rows(found, told, counts, risks, np.where(risks > 0, TRUE, importance), writers), on


def _counted(found: Texts, members: Sequence[set[int]]) -> Numbers:
    """How many words of each list every text has."""
    counts = np.zeros((len(found.starts) - 1, len(members)))
    for at, some in enumerate(members):
        on = np.concatenate([[0], np.cumsum(np.isin(found.grams, np.array(sorted(some), np.uint32)))])
        counts[:, at] = np.diff(on[found.starts])
    return counts


def inputs(rows: Rows, grams: NDArray[np.uint32]) -> Inputs:
    """What to fit on, of n-grams these alone."""
    local, starts, sizes = train.known(rows.texts, grams)
    begins = np.cumsum([0, *map(len, rows.features)])
    flat = np.array([each for some in rows.features for each in some], np.int32)
    return Inputs(local, starts, 1 / np.sqrt(np.maximum(sizes, FEWEST)), flat, begins, rows.lists)


def table(rows: Rows, some: Ids, members: Iterable[int]) -> Table:
    """The n-grams that tell most of risks in some of the rows, and those on lists, weighed with all else."""
    every = train.vocabulary(rows.texts)
    given = inputs(rows, every)
    first = _fitted(rows, given, some, len(every))
    share = np.zeros(len(given.shares))
    share[some] = given.shares[some]
    met = np.bincount(given.grams, np.repeat(share, np.diff(given.starts)), minlength=len(every))
    moved = np.sqrt(met) * np.abs(first.grams).max(axis=1)
    grams = _best(every, moved, np.array(sorted(members), np.uint32))
    return Table(grams, _fitted(rows, inputs(rows, grams), some, len(grams)))


def _fitted(rows: Rows, given: Inputs, some: Ids, grams: int) -> Weights:
    return joint.fit(given, some, rows.risks, rows.importance, grams, len(names()))


def _best(grams: NDArray[np.uint32], moved: Numbers, members: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """For each set the WAYS n-grams that are on a list or move the odds most."""
    every = np.union1d(grams, members)
    worth = np.zeros(len(every))
    worth[np.searchsorted(every, grams)] = moved
    worth[np.searchsorted(every, members)] += moved.max()
    ranked = every[np.lexsort((every, -worth))]
    by_set = np.argsort(ranked % SETS, kind="stable")
    places = (ranked % SETS)[by_set]
    return np.sort(ranked[by_set[np.arange(len(places)) - np.searchsorted(places, places) < WAYS]])


def left_out(rows: Rows, members: Iterable[int]) -> Numbers:
    """The log-odds of every message by known writers, from a table fitted without its writer; NaN for other rows."""
    found = np.full(rows.risks.shape, np.nan)
    for writer in sorted(set(rows.writers.tolist()) - {""}):
        held = np.flatnonzero(rows.writers == writer).astype(np.int32)
        others = np.flatnonzero(rows.writers != writer).astype(np.int32)
        without = table(rows, others, members)
        found[held] = joint.odds(inputs(rows, without.grams), held, without.weights)
    return found


def regression(columns: Numbers, true: Numbers) -> Numbers:
    """Logistic regression with a ridge, by Newton's method; the last column is one."""
    found = np.zeros(columns.shape[1])
    ridge = RIDGE * np.eye(len(found))
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-columns @ found))
        bend = (columns.T * (chance * (1 - chance))) @ columns + ridge
        found += np.linalg.solve(bend, columns.T @ (true - chance) - ridge @ found)
    return found


def calibration(odds: Numbers, true: Numbers) -> tuple[Numbers, float]:
    """Per risk by what to multiply log-odds and what to add so that they are honest, and from where on to believe them.

    Believed is what leaves the share PRECISION of all alarms right.
    """
    found = np.array(
        [regression(np.column_stack([odds[:, at], np.ones(len(odds))]), true[:, at]) for at in range(SIZE)]
    )
    honest = (odds * found[:, 0] + found[:, 1]).ravel()
    order = np.argsort(-honest, kind="stable")
    right = np.cumsum(true.ravel()[order]) / np.arange(1, len(order) + 1)
    return found, float(honest[order[np.flatnonzero(right >= PRECISION)[-1]]])


def make(folder: Path, target: Path = FILE) -> None:
    """Fit and write the file; the same bytes from the same data."""
    rows, on = gathered(folder)
    members = set().union(*on)
    odds = left_out(rows, members)
    known = ~np.isnan(odds[:, 0])
    scales, limit = calibration(odds[known], rows.risks[known])
    whole = table(rows, np.arange(len(rows.risks), dtype=np.int32), members)
    weights = Weights(*(each * scales[:, 0] for each in whole.weights))
    weights = weights._replace(first=weights.first + scales[:, 1] - limit)
    target.write_bytes(packed(Table(whole.grams, weights), on))
    said_so, true = odds[known] * scales[:, 0] + scales[:, 1] > limit, rows.risks[known] > 0
    both = (said_so & true).sum()
    print(f"{target.name}: writers left out, recall {both / true.sum():.3f} precision {both / said_so.sum():.3f}")


def packed(found: Table, members: Sequence[set[int]]) -> bytes:
    """The file: each risk's weights scaled to a byte by the greatest, of n-grams and of all else."""
    memberships = ["+".join(str(at) for at, some in enumerate(members) if int(gram) in some) for gram in found.grams]
    numbers = sorted(set(memberships) - {""})
    written = f"{' '.join(names())}\n{' '.join(numbers)}".encode("ascii")
    beside = np.concatenate([found.weights.features, found.weights.lists])
    worths = [np.abs(each).max(axis=0) / (ZERO - 1) for each in (found.weights.grams, beside)]
    bytes_of = [
        (np.rint(each / worth).astype(np.int64) + ZERO).astype(np.uint8)
        for each, worth in zip((found.weights.grams, beside), worths, strict=True)
    ]
    tags, rows, taken = np.full(SETS * WAYS, 0xFFFF, "<u2"), np.full((SETS * WAYS, WIDTH), ZERO, np.uint8), [0] * SETS
    for gram, row, membership in zip(found.grams.tolist(), bytes_of[0], memberships, strict=True):
        tag, place = divmod(gram, SETS)
        at = WAYS * place + taken[place]
        taken[place] += 1
        tags[at], rows[at, :SIZE], rows[at, SIZE] = tag, row, numbers.index(membership) + 1 if membership else 0
    figures = (FIGURES.pack(*each) for each in zip(*worths, found.weights.first, strict=True))
    header = HEADER.pack(MARK, SETS, len(members), len(written))
    return b"".join((header, written, *figures, bytes_of[1].tobytes(), tags.tobytes(), rows.tobytes()))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
