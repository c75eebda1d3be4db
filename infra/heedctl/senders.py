"""The platforms' side of a webhook: bodies as they write them, signed as they sign them.

`sign` turns any body into a genuine request for a channel's secret; the builders beside it write the bodies a
person needs to try a channel out (`heed send`), to play a demo and to test. Each returns a `heed.platforms.Request`:
the method, the query, the headers in lower case and the exact bytes.

Times are aware datetimes. Identities may be given, so that a retry can be sent; otherwise they are new each time.
"""

from __future__ import annotations

import base64
import json
import secrets as randomness
from collections.abc import Mapping
from datetime import datetime
from html import escape
from urllib.parse import urlencode

from heed.platforms import Request, Secret, signatures

META = ("facebook", "instagram", "whatsapp")


def sign(
    platform: str,
    secret: Secret,
    body: bytes,
    *,
    at: datetime,
    delivery_id: str | None = None,
    nonce: str | None = None,
) -> Request:
    """A genuine POST of `body`, signed at `at` (in WeChat's safe mode if the secret holds an encoding_aes_key).

    `delivery_id` is the webhook-id of Standard Webhooks, `nonce` WeChat's. Raises KeyError for a platform that
    nobody can sign for, ValueError for a secret that only verifies.
    """
    if platform in META:
        signed = "sha256=" + signatures.hmac_hex(secret["app_secret"], body)
        return _post(body, "", {"x-hub-signature-256": signed})
    if platform == "webhook":
        return _webhook(secret, body, at, delivery_id or new_id("msg_"))
    if platform == "wechat":
        return _wechat(secret, body, at, nonce or str(randomness.randbelow(10**9)))
    raise KeyError(platform)


def handshake(platform: str, secret: Secret, challenge: str, *, at: datetime, nonce: str = "4150707") -> Request:
    """The GET by which WeChat and Meta check a URL. Raises KeyError for a platform that sends none."""
    if platform in META:
        mode = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": secret["verify_token"]}
        return Request("GET", urlencode(mode), {}, b"")
    if platform != "wechat":
        raise KeyError(platform)
    timestamp = str(int(at.timestamp()))
    query = {
        "signature": signatures.sorted_sha1(secret["token"], timestamp, nonce),
        "echostr": challenge,
        "timestamp": timestamp,
        "nonce": nonce,
    }
    return Request("GET", urlencode(query), {}, b"")


def new_id(prefix: str = "") -> str:
    """A fresh identity of letters and digits."""
    return prefix + randomness.token_hex(12)


def _post(body: bytes, query: str, headers: Mapping[str, str], content_type: str = "application/json") -> Request:
    return Request("POST", query, {"content-type": content_type, **headers}, body)


# WeChat


def wechat_text(secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    """A customer's text, as XML."""
    return sign("wechat", secret, wechat_xml(customer, at, "text", Content=text, MsgId=id or _number()), at=at)


def wechat_xml(customer: str, at: datetime, kind: str, **extra: str) -> bytes:
    """A WeChat body of any MsgType; `extra` fields are written as they are named."""
    named = {"ToUserName": "gh_heed00000001", "FromUserName": customer, "CreateTime": str(int(at.timestamp()))}
    every = {**named, "MsgType": kind, **extra}
    return (
        "<xml>" + "".join(f"<{name}>{escape(value, quote=False)}</{name}>" for name, value in every.items()) + "</xml>"
    ).encode()


def _number() -> str:
    return str(10**16 + randomness.randbelow(9 * 10**16))


def _wechat(secret: Secret, body: bytes, at: datetime, nonce: str) -> Request:
    timestamp = str(int(at.timestamp()))
    query = {
        "signature": signatures.sorted_sha1(secret["token"], timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
    }
    content_type = "text/xml" if body.startswith(b"<") else "application/json"
    if "encoding_aes_key" not in secret:
        return _post(body, urlencode(query), {}, content_type)
    sealed = seal(body, secret["encoding_aes_key"], secret["appid"])
    query["encrypt_type"] = "aes"
    query["msg_signature"] = signatures.sorted_sha1(secret["token"], timestamp, nonce, sealed)
    if content_type == "text/xml":
        envelope = f"<xml><ToUserName>gh_heed00000001</ToUserName><Encrypt>{sealed}</Encrypt></xml>"
    else:
        envelope = json.dumps({"ToUserName": "gh_heed00000001", "Encrypt": sealed})
    return _post(envelope.encode(), urlencode(query), {}, content_type)


def seal(body: bytes, encoding_aes_key: str, appid: str) -> str:
    """WeChat's encryption: random(16), length(4), body, appid, PKCS7 to 32; AES-256-CBC, iv = key[:16]; base64."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = base64.b64decode(encoding_aes_key + "=")
    plain = randomness.token_bytes(16) + len(body).to_bytes(4, "big") + body + appid.encode()
    pad = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


# Meta


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
    event = {"sender": {"id": customer}, "recipient": {"id": page}, "timestamp": _milliseconds(at), "message": said}
    return _meta(platform, secret, {"id": page, "time": _milliseconds(at), "messaging": [event]}, at)


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
    event = {"sender": {"id": page}, "recipient": {"id": customer}, "timestamp": _milliseconds(at), "message": said}
    return _meta(platform, secret, {"id": page, "time": _milliseconds(at), "messaging": [event]}, at)


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
        "comment_id": id or f"122100000000001_{_number()}",
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
        "id": id or _number(),
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


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _meta(platform: str, secret: Secret, entry: dict[str, object], at: datetime) -> Request:
    """One entry as Meta writes it on the wire: ASCII only, a solidus escaped."""
    subject = {"facebook": "page", "instagram": "instagram", "whatsapp": "whatsapp_business_account"}[platform]
    body = json.dumps({"object": subject, "entry": [entry]}, separators=(",", ":")).replace("/", "\\/")
    return sign(platform, secret, body.encode(), at=at)


# Standard Webhooks


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
    return sign("webhook", secret, json.dumps(event, ensure_ascii=False).encode(), at=at)


def _webhook(secret: Secret, body: bytes, at: datetime, delivery_id: str) -> Request:
    if secret["secret"].startswith("whpk_"):
        raise ValueError("a public key cannot sign: the sender alone holds the private one")
    timestamp = str(int(at.timestamp()))
    key = base64.b64decode(secret["secret"].removeprefix("whsec_"))
    signed = signatures.hmac_base64(key, f"{delivery_id}.{timestamp}.".encode() + body)
    headers = {"webhook-id": delivery_id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signed}"}
    return _post(body, "", headers)


def webhook_report(secret: Secret, kind: str, *, message: str, thread: str, at: datetime, text: str = "") -> Request:
    """What became of a message: `kind` is `updated` (with the new `text`), `deleted` or `failed`."""
    data = {"external_id": message, "thread_id": thread, **({"text": text} if text else {})}
    event = {"type": f"message.{kind}", "timestamp": at.isoformat(), "data": data}
    return sign("webhook", secret, json.dumps(event, ensure_ascii=False).encode(), at=at)
