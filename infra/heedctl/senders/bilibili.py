"""Bilibili, of whose traffic the check of a URL alone can be sent: how it signs the rest is published nowhere."""

from __future__ import annotations

import json
import secrets as randomness
from datetime import datetime

from heed.platforms import Request, Secret
from infra.heedctl.senders.common import compact, post

written = compact


def secret(safe: bool = True) -> Secret:
    return {"client_secret": randomness.token_hex(16)}


def handshake(platform: str, secret: Secret, challenge: str, *, at: datetime, nonce: str = "") -> Request:
    """The check of a URL: an unsigned POST, whose challenge is a number."""
    body = {"event": "verify_webhooks", "content": {"data": int(challenge)}, "timestamp": f"{at:%Y-%m-%d %H:%M:%S}"}
    return post(written(body).encode(), "", {})


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    """The check of a URL as it is. Raises ValueError for anything else."""
    try:
        check = json.loads(body).get("event") == "verify_webhooks"
    except (ValueError, AttributeError):
        check = False
    if not check:
        raise ValueError("how Bilibili signs is published nowhere: only its verify_webhooks can be sent")
    return post(body, "", {})
