"""The table: cases, messages and their history. Only this module and `items` know its keys."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from heed import cases
from heed.model import Case, Entry, Message, Report, Status
from heed.rim import items
from heed.rim.dynamo import Conflict, Dynamo, Unavailable
from heed.rim.items import Item, Raw, Stored, Undecodable
from heed.values import Value, replace

LOG = logging.getLogger(__name__)

T = TypeVar("T")


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


class Table(Dynamo):
    """Cases, messages and their history in one DynamoDB table. Every method may raise Unavailable."""

    # -- reading

    def load(self, key: str) -> Case | None:
        """The case of a conversation. Raises Undecodable."""
        found = self._get(items.case_key(key))
        return items.read_case(found) if found else None

    def load_many(self, keys: Iterable[str]) -> Found:
        """The cases that exist among `keys`, as they are now. One that cannot be read stands in nobody's way."""
        return Found(*self._read([items.case_key(key) for key in sorted(set(keys))], items.read_case))

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

    def quarantine(self, raw: Raw, at: datetime, keep_days: int) -> None:
        """Keep a genuine delivery that could not be read."""
        item = items.raw_item(raw, at, timedelta(days=keep_days))
        self._call(self._client.put_item, TableName=self._name, Item=item)

    def _read(self, keys: Sequence[Item], read: Callable[[Item], T]) -> tuple[dict[str, T], frozenset[str]]:
        """What exists under these keys by its partition, and the partitions of what is there but cannot be read."""
        found: dict[str, T] = {}
        unreadable: set[str] = set()
        for item in self._fetch(keys):
            name = item["pk"]["S"]
            try:
                found[name] = read(item)
            except Undecodable as why:
                LOG.error("%s cannot be read: %s", name, why)
                unreadable.add(name)
        return found, frozenset(unreadable)

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


def _position(item: Item) -> Position:
    return Position(item["deadline"]["S"], item["pk"]["S"])
