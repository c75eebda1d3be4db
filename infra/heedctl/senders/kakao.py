"""KakaoTalk channels: the channel's webhook, and the chatbot's skill."""

from __future__ import annotations

import secrets as randomness
from datetime import datetime

from heed.platforms import Request, Secret
from infra.heedctl.senders.common import compact, milliseconds, new_id, post

written = compact

BOT = "5f0c1a2b3c4d5e6f70819203"


def secret(safe: bool = True) -> Secret:
    """A fresh admin key and, `safe`, a skill key of its own."""
    return {"admin_key": randomness.token_hex(16), **({"skill_key": randomness.token_urlsafe(24)} if safe else {})}


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    """What a customer says to the chatbot. Kakao gives it no id, so `id` cannot be given either."""
    return skill(secret, text, customer=customer, at=at)


def skill(secret: Secret, utterance: str, *, customer: str, at: datetime, **asked: object) -> Request:
    """A request of the chatbot; `asked` is put into its userRequest."""
    body = {
        "intent": {"id": "5f0c1a2b3c4d5e6f70819204", "name": "폴백 블록"},
        "userRequest": {
            "timezone": "Asia/Seoul",
            "params": {"surface": "Kakaotalk.plusfriend"},
            "block": {"id": "5f0c1a2b3c4d5e6f70819204", "name": "폴백 블록"},
            "utterance": utterance,
            "lang": "ko",
            "user": {"id": customer, "type": "botUserKey", "properties": {"botUserKey": customer}},
            **asked,
        },
        "bot": {"id": BOT, "name": "청허 고객센터"},
        "action": {"id": "5f0c1a2b3c4d5e6f70819205", "name": "heed", "params": {}, "detailParams": {}},
        "contexts": [],
    }
    return sign("kakao", secret, written(body).encode(), at=at)


def channel_event(secret: Secret, event: str, *, customer: str, at: datetime) -> Request:
    """The customer adds or blocks the channel."""
    body = {
        "event": event,
        "id": customer,
        "id_type": "app_user_id",
        "channel_public_id": "_ZeUTxl",
        "channel_uuid": "@qinghe",
        "timestamp": milliseconds(at),
    }
    return sign("kakao", secret, written(body).encode(), at=at)


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    """The skill's key if there is one, for the skill; the admin key for everything else."""
    is_skill = b'"userRequest"' in body and "skill_key" in secret
    shown = f"Bearer {secret['skill_key']}" if is_skill else f"KakaoAK {secret['admin_key']}"
    headers = {"authorization": shown, **({} if is_skill else {"x-kakao-resource-id": delivery_id or new_id()})}
    return post(body, "", headers)
