"""No function's start may grow unnoticed: instructions, which repeat, are held; milliseconds are not."""

from __future__ import annotations

import sys

import pytest

from tests.benchmarks import init

# Counting all of them takes more than a minute: these stand for the rest, `make bench` counts every one.
COUNTED = ("core", "intake", "expire")


@pytest.fixture(scope="module")
def rows() -> dict[str, init.Row]:
    if not init.can_count():
        pytest.skip("valgrind or sam is not installed")
    if sys.version_info[:2] != (3, 11):
        pytest.skip("the budgets were measured on Python 3.11")
    return {row.name: row for row in init.rows(init.built(), frozenset(COUNTED))}


@pytest.mark.parametrize("name", COUNTED)
def test_a_start_stays_within_its_budget(name: str, rows: dict[str, init.Row]) -> None:
    row = rows[name]
    assert row.budget is not None
    assert 0 < row.million_instructions <= row.budget, init.table([*rows.values()])


def test_intake_starts_for_less_than_a_bare_client_does(rows: dict[str, init.Row]) -> None:
    assert rows["intake"].million_instructions <= 520
    assert rows["intake"].ratio_to_bare_client <= 0.88


def test_every_function_has_a_budget() -> None:
    functions = {path.parent.name for path in (init.ROOT / "functions").glob("*/app.py")}
    assert {start.name for start in init.STARTS if start.code == "import app"} == functions
