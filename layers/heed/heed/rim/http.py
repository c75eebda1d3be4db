"""HTTP events of API Gateway (payload format 2.0) and function URLs, as requests, and responses back."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from heed.platforms import Request, Response

_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def request(event: Mapping[str, Any]) -> Request:
    """The request with the exact bytes of its body; a body that claims base64 and is none has no bytes."""
    return Request(
        method=event["requestContext"]["http"]["method"],
        query=event.get("rawQueryString") or "",
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        body=_body(event),
    )


def response(answer: Response, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {
        "statusCode": answer.status,
        "headers": {"content-type": answer.content_type, **_HEADERS, **(headers or {})},
        "body": answer.body,
    }


def as_json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return response(Response(status, text, "application/json; charset=utf-8"), headers)


def _body(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return b""
