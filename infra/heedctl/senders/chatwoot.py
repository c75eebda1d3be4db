"""Chatwoot."""

from __future__ import annotations

import json
import secrets as randomness
import uuid
import zlib
from datetime import UTC, datetime

from heed.platforms import Request, Secret, signatures
from infra.heedctl.senders.common import number, post

ACCOUNT, INBOX = 1, 2


def written(body: object) -> str:
    """As Rails writes it: UTF-8, but what HTML or JavaScript would trip over escaped."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def secret(safe: bool = True) -> Secret:
    return {"secret": randomness.token_urlsafe(32)}


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    """A customer's message in the one conversation they have."""
    return event(secret, message(text, customer=customer, at=at, id=id), at=at)


def message(
    text: str | None, *, customer: str, at: datetime, id: str | None = None, agent: str = "", **part: object
) -> dict[str, object]:
    """A message of the customer, or of `agent` to them; `part` is what this one adds."""
    sender = {"id": agent, "name": "Agent", "type": "user"} if agent else {"id": customer, "type": "contact"}
    return {
        "event": "message_created",
        "id": int(id) if id and id.isdigit() else zlib.crc32(id.encode()) if id else int(number()),
        "content": text,
        "content_type": "text",
        "content_attributes": {},
        "message_type": "outgoing" if agent else "incoming",
        "private": False,
        "created_at": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "sender": sender,
        "conversation": {
            "id": zlib.crc32(customer.encode()),
            "inbox_id": INBOX,
            "status": "open",
            "meta": {"sender": {"id": customer, "type": "contact"}},
        },
        "account": {"id": ACCOUNT, "name": "Qinghe"},
        "inbox": {"id": INBOX, "name": "Website"},
        **part,
    }


def event(secret: Secret, body: dict[str, object], *, at: datetime) -> Request:
    return sign("chatwoot", secret, written(body).encode(), at=at)


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    """`delivery_id` is that of the attempt."""
    timestamp = str(int(at.timestamp()))
    headers = {
        "x-chatwoot-timestamp": timestamp,
        "x-chatwoot-signature": "sha256=" + signatures.hmac_hex(secret["secret"], f"{timestamp}.".encode() + body),
        "x-chatwoot-delivery": delivery_id or str(uuid.uuid4()),
    }
    return post(body, "", headers)
