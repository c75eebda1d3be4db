"""`heed roster show`: the coming shifts as a person checks them."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from heed.policy.rosters import load
from infra.heedctl.cli import main
from infra.heedctl.rosters import roster_page
from infra.heedctl.screen import Screen

ROSTER = load(
    "duty",
    {
        "zone": "Europe/London",
        "handover": "09:00",
        "starts": "2026-03-02",
        "rotation": ["lin", "chen"],
        "overrides": [{"from": "2026-03-17T12:00", "until": "2026-03-18T12:00", "who": "fang"}],
    },
)


def test_each_shift_is_a_line_in_local_time_through_the_change_of_clocks() -> None:
    now = datetime(2026, 3, 11, 10, tzinfo=UTC)
    page = list(roster_page(ROSTER, now, now + timedelta(weeks=3), Screen(io.StringIO())))
    assert page == [
        "duty: lin, chen, a week each, handed over at 09:00 in Europe/London",
        "  Mon 2026-03-09 09:00 to Mon 2026-03-16 09:00  chen  now",
        "  Mon 2026-03-16 09:00 to Tue 2026-03-17 12:00  lin",
        "  Tue 2026-03-17 12:00 to Wed 2026-03-18 12:00  fang  override",
        "  Wed 2026-03-18 12:00 to Mon 2026-03-23 09:00  lin",
        "  Mon 2026-03-23 09:00 to Mon 2026-03-30 09:00  chen",
        "  Mon 2026-03-30 09:00 to Mon 2026-04-06 09:00  lin",
    ]


def test_the_shipped_policys_roster_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["roster", "show", "safety-duty", "--weeks", "2"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("safety-duty: ")
    assert sum("now" in line for line in shown) == 1
    assert len(shown) >= 4


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["roster", "show", "nobody"], 1, "has no roster nobody; it has safety-duty"),
        (["roster", "show", "x", "--file", "no-such-file"], 1, "No such file"),
    ],
)
def test_what_cannot_be_shown_says_why(
    arguments: list[str], status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == status
    assert told in capsys.readouterr().err


def test_a_policy_that_is_wrong_is_told_by_its_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("brands: []\n", encoding="utf-8")
    assert main(["roster", "show", "x", "--file", str(file)]) == 1
    assert "1: brands: must be a mapping" in capsys.readouterr().err


@pytest.mark.parametrize("weeks", ["0", "105", "two"])
def test_the_weeks_ahead_are_bounded(weeks: str) -> None:
    with pytest.raises(SystemExit):
        main(["roster", "show", "x", "--weeks", weeks])
