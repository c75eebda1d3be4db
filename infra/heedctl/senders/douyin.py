"""Douyin."""

from __future__ import annotations

import hashlib
import secrets as randomness
from collections.abc import Mapping
from datetime import datetime

from heed.platforms import Request, Secret
from infra.heedctl.senders.common import compact, milliseconds, new_id, post

written = compact

ACCOUNT = "_000bRANDopenid0001"
ITEM = "@8hxdhauTCMppanGnM4ltGM780mDqPP/vid=="


def secret(safe: bool = True) -> Secret:
    return {"client_secret": randomness.token_hex(16)}


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    """`delivery_id` is the Msg-Id, which no signature covers."""
    signature = hashlib.sha1(secret["client_secret"].encode() + body, usedforsecurity=False).hexdigest()
    return post(body, "", {"x-douyin-signature": signature, "msg-id": delivery_id or new_id()})


def handshake(platform: str, secret: Secret, challenge: str, *, at: datetime, nonce: str = "") -> Request:
    """The check of a URL: a signed POST, whose challenge is a number."""
    number = int(challenge) if challenge.isdecimal() else challenge
    body = {"event": "verify_webhook", "client_key": "", "content": {"challenge": number}}
    return sign(platform, secret, written(body).encode(), at=at)


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    return said(secret, customer, ACCOUNT, at=at, id=id, text=text)


def reply(
    secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None, source: str = ""
) -> Request:
    """The account's own answer: typed in the app, or sent by the application whose client_key is `source`."""
    return said(secret, ACCOUNT, customer, "im_send_msg", at=at, id=id, text=text, source=source)


def said(
    secret: Secret,
    by: str,
    to: str,
    event: str = "im_receive_msg",
    *,
    at: datetime,
    id: str | None = None,
    **more: object,
) -> Request:
    """A private message from one end to the other; `more` are fields of its content."""
    content: dict[str, object] = {
        "conversation_short_id": "@conv+short/id==",
        "server_message_id": id or new_id("@"),
        "conversation_type": 1,
        "message_type": "text",
        "source": "",
        "create_time": milliseconds(at),
        "user_infos": [{"open_id": by, "nick_name": "小林", "avatar": ""}],
    }
    return push(secret, event, by, to, {**content, **more}, at=at)


def comment(
    secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None, parent: str = "", to: str = ""
) -> Request:
    """A comment under the account's video, under the comment `parent`, in answer to `to`."""
    content = {
        "comment_id": id or new_id("@"),
        "comment_user_id": customer,
        "content": text,
        "create_time": int(at.timestamp()),
        "digg_count": 0,
        "reply_comment_total": 0,
        "reply_to_comment_id": to or parent,
        "reply_to_item_id": ITEM,
        "parent_id": parent,
        "nick_name": "小林",
    }
    return push(secret, "item_comment_reply", customer, ACCOUNT, content, at=at)


def push(secret: Secret, event: str, by: str, to: str, content: Mapping[str, object] | str, *, at: datetime) -> Request:
    """Any event; its content is an object, or the text of one."""
    body = {
        "event": event,
        "client_key": "awx7mxkexample01",
        "from_user_id": by,
        "to_user_id": to,
        "log_id": f"{at:%Y%m%d%H%M%S}{randomness.token_hex(9).upper()}",
        "content": content,
    }
    return sign("douyin", secret, written(body).encode(), at=at)
