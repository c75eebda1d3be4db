from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from heed.model import Case
from heed.rim import recording
from heed.rim.dynamo import Conflict
from heed.rim.store import Change, Table
from tests.integration.desk.conftest import ANN, BOB, P1, P2, Caller, Opened, token

CHANGES: dict[str, Any] = {
    "acknowledge": None,
    "note": {"text": "Called the depot"},
    "assign": {"team": "care-cn", "assignee": "lin"},
    "status": {"status": "on_hold"},
    "resolve": None,
    "reopen": None,
    "priority": {"priority": "P1"},
    "spam": None,
    "contain": None,
}


def entries(desk: Caller, case: Case, by: Any = ANN) -> list[dict[str, Any]]:
    return [line for line in desk("GET", f"/cases/{case.id}", by=by).json["timeline"] if line["type"] == "entry"]


def prepared(desk: Caller, opened: Opened, action: str) -> Case:
    """A case on which the action changes something."""
    case = opened(P2)
    if action == "reopen":
        desk("POST", f"/cases/{case.id}/resolve", by=BOB)
    return case


@pytest.mark.parametrize("action", CHANGES)
def test_every_change_says_who_made_it(action: str, desk: Caller, opened: Opened) -> None:
    case = prepared(desk, opened, action)
    answer = desk("POST", f"/cases/{case.id}/{action}", CHANGES[action])
    assert (answer.status, answer.json["changed"]) == (200, True)
    kinds = {
        "acknowledge": "acknowledged",
        "note": "noted",
        "assign": "assigned",
        "status": "status",
        "resolve": "resolved",
        "reopen": "reopened",
        "priority": "priority",
        "spam": "spam",
        "contain": "resolved",
    }
    last = entries(desk, case)[-1]
    assert (last["kind"], last["by"]) == (kinds[action], "ann")


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("acknowledge", {"acknowledged_by": "ann"}),
        ("assign", {"team": "care-cn", "assignee": "lin"}),
        ("status", {"status": "on_hold"}),
        ("resolve", {"status": "resolved", "waiting_since": None}),
        ("reopen", {"status": "open", "resolved_at": None}),
        ("priority", {"priority": "P1"}),
        ("spam", {"spam": True, "status": "resolved"}),
    ],
)
def test_a_change_shows_in_the_answer_and_in_the_table(
    action: str, expected: dict[str, Any], desk: Caller, opened: Opened
) -> None:
    case = prepared(desk, opened, action)
    answered = desk("POST", f"/cases/{case.id}/{action}", CHANGES[action]).json["case"]
    read = desk("GET", f"/cases/{case.id}").json["case"]
    assert expected.items() <= answered.items()
    assert expected.items() <= read.items()


@pytest.mark.parametrize("action", ["acknowledge", "assign", "status", "resolve", "priority", "spam", "contain"])
def test_the_same_change_again_changes_nothing(action: str, desk: Caller, opened: Opened) -> None:
    case = prepared(desk, opened, action)
    first = desk("POST", f"/cases/{case.id}/{action}", CHANGES[action])
    again = desk("POST", f"/cases/{case.id}/{action}", CHANGES[action])
    assert again.json["changed"] is False
    assert again.json["case"]["version"] == first.json["case"]["version"]


def test_on_hold_pauses_the_promise_of_a_resolution_and_no_other(desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    held = desk("POST", f"/cases/{case.id}/status", {"status": "on_hold"}).json["case"]["clocks"]
    assert {clock["metric"]: clock["state"] for clock in held} == {"first_response": "running", "resolution": "paused"}
    assert {clock["metric"]: clock["left_seconds"] is None for clock in held} == {
        "first_response": False,
        "resolution": True,
    }


def test_an_assignment_without_a_person_takes_the_case_from_the_last_one(desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    desk("POST", f"/cases/{case.id}/assign", {"team": "care-cn", "assignee": "lin"})
    answer = desk("POST", f"/cases/{case.id}/assign", {"team": "care-cn"})
    assert answer.json["case"]["assignee"] is None


def test_a_case_is_assigned_to_a_team_of_the_policy_only(desk: Caller, opened: Opened) -> None:
    answer = desk("POST", f"/cases/{opened(P2).id}/assign", {"team": "nobody"})
    assert (answer.status, answer.code) == (400, "unknown_team")


def test_a_case_that_somebody_else_has_acknowledged_is_theirs(desk: Caller, opened: Opened) -> None:
    case = opened(P1)
    desk("POST", f"/cases/{case.id}/acknowledge", by=BOB)
    answer = desk("POST", f"/cases/{case.id}/acknowledge", by=ANN)
    assert (answer.status, answer.code) == (409, "already_acknowledged")
    assert desk("GET", f"/cases/{case.id}").json["case"]["acknowledged_by"] == "bob"


@pytest.mark.parametrize(("action", "body"), [("acknowledge", None), ("status", {"status": "open"})])
def test_a_resolved_case_has_to_be_reopened_first(action: str, body: Any, desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    desk("POST", f"/cases/{case.id}/resolve")
    answer = desk("POST", f"/cases/{case.id}/{action}", body)
    assert (answer.status, answer.code) == (409, "resolved")


@pytest.mark.parametrize("action", CHANGES)
def test_a_change_to_a_stale_version_is_refused(action: str, desk: Caller, opened: Opened) -> None:
    case = prepared(desk, opened, action)
    read = desk("GET", f"/cases/{case.id}").headers["etag"]
    desk("POST", f"/cases/{case.id}/note", {"text": "In between"}, by=BOB)
    answer = desk("POST", f"/cases/{case.id}/{action}", CHANGES[action], headers={"if-match": read})
    assert (answer.status, answer.code) == (412, "stale")
    assert entries(desk, case)[-1]["text"] == "In between"
    assert desk("POST", f"/cases/{case.id}/{action}", CHANGES[action], headers=_etag(answer)).status == 200


def _etag(answer: Any) -> dict[str, str]:
    return {"if-match": answer.headers["etag"]}


@pytest.mark.parametrize("value", ['"1", "2"', "W/1", "x", "", "-1"])
def test_an_if_match_that_cannot_be_read_changes_nothing(value: str, desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    answer = desk("POST", f"/cases/{case.id}/resolve", headers={"if-match": value})
    assert (answer.status, answer.code) == (400, "invalid_header")


def racing(table: Table, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else changes the case between the desk's read and its write, that many times."""
    left = [times]
    save = Table.save

    def raced(self: Table, change: Change) -> None:
        if left[0]:
            left[0] -= 1
            assert change.before is not None
            save(table, Change(change.before, _later(change.before)))
        save(self, change)

    monkeypatch.setattr(Table, "save", raced)


def _later(case: Case) -> Case:
    return replace(case, version=case.version + 1)


def test_a_change_that_loses_a_race_is_made_to_what_the_winner_left(
    desk: Caller, opened: Opened, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = opened(P2)
    racing(table, 2, monkeypatch)
    answer = desk("POST", f"/cases/{case.id}/note", {"text": "Still mine"})
    assert answer.json["case"]["version"] == case.version + 3
    assert [entry["text"] for entry in entries(desk, case) if entry["kind"] == "noted"] == ["Still mine"]


def test_a_change_bound_to_a_version_is_refused_when_it_loses_the_race(
    desk: Caller, opened: Opened, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = opened(P2)
    racing(table, 1, monkeypatch)
    answer = desk("POST", f"/cases/{case.id}/resolve", headers={"if-match": f'"{case.version}"'})
    assert answer.status == 412


def test_a_case_that_everybody_changes_at_once_is_unavailable_for_now(
    desk: Caller, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: Any, **__: Any) -> None:
        raise Conflict

    monkeypatch.setattr(Table, "save", lost)
    monkeypatch.setattr(recording.time, "sleep", lambda _: None)
    answer = desk("POST", f"/cases/{opened(P2).id}/resolve")
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "unavailable", "1")


@pytest.mark.parametrize("action", CHANGES)
def test_a_change_costs_two_reads_and_one_write(action: str, desk: Caller, opened: Opened, calls: list[str]) -> None:
    case = prepared(desk, opened, action)
    calls.clear()
    desk("POST", f"/cases/{case.id}/{action}", CHANGES[action])
    assert calls == ["GetItem", "GetItem", "TransactWriteItems"]


BAD_BODIES = ["[]", "null", "{", "{}x", '{"text":"\\ud800"}', '{"text":"a","by":"eve"}', '{"text":" "}', "[" * 9_999]


@pytest.mark.parametrize("raw", [*BAD_BODIES, '{"text":"' + "x" * 10_001 + '"}'])
def test_a_body_that_is_not_as_documented_changes_nothing(raw: str, desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    answer = desk("POST", f"/cases/{case.id}/note", raw=raw)
    assert (answer.status, answer.code) == (400, "invalid_body")
    assert desk("GET", f"/cases/{case.id}").json["case"]["version"] == case.version


@pytest.mark.parametrize("action", ["acknowledge", "resolve", "reopen"])
def test_a_change_without_fields_takes_an_empty_object_and_nothing_more(
    action: str, desk: Caller, opened: Opened
) -> None:
    case = prepared(desk, opened, action)
    assert desk("POST", f"/cases/{case.id}/{action}", {"by": "eve"}).status == 400
    assert desk("POST", f"/cases/{case.id}/{action}?force=1").status == 400
    assert desk("POST", f"/cases/{case.id}/{action}", {}).status == 200


def test_a_body_that_api_gateway_has_encoded_is_decoded_first(desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    raw = base64.b64encode('{"text":"好的"}'.encode()).decode()
    assert desk("POST", f"/cases/{case.id}/note", raw=raw, encoded=True).status == 200
    assert entries(desk, case)[-1]["text"] == "好的"
    assert desk("POST", f"/cases/{case.id}/note", raw="%%%", encoded=True).status == 400


def test_an_error_quotes_nothing_of_the_request(desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    for raw in ('{"<script>": 1}', '{"text": {"<script>": 1}}', '{"text": "a", "<script>": "<script>"}', "<script>"):
        answer = desk("POST", f"/cases/{case.id}/note", raw=raw)
        assert "script" not in answer.json["error"]["message"]
    assert "script" not in str(desk("GET", "/cases?team=<script>").json)
    assert "script" not in str(desk("GET", "/cases/<script>").json)


def test_a_case_handed_to_a_team_one_does_not_see_is_gone_for_oneself(desk: Caller, opened: Opened) -> None:
    case, eve = opened(P2), token("care-global")
    assert desk("POST", f"/cases/{case.id}/assign", {"team": "safety"}, by=eve).status == 200
    assert desk("GET", f"/cases/{case.id}", by=eve).status == 404
