"""What every language's words share: splitting durations, naming zones, and filling an SMS up to its limit."""

from __future__ import annotations

from datetime import datetime

SUBJECT_LIMIT = 99

# An SMS holds 140 bytes: 160 characters of the GSM 7-bit alphabet (3GPP TS 23.038), or 70 in UCS-2 as soon as one
# character lies outside it. A longer text goes in parts of 153 or 67 that the phone joins (3GPP TS 23.040).
# These ASCII characters are outside the alphabet, or count twice in it.
_NOT_GSM = frozenset("`[]{}\\^~|")

SMS_LIMIT = 140
LEAST_HEAD = 31  # `Heed P1 correction L2 7K3Q-9MXA`

_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def ascii_line(line: str) -> str:
    """A subject that every SNS takes: what is not printable ASCII becomes `?`, what is too long is cut."""
    return "".join(char if " " <= char <= "~" else "?" for char in line)[:SUBJECT_LIMIT].rstrip()


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


def sms_parts(text: str) -> int:
    """Into how many SMS a text goes, each of them charged."""
    units, whole, each = len(text.encode("utf-16-le")) // 2, 70, 67
    if text.isascii() and text.isprintable() and not _NOT_GSM & set(text):
        whole, each = 160, 153
    return 1 if units <= whole else -(-units // each)


def fill(head: str, extras: tuple[str, ...], link: str) -> str:
    """`head` and the link in at most SMS_LIMIT characters; the extras, in order, where they cost no further SMS.

    The link leads to all else, so the head gives way to it, down to what names the case; a link that leaves less than
    that is left out, for the case's id serves as well.
    """
    tail = f" {link}"
    room = SMS_LIMIT - len(tail)
    if room < LEAST_HEAD:
        tail, room = "", SMS_LIMIT
    if len(head) > room:
        head = head[: room + 1].rsplit(" ", 1)[0][:room].rstrip(":.：。, ")
    parts = sms_parts(head + tail)
    for extra in extras:
        longer = head + extra + tail
        if len(longer) <= SMS_LIMIT and sms_parts(longer) <= parts:
            head += extra
    return head + tail
