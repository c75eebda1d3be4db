"""Intercom."""

from __future__ import annotations

import secrets as randomness
import zlib
from datetime import datetime
from html import escape

from heed.platforms import Request, Secret, signatures
from infra.heedctl.senders.common import compact, new_id, number, post

written = compact

WORKSPACE = "qh12care"


def secret(safe: bool = True) -> Secret:
    return {"client_secret": randomness.token_hex(18)}


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    """A customer's reply in the one conversation they have."""
    said = part(text, {"type": "user", "id": customer}, at=at, id=id)
    return event(secret, "conversation.user.replied", conversation(customer, said), at=at)


def part(
    text: str, author: dict[str, object], *, at: datetime, id: str | None = None, **more: object
) -> dict[str, object]:
    """A conversation's part, its text as a paragraph of HTML; `more` is what this one adds."""
    said = {"type": "conversation_part", "id": id or number(), "part_type": "comment"}
    return {
        **said,
        "body": f"<p>{escape(text)}</p>",
        "created_at": int(at.timestamp()),
        "author": author,
        "attachments": [],
        **more,
    }


def conversation(customer: str, *parts: object, **more: object) -> dict[str, object]:
    """The one conversation of a customer, with these parts; `more` is what this one adds, such as its source."""
    return {
        "type": "conversation",
        "id": str(zlib.crc32(customer.encode())),
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": customer}]},
        "conversation_parts": {"type": "conversation_part.list", "conversation_parts": list(parts)},
        **more,
    }


def event(secret: Secret, topic: str, item: object, *, at: datetime) -> Request:
    body = {
        "type": "notification_event",
        "app_id": WORKSPACE,
        "id": new_id("notif_"),
        "topic": topic,
        "created_at": int(at.timestamp()),
        "delivery_attempts": 1,
        "first_sent_at": int(at.timestamp()),
        "data": {"type": "notification_event_data", "item": item},
    }
    return sign("intercom", secret, written(body).encode(), at=at)


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    return post(body, "", {"x-hub-signature": "sha1=" + signatures.hmac_hex(secret["client_secret"], body, "sha1")})
