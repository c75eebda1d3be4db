"""Xiaohongshu's mini-programs, which are told of no message. Signed and sealed as WeChat does it."""

from __future__ import annotations

from datetime import datetime

from heed.platforms import Request, Secret
from infra.heedctl.senders import wechat
from infra.heedctl.senders.common import compact

written = compact


def secret(safe: bool = True) -> Secret:
    """Always with a key: nothing but the check of a URL comes in clear."""
    return wechat.secret(safe=True)


def handshake(platform: str, secret: Secret, challenge: str, *, at: datetime, nonce: str = "4150707") -> Request:
    return wechat.handshake(platform, secret, challenge, at=at, nonce=nonce)


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    return wechat.sign(platform, secret, body, at=at, delivery_id=delivery_id)
