"""Who may do what: nobody without a name, and a token confined to teams sees no others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from heed.model import Case
from tests.integration.desk.conftest import ANN, BOB, P1, P3, Caller, Contract, Opened, token

SAFETY = token("safety")
OTHER = token("care-cn")

OPERATIONS: dict[str, tuple[str, Any, dict[str, str]]] = {
    "": ("GET", None, {}),
    "/acknowledge": ("POST", None, {}),
    "/reply": ("POST", {"text": "x"}, {"idempotency-key": "k"}),
    "/note": ("POST", {"text": "x"}, {}),
    "/assign": ("POST", {"team": "care-cn"}, {}),
    "/status": ("POST", {"status": "on_hold"}, {}),
    "/resolve": ("POST", None, {}),
    "/reopen": ("POST", None, {}),
    "/priority": ("POST", {"priority": "P2"}, {}),
    "/spam": ("POST", None, {}),
    "/contain": ("POST", None, {}),
    "/merge": ("POST", {"into": "another case"}, {}),
    "/split": ("POST", {"messages": ["m1"]}, {}),
    "/correct": ("POST", {"message_id": "m1", "kind": "praise"}, {}),
}


def tried(name: str, opened: Opened) -> tuple[Case, str, Any, dict[str, str]]:
    """A case of the team safety, and what to ask of it."""
    method, body, headers = OPERATIONS[name]
    case = opened(P1)
    return case, method, {"into": opened(P1).id} if name == "/merge" else body, headers


def test_every_operation_on_a_case_is_tried_here(contract: Contract) -> None:
    of_a_case = {path for path in contract.document["paths"] if "{id}" in path}
    assert {f"/cases/{{id}}{name}" for name in OPERATIONS} == of_a_case


@pytest.mark.parametrize("name", OPERATIONS)
def test_another_teams_case_is_not_there(name: str, desk: Caller, opened: Opened) -> None:
    case, method, body, headers = tried(name, opened)
    answer = desk(method, f"/cases/{case.id}{name}", body, by=OTHER, headers=headers)
    nowhere = desk(method, f"/cases/0000-0000{name}", body, by=OTHER, headers=headers)
    assert (answer.status, answer.json) == (404, nowhere.json)
    assert desk("GET", f"/cases/{case.id}").json["case"]["version"] == case.version


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_case_of_ones_own_team_is_open(name: str, desk: Caller, opened: Opened) -> None:
    case, method, body, headers = tried(name, opened)
    assert desk(method, f"/cases/{case.id}{name}", body, by=SAFETY, headers=headers).status == 200


def test_another_teams_list_is_closed_whether_the_team_exists_or_not(desk: Caller, opened: Opened) -> None:
    opened(P1)
    answers = [desk("GET", f"/cases?team={team}", by=OTHER) for team in ("safety", "nobody")]
    assert [(answer.status, answer.code) for answer in answers] == [(403, "forbidden")] * 2
    assert answers[0].json == answers[1].json


def test_a_caller_of_one_team_need_not_name_it(desk: Caller, opened: Opened) -> None:
    safety = opened(P1)
    opened(P3)
    assert [case["id"] for case in desk("GET", "/cases", by=SAFETY).json["cases"]] == [safety.id]


def test_a_caller_of_several_teams_is_told_only_those(desk: Caller) -> None:
    answer = desk("GET", "/cases", by=token(["safety", "care-cn"]))
    assert answer.json["error"]["message"] == "Name one team: care-cn, safety."


@pytest.mark.parametrize("teams", [[], "", "[]", 7, {"safety": True}])
def test_a_claim_that_names_no_team_opens_none(teams: Any, desk: Caller, opened: Opened) -> None:
    case = opened(P1)
    assert desk("GET", "/cases", by=token(teams)).status == 403
    assert desk("GET", f"/cases/{case.id}", by=token(teams)).status == 404


@pytest.mark.parametrize(
    "by", [None, {}, {"iam": {}}, {"iam": None}, {"jwt": {"claims": {}}}, {"lambda": {"sub": "x"}}]
)
@pytest.mark.parametrize("address", ["/cases?team=safety", "/cases/0000-0000", "/nowhere"])
def test_nobody_gets_in_without_a_name(by: Any, address: str, desk: Caller) -> None:
    answer = desk("GET", address, by=by)
    assert (answer.status, answer.code) == (401, "unauthenticated")


def test_nobody_without_a_name_costs_a_call(desk: Caller, calls: list[str]) -> None:
    desk("GET", "/cases?team=safety", by=None)
    assert calls == []


@pytest.mark.parametrize(("by", "name"), [(ANN, "ann"), (BOB, "bob"), (token(), "eve@example.com")])
def test_a_change_is_signed_with_the_callers_name(by: Any, name: str, desk: Caller, opened: Opened) -> None:
    case = opened(P1)
    assert desk("POST", f"/cases/{case.id}/acknowledge", by=by).json["case"]["acknowledged_by"] == name


@pytest.mark.parametrize(
    "address", ["/", "/case", "/cases/0000-0000/delete", "/cases/0000-0000/note/1", "//", "/cases/"]
)
def test_an_address_that_is_none_is_not_found(address: str, desk: Caller) -> None:
    assert desk("POST" if address.count("/") > 2 else "GET", address).status == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST", "HEAD"])
def test_a_method_that_an_address_does_not_answer_to_is_refused(method: str, desk: Caller) -> None:
    answer = desk(method, "/cases")
    assert (answer.status, answer.headers["allow"]) == (405, "GET")


def test_a_bug_is_logged_by_its_place_without_a_word_of_what_it_held(
    desk: Caller, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def bug(*_: Any) -> None:
        raise KeyError("wamid.secret: where is my parcel?")

    monkeypatch.setattr(desk.app.DESK._table, "find", bug, raising=False)
    capsys.readouterr()
    answer = desk("GET", "/cases/7K3Q-9MXA")
    assert (answer.status, answer.code) == (500, "internal")
    assert answer.json["error"]["request_id"] == desk.context.aws_request_id
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["exception"] for line in lines if "exception" in line] == ["KeyError"]
    assert any("DeskBugs" in line for line in lines)
    assert "parcel" not in json.dumps(lines)
