"""Telegram."""

from __future__ import annotations

import secrets as randomness
from datetime import datetime

from heed.platforms import Request, Secret
from infra.heedctl.senders.common import compact, number, post

written = compact

OWNER = 700700700


def secret(safe: bool = True) -> Secret:
    return {"secret_token": randomness.token_urlsafe(32), "bot_id": number()[:10]}


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    """A message alone with the bot; Telegram's ids are numbers, so another name is turned into one."""
    return update(secret, message=message(customer, at, id=id, text=text), at=at)


def message(customer: str, at: datetime, *, id: str | None = None, **part: object) -> dict[str, object]:
    """A message of the customer alone with the bot, or whatever `part` makes of it."""
    user = _number(customer)
    return {
        "message_id": int(id) if id and id.isdecimal() else int(number()[:9]),
        "from": {"id": user, "is_bot": False, "first_name": "Ivan", "language_code": "ru"},
        "chat": {"id": user, "type": "private", "first_name": "Ivan"},
        "date": int(at.timestamp()),
        **part,
    }


def business(
    customer: str, at: datetime, *, own: bool = False, id: str | None = None, **part: object
) -> dict[str, object]:
    """A message of a business account's chat, by the customer or by its owner."""
    owner = {"from": {"id": OWNER, "is_bot": False, "first_name": "Mei"}} if own else {}
    return message(customer, at, id=id, business_connection_id="bc_0001", **{**owner, **part})


def update(secret: Secret, *, at: datetime, **part: object) -> Request:
    return sign("telegram", secret, written({"update_id": int(number()[:9]), **part}).encode(), at=at)


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    return post(body, "", {"x-telegram-bot-api-secret-token": secret["secret_token"]})


def _number(customer: str) -> int:
    return int(customer) if customer.isdecimal() else int.from_bytes(customer.encode()[:6], "big")
