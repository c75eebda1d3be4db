"""The desk's handler as callers meet it; every answer is held to functions/desk/openapi.yaml on its way to the test."""

from __future__ import annotations

import base64
import copy
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from jsonschema import Draft202012Validator

from heed.model import Author, Case, Message, Surface
from heed.policy import Policy
from heed.rim.recording import record
from heed.rim.store import Table

DOCUMENT = Path(__file__).parents[3] / "functions" / "desk" / "openapi.yaml"
HEADERS = {"content-type", "cache-control", "x-content-type-options", "content-encoding", "vary"}

ANN = {"iam": {"userArn": "arn:aws:sts::123456789012:assumed-role/Desk/ann", "accountId": "123456789012"}}
BOB = {"iam": {"userArn": "arn:aws:iam::123456789012:user/care/bob", "accountId": "123456789012"}}

P1 = "The heater exploded and burned my child"
P2 = "Refund me or my lawyer will sue you"
P3 = "Where is my parcel?"


def token(teams: Any = None, **claims: str) -> dict[str, Any]:
    """What API Gateway passes on of a token; `teams` is its claim heed_teams."""
    given = {"sub": "u-1", "email": "eve@example.com", "email_verified": "true", **claims}
    return {"jwt": {"claims": {**given, "heed_teams": "*" if teams is None else teams}, "scopes": None}}


class Contract:
    """openapi.yaml, with every object closed: an answer may hold nothing that the document does not name."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        closed = copy.deepcopy(document["components"])
        _close(closed["schemas"])
        self._components = {"components": closed}

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """(method, path, operation) of everything documented."""
        for path, item in self.document["paths"].items():
            for method in item.keys() - {"parameters"}:
                yield method.upper(), path, item[method]

    def follow(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in node:
            return node
        found: Any = self.document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return found

    def validate(self, schema: Mapping[str, Any], value: Any) -> None:
        Draft202012Validator({**self._components, **schema}).validate(value)

    def check(self, method: str, path: str, answer: Answer) -> None:
        """Fails unless the document allows this answer to this request."""
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        documented = self._response(method, path, str(answer.status))
        named = documented.get("headers", {})
        for name in named:
            assert name in answer.headers
            self.validate(self.follow(named[name])["schema"], answer.headers[name])
        assert set(answer.headers) <= HEADERS | set(named)
        self.validate(documented["content"]["application/json"]["schema"], answer.json)

    def _response(self, method: str, path: str, status: str) -> Mapping[str, Any]:
        parts = path.removeprefix("/").split("/")
        shape = "/" + "/".join("{id}" if index == 1 else part for index, part in enumerate(parts))
        item = self.document["paths"].get(shape)
        if item is None:
            assert status in ("404", "401")
            return self.document["components"]["responses"]["NotFound" if status == "404" else "Unauthenticated"]
        operations = [item[name] for name in item.keys() - {"parameters"}]
        operation = item.get(method.lower()) or next(o for o in operations if status in ("405", "401"))
        return self.follow(operation["responses"][status])


def _close(node: Any) -> None:
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            node.setdefault("additionalProperties", False)
        for value in node.values():
            _close(value)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    json: Any

    @property
    def code(self) -> str:
        return self.json["error"]["code"]


@dataclass(frozen=True)
class Caller:
    """`desk("POST", "/cases/7K3Q-9MXA/note", {"text": "..."}, by=ANN)`"""

    app: ModuleType
    context: SimpleNamespace
    contract: Contract

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        by: Mapping[str, Any] | None = ANN,
        headers: Mapping[str, str] | None = None,
        raw: str | None = None,
        encoded: bool = False,
    ) -> Answer:
        path, _, query = path.partition("?")
        text = raw if raw is not None else json.dumps(body) if body is not None else None
        event = {
            "version": "2.0",
            "routeKey": "ANY /desk/{proxy+}",
            "rawPath": f"/desk{path}",
            "rawQueryString": query,
            "headers": {"content-type": "application/json", **(headers or {})},
            "requestContext": {
                "http": {"method": method, "path": f"/desk{path}", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
                "requestId": "r1",
                **({"authorizer": by} if by is not None else {}),
            },
            "pathParameters": {"proxy": unquote(path.removeprefix("/"))},
            "isBase64Encoded": encoded,
            **({"body": text} if text is not None else {}),
        }
        given = self.app.handler(event, self.context)
        written = gzip.decompress(base64.b64decode(given["body"])) if given.get("isBase64Encoded") else given["body"]
        answer = Answer(given["statusCode"], given["headers"], json.loads(written))
        self.contract.check(method, path, answer)
        return answer


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract(yaml.safe_load(DOCUMENT.read_text(encoding="utf-8")))


@pytest.fixture
def app(load_function: Callable[[str], ModuleType]) -> ModuleType:
    return load_function("desk")


@pytest.fixture
def desk(app: ModuleType, context: SimpleNamespace, contract: Contract) -> Caller:
    return Caller(app, context, contract)


Opened = Callable[..., Case]


@pytest.fixture
def opened(table: Table, policy: Policy) -> Opened:
    """`opened(P2, minutes_ago=3)`: the case of a customer's new message, as intake records it."""
    numbers = count(1)

    def record_one(
        text: str = P3, minutes_ago: float = 0, channel: str = "webhook/web-form", conversation: str = ""
    ) -> Case:
        number = next(numbers)
        at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        thread = conversation or f"c{number}"
        message = Message(channel, f"m{number}", thread, thread, Author.CUSTOMER, Surface.DIRECT, text, at, at)
        case = record(table, policy, message, at)
        assert case is not None
        return case

    return record_one


@pytest.fixture
def calls(app: ModuleType) -> list[str]:
    """The names of the calls to AWS that the handler makes from now on."""
    made: list[str] = []
    app.DESK._table._client.meta.events.register("before-call.*.*", lambda model, **_: made.append(model.name))
    return made
