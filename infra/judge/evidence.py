"""The evidence that ships beside the rules: `python -m infra.judge.evidence DATA`, from our own messages.

First n-grams are weighed per risk, then what those say of messages they were not fitted on is weighed against the
rules, on messages that the rules were not written beside: on others a rule is right more often than it will be.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heed.judge import dangers, evidence
from heed.judge import text as texts
from heed.judge.evidence import ALONE, FEWEST, FIGURES, FILE, HEADER, MARK, RISKS, SLOTS
from heed.judge.risks import CALM, GRIEVED
from heed.judge.weights import ZERO
from infra.judge import data, recipe, train
from infra.judge.corpus import Texts, featurise
from infra.judge.data import Message
from infra.judge.fit import fit, logits

SIZE = 4_000
"""N-grams in the table."""

FOLDS, SEED = 5, 7
EPOCHS, DROP, TRUE, ORDINARY = 8, 0.3, 2.0, 0.3
"""What a message with the risk weighs, and an ordinary text of the corpora; others weigh one."""

ORDINARY_TEXTS = 16_000
RIDGE, STEPS = 1.0, 15
CAUTION = 0.1
"""The log-odds beyond even from which on a risk is raised: a false alarm wakes somebody."""

Numbers = NDArray[np.float64]


class Table(NamedTuple):
    """N-grams, their weights (n-grams x risks) and what each risk begins with."""

    grams: NDArray[np.uint32]
    weights: Numbers
    biases: Numbers


class Rows(NamedTuple):
    """Texts, whether each has each risk, and what each counts."""

    texts: Texts
    risks: NDArray[np.bool_]
    importance: Numbers


def gathered(folder: Path, messages: list[Message]) -> Rows:
    """Our messages, then texts without any risk: ordinary ones in Chinese and English, and those that name people."""
    some = [
        row.text
        for row in data.corpus(folder, "train")
        if row.head in ("kind", "sentiment") and row.language in ("zh", "en")
    ]
    named = [row.text for row in data.lexicon() if row.head == "abuse" and not row.label]
    ordinary = list(dict.fromkeys([*named, *some[:: max(1, len(some) // ORDINARY_TEXTS)]]))
    risks = np.zeros((len(messages) + len(ordinary), len(RISKS)), bool)
    risks[: len(messages)] = [[name in message.risks for name in RISKS] for message in messages]
    importance = np.full(len(risks), ORDINARY)
    importance[: len(messages) + len(named)] = 1.0
    return Rows(featurise([*(message.text for message in messages), *ordinary]), risks, importance)


def table(rows: Rows, some: NDArray[np.int32]) -> Table:
    """The n-grams that tell most of risks in some of the rows, weighed among themselves."""
    every = _fitted(rows, some, train.vocabulary(rows.texts))
    local, starts, sizes = train.known(rows.texts, every.grams)
    met = np.bincount(local, np.repeat(1 / np.sqrt(sizes), np.diff(starts)), minlength=len(every.grams))
    moved = np.sqrt(met) * np.abs(every.weights).max(axis=1)
    return _fitted(rows, some, np.sort(every.grams[np.lexsort((every.grams, -moved))[:SIZE]]))


def _fitted(rows: Rows, some: NDArray[np.int32], grams: NDArray[np.uint32]) -> Table:
    local, starts, sizes = _known(rows.texts, grams)
    fits = []
    for column in rows.risks.T:
        true = column[some]
        importance = np.where(true, TRUE, rows.importance[some])
        fits.append(
            fit(
                local, starts, sizes, some, true[:, None].astype(float), importance, len(grams),
                EPOCHS, recipe.RATE, DROP, recipe.DECAY, SEED,
            )
        )  # fmt: skip
    weights = np.concatenate([weight for weight, _ in fits], axis=1).astype(float)
    return Table(grams, weights, np.concatenate([bias for _, bias in fits]))


def _known(texts: Texts, grams: NDArray[np.uint32]) -> tuple[NDArray[np.int32], NDArray[np.int64], Numbers]:
    local, starts, sizes = train.known(texts, grams)
    return local, starts, np.maximum(sizes, FEWEST)


def odds(rows: Rows, some: NDArray[np.int32], found: Table) -> Numbers:
    """What a table says of some of the rows, risk by risk."""
    return logits(*_known(rows.texts, found.grams), some, found.weights.astype(np.float32), found.biases)


def unfitted(rows: Rows) -> Numbers:
    """What the n-grams say of every row, each by a table fitted on the others."""
    found = np.zeros(rows.risks.shape)
    for fold in range(FOLDS):
        ids = np.arange(len(found), dtype=np.int32)
        held = ids[ids % FOLDS == fold]
        found[held] = odds(rows, held, table(rows, ids[ids % FOLDS != fold]))
    return found


def rules(written: str) -> list[list[bool]]:
    """Per risk which rules hold of anybody, hold of the grieved, and are silenced."""
    phrases = dangers.hear(texts.read(written))
    ruled = evidence.ruled(phrases, *(dangers.risks(phrases, grief) for grief in (CALM, GRIEVED)))
    return [[name in names for names in ruled] for name in RISKS]


def regression(columns: Numbers, true: NDArray[np.bool_]) -> Numbers:
    """Logistic regression with a ridge, by Newton's method; the last column is one."""
    found = np.zeros(columns.shape[1])
    ridge = RIDGE * np.eye(len(found))
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-columns @ found))
        bend = (columns.T * (chance * (1 - chance))) @ columns + ridge
        found += np.linalg.solve(bend, columns.T @ (true - chance) - ridge @ found)
    return found


def make(folder: Path, target: Path = FILE) -> None:
    """Fit and write the file; the same bytes from the same data."""
    messages = data.own(set_aside=False)
    found = gathered(folder, messages)
    unseen = {message.text for message in data.own(set_aside=False, files=data.UNSEEN)}
    judges = np.array([number for number, message in enumerate(messages) if message.text in unseen])
    said = unfitted(found)[judges]
    ruled = np.array([rules(messages[number].text) for number in judges], float)
    whole = table(found, np.arange(len(found.risks), dtype=np.int32))
    weights, figures = np.zeros(whole.weights.shape), []
    right = np.zeros((len(judges), len(RISKS)), bool)
    for at in range(len(RISKS)):
        columns = np.column_stack([said, ruled[:, at, :2], np.ones(len(judges))])
        true = found.risks[judges, at]
        right[:, at] = _left_out(columns, true) > CAUTION + ALONE * (1 - ruled[:, at, 1])
        right[:, at] &= ruled[:, at, 2] == 0
        fitted = regression(columns, true)
        words, added, first = fitted[: len(RISKS)], fitted[len(RISKS) : -1], fitted[-1]
        weights[:, at] = whole.weights @ words
        figures.append((first + whole.biases @ words - CAUTION, *added))
    target.write_bytes(packed(whole.grams, weights, figures))
    both, true = right & found.risks[judges], found.risks[judges]
    print(f"{target.name}: left out, recall {both.sum() / true.sum():.3f} precision {both.sum() / right.sum():.3f}")


def _left_out(columns: Numbers, true: NDArray[np.bool_]) -> Numbers:
    """The log-odds of rows by a regression on the others."""
    found = np.zeros(len(true))
    fold = np.arange(len(true)) % FOLDS
    for each in range(FOLDS):
        found[fold == each] = columns[fold == each] @ regression(columns[fold != each], true[fold != each])
    return found


def packed(grams: NDArray[np.uint32], weights: Numbers, figures: list[tuple[float, ...]]) -> bytes:
    """The file: each risk's column scaled to a byte by its greatest weight."""
    slots = np.zeros(SLOTS, "<u2")
    slots[grams % SLOTS] = np.arange(len(grams))
    scales = np.abs(weights).max(axis=0) / (ZERO - 1)
    rows = (np.rint(weights / scales).astype(np.int64) + ZERO).astype(np.uint8)
    numbers = (FIGURES.pack(scale, *some) for scale, some in zip(scales, figures, strict=True))
    return b"".join(
        (HEADER.pack(MARK, len(grams)), *numbers, slots.tobytes(), grams.astype("<u4").tobytes(), rows.tobytes())
    )


if __name__ == "__main__":
    make(Path(sys.argv[1]))
