"""The rows the language table is made from and measured on: texts whose language is known."""

from __future__ import annotations

import gzip
import json
import random
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SAME = {"bs": "hr", "nn": "nb"}
"""Told as one: written alike, and nobody answers one and not the other."""

_FOLDERS = ("open", "unspecified")
_TASKS = ("sentiment", "risk_abuse", "intent150", "intent77", "kind", "complaint", "spam", "topic")
_MOST = {"id": 2_500, "ms": 2_500}  # rows of a source, where the language is hard to tell from another
_MOST_ELSE = 600
_TWEETS = "umsab"
LANGUAGE_SOURCES = ("lingua_sentence", "lingua_wordpair", "lingua_word", _TWEETS)
_SEED = 1


class Row(NamedTuple):
    """A text in one language (ISO 639-1)."""

    text: str
    code: str
    source: str


def plain(text: str) -> str:
    """Near enough what `heed.judge.text.read` makes of a text, for letters."""
    return unicodedata.normalize("NFKC", text).lower()


def train_rows(data_dir: Path) -> list[Row]:
    """Labelled by language first, then a few of every source of other tasks; no text of dev, none twice."""
    seen = {plain(row.text) for row in _labelled(data_dir, "dev")}
    others = [row for task in _TASKS for row in _others(data_dir, task)]
    random.Random(_SEED).shuffle(others)  # noqa: S311 - repeatable, not secret
    taken: Counter[str] = Counter()
    found = []
    for row in (*_labelled(data_dir, "train"), *others):
        other = row.source not in LANGUAGE_SOURCES
        if plain(row.text) in seen or (other and taken[row.source] >= _MOST.get(row.code, _MOST_ELSE)):
            continue
        seen.add(plain(row.text))
        taken[row.source] += 1
        found.append(row)
    return found


def dev_rows(data_dir: Path) -> list[Row]:
    """Message-length dev rows: sentences, word pairs, tweets; not single words, not the Hindi-English tweets."""
    kept = ("lingua_sentence", "lingua_wordpair", _TWEETS)
    return [row for row in _labelled(data_dir, "dev") if row.source in kept and not is_mixed(row)]


def mixed_dev_rows(data_dir: Path) -> list[Row]:
    """Dev tweets from India, labelled Hindi: romanised Hindi, English, and both in one."""
    return [row for row in _labelled(data_dir, "dev") if is_mixed(row)]


def is_mixed(row: Row) -> bool:
    return row.source == _TWEETS and row.code == "hi"


def chinese_rows(data_dir: Path) -> list[Row]:
    """Dev rows of Chinese customers and posts, for the scripts."""
    return [row for task in ("sentiment", "kind") for row in _rows(data_dir, task, "dev") if row.code == "zh"]


def _labelled(data_dir: Path, split: str) -> Iterator[Row]:
    yield from _rows(data_dir, "language", split)
    yield from (row for row in _rows(data_dir, "sentiment", split) if row.source == _TWEETS)


def _others(data_dir: Path, task: str) -> Iterator[Row]:
    for row in _rows(data_dir, task, "train"):
        if row.source not in LANGUAGE_SOURCES:
            yield row


def _rows(data_dir: Path, task: str, split: str) -> Iterator[Row]:
    for folder in _FOLDERS:
        path = data_dir / folder / f"{task}.{split}.jsonl.gz"
        if path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                for line in lines:
                    fields = json.loads(line)
                    code = fields["label"] if task == "language" else fields["lang"]
                    yield Row(fields["text"], code, fields["source"])
