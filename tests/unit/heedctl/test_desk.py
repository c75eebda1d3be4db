"""The desk's client: how it signs, pages, asks every team, and tells a refusal."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from infra.heedctl.desk import Desk, Refused
from infra.heedctl.target import Failed, Target
from tests.unit.heedctl.conftest import FakeDesk


def case(case_id: str, deadline_at: str | None) -> dict[str, Any]:
    return {"id": case_id, "clocks": [{"state": "running", "deadline_at": deadline_at}]}


def query(path: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(path).query).items()}


def test_a_request_is_signed_for_execute_api_over_its_body(target: Target, desk: FakeDesk) -> None:
    desk.answer = lambda path: (200, {"case": {}, "changed": True})
    Desk(target).reply("7K3Q-9MXA", "好的")
    (asked,) = desk.asked
    headers = asked["headers"]
    assert "/eu-west-1/execute-api/aws4_request" in headers["authorization"]
    again = AWSRequest("POST", f"{target.base}{asked['path']}", {"host": headers["host"]}, asked["body"])
    for name in ("content-type", "idempotency-key"):
        again.headers[name] = headers[name]
    again.context["timestamp"] = headers["x-amz-date"]
    again.headers["X-Amz-Date"] = headers["x-amz-date"]
    signer = SigV4Auth(target.credentials(), "execute-api", "eu-west-1")
    signature = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
    assert headers["authorization"].endswith(f"Signature={signature}")


def test_a_token_is_sent_in_place_of_a_signature(target: Target, desk: FakeDesk) -> None:
    desk.answer = lambda path: (200, {"case": {}, "changed": True})
    Desk(target, token="abc").resolve("7K3Q-9MXA")
    assert desk.asked[0]["headers"]["authorization"] == "Bearer abc"
    assert "x-amz-date" not in desk.asked[0]["headers"]


def test_each_reply_has_an_identity_of_its_own(target: Target, desk: FakeDesk) -> None:
    desk.answer = lambda path: (200, {"case": {}, "changed": True})
    for _ in range(2):
        Desk(target).reply("7K3Q-9MXA", "the same words")
    first, second = (asked["headers"]["idempotency-key"] for asked in desk.asked)
    assert first != second
    assert json.loads(desk.asked[0]["body"]) == {"text": "the same words"}


def test_a_list_is_read_to_its_last_page(target: Target, desk: FakeDesk) -> None:
    pages = {None: {"cases": [case("A", None)], "next": "p2"}, "p2": {"cases": [case("B", None)]}}
    desk.answer = lambda path: (200, pages[query(path).get("next")])
    found = Desk(target).cases("care-cn", "open", ("P1", "P2"))
    assert [one["id"] for one in found] == ["A", "B"]
    assert {query(asked["path"])["priority"] for asked in desk.asked} == {"P1,P2"}


def test_without_a_team_every_team_is_asked_and_broken_promises_come_first(target: Target, desk: FakeDesk) -> None:
    lists = {"care-cn": [case("LATE", "2026-03-12T05:00:00.000Z"), case("NONE", None)]}
    broken = {"id": "BROKEN", "clocks": [{"state": "breached", "deadline_at": "2026-03-12T02:00:00.000Z"}]}
    lists["safety"] = [case("SOON", "2026-03-12T03:00:00.000Z"), broken]

    def answer(path: str) -> tuple[int, Any]:
        team = query(path).get("team")
        if team is None:
            return 400, {"error": {"code": "unknown_team", "message": "Name one team: care-cn, safety."}}
        return 200, {"cases": lists[team]}

    desk.answer = answer
    assert [one["id"] for one in Desk(target).cases(None, "open")] == ["BROKEN", "SOON", "LATE", "NONE"]


def test_an_unknown_team_is_told_and_not_worked_around(target: Target, desk: FakeDesk) -> None:
    desk.answer = lambda path: (400, {"error": {"code": "unknown_team", "message": "Name one team: care-cn."}})
    with pytest.raises(Refused, match="Name one team: care-cn"):
        Desk(target).cases("nobody", "open")
    assert len(desk.asked) == 1


REFUSALS = [
    (
        404,
        {"error": {"code": "not_found", "message": "There is no such case."}},
        "404 not_found.*There is no such case",
    ),
    (403, {"message": "Forbidden"}, "403 not_allowed.*Forbidden"),
    (502, b"<html>", "502 failed.*no reason given"),
]


@pytest.mark.parametrize(("status", "document", "told"), REFUSALS)
def test_a_refusal_is_told(target: Target, desk: FakeDesk, status: int, document: Any, told: str) -> None:
    desk.answer = lambda path: (status, document)
    with pytest.raises(Refused, match=told):
        Desk(target).case("7K3Q-9MXA")


def test_a_case_id_cannot_lead_out_of_its_path(target: Target, desk: FakeDesk) -> None:
    desk.answer = lambda path: (200, {"case": {}, "changed": True})
    Desk(target).acknowledge("../../webhooks?x=")
    assert desk.asked[0]["path"] == "/desk/cases/..%2F..%2Fwebhooks%3Fx%3D/acknowledge"


def test_a_stack_that_does_not_answer_is_told(target: Target) -> None:
    silent = Target(**{**vars(target), "base": "http://127.0.0.1:9"})
    with pytest.raises(Failed, match="does not answer"):
        Desk(silent).case("7K3Q-9MXA")
