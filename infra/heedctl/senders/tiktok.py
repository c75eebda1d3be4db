"""TikTok."""

from __future__ import annotations

import secrets as randomness
from datetime import datetime

from heed.platforms import Request, Secret, signatures
from infra.heedctl.senders.common import compact, milliseconds, new_id, number, post

written = compact

BRAND = "bIZ_open_id_0001"


def secret(safe: bool = True) -> Secret:
    return {"client_secret": randomness.token_hex(20), "unique_identifier": f"+{randomness.token_urlsafe(8)}"}


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    return direct(secret, {"type": "text", "text": {"body": text}}, customer=customer, at=at, id=id)


def direct(
    secret: Secret,
    said: dict[str, object],
    *,
    customer: str,
    at: datetime,
    id: str | None = None,
    own: bool = False,
    brand: str = BRAND,
) -> Request:
    """A direct message of any type from the customer, or of the brand's `own` to the customer."""
    people = ({"id": customer, "role": "personal_account"}, {"id": brand, "role": "business_account"})
    sender, recipient = reversed(people) if own else people
    content = {
        "from": "qinghe.official" if own else "mei.lin",
        "to": "mei.lin" if own else "qinghe.official",
        "from_user": sender,
        "to_user": recipient,
        "conversation_id": f"c-{customer}==",
        "message_id": id or new_id("m-"),
        "timestamp": milliseconds(at),
        **said,
    }
    return event(secret, "im_send_msg" if own else "im_receive_msg", content, at=at, brand=brand)


def comment(
    secret: Secret,
    text: str,
    *,
    customer: str,
    at: datetime,
    id: str | None = None,
    parent: str = "",
    video: str = "7203946942097902849",
    action: str = "insert",
) -> Request:
    """A comment under a video, or what became of one; with customer=unique_identifier the brand's own."""
    content = {
        "comment_id": int(id or number()),
        "video_id": int(video),
        "parent_comment_id": int(parent or 0),
        "comment_type": "reply" if parent else "comment",
        "comment_action": action,
        "timestamp": milliseconds(at),
        "unique_identifier": customer,
        "text": text,
    }
    return event(secret, "comment.update", content, at=at)


def event(secret: Secret, name: str, content: object, *, at: datetime, brand: str = BRAND) -> Request:
    return sign("tiktok", secret, written(envelope(name, content, at=at, brand=brand)).encode(), at=at)


def envelope(name: str, content: object, *, at: datetime, brand: str = BRAND) -> dict[str, object]:
    """An event, its content JSON within JSON."""
    return {
        "client_key": "bwo2m45353a6k85",
        "event": name,
        "create_time": int(at.timestamp()),
        "user_openid": brand,
        "content": written(content),
    }


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    timestamp = str(int(at.timestamp()))
    signed = signatures.hmac_hex(secret["client_secret"], f"{timestamp}.".encode() + body)
    return post(body, "", {"tiktok-signature": f"t={timestamp},s={signed}"})
