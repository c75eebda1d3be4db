"""The indexes of phrases that ship, from the lists in `risks/`: `python -m infra.judge.phrases`.

A list is a group's name with a colon on a line of its own, then its phrases between commas. What begins a rule or a
signal, or silences others, is looked for in every message; what those need or fear has a file of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from operator import add
from pathlib import Path

from heed.judge import text as texts
from heed.judge.dangers import ALARMING, COMPANY
from heed.judge.phrases import Index, Row, index
from heed.judge.risks import HARMLESS, RULES
from heed.model import SignalName
from infra.judge.data import own

LISTS = Path(__file__).with_name("risks")


def rows(folder: Path = LISTS) -> Iterator[Row]:
    """Every phrase with its group. Raises ValueError on one that no message could hold, or that stands there twice."""
    for path in sorted(folder.glob("*.txt")):
        known: set[Row] = set()
        for group, phrase in listed(path.read_text("utf-8")):
            bare = phrase.replace("~", "").rstrip("*")
            if texts.read(bare).plain != bare:
                raise ValueError(f"{path.name}: {phrase!r} is not how messages are read")
            if (group, phrase) in known:
                raise ValueError(f"{path.name}: {phrase!r} stands twice in {group}")
            known.add((group, phrase))
            yield group, phrase


def listed(written: str) -> Iterator[Row]:
    """The phrases of a file of lists, each after its group."""
    group = ""
    for line in written.splitlines():
        if line.startswith(" "):
            yield from ((group, phrase) for phrase in line.strip().rstrip(",").split(", "))
        elif line and not line.startswith("#"):
            group = line.rstrip(":")


def built() -> dict[Path, bytes]:
    """The files and what is in them."""
    first = {rule.groups[0] for rule in RULES} | set(SignalName) | {HARMLESS}
    found, common = sorted(set(rows())), _common()
    return {
        ALARMING: _file(index((row for row in found if row[0] in first), common)),
        COMPANY: _file(index((row for row in found if row[0] not in first), common)),
    }


def _file(entries: Index) -> bytes:
    return b"\n".join((" ".join(entries).encode(), *entries.values()))


def _common() -> Counter[str]:
    """How often words, the beginnings of words, characters and pairs of them are met in our own messages."""
    counts: Counter[str] = Counter()
    for message in own(set_aside=False):
        plain = texts.read(message.text).plain
        words = "".join(letter if _latin(letter) else " " for letter in plain)
        counts.update(
            {*plain, *words.split(), *[f"{word[:3]}*" for word in words.split()], *map(add, plain, plain[1:])}
        )
    return counts


def _latin(letter: str) -> bool:
    return (letter.isascii() and letter.isalnum()) or letter == "'"


if __name__ == "__main__":
    for path, data in built().items():
        path.write_bytes(data)
    print(f"{len(set(rows()))} phrases")
