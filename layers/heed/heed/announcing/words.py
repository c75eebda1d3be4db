"""What every language's words share: splitting durations, naming zones, and filling an SMS up to its limit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

SUBJECT_LIMIT = 99

# An SMS holds 140 bytes: 160 characters of the GSM 7-bit alphabet (3GPP TS 23.038), or 70 in UCS-2 as soon as one
# character lies outside it. SNS splits what is longer into several, each of them charged.
SMS_LIMIT_GSM = 140
SMS_LIMIT_UCS2 = 70
# These ASCII characters are outside the alphabet, or count twice in it.
_NOT_GSM = frozenset("`[]{}\\^~|")

_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def split(seconds: float, days: bool) -> tuple[tuple[str, str], ...]:
    """A duration in its two largest units, rounded down: 125 is `2` `min` and `05` `s`; under a second is empty.

    Without `days` hours are the largest: a promise of 27 open hours is three working days and not one day.
    """
    steps = _STEPS if days else _STEPS[1:]
    left = int(seconds)
    for (size, unit), (lesser_size, lesser) in zip(steps, (*steps[1:], (1, "")), strict=True):
        if left >= size:
            big, small = left // size, left % size // lesser_size
            width = 1 if unit == "d" else 2
            return ((str(big), unit), (f"{small:0{width}d}", lesser)) if small else ((str(big), unit),)
    return ()


def zone_of(at: datetime) -> tuple[str, str]:
    """The city of a time's zone and its offset: (`Shanghai`, `UTC+8`), (`New York`, `UTC-4`); UTC is (``, `UTC`)."""
    offset = at.utcoffset()
    assert offset is not None  # noqa: S101 - every time is aware
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    name = f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")
    zone = str(at.tzinfo)
    if zone in ("UTC", "Etc/UTC"):
        return "", "UTC"
    return zone.rsplit("/", 1)[-1].replace("_", " "), name


def fits_gsm(text: str) -> bool:
    return len(text) <= SMS_LIMIT_GSM and text.isascii() and text.isprintable() and not _NOT_GSM & set(text)


def fits_ucs2(text: str) -> bool:
    return len(text.encode("utf-16-le")) // 2 <= SMS_LIMIT_UCS2


def fill(head: str, extras: tuple[str, ...], link: str, fits: Callable[[str], bool]) -> str:
    """`head`, then as much of the rest as fits: the link first, for it leads to all else, then the extras in order."""
    tail = f" {link}" if fits(f"{head} {link}") else ""
    for extra in extras:
        if fits(head + extra + tail):
            head += extra
    return head + tail
