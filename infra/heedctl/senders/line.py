"""LINE."""

from __future__ import annotations

import secrets as randomness
from datetime import datetime

from heed.platforms import Request, Secret, signatures
from infra.heedctl.senders.common import compact, milliseconds, new_id, number, post

written = compact

BRAND = "U0b1a2c3d4e5f60718293a4b5c6d7e8f9"


def secret(safe: bool = True) -> Secret:
    return {"channel_secret": randomness.token_hex(16)}


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    said = {"id": id or number(), "type": "text", "quoteToken": new_id(), "text": text}
    return events(secret, event("message", source(customer), at, message=said), at=at)


def source(customer: str, group: str = "") -> dict[str, object]:
    """Where something is said: alone with the account, or in a group, whose members may stay unnamed."""
    person = {"userId": customer} if customer else {}
    return {"type": "group", "groupId": group, **person} if group else {"type": "user", **person}


def event(
    kind: str, source: dict[str, object], at: datetime, mode: str = "active", **part: object
) -> dict[str, object]:
    """One event; `part` is what its type adds."""
    return {
        "type": kind,
        "mode": mode,
        "timestamp": milliseconds(at),
        "webhookEventId": new_id("01").upper(),
        "deliveryContext": {"isRedelivery": False},
        "source": source,
        **part,
    }


def events(secret: Secret, *found: object, at: datetime, destination: str = BRAND) -> Request:
    body = {"destination": destination, "events": list(found)}
    return sign("line", secret, written(body).encode(), at=at)


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    signed = signatures.hmac_base64(secret["channel_secret"].encode(), body)
    return post(body, "", {"x-line-signature": signed}, "application/json; charset=utf-8")
