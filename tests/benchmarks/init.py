"""What each function's start costs, in instructions: part of `make bench`, held by `test_init_budgets`.

Milliseconds differ from run to run, instructions repeat to a few in ten thousand. valgrind counts them in a fresh
interpreter, on the layers as sam builds them, above what the bare Lambda runtime client itself imports. Beside them
stands `boto3.client("dynamodb")`, what a function of a few lines would pay.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.local import paths
from infra.local.build import build

ROOT = Path(__file__).parents[2]
FAKE = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}
ENVIRONMENT = {
    "TABLE_NAME": "heed",
    "RECOVERY_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/recovery",
    "WECOM_API_URL": "https://qyapi.weixin.qq.com",
    "PULLS_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/pulls",
    "SECRETS_PREFIX": "/heed/channels",
    "HEED_STACK": "heed",
    "LINK_HOURS": "24",
    "PYTHONTZPATH": "/opt/python/tzdata/zoneinfo",
    **dict.fromkeys(
        ("DUE_QUEUE_URL", "ESCALATIONS_QUEUE_URL", "NOTICES_TOPIC_ARN", "CASE_URL", "PAGE_URL", "LINK_KEY"), "https://x"
    ),
}
RUNTIME = "import json, logging, decimal, importlib, traceback, re, http.client"
CORE = f"{RUNTIME}, heed.cases, heed.policy, heed.timeline, heed.platforms, heed.codec"
BARE = "boto3.client('dynamodb')"


@dataclass(frozen=True)
class Start:
    """What starts, the most it may cost in millions of instructions and what issue 6 wants of it."""

    name: str
    code: str
    budget: int | None
    wanted: int | None


# Held a little above what was measured: the brand's policy may grow without asking. The judge is held by its own test.
STARTS = (
    Start(BARE, "import boto3; boto3.client('dynamodb')", None, None),
    Start("core", CORE, 60, 60),
    Start("core and judge", f"{CORE}, heed.judge", 125, 100),
    Start("intake", "import app", 520, 850),
    Start("recover", "import app", 520, 600),
    Start("pull", "import app", 560, 600),
    Start("watch", "import app", 490, 600),
    Start("expire", "import app", 515, 600),
    Start("announce", "import app", 545, 600),
    Start("desk", "import app", 830, 600),
    Start("page", "import app", 510, 600),
)


@dataclass(frozen=True)
class Row:
    """A start as measured, in millions of instructions above the runtime client, and beside a bare boto3 client."""

    name: str
    million_instructions: float
    ratio_to_bare_client: float
    budget: int | None
    wanted: int | None


def built() -> Path:
    """The template as sam builds it for this machine, layers with bytecode."""
    return build(ROOT / "template.yaml", lambda step: print(step, file=sys.stderr))


def can_count() -> bool:
    return shutil.which("valgrind") is not None and paths.SAM.exists()


def instructions(folder: Path, code: str, function: str = "") -> float:
    """Millions of instructions of a fresh interpreter that runs `code` on the built layers."""
    path = [folder / function.capitalize()] if function else []
    path += [folder / layer / "python" for layer in ("Heed", "Vendor", "Policy")]
    # Cachegrind counts what callgrind counts, in half the time.
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    done = subprocess.run(
        [*command, str(paths.FUNCTION_PYTHON), "-c", code],
        env=FAKE | ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    assert found is not None, done.stderr
    return int(found[1].replace(",", "")) / 1e6


def rows(folder: Path, names: frozenset[str] = frozenset()) -> list[Row]:
    """Each start, or those named, with the bare client first."""
    floor = instructions(folder, RUNTIME)
    bare, measured = 0.0, []
    for start in STARTS:
        if names and start.name not in {*names, BARE}:
            continue
        function = start.name if start.code == "import app" else ""
        cost = instructions(folder, start.code, function) - floor
        bare = bare or cost
        measured.append(Row(start.name, round(cost, 1), round(cost / bare, 2), start.budget, start.wanted))
    return measured


def table(found: list[Row]) -> str:
    lines = [f"{'start':26}{'M instr.':>10}{'x bare client':>15}{'held at':>10}{'wanted':>9}"]
    for row in found:
        figures = f"{row.million_instructions:10.1f}{row.ratio_to_bare_client:15.2f}"
        lines.append(f"{row.name:26}{figures}{row.budget or '':>10}{row.wanted or '':>9}")
    return "\n".join(lines)
