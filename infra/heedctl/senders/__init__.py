"""The platforms' side of a webhook: bodies as they write them, signed as they sign them.

`sign` turns any body into a genuine request for a channel's secret, `text` is what a customer types, and the builders
beside them write what a demo or a test needs. Each returns a `heed.platforms.Request`: the method, the query, the
headers in lower case and the exact bytes. A platform is one module here, as it is in `heed.platforms`.

Times are aware datetimes. Identities may be given, so that a retry can be sent; otherwise they are new each time.
"""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from typing import cast

from heed.platforms import Request, Secret
from infra.heedctl.senders.common import Sender, new_id
from infra.heedctl.senders.meta import (
    facebook_comment,
    facebook_echo,
    facebook_message,
    instagram_comment,
    whatsapp_echo,
    whatsapp_text,
)
from infra.heedctl.senders.standard_webhooks import webhook_message, webhook_report
from infra.heedctl.senders.wechat import wechat_text, wechat_xml

_MODULES = {
    "facebook": "meta",
    "instagram": "meta",
    "webhook": "standard_webhooks",
    "wechat": "wechat",
    "whatsapp": "meta",
}


def sender(platform: str) -> Sender:
    """The module that writes and signs as a platform. Raises KeyError for one that nobody can sign for."""
    return cast(Sender, import_module(f"{__name__}.{_MODULES[platform]}"))


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str | None = None) -> Request:
    """A genuine POST of `body`, signed at `at`.

    `delivery_id` is what the platform names or salts a delivery with: a webhook-id, WeChat's nonce. Raises KeyError
    for a platform that nobody can sign for, ValueError for a secret that only verifies.
    """
    return sender(platform).sign(platform, secret, body, at=at, delivery_id=delivery_id or "")


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    """A customer's text, as the platform would send it. Raises as `sign` does."""
    return sender(platform).text(platform, secret, text, customer=customer, at=at, id=id)


def handshake(platform: str, secret: Secret, challenge: str, *, at: datetime, nonce: str = "4150707") -> Request:
    """The request by which a platform checks a URL. Raises KeyError for a platform that sends none."""
    check = getattr(sender(platform), "handshake", None)
    if check is None:
        raise KeyError(platform)
    return cast(Request, check(platform, secret, challenge, at=at, nonce=nonce))


__all__ = [
    "Sender",
    "facebook_comment",
    "facebook_echo",
    "facebook_message",
    "handshake",
    "instagram_comment",
    "new_id",
    "sender",
    "sign",
    "text",
    "webhook_message",
    "webhook_report",
    "wechat_text",
    "wechat_xml",
    "whatsapp_echo",
    "whatsapp_text",
]
