"""Discord.

Discord alone holds the private key of an application: only a secret made here, for tests and demos, has one.
"""

from __future__ import annotations

import secrets as randomness
import zlib
from datetime import datetime

from heed.platforms import Request, Secret
from infra.heedctl.senders.common import compact, milliseconds, new_id, post

written = compact

APPLICATION = "1049000000000000001"
CHANNEL = "1049000000000000002"


def secret(safe: bool = True) -> Secret:
    return keys(randomness.token_bytes(32))


def keys(seed: bytes) -> Secret:
    """The public key of a private one, and that one."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return {"public_key": public.hex(), "private_key": seed.hex()}


def handshake(platform: str, secret: Secret, challenge: str, *, at: datetime, nonce: str = "") -> Request:
    """A PING; it holds no challenge, its answer is always the same."""
    return interaction(secret, 1, {}, customer="", at=at)


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    """The command /support with a text."""
    option = {"name": "text", "type": 3, "value": text}
    data = {"id": "1049000000000000003", "name": "support", "type": 1, "options": [option]}
    return interaction(secret, 2, {"data": data}, customer=customer, at=at, id=id)


def interaction(
    secret: Secret, kind: int, part: dict[str, object], *, customer: str, at: datetime, id: str | None = None
) -> Request:
    """An interaction of a type; `part` is what the type adds."""
    member = {"user": {"id": customer, "username": "customer"}, "roles": []}
    body = {
        "id": snowflake(at, id),
        "type": kind,
        "application_id": APPLICATION,
        "token": new_id(),
        "version": 1,
        **({"guild_id": "1049000000000000004", "channel_id": CHANNEL, "member": member} if customer else {}),
        "locale": "en-US",
        **part,
    }
    return sign("discord", secret, written(body).encode(), at=at)


def snowflake(at: datetime, id: str | None = None) -> str:
    """Discord's ids: milliseconds since 2015, and 22 bits of their own; `id` is one, or names one."""
    if id and id.isdigit() and len(id) >= 17:
        return id
    own = zlib.crc32(id.encode()) % 2**22 if id else randomness.randbelow(2**22)
    return str((milliseconds(at) - 1_420_070_400_000) << 22 | own)


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    """Raises ValueError for a real application's secret."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if "private_key" not in secret:
        raise ValueError("a public key cannot sign: Discord alone holds the private one")
    timestamp = str(int(at.timestamp()))
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret["private_key"]))
    signed = key.sign(timestamp.encode() + body).hex()
    return post(body, "", {"x-signature-timestamp": timestamp, "x-signature-ed25519": signed})
