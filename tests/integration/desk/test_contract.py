"""openapi.yaml and the handler say the same, in both directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from heed import model
from heed.rim.corrections import Corrections
from heed.rim.desk import Desk
from heed.rim.dynamo import Unavailable
from tests.integration.desk.conftest import ANN, BOB, P2, Answer, Caller, Contract, Opened, token


def test_the_document_is_valid_openapi(contract: Contract) -> None:
    OpenAPIV31SpecValidator(contract.document).validate()


def test_every_route_is_documented_and_every_documented_route_exists(contract: Contract) -> None:
    routes = {(method, f"/{path}") for path, methods in Desk.routes.items() for method in methods}
    assert routes == {(method, path) for method, path, _ in contract.operations()}


@pytest.mark.parametrize(
    "name",
    [
        *("Author", "Surface", "Kind", "Sentiment", "Topic", "Priority", "Status", "Metric", "ClockState"),
        "AttachmentKind",
        "EntryKind",
        ("Risk", "RiskName"),
        ("Signal", "SignalName"),
    ],
)
def test_the_documents_lists_of_values_are_the_models(contract: Contract, name: Any) -> None:
    documented, known = name if isinstance(name, tuple) else (name, name)
    assert set(contract.document["components"]["schemas"][documented]["enum"]) == set(getattr(model, known))


def test_every_example_follows_its_schema(contract: Contract) -> None:
    contents = [
        content
        for _, _, operation in contract.operations()
        for holder in (operation.get("requestBody", {}), *operation["responses"].values())
        for content in contract.follow(holder).get("content", {}).values()
    ]
    examples = [
        (content["schema"], example)
        for content in contents
        for example in (
            *([content["example"]] if "example" in content else []),
            *(contract.follow(named)["value"] for named in content.get("examples", {}).values()),
        )
    ]
    assert len(examples) > 20
    for schema, example in examples:
        contract.validate(schema, example)


def _ok(desk: Caller, opened: Opened, method: str, path: str, operation: dict[str, Any], **more: Any) -> Answer:
    """The documented example of a request, made of a case that allows it."""
    case = opened(P2)
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = content.get("example")
    if body and "sent_at" in body:
        body = {"text": body["text"], "message_id": body["message_id"]}
    if operation["operationId"] == "mergeCase":
        body = {"into": opened(P2).id}
    if operation["operationId"] == "splitCase":
        body = {"messages": [case.conversation.replace("c", "m")]}
    if operation["operationId"] == "correctMessage":
        body = {**body, "message_id": case.conversation.replace("c", "m")}
    return desk(method, path.replace("{id}", case.id) + ("?team=care-global" if path == "/cases" else ""), body, **more)


def _broken(error: Exception) -> Callable[..., Any]:
    def raises(*_: Any, **__: Any) -> Any:
        raise error

    return raises


def _conflicting(desk: Caller, opened: Opened, operation: str) -> Answer:
    case = opened(P2)
    if operation == "acknowledgeCase":
        desk("POST", f"/cases/{case.id}/acknowledge", by=BOB)
        return desk("POST", f"/cases/{case.id}/acknowledge")
    if operation == "mergeCase":
        return desk("POST", f"/cases/{case.id}/merge", {"into": case.id})
    if operation == "splitCase":
        return desk("POST", f"/cases/{case.id}/split", {"messages": ["nobody"]})
    if operation == "correctMessage":
        return desk("POST", f"/cases/{case.id}/correct", {"message_id": "nobody", "kind": "praise"})
    closed = {"setStatus": ("status", {"status": "open"}), "prioritiseCase": ("priority", {"priority": "P1"})}
    if operation in closed:
        desk("POST", f"/cases/{case.id}/resolve")
        return desk("POST", f"/cases/{case.id}/{closed[operation][0]}", closed[operation][1])
    key = {"idempotency-key": "k"}
    desk("POST", f"/cases/{case.id}/reply", {"text": "One"}, headers=key)
    return desk("POST", f"/cases/{case.id}/reply", {"text": "Two"}, headers=key)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 405, 409, 412, 413, 500, 503])
def test_every_documented_status_of_every_route_is_given(
    status: int, desk: Caller, opened: Opened, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {500: KeyError("a customer's words"), 503: Unavailable("ThrottlingException")}.get(status)
    if broken:
        for name in ("find", "desk", "corrections"):
            monkeypatch.setattr(Corrections, name, _broken(broken))
    tried = 0
    for method, path, operation in contract.operations():
        if str(status) not in operation["responses"]:
            continue
        address = path.replace("{id}", "0000-0000")
        changes: dict[int, Callable[[], Answer]] = {
            400: lambda: desk(method, f"{address}?unknown=1", {"text": "x", "unknown": 1}),  # noqa: B023
            401: lambda: desk(method, address, by=None),  # noqa: B023
            403: lambda: desk(method, f"{address}?team=safety", by=token("care-cn")),  # noqa: B023
            404: lambda: desk(method, address, _body(operation)),  # noqa: B023
            405: lambda: desk("PUT", address),  # noqa: B023
            409: lambda: _conflicting(desk, opened, operation["operationId"]),  # noqa: B023
            412: lambda: _ok(desk, opened, method, path, operation, headers={"if-match": '"99"'}),  # noqa: B023
            413: lambda: desk(method, address, raw=" " * 65_537),  # noqa: B023
        }
        answer = changes.get(status, lambda: _ok(desk, opened, method, path, operation))()  # noqa: B023
        assert answer.status == status, (method, path, answer)
        tried += 1
    assert tried


def _body(operation: dict[str, Any]) -> Any:
    """A body fit for an operation; a reply's documented example without its old time."""
    example = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    return {name: value for name, value in example.items() if name != "sent_at"} if example else None


REFUSALS = {
    "invalid_query": ("GET", "/cases?limit=0", None, {}),
    "invalid_body": ("POST", "/cases/{id}/note", {}, {}),
    "invalid_header": ("POST", "/cases/{id}/note", {"text": "x"}, {"if-match": 'W/"1"'}),
    "invalid_next": ("GET", "/cases/{id}?next=x", None, {}),
    "identity_required": ("POST", "/cases/{id}/reply", {"text": "x"}, {}),
    "unknown_team": ("POST", "/cases/{id}/assign", {"team": "nobody"}, {}),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_each_kind_of_bad_request_has_its_code(code: str, desk: Caller, opened: Opened) -> None:
    method, path, body, headers = REFUSALS[code]
    answer = desk(method, path.replace("{id}", opened().id), body, by=ANN, headers=headers)
    assert (answer.status, answer.code) == (400, code)


def test_no_kind_of_bad_request_is_documented_without_being_given(contract: Contract) -> None:
    bad = contract.document["components"]["responses"]["BadRequest"]["content"]["application/json"]["schema"]
    assert set(bad["properties"]["error"]["properties"]["code"]["enum"]) == set(REFUSALS)
