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
WEIBO = {"app_secret": "9f0c1e7a5b2d48638aa1c0de55aa77ee"}
DOUYIN = {"client_secret": "c4f1e0a7d9b24c3e8a6f5d2b1c0e9f8a"}
KUAISHOU = {"app_secret": "kwaiAppSecretMadeUp"}
BILIBILI = {"client_secret": "b1l1b1l1ClientSecretMadeUp"}
WEBHOOK = {"secret": "whsec_6ehKG7YYWpjRtFQ59PcdOiOr2ZYIPo7rFy9W4quJeKw="}
WECOM = {
    "token": "QDG6eK2v0sTokenKf",
    "encoding_aes_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    "corpid": "ww8c2b1f00d4a6e9c7",
    "secret": "kFs3cr3tOfTheAppl1cat10n",
}
X = {"consumer_secret": "xKYbxTqI4cM0nsum3rS3cr3tExample"}
LINE = {"channel_secret": "8c570fa6dd201bb328f1c1eac23a96d8"}
TELEGRAM = {"secret_token": "tg_Secret-Token_2026", "bot_id": "8123456789"}
TIKTOK = {"client_secret": "tt_client_secret_9aE0madeup", "unique_identifier": "+QinG/He0wn"}
VIBER = {"auth_token": "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"}
ZALO = {"app_id": "4318657068771012646", "oa_secret_key": "zALoOaS3cretKeyMadeUp"}
KAKAO = {"admin_key": "kakao_admin_key_madeup_0123", "skill_key": "kakao_skill_key_madeup_0456"}
SLACK = {"signing_secret": "8f742231b10e8888abcd99yyyzzz85a5", "staff": "U0CARE01, T0QINGHE,B0TICKETS"}
# Of the seed kkkk...: Discord alone holds a real application's private key.
DISCORD = {
    "public_key": "8320a51977d8c38ca8a4927c670df5821e449761945e15e9efb26a1509d230ea",
    "private_key": "6b" * 32,
}
ZENDESK = {"signing_secret": "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3RpbmdfbWFkZXVw"}
INTERCOM = {"client_secret": "intercom-client-secret-madeup"}
CHATWOOT = {"secret": "chatwoot_webhook_secret_madeup"}
SECRETS: dict[str, Secret] = {
    "slack": SLACK,
    "discord": DISCORD,
    "zendesk": ZENDESK,
    "intercom": INTERCOM,
    "chatwoot": CHATWOOT,
    "wecom": WECOM,
    "weibo": WEIBO,
    "douyin": DOUYIN,
    "xiaohongshu": SAFE,
    "kuaishou": KUAISHOU,
    "bilibili": BILIBILI,
    "wechat": SAFE,
    "facebook": META,
    "instagram": META,
    "whatsapp": META,
    "webhook": WEBHOOK,
    "x": X,
    "line": LINE,
    "telegram": TELEGRAM,
    "tiktok": TIKTOK,
    "viber": VIBER,
    "zalo": ZALO,
    "kakao": KAKAO,
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
