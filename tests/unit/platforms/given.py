"""What the platform tests share: a moment, channels, secrets, and a delivery taken all the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from heed import platforms
from heed.model import Channel, Message
from heed.platforms import Reading, Request, Secret

AT = datetime(2026, 1, 1, 4, 3, 32, tzinfo=UTC)
BOT = "990011223344"

PLAIN = {"token": "Br4ndCallbackTok3n"}
SAFE = {**PLAIN, "encoding_aes_key": "kWxPqS7v2Tz5aBcDeFgHiJkLmNoPqRsTuVwXyZ01234", "appid": "wx5a1c0ffee0b4d001"}
META = {"app_secret": "5e1a9b0c7d3f4e2a8b6c1d0e9f8a7b6c", "verify_token": "meatyhamhock-2026"}
WEBHOOK = {"secret": "whsec_6ehKG7YYWpjRtFQ59PcdOiOr2ZYIPo7rFy9W4quJeKw="}
SECRETS: dict[str, Secret] = {
    "wechat": SAFE,
    "facebook": META,
    "instagram": META,
    "whatsapp": META,
    "webhook": WEBHOOK,
}


def adapter(platform: str) -> platforms.Adapter:
    found = platforms.get(platform)
    assert found is not None
    return found


def channel(platform: str) -> Channel:
    return Channel(platform, "flagship", brand="heed", team="care", bots=frozenset({BOT}))


def read(platform: str, request: Request, *secrets: Secret, now: datetime = AT) -> Reading:
    """A request verified and read, as intake does it."""
    verified = adapter(platform).verify(request, secrets or (SECRETS[platform],), now)
    return adapter(platform).messages(verified, channel(platform), now)


def only(reading: Reading) -> Message:
    """The one message of a reading that holds nothing else."""
    assert (len(reading.messages), reading.ignored, reading.broken) == (1, (), ())
    return reading.messages[0]


def refused(platform: str, request: Request, secrets: Sequence[Any] | None = None, now: datetime = AT) -> str:
    """The reason for which a request is refused, "" if it is genuine."""
    try:
        adapter(platform).verify(request, (SECRETS[platform],) if secrets is None else secrets, now)
    except platforms.Forged as refusal:
        return refusal.reason
    return ""


def unreadable(platform: str, request: Request, *secrets: Secret) -> str:
    """The reason for which a genuine request cannot be read, "" if it can."""
    try:
        read(platform, request, *secrets)
    except platforms.Unreadable as error:
        return error.reason
    return ""


def with_header(request: Request, **headers: str) -> Request:
    return replace(request, headers={**request.headers, **{name.replace("_", "-"): v for name, v in headers.items()}})
