"""`heed judge`: an assessment with its evidence, and the judge against a brand's own labels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from heed.judge import assess
from infra.heedctl import commands, training
from infra.heedctl.cli import main
from infra.heedctl.judging import Judged, f1, report
from infra.heedctl.labelled import Labelled

Capture = pytest.CaptureFixture[str]
POLICY = commands.POLICY.read_text("utf-8")


def export(folder: Path, *entries: object) -> str:
    path = folder / "labelled.jsonl"
    path.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in entries), "utf-8")
    return str(path)


def test_a_text_is_judged_with_its_evidence(capsys: Capture) -> None:
    assert main(["judge", "my charger caught fire"]) == 0
    said = capsys.readouterr().out
    assert "risks      safety" in said
    assert "because    safety risk: says “caught fire”" in said


def test_the_policys_own_words_count(tmp_path: Path, capsys: Capture) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"{POLICY}\nwords: {{zh: {{risks: {{漏浆: safety}}}}}}\n", "utf-8")
    assert main(["judge", "枕头漏浆", "--policy", str(policy)]) == 0
    assert "because    safety risk, by the brand's own words: says “漏浆”" in capsys.readouterr().out


def test_a_policy_that_is_not_valid_is_told(tmp_path: Path, capsys: Capture) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("brands: {}", "utf-8")
    assert main(["judge", "hello", "--policy", str(policy)]) == 1
    assert f"`heed policy check {policy}`" in capsys.readouterr().err


def test_an_export_is_scored_field_by_field(tmp_path: Path, capsys: Capture) -> None:
    path = export(
        tmp_path,
        {"text": "my charger caught fire", "kind": "complaint", "sentiment": "negative", "risks": ["safety"]},
        {"text": "my charger caught fire", "kind": "praise", "risks": ["legal"], "language": "en"},
        {"text": "unlabelled"},
        "",
    )
    assert main(["judge", "eval", path]) == 0
    said = capsys.readouterr().out
    assert said.startswith("3 messages\n")
    assert "kind: accuracy 50.0%" in said
    assert "sentiment: accuracy 100.0%, macro-F1 100.0% of 1 labelled" in said
    assert "topic:" not in said
    lines = {line.split()[0]: line.split()[1:] for line in said.splitlines() if line.split()[:1]}
    assert lines["safety"] == ["1", "2", "50.0%", "100.0%"]
    assert lines["legal"] == ["1", "0", "-", "0.0%"]


def test_the_confusion_matrix_has_a_row_for_what_is_true_and_its_figures_stand_under_one_another() -> None:
    judged = [
        Judged(Labelled("my charger caught fire", "en", {"kind": kind}, None), assess("my charger caught fire", "en"))
        for kind in ("complaint", "complaint", "praise")
    ]
    lines = list(report(judged))
    at = next(number for number, line in enumerate(lines) if line.startswith("  kind: true, found"))
    assert [line.split() for line in lines[at + 1 : at + 3]] == [["complaint", "2", "·"], ["praise", "1", "·"]]
    assert len({len(line) for line in lines[at : at + 3]}) == 1


def test_the_worst_mistakes_come_with_reasons_and_risks_before_all() -> None:
    wrong = Labelled("my charger caught fire", "en", {"kind": "praise"}, frozenset({"legal"}))
    lines = list(report([Judged(wrong, assess(wrong.text, "en"))]))
    told = [line for line in lines if line.startswith(("missed", "false alarm", "kind is"))]
    assert told[:2] == ["missed legal", "false alarm: safety"]
    assert told[2].startswith("kind is praise, found complaint (")
    assert "  because safety risk: says “caught fire”" in lines


def test_calibration_is_the_mean_distance_of_sure_and_right() -> None:
    found = assess("my charger caught fire", "en")
    lines = list(report([Judged(Labelled("x", None, {"kind": "praise"}, None), found)]))
    assert f"  calibration: off by {found.confidence.kind:.3f} on average" in lines


@pytest.mark.parametrize(
    ("pairs", "score"),
    [([(True, True)], 1.0), ([(True, False)], 0.0), ([(True, True), (True, False), (False, True)], 0.5)],
)
def test_f1_is_the_harmonic_mean_of_precision_and_recall(pairs: list[tuple[bool, bool]], score: float) -> None:
    assert f1(pairs)[0] == score


BROKEN = {
    "{": "not JSON in UTF-8",
    "[]": 'not an object with a "text"',
    '{"text": 3}': 'not an object with a "text"',
    '{"text": "x", "kind": "nope"}': '"nope" is not a kind; choose from complaint',
    '{"text": "x", "risks": "legal"}': '"risks" must be a list',
    '{"text": "x", "risks": ["danger"]}': '"danger" is not a risk; choose from safety',
    '{"text": "x", "language": 1}': '"language" must be text',
    '{"text": "x", "mood": "bad"}': '"mood" is not known here; choose from text, kind',
}


@pytest.mark.parametrize(("line", "told"), BROKEN.items(), ids=BROKEN)
def test_a_line_that_cannot_be_read_is_named_and_exits_with_2(
    line: str, told: str, tmp_path: Path, capsys: Capture
) -> None:
    path = export(tmp_path, {"text": "fine"}, line)
    assert main(["judge", "eval", path]) == 2
    assert capsys.readouterr().err.startswith(f"{path}:2: {told}")


def test_an_empty_export_and_a_missing_one_are_told(tmp_path: Path, capsys: Capture) -> None:
    assert main(["judge", "eval", export(tmp_path)]) == 2
    assert main(["judge", "eval", str(tmp_path / "none.jsonl")]) == 1
    assert "holds no messages" in capsys.readouterr().err


def test_two_words_without_quotes_are_wrong_usage() -> None:
    with pytest.raises(SystemExit) as left:
        main(["judge", "hello", "world"])
    assert left.value.code == 2


# -- training


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    folder = tmp_path / "corpora"
    (folder / "open").mkdir(parents=True)
    (folder / "open" / "kind.train.jsonl.gz").touch()
    return folder


def interpreter(folder: Path, monkeypatch: pytest.MonkeyPatch, status: int) -> Path:
    """One that writes down how it was called, and ends with the status."""
    path, called = folder / "python", folder / "called"
    path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$PYTHONPATH" "$@" > "{called}"\nexit {status}\n', "utf-8")
    path.chmod(0o755)
    monkeypatch.setattr(training, "INTERPRETER", path)
    return called


def test_training_runs_in_its_own_environment_and_says_what_comes_next(
    tmp_path: Path, corpora: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    called, path = interpreter(tmp_path, monkeypatch, 0), export(tmp_path, {"text": "fine", "kind": "praise"})
    assert main(["judge", "train", path, "--data", str(corpora)]) == 0
    python_path, *arguments = called.read_text("utf-8").split("\n")[:-1]
    assert python_path.endswith("layers/heed")
    assert arguments == ["-m", "infra.judge", str(corpora), "--also", path, "--out", str(training.WEIGHTS)]
    assert "`make deploy`" in capfd.readouterr().out


def test_weights_may_be_written_elsewhere(
    tmp_path: Path, corpora: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    called, out = interpreter(tmp_path, monkeypatch, 0), str(tmp_path / "mine.bin")
    path = export(tmp_path, {"text": "fine"})
    assert main(["judge", "train", path, "--data", str(corpora), "--out", out]) == 0
    assert called.read_text("utf-8").endswith(f"--out\n{out}\n")
    assert f"copy {out} to layers/heed/heed/judge/weights.bin" in capfd.readouterr().out


def test_training_that_fails_is_told(
    tmp_path: Path, corpora: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    interpreter(tmp_path, monkeypatch, 3)
    assert main(["judge", "train", export(tmp_path, {"text": "fine"}), "--data", str(corpora)]) == 1
    assert "stopped with status 3" in capfd.readouterr().err


def test_what_training_lacks_is_named(
    tmp_path: Path, corpora: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    path, empty = export(tmp_path, {"text": "fine"}), tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setattr(training, "INTERPRETER", tmp_path / "none")
    for folder, told in (
        (corpora, "say `make .heed/train/.installed`"),
        (tmp_path / "gone", "no such folder"),
        (empty, "holds no corpora"),
    ):
        assert main(["judge", "train", path, "--data", str(folder)]) == 1
        assert told in capfd.readouterr().err
    with pytest.raises(SystemExit):
        main(["judge", "train", path])
    assert main(["judge", "train", export(tmp_path, "{"), "--data", str(corpora)]) == 2
