"""The command `heed` against the deployed stack."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.heedctl.cli import main
from tests.e2e.conftest import Played

pytestmark = pytest.mark.e2e

EVENTS = Path(__file__).parents[2] / "events"
CASE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")

Capture = pytest.CaptureFixture[str]


def run(capsys: Capture, *arguments: str) -> str:
    """What a command prints; it must succeed."""
    assert main(arguments) == 0, capsys.readouterr()
    return capsys.readouterr().out


@pytest.mark.usefixtures("played")
def test_a_sent_message_is_answered_and_settled(capsys: Capture) -> None:
    sent = run(capsys, "send", "wechat", "请问什么时候发货？", "--customer", "e2e-customer")
    assert "HTTP 200" in sent
    assert "question/neutral/delivery" in sent
    (case, *_) = CASE.findall(sent)
    assert case in run(capsys, "cases", "--team", "care-cn")
    assert "open" in run(capsys, "ack", case)
    assert case in run(capsys, "reply", case, "今天下午就发。")
    assert "resolved" in run(capsys, "resolve", case)
    assert "nothing changed" in run(capsys, "resolve", case)
    page = run(capsys, "case", case)
    assert [page.index(part) for part in ("请问什么时候发货？", "今天下午就发。", "resolved by agent")]
    assert "agent agent: 今天下午就发。" in page
    assert "first reply within 30 min: met" in page


@pytest.mark.usefixtures("played")
@pytest.mark.parametrize("platform", ["facebook", "instagram", "whatsapp", "webhook"])
def test_a_message_can_be_sent_as_every_platform(capsys: Capture, platform: str) -> None:
    sent = run(capsys, "send", platform, "Do you have a shop in Cork?", "--customer", "353860000999")
    assert re.search(r"HTTP 20[04]", sent)
    assert CASE.search(sent)


@pytest.mark.usefixtures("played")
def test_an_event_of_a_file_can_be_sent_again_and_again(capsys: Capture) -> None:
    sent = run(capsys, "send", "--file", str(EVENTS / "whatsapp/image.json"), "--times", "3")
    assert sent.count("HTTP 200") == 3
    (case, *_) = CASE.findall(sent)
    assert run(capsys, "case", case).count("Is this the right size?") == 1


@pytest.mark.usefixtures("played")
@pytest.mark.parametrize(
    ("file", "told"),
    [("facebook/read", "nothing to keep: read"), ("webhook/unreadable", "kept in quarantine: sender")],
)
def test_what_is_no_message_is_told(capsys: Capture, file: str, told: str) -> None:
    assert told in run(capsys, "send", "--file", str(EVENTS / f"{file}.json"))


def test_cases_of_every_team_come_soonest_deadline_first(played: Played, capsys: Capture) -> None:
    listed = run(capsys, "cases").splitlines()
    assert {case.id for case in played.facts.cases if case.status == "open"} <= set(CASE.findall("\n".join(listed)))
    urgent = run(capsys, "cases", "--priority", "P1").splitlines()[1:]
    assert urgent
    assert all(" P1 " in line for line in urgent)


def test_notices_stay_in_the_inbox_when_read(played: Played, capsys: Capture) -> None:
    first, second = run(capsys, "notices"), run(capsys, "notices")
    for letter in played.facts.breaches:
        assert letter.body["case_id"] in first
    assert CASE.findall(first) == CASE.findall(second)


def test_escalations_stay_in_their_queue_unless_taken(played: Played, capsys: Capture) -> None:
    waiting = {letter.body["case_id"] for letter in played.facts.escalations}
    assert waiting <= set(CASE.findall(run(capsys, "escalations")))
    assert waiting <= set(CASE.findall(run(capsys, "escalations", "--take")))
    assert "no escalations wait" in run(capsys, "escalations")


@pytest.mark.usefixtures("played")
def test_a_secret_that_was_replaced_stays_valid_beside_the_new_one(capsys: Capture) -> None:
    before = run(capsys, "send", "webhook", "Hello?", "--account", "web-form")
    assert "HTTP 204" in before
    new = "whsec_" + "A" * 43 + "="
    assert "is set" in run(capsys, "secret", "set", "webhook/hotline", "--field", f"secret={new}")
    assert "was so already" in run(capsys, "secret", "set", "webhook/hotline", "--field", f"secret={new}")
    assert new not in capsys.readouterr().out


@pytest.mark.usefixtures("played")
def test_a_case_that_is_not_there_is_told(capsys: Capture) -> None:
    assert main(["case", "ZZZZ-ZZZZ"]) == 1
    assert "404 not_found" in capsys.readouterr().err
