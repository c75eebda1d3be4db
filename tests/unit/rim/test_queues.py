"""Batches to SQS and SNS."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from heed.rim import queues

NOW = datetime(2026, 3, 11, 10, tzinfo=UTC)


class Aws:
    """SQS and SNS as a client sees them: `bad` is refused now, `never` for ever, `down` and `slow` fail the call."""

    def __init__(self) -> None:
        self.calls: list[list[dict[str, Any]]] = []

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        return self._take(Entries)

    def publish_batch(self, TopicArn: str, PublishBatchRequestEntries: list[dict[str, Any]]) -> dict[str, Any]:
        return self._take(PublishBatchRequestEntries)

    def _take(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.calls.append(entries)
        bodies = [entry["MessageBody"] for entry in entries]
        if "down" in bodies:
            raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": ""}}, "SendMessageBatch")
        if "slow" in bodies:
            raise ConnectTimeoutError(endpoint_url="https://sqs")
        faults = {"bad": ("InternalError", False), "never": ("InvalidMessageContents", True)}
        refused = ((entry["Id"], *faults[entry["MessageBody"]]) for entry in entries if entry["MessageBody"] in faults)
        return {"Failed": [{"Id": id, "Code": code, "SenderFault": fault} for id, code, fault in refused]}


def entries(*bodies: str) -> list[queues.Entry]:
    return [{"MessageBody": body} for body in bodies]


def test_ten_entries_go_in_one_call() -> None:
    aws = Aws()
    assert queues.send(aws, "url", entries(*["ok"] * 25)) == []
    assert [len(call) for call in aws.calls] == [10, 10, 5]


@pytest.mark.parametrize("way", [queues.send, queues.publish])
def test_refused_entries_are_named_by_their_position(way: Any) -> None:
    lost = way(Aws(), "target", entries("ok", "bad", *["ok"] * 9, "never"))
    assert lost == [queues.Lost(1, again=True), queues.Lost(11, again=False)]


@pytest.mark.parametrize("fault", ["down", "slow"])
def test_a_call_that_fails_fails_its_ten_entries_and_no_others(fault: str) -> None:
    lost = queues.send(Aws(), "url", entries(*["ok"] * 10, fault, "ok", *["ok"] * 8, "ok"))
    assert lost == [queues.Lost(position, again=True) for position in range(10, 20)]


@pytest.mark.parametrize(
    ("ahead_seconds", "delay_seconds"), [(0, 1), (4.2, 5), (5, 6), (-0.4, 0), (-7200, 0), (899.5, 900), (5000, 900)]
)
def test_a_wake_arrives_in_the_second_after_its_moment(ahead_seconds: float, delay_seconds: int) -> None:
    entry = queues.Wake("case", NOW + timedelta(seconds=ahead_seconds)).entry(NOW)
    assert entry["DelaySeconds"] == delay_seconds


def test_a_receipt_says_what_was_told_and_when_or_that_there_was_no_need() -> None:
    told = json.loads(queues.Receipt("case", ("k1", "k2"), NOW).entry()["MessageBody"])
    assert told == {"case": "case", "told": ["k1", "k2"], "at": NOW.isoformat()}
    assert json.loads(queues.Receipt("case", ("k1",), None).entry()["MessageBody"])["at"] is None


def test_what_was_refused_is_logged_by_its_code_and_without_its_content(caplog: pytest.LogCaptureFixture) -> None:
    queues.send(Aws(), "url", entries("ok", "bad"))
    queues.send(Aws(), "url", entries("down"))
    assert caplog.messages == [
        "1 of a batch of 2 refused: InternalError",
        "1 of a batch of 1 refused: ServiceUnavailable",
    ]


def test_a_batch_weighs_no_more_than_one_call_may() -> None:
    aws = Aws()
    queues.send(aws, "url", entries(*["字" * 30_000] * 5, "x" * 300_000, "small"))
    assert [len(call) for call in aws.calls] == [2, 2, 1, 1, 1]
