"""Hold `heed.sla.Calendar` to a file of worked cases: `python -m tests.sla_conformance FILE`.

FILE is a JSON list of cases:

    {"id": "T1",
     "calendar": {"zone": "Asia/Shanghai", "week": {"mon": [["09:00", "18:00"]]}, "days": {"2026-02-17": []}},
     "op": "add", "start": "2026-03-09T10:00:00+08:00", "seconds": 3600, "expect": "2026-03-09T11:00:00+08:00"}
    {"id": "T2", "calendar": {...}, "op": "between", "start": "...", "end": "...", "expect": 3600}

A time without an offset is wall-clock in the calendar's zone. `"expect": "UNBOUNDED"` expects that no open time comes.
Prints each failure and a closing count; exits 1 if anything failed, 2 if the file cannot be read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "layers" / "heed"))

from heed.sla import Calendar, Unbounded  # noqa: E402 - found by the line above, whatever the working directory

UNBOUNDED = "UNBOUNDED"
NEAR_SECONDS = 1e-6


def failure(case: Mapping[str, Any]) -> str | None:
    """What is wrong with the answer to a case, or None if it is right."""
    try:
        expected, actual = _answers(case)
    except Exception as error:  # a case that cannot be read or raises is a failure like any other
        return f"{type(error).__name__}: {error}"
    if isinstance(expected, float) and isinstance(actual, float):
        right = abs(expected - actual) < NEAR_SECONDS
    else:
        right = expected == actual
    return None if right else f"expected {_said(expected)}, got {_said(actual)}"


def _answers(case: Mapping[str, Any]) -> tuple[datetime | float | str, datetime | float | str]:
    """The expected answer and the calendar's own."""
    given = case["calendar"]
    days = {date.fromisoformat(day): hours for day, hours in given.get("days", {}).items()}
    calendar, zone = Calendar(given["zone"], given["week"], days), ZoneInfo(given["zone"])
    start = _time(case["start"], zone)
    if case["op"] == "between":
        return float(case["expect"]), calendar.between(start, _time(case["end"], zone))
    if case["op"] != "add":
        raise ValueError(f"no such op: {case['op']}")
    try:
        actual: datetime | str = calendar.add(start, case["seconds"])
    except Unbounded:
        actual = UNBOUNDED
    return UNBOUNDED if case["expect"] == UNBOUNDED else _time(case["expect"], zone), actual


def _time(text: str, zone: ZoneInfo) -> datetime:
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _said(answer: datetime | float | str) -> str:
    return answer.isoformat() if isinstance(answer, datetime) else str(answer)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m tests.sla_conformance FILE", file=sys.stderr)
        return 2
    try:
        cases = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"cannot read {arguments[0]}: {error}", file=sys.stderr)
        return 2
    failed = 0
    for case in cases:
        if (wrong := failure(case)) is not None:
            failed += 1
            print(f"{case['id']}: {wrong}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
