"""`python -m infra.judge DATA`: make the weights that ship again, from the corpora in DATA and our own messages.

And the evidence beside the rules. `--also FILE` trains the weights with a brand's own export too, `--out FILE` writes
them elsewhere.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from heed.judge.weights import FILE
from infra.judge import calibrate, data, evidence, recipe, train
from infra.judge.data import LABELS

SURVEY_EPOCHS = 3


def make(folder: Path, also: Path | None = None, target: Path = FILE) -> None:
    """Train, calibrate and write the file; the same bytes from the same data."""
    said = _clock()
    found = train.rows(folder, also)
    said(f"{len(found):,} rows")
    prepared = train.prepare(found)
    said(f"{len(prepared.texts.starts) - 1:,} texts, {len(prepared.texts.grams):,} n-grams")
    survey = train.fit_all(prepared, train.vocabulary(prepared.texts), SURVEY_EPOCHS, recipe.SEEDS[:1])
    said(f"{len(survey.grams):,} distinct n-grams fitted")
    model = train.fit_all(prepared, train.best_per_place(prepared, survey), recipe.EPOCHS, recipe.SEEDS)
    said(f"{len(model.grams):,} n-grams fitted that have a row")
    model = calibrated(model, folder)
    packed = train.packed(model)
    target.write_bytes(packed)
    said(f"{target.name}: {len(packed):,} bytes, sha256 {hashlib.sha256(packed).hexdigest()[:16]}")


def calibrated(model: train.Model, folder: Path) -> train.Model:
    """The model with its log-odds brought to scale, on dev rows that may ship; yes is above nought."""
    rows = [row for row in data.corpus(folder, "dev") if recipe.trusted(row)]
    prepared = train.prepare(rows, weigh=False)
    every = np.arange(len(prepared.texts.starts) - 1, dtype=np.int32)
    scores = train.scores(prepared.texts, every, model)
    plain = np.unique(np.concatenate([prepared.heads["kind"].text, prepared.heads["sentiment"].text]))
    weights, biases = model.weights.copy(), model.biases.copy()
    for head, start in train.first_columns().items():
        some = prepared.heads[head]
        columns = slice(start, start + train.HEADS[head])
        here = scores[some.text, columns]
        if head in LABELS:
            scale = calibrate.temperature(here, some.label)
            weights[:, columns] /= scale
            biases[columns] /= scale
        else:
            limit = calibrate.threshold(head, here[:, 0], some.label, some.source, scores[plain, start])
            biases[start] -= limit
    return model._replace(weights=weights, biases=biases)


def _clock() -> Callable[[str], None]:
    start = time.monotonic()
    return lambda text: print(f"{time.monotonic() - start:6.0f} s  {text}", flush=True)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="python -m infra.judge")
    asked.add_argument("data", type=Path)
    asked.add_argument("--also", type=Path)
    asked.add_argument("--out", type=Path, default=FILE)
    options = asked.parse_args()
    make(options.data, options.also, options.out)
    if options.also is None:
        evidence.make(options.data)
