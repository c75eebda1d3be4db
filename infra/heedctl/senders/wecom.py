"""WeCom customer service: the callback that rings, and the items that then lie at WeCom."""

from __future__ import annotations

import secrets as randomness
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from heed.platforms import Request, Secret, signatures
from infra.heedctl.senders import wechat
from infra.heedctl.senders.common import compact, new_id, post

written = compact

# The one customer service account of senders, events and the local run.
ACCOUNT = "wkHeedAccount01"
CUSTOMER, SYSTEM, STAFF = 3, 4, 5


def secret(safe: bool = True) -> Secret:
    """A callback's token and key, a corp's id, and its application's key to the API."""
    given = wechat.secret(safe=True)
    kept = {name: given[name] for name in ("token", "encoding_aes_key")}
    return {**kept, "corpid": f"ww{randomness.token_hex(8)}", "secret": randomness.token_urlsafe(32)}


def handshake(platform: str, secret: Secret, challenge: str, *, at: datetime, nonce: str = "4150707") -> Request:
    echo = wechat.seal(challenge.encode(), secret["encoding_aes_key"], secret["corpid"])
    return Request("GET", urlencode({**_signed(secret, echo, at, nonce), "echostr": echo}), {}, b"")


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    """The callback alone: it carries no text. `waiting` is what then lies at WeCom."""
    return ring(secret, at=at)


def waiting(text: str, *, customer: str, at: datetime, id: str | None = None) -> list[dict[str, Any]]:
    """A customer's text as sync_msg shows it."""
    return [item("text", {"content": text}, customer=customer, at=at, id=id)]


def ring(secret: Secret, *, at: datetime, source: str = ACCOUNT, token: str = "") -> Request:
    fields = {"Event": "kf_msg_or_event", "Token": token or new_id("ENC"), "OpenKfId": source}
    body = wechat.wechat_xml("sys", at, "event", **fields)
    return sign("wecom", secret, body, at=at)


def item(
    kind: str,
    content: object,
    *,
    customer: str,
    at: datetime,
    id: str | None = None,
    origin: int = CUSTOMER,
    source: str = ACCOUNT,
    by: str = "",
) -> dict[str, Any]:
    """One item of msg_list; `by` is the servicer_userid of an answer."""
    named = {"msgid": id or new_id(), "open_kfid": source, "external_userid": customer}
    more = {"send_time": int(at.timestamp()), "origin": origin, "msgtype": kind, kind: content}
    return {**named, **more, **({"servicer_userid": by} if by else {})}


def event(name: str, *, customer: str, at: datetime, source: str = ACCOUNT, **more: object) -> dict[str, Any]:
    """An item that is an event: account and customer stand inside it."""
    content = {"event_type": name, "open_kfid": source, "external_userid": customer, **more}
    head = {"msgid": new_id(), "send_time": int(at.timestamp()), "origin": SYSTEM}
    return {**head, "msgtype": "event", "event": content}


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    """Sealed and signed; `delivery_id` is the nonce."""
    nonce = delivery_id or str(randomness.randbelow(10**9))
    sealed = wechat.seal(body, secret["encoding_aes_key"], secret["corpid"])
    envelope = f"<xml><ToUserName>{secret['corpid']}</ToUserName><Encrypt>{sealed}</Encrypt><AgentID></AgentID></xml>"
    return post(envelope.encode(), urlencode(_signed(secret, sealed, at, nonce)), {}, "text/xml")


def _signed(secret: Secret, sealed: str, at: datetime, nonce: str) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    signature = signatures.sorted_sha1(secret["token"], timestamp, nonce, sealed)
    return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}
