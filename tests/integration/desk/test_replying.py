from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from heed import cases
from heed.model import Author, Message, Surface
from heed.policy import Policy
from heed.rim.recording import record
from heed.rim.store import Change, Table
from tests.integration.desk.conftest import P1, P2, Caller, Opened

KEY = {"idempotency-key": "0b7c"}


def replies(desk: Caller, case_id: str) -> list[dict[str, Any]]:
    lines = desk("GET", f"/cases/{case_id}").json["timeline"]
    return [line for line in lines if line["type"] == "message" and line["author"] == "agent"]


def test_a_reply_keeps_the_promise_and_names_who_gave_it(desk: Caller, opened: Opened) -> None:
    case = opened(P2, minutes_ago=5)
    answer = desk("POST", f"/cases/{case.id}/reply", {"text": "On its way"}, headers=KEY)
    assert answer.json["changed"] is True
    assert answer.json["case"]["answered"] is True
    assert answer.json["case"]["waiting_since"] is None
    assert answer.json["case"]["clocks"][0]["state"] == "met"
    (said,) = replies(desk, case.id)
    assert (said["text"], said["by"], said["assessment"]) == ("On its way", "ann", None)


def test_the_same_reply_again_is_recorded_once(desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    first = desk("POST", f"/cases/{case.id}/reply", {"text": "On its way"}, headers=KEY)
    again = desk("POST", f"/cases/{case.id}/reply", {"text": "On its way"}, headers=KEY)
    assert again.json["changed"] is False
    assert again.json["case"]["version"] == first.json["case"]["version"]
    assert len(replies(desk, case.id)) == 1


def test_one_key_records_one_reply_in_each_case(desk: Caller, opened: Opened) -> None:
    for case in (opened(P2), opened(P2)):
        assert desk("POST", f"/cases/{case.id}/reply", {"text": "Hello"}, headers=KEY).json["changed"] is True


def test_a_key_that_comes_with_another_text_is_refused_rather_than_lost(desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    desk("POST", f"/cases/{case.id}/reply", {"text": "One"}, headers=KEY)
    answer = desk("POST", f"/cases/{case.id}/reply", {"text": "Two"}, headers=KEY)
    assert (answer.status, answer.code) == (409, "key_reused")


@pytest.mark.parametrize("echo_first", [True, False])
def test_a_platforms_echo_of_a_reply_is_the_same_reply(
    echo_first: bool, desk: Caller, opened: Opened, table: Table, policy: Policy
) -> None:
    case, now = opened(P2, minutes_ago=2), datetime.now(UTC)
    where = (case.channel, "wamid.1", case.conversation, case.customer, Author.AGENT, Surface.DIRECT)
    echo = Message(*where, "On its way", now, now)
    if echo_first:
        assert record(table, policy, echo, now) is not None
    answer = desk("POST", f"/cases/{case.id}/reply", {"text": "On its way!", "message_id": "wamid.1"})
    assert (answer.status, answer.json["changed"]) == (200, not echo_first)
    assert record(table, policy, echo, now) is None
    assert len(replies(desk, case.id)) == 1


def test_a_platforms_message_cannot_take_the_place_of_a_reply_with_a_key(desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    desk("POST", f"/cases/{case.id}/reply", {"text": "Platform's", "message_id": KEY["idempotency-key"]})
    answer = desk("POST", f"/cases/{case.id}/reply", {"text": "Desk's"}, headers=KEY)
    assert answer.json["changed"] is True


def test_a_reply_without_an_identity_is_refused(desk: Caller, opened: Opened) -> None:
    answer = desk("POST", f"/cases/{opened(P2).id}/reply", {"text": "On its way"})
    assert (answer.status, answer.code) == (400, "identity_required")
    assert "Idempotency-Key" in answer.json["error"]["message"]


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 201])
def test_a_key_that_is_none_is_refused(key: str, desk: Caller, opened: Opened) -> None:
    answer = desk("POST", f"/cases/{opened(P2).id}/reply", {"text": "x"}, headers={"idempotency-key": key})
    assert (answer.status, answer.code) == (400, "invalid_header")


def test_a_reply_that_was_sent_in_time_takes_a_breach_back(desk: Caller, opened: Opened, table: Table) -> None:
    case, now = opened(P1, minutes_ago=20), datetime.now(UTC)
    table.save(Change(case, cases.expire(case, now)))
    body = {"text": "Please stop using it", "sent_at": (now - timedelta(minutes=10)).isoformat()}
    answer = desk("POST", f"/cases/{case.id}/reply", body, headers=KEY)
    assert answer.json["case"]["clocks"][0]["state"] == "retracted"
    (said,) = replies(desk, case.id)
    assert said["at"] < said["received_at"]


@pytest.mark.parametrize(
    "sent_at",
    [
        "2026-03-12T03:05:00",
        "yesterday",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        timedelta(minutes=6),
        timedelta(days=-8),
        1_773_284_700,
    ],
)
def test_a_reply_was_said_at_a_time_that_can_be(sent_at: Any, desk: Caller, opened: Opened) -> None:
    if isinstance(sent_at, timedelta):
        sent_at = (datetime.now(UTC) + sent_at).isoformat()
    body = {"text": "x", "sent_at": sent_at}
    answer = desk("POST", f"/cases/{opened(P2).id}/reply", body, headers=KEY)
    assert (answer.status, answer.code) == (400, "invalid_body")


def test_a_reply_may_give_its_time_in_any_zone(desk: Caller, opened: Opened) -> None:
    case = opened(P2, minutes_ago=9)
    said_at = (datetime.now(UTC) - timedelta(minutes=1)).astimezone().isoformat()
    assert desk("POST", f"/cases/{case.id}/reply", {"text": "x", "sent_at": said_at}, headers=KEY).status == 200


def test_a_reply_takes_no_version(desk: Caller, opened: Opened) -> None:
    answer = desk("POST", f"/cases/{opened(P2).id}/reply", {"text": "x"}, headers={**KEY, "if-match": '"1"'})
    assert (answer.status, answer.code) == (400, "invalid_header")


def test_a_reply_costs_three_reads_and_one_write(desk: Caller, opened: Opened, calls: list[str]) -> None:
    case = opened(P2)
    desk("POST", f"/cases/{case.id}/reply", {"text": "x"}, headers=KEY)
    assert calls == ["GetItem", "GetItem", "GetItem", "TransactWriteItems"]


def test_a_channel_that_the_policy_has_dropped_can_still_be_answered(
    desk: Caller, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = opened(P2)
    monkeypatch.setitem(desk.app.DESK._policy.__dict__, "channels", {})
    answer = desk("POST", f"/cases/{case.id}/reply", {"text": "x"}, headers=KEY)
    assert answer.json["changed"] is True
