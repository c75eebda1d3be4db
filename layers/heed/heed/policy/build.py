"""The policy file, checked and compiled at build time.

    python -m heed.policy.build --check policy.yaml     names the line of every mistake; exit 1 if there is one
                                                        and warns of holidays that are not known yet
    python -m heed.policy.build policy.yaml OUTDIR      writes OUTDIR/heed_policy.py, a literal for `heed.policy.load`

The same meaning gives the same bytes: neither comments nor the order of names change the compiled policy's version.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from heed.policy import ELAPSED, FORESIGHT, load
from heed.policy.escalation import EscalationEntry
from heed.policy.file import PolicyFile, TargetEntry
from heed.policy.source import Invalid, Problem, Source, quoted, where
from heed.policy.values import Wrong

MODULE = "heed_policy.py"

_SHAPES = {
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping of names to values",
    "list_type": "must be a list, such as [a, b]",
    "string_type": "must be text, not a list or a mapping",
    "too_short": "must hold at least one entry",
    "too_long": "must hold at most {max_length} entries",
}


def compile_policy(text: str) -> dict[str, Any]:
    """The compiled literal of a policy file's text, as `heed.policy.load` reads it. Raises Invalid."""
    source = Source(text)
    sections = {
        "brand": "brands",
        "team": "teams",
        "calendar": "calendars",
        "channel": "channels",
        "roster": "rosters",
    }
    names = {noun: tuple(_mapping(source.tree.get(section))) for noun, section in sections.items()}
    try:
        policy = PolicyFile.model_validate(source.tree, context=names)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise Invalid(source.problems + [_problem(source, detail) for detail in details]) from None
    if source.problems:
        raise Invalid(source.problems)
    content = json.dumps(_compiled(policy), sort_keys=True, separators=(",", ":"))
    version = hashlib.sha256(content.encode()).hexdigest()[:12]
    return {"version": version, **json.loads(content)}


def module_text(compiled: dict[str, Any]) -> str:
    """The compiled policy as a Python module: one literal, in ASCII, which imports nothing."""
    return f'"""Compiled by heed.policy.build; change policy.yaml instead."""\n\nPOLICY = {compiled!a}\n'


def warnings(text: str, compiled: dict[str, Any], now: datetime) -> list[Problem]:
    """Calendars of a valid file that do not know the public holidays of the time ahead, each at its line."""
    source, policy = Source(text), load(compiled)
    found = []
    for name in policy.uncertain(now):
        path = ("calendars", name, "years")
        last = (now + FORESIGHT).date()
        sentence = f"warning: does not know all public holidays until {last}, so the plain week stands in for them"
        hint = f"`heed calendar import COUNTRY {last.year} --calendar {name}` adds them once they are published"
        found.append(Problem(source.line(path), where(path), f"{sentence}; {hint}"))
    return sorted(found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check or build; 0 when the file is valid, 1 when it is not or cannot be read. Mistakes go to standard error."""
    parser = argparse.ArgumentParser(prog="python -m heed.policy.build", description="Check or compile a policy file.")
    parser.add_argument("file", type=Path, help="the policy file")
    parser.add_argument("outdir", type=Path, nargs="?", help=f"where to write {MODULE}")
    parser.add_argument("--check", action="store_true", help="only check; write nothing")
    options = parser.parse_args(arguments)
    if options.check == (options.outdir is not None):
        parser.error("give either --check or OUTDIR")
    try:
        text = _read(options.file)
        compiled = compile_policy(text)
    except Invalid as error:
        print("\n".join(f"{options.file}:{problem}" for problem in error.problems), file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{options.file}: {error.strerror}", file=sys.stderr)
        return 1
    if options.outdir:
        options.outdir.mkdir(parents=True, exist_ok=True)
        (options.outdir / MODULE).write_text(module_text(compiled), encoding="ascii")
    for warning in warnings(text, compiled, datetime.now(UTC)):
        print(f"{options.file}:{warning}")
    print(f"{options.file}: valid, version {compiled['version']}, {len(compiled['channels'])} channels")
    return 0


def _read(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Invalid([Problem(line, "", "the file is not UTF-8 text")]) from None


def _compiled(policy: PolicyFile) -> dict[str, Any]:
    """The shape that `heed.policy.load` reads."""
    people = policy.people.model_dump()
    return {
        "brands": {name: brand.name for name, brand in policy.brands.items()},
        "teams": {name: team.model_dump(exclude_none=True) for name, team in policy.teams.items()},
        "calendars": {name: opening.compiled() for name, opening in policy.calendars.items()},
        "channels": {name: channel.model_dump() for name, channel in policy.channels.items()},
        "priorities": [rule.model_dump(exclude_none=True) for rule in policy.priorities],
        "routing": [rule.model_dump(exclude_none=True) for rule in policy.routing],
        "targets": {
            priority: {
                metric: {
                    "seconds": target.within,
                    "calendar": target.calendar,
                    "warn_share": _warn_share(target, policy),
                }
                for metric, target in targets.items()
            }
            for priority, targets in policy.targets.items()
        },
        "people": {"contacted_again_seconds": people.pop("contacted_again_after"), **people},
        "reopen_window_seconds": policy.reopen_within,
        "retention_days": policy.keep_days,
        "quarantine_days": policy.keep_quarantine_days,
        "excerpt_characters": policy.excerpt_characters,
        "reply_windows": _windows(policy),
        "chains": _chains(policy.escalation),
        "rosters": {name: roster.compiled() for name, roster in policy.rosters.items()},
        "noise": policy.noise.compiled(),
        "words": {language: words.compiled() for language, words in policy.words.items()},
        "pausing": policy.resolution_pauses_in,
        "contained_after_seconds": policy.contained_after,
    }


def _windows(policy: PolicyFile) -> dict[str, Any]:
    return {
        platform: {
            surface: {"seconds": seconds, "calendar": ELAPSED, "warn_share": policy.warn_at_share}
            for surface, seconds in windows.items()
        }
        for platform, windows in policy.reply_windows.items()
    }


def _warn_share(target: TargetEntry, policy: PolicyFile) -> float:
    """A warning some open time before the deadline is one at the share of the promise that is spent by then."""
    if target.warn_before is None:
        return policy.warn_at_share
    return 1 - target.warn_before / target.within


def _chains(escalation: EscalationEntry) -> dict[str, Any]:
    return {
        priority: {
            "levels": [{"after_seconds": level.after, **level.to.model_dump()} for level in levels],
            "acknowledged_seconds": escalation.acknowledged_for,
        }
        for priority, levels in escalation.levels.items()
    }


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _problem(source: Source, detail: ErrorDetails) -> Problem:
    """One of pydantic's findings as a line, a place and a sentence that says what would be right."""
    path, context, kind = detail["loc"], detail.get("ctx", {}), detail["type"]
    if path and path[-1] == "[key]":
        path = path[:-1]
    if kind == "value_error":
        wrong: Wrong = context["error"]
        path, sentence = (*path, *wrong.under), str(wrong)
    elif kind == "missing":
        sentence = "is missing"
    elif kind == "extra_forbidden":
        allowed = tuple(_keys(path[:-1]))
        near = get_close_matches(str(path[-1])[:60], allowed, n=1)
        hint = f"did you mean {quoted(near[0])}? " if near else ""
        sentence = f"is not known here; {hint}choose from {', '.join(allowed)}"
    else:
        sentence = _SHAPES[kind].format(**context)
    return Problem(source.line(path), where(path), sentence)


def _keys(path: tuple[str | int, ...]) -> Iterator[str]:
    """The keys the schema knows at a place."""
    here: Any = PolicyFile
    for part in path:
        section = isinstance(here, type) and issubclass(here, BaseModel)
        here = _field(here, part).annotation if section else get_args(here)[-1]
        here = next((kind for kind in get_args(here) if NoneType in get_args(here) and kind is not NoneType), here)
    yield from (field.alias or name for name, field in here.model_fields.items())


def _field(section: type[BaseModel], key: str | int) -> FieldInfo:
    return next(field for name, field in section.model_fields.items() if key == (field.alias or name))


if __name__ == "__main__":
    raise SystemExit(main())
