"""Meta: Messenger, Instagram, Page comments, WhatsApp Cloud."""

from __future__ import annotations

import json
import secrets as randomness
from datetime import datetime
from urllib.parse import urlencode

from heed.platforms import Request, Secret, signatures
from infra.heedctl.senders.common import milliseconds, new_id, number, post


def written(body: object) -> str:
    """ASCII only, a solidus escaped."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/")


def secret(safe: bool = True) -> Secret:
    return {"app_secret": randomness.token_hex(16), "verify_token": randomness.token_urlsafe(18)}


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    return post(body, "", {"x-hub-signature-256": "sha256=" + signatures.hmac_hex(secret["app_secret"], body)})


def handshake(platform: str, secret: Secret, challenge: str, *, at: datetime, nonce: str = "") -> Request:
    mode = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": secret["verify_token"]}
    return Request("GET", urlencode(mode), {}, b"")


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    """A customer's direct message."""
    if platform == "whatsapp":
        return whatsapp_text(secret, text, customer=customer, at=at, id=id)
    return facebook_message(secret, text, customer=customer, at=at, id=id, platform=platform)


def facebook_message(
    secret: Secret,
    text: str,
    *,
    customer: str,
    at: datetime,
    id: str | None = None,
    page: str = "102938475610293",
    platform: str = "facebook",
) -> Request:
    """A customer's direct message to a Page, or with platform="instagram" to an Instagram account."""
    said = {"mid": id or new_id("m_"), "text": text}
    event = {"sender": {"id": customer}, "recipient": {"id": page}, "timestamp": milliseconds(at), "message": said}
    return _meta(platform, secret, {"id": page, "time": milliseconds(at), "messaging": [event]}, at)


def facebook_echo(
    secret: Secret,
    text: str,
    *,
    customer: str,
    at: datetime,
    id: str | None = None,
    page: str = "102938475610293",
    app: str = "263902037430900",
    platform: str = "facebook",
) -> Request:
    """The brand's own answer, echoed; `app` is the id of the app that sent it (the Page inbox by default)."""
    said = {"mid": id or new_id("m_"), "text": text, "is_echo": True, "app_id": int(app)}
    event = {"sender": {"id": page}, "recipient": {"id": customer}, "timestamp": milliseconds(at), "message": said}
    return _meta(platform, secret, {"id": page, "time": milliseconds(at), "messaging": [event]}, at)


def facebook_comment(
    secret: Secret,
    text: str,
    *,
    customer: str,
    at: datetime,
    id: str | None = None,
    page: str = "102938475610293",
    post: str = "102938475610293_122100000000001",
    parent: str | None = None,
) -> Request:
    """A comment under a Page's post; with customer=page the brand's own."""
    value = {
        "from": {"id": customer, "name": "Customer"},
        "item": "comment",
        "verb": "add",
        "post_id": post,
        "comment_id": id or f"122100000000001_{number()}",
        "parent_id": parent or post,
        "created_time": int(at.timestamp()),
        "message": text,
    }
    change = {"field": "feed", "value": value}
    return _meta("facebook", secret, {"id": page, "time": int(at.timestamp()), "changes": [change]}, at)


def instagram_comment(
    secret: Secret,
    text: str,
    *,
    customer: str,
    at: datetime,
    id: str | None = None,
    account: str = "17841400000000001",
    media: str = "17800000000000009",
    parent: str | None = None,
) -> Request:
    """A comment under a medium; with customer=account the brand's own."""
    value = {
        "id": id or number(),
        "text": text,
        "from": {"id": customer, "username": "customer"},
        "media": {"id": media, "media_product_type": "FEED"},
        **({"parent_id": parent} if parent else {}),
    }
    change = {"field": "comments", "value": value}
    return _meta("instagram", secret, {"id": account, "time": int(at.timestamp()), "changes": [change]}, at)


def whatsapp_text(
    secret: Secret,
    text: str,
    *,
    customer: str,
    at: datetime,
    id: str | None = None,
    phone: str = "106540352242922",
    name: str = "Marta",
) -> Request:
    """A customer's text."""
    said = {"from": customer, "id": id or new_id("wamid."), "timestamp": str(int(at.timestamp())), **_words(text)}
    contacts = [{"profile": {"name": name}, "wa_id": customer}]
    return _whatsapp(secret, at, phone, "messages", {"contacts": contacts, "messages": [said]})


def whatsapp_echo(
    secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None, phone: str = "106540352242922"
) -> Request:
    """What the brand wrote in the WhatsApp Business app."""
    said = {
        "from": "15550783881",
        "to": customer,
        "id": id or new_id("wamid."),
        "timestamp": str(int(at.timestamp())),
        **_words(text),
    }
    return _whatsapp(secret, at, phone, "smb_message_echoes", {"message_echoes": [said]})


def _words(text: str) -> dict[str, object]:
    return {"type": "text", "text": {"body": text}}


def _whatsapp(secret: Secret, at: datetime, phone: str, field: str, value: dict[str, object]) -> Request:
    metadata = {"display_phone_number": "15550783881", "phone_number_id": phone}
    change = {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    return _meta("whatsapp", secret, {"id": "102290129340398", "changes": [change]}, at)


def _meta(platform: str, secret: Secret, entry: dict[str, object], at: datetime) -> Request:
    subject = {"facebook": "page", "instagram": "instagram", "whatsapp": "whatsapp_business_account"}[platform]
    return sign(platform, secret, written({"object": subject, "entry": [entry]}).encode(), at=at)
