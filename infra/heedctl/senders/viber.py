"""Viber."""

from __future__ import annotations

import secrets as randomness
from datetime import datetime

from heed.platforms import Request, Secret, signatures
from infra.heedctl.senders.common import compact, milliseconds, number, post

written = compact


def secret(safe: bool = True) -> Secret:
    return {"auth_token": "-".join(randomness.token_hex(8) for _ in range(3))}


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    return message(secret, {"type": "text", "text": text}, customer=customer, at=at, id=id)


def message(
    secret: Secret, said: dict[str, object], *, customer: str, at: datetime, id: str | None = None, **beside: object
) -> Request:
    """A customer's message of any type."""
    sender = {"id": customer, "name": "Oksana", "language": "uk", "country": "UA", "api_version": 8}
    return event(secret, "message", at=at, id=id, sender=sender, message=said, silent=False, **beside)


def event(secret: Secret, kind: str, *, at: datetime, id: str | None = None, **part: object) -> Request:
    body = {"event": kind, "timestamp": milliseconds(at), "message_token": int(id or number()), **part}
    return sign("viber", secret, written(body).encode(), at=at)


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    return post(body, "", {"x-viber-content-signature": signatures.hmac_hex(secret["auth_token"], body)})
