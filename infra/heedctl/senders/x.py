"""X: the Account Activity API and the X Activity API."""

from __future__ import annotations

import secrets as randomness
from datetime import UTC, datetime
from urllib.parse import urlencode

from heed.platforms import Request, Secret, signatures
from infra.heedctl.senders.common import compact, milliseconds, number, post

written = compact

BRAND = "4337869213"


def secret(safe: bool = True) -> Secret:
    return {"consumer_secret": randomness.token_urlsafe(36)}


def handshake(platform: str, secret: Secret, challenge: str, *, at: datetime, nonce: str = "4150707") -> Request:
    """The CRC check, signed over its query."""
    query = urlencode({"crc_token": challenge, "nonce": nonce})
    return Request("GET", query, {"x-twitter-webhooks-signature": _signature(secret, query.encode())}, b"")


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    return activity(secret, at=at, direct_message_events=[direct(text, customer=customer, at=at, id=id)])


def direct(
    text: str, *, customer: str, at: datetime, id: str | None = None, own: bool = False, **part: object
) -> dict[str, object]:
    """A direct message of the customer, or the brand's `own`; `part` goes beside the text."""
    sender, recipient = (BRAND, customer) if own else (customer, BRAND)
    data = {"text": text, "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []}, **part}
    created = {"target": {"recipient_id": recipient}, "sender_id": sender, "message_data": data}
    return {
        "type": "message_create",
        "id": id or number(),
        "created_timestamp": str(milliseconds(at)),
        "message_create": created,
    }


def tweet(text: str, *, author: str, at: datetime, id: str | None = None, **part: object) -> dict[str, object]:
    """A post as v1.1 writes it."""
    identity = id or number()
    return {
        "created_at": f"{at.astimezone(UTC):%a %b %d %H:%M:%S +0000 %Y}",
        "id": int(identity),
        "id_str": identity,
        "text": text,
        "truncated": False,
        "source": '<a href="https://x.com" rel="nofollow">X Web App</a>',
        "user": {"id": int(author), "id_str": author, "name": "Jordan", "screen_name": "jordan_example"},
        "in_reply_to_status_id_str": None,
        "in_reply_to_user_id_str": None,
        "is_quote_status": False,
        "timestamp_ms": str(milliseconds(at)),
        **part,
    }


def activity(secret: Secret, *, at: datetime, brand: str = BRAND, **lists: object) -> Request:
    """A delivery of the Account Activity API."""
    people = {"users": {brand: {"id": brand, "name": "Qinghe"}}} if "direct_message_events" in lists else {}
    return sign("x", secret, written({"for_user_id": brand, **lists, **people}).encode(), at=at)


def post_v2(text: str, *, author: str, at: datetime, id: str | None = None, **part: object) -> dict[str, object]:
    """A post as v2 writes it."""
    identity = id or number()
    return {
        "id": identity,
        "text": text,
        "author_id": author,
        "created_at": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "conversation_id": identity,
        "edit_history_tweet_ids": [identity],
        **part,
    }


def event(
    secret: Secret, kind: str, payload: object, *, at: datetime, brand: str = BRAND, includes: object = None
) -> Request:
    """An event of the X Activity API."""
    data = {
        "event_uuid": f"-{number()}",
        "filter": {"user_id": brand},
        "event_type": kind,
        "tag": "heed",
        "payload": payload,
        **({"includes": includes} if includes is not None else {}),
    }
    return sign("x", secret, written({"data": data}).encode(), at=at)


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    return post(body, "", {"x-twitter-webhooks-signature": _signature(secret, body)})


def _signature(secret: Secret, content: bytes) -> str:
    return "sha256=" + signatures.hmac_base64(secret["consumer_secret"].encode(), content)
