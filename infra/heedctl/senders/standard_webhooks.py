"""Standard Webhooks: the brand's own forms, mail gateways and hotlines."""

from __future__ import annotations

import base64
import secrets as randomness
from datetime import datetime

from heed.platforms import Request, Secret, signatures
from infra.heedctl.senders.common import compact, new_id, post

written = compact


def secret(safe: bool = True) -> Secret:
    return {"secret": f"whsec_{base64.b64encode(randomness.token_bytes(32)).decode()}"}


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    return webhook_message(secret, text, customer=customer, at=at, id=id)


def webhook_message(
    secret: Secret,
    text: str,
    *,
    customer: str,
    at: datetime,
    id: str | None = None,
    thread: str | None = None,
    outbound: bool = False,
    bot: bool = False,
) -> Request:
    """A message of the brand's own form, mail gateway or hotline; outbound, the brand's answer to `customer`."""
    brand, person = {"id": "desk", "name": "Support"}, {"id": customer}
    data: dict[str, object] = {
        "external_id": id or new_id("web-"),
        "sender": brand if outbound else person,
        "direction": "outbound" if outbound else "inbound",
        "sent_at": at.isoformat(),
        "text": text,
        **({"recipient": person} if outbound else {}),
        **({"thread_id": thread} if thread else {}),
        **({"bot": True} if bot else {}),
    }
    event = {"type": "message.created", "timestamp": at.isoformat(), "data": data}
    return sign("webhook", secret, written(event).encode(), at=at)


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    """`delivery_id` is the webhook-id. Raises ValueError for a public key."""
    if secret["secret"].startswith("whpk_"):
        raise ValueError("a public key cannot sign: the sender alone holds the private one")
    delivery_id = delivery_id or new_id("msg_")
    timestamp = str(int(at.timestamp()))
    key = base64.b64decode(secret["secret"].removeprefix("whsec_"))
    signed = signatures.hmac_base64(key, f"{delivery_id}.{timestamp}.".encode() + body)
    headers = {"webhook-id": delivery_id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signed}"}
    return post(body, "", headers)


def webhook_report(secret: Secret, kind: str, *, message: str, thread: str, at: datetime, text: str = "") -> Request:
    """What became of a message: `kind` is `updated` (with the new `text`), `deleted` or `failed`."""
    data = {"external_id": message, "thread_id": thread, **({"text": text} if text else {})}
    event = {"type": f"message.{kind}", "timestamp": at.isoformat(), "data": data}
    return sign("webhook", secret, written(event).encode(), at=at)
