"""Zendesk."""

from __future__ import annotations

import base64
import secrets as randomness
import zlib
from datetime import UTC, datetime

from heed.platforms import Request, Secret, signatures
from infra.heedctl.senders.common import compact, new_id, number, post

written = compact

ACCOUNT = 12345


def secret(safe: bool = True) -> Secret:
    return {"signing_secret": base64.b64encode(randomness.token_bytes(36)).decode()}


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    """A customer's comment on the one ticket they have."""
    return event(secret, comment(text, author=customer, id=id), requester=customer, at=at)


def comment(
    text: str, *, author: str, id: str | None = None, staff: bool = False, public: bool = True, **part: object
) -> dict[str, object]:
    """A comment as an event holds it; `part` is what this one adds."""
    by = {"id": author, "is_staff": staff, "name": "Agent" if staff else "Customer"}
    return {"id": id or number(), "body": text, "is_public": public, "author": by, **part}


def event(
    secret: Secret, comment: dict[str, object], *, requester: str, at: datetime, kind: str = "ticket.comment_added"
) -> Request:
    """A comment on the one ticket that `requester` has."""
    ticket = str(zlib.crc32(requester.encode()))
    body = {
        "type": f"zen:event-type:{kind}",
        "id": new_id(),
        "account_id": ACCOUNT,
        "time": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "zendesk_event_version": "2022-11-06",
        "subject": f"zen:ticket:{ticket}",
        "detail": {"id": ticket, "requester_id": requester, "status": "OPEN", "via": {"channel": "web"}},
        "event": {"comment": comment},
    }
    return sign("zendesk", secret, written(body).encode(), at=at)


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    """`delivery_id` is the invocation's."""
    timestamp = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    headers = {
        "x-zendesk-webhook-signature": signatures.hmac_base64(
            secret["signing_secret"].encode(), timestamp.encode() + body
        ),
        "x-zendesk-webhook-signature-timestamp": timestamp,
        "x-zendesk-webhook-invocation-id": delivery_id or new_id("01"),
    }
    return post(body, "", headers)
