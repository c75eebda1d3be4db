"""The conformance runner: every published and composed vector holds, and a vector that should not hold does not."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from heed import platforms
from heed.rim import runtime
from tests import conformance

FILE = Path(__file__).parents[1] / "data" / "platform_vectors.json"
VECTORS = {vector["id"]: vector for vector in json.loads(FILE.read_text("utf-8"))}


@pytest.fixture(autouse=True)
def _own_session(mocked_session: None) -> Any:
    runtime.policy.cache_clear()
    yield
    runtime.policy.cache_clear()


def run(vectors: list[Any], tmp_path: Path, capsys: Any, *arguments: str) -> tuple[int, list[str]]:
    file = tmp_path / "vectors.json"
    file.write_text(json.dumps(vectors), "utf-8")
    code = conformance.main([str(file), *arguments])
    return code, capsys.readouterr().out.splitlines()


def changed(name: str, **changes: Any) -> Any:
    vector = deepcopy(VECTORS[name])
    for key, value in changes.items():
        vector[key] = {**vector[key], **value} if isinstance(value, dict) else value
    return vector


def test_every_vector_of_the_file_holds(capsys: Any) -> None:
    assert conformance.main([str(FILE)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["in", "all", "27", "of", "27", "hold"]


def test_one_platform_can_be_chosen_by_the_files_name_of_it(capsys: Any) -> None:
    assert conformance.main([str(FILE), "--platform", "wechat_oa"]) == 0
    assert "in all                  3 of    3 hold" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("line-01", {"expect": "invalid"}, "answered 200, but the request is to be refused"),
        ("line-01", {"secrets": {"channel_secret": "0" * 32}}, "answered 401, but the request is genuine"),
        ("line-01", {"expect_parse": {"text": "x"}}, "text: kept '返品したいです 🙇✋', expected 'x'"),
        ("line-01", {"expect_parse": {"external_id": "1"}}, "external_id: kept '444573844083572737', expected '1'"),
        ("line-01", {"expect_parse": {"brand_id": "Uother"}}, "brand_id"),
        ("line-01", {"expect_parse": {"sender_id": "Uother"}}, "sender_id"),
        ("line-01", {"expect_parse": {"direction": "outbound"}}, "direction"),
        ("line-01", {"expect_parse": {"kind": "comment"}}, "kind"),
        ("line-01", {"expect_parse": {"ts_ms": 1}}, "ts_ms"),
        ("line-01", {"expect_parse": {"direction": "ignore"}}, "stored 1 messages, expected 0"),
        ("tiktok-05", {"expect_parse": {"ref_id": "1"}}, "ref_id"),
        ("tiktok-05", {"expect_parse": {"thread_id": "1"}}, "thread_id"),
        ("weibo-03", {"expect_response": {"status": 204, "body": ""}}, "answered 200, expected 204"),
        ("wechat_oa-01", {"expect_response": {"body": "x"}}, "answered the body '4375120948345356249', expected 'x'"),
        ("wechat_oa-01", {"expect_response": {"content_type": "image/png"}}, "expected image/png"),
        ("wechat_oa-11", {"expect_plaintext": "x"}, "decrypted to another text"),
        ("tiktok-01", {"now": 1767242102 + 600}, "answered 401, but the request is genuine"),
    ],
)
def test_what_does_not_hold_is_said(name: str, changes: Any, said: str, tmp_path: Path, capsys: Any) -> None:
    code, lines = run([changed(name, **changes)], tmp_path, capsys)
    assert code == 1
    assert any(line.startswith(f"{name}: ") and said in line for line in lines), lines
    assert lines[-1].split() == ["in", "all", "0", "of", "1", "hold"]


def test_where_the_rule_is_not_certain_either_answer_holds(tmp_path: Path, capsys: Any) -> None:
    vectors = [changed("line-01", expect="invalid", strict=False), changed("line-01", id="x", expect="valid")]
    assert run(vectors, tmp_path, capsys)[0] == 0


def test_a_platform_heed_does_not_know_fails(tmp_path: Path, capsys: Any) -> None:
    code, lines = run([changed("line-01", platform="telepathy")], tmp_path, capsys)
    assert (code, lines[0]) == (1, "line-01: telepathy is no platform of Heed")


@pytest.mark.parametrize("arguments", [["--platform", "nobody"], []])
def test_a_file_that_cannot_be_used_exits_with_2(arguments: list[str], tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "vectors.json"
    file.write_text("[]" if arguments else "{", "utf-8")
    assert conformance.main([str(file), *arguments]) == 2
    assert str(file) in capsys.readouterr().err


def test_every_name_of_a_vector_stands_for_a_platform() -> None:
    assert set(conformance.CHANNELS.values()) <= set(platforms.NAMES)
