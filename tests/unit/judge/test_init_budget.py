"""What getting ready costs a cold start, in instructions, which repeat exactly where milliseconds do not."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LAYER = Path(__file__).parents[3] / "layers" / "heed"
IMPORTED = (
    "import gc; gc.disable(); import json, logging, decimal, traceback, re, http.client, typing, pathlib, heed.model"
)
"""What AWS's runtime and every function of Heed have imported without the judge.

The garbage collector is off: when it runs, and for 10 M instructions, depends on what else was loaded before.
"""

COSTS = {
    "import": ("from heed import judge", 40_000_000),
    "tables": ("from heed import judge; judge.ready()", 64_000_000),
}
"""Millions to import it, and with it the weights, languages and phrases read for the first message."""


def instructions(code: str, compiled: Path) -> int:
    """Those of a fresh interpreter that runs `code` with bytecode at hand."""
    environment = {"PYTHONPATH": str(LAYER), "PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": str(compiled)}
    command = [sys.executable, "-c", code]
    subprocess.run(command, env=environment, check=True)
    count = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    done = subprocess.run([*count, *command], env=environment, capture_output=True, text=True, check=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found is not None, done.stderr
    return int(found[1])


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="counting instructions needs valgrind")
def test_starting_up_keeps_within_its_budget(tmp_path: Path) -> None:
    floor = instructions(IMPORTED, tmp_path)
    for code, most in COSTS.values():
        assert instructions(f"{IMPORTED}; {code}", tmp_path) - floor <= most
