"""The schemes platforms sign with, each written once, all compared as bytes in constant time.

Untrusted text becomes bytes by `octets`, which takes any str: `hmac.compare_digest` raises on a non-ASCII str,
and a hostile header must be refused, not crash.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from heed.platforms import Forged, Request, Secret, Verified

T = TypeVar("T")

# Reasons that say less than what another secret may say.
_VAGUE = ("unconfigured", "signature")


def octets(text: str) -> bytes:
    """UTF-8 of any str, a lone surrogate included, so that hostile text can be hashed and compared."""
    return text.encode("utf-8", "surrogatepass")


def same(left: str, right: str) -> bool:
    """Equality in time that does not depend on where the two differ."""
    return hmac.compare_digest(octets(left), octets(right))


def sorted_sha1(*parts: str) -> str:
    """Lower-case hex SHA-1 over the parts sorted as byte strings and joined: WeChat, WeCom, Weibo."""
    return hashlib.sha1(b"".join(sorted(map(octets, parts))), usedforsecurity=False).hexdigest()


def check_query(query: Mapping[str, str], token: str) -> None:
    """The sorted SHA-1 of token, timestamp and nonce in the query, which covers no byte of the body.

    WeChat, Weibo, Xiaohongshu. Raises Forged("signature").
    """
    expected = sorted_sha1(token, query.get("timestamp", ""), query.get("nonce", ""))
    if not same(expected, query.get("signature", "")):
        raise Forged("signature")


def keyed_hex(digest: str, *parts: bytes) -> str:
    """Lower-case hex of a plain hash over secret and body, in the platform's order: Douyin (SHA-1), Kuaishou (MD5),
    Zalo (SHA-256)."""
    return hashlib.new(digest, b"".join(parts), usedforsecurity=False).hexdigest()


def hmac_hex(key: str, content: bytes, digest: str = "sha256") -> str:
    """Lower-case hex HMAC: Meta, TikTok, Slack, Viber."""
    return hmac.new(octets(key), content, digest).hexdigest()


def hmac_base64(key: bytes, content: bytes, digest: str = "sha256") -> str:
    """Base64 HMAC: Standard Webhooks, LINE, X."""
    return base64.b64encode(hmac.digest(key, content, digest)).decode()


def from_base64(text: str) -> bytes | None:
    """The bytes of standard base64, None if the text is anything else."""
    try:
        return base64.b64decode(octets(text), validate=True)
    except (binascii.Error, ValueError):
        return None


def from_hex(text: str) -> bytes | None:
    """The bytes of hex digits, None if the text is anything else."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def ed25519(key: bytes | None, signature: bytes | None, content: bytes) -> bool:
    """Whether an Ed25519 signature (RFC 8032) is right: Standard Webhooks v1a, Discord.

    Raises Forged("unconfigured") for a public key that is not 32 bytes.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if key is None or len(key) != 32:
        raise Forged("unconfigured")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature or b"", content)
    except InvalidSignature:
        return False
    return True


def posted(request: Request, *names: str) -> tuple[str, ...]:
    """The headers that a POST is signed with. Raises Forged: method, or unsigned where one is absent or empty."""
    if request.method != "POST":
        raise Forged("method")
    found = tuple(request.headers.get(name, "") for name in names)
    if not all(found):
        raise Forged("unsigned")
    return found


def fresh(timestamp: str, now: datetime, tolerance_seconds: int = 300) -> bool:
    """Whether a signed time (unix seconds, digits only) lies within the tolerance of now, to both sides."""
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return False
    return abs(now.timestamp() - int(timestamp)) <= tolerance_seconds


def parameters(request: Request) -> dict[str, str]:
    """The decoded query. Raises Forged("malformed") where it cannot be decoded."""
    try:
        return request.parameters()
    except ValueError as error:
        raise Forged("malformed") from error


def echo(challenge: str) -> str:
    """A handshake's challenge, fit to be sent back. Raises Forged("malformed") for one that is empty or no text."""
    if not challenge or not challenge.isprintable():
        raise Forged("malformed")
    return challenge


def any_of(
    secrets: Sequence[Secret], fields: Sequence[str], check: Callable[[Secret], T], optional: Sequence[str] = ()
) -> T:
    """What `check` returns for the first secret (current, then previous) it does not refuse.

    A secret that lacks a field, or holds an empty one, is never tried. Raises Forged with the most telling reason.
    """
    refusal = Forged("unconfigured")
    for secret in secrets:
        if not _complete(secret, fields, optional):
            continue
        try:
            return check(secret)
        except Forged as found:
            refusal = found if refusal.reason in _VAGUE else refusal
    raise refusal


def signed_post(
    request: Request,
    secrets: Sequence[Secret],
    fields: Sequence[str],
    header: str,
    expected: Callable[[Secret], str],
    optional: Sequence[str] = (),
) -> Verified:
    """A POST whose `header` is what `expected` makes of one of the secrets. Raises Forged."""
    if request.method != "POST":
        raise Forged("method")
    signed = request.headers.get(header)
    if signed is None:
        raise Forged("unsigned")

    def check(secret: Secret) -> Verified:
        if not same(expected(secret), signed):
            raise Forged("signature")
        return Verified(request.body)

    return any_of(secrets, fields, check, optional)


def _complete(secret: Secret, fields: Sequence[str], optional: Sequence[str]) -> bool:
    # A secret comes from a store that people edit, so its values may be of any type.
    values: list[object] = [secret.get(name) for name in fields]
    values += [secret[name] for name in optional if name in secret]
    return all(isinstance(value, str) and value.strip() for value in values)
