"""One local AWS for all end-to-end tests, with the real template deployed and the demo's day played on it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from infra.demo.__main__ import Progress, perform
from infra.demo.facts import Facts
from infra.heedctl import target
from infra.heedctl.screen import Screen
from infra.heedctl.target import Target
from infra.local import paths
from infra.local.stack import Stack


@dataclass(frozen=True)
class Played:
    """The stack after the day, and what happened in it."""

    stack: Stack
    target: Target
    facts: Facts
    shown: str


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder, out = tmp_path_factory.mktemp("e2e"), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        # A stack that somebody runs beside the tests keeps its own state file.
        patch.setattr(paths, "STATE", folder / "local.json")
        with Stack.start(folder / "stack") as stack:
            screen = Screen(out)
            facts = perform(stack, screen, Progress(screen), with_sam=False)
            yield Played(stack, target.of(stack), facts, out.getvalue())
