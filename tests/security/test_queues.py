"""A message on a queue that is not ours: it fails alone, changes nothing, and is named by its id only."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from heed.rim import runtime
from heed.rim.recording import record
from tests.in_memory import client
from tests.unit.builders import a_message

MARK = "qzxmark"
AT = "2026-03-11T02:00:00+00:00"
SHAPES = (
    "null",
    "[]",
    "7",
    '"x"',
    "true",
    "{}",
    "",
    "\x00",
    "[" * 100_000,
    '{"a":' * 100_000,
    "9" * 5_000,
    MARK + "\n{}",
)


def bodies(key: str) -> list[str]:
    """Of any shape, and of the right one with each field in turn of a wrong kind. `key` is a real case."""
    wrong: list[dict[str, Any]] = [
        {"case": {"S": key}},
        {"case": [key], "due_at": AT},
        {"case": key, "due_at": MARK},
        {"case": key, "due_at": 7},
        {"case": key, "due_at": "2026-03-11T02:00:00"},
        {"case": key, "told": 7, "at": AT},
        {"case": key, "told": [{"x": MARK}], "at": AT},
        {"case": key, "told": [[MARK]], "at": AT},
        {"case": key, "told": [MARK], "at": "2026-03-11T02:00:00"},
        {"case": key, "held": [{"x": MARK}], "window": MARK, "until": AT},
        {"case": key, "held": [MARK], "window": MARK, "until": "2026-03-11T02:00:00"},
        {"message": {"text": MARK}},
        {"message": []},
        {"report": MARK},
        {"broken": {"content": MARK}},
        {"broken": 7, "at": MARK},
        {"channel": MARK, "source": MARK, "token": MARK, "received_at": MARK},
    ]
    return [*SHAPES, *map(json.dumps, wrong)]


@pytest.mark.parametrize("name", ["recover", "expire", "pull"])
def test_a_hostile_message_fails_alone_and_is_not_quoted(
    name: str,
    load_function: Any,
    context: SimpleNamespace,
    table: Any,
    policy: Any,
    stack: Any,
    capsys: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Beside it in the batch lies a genuine one, which is done."""
    caplog.set_level(logging.INFO)
    now = runtime.now()
    case = record(table, policy, a_message("Where is my parcel?", at=now, conversation="c", customer="c"), now)
    assert case is not None
    app = load_function(name)
    before = items(stack)
    genuine = {
        "recover": json.dumps(
            {"broken": {"channel": "c", "reason": "r", "content": "", "size_bytes": 0, "digest": "d"}, "at": AT}
        ),
        "expire": json.dumps({"case": case.key, "due_at": AT}),
        "pull": json.dumps({"channel": "wecom/gone", "source": "s", "token": "", "received_at": AT}),
    }[name]
    unbounded = []
    for body in bodies(case.key):
        answer = app.handler({"Records": [delivered("hostile", body), delivered("genuine", genuine)]}, context)
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        if not failed <= {"hostile"}:
            unbounded.append(body[:60])
    assert unbounded == []
    assert [item for item in items(stack) if not item["pk"]["S"].startswith("RAW#")] == before
    out = capsys.readouterr()
    assert MARK not in out.out + out.err + caplog.text


def delivered(message_id: str, body: str) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": "1"}
    return {"messageId": message_id, "receiptHandle": "r", "body": body, "attributes": attributes}


def items(stack: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client("dynamodb").scan(TableName=stack.refs["Table"])["Items"]
    return found
