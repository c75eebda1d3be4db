"""Text on a terminal: widths as it draws them, tables, boxes, spans of time in words, colours where there is a tty."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TextIO

from heed.announcing.wire import one_line
from heed.announcing.words import split

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}
_PRIORITIES = {"P1": "red", "P2": "yellow"}
_CUT = "…"
_GAP = "  "


def width(text: str) -> int:
    """Columns a terminal gives this text: two for a wide character, none for a combining mark (UAX #11)."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def fit(text: str, columns: int) -> str:
    """Text that somebody else wrote, as one line of at most `columns`, without anything that moves the cursor."""
    line = one_line(text, 4 * columns + 4)
    if width(line) <= columns:
        return line
    kept = ""
    for char in line:
        if width(kept + char) >= columns:
            break
        kept += char
    return kept.rstrip() + _CUT


def pad(text: str, columns: int) -> str:
    return text + " " * max(columns - width(text), 0)


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table, every column as wide as its widest cell."""
    lines = [tuple(headers), *map(tuple, rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(headers))]
    return [_GAP.join(map(pad, line, widths)).rstrip() for line in lines]


def box(title: str, lines: Iterable[str], columns: int = 76) -> list[str]:
    """Lines in a frame, at least as wide as its title. A line too long is broken, not cut: people act on it."""
    columns = max(columns, min(width(title), 2 * columns) + 6)
    inner = columns - 4
    body = [part for line in lines for part in wrap(line, inner)]
    head = f"─ {fit(title, inner - 2)} "
    return [
        f"┌{head}{'─' * (columns - 2 - width(head))}┐",
        *(f"│ {pad(line, inner)} │" for line in body),
        f"└{'─' * (columns - 2)}┘",
    ]


def wrap(line: str, columns: int) -> list[str]:
    """A line in parts of at most `columns`, broken at a space if there is one in reach."""
    parts, current = [], ""
    for char in line:
        if width(current + char) > columns:
            head, space, tail = current.rpartition(" ")
            parts.append(head if space and head.strip() else current)
            current = tail if space and head.strip() else ""
        current += char
    return [*parts, current]


def spell(seconds: float) -> str:
    """A span of time in its two largest units: `2 min 05 s`; under a second `0.4 s`."""
    parts = split(seconds, days=True)
    return " ".join(f"{number} {unit}" for number, unit in parts) or f"{max(seconds, 0):.1f} s"


def until(at: datetime, now: datetime) -> str:
    """A deadline as seen from now: `in 4 min`, or `2 min 05 s late`."""
    seconds = (at - now).total_seconds()
    return f"in {spell(seconds)}" if seconds >= 0 else f"{spell(-seconds)} late"


def clock_time(at: datetime) -> str:
    """The time of day where this terminal is."""
    return f"{at.astimezone():%H:%M:%S}"


class Screen:
    """Where lines go: plain into a file or pipe, coloured on a terminal unless NO_COLOR asks for none."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self.colours = self._out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def show(self, *lines: str) -> None:
        for line in lines:
            print(line, file=self._out, flush=True)

    def paint(self, text: str, *styles: str) -> str:
        codes = ";".join(_STYLES[style] for style in styles)
        return f"\033[{codes}m{text}\033[0m" if self.colours and codes else text

    def priority(self, priority: str) -> str:
        style = _PRIORITIES.get(priority)
        return self.paint(priority, "bold", style) if style else priority
