"""`heed calendar` on the command line: which file and calendar it changes, and what it says."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from heed.policy.build import compile_policy
from infra.heedctl import calendars
from infra.heedctl.cli import main
from infra.heedctl.commands import POLICY

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The shipped policy before any import, in a place of its own."""
    path = tmp_path / "policy.yaml"
    path.write_bytes(POLICY.read_bytes())
    assert main(["calendar", "import", "CN", "2026", "--remove", "--file", str(path)]) == 0
    return path


def test_an_import_writes_the_year_shows_the_difference_and_says_so_once(file: Path, capsys: Capture) -> None:
    before = file.read_text("utf-8")
    capsys.readouterr()
    assert main(["calendar", "import", "CN", "2026", "--file", str(file)]) == 0
    out = capsys.readouterr().out
    assert "+      - 2026-02-15..2026-02-23 # Spring Festival" in out
    assert "office-cn: 2026 33 days off and 6 make-up workdays, from chinesecalendar: written" in out
    written = file.read_text("utf-8")
    assert compile_policy(written) == compile_policy(POLICY.read_text("utf-8"))
    assert main(["calendar", "import", "CN", "2026", "--file", str(file)]) == 0
    assert "is so already" in capsys.readouterr().out
    assert file.read_text("utf-8") == written != before


def test_the_shipped_policy_is_what_an_import_writes(file: Path) -> None:
    main(["calendar", "import", "CN", "2026", "--file", str(file)])
    assert [line for line in file.read_text("utf-8").splitlines() if line.lstrip().startswith("- 2026")] == [
        line for line in POLICY.read_text("utf-8").splitlines() if line.lstrip().startswith("- 2026")
    ]


def test_a_dry_run_shows_the_difference_and_writes_nothing(file: Path, capsys: Capture) -> None:
    before = file.read_bytes()
    assert main(["calendar", "import", "CN", "2026", "--dry-run", "--file", str(file)]) == 0
    assert file.read_bytes() == before
    out = capsys.readouterr().out
    assert "+    years: [2026]" in out
    assert "would be written (--dry-run)" in out


def test_a_year_can_be_taken_out_again(file: Path) -> None:
    before = file.read_bytes()
    main(["calendar", "import", "CN", "2026", "--file", str(file)])
    assert main(["calendar", "import", "CN", "2026", "--remove", "--file", str(file)]) == 0
    assert file.read_bytes() == before


def test_the_file_keeps_its_permissions_and_stays_the_file_a_link_points_to(file: Path, tmp_path: Path) -> None:
    file.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    assert main(["calendar", "import", "CN", "2026", "--file", str(link)]) == 0
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert "years: [2026]" in file.read_text("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.yaml", "policy.yaml"]


MEANT = [
    ("CN", ["Asia/Shanghai", "Europe/London"], "office-0"),
    ("GB-ENG", ["Asia/Shanghai", "Europe/London"], "office-1"),
    ("JP", ["Asia/Shanghai"], "office-0"),  # the only one that is ever closed
]


@pytest.mark.parametrize(("place", "zones", "name"), MEANT)
def test_the_calendar_in_the_countrys_zone_is_meant(
    file: Path, capsys: Capture, place: str, zones: list[str], name: str
) -> None:
    file.write_text(_policy(zones), "utf-8")
    assert main(["calendar", "import", place, "2026", "--file", str(file)]) == 0
    assert f"{name}: 2026" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("place", "zones"), [("CN", ["Asia/Shanghai", "Asia/Urumqi"]), ("JP", ["UTC", "Asia/Shanghai"])]
)
def test_when_several_calendars_could_be_meant_it_asks(
    file: Path, capsys: Capture, place: str, zones: list[str]
) -> None:
    file.write_text(_policy(zones), "utf-8")
    assert main(["calendar", "import", place, "2026", "--file", str(file)]) == 1
    assert "say which calendar with --calendar: office-0, office-1" in capsys.readouterr().err
    assert main(["calendar", "import", place, "2026", "--calendar", "office-1", "--file", str(file)]) == 0
    assert "office-1: 2026" in capsys.readouterr().out


def test_without_a_table_of_zones_it_asks(file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "TZPATH", ())
    assert main(["calendar", "import", "CN", "2026", "--file", str(file)]) == 1
    assert "say which calendar with --calendar: office-cn, office-global" in capsys.readouterr().err


def _policy(zones: list[str]) -> str:
    """The shipped policy with other offices."""
    text = POLICY.read_text("utf-8")
    begin, end = text.index("  office-cn:"), text.index("\nchannels:")
    offices = "".join(
        f'  office-{number}:\n    zone: {zone}\n    week: {{mon-fri: ["09:00-18:00"]}}\n'
        for number, zone in enumerate(zones)
    )
    text = text[:begin] + offices + text[end:]
    return text.replace("calendar: office-cn", "calendar: office-0").replace(
        "calendar: office-global", "calendar: always"
    )


def test_dates_by_hand_that_decide_before_the_import_are_told(file: Path, capsys: Capture) -> None:
    text = file.read_text("utf-8")
    by_hand = '    days: {"2026-02-17..2026-02-18": ["10:00-11:00"]}\n  office-global:'
    file.write_text(text.replace("  office-global:", by_hand, 1), "utf-8")
    capsys.readouterr()
    assert main(["calendar", "import", "CN", "2026", "--file", str(file)]) == 0
    assert "2 days of 2026 stand under `days` of office-cn" in capsys.readouterr().out


FAILS = [
    (["import", "CN", "2032"], "chinesecalendar knows no 2032 yet"),
    (["import", "CN", "2026", "--calendar", "lunch"], "has no calendar lunch; choose from always, office-cn"),
    (["import", "CN", "2026", "--calendar", "always", "--file", "none.yaml"], "none.yaml"),
    (["show", "lunch"], "has no calendar lunch"),
]


@pytest.mark.parametrize(("arguments", "told"), FAILS)
def test_what_cannot_be_done_is_told_in_a_line(capsys: Capture, arguments: list[str], told: str) -> None:
    assert main(["calendar", *arguments]) == 1
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1


def test_a_policy_with_mistakes_is_not_touched(file: Path, capsys: Capture) -> None:
    file.write_text(file.read_text("utf-8").replace("warn_at_share: 0.75", "warn_at_share: 7"), "utf-8")
    before = file.read_bytes()
    assert main(["calendar", "import", "CN", "2026", "--file", str(file)]) == 1
    assert "warn_at_share" in capsys.readouterr().err
    assert file.read_bytes() == before


WRONG = [
    ["import", "China", "2026"],
    ["import", "CN", "26"],
    ["show", "office-cn", "--month", "2026-13"],
    ["due", "office-cn", "yesterday", "1h"],
    ["due", "office-cn", "1999-12-31 17:30", "1h"],
    ["due", "office-cn", "2026-02-14 17:30", "an hour"],
    ["shut", "office-cn"],
]


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["calendar", *arguments])
    assert left.value.code == 2


def test_a_month_is_drawn_with_holidays_and_make_up_workdays_marked(capsys: Capture) -> None:
    assert main(["calendar", "show", "office-cn", "--month", "2026-02"]) == 0
    out = capsys.readouterr().out
    assert "office-cn  2026-02  Asia/Shanghai (UTC+08:00)" in out
    assert "14 班" in out
    assert "17 假" in out
    assert "16 open days, 144 h open" in out


def test_this_month_is_drawn_with_today_marked(capsys: Capture) -> None:
    assert main(["calendar", "show", "office-cn"]) == 0
    assert "] today" in capsys.readouterr().out


@pytest.mark.parametrize("start", ["2026-02-14 17:30", "2026-02-14T09:30Z", "2026-02-14T10:30+01:00"])
def test_a_deadline_is_told_with_the_days_it_crossed(capsys: Capture, start: str) -> None:
    assert main(["calendar", "due", "office-cn", start, "1h"]) == 0
    out = capsys.readouterr().out
    assert "from Sat 2026-02-14 17:30:00 is due Tue 2026-02-24 09:30:00" in out
    assert "Sun 2026-02-15 .. Mon 2026-02-23  -" in out
