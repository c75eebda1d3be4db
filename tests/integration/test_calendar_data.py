"""A year whose holidays are missing: watch counts it 60 days ahead, which rings the alarm CalendarDataAlarm."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from heed.rim import runtime


def counted(out: str) -> dict[str, Any]:
    """All metrics of what was printed."""
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return {name: value for line in lines if "_aws" in line for name, value in line.items()}


@pytest.mark.parametrize(("now", "missing"), [("2026-11-01T15:59", None), ("2026-11-01T16:00", [1])])
def test_each_sweep_counts_the_calendars_that_lack_a_year(
    monkeypatch: pytest.MonkeyPatch,
    load_function: Callable[[str], ModuleType],
    context: SimpleNamespace,
    capsys: pytest.CaptureFixture[str],
    now: str,
    missing: list[int] | None,
) -> None:
    watch = load_function("watch")
    monkeypatch.setattr(runtime, "now", lambda: datetime.fromisoformat(now).replace(tzinfo=UTC))
    watch.handler({}, context)
    metrics = counted(capsys.readouterr().out)
    found = metrics.get("CalendarsUncertainSoon")
    assert metrics["Sweeps"] == [1]
    assert found == missing
