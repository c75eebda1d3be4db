"""From rows to a weights file: fit every head, give each place of the table to its best n-gram, fit again, pack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heed.judge.evidence import ZERO
from heed.judge.ngrams import PRIME
from heed.judge.weights import HEADER, MARK, MODEL, WAYS
from infra.judge import data, recipe
from infra.judge.corpus import Texts, featurise
from infra.judge.data import LABELS, YES, Row
from infra.judge.fit import fit, logits

SETS = 74_500
"""Sets of WAYS rows in the table: with a byte of tag and one per column 6.3 MB."""

HEADS = {**{head: len(labels) for head, labels in LABELS.items()}, **dict.fromkeys(YES, 1)}
"""Columns per head, in the order of the file."""

COLUMNS = sum(HEADS.values())


def first_columns() -> dict[str, int]:
    """Where each head's columns begin."""
    starts, at = {}, 0
    for head, size in HEADS.items():
        starts[head] = at
        at += size
    return starts


class Model(NamedTuple):
    """Weights by n-gram (vocabulary x COLUMNS), the n-grams' hashes in increasing order, biases."""

    grams: NDArray[np.uint32]
    weights: NDArray[np.float32]
    biases: NDArray[np.float64]


def rows(folder: Path, also: Path | None = None) -> list[Row]:
    """All that trains: corpora that may ship, our own messages but those set aside, and what follows from them.

    `also` is a brand's own export.
    """
    dev = {row.text for row in data.corpus(folder, "dev", data.CLASSES)}
    given = [row for row in recipe.without(data.corpus(folder, "train"), dev) if recipe.trusted(row)]
    own = list(data.as_rows(data.own(set_aside=False)))
    if also is not None:
        own.extend(data.brand(also))
    return [*given, *own, *data.lexicon(), *recipe.derived(given), *recipe.ordinary(given)]


class Head(NamedTuple):
    """One head's rows: which text, which label, from which source (by number), how much it weighs."""

    text: NDArray[np.int32]
    label: NDArray[np.int64]
    source: NDArray[np.int64]
    weight: NDArray[np.float64]


class Prepared(NamedTuple):
    """The distinct texts' n-grams, and every head's rows."""

    texts: Texts
    heads: dict[str, Head]


def prepare(found: Iterable[Row], weigh: bool = True) -> Prepared:
    """Rows as arrays, each distinct text taken apart once."""
    numbers: dict[str, int] = {}
    sources: dict[str, int] = {}
    by_head: dict[str, list[Row]] = {head: [] for head in HEADS}
    for row in found:
        numbers.setdefault(row.text, len(numbers))
        sources.setdefault(row.source, len(sources))
        by_head[row.head].append(row)
    heads = {
        head: Head(
            np.array([numbers[row.text] for row in some], np.int32),
            np.array([row.label for row in some]),
            np.array([sources[row.source] for row in some]),
            np.array(recipe.weighed(some, head) if weigh else [1.0] * len(some)),
        )
        for head, some in by_head.items()
    }
    return Prepared(featurise(numbers), heads)


def targets(labels: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """What the head should answer: one in the label's column, or yes and no in the only one."""
    if size == 1:
        return labels[:, None].astype(float)
    return np.eye(size)[labels]


def fit_all(prepared: Prepared, grams: NDArray[np.uint32], epochs: int, seeds: Sequence[int]) -> Model:
    """Every head on these n-grams alone, the mean of a fit per seed."""
    local, starts, sizes = known(prepared.texts, grams)
    weights = np.zeros((len(grams), COLUMNS), np.float32)
    biases = np.zeros(COLUMNS)
    for head, start in first_columns().items():
        rows = prepared.heads[head]
        columns = slice(start, start + HEADS[head])
        drop = recipe.DROP.get(head, recipe.DROP_ELSE)
        for seed in seeds:
            own, bias = fit(
                local, starts, sizes, rows.text, targets(rows.label, HEADS[head]), rows.weight, len(grams),
                epochs, recipe.RATE, drop, recipe.DECAY, seed,
            )  # fmt: skip
            weights[:, columns] += own / len(seeds)
            biases[columns] += bias / len(seeds)
    return Model(grams, weights, biases)


def known(texts: Texts, grams: NDArray[np.uint32]) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float64]]:
    """The texts in terms of these n-grams: their places, where each text starts, and how many n-grams it has in all."""
    place = np.full(PRIME, -1, np.int32)
    place[grams] = np.arange(len(grams), dtype=np.int32)
    local = place[texts.grams]
    kept = local >= 0
    before = np.concatenate([[0], np.cumsum(kept)])
    return local[kept], before[texts.starts], np.maximum(np.diff(texts.starts), 1).astype(np.float64)


def vocabulary(texts: Texts) -> NDArray[np.uint32]:
    """The n-grams of at least LEAST texts."""
    grams, counts = np.unique(texts.grams, return_counts=True)
    return grams[counts >= recipe.LEAST]


def best_per_place(prepared: Prepared, model: Model) -> NDArray[np.uint32]:
    """Of the n-grams that share a set of the table, the WAYS that move the answers most."""
    local, starts, sizes = known(prepared.texts, model.grams)
    moved = np.zeros(len(model.grams))
    for head, start in first_columns().items():
        text, weight = prepared.heads[head].text, prepared.heads[head].weight
        size = HEADS[head]
        share = np.bincount(text, weight, minlength=len(sizes)) / np.sqrt(sizes)
        met = np.bincount(local, np.repeat(share, np.diff(starts)), minlength=len(moved))
        columns = model.weights[:, start : start + size]
        reach = np.ptp(columns, axis=1) if size > 1 else np.abs(columns[:, 0])
        moved += np.sqrt(met / len(text)) * reach
    order = np.lexsort((model.grams, -moved))
    ranked = model.grams[order]
    places = ranked % SETS
    by_place = np.argsort(places, kind="stable")
    begins = np.searchsorted(places[by_place], places[by_place])
    return np.sort(ranked[by_place[np.arange(len(by_place)) - begins < WAYS]])


def scores(texts: Texts, ids: NDArray[np.int32], model: Model) -> NDArray[np.float64]:
    """Every label's log-odds for these texts, in floating point."""
    return logits(*known(texts, model.grams), ids, model.weights, model.biases)


def packed(model: Model) -> bytes:
    """The weights file: each column scaled to a byte by its greatest weight."""
    scales = np.abs(model.weights).max(axis=0).astype(np.float64) / (ZERO - 1)
    quantised = np.rint(model.weights / scales).astype(np.int64) + ZERO
    tags = np.zeros((SETS, WAYS), np.uint8)
    rows = np.full((SETS, WAYS, COLUMNS), ZERO, np.uint8)
    taken = np.zeros(SETS, np.int64)
    for gram, row in zip(model.grams.astype(np.int64), quantised, strict=True):
        tag, place = divmod(gram, SETS)
        tags[place, taken[place]], rows[place, taken[place]] = tag, row
        taken[place] += 1
    header = HEADER.pack(MARK, SETS, COLUMNS, MODEL.encode())
    return header + scales.tobytes() + model.biases.tobytes() + tags.tobytes() + rows.tobytes()
