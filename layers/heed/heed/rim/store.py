"""The table: cases, messages and their history. Only this module and `items` know its keys."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from heed import cases
from heed.model import Case, Entry, Message, Report, Status
from heed.rim import items
from heed.rim.items import Item, Raw, Stored, Undecodable
from heed.values import Value, replace

LOG = logging.getLogger(__name__)

_BUGS = frozenset({"ValidationException", "SerializationException"})
_RACES = frozenset({"ConditionalCheckFailed", "TransactionConflict", "DuplicateItem"})


class Unavailable(Exception):
    """The table cannot do it now: throttled, slow, out of reach or closed to us. Try again later."""


class Conflict(Exception):
    """Somebody else changed the case first. Read it again."""


class Duplicate(Exception):
    """The table holds this message already."""


class Change(Value):
    """One transition to save: the case before and after, and the timeline entries it makes."""

    before: Case | None
    after: Case
    entries: tuple[Entry, ...] = ()


class Position(Value):
    """A place in a team's list of cases: a deadline as the index holds it, and the case that has it."""

    deadline: str
    case: str


class Page(Value):
    """Cases of one page, and the last position it looked at, if more follow."""

    cases: tuple[Case, ...]
    next: Position | None


class Found(Value):
    """Cases by their keys, and the keys of those that are there but cannot be read."""

    cases: Mapping[str, Case]
    unreadable: frozenset[str]


class Table:
    """Cases, messages and their history in one DynamoDB table. Every method may raise Unavailable."""

    def __init__(self, client: Any, name: str, keep_days: int) -> None:
        self._client = client
        self._name = name
        self._keep = timedelta(days=keep_days)

    # -- reading

    def load(self, key: str) -> Case | None:
        """The case of a conversation. Raises Undecodable."""
        found = self._get(items.case_key(key))
        return items.read_case(found) if found else None

    def load_many(self, keys: Iterable[str]) -> Found:
        """The cases that exist among `keys`, as they are now. One that cannot be read stands in nobody's way."""
        found: dict[str, Case] = {}
        unreadable: set[str] = set()
        for item in self._fetch([items.case_key(key) for key in sorted(set(keys))]):
            try:
                found[item["pk"]["S"]] = items.read_case(item)
            except Undecodable as why:
                LOG.error("case %s cannot be read: %s", item["pk"]["S"], why)
                unreadable.add(item["pk"]["S"])
        return Found(found, frozenset(unreadable))

    def find(self, case_id: str) -> Case | None:
        """The case with this id, unless the conversation has come to another since. Raises Undecodable."""
        found = self._get(items.id_key(case_id))
        case = self.load(found["case"]["S"]) if found else None
        return case if case is not None and case.id == case_id else None

    def message(self, key: str, message_id: str) -> Message | None:
        """One message of a case."""
        found = self._get(items.message_key(key, message_id))
        return items.read_message(found).message if found and not items.is_gone(found) else None

    def load_with(self, key: str, message_id: str) -> tuple[Case | None, Stored | None]:
        """A case and one message of it, as they are now. Raises Undecodable."""
        wanted = [items.case_key(key), items.message_key(key, message_id)]
        answer = self._call(
            self._client.batch_get_item, RequestItems={self._name: {"Keys": wanted, "ConsistentRead": True}}
        )
        if answer.get("UnprocessedKeys"):
            raise Unavailable("UnprocessedKeys")
        found = {item["sk"]["S"]: item for item in answer["Responses"].get(self._name, ()) if not items.is_gone(item)}
        case, stored = (found.get(wish["sk"]["S"]) for wish in wanted)
        return items.read_case(case) if case else None, items.read_message(stored) if stored else None

    def timeline(self, key: str) -> tuple[list[Stored], list[Entry]]:
        """All messages and entries of a case, each in order of time."""
        messages: list[Stored] = []
        entries: list[Entry] = []
        for item in self._query(
            KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": key}}, ConsistentRead=True
        ):
            if item["sk"]["S"].startswith("M#") and not items.is_gone(item):
                messages.append(items.read_message(item))
            elif item["sk"]["S"].startswith("E#"):
                entries += items.read_entries(item)
        messages.sort(key=lambda stored: (stored.message.sent_at, stored.message.received_at, stored.message.id))
        entries.sort(key=lambda entry: entry.at)
        return messages, entries

    def due(self, shard: str, until: datetime) -> Iterator[tuple[str, datetime]]:
        """Conversation keys of one shard with something to happen by `until`, the most overdue first."""
        for item in self._query(
            IndexName="due",
            KeyConditionExpression="due_shard = :shard AND due_at <= :until",
            ExpressionAttributeValues={":shard": {"S": shard}, ":until": {"S": items.stamp(until)}},
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
        from_here = {**items.case_key(start.case), **desk, "deadline": {"S": start.deadline}} if start else None
        answer = self._call(
            self._client.query,
            TableName=self._name,
            IndexName="desk",
            KeyConditionExpression="desk = :desk",
            ExpressionAttributeValues={":desk": desk["desk"]},
            Limit=limit if keep is None else 100,
            **({"ExclusiveStartKey": from_here} if from_here else {}),
        )
        listed = answer["Items"]
        found = self.load_many(item["pk"]["S"] for item in listed).cases
        kept: list[Case] = []
        for index, item in enumerate(listed):
            case = found.get(item["pk"]["S"])
            # The index lags behind the table by a moment: the case itself says whether it still belongs here.
            if case is None or (case.team, case.status) != (team, status) or (keep and not keep(case)):
                continue
            kept.append(case)
            if len(kept) == limit and index + 1 < len(listed):
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
            item = items.message_item(stored, self._keep)
            writes = [self._put(item, "attribute_not_exists(pk)")]
            writes += self._case_writes(replace(change, after=after))
            if item["pk"]["S"] != after.key:
                writes.append(self._put(items.message_item(stored, self._keep, after.key)))
            failed = self._transact(writes)
            if not failed:
                return after
            if failed[0] == "ConditionalCheckFailed":
                raise Duplicate
            if failed[:2] != ["None", "None"]:
                raise Conflict
        raise Conflict

    def revise(self, change: Change, stored: Stored) -> None:
        """Save what a report made of a message, and of its case. Raises Conflict."""
        writes = [self._put(items.message_item(stored, self._keep)), *self._case_writes(change)]
        if self._transact(writes):
            raise Conflict

    def bury(self, report: Report) -> None:
        """Keep the place of a message that was taken back before it came. Raises Duplicate if that is taken."""
        if self._transact([self._put(items.tombstone(report, self._keep), "attribute_not_exists(pk)")]):
            raise Duplicate

    def save(self, *changes: Change, copies: Iterable[tuple[str, Stored]] = ()) -> None:
        """Save transitions of different cases, all or none; with them, copies of messages for a case that takes them
        over. Raises Conflict."""
        writes = [
            write for change in changes if change.after is not change.before for write in self._case_writes(change)
        ]
        writes += [self._put(items.message_item(stored, self._keep, key)) for key, stored in copies]
        if writes and self._transact(writes):
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

    def quarantine(self, raw: Raw, at: datetime, keep_days: int) -> None:
        """Keep a genuine delivery that could not be read."""
        item = items.raw_item(raw, at, timedelta(days=keep_days))
        self._call(self._client.put_item, TableName=self._name, Item=item)

    # -- calls

    def _case_writes(self, change: Change) -> list[dict[str, Any]]:
        after, before = change.after, change.before
        item = items.case_item(before, after, self._keep)
        if before is None:
            names: Item = {**items.id_key(after.id), "case": {"S": after.key}}
            writes = [self._put(item, "attribute_not_exists(pk)"), self._put(names, "attribute_not_exists(pk)")]
        else:
            writes = [self._put(item, "version = :version", {":version": {"N": str(before.version)}})]
        if change.entries:
            writes.append(self._put(items.entries_item(after, change.entries, self._keep)))
        return writes

    def _put(self, item: Item, condition: str = "", values: Item | None = None) -> dict[str, Any]:
        put: dict[str, Any] = {"TableName": self._name, "Item": item}
        if condition:
            put["ConditionExpression"] = condition
        if values:
            put["ExpressionAttributeValues"] = values
        return {"Put": put}

    def _get(self, key: Item) -> Item | None:
        found = self._call(self._client.get_item, TableName=self._name, Key=key, ConsistentRead=True)
        return found.get("Item")

    def _fetch(self, left: Sequence[Item]) -> Iterator[Item]:
        """The items that exist under these keys, as they are now, up to 100 a call."""
        while left:
            wanted = {self._name: {"Keys": left[:100], "ConsistentRead": True}}
            answer = self._call(self._client.batch_get_item, RequestItems=wanted)
            yield from answer["Responses"].get(self._name, ())
            again = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
            if len(again) == len(left[:100]):
                raise Unavailable("UnprocessedKeys")
            left = [*again, *left[100:]]

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


def _position(item: Item) -> Position:
    return Position(item["deadline"]["S"], item["pk"]["S"])
