"""The command line: usage, exit status, and what needs no stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.heedctl import channels, commands, events, senders
from infra.heedctl import target as targets
from infra.heedctl.cli import main
from infra.heedctl.target import Target
from infra.local import paths
from tests.unit.heedctl.conftest import FakeDesk

Capture = pytest.CaptureFixture[str]

WRONG = [
    [],
    ["shout"],
    ["send"],
    ["send", "wechat"],
    ["send", "myspace", "hello"],
    ["send", "wechat", "hello", "--file", "x.json"],
    ["send", "wechat", "hello", "--times", "0"],
    ["cases", "--priority", "P9"],
    ["cases", "--status", "lost"],
    ["secret", "set", "wechat", "--field", "token=x"],
    ["secret", "set", "wechat/flagship-cn"],
]


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2


def test_help_has_examples(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    assert "heed send wechat" in capsys.readouterr().out


def test_without_a_running_stack_it_says_how_to_start_one(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(paths, "STATE", tmp_path / "none.json")
    assert main(["cases"]) == 1
    assert "start one with `make run`" in capsys.readouterr().err


@pytest.mark.usefixtures("target")
def test_a_stack_that_is_not_there_is_told(capsys: Capture) -> None:
    assert main(["cases", "--stack", "nothing-here"]) == 1
    assert "stack nothing-here" in capsys.readouterr().err


def test_the_judge_says_what_it_understood_and_why(capsys: Capture) -> None:
    assert main(["judge", "请问什么时候发货？"]) == 0
    out = capsys.readouterr().out
    assert "kind       question" in out
    assert "because    question" in out


def test_a_valid_policy_passes_and_a_wrong_one_names_the_line(capsys: Capture, tmp_path: Path) -> None:
    assert main(["policy", "check"]) == 0
    wrong = tmp_path / "policy.yaml"
    wrong.write_text(commands.POLICY.read_text("utf-8").replace("warn_at_share: 0.75", "warn_at_share: 7.5"))
    line = wrong.read_text("utf-8").split("warn_at_share")[0].count("\n") + 1
    assert main(["policy", "check", str(wrong)]) == 1
    assert f"policy.yaml:{line}" in capsys.readouterr().err


@pytest.fixture
def stack(target: Target, monkeypatch: pytest.MonkeyPatch) -> Target:
    monkeypatch.setattr(targets, "running", lambda: target)
    return target


@pytest.mark.usefixtures("stack")
def test_a_secret_can_be_typed_where_no_shell_remembers_it(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands.getpass, "getpass", lambda prompt: f"typed at {prompt}")
    assert main(["secret", "set", "webhook/form", "--field", "secret"]) == 0
    assert "typed" not in capsys.readouterr().out


@pytest.mark.usefixtures("stack")
def test_notices_without_an_inbox_say_how_to_get_one(capsys: Capture) -> None:
    assert main(["notices"]) == 1
    assert "--subscribe" in capsys.readouterr().err
    assert main(["notices", "--subscribe"]) == 0
    assert "no notices" in capsys.readouterr().out


@pytest.mark.usefixtures("stack")
def test_escalations_of_a_real_stack_are_only_taken_when_told_to(capsys: Capture) -> None:
    assert main(["escalations"]) == 1
    assert "--take" in capsys.readouterr().err


@pytest.mark.usefixtures("stack")
def test_a_customers_text_cannot_steer_the_terminal(capsys: Capture, desk: FakeDesk) -> None:
    case: dict[str, Any] = dict.fromkeys(
        ("team", "status", "kind", "sentiment", "topic", "language", "surface", "assignee", "acknowledged_by"), "x"
    )
    case |= {"id": "7K3Q-9MXA", "priority": "P1", "channel": "wechat/a", "customer": "c\033[2J", "risks": [], "why": []}
    line = {
        "type": "message",
        "at": "2026-03-12T03:00:00Z",
        "author": "customer",
        "by": "\033]0;x\a",
        "attachments": [],
    }
    line |= {"text": "one\r\033[31mtwo\nthree", "assessment": None}
    desk.answer = lambda path: (200, {"case": {**case, "clocks": []}, "timeline": [line]})
    assert main(["case", "7K3Q-9MXA"]) == 0
    out = capsys.readouterr().out
    assert "three" in out
    assert not set("\033\r\a") & set(out)


@pytest.mark.parametrize("platform", sorted(senders.WITHOUT_MESSAGES))
def test_a_platform_without_messages_says_what_can_be_sent_instead(
    target: Target, capsys: Capture, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr(targets, "running", lambda: target)
    channels.put(target, f"{platform}/qinghe", channels.generate(platform))
    assert main(["send", platform, "hello"]) == 1
    told = capsys.readouterr().err
    assert f"{platform} publishes no message that a customer could send: give one of events/{platform}/" in told
    assert list(events.FOLDER.glob(f"{platform}/*.json"))
