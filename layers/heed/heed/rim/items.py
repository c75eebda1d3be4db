"""What the table's items look like: their keys, their places in the indexes, and the way there and back.

| item     | pk           | sk             | holds                                                          |
|----------|--------------|----------------|----------------------------------------------------------------|
| case     | conversation | `CASE`         | the case, its version, its places in both indexes              |
| message  | conversation | `M#<identity>` | one message and its assessment; its key is its deduplication   |
| gone     | conversation | `M#<identity>` | in a message's place, taken back before it came                |
| entries  | conversation | `E#<version>`  | what one version changed beside a message                      |
| id       | `ID#<id>`    | `ID`           | the conversation a case id was given to, for ever: ids are unique |
| bundle   | `BUNDLE#<key>` | `BUNDLE`     | notices that are told together: see `heed.rim.bundles`          |
| rhythm   | `CHANNEL#<channel>` | `RHYTHM` | how often a channel delivers: see `heed.rim.pulse`          |
| adoption | `POLICY`     | `ADOPTED`      | how far a new policy came: see `heed.rim.adoption`            |
| bookmark | `PULL#<channel>` | `B#<source>` | how far was read what lies at the platform: see `heed.rim.bookmarks` |
| correction | `CORRECTIONS#<month>` | digest | what a person says a message is: see `heed.rim.corrections` |
| raw      | `RAW#<day>`  | digest         | a genuine delivery that could not be read                      |

Index `due` (due_shard, due_at) is sparse: a case is in it while something of it is still to happen, so a sweep reads
only what falls due. Index `desk` (desk, deadline) lists a team's cases of one status. Both hold keys only. State is one
JSON attribute: botocore takes as long over forty nested attributes as over the whole rest of a call. A case's is packed
by zlib (RFC 1950), for a write costs by the kilobyte and a case is the one thing written with every message.

No attribute that stands in an expression may be one of DynamoDB's reserved words.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from heed import cases, codec
from heed.model import Assessment, Author, Case, Entry, Message, Report, ReportKind
from heed.values import Value, replace

T = TypeVar("T")
Item = dict[str, dict[str, Any]]

SHARDS = tuple("0123456789abcdef")
NEVER = "9999"
RAW_BYTES = 300_000

# A sweep runs each minute and looks this far ahead; what falls due sooner than that is armed when it is written.
HORIZON = timedelta(seconds=90)


class Undecodable(Exception):
    """An item is not what this code can read. It holds nothing of the item."""


class Stored(Value):
    """A message as it is kept, with what Heed understood of it, and the last report of what became of it."""

    message: Message
    assessment: Assessment | None = None
    reported: ReportKind | None = None
    reported_at: datetime | None = None


class Raw(Value):
    """A genuine delivery that could not be read. `content` may be cut; `size_bytes` and `digest` are of the whole."""

    channel: str
    reason: str
    content: bytes
    size_bytes: int
    digest: str

    @classmethod
    def of(cls, channel: str, reason: str, content: bytes) -> Raw:
        digest = hashlib.sha256(channel.encode() + b"\n" + content).hexdigest()[:32]
        return cls(channel, reason, content[:RAW_BYTES], len(content), digest)


class Bookmark(Value):
    """How far a source of a channel was read: the platform's own cursor, "" for its beginning.

    `emptied_at` is when a question was put that left nothing to be read.
    """

    channel: str
    source: str
    cursor: str = ""
    emptied_at: datetime | None = None


def stamp(at: datetime) -> str:
    """A time as index key: fixed width, so that text order is time order."""
    return f"{at.isoformat(timespec='milliseconds')[:23]}Z"


def case_key(key: str) -> Item:
    return {"pk": {"S": key}, "sk": {"S": "CASE"}}


def id_key(case_id: str) -> Item:
    return {"pk": {"S": f"ID#{case_id}"}, "sk": {"S": "ID"}}


def message_key(key: str, message_id: str) -> Item:
    """A message's place in its conversation, drawn from the platform's own identity of it."""
    digest = hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return {"pk": {"S": key}, "sk": {"S": f"M#{digest}"}}


def case_item(before: Case | None, after: Case, keep: timedelta) -> Item:
    """A case with its places in the indexes. Every change of it keeps it for another `keep`."""
    due = cases.due_at(after)
    deadline = cases.next_deadline(after)
    item: Item = {
        **case_key(after.key),
        "version": {"N": str(after.version)},
        "case": {"B": _packed(codec.dumps(after))},
        "desk": {"S": f"{after.team}#{after.status}"},
        "deadline": {"S": stamp(deadline) if deadline else NEVER},
        "expires_at": epoch(after.updated_at + keep),
    }
    if due is not None:
        item |= {"due_shard": {"S": after.key[0]}, "due_at": {"S": stamp(due)}}
        if due <= after.updated_at + HORIZON and (before is None or cases.due_at(before) != due):
            item["wake"] = {"S": stamp(due)}
    if cases.to_announce(after):
        item["says"] = {"S": "1"}
    return item


def message_item(stored: Stored, keep: timedelta, case: str = "") -> Item:
    """A message in its conversation's partition, whose key is its deduplication; or a copy of it for another case."""
    message = stored.message
    kept = stored if message.author is Author.CUSTOMER else replace(stored, assessment=None)
    return {
        **message_key(case or cases.conversation_key(message.channel, message.conversation), message.id),
        "message": {"S": codec.dumps(kept)},
        "expires_at": epoch(message.received_at + keep),
    }


def tombstone(report: Report, keep: timedelta) -> Item:
    """The place of a message that was taken back before it came: should it come after all, it is a duplicate."""
    return {
        **message_key(cases.conversation_key(report.channel, report.conversation), report.message),
        "gone": {"S": report.kind},
        "expires_at": epoch(report.received_at + keep),
    }


def entries_item(case: Case, entries: tuple[Entry, ...], keep: timedelta) -> Item:
    return {
        "pk": {"S": case.key},
        "sk": {"S": f"E#{case.version:010d}"},
        "entries": {"S": codec.dumps(entries)},
        "expires_at": epoch(case.updated_at + keep),
    }


def raw_item(raw: Raw, at: datetime, keep: timedelta) -> Item:
    """The same delivery on one day is kept once."""
    return {
        "pk": {"S": f"RAW#{at:%Y-%m-%d}"},
        "sk": {"S": raw.digest},
        "channel": {"S": raw.channel},
        "reason": {"S": raw.reason},
        "at": {"S": stamp(at)},
        "raw": {"B": raw.content},
        "size_bytes": {"N": str(raw.size_bytes)},
        "expires_at": epoch(at + keep),
    }


def bookmark_key(channel: str, source: str) -> Item:
    return {"pk": {"S": f"PULL#{channel}"}, "sk": {"S": f"B#{source}"}}


def bookmark_item(mark: Bookmark, at: datetime, keep: timedelta) -> Item:
    emptied = {"emptied_at": {"S": stamp(mark.emptied_at)}} if mark.emptied_at else {}
    key = bookmark_key(mark.channel, mark.source)
    return {**key, "pulled_to": {"S": mark.cursor}, **emptied, "expires_at": epoch(at + keep)}


def read_bookmark(item: Item) -> Bookmark:
    """Raises Undecodable."""
    try:
        return Bookmark(
            channel=item["pk"]["S"].removeprefix("PULL#"),
            source=item["sk"]["S"].removeprefix("B#"),
            cursor=item["pulled_to"]["S"],
            emptied_at=datetime.fromisoformat(item["emptied_at"]["S"]) if "emptied_at" in item else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Undecodable(f"bookmark: {type(error).__name__}") from None


def read_case(item: Item) -> Case:
    """Raises Undecodable."""
    return _read(Case, item, "case")


def read_message(item: Item) -> Stored:
    """Raises Undecodable."""
    return _read(Stored, item, "message")


def read_entries(item: Item) -> tuple[Entry, ...]:
    """Raises Undecodable."""
    return _read(tuple[Entry, ...], item, "entries")


def is_gone(item: Item) -> bool:
    """Whether this is the empty place of a message."""
    return "gone" in item


def from_stream(image: Item) -> tuple[Case, datetime | None]:
    """The case in a stream record's new image, and when it wants to be woken if that is before the next sweep.

    Raises Undecodable.
    """
    wake = image.get("wake")
    return read_case(image), datetime.fromisoformat(wake["S"]) if wake else None


def epoch(at: datetime) -> dict[str, str]:
    """A time as DynamoDB's TTL wants it."""
    return {"N": str(int(at.timestamp()))}


def _packed(text: str) -> bytes:
    """A window of 4 KB and little memory: as small as with more, in a sixth of the time."""
    packing = zlib.compressobj(level=1, wbits=12, memLevel=5)
    return packing.compress(text.encode()) + packing.flush()


def _text(value: Mapping[str, Any]) -> str:
    """Packed or plain. In an event of the stream, bytes are base64 (AWS Lambda, "Using AWS Lambda with DynamoDB")."""
    if "B" not in value:
        text: str = value["S"]
        return text
    packed = value["B"]
    return zlib.decompress(base64.b64decode(packed) if isinstance(packed, str) else packed).decode()


def _read(kind: type[T], item: Item, attribute: str) -> T:
    try:
        return codec.loads(kind, _text(item[attribute]))
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise Undecodable(f"{attribute}: {type(error).__name__}") from None
