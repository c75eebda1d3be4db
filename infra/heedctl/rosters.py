"""`heed roster`: who is on call, shift by shift, so that a person can check it. Needs no stack."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from heed.policy import load
from heed.policy.build import compile_policy
from heed.policy.rosters import Roster, Shift, shifts
from heed.policy.source import Invalid
from infra.heedctl.screen import Screen
from infra.heedctl.target import Failed


def show(options: argparse.Namespace, screen: Screen) -> int:
    """List the shifts of the coming weeks."""
    try:
        known = load(compile_policy(options.file.read_text(encoding="utf-8-sig"))).rosters
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"{options.file}: {error}") from None
    except Invalid as error:
        raise Failed("\n".join(f"{options.file}:{problem}" for problem in error.problems)) from None
    if options.name not in known:
        names = ", ".join(known) or "none; see layers/policy/README.md"
        raise Failed(f"{options.file.name} has no roster {options.name}; it has {names}")
    now = datetime.now(UTC)
    screen.show(*roster_page(known[options.name], now, now + timedelta(weeks=options.weeks), screen))
    return 0


def roster_page(roster: Roster, now: datetime, until: datetime, screen: Screen) -> Iterator[str]:
    """A line for each shift from the one at `now` on, in the roster's own time; the first is who is on call now."""
    turns = ", ".join(roster.rotation)
    yield f"{roster.name}: {turns}, a week each, handed over at {roster.handover} in {roster.zone}"
    found = list(shifts(roster, now, until))
    width = max(len(one.who) for one in found)
    for number, one in enumerate(found):
        line = f"  {_local(one.begins_at, roster)} to {_local(one.ends_at, roster)}  {one.who:{width}}"
        styles = ["green"] if number == 0 else []
        yield screen.paint(f"{line}  {_remark(one, number)}".rstrip(), *styles)


def _remark(one: Shift, number: int) -> str:
    remarks = (["now"] if number == 0 else []) + (["override"] if one.override else [])
    return ", ".join(remarks)


def _local(at: datetime, roster: Roster) -> str:
    return f"{at.astimezone(ZoneInfo(roster.zone)):%a %Y-%m-%d %H:%M}"
