"""The table: the only module that knows its keys.

| item     | pk           | sk             | holds                                                          |
|----------|--------------|----------------|----------------------------------------------------------------|
| case     | conversation | `CASE`         | the case, its version, its places in both indexes              |
| message  | conversation | `M#<identity>` | one message and its assessment; its key is its deduplication   |
| entries  | conversation | `E#<version>`  | what one version changed beside a message                      |
| id       | `ID#<id>`    | `ID`           | the conversation a case id belongs to; keeps ids unique        |
| raw      | `RAW#<day>`  | time and digest | a genuine delivery that could not be read                     |

Index `due` (shard, due_at) is sparse: a case is in it while something of it is still to happen, so a sweep reads only
what falls due. Index `desk` (team and status, deadline) lists cases for people. Both hold keys only. State is one JSON
attribute: botocore takes as long over forty nested attributes as over the whole rest of a call.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from heed import cases, codec
from heed.model import Assessment, Author, Case, Entry, Message, Status

SHARDS = tuple("0123456789abcdef")
NEVER = "9999"
LOG = logging.getLogger(__name__)

# A sweep runs each minute and looks this far ahead; what falls due sooner than that is armed when it is written.
HORIZON = timedelta(seconds=90)

Item = dict[str, dict[str, Any]]

_BUGS = frozenset({"ValidationException", "SerializationException"})
_RACES = frozenset({"ConditionalCheckFailed", "TransactionConflict", "DuplicateItem"})


class Unavailable(Exception):
    """The table cannot do it now: throttled, slow, out of reach or closed to us. Try again later."""


class Conflict(Exception):
    """Somebody else changed the case first. Read it again."""


class Duplicate(Exception):
    """The table holds this message already."""


@dataclass(frozen=True, slots=True)
class Change:
    """One transition to save: the case before and after, and the timeline entries it makes."""

    before: Case | None
    after: Case
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as it was stored, with what Heed understood of it."""

    message: Message
    assessment: Assessment | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a team's list of cases: a deadline as the index holds it, and the case that has it."""

    deadline: str
    case: str


@dataclass(frozen=True, slots=True)
class Page:
    """Cases of one page, and the last position it looked at, if more follow."""

    cases: tuple[Case, ...]
    next: Position | None


class Table:
    """Cases, messages and their history in one DynamoDB table. Every method may raise Unavailable."""

    def __init__(self, client: Any, name: str, keep_days: int) -> None:
        self._client = client
        self._name = name
        self._keep = timedelta(days=keep_days)

    # -- reading

    def load(self, key: str) -> Case | None:
        found = self._call(self._client.get_item, TableName=self._name, Key=_case_key(key), ConsistentRead=True)
        return _case(found["Item"]) if "Item" in found else None

    def load_many(self, keys: Iterable[str]) -> dict[str, Case]:
        """The cases that exist among `keys`, as they are now."""
        left = sorted(set(keys))
        found: dict[str, Case] = {}
        while left:
            wanted = {self._name: {"Keys": [_case_key(key) for key in left[:100]], "ConsistentRead": True}}
            answer = self._call(self._client.batch_get_item, RequestItems=wanted)
            found.update((item["pk"]["S"], _case(item)) for item in answer["Responses"].get(self._name, ()))
            again = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
            if len(again) == len(left[:100]):
                raise Unavailable("UnprocessedKeys")
            left = [key["pk"]["S"] for key in again] + left[100:]
        return found

    def find(self, case_id: str) -> Case | None:
        """The case with this id."""
        key = {"pk": {"S": f"ID#{case_id}"}, "sk": {"S": "ID"}}
        found = self._call(self._client.get_item, TableName=self._name, Key=key, ConsistentRead=True)
        return self.load(found["Item"]["case"]["S"]) if "Item" in found else None

    def message(self, key: str, message_id: str) -> Message | None:
        """One message of a case."""
        found = self._call(
            self._client.get_item, TableName=self._name, Key=_message_key(key, message_id), ConsistentRead=True
        )
        return codec.loads(Stored, found["Item"]["message"]["S"]).message if "Item" in found else None

    def timeline(self, key: str) -> tuple[list[Stored], list[Entry]]:
        """All messages and entries of a case, each in order of time."""
        messages: list[Stored] = []
        entries: list[Entry] = []
        for item in self._query(
            KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": key}}, ConsistentRead=True
        ):
            if item["sk"]["S"].startswith("M#"):
                messages.append(codec.loads(Stored, item["message"]["S"]))
            elif item["sk"]["S"].startswith("E#"):
                entries += codec.loads(tuple[Entry, ...], item["entries"]["S"])
        messages.sort(key=lambda stored: (stored.message.sent_at, stored.message.received_at, stored.message.id))
        entries.sort(key=lambda entry: entry.at)
        return messages, entries

    def due(self, shard: str, until: datetime) -> Iterator[tuple[str, datetime]]:
        """Conversation keys of one shard with something to happen by `until`, the most overdue first."""
        for item in self._query(
            IndexName="due",
            KeyConditionExpression="shard = :shard AND due_at <= :until",
            ExpressionAttributeValues={":shard": {"S": shard}, ":until": {"S": stamp(until)}},
        ):
            yield item["pk"]["S"], datetime.fromisoformat(item["due_at"]["S"])

    def desk(
        self,
        team: str,
        status: Status,
        limit: int,
        start: Position | None = None,
        keep: Callable[[Case], bool] | None = None,
    ) -> Page:
        """One page of a team's cases in a status, the soonest deadline first; with `keep`, those for which it holds.

        One Query and one BatchGet, whatever `keep` leaves out: a page may hold fewer than `limit` cases, even none,
        while more follow.
        """
        desk = {"desk": {"S": f"{team}#{status}"}}
        from_here = {**_case_key(start.case), **desk, "deadline": {"S": start.deadline}} if start else None
        answer = self._call(
            self._client.query,
            TableName=self._name,
            IndexName="desk",
            KeyConditionExpression="desk = :desk",
            ExpressionAttributeValues={":desk": desk["desk"]},
            Limit=limit if keep is None else 100,
            **({"ExclusiveStartKey": from_here} if from_here else {}),
        )
        items = answer["Items"]
        found = self.load_many(item["pk"]["S"] for item in items)
        kept: list[Case] = []
        for index, item in enumerate(items):
            case = found.get(item["pk"]["S"])
            # The index lags behind the table by a moment: the case itself says whether it still belongs here.
            if case is None or (case.team, case.status) != (team, status) or (keep and not keep(case)):
                continue
            kept.append(case)
            if len(kept) == limit and index + 1 < len(items):
                return Page(tuple(kept), _position(item))
        last = answer.get("LastEvaluatedKey")
        return Page(tuple(kept), _position(last) if last else None)

    # -- writing

    def record(self, change: Change, stored: Stored) -> Case:
        """Save a message with what it did to its case, in one transaction. Raises Duplicate or Conflict.

        Returns the case as saved: a new case draws another id if its own is taken.
        """
        for attempt in range(4):
            after = change.after
            if change.before is None and attempt:
                after = cases.renamed(after, stored.message.id, attempt)
            writes = [self._put(self._message_item(stored), "attribute_not_exists(pk)")]
            writes += self._case_writes(replace(change, after=after))
            failed = self._transact(writes)
            if not failed:
                return after
            if failed[0] == "ConditionalCheckFailed":
                raise Duplicate
            if failed[:2] != ["None", "None"]:
                raise Conflict
        raise Conflict

    def save(self, change: Change) -> None:
        """Save a transition. Raises Conflict."""
        if change.after is not change.before and self._transact(self._case_writes(change)):
            raise Conflict

    def save_many(self, changes: Sequence[Change]) -> set[str]:
        """Save transitions of different cases together; returns the keys of those that lost a race."""
        lost: set[str] = set()
        left = [change for change in changes if change.after is not change.before]
        while left:
            batch, left = left[:40], left[40:]
            writes = [self._case_writes(change) for change in batch]
            failed = self._transact([write for group in writes for write in group])
            if not failed:
                continue
            at, beaten = 0, set()
            for change, group in zip(batch, writes, strict=True):
                if any(code != "None" for code in failed[at : at + len(group)]):
                    beaten.add(change.after.key)
                at += len(group)
            lost |= beaten
            left = [change for change in batch if change.after.key not in beaten] + left
        return lost

    def quarantine(self, channel: str, reason: str, raw: bytes, at: datetime, keep_days: int) -> None:
        """Keep a genuine delivery that could not be read. The same bytes on one day are kept once."""
        digest = hashlib.sha256(channel.encode() + b"\n" + raw).hexdigest()[:32]
        item: Item = {
            "pk": {"S": f"RAW#{at:%Y-%m-%d}"},
            "sk": {"S": digest},
            "channel": {"S": channel},
            "reason": {"S": reason},
            "at": {"S": stamp(at)},
            "raw": {"B": raw[:300_000]},
            "bytes": {"N": str(len(raw))},
            "expires_at": {"N": _epoch(at + timedelta(days=keep_days))},
        }
        self._call(self._client.put_item, TableName=self._name, Item=item)

    # -- items

    def _message_item(self, stored: Stored) -> Item:
        message = stored.message
        kept = stored if message.author is Author.CUSTOMER else Stored(message)
        return {
            **_message_key(cases.conversation_key(message.channel, message.conversation), message.id),
            "message": {"S": codec.dumps(kept)},
            "expires_at": {"N": _epoch(message.received_at + self._keep)},
        }

    def _case_writes(self, change: Change) -> list[dict[str, Any]]:
        after, before = change.after, change.before
        item = _case_item(before, after)
        if after.status is Status.RESOLVED:
            item["expires_at"] = {"N": _epoch(after.updated_at + self._keep)}
        if before is None:
            names: Item = {"pk": {"S": f"ID#{after.id}"}, "sk": {"S": "ID"}, "case": {"S": after.key}}
            writes = [self._put(item, "attribute_not_exists(pk)"), self._put(names, "attribute_not_exists(pk)")]
        else:
            writes = [self._put(item, "version = :version", {":version": {"N": str(before.version)}})]
        if change.entries:
            entries: Item = {
                "pk": {"S": after.key},
                "sk": {"S": f"E#{after.version:010d}"},
                "entries": {"S": codec.dumps(change.entries)},
                "expires_at": {"N": _epoch(after.updated_at + self._keep)},
            }
            writes.append(self._put(entries))
        return writes

    def _put(self, item: Item, condition: str = "", values: Item | None = None) -> dict[str, Any]:
        put: dict[str, Any] = {"TableName": self._name, "Item": item}
        if condition:
            put["ConditionExpression"] = condition
        if values:
            put["ExpressionAttributeValues"] = values
        return {"Put": put}

    # -- calls

    def _transact(self, writes: list[dict[str, Any]]) -> list[str]:
        """Write all or nothing: empty when written, else the reason per item. Raises Unavailable."""
        try:
            self._call(self._client.transact_write_items, TransactItems=writes)
        except _Cancelled as cancelled:
            return cancelled.codes
        return []

    def _query(self, **arguments: Any) -> Iterator[Item]:
        start: Mapping[str, Any] = {}
        while True:
            answer = self._call(self._client.query, TableName=self._name, **arguments, **start)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _call(self, operation: Callable[..., dict[str, Any]], **arguments: Any) -> dict[str, Any]:
        """One call, its failures told apart: a race, a table that cannot now, or a bug of ours."""
        try:
            return operation(**arguments)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            reasons = [reason.get("Code", "None") for reason in error.response.get("CancellationReasons", ())]
            if reasons and all(reason in _RACES or reason == "None" for reason in reasons):
                raise _Cancelled(reasons) from None
            if code in _BUGS or "ValidationError" in reasons:
                raise
            raise _unavailable(code) from None
        except BotoCoreError as error:
            raise _unavailable(type(error).__name__) from None


def _unavailable(code: str) -> Unavailable:
    """Logged where it is met, because who meets it goes on without the table."""
    LOG.warning("table unavailable: %s", code)
    return Unavailable(code)


class _Cancelled(Exception):
    def __init__(self, codes: list[str]) -> None:
        super().__init__()
        self.codes = codes


def stamp(at: datetime) -> str:
    """A time as index key: fixed width, so that text order is time order."""
    return f"{at.isoformat(timespec='milliseconds')[:23]}Z"


def _case_item(before: Case | None, after: Case) -> Item:
    due = cases.due_at(after)
    deadline = cases.next_deadline(after)
    item: Item = {
        **_case_key(after.key),
        "version": {"N": str(after.version)},
        "case": {"S": codec.dumps(after)},
        "desk": {"S": f"{after.team}#{after.status}"},
        "deadline": {"S": stamp(deadline) if deadline else NEVER},
    }
    if due is not None:
        item |= {"shard": {"S": after.key[0]}, "due_at": {"S": stamp(due)}}
        if due <= after.updated_at + HORIZON and (before is None or cases.due_at(before) != due):
            item["wake"] = {"S": stamp(due)}
    if cases.to_announce(after):
        item["says"] = {"S": "1"}
    return item


def _case_key(key: str) -> Item:
    return {"pk": {"S": key}, "sk": {"S": "CASE"}}


def _message_key(key: str, message_id: str) -> Item:
    return {"pk": {"S": key}, "sk": {"S": f"M#{hashlib.sha256(message_id.encode()).hexdigest()[:32]}"}}


def _position(item: Item) -> Position:
    return Position(item["deadline"]["S"], item["pk"]["S"])


def _case(item: Item) -> Case:
    return codec.loads(Case, item["case"]["S"])


def from_stream(image: Item) -> tuple[Case, datetime | None]:
    """The case in a stream record's new image, and when it wants to be woken if that is before the next sweep."""
    wake = image.get("wake")
    return _case(image), datetime.fromisoformat(wake["S"]) if wake else None


def _epoch(at: datetime) -> str:
    return str(int(at.timestamp()))
