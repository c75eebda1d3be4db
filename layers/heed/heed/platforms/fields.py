"""Reading fields that a stranger filled in: each reader returns a safe value or raises Misread.

Whatever comes out of here may be stored and shown: valid UTF-8, no NUL, bounded in size, times in UTC.
Limits are Heed's own, chosen so that one message always fits a table item.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import NoReturn, TypeVar

from heed.model import Attachment, AttachmentKind, Message, Report
from heed.platforms import Broken, Pull, Reading, Unreadable

# What one part of a delivery comes to: a message, a report of an earlier one, something to fetch, or the name of an
# event nobody needs.
Found = Message | Report | Pull | str

T = TypeVar("T")

TEXT_LIMIT = 20_000
TITLE_LIMIT = 300
URL_LIMIT = 4_096
ID_LIMIT_BYTES = 256
ATTACHMENT_LIMIT = 10

# NUL and lone surrogates: no database or UTF-8 writer takes them.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# No identity of any platform holds a control character, a line break or a lone surrogate.
_NO_IDENTITY = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Misread(Exception):
    """One part of a delivery cannot be read. `reason` is a code; it holds nothing of the part."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def json_object(content: bytes) -> dict[str, object]:
    """The JSON object a delivery holds. Raises Unreadable for anything else, endless nesting and NaN included."""
    try:
        found = json.loads(content.decode(), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise Unreadable("encoding") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable("json") from error
    if not isinstance(found, dict):
        raise Unreadable("shape")
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON (RFC 8259, 6)")


def one(read: Callable[[], Found]) -> Reading:
    """The reading of a delivery that holds one thing. Raises Unreadable where it cannot be read."""
    return whole(lambda: [read()])


def whole(read: Callable[[], Sequence[Found]]) -> Reading:
    """The reading of a delivery whose parts stand or fall together. Raises Unreadable where it cannot be read."""
    try:
        return _sorted(read())
    except Misread as error:
        raise Unreadable(error.reason) from error


def each(parts: Iterable[T], read: Callable[[T], Found], raw: Callable[[T], bytes]) -> Reading:
    """The reading of a delivery of many parts: one that cannot be read breaks none beside it.

    `raw` is a part as a delivery of its own, so that quarantine can be read again.
    """
    found: list[Found] = []
    broken: list[Broken] = []
    for part in parts:
        try:
            found.append(read(part))
        except Misread as error:
            broken.append(Broken(error.reason, raw(part)))
    return _sorted(found, broken)


def _sorted(found: Sequence[Found], broken: Sequence[Broken] = ()) -> Reading:
    return Reading(
        messages=tuple(one for one in found if isinstance(one, Message)),
        reports=tuple(one for one in found if isinstance(one, Report)),
        ignored=tuple(one for one in found if isinstance(one, str)),
        broken=tuple(broken),
        pulls=tuple(one for one in found if isinstance(one, Pull)),
    )


def mapping(value: object, reason: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Misread(reason)
    return value


def delivery(body: object, content: bytes) -> bytes:
    """A part as a delivery of its own, or the whole one where the part is nested too deep to be written."""
    try:
        return json.dumps(body, separators=(",", ":")).encode()
    except RecursionError:
        return content


def optional(value: object, reason: str) -> dict[str, object]:
    """A mapping that may be absent."""
    return {} if value is None else mapping(value, reason)


def embedded(value: object, reason: str) -> dict[str, object]:
    """A mapping that may come as the text of one: JSON within JSON."""
    if not isinstance(value, str):
        return mapping(value, reason)
    try:
        return json_object(value.encode("utf-8", "surrogatepass"))
    except Unreadable as error:
        raise Misread(reason) from error


def items(value: object, reason: str) -> list[object]:
    """A list that may be absent."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Misread(reason)
    return value


def flag(value: object, reason: str) -> bool:
    """A boolean that may be absent; "false" and 0 are no booleans."""
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Misread(reason)
    return value


def identity(value: object, reason: str) -> str:
    """An id as text; a JSON integer keeps all its digits. A float, having lost some, is none."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**128:
        return str(value)
    if not isinstance(value, str) or not value.strip() or _NO_IDENTITY.search(value):
        raise Misread(reason)
    if len(value) > ID_LIMIT_BYTES or len(value.encode()) > ID_LIMIT_BYTES:
        raise Misread(reason)
    return value


def thread(*parts: str) -> str:
    """A conversation's name made of ids, outermost first; no two lists of ids give the same name."""
    if any(":" in part for part in parts):
        raise Misread("thread")
    return ":".join(parts)


def text(value: object, limit: int = TEXT_LIMIT) -> str:
    """What somebody wrote, absent being nothing; cut with an ellipsis beyond `limit` characters."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Misread("text")
    cut = value if len(value) <= limit else value[: limit - 1] + "…"
    return _UNSTORABLE.sub("\ufffd", cut)


def line(value: object) -> str:
    """A name or title: one short line."""
    return " ".join(text(value, TITLE_LIMIT).split())


def url(value: object) -> str:
    """A web address, nothing for any other scheme: `javascript:` must not reach an agent's screen as a link."""
    if not isinstance(value, str) or len(value) > URL_LIMIT or _NO_IDENTITY.search(value):
        return ""
    return value if value.lower().startswith(("https://", "http://")) else ""


def reference(value: object) -> str:
    """A media id, nothing where the platform gave none."""
    return "" if value is None or value == "" else identity(value, "media")


_MEDIA = {"image": AttachmentKind.IMAGE, "audio": AttachmentKind.VOICE, "video": AttachmentKind.VIDEO}


def media(content_type: object) -> AttachmentKind:
    """What a MIME type stands for; whatever is unknown is a file."""
    head = content_type.partition("/")[0].lower() if isinstance(content_type, str) else ""
    return _MEDIA.get(head, AttachmentKind.FILE)


def files(listed: object, content_type: str, address: str, name: str) -> tuple[Attachment, ...]:
    """The files of a list that may be absent, by the platform's names for their MIME type, address and title; one
    without an address is known by its `id`."""
    found = [mapping(item, "attachments") for item in items(listed, "attachments")]
    return tuple(
        Attachment(
            media(file.get(content_type)), url(file.get(address)) or reference(file.get("id")), line(file.get(name))
        )
        for file in found[:ATTACHMENT_LIMIT]
    )


def place(latitude: object, longitude: object, title: object = None) -> Attachment:
    """A location as `latitude,longitude` in degrees."""
    try:
        degrees = [float(part) for part in (latitude, longitude) if isinstance(part, int | float | str)]
        north, east = degrees
    except (ValueError, OverflowError) as error:
        raise Misread("location") from error
    if not (-90 <= north <= 90 and -180 <= east <= 180):
        raise Misread("location")
    return Attachment(AttachmentKind.LOCATION, f"{north},{east}", line(title))


def moment(value: object) -> datetime:
    """A platform's time: unix seconds or milliseconds, told apart by size, or ISO 8601 with an offset.

    Units differ inside one vendor, so size decides: 10^9 to 10^10 are seconds, 10^12 to 10^13 milliseconds
    (2001 to 2286 both), anything else is refused.
    """
    if isinstance(value, str):
        return _unix(int(value)) if re.fullmatch(r"[0-9]{10,13}", value) else _iso(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _unix(value)
    raise Misread("time")


def _unix(value: int) -> datetime:
    if 10**9 <= value < 10**10:
        return datetime.fromtimestamp(value, UTC)
    if 10**12 <= value < 10**13:
        seconds, milliseconds = divmod(value, 1000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)
    raise Misread("time")


def _iso(value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise Misread("time")
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Misread("time") from error


def known(name: object, names: Collection[str]) -> str:
    """The name of an ignored event, fit to be a metric's dimension: one of `names`, else `unknown`."""
    return name if isinstance(name, str) and name in names else "unknown"
