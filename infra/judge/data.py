"""What the judge is trained and measured on: public corpora from a folder, and our own messages beside this file.

A corpus file is `<class>/<task>.<train|dev>.jsonl.gz` with one {"text", "lang", "source", "task", "label"} a line; the
class is what its licence allows. Only `open` and `unspecified` train a model that ships; `restricted` is measured.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from infra.heedctl.labelled import read

MESSAGES = Path(__file__).parent / "messages"
LEXICON = Path(__file__).with_name("lexicon.tsv")
SHIPPABLE = ("open", "unspecified")
CLASSES = (*SHIPPABLE, "restricted")
UNSEEN = tuple(f"*-{writer}.tsv" for writer in ("danger", "wrong", "people", "screens", "outings", "homes"))
"""Messages by independent writers, which the rules were not written beside."""

ASIDE_OF = 3
"""One in three of our own messages is set aside: never trained on, never looked at."""

# The corpora's names for tasks and labels, by ours.
TASKS = {
    "kind": "kind",
    "sentiment": "sentiment",
    "topic": "topic",
    "risk_abuse": "abuse",
    "risk_self_harm": "self_harm",
    "scam": "scam",
}
LABELS = {
    "kind": ("complaint", "question", "request", "suggestion", "praise", "irrelevant"),
    "sentiment": ("negative", "neutral", "positive"),
    "topic": (
        "delivery",
        "payment_refund",
        "product_quality",
        "technical",
        "account_security",
        "service_attitude",
        "price",
        "other",
    ),
}
"""The labels of the heads with more than one; the others answer yes or no, 1 or 0."""
YES = ("abuse", "self_harm", "scam")


def labels(head: str) -> tuple[str, ...]:
    """A head's labels by number."""
    return LABELS.get(head, ("no", "yes"))


class Row(NamedTuple):
    """One text with its label for one head: an index into LABELS[head], or 1 and 0 for yes and no."""

    text: str
    language: str
    source: str
    head: str
    label: int


class Message(NamedTuple):
    """One of our own messages, as its file has it."""

    language: str
    kind: str
    sentiment: str
    topic: str
    risks: frozenset[str]
    near: str
    text: str


def corpus(folder: Path, split: str, classes: tuple[str, ...] = SHIPPABLE) -> Iterator[Row]:
    """Every labelled row of the heads, in a fixed order."""
    for licence in classes:
        for task, head in TASKS.items():
            path = folder / licence / f"{task}.{split}.jsonl.gz"
            if path.exists():
                yield from _rows(path, head)


def _rows(path: Path, head: str) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            label = LABELS[head].index(row["label"]) if head in LABELS else int(row["label"] in YES)
            yield Row(row["text"], row["lang"], row["source"], head, label)


def aside(text: str) -> bool:
    """Whether a message of our own is set aside: SHA-256 of its letters and digits, in one form, divisible by three."""
    plain = unicodedata.normalize("NFKC", text).lower()
    letters = "".join(character for character in plain if character.isalnum()) or plain
    return int.from_bytes(hashlib.sha256(letters.encode("utf-8", "surrogatepass")).digest()) % ASIDE_OF == 0


def own(set_aside: bool, folder: Path = MESSAGES, files: tuple[str, ...] = ("*.tsv",)) -> list[Message]:
    """Our own messages: those set aside, or the others."""
    found: dict[str, Message] = {}
    for path in sorted(path for pattern in files for path in folder.glob(pattern)):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                risks = frozenset(row["risks"].split(",")) - {"-"}
                message = Message(
                    path.name[:2], row["kind"], row["sentiment"], row["topic"], risks, row["near"], row["text"]
                )
                if aside(message.text) is set_aside:
                    found.setdefault(message.text, message)
    return list(found.values())


def as_rows(messages: list[Message]) -> Iterator[Row]:
    """Our own messages as rows: source `own_zh` or `own_en`."""
    for message in messages:
        source = f"own_{message.language}"
        for head in LABELS:
            yield Row(message.text, message.language, source, head, LABELS[head].index(getattr(message, head)))
        for head in YES:
            yield Row(message.text, message.language, source, head, int(head in message.risks))


def brand(path: Path) -> Iterator[Row]:
    """A brand's own export as rows: source `brand`. Raises Unreadable naming the lines that are none, and OSError.

    Where risks are given, those that are not among them are answered no.
    """
    for message in read(path):
        language = message.language or "und"
        for head, label in message.fields.items():
            yield Row(message.text, language, "brand", head, LABELS[head].index(label))
        if message.risks is not None:
            for head in YES:
                yield Row(message.text, language, "brand", head, int(head in message.risks))


def lexicon(path: Path = LEXICON) -> Iterator[Row]:
    """Our own word lists: each phrase a text by itself, source `lexicon`."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            for phrase in row["phrases"].split(", "):
                yield Row(phrase, row["language"], "lexicon", row["head"], labels(row["head"]).index(row["label"]))
