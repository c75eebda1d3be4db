"""Slack."""

from __future__ import annotations

import re
import secrets as randomness
import zlib
from datetime import datetime
from urllib.parse import urlencode

from heed.platforms import Request, Secret, signatures
from infra.heedctl.senders.common import compact, milliseconds, new_id, post

written = compact

TEAM, GUESTS = "T0QINGHE", "T0GUEST"
STAFF = "U0CARE01"


def secret(safe: bool = True) -> Secret:
    """Of its staff, one agent is known to the events' files."""
    return {"signing_secret": randomness.token_hex(16), "staff": f"{STAFF}, {new_id('U')}"}


def handshake(platform: str, secret: Secret, challenge: str, *, at: datetime, nonce: str = "") -> Request:
    body = {"token": "deprecated", "challenge": challenge, "type": "url_verification"}
    return sign("slack", secret, written(body).encode(), at=at)


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    """A message to the brand's app."""
    said = message(text, customer=customer, at=at, id=id, channel=f"D{customer}", channel_type="im")
    return event(secret, said, at=at)


def message(
    text: str,
    *,
    customer: str,
    at: datetime,
    id: str | None = None,
    channel: str = "C0HELP",
    channel_type: str = "channel",
    **part: object,
) -> dict[str, object]:
    """The event of a message; `id` is its ts, or names one. `part` is what this one adds: a thread_ts, a bot_id."""
    ts = ts_of(at, id)
    said = {"type": "message", "channel": channel, "channel_type": channel_type, "user": customer, "text": text}
    return {**said, "ts": ts, "event_ts": ts, "team": GUESTS, **part}


def event(secret: Secret, event: dict[str, object], *, at: datetime, team: str = TEAM, **part: object) -> Request:
    """An event in its envelope; `part` is what the envelope adds."""
    body = {
        "team_id": team,
        "api_app_id": "A0HEED",
        "event": event,
        "type": "event_callback",
        "event_id": new_id("Ev"),
        "event_time": int(at.timestamp()),
        **part,
    }
    return sign("slack", secret, written(body).encode(), at=at)


def ts_of(at: datetime, id: str | None = None) -> str:
    """Slack's name of a message: when it was said, and three digits of its own."""
    if id and re.fullmatch(r"[0-9]{10}\.[0-9]{6}", id):
        return id
    own = zlib.crc32(id.encode()) % 1000 if id else randomness.randbelow(1000)
    seconds, thousandths = divmod(milliseconds(at), 1000)
    return f"{seconds}.{thousandths:03d}{own:03d}"


def form(secret: Secret, fields: dict[str, str], *, at: datetime) -> Request:
    """Interactivity and slash commands."""
    return sign("slack", secret, urlencode(fields).encode(), at=at)


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    timestamp = str(int(at.timestamp()))
    signed = "v0=" + signatures.hmac_hex(secret["signing_secret"], f"v0:{timestamp}:".encode() + body)
    content_type = "application/json" if body[:1] == b"{" else "application/x-www-form-urlencoded"
    return post(body, "", {"x-slack-request-timestamp": timestamp, "x-slack-signature": signed}, content_type)
