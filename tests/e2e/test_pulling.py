"""WeCom on the deployed stack: its callback rings, and what lies at the local stack's WeCom is fetched."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from heed.model import Channel
from heed.rim import pulling
from infra.heedctl import posting
from infra.heedctl.cli import main
from infra.heedctl.senders import wecom
from tests.e2e.conftest import Played

pytestmark = pytest.mark.e2e

CASE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")
EVENTS = Path(__file__).parents[2] / "events"
PATIENCE_SECONDS = 20

Capture = pytest.CaptureFixture[str]


@pytest.mark.usefixtures("played")
def test_a_callback_that_carries_no_message_brings_it(capsys: Capture) -> None:
    assert main(["send", "wecom", "发票没收到，能补开吗？", "--customer", "wm-e2e-1"]) == 0, capsys.readouterr()
    sent = capsys.readouterr().out
    assert "HTTP 200" in sent
    (case, *_) = CASE.findall(sent)
    assert main(["case", case]) == 0
    assert "发票没收到，能补开吗？" in capsys.readouterr().out


@pytest.mark.usefixtures("played")
def test_one_callback_brings_all_that_lies_there_once(capsys: Capture) -> None:
    assert main(["send", "--file", str(EVENTS / "wecom/complaint.json"), "--times", "3"]) == 0, capsys.readouterr()
    sent = capsys.readouterr().out
    assert sent.count("HTTP 200") == 3
    (case, *_) = CASE.findall(sent)
    assert main(["case", case]) == 0
    assert capsys.readouterr().out.count("收到的牛奶全漏了") == 1


def test_what_no_callback_rang_for_is_brought_by_the_schedule(played: Played, capsys: Capture) -> None:
    assert main(["send", "wecom", "在吗", "--customer", "wm-e2e-2"]) == 0
    item = wecom.item("text", {"content": "这条没有回调"}, customer="wm-e2e-2", at=datetime.now(UTC))
    played.stack.wecom.lay(wecom.ACCOUNT, [item])
    client = played.target.client("lambda")
    assert "FunctionError" not in client.invoke(FunctionName=played.target.output("PullFunction"), Payload=b"{}")
    channel = Channel("wecom", "flagship-cn", brand="qinghe", team="care-cn")
    (message,) = pulling.read([item], channel, datetime.now(UTC)).messages
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (fate := posting.fates(played.target, [message])[0]).stored and time.monotonic() < deadline:
        time.sleep(0.2)
    assert fate.stored
    assert fate.stored.message.text == "这条没有回调"
