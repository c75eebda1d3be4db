"""Links that open one case for a while: whoever holds one may see the case's state and acknowledge it, nothing else.

A link's token is 34 digits of Crockford's base 32 in lower case, short enough for an SMS and free of characters at
which a phone would end a link: the case id (8), the minute it ends (6), and the first 100 bits of HMAC-SHA256 over
both (20). Every digit counts five bits, so there is one way to write a token and no character that does not matter.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from heed.values import Value

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_CASE_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")
_TOKEN = re.compile(r"([0-9a-hjkmnp-tv-z]{8})([0-9a-hjkmnp-tv-z]{6})[0-9a-hjkmnp-tv-z]{20}")
_MAC_DIGITS = 20
_MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Names what is signed, so that no MAC made under this key for anything else, or in another format, opens a case.
_PURPOSE = b"heed case link 1\0"


class Link(Value):
    """The case a token opens, and until when."""

    case_id: str
    ends_at: datetime


def sign(case_id: str, ends_at: datetime, key: bytes) -> str:
    """The token that opens the case until `ends_at`, rounded up to the minute.

    Raises ValueError for a case id of another shape or an end outside the years 1970 to 4011.
    """
    minute = -((_EPOCH - ends_at) // _MINUTE)
    if not _CASE_ID.fullmatch(case_id) or not 0 <= minute < 32**6:
        raise ValueError("no link can be made of this")
    signed = case_id.replace("-", "").lower() + _digits(minute, 6)
    return signed + _mac(signed, key)


def read(token: str, keys: Sequence[bytes], now: datetime) -> Link | None:
    """What a token opens at `now`, or None: forged, ended or no token at all, which nobody can tell apart."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    signed, mac = token[:-_MAC_DIGITS], token[-_MAC_DIGITS:].encode("ascii")
    # Every key is tried whatever the others said, so the time it takes tells nothing of which one fits.
    if not sum(hmac.compare_digest(mac, _mac(signed, key).encode("ascii")) for key in keys):
        return None
    ends_at = _EPOCH + _MINUTE * _number(found[2])
    case_id = found[1].upper()
    return Link(f"{case_id[:4]}-{case_id[4:]}", ends_at) if now < ends_at else None


def _mac(signed: str, key: bytes) -> str:
    digest = hmac.digest(key, _PURPOSE + signed.encode("ascii"), hashlib.sha256)
    return _digits(int.from_bytes(digest, "big") >> (8 * len(digest) - 5 * _MAC_DIGITS), _MAC_DIGITS)


def _digits(number: int, count: int) -> str:
    return "".join(_DIGITS[number >> shift & 31] for shift in range(5 * (count - 1), -1, -5))


def _number(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number << 5 | _DIGITS.index(digit)
    return number
