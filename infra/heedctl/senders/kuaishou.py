"""Kuaishou, which tells of no message."""

from __future__ import annotations

import hashlib
import secrets as randomness
from datetime import datetime

from heed.platforms import Request, Secret
from infra.heedctl.senders.common import compact, post

written = compact


def secret(safe: bool = True) -> Secret:
    return {"app_secret": randomness.token_urlsafe(16)}


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    signature = hashlib.md5(body + secret["app_secret"].encode(), usedforsecurity=False).hexdigest()
    return post(body, "", {"kwaisign": signature})
