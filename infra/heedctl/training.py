"""`heed judge train`: the judge's weights again, from the public corpora, our own messages and a brand's."""

from __future__ import annotations

import argparse
import os
import subprocess
from pathlib import Path

from infra.heedctl.screen import Screen
from infra.heedctl.target import Failed

ROOT = Path(__file__).resolve().parents[2]
INTERPRETER = ROOT / ".heed/train/bin/python"
WEIGHTS = ROOT / "layers/heed/heed/judge/weights.bin"
CORPORA = "*/*.train.jsonl.gz"


def train(options: argparse.Namespace, count: int, screen: Screen) -> int:
    """Train in the environment that training has, with its progress shown. Failed says what is missing."""
    if options.data is None:
        options.parser.error("say with --data in which folder the corpora are, as `make train DATA=folder` does")
    if not options.data.is_dir():
        raise Failed(f"{options.data}: no such folder")
    if not any(options.data.glob(CORPORA)):
        raise Failed(f"{options.data} holds no corpora: their files are named {CORPORA}")
    if not INTERPRETER.exists():
        raise Failed("training needs an environment of its own: say `make .heed/train/.installed`")
    weights = (options.out or WEIGHTS).resolve()
    screen.show(f"{count} messages of yours, beside the corpora in {options.data}; it takes minutes")
    arguments = [options.data.resolve(), "--also", options.file.resolve(), "--out", weights]
    command = [str(INTERPRETER), "-m", "infra.judge", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "layers/heed")}
    done = subprocess.run(command, cwd=ROOT, env=environment)  # noqa: S603
    if done.returncode:
        raise Failed(f"training stopped with status {done.returncode}; {weights} is as it was")
    screen.show(*_next(weights, options.file))
    return 0


def _next(weights: Path, labelled: Path) -> tuple[str, ...]:
    if weights != WEIGHTS:
        return (f"next: copy {weights} to {WEIGHTS.relative_to(ROOT)} to use it",)
    return (
        f"next: `heed judge eval` with messages that are not in {labelled.name} says what it is worth,",
        "      `make test` that nothing else broke, `make deploy` takes it into use",
    )
