"""The registry of platforms and the contract each module fulfils. Platform detail ends at the message.

A new platform is one module with a module-level `ADAPTER` and one line in `_MODULES`. The module is imported when
its first request comes, so a platform that a request does not use costs that request nothing. What modules share
is in `signatures` (the schemes, and trying the current secret before the previous) and `fields` (reading untrusted
fields so that whatever comes out can be stored and shown).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast
from urllib.parse import parse_qsl

from heed.model import Channel, Message, Report
from heed.values import Value

_MODULES = {
    "bilibili": "heed.platforms.bilibili",
    "chatwoot": "heed.platforms.chatwoot",
    "discord": "heed.platforms.discord",
    "douyin": "heed.platforms.douyin",
    "facebook": "heed.platforms.meta",
    "instagram": "heed.platforms.meta",
    "intercom": "heed.platforms.intercom",
    "kakao": "heed.platforms.kakao",
    "kuaishou": "heed.platforms.kuaishou",
    "line": "heed.platforms.line",
    "slack": "heed.platforms.slack",
    "telegram": "heed.platforms.telegram",
    "tiktok": "heed.platforms.tiktok",
    "viber": "heed.platforms.viber",
    "webhook": "heed.platforms.standard_webhooks",
    "wechat": "heed.platforms.wechat",
    "wecom": "heed.platforms.wecom",
    "weibo": "heed.platforms.weibo",
    "whatsapp": "heed.platforms.meta",
    "x": "heed.platforms.x",
    "xiaohongshu": "heed.platforms.xiaohongshu",
    "zalo": "heed.platforms.zalo",
    "zendesk": "heed.platforms.zendesk",
}

NAMES = tuple(sorted(_MODULES))

Secret = Mapping[str, str]


class Forged(Exception):
    """The request is not genuine. `reason` is a code for counters; it holds nothing of the request."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreadable(Exception):
    """The request is genuine but cannot be read. `reason` is a code; it holds nothing of the request."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Request(Value):
    """What the platform sent: header names in lower case, the query as sent, the body as the exact bytes."""

    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def parameters(self) -> dict[str, str]:
        """The query, percent-decoded once; the first value wins, so a repeated name cannot override it."""
        found: dict[str, str] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True, max_num_fields=50):
            found.setdefault(name, value)
        return found


class Response(Value):
    status: int
    body: str
    content_type: str = "text/plain; charset=utf-8"


class Verified(Value):
    """A genuine request. `content` is the body to read (decrypted where the platform encrypts); a handshake
    has a `challenge`, the exact text to send back; `delivery_id` is the signed name of the delivery, the same in
    every retry, where the platform sends one beside the body. `account` is the brand's own name in the platform's
    events where only the channel's secret knows it, `staff` the ids of its own people where the platform tells nobody
    apart and the secret therefore names them."""

    content: bytes
    challenge: str | None = None
    delivery_id: str = ""
    account: str = ""
    staff: frozenset[str] = frozenset()


class Broken(Value):
    """A part of a genuine delivery that could not be read, kept for quarantine."""

    reason: str
    raw: bytes


class Pull(Value):
    """The platform only rang: fetch what it has for this channel's `source`, an account within it.

    `token` is what the platform wants to see beside the question, for a while; "" if it gave none.
    """

    channel: str
    source: str
    token: str
    received_at: datetime


class Reading(Value):
    """What a genuine delivery holds: messages to keep, reports of what became of earlier ones, names of events Heed
    does not use, broken parts, and what is to be fetched."""

    messages: tuple[Message, ...] = ()
    reports: tuple[Report, ...] = ()
    ignored: tuple[str, ...] = ()
    broken: tuple[Broken, ...] = ()
    pulls: tuple[Pull, ...] = ()


class Adapter(Protocol):
    """One platform's protocol."""

    @property
    def body_limit_bytes(self) -> int:
        """The largest body the platform may send, with room to spare."""

    @property
    def secret_fields(self) -> tuple[str, ...]:
        """The names a channel's secret must hold."""

    @property
    def optional_fields(self) -> tuple[str, ...]:
        """Names it may hold beside them."""

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Check the raw bytes against each secret (current first, then previous).

        Raises Forged, and nothing else whatever the bytes are. Raises it for an empty sequence of secrets.
        """

    def answer(self, verified: Verified) -> Response:
        """The handshake's answer, or the platform's success answer."""

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Read a genuine delivery. Raises Unreadable if nothing of it can be read, and nothing else."""


def get(name: str) -> Adapter | None:
    """The adapter of a platform, or None if Heed does not know it."""
    module = _MODULES.get(name)
    return cast(Adapter, import_module(module).ADAPTER) if module else None
