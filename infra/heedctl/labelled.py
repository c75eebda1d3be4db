"""A brand's own labelled messages: the export that `heed judge eval` and `heed judge train` read.

Standard library and the model alone: training reads it too, in an environment of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from heed.model import Kind, RiskName, Sentiment, Topic

LABELS: dict[str, tuple[str, ...]] = {"kind": tuple(Kind), "sentiment": tuple(Sentiment), "topic": tuple(Topic)}
_KEYS = ("text", *LABELS, "risks", "language")


class Labelled(NamedTuple):
    """A message that people have labelled; a field they did not label is missing from `fields`, or None."""

    text: str
    language: str | None
    fields: dict[str, str]
    risks: frozenset[str] | None


class Unreadable(Exception):
    """Lines of an export that are none of a labelled message, as sentences."""


def read(path: Path) -> list[Labelled]:
    """The messages of an export, a JSON object a line: {"text", "kind"?, "sentiment"?, "topic"?, "risks"?, "language"?}

    Raises Unreadable naming every line that is none, and OSError.
    """
    messages, wrong = [], []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if line.strip():
            try:
                messages.append(_labelled(json.loads(line)))
            except ValueError as error:
                wrong.append(f"{path}:{number}: {_sentence(error)}")
    if not messages and not wrong:
        wrong.append(f"{path}: holds no messages")
    if wrong:
        raise Unreadable(*wrong)
    return messages


def _sentence(error: ValueError) -> str:
    return "not JSON in UTF-8" if isinstance(error, json.JSONDecodeError | UnicodeDecodeError) else str(error)


def _labelled(entry: object) -> Labelled:
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
        raise ValueError('not an object with a "text"')
    if unknown := sorted(entry.keys() - set(_KEYS)):
        raise ValueError(f"{json.dumps(unknown[0])} is not known here; choose from {', '.join(_KEYS)}")
    fields = {name: _label(name, entry[name], labels) for name, labels in LABELS.items() if entry.get(name) is not None}
    risks = entry.get("risks")
    if risks is not None and not isinstance(risks, list):
        raise ValueError('"risks" must be a list')
    language = entry.get("language")
    if language is not None and not isinstance(language, str):
        raise ValueError('"language" must be text')
    known = None if risks is None else frozenset(_label("risk", risk, tuple(RiskName)) for risk in risks)
    return Labelled(entry["text"], language, fields, known)


def _label(noun: str, value: object, labels: Sequence[str]) -> str:
    if value not in labels:
        raise ValueError(
            f"{json.dumps(value, ensure_ascii=False)[:60]} is not a {noun}; choose from {', '.join(labels)}"
        )
    return str(value)
