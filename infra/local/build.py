"""`sam build` of the template for this machine, kept until something it is made of changes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from infra.local import paths

Progress = Callable[[str], None]
INPUTS = ("functions", "layers")
KEPT_BUILDS = 3
MACHINE = {"PyRuntime": f"python{paths.PYTHON}", "Arch": paths.ARCH}  # what the template calls this machine


class CommandFailed(RuntimeError):
    """A command of sam failed; the message holds the command and what it printed."""


def sam(*arguments: str, cwd: Path, **environment: str) -> str:
    """Run the real sam CLI and return its output; its own settings and telemetry stay out."""
    command = [str(paths.SAM), *arguments]
    env = paths.tool_environment() | environment
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    if done.returncode:
        raise CommandFailed(f"sam {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def inputs(template: Path, policy: Path | None) -> Iterator[Path]:
    yield template
    if policy is not None:
        yield policy
    yield paths.ROOT / "infra/local/cli.txt"
    for name in INPUTS:
        for path in sorted((template.parent / name).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def digest(template: Path, policy: Path | None = None) -> str:
    """One name for everything that goes into a build. Parameters are left to the deployment."""
    total = hashlib.sha256(repr(MACHINE).encode())
    for path in inputs(template, policy):
        total.update(f"{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def overrides(parameters: Mapping[str, str]) -> list[str]:
    if not parameters:
        return []
    return [
        "--parameter-overrides",
        *(f"ParameterKey={key},ParameterValue={value}" for key, value in parameters.items()),
    ]


def build(template: Path, progress: Progress, policy: Path | None = None) -> Path:
    """The folder of the built template. Builds only when an input changed.

    `policy` is the absolute path of another policy file than the policy layer's own: sam calls make in a scratch copy.
    """
    builds = paths.HOME / "build"
    folder = builds / digest(template, policy)
    if (folder / "template.yaml").exists():
        progress("build: nothing changed")
        folder.touch()
        return folder
    progress("build: sam build")
    unfinished = builds / f"{folder.name}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    sam(
        *("build", "--template-file", str(template), "--build-dir", str(unfinished), *overrides(MACHINE)),
        cwd=template.parent,
        HEED_PYTHON=paths.PYTHON,
        HEED_ARCH=paths.ARCH,
        **({"HEED_POLICY": str(policy)} if policy else {}),
    )
    unfinished.rename(folder)
    _forget_old_builds(builds)
    return folder


def _forget_old_builds(builds: Path) -> None:
    for old in sorted(builds.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_BUILDS:]:
        shutil.rmtree(old, ignore_errors=True)
