"""`heed calendar`: a year's holidays written into the policy, a month drawn, a deadline explained. Needs no stack."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from pathlib import Path
from zoneinfo import TZPATH

from heed.policy.build import compile_policy
from heed.policy.opening import Opening
from heed.policy.source import Invalid, Source
from infra.heedctl.almanac import Span, almanac
from infra.heedctl.month import Shown, due_page, month_page
from infra.heedctl.policy_text import with_year, without_year
from infra.heedctl.screen import Screen
from infra.heedctl.target import Failed

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(frozen=True, slots=True)
class _File:
    """A valid policy file: its text, byte for byte, and its calendars by name."""

    path: Path
    text: str
    calendars: dict[str, Opening]


def _read(path: Path) -> _File:
    try:
        text = path.read_bytes().decode("utf-8")
        return _File(path, text, _calendars(text))
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"{path}: {error}") from None
    except Invalid as error:
        raise Failed("\n".join(f"{path}:{problem}" for problem in error.problems)) from None


def _calendars(text: str) -> dict[str, Opening]:
    compile_policy(text)
    found = Source(text).tree["calendars"]
    return {name: Opening.model_validate(opening) for name, opening in found.items()}


def _chosen(file: _File, name: str) -> Shown:
    if name not in file.calendars:
        raise Failed(f"{file.path.name} has no calendar {name}; choose from {', '.join(file.calendars)}")
    return Shown(name, file.calendars[name])


# -- import


def import_year(options: argparse.Namespace, screen: Screen) -> int:
    file = _read(options.file)
    name = options.calendar or _meant(file, options.place)
    shown = _chosen(file, name)
    if options.remove:
        text, said = without_year(file.text, name, options.year), "without its holidays"
    else:
        found = almanac(options.place, options.year)
        text = with_year(file.text, name, options.year, found.off, found.makeup)
        said = f"{_number(found.off, 'day')} off and {_number(found.makeup, 'make-up workday')}, from {found.source}"
    if text == file.text:
        screen.show(f"{name} is so already: {options.year} {said}")
        return 0
    screen.show(*_diff(file, text, screen))
    _calendars(text)  # what is written is a valid policy
    by_hand = [day for day in shown.opening.days if day.startswith(f"{options.year}-")]
    if by_hand and not options.remove:
        screen.show(f"{len(by_hand)} days of {options.year} stand under `days` of {name}, which decide before these")
    if not options.dry_run:
        _write(file.path, text)
    done = "would be written (--dry-run)" if options.dry_run else "written; check it, then `make check`"
    screen.show(f"{name}: {options.year} {said}: {done}")
    return 0


def _number(spans: Iterable[Span], noun: str) -> str:
    number = sum(1 for span in spans for _ in span.days())
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _write(path: Path, text: str) -> None:
    """All of it or nothing: an interrupted import leaves the file as it was."""
    path = path.resolve()
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(text.encode())
    shutil.copymode(path, beside)
    os.replace(beside, path)


def _diff(file: _File, text: str, screen: Screen) -> Iterator[str]:
    before, after = file.text.splitlines(), text.splitlines()
    for line in unified_diff(before, after, file.path.name, file.path.name, n=2, lineterm=""):
        yield screen.paint(line, _COLOURS[line[0]]) if line[:1] in _COLOURS else line


def _meant(file: _File, place: str) -> str:
    """The only calendar whose zone is the country's, else the only one that is ever closed. Raises Failed."""
    closing = {name: found for name, found in file.calendars.items() if not _never_closed(found)}
    zones = _zones(place.partition("-")[0])
    local = [name for name, found in closing.items() if found.zone in zones]
    candidates = local or list(closing)
    if len(candidates) != 1:
        raise Failed(f"say which calendar with --calendar: {', '.join(candidates or file.calendars)}")
    return candidates[0]


def _never_closed(opening: Opening) -> bool:
    return len(opening.week) == 7 and all(hours == [("00:00", "24:00")] for hours in opening.week.values())


def _zones(country: str) -> set[str]:
    """The IANA zones of a country, as far as this machine's table of them says."""
    table = next((path for path in (Path(root, "zone.tab") for root in TZPATH) if path.is_file()), None)
    rows = [line.split("\t") for line in table.read_text("utf-8").splitlines()] if table else []
    return {row[2] for row in rows if row[0] == country}


# -- show, due


def show(options: argparse.Namespace, screen: Screen) -> int:
    shown = _chosen(_read(options.file), options.name)
    today = datetime.now(shown.zone).date()
    year, month = options.month or (today.year, today.month)
    screen.show(*month_page(shown, year, month, today, screen))
    return 0


def due(options: argparse.Namespace, screen: Screen) -> int:
    shown = _chosen(_read(options.file), options.name)
    start = options.start if options.start.tzinfo else options.start.replace(tzinfo=shown.zone)
    screen.show(*due_page(shown, start, options.within, screen))
    return 0
