"""Text on a terminal."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.heedctl import screen
from infra.heedctl.screen import Screen

NOW = datetime(2026, 3, 12, 3, tzinfo=UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_chinese_character_takes_two_columns() -> None:
    assert screen.width("青禾 Qinghe") == 11


def test_columns_of_a_table_stand_under_each_other_in_any_script() -> None:
    lines = screen.table(("A", "B"), [("青禾", "x"), ("abc", "y")])
    assert [screen.width(line[: line.index(last)]) for line, last in zip(lines, "Bxy", strict=True)] == [6, 6, 6]


@given(st.text(), st.integers(2, 60))
def test_a_fitted_text_never_exceeds_its_columns_nor_moves_the_cursor(text: str, columns: int) -> None:
    fitted = screen.fit(text, columns)
    assert screen.width(fitted) <= columns
    assert "\033" not in fitted
    assert "\n" not in fitted


def test_a_text_that_fits_stays_whole() -> None:
    assert screen.fit("没问题", 6) == "没问题"
    assert screen.fit("没问题了", 6) == "没问…"


@given(st.lists(st.text("ab 青，", max_size=90), max_size=4))
def test_every_line_of_a_box_is_equally_wide(lines: list[str]) -> None:
    assert {screen.width(line) for line in screen.box("标题 title", lines, 40)} == {40}


@given(st.text("ab青 ", min_size=1, max_size=200))
def test_a_box_leaves_nothing_of_a_line_out(line: str) -> None:
    shown = "".join(part[2:-2] for part in screen.box("", [line], 24)[1:-1])
    assert shown.replace(" ", "") == line.replace(" ", "")


SPANS = [(0.4, "0.4 s"), (4, "4 s"), (125, "2 min 05 s"), (3_660, "1 h 01 min"), (90_000, "1 d 1 h"), (-1, "0.0 s")]


@pytest.mark.parametrize(("seconds", "words"), SPANS)
def test_a_span_of_time_is_told_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert screen.spell(seconds) == words


def test_a_deadline_is_told_from_now() -> None:
    assert screen.until(NOW + timedelta(minutes=4), NOW) == "in 4 min"
    assert screen.until(NOW - timedelta(seconds=125), NOW) == "2 min 05 s late"


def test_colours_are_only_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert Screen(io.StringIO()).priority("P1") == "P1"
    assert Screen(Terminal()).priority("P1") == "\033[1;31mP1\033[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert Screen(Terminal()).priority("P1") == "P1"
