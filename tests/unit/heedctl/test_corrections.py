"""`heed correct` and `heed judge corrections`: what people say a message is, in and out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.heedctl import target as targets
from infra.heedctl.cli import main
from infra.heedctl.corrections import jsonl
from infra.heedctl.target import Target
from tests.unit.heedctl.conftest import FakeDesk

Capture = pytest.CaptureFixture[str]


def line(message_id: str, text: str, author: str = "customer") -> dict[str, Any]:
    return {"type": "message", "id": message_id, "text": text, "author": author}


TIMELINE = [
    line("m1", "Where is it?"),
    line("m2", "Never\r\033[2Jagain"),
    line("r1", "Sorry", "agent"),
    line("m3", " "),
    {"type": "entry", "kind": "noted", "text": "x"},
]


def answered(changed: bool = True, timeline: Any = TIMELINE) -> Callable[[str], tuple[int, Any]]:
    def answer(path: str) -> tuple[int, Any]:
        return 200, {"case": {}, "changed": changed} if path.endswith("/correct") else {
            "case": {},
            "timeline": timeline,
        }

    return answer


@pytest.fixture(autouse=True)
def stack(target: Target, monkeypatch: pytest.MonkeyPatch) -> Target:
    monkeypatch.setattr(targets, "running", lambda: target)
    return target


def sent(desk: FakeDesk) -> list[Any]:
    return [json.loads(asked["body"]) for asked in desk.asked if asked["method"] == "POST"]


def test_the_customers_last_words_are_corrected_and_shown(desk: FakeDesk, capsys: Capture) -> None:
    desk.answer = answered()
    assert main(["correct", "7K3Q-9MXA", "--kind", "complaint", "--risks", "legal,media"]) == 0
    assert sent(desk) == [{"message_id": "m2", "kind": "complaint", "risks": ["legal", "media"]}]
    assert capsys.readouterr().out == "“Never [2Jagain”: kind complaint, risks legal,media\n"


def test_a_message_can_be_named_and_said_to_hold_no_risk(desk: FakeDesk, capsys: Capture) -> None:
    desk.answer = answered(changed=False)
    assert main(["correct", "7K3Q-9MXA", "m1", "--risks", "none", "--language", "en"]) == 0
    assert sent(desk) == [{"message_id": "m1", "risks": [], "language": "en"}]
    out = capsys.readouterr().out
    assert "“Where is it?”: risks none, language en" in out
    assert "nothing changed" in out


def test_a_message_that_is_not_the_customers_is_told_with_those_that_are(desk: FakeDesk, capsys: Capture) -> None:
    desk.answer = answered()
    assert main(["correct", "7K3Q-9MXA", "r1", "--kind", "praise"]) == 1
    told = capsys.readouterr().err
    assert "choose from:\n  m1  Where is it?\n  m2  Never [2Jagain\n" in told
    assert sent(desk) == []


def test_a_case_without_words_is_told(desk: FakeDesk, capsys: Capture) -> None:
    desk.answer = answered(timeline=[line("m3", " ")])
    assert main(["correct", "7K3Q-9MXA", "--kind", "praise"]) == 1
    assert "the customer said no words" in capsys.readouterr().err


WRONG = [
    ["correct"],
    ["correct", "7K3Q-9MXA"],
    ["correct", "7K3Q-9MXA", "--kind", "angry"],
    ["correct", "7K3Q-9MXA", "--risks", "legal,fire"],
    ["correct", "7K3Q-9MXA", "--risks", ""],
    ["judge", "corrections", "--month", "2026-13"],
]


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_usage_exits_with_2_and_asks_nothing(arguments: list[str], desk: FakeDesk) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert desk.asked == []


def test_a_month_is_exported_to_its_last_page_and_counted_on_stderr(desk: FakeDesk, capsys: Capture) -> None:
    lines = [{"text": "三天了\n还没发货", "kind": "complaint"}, {"text": "a", "risks": []}, {"text": "b\u2028\x9bc"}]
    pages = [{"corrections": [{"labelled": one} for one in lines[:2]], "next": "p2"}]
    pages.append({"corrections": [{"labelled": lines[2]}]})
    desk.answer = lambda path: (200, pages["next=p2" in path])
    assert main(["judge", "corrections", "--month", "2026-02"]) == 0
    told = capsys.readouterr()
    assert [json.loads(one) for one in told.out.splitlines()] == lines
    assert "三天了" in told.out
    assert "\x9b" not in told.out
    assert told.err == "2026-02: 3 corrected messages\n"
    assert all("month=2026-02" in asked["path"] for asked in desk.asked)


def test_without_a_month_it_is_this_one(desk: FakeDesk, capsys: Capture) -> None:
    desk.answer = lambda path: (200, {"corrections": [{"labelled": {"text": "a"}}]})
    before = datetime.now(UTC)
    assert main(["judge", "corrections"]) == 0
    months = {f"{moment:%Y-%m}: 1 corrected message\n" for moment in (before, datetime.now(UTC))}
    assert capsys.readouterr().err in months


def test_a_text_and_an_export_are_judged_without_a_stack(desk: FakeDesk, capsys: Capture) -> None:
    assert main(["judge", "corrections please"]) == 0
    assert "kind" in capsys.readouterr().out
    assert main(["judge", "eval", "/nowhere.jsonl"]) == 1
    assert desk.asked == []


@given(st.text())
def test_any_text_comes_through_a_line_and_moves_no_cursor(text: str) -> None:
    written = jsonl({"text": text})
    assert written.isprintable()
    assert json.loads(written) == {"text": text}
