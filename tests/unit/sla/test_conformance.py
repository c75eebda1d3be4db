"""The worked cases, and the runner that holds Heed to a file of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import sla_conformance
from tests.unit.sla.worked import CASES, CN

ROOT = Path(__file__).parents[3]
RIGHT = {"id": "right", "calendar": CN, "op": "add", "start": "2026-03-11T10:00", "seconds": 60}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_every_worked_case_comes_out_as_written(case: dict[str, Any]) -> None:
    assert sla_conformance.failure(case) is None


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.sla_conformance", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_runner_counts_what_passed_and_exits_0(tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(CASES))
    ran = _run(str(file))
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"{len(CASES)} passed, 0 failed\n", "")


def test_the_runner_names_each_failure_and_exits_1(tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    wrong = [
        {**RIGHT, "id": "late", "expect": "2026-03-11T10:00:59+08:00"},
        {**RIGHT, "id": "never", "expect": "UNBOUNDED"},
        {**RIGHT, "id": "long", "op": "between", "end": "2026-03-11T11:00", "expect": 3599},
        {**RIGHT, "id": "odd", "op": "subtract", "expect": 0},
        {**RIGHT, "id": "bad", "calendar": {"zone": "Asia/Shanghai", "week": {"mon": [["9", "25:00"]]}}, "expect": ""},
    ]
    file.write_text(json.dumps([{**RIGHT, "expect": "2026-03-11T10:01:00+08:00"}, *wrong]))
    ran = _run(str(file))
    assert ran.returncode == 1
    lines = ran.stdout.splitlines()
    assert lines[0] == "late: expected 2026-03-11T02:00:59+00:00, got 2026-03-11T02:01:00+00:00"
    assert [line.split(":")[0] for line in lines[:-1]] == ["late", "never", "long", "odd", "bad"]
    assert lines[-1] == "1 passed, 5 failed"


@pytest.mark.parametrize("arguments", [[], ["one", "two"], ["/nowhere/cases.json"]])
def test_the_runner_exits_2_without_a_file_it_can_read(arguments: list[str]) -> None:
    assert sla_conformance.main(arguments) == 2
