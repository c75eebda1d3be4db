"""Trains the language table: `python -m infra.judge.language DATA` writes `language.bin` and prints how good it is.

A softmax regression for every script that several languages share, over the features that
`heed.judge.language.starts` finds at run time, trained with Adagrad and averaged over its later steps, then brought
to 8 bits. The same data, seed and NumPy give the same bytes. Rows of `restricted/` are not read.
"""

from __future__ import annotations

import random
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from heed.judge import language
from infra.judge.language_data import LANGUAGE_SOURCES, SAME, Row, dev_rows, plain, train_rows
from infra.judge.language_forms import forms

CORE = tuple("zh ja ko en es pt fr de it nl ru uk pl tr ar he fa hi th vi id ms".split())  # noqa: SIM905
"""The languages that must be right; the others of the data are told apart where these do not suffer."""

_LATIN = "en es fr pt de it nl pl tr vi id ms hi ca ro da nb sv fi cs sk hu hr sl lt lv et sq sw tl af az is und"
_UNTOLD = "eu eo ga cy la so yo zu xh st tn ts sn lg mi"  # of Latin script, answered by `und`
_CYRILLIC, _ARABIC = "ru uk be bg sr mk kk mn", "ar fa ur und"  # an even number: columns are added up in pairs
_GROUPS = {
    "latin": (_LATIN.split(), 1 << 15),
    "cyrillic": (_CYRILLIC.split(), 1 << 13),
    "arabic": (_ARABIC.split(), 1 << 13),
    "devanagari": (["hi", "mr"], 1 << 13),
}
_SEED = 5
_EPOCHS, _BATCH, _RATE = 4, 512, 0.15
_CORE_WEIGHT, _OTHERS_BEHIND = 4.0, 1.0  # others must be ahead by this many nats
_WINDOWS = 3  # fragments of a longer text that are trained on beside it
_WITHOUT_MARKS = 0.15  # share of texts trained on once more as if typed without accents
_GIBBERISH = 3_000
_KEPT_EVERY = 20  # steps between the weights that are averaged
_FLAT = str.maketrans("ıłđøæœßð", "ildoaosd")


class Example(NamedTuple):
    """Words as the table sees them, their language, and the source, which shares its weight among its examples."""

    words: str
    code: str
    source: str


class Linear(NamedTuple):
    """`weights` float32 (rows, languages), `biases` float32 (languages,)."""

    weights: np.ndarray
    biases: np.ndarray


def train(data_dir: Path, out_dir: Path) -> Path:
    """Write `language.bin` to out_dir from the training rows of `open` and `unspecified` in data_dir; its path."""
    rows = train_rows(data_dir)
    head, body = [], []
    for name, (codes, size) in _GROUPS.items():
        linear = _calibrated(_fitted(examples(rows, name, codes), codes, size), name, codes, data_dir)
        scale = float(np.abs(linear.weights).max()) / 127  # nothing is clipped
        biases = np.rint(linear.biases / scale).astype(int)
        told = [f"{code}:{bias}" for code, bias in zip(codes, biases, strict=True)]
        head.append(" ".join([name, str(size), f"{scale:.6g}", *told]))
        small = (np.rint(linear.weights / scale) + 128).astype(np.uint8)
        body.append(small.tobytes())
    path = out_dir / Path(language.TABLE).name
    path.write_bytes("\n".join(head).encode("ascii") + b"\n\n" + b"".join(body) + forms(rows))
    return path


def examples(rows: Iterable[Row], name: str, codes: list[str]) -> list[Example]:
    """What a group is trained on: texts, fragments of them, some without accents; for Latin script gibberish too."""
    rng = random.Random(_SEED)  # noqa: S311 - repeatable, not secret
    found = [example for row in rows for example in _of_row(row, name, codes, rng)]
    if name == "latin":
        found = _without_english(found) + list(_gibberish(rng))
    return found


def _of_row(row: Row, name: str, codes: list[str], rng: random.Random) -> Iterator[Example]:
    code = language.UNKNOWN if name == "latin" and row.code in _UNTOLD.split() else SAME.get(row.code, row.code)
    words = words_of(row.text, name)
    if code not in codes or not _mostly(words, row.text):
        return
    source = row.source if row.source in LANGUAGE_SOURCES else "messages"
    yield Example(words, code, source)
    listed = words.split()
    if source not in ("lingua_word", "lingua_wordpair") and len(listed) > 3:
        for _ in range(_WINDOWS):
            size = rng.choice((2, 2, 3, 4, 6))
            start = rng.randrange(max(1, len(listed) - size + 1))
            yield Example(" ".join(listed[start : start + size]), code, source + " fragments")
    if name == "latin" and code != "en" and rng.random() < _WITHOUT_MARKS and not words.isascii():
        yield Example(without_marks(words), code, source + " without marks")


def words_of(text: str, name: str) -> str:
    """The words of a script as `language.detect` brings them to `language.starts`."""
    return language.words_of(re.sub(language._LINK, " ", plain(text)), name)


def _mostly(words: str, text: str) -> bool:
    """Whether the text is written in the script, not quoting it."""
    letters = sum(character.isalpha() for character in plain(text)[: language._LETTERS])
    return bool(words) and 2 * sum(character != " " for character in words) >= letters


def without_marks(words: str) -> str:
    bare = "".join(letter for letter in unicodedata.normalize("NFD", words) if not unicodedata.combining(letter))
    return bare.translate(_FLAT)


def _without_english(found: list[Example]) -> list[Example]:
    """Tweets from India labelled Hindi are largely English: only what is not is an example of romanised Hindi."""
    common = Counter(word for example in found if example.code == "en" for word in set(example.words.split()))
    return [example for example in found if example.code != "hi" or not _is_english(example.words, common)]


def _is_english(words: str, common: Counter[str]) -> bool:
    return sum(common[word] > 2 for word in words.split()) >= 0.6 * (1 + words.count(" "))


def _gibberish(rng: random.Random) -> Iterator[Example]:
    """Letters at random and along the keyboard's rows, as product codes, passwords and cats type them."""
    keys = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for _ in range(_GIBBERISH):
        words = []
        for _ in range(rng.choice((1, 1, 2, 3))):
            if rng.random() < 0.7:
                words.append("".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randrange(3, 10))))
            else:
                words.append("".join(rng.choices(rng.choice(keys), k=rng.randrange(4, 10))))
        yield Example(" ".join(words), language.UNKNOWN, "gibberish")


def _fitted(found: list[Example], codes: list[str], size: int) -> Linear:
    gold = np.array([codes.index(example.code) for example in found])
    share = _shares(found, gold, codes)
    features = [np.array(language.starts(example.words, size), np.int64) for example in found]
    rng = np.random.default_rng(_SEED)
    weights, biases = np.zeros((size, len(codes)), np.float32), np.zeros(len(codes), np.float32)
    squares = np.full((size, 1), 1e-3, np.float32)
    mean_weights, mean_biases, kept = np.zeros_like(weights), np.zeros_like(biases), 0
    for step, batch in enumerate(_batches(rng, len(found))):
        touched, slope, bias_slope = _slopes([features[at] for at in batch], gold[batch], share[batch], weights, biases)
        squares[touched] += (slope * slope).mean(1, keepdims=True) * _BATCH
        weights[touched] -= _RATE * slope * np.sqrt(_BATCH / squares[touched])
        biases -= _RATE * bias_slope
        if step * _BATCH >= len(found) and step % _KEPT_EVERY == 0:
            mean_weights += weights
            mean_biases += biases
            kept += 1
    return Linear(mean_weights / kept, mean_biases / kept)


def _batches(rng: np.random.Generator, count: int) -> Iterator[np.ndarray]:
    for _ in range(_EPOCHS):
        order = rng.permutation(count)
        yield from (order[start : start + _BATCH] for start in range(0, count, _BATCH))


def _shares(found: list[Example], gold: np.ndarray, codes: list[str]) -> np.ndarray:
    """What an example counts: sources by the root of their size, languages alike, the core languages more."""
    sizes = Counter((example.code, example.source) for example in found)
    share = np.array([sizes[example.code, example.source] ** -0.5 for example in found])
    share /= np.bincount(gold, share, len(codes))[gold]
    share *= len(found) / share.sum()
    return (share * np.where(np.isin(codes, CORE), _CORE_WEIGHT, 1.0)[gold]).astype(np.float32)


def _slopes(
    features: list[np.ndarray], gold: np.ndarray, share: np.ndarray, weights: np.ndarray, biases: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows a batch touches, their slopes (rows, languages), the biases' slopes."""
    sizes = np.array([len(one) for one in features])
    flat, owner = np.concatenate(features), np.repeat(np.arange(len(features)), sizes)
    scores = np.add.reduceat(weights[flat], np.cumsum(sizes) - sizes, axis=0) + biases
    scores = np.exp(scores - scores.max(1, keepdims=True))
    error = scores / scores.sum(1, keepdims=True)
    error[np.arange(len(gold)), gold] -= 1
    error *= share[:, None] / _BATCH
    order = np.argsort(flat, kind="stable")
    touched, starts = np.unique(flat[order], return_index=True)
    return touched, np.add.reduceat(error[owner[order]], starts, axis=0), error.sum(0)


def _calibrated(linear: Linear, name: str, codes: list[str], data_dir: Path) -> Linear:
    """Divided by the temperature under which dev's labels are likeliest; languages beyond the core set back."""
    behind = np.where(np.isin(codes, CORE), 0, _OTHERS_BEHIND).astype(np.float32)
    known = [row for row in dev_rows(data_dir) if row.code in codes and row.code in CORE]
    told = [(words_of(row.text, name), row.code) for row in known if _mostly(words_of(row.text, name), row.text)]
    rows = [language.starts(words, len(linear.weights)) for words, _ in told]
    scores = np.stack([linear.weights[row].sum(0) for row in rows]) + linear.biases - behind
    gold = np.array([codes.index(code) for _, code in told])
    best = min(np.arange(0.6, 3.0, 0.05), key=lambda warmth: _surprise(scores / warmth, gold))
    return Linear(linear.weights / best, (linear.biases - behind) / best)


def _surprise(scores: np.ndarray, gold: np.ndarray) -> float:
    top = scores.max(1)
    return float(np.mean(np.log(np.exp(scores - top[:, None]).sum(1)) + top - scores[np.arange(len(gold)), gold]))


if __name__ == "__main__":
    from infra.judge.language_figures import report

    train(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(language.TABLE).parent)
    print(report(Path(sys.argv[1])))
