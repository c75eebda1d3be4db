"""HTTP events of API Gateway (payload format 2.0) and function URLs, as requests, and responses back."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
from collections.abc import Mapping
from typing import Any

from heed.platforms import Request, Response

SHORT_BYTES = 1_000  # an answer that fits a packet anyway

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


def shortened(answer: dict[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """The answer in gzip (RFC 9110, 8.4.1.3) if who asked takes it and it is long enough to gain by it."""
    written = answer["body"].encode()
    if len(written) < SHORT_BYTES or not _takes_gzip(event.get("headers") or {}):
        return answer
    headers = {**answer["headers"], "content-encoding": "gzip", "vary": "accept-encoding"}
    body = base64.b64encode(gzip.compress(written, 5, mtime=0)).decode("ascii")
    return {**answer, "headers": headers, "body": body, "isBase64Encoded": True}


def _takes_gzip(headers: Mapping[str, str]) -> bool:
    """Whether Accept-Encoding names gzip, or anything, without a weight of nought (RFC 9110, 12.5.3)."""
    accepted = next((value for name, value in headers.items() if name.lower() == "accept-encoding"), "")
    weights = {}
    for part in accepted.lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";")
        weights[coding] = not re.fullmatch(r"q=0(\.0*)?", weight)
    return weights.get("gzip", weights.get("*", False))


def _body(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return b""
