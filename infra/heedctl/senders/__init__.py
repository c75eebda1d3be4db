"""The platforms' side of a webhook: bodies as they write them, signed as they sign them.

`sign` turns any body into a genuine request for a channel's secret, `text` is what a customer types, and the builders
beside them write what a demo or a test needs. Each returns a `heed.platforms.Request`: the method, the query, the
headers in lower case and the exact bytes. A platform is one module here, as it is in `heed.platforms`.

Times are aware datetimes. Identities may be given, so that a retry can be sent; otherwise they are new each time.
"""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from typing import Any, cast

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
    "bilibili": "bilibili",
    "chatwoot": "chatwoot",
    "discord": "discord",
    "douyin": "douyin",
    "facebook": "meta",
    "instagram": "meta",
    "intercom": "intercom",
    "kakao": "kakao",
    "kuaishou": "kuaishou",
    "line": "line",
    "slack": "slack",
    "telegram": "telegram",
    "tiktok": "tiktok",
    "viber": "viber",
    "webhook": "standard_webhooks",
    "wechat": "wechat",
    "wecom": "wecom",
    "weibo": "weibo",
    "whatsapp": "meta",
    "x": "x",
    "xiaohongshu": "xiaohongshu",
    "zalo": "zalo",
    "zendesk": "zendesk",
}

# What a platform's public protocol does not carry, nobody can send: of the first, all but the check of a URL; of all of
# them, a message.
HANDSHAKE_ONLY = frozenset({"bilibili"})
WITHOUT_MESSAGES = HANDSHAKE_ONLY | {"kuaishou", "xiaohongshu"}


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
    """A customer's text, as the platform would send it. Raises as `sign` does, and ValueError for a platform that
    sends none."""
    if platform in WITHOUT_MESSAGES:
        raise ValueError(f"{platform} publishes no message that a customer could send: give one of events/{platform}/")
    return sender(platform).text(platform, secret, text, customer=customer, at=at, id=id)


def waiting(platform: str, text: str, *, customer: str, at: datetime, id: str | None = None) -> list[dict[str, Any]]:
    """What lies at a platform that only rings when a customer has written a text; of any other platform, nothing."""
    found = getattr(sender(platform), "waiting", None)
    return cast(list[dict[str, Any]], found(text, customer=customer, at=at, id=id)) if found else []


def handshake(platform: str, secret: Secret, challenge: str, *, at: datetime, nonce: str = "4150707") -> Request:
    """The request by which a platform checks a URL. Raises KeyError for a platform that sends none."""
    check = getattr(sender(platform), "handshake", None)
    if check is None:
        raise KeyError(platform)
    return cast(Request, check(platform, secret, challenge, at=at, nonce=nonce))


__all__ = [
    "HANDSHAKE_ONLY",
    "WITHOUT_MESSAGES",
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
    "waiting",
    "webhook_message",
    "webhook_report",
    "wechat_text",
    "wechat_xml",
    "whatsapp_echo",
    "whatsapp_text",
]
