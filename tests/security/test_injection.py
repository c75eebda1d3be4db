"""What strangers write stays words: in logs and metrics, on the page, in notices, on an operator's terminal."""

from __future__ import annotations

import copy
import json
import logging
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from heed import platforms
from heed.platforms import Request
from heed.rim import intake as rim_intake
from infra.heedctl import events, pages, senders
from infra.heedctl.screen import Screen
from tests.integration import faults
from tests.security.door import Door

ROOT = Path(__file__).parents[2]
MARK = "qzxmark"
EMF = '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"Heed","Dimensions":[["service"]],"Metrics":[]}]}}'
# Each carries the mark: another line, an escape sequence, another JSON document, a metric, a format, a formula, a tag.
HOSTILE = (
    f"{MARK}\n{EMF}",
    f"{MARK}\r\nERROR forged\u2028line\u0085end",
    f"{MARK}\x1b[2J\x1b]0;title\x07\x9b31m",
    f'{MARK}","level":"ERROR","Bugs":[1.0],"x":"',
    f"{MARK}{{0.__class__}}%s%n${{jndi:ldap://x}}",
    f"=cmd|'/c calc'!A0 {MARK}",
    f"<script>{MARK}</script><a href=javascript:{MARK}>",
    f"\u202e{MARK}\u2066\u200b\ufeff",
)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def held(capsys: Any, logged: pytest.LogCaptureFixture) -> None:
    """Nothing hostile came out, and all that did is lines of JSON, each a log line or a metric of ours."""
    out = capsys.readouterr()
    said = (
        out.out
        + out.err
        + "".join(record.getMessage() + str(record.args) for record in logged.records if _ours(record))
    )
    assert MARK not in said
    for line in out.out.splitlines():
        document = json.loads(line)
        assert document.keys() & {"_aws", "level"}, line
        if "_aws" in document:
            assert set(document.get("reason", "")) <= set("abcdefghijklmnopqrstuvwxyz_.")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", out.out)


def _ours(record: logging.LogRecord) -> bool:
    """botocore's own debug lines are never switched on in a function."""
    return record.name.startswith("heed") and record.levelno >= logging.INFO


def spots(node: Any, leaf: tuple[type, ...] = (str,)) -> Iterator[tuple[Any, Any]]:
    for key in range(len(node)) if isinstance(node, list) else list(node):
        if isinstance(node[key], list | dict):
            yield from spots(node[key])
        elif isinstance(node[key], leaf):
            yield node, key


def poisoned(body: bytes, hostile: str) -> Iterator[bytes]:
    """The event with every text of it in turn replaced, with all of them, and with every name of a field."""
    root = json.loads(body)
    for at in range(len(list(spots(root)))):
        changed = copy.deepcopy(root)
        node, key = list(spots(changed))[at]
        node[key] = hostile
        yield json.dumps(changed).encode()
    for node, key in spots(root):
        node[key] = f"{hostile}{key}"
    yield json.dumps(root).encode()
    yield json.dumps({hostile: root}).encode()


@pytest.mark.parametrize("platform", [name for name in platforms.NAMES if name not in senders.WITHOUT_MESSAGES])
def test_no_field_of_any_event_reaches_a_log_line_or_a_metric(
    platform: str, door: Door, capsys: Any, logged: pytest.LogCaptureFixture
) -> None:
    channel, secret = f"{platform}/ours", door.secrets[f"{platform}/ours"]
    event = next(each for each in events.every() if each.platform == platform and each.reads.get("messages"))
    body = events.filled(event, door.at, 3)
    if body[:1] == b"{":
        bodies = [
            one
            for number, hostile in enumerate(HOSTILE)
            for one in list(poisoned(body, hostile))[number :: len(HOSTILE)]
        ]
    else:
        text = re.findall(rb"\[CDATA\[([^\]]+)\]\]", body)
        bodies = [body.replace(one, hostile.encode()) for one in text for hostile in HOSTILE]
    for one in bodies:
        try:
            request = senders.sign(platform, secret, one, at=door.at)
        except (ValueError, TypeError, KeyError, AttributeError):
            continue  # whose sender reads the body, and cannot any more
        dressed = replace(request, headers={**request.headers, "user-agent": HOSTILE[0], "x-forwarded-for": HOSTILE[1]})
        assert door.status(channel, dressed) in (200, 204, 401)
    held(capsys, logged)


def test_no_header_query_path_or_method_reaches_a_log_line_or_a_metric(
    door: Door, capsys: Any, logged: pytest.LogCaptureFixture
) -> None:
    names = (
        "authorization",
        "webhook-id",
        "webhook-signature",
        "x-hub-signature-256",
        "tiktok-signature",
        "x-line-signature",
    )
    for hostile in HOSTILE:
        for platform in platforms.NAMES:
            headers = dict.fromkeys(names, hostile)
            request = Request(
                hostile, f"signature={hostile}&nonce={hostile}&x", {**headers, hostile: hostile}, hostile.encode()
            )
            assert door.status(f"{platform}/ours", request) == 401
        assert door.status(f"{hostile}/x".replace("/", "", hostile.count("/")), request) == 404
    held(capsys, logged)


def test_a_bug_in_the_middle_of_a_hostile_delivery_is_logged_by_its_place_alone(
    door: Door, capsys: Any, logged: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: Any, **_: Any) -> None:
        raise RuntimeError(str(given))

    monkeypatch.setattr(rim_intake, "keep", broken)
    for hostile in HOSTILE:
        request = senders.text("webhook", door.secrets["webhook/ours"], hostile, customer="c1", at=door.at)
        assert door.status("webhook/ours", request) == 500
    held(capsys, logged)


def test_a_refusal_of_the_table_that_quotes_its_item_is_logged_by_its_code_alone(
    door: Door, capsys: Any, logged: pytest.LogCaptureFixture
) -> None:
    def quoting(**_: Any) -> Any:
        return SimpleNamespace(status_code=400), {"Error": {"Code": "ThrottlingException", "Message": HOSTILE[0]}}

    client = door.intake.INTAKE._table._client
    with faults.failing(client, "dynamodb", "GetItem", quoting):
        request = senders.text("webhook", door.secrets["webhook/ours"], HOSTILE[0], customer=MARK, at=door.at)
        assert door.status("webhook/ours", request) == 204
    held(capsys, logged)


CASE: dict[str, Any] = {
    "id": "7K3Q-9MXA",
    "channel": "webhook/web-form",
    "brand": "qinghe",
    "customer": "c",
    "conversation": "c",
    "surface": "direct",
    "language": "en",
    "status": "open",
    "priority": "P1",
    "team": "care-cn",
    "assignee": "ann",
    "acknowledged_by": "ann",
    "acknowledged_at": "2026-03-12T03:00:00Z",
    "excerpt": "words",
    "kind": "complaint",
    "sentiment": "negative",
    "topic": "other",
    "risks": [],
    "clocks": [],
    "opened_at": "2026-03-12T03:00:00Z",
    "updated_at": "2026-03-12T03:00:00Z",
    "episode": 1,
    "version": 1,
    "waiting_messages": 1,
    "waiting_since": "2026-03-12T03:00:00Z",
    "resolved_at": None,
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_that_others_wrote_moves_an_operators_cursor(hostile: str) -> None:
    """`heed case` prints what customers and colleagues wrote: no control, no reordering, no other line."""
    line = {"type": "message", "at": "2026-03-12T03:00:00Z", "author": "customer", "by": hostile, "text": hostile}
    line |= {"attachments": [], "assessment": {"reasons": [hostile]}}
    entry = {
        "type": "entry",
        "at": "2026-03-12T03:00:00Z",
        "kind": "noted",
        "by": hostile,
        "detail": hostile,
        "text": hostile,
    }
    case = {
        **CASE,
        "why": [{"text": hostile}],
        "customer": hostile,
        "assignee": hostile,
        "acknowledged_by": hostile,
        "excerpt": hostile,
    }
    shown = pages.case_page(case, [line, entry], door_time(), Screen(StringIO()))
    for one in [*shown, *pages.case_table([case], door_time())]:
        assert [char for char in one if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")] == [], one


def door_time() -> Any:
    return pages.moment("2026-03-12T03:00:00Z")


def test_nothing_writes_a_spreadsheet() -> None:
    """No export is a table that a spreadsheet opens: what the desk, the queues and the topic give out is JSON."""
    sources = [
        *ROOT.glob("layers/heed/heed/**/*.py"),
        *ROOT.glob("functions/**/*.py"),
        *ROOT.glob("infra/heedctl/**/*.py"),
    ]
    found = [path.name for path in sources if re.search(r"\bcsv\b|\bopenpyxl\b|text/tab|xlsx", path.read_text("utf-8"))]
    assert found == []
