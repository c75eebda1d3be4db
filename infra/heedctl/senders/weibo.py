"""Weibo."""

from __future__ import annotations

import secrets as randomness
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

from heed.platforms import Request, Secret, signatures
from infra.heedctl.senders.common import compact, post

written = compact

BRAND = 1902538057
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def secret(safe: bool = True) -> Secret:
    return {"app_secret": randomness.token_hex(16)}


def handshake(platform: str, secret: Secret, challenge: str, *, at: datetime, nonce: str = "4150707") -> Request:
    return Request("GET", urlencode({**_signed(secret, at, nonce), "echostr": challenge}), {}, b"")


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    """A private message. Weibo gives none an id, so `id` cannot be given either."""
    return push(secret, "text", customer=customer, at=at, text=text)


def push(secret: Secret, kind: str, *, customer: str, at: datetime, text: str = "", data: object = None) -> Request:
    """A push of any type in the JSON format; `data` are its type's own fields."""
    body = {
        "type": kind,
        "receiver_id": BRAND,
        "sender_id": int(customer) if customer.isdecimal() else customer,
        "created_at": clock(at),
        "text": text,
        "data": {} if data is None else data,
    }
    return sign("weibo", secret, written(body).encode(), at=at)


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    """The signature covers time and nonce alone; `delivery_id` is the nonce."""
    query = _signed(secret, at, delivery_id or str(randomness.randbelow(10**9)))
    return post(body, urlencode(query), {}, "text/xml" if body.startswith(b"<") else "application/json")


def clock(at: datetime) -> str:
    """A time as Weibo writes it: `Thu Jan 01 12:03:32 +0800 2026`."""
    told = at.astimezone(timezone(timedelta(hours=8)))
    return f"{_DAYS[told.weekday()]} {_MONTHS[told.month - 1]} {told:%d %H:%M:%S} +0800 {told:%Y}"


def _signed(secret: Secret, at: datetime, nonce: str) -> dict[str, str]:
    timestamp = str(int(at.timestamp() * 1000))
    signature = signatures.sorted_sha1(secret["app_secret"], timestamp, nonce)
    return {"signature": signature, "timestamp": timestamp, "nonce": nonce}
