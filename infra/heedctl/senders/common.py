"""What the senders share: a POST, fresh identities, times as platforms write them, the shape of a sender."""

from __future__ import annotations

import json
import secrets as randomness
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from heed.platforms import Request, Secret


class Sender(Protocol):
    """One platform's side of a webhook. Each module of this package that the registry names is one.

    Beside these a module may have `handshake(platform, secret, challenge, at=, nonce=)`, the request by which the
    platform checks a URL, and builders of its own for what a test or a demo needs.
    """

    def sign(self, platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str) -> Request:
        """A genuine POST of `body`. Raises ValueError for a secret that only verifies, or a body nobody can sign."""

    def text(
        self, platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None
    ) -> Request:
        """A customer's text, in a direct message where the platform has them; none where it has no messages."""

    def secret(self, safe: bool) -> Secret:
        """A fresh secret such as the platform gives out; `safe` chooses the safer of two modes."""

    def written(self, body: object) -> str:
        """JSON as the platform writes it."""


def post(body: bytes, query: str, headers: Mapping[str, str], content_type: str = "application/json") -> Request:
    return Request("POST", query, {"content-type": content_type, **headers}, body)


def new_id(prefix: str = "") -> str:
    """A fresh identity of letters and digits."""
    return prefix + randomness.token_hex(12)


def number() -> str:
    """A fresh identity of 17 digits."""
    return str(10**16 + randomness.randbelow(9 * 10**16))


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def compact(body: object) -> str:
    """JSON without spaces, in UTF-8 as it is."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
