"""Zalo Official Accounts."""

from __future__ import annotations

import json
import re
import secrets as randomness
from datetime import datetime

from heed.platforms import Request, Secret, signatures
from infra.heedctl.senders.common import compact, milliseconds, new_id, number, post

written = compact

ACCOUNT = "388613280878808645"


def secret(safe: bool = True) -> Secret:
    return {"app_id": number(), "oa_secret_key": randomness.token_urlsafe(15)}


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    return event(secret, "user_send_text", {"text": text}, customer=customer, at=at, id=id)


def event(
    secret: Secret,
    name: str,
    message: dict[str, object],
    *,
    customer: str,
    at: datetime,
    id: str | None = None,
    account: str = ACCOUNT,
) -> Request:
    """A message of the customer, or, with a name oa_send_*, to the customer."""
    person, brand = {"id": customer}, {"id": account}
    own = name.startswith("oa_")
    body = {
        "app_id": secret["app_id"],
        "sender": brand if own else person,
        "user_id_by_app": "552177279717587730",
        "recipient": person if own else brand,
        "event_name": name,
        "message": {**message, "msg_id": id or new_id()},
        "timestamp": str(milliseconds(at)),
    }
    return sign("zalo", secret, written(body).encode(), at=at)


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    """Over the body's own timestamp; a body without one is signed over a timestamp in the header."""
    timestamp, headers = _timestamp(body), {}
    if not timestamp:
        timestamp = str(milliseconds(at))
        headers = {"x-zevent-timestamp": timestamp}
    parts = (secret["app_id"].encode(), body, timestamp.encode(), secret["oa_secret_key"].encode())
    return post(body, "", {"x-zevent-signature": "mac=" + signatures.keyed_hex("sha256", *parts), **headers})


def _timestamp(body: bytes) -> str:
    try:
        found = str(json.loads(body)["timestamp"])
    except (ValueError, KeyError, TypeError):
        return ""
    return found if re.fullmatch("[0-9]{10,16}", found) else ""
