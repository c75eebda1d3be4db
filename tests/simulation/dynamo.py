"""A double of DynamoDB: one table, its two lagging indexes and its stream, as far as `heed.rim.store` uses them."""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.config import Config

from tests.simulation import stack
from tests.simulation.faults import Faults, error

Item = dict[str, dict[str, Any]]
Key = tuple[str, str]

LANES = 16  # shards times ParallelizationFactor: what is in order with itself, and with nothing else
PAGE = 60
_CONDITION = re.compile(r"(\w+) (=|<=) (:\w+)")


@dataclass
class _Index:
    """An index of keys only: sorted positions per partition, and where each item stands."""

    names: tuple[str, str]
    partitions: dict[str, list[tuple[str, Key]]] = field(default_factory=dict)
    standing: dict[Key, tuple[str, str]] = field(default_factory=dict)
    newest: dict[Key, int] = field(default_factory=dict)

    def put(self, item: Item, key: Key, number: int) -> None:
        """Show one write, unless a newer one of the same item shows already."""
        if self.newest.get(key, 0) > number:
            return
        self.newest[key] = number
        if key in self.standing:
            partition, position = self.standing.pop(key)
            rows = self.partitions[partition]
            del rows[bisect_left(rows, (position, key))]
        if all(name in item for name in self.names):
            partition, position = (item[name]["S"] for name in self.names)
            self.standing[key] = (partition, position)
            insort(self.partitions.setdefault(partition, []), (position, key))


class Dynamo:
    """The table. `written(key, item)` sees each write as it is committed."""

    def __init__(self, faults: Faults, written: Callable[[Key, Item], None]) -> None:
        self._faults = faults
        self._world = faults.world
        self._written = written
        self.items: dict[Key, Item] = {}
        self.partitions: dict[str, set[str]] = {}
        self.indexes = {name: _Index(names) for name, names in stack.indexes().items()}
        self._lanes: list[deque[dict[str, Any]]] = [deque() for _ in range(LANES)]
        self._busy = [False] * LANES
        self._number = 0
        self._stream = stack.mapping("announce", "Stream")
        self.announcing: dict[Key, Item] = {}

    def client(self, config: Config) -> DynamoClient:
        return DynamoClient(self, self._faults, config)

    def get(self, key: Item) -> Item | None:
        return self.items.get((key["pk"]["S"], key["sk"]["S"]))

    def earliest(self, index: str) -> datetime:
        """The first time by which anything is sorted in an index; far away when it is empty."""
        first = min((rows[0][0] for rows in self.indexes[index].partitions.values() if rows), default="9999-12-31")
        return datetime.fromisoformat(first).replace(tzinfo=UTC)

    def refusal(self, put: dict[str, Any]) -> str:
        """Why a Put cannot be done: the code of its cancellation reason, or `None` as DynamoDB spells it."""
        condition, old = put.get("ConditionExpression"), self.get(put["Item"])
        if condition is None:
            return "None"
        if condition == "attribute_not_exists(pk)":
            return "None" if old is None else "ConditionalCheckFailed"
        name, value = condition.split(" = ")
        held = old is not None and old[name] == put["ExpressionAttributeValues"][value]
        return "None" if held else "ConditionalCheckFailed"

    def put(self, item: Item) -> None:
        self._number += 1
        key = (item["pk"]["S"], item["sk"]["S"])
        self.items[key] = item
        self.partitions.setdefault(key[0], set()).add(key[1])
        self._written(key, item)
        if key[1] not in ("CASE", "BUNDLE"):
            return
        self._world.schedule(self._world.random.randint(1, 900), self._show, item, key, self._number)
        if any(name in item for name in stack.announced()):
            lane = zlib.crc32(key[0].encode()) % LANES
            sequence = f"{self._number:021d}"
            record = {"dynamodb": {"SequenceNumber": sequence, "NewImage": item}, "at": self._world.ms}
            self._lanes[lane].append(record)
            if not self._busy[lane]:
                self._busy[lane] = True
                self._world.schedule(
                    self._world.random.randint(100, 400), self._deliver, lane, self._stream["BatchSize"], 1
                )

    def _show(self, item: Item, key: Key, number: int) -> None:
        for index in self.indexes.values():
            index.put(item, key, number)

    # -- the stream, as Lambda reads it: in order per key, again and again until it is taken or too old

    def _deliver(self, lane: int, size: int, attempt: int) -> None:
        records, full = self._lanes[lane], self._stream["BatchSize"]
        batch = [records[index] for index in range(min(size, len(records)))]
        images = [record["dynamodb"]["NewImage"] for record in batch]
        self.announcing.update({(image["pk"]["S"], image["sk"]["S"]): image for image in images})
        answer, failure = self._world.invoke("announce", {"Records": batch})
        taken = len(batch)
        if failure:
            taken, size = 0, max(1, len(batch) // 2)
        elif answer["batchItemFailures"]:
            failed = {entry["itemIdentifier"] for entry in answer["batchItemFailures"]}
            taken = next(i for i, record in enumerate(batch) if record["dynamodb"]["SequenceNumber"] in failed)
            size = max(1, (len(batch) - taken + 1) // 2)
        elif self._faults.strikes(self._faults.rates.delivered_twice, "stream batches delivered twice"):
            taken = 0
        else:
            size = full
        self._world.log("stream", lane, len(batch), taken, failure)
        if taken:
            attempt = 0
        for _ in range(taken):
            records.popleft()
        self._drop(lane, len(batch) - taken, attempt)
        if records:
            wait = min(100 * 2**attempt, 60_000) if size < full else 200
            self._world.schedule(wait, self._deliver, lane, size, attempt + 1)
        else:
            self._busy[lane] = False

    def _drop(self, lane: int, left: int, attempt: int) -> None:
        """What was tried too often, or is too old, goes; the position alone is kept elsewhere."""
        records = self._lanes[lane]
        if attempt >= self._stream["MaximumRetryAttempts"]:
            self._world.counts["stream records dropped"] += left
            for _ in range(left):
                records.popleft()
        while records and self._world.ms - records[0]["at"] > self._stream["MaximumRecordAgeInSeconds"] * 1000:
            self._world.counts["stream records dropped"] += 1
            records.popleft()


class DynamoClient:
    """The methods of botocore's client that the table uses, under their own names."""

    def __init__(self, table: Dynamo, faults: Faults, config: Config) -> None:
        self.table = table
        self._faults = faults
        self._config = config

    @property
    def running(self) -> str:
        return self._faults.world.running

    def _call(self, operation: str, work: Callable[[], Any]) -> Any:
        return self._faults.call("dynamodb", operation, self._config, work)

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool) -> dict[str, Any]:
        def work() -> dict[str, Any]:
            found = self.table.get(Key)
            return {} if found is None else {"Item": found}

        answer: dict[str, Any] = self._call("GetItem", work)
        return answer

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        ((name, wanted),) = RequestItems.items()
        assert 1 <= len(wanted["Keys"]) <= 100

        def work() -> dict[str, Any]:
            keys, left = wanted["Keys"], []
            if len(keys) > 1 and self._faults.strikes(self._faults.rates.entry_lost, "batch reads cut short"):
                keys, left = keys[:-1], keys[-1:]
            found = [item for item in map(self.table.get, keys) if item is not None]
            rest = {name: {"Keys": left, "ConsistentRead": True}} if left else {}
            return {"Responses": {name: found}, "UnprocessedKeys": rest}

        answer: dict[str, Any] = self._call("BatchGetItem", work)
        return answer

    def put_item(self, *, TableName: str, Item: Item) -> dict[str, Any]:
        def work() -> dict[str, Any]:
            self.table.put(Item)
            return {}

        answer: dict[str, Any] = self._call("PutItem", work)
        return answer

    def update_item(self, *, TableName: str, Key: Item, UpdateExpression: str, **given: Any) -> dict[str, Any]:
        def work() -> dict[str, Any]:
            old = self.table.get(Key) or {}
            if not _holds(given.get("ConditionExpression", ""), old, given["ExpressionAttributeValues"]):
                raise error("UpdateItem", "ConditionalCheckFailedException")
            self.table.put(_updated({**old, **Key}, UpdateExpression, given))
            return {}

        answer: dict[str, Any] = self._call("UpdateItem", work)
        return answer

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:
        puts = [entry["Put"] for entry in TransactItems]
        assert len({(put["Item"]["pk"]["S"], put["Item"]["sk"]["S"]) for put in puts}) == len(puts) <= 100

        def work() -> dict[str, Any]:
            codes = [self.table.refusal(put) for put in puts]
            if self._faults.strikes(self._faults.rates.conflict, "transactions cancelled by a conflict"):
                codes[self._faults.world.random.randrange(len(codes))] = "TransactionConflict"
            if any(code != "None" for code in codes):
                reasons = [{"Code": code} for code in codes]
                raise error("TransactWriteItems", "TransactionCanceledException", CancellationReasons=reasons)
            for put in puts:
                self.table.put(put["Item"])
            return {}

        answer: dict[str, Any] = self._call("TransactWriteItems", work)
        return answer

    def query(self, *, TableName: str, KeyConditionExpression: str, **given: Any) -> dict[str, Any]:
        values = {name: value["S"] for name, value in given["ExpressionAttributeValues"].items()}
        conditions = {(name, sign): values[value] for name, sign, value in _CONDITION.findall(KeyConditionExpression)}
        assert len(conditions) == len(values), KeyConditionExpression
        if "IndexName" not in given:
            partition: dict[str, Any] = self._call("Query", lambda: self._partition(conditions["pk", "="]))
            return partition
        index = self.table.indexes[given["IndexName"]]
        hash_name, range_name = index.names
        until, limit = conditions.get((range_name, "<="), "\U0010ffff"), given.get("Limit", PAGE)
        start = given.get("ExclusiveStartKey")
        page: dict[str, Any] = self._call(
            "Query", lambda: _page(index, conditions[hash_name, "="], until, limit, start)
        )
        return page

    def _partition(self, pk: str) -> dict[str, Any]:
        return {"Items": [self.table.items[pk, sk] for sk in sorted(self.table.partitions.get(pk, ()))]}


def _page(index: _Index, partition: str, until: str, limit: int, start: Item | None) -> dict[str, Any]:
    rows = index.partitions.get(partition, [])
    first = 0
    if start is not None:
        first = bisect_right(rows, (start[index.names[1]]["S"], (start["pk"]["S"], start["sk"]["S"])))
    found = [
        {"pk": {"S": pk}, "sk": {"S": sk}, index.names[0]: {"S": partition}, index.names[1]: {"S": position}}
        for position, (pk, sk) in rows[first : first + limit]
        if position <= until
    ]
    more = len(found) == limit and first + limit < len(rows)
    return {"Items": found, **({"LastEvaluatedKey": found[-1]} if more else {})}


def _holds(condition: str, item: Item, values: dict[str, Any]) -> bool:
    """`name = :value`, `attribute_not_exists(name)`, or nothing at all."""
    if condition.startswith("attribute_not_exists("):
        return condition[21:-1] not in item
    return all(item.get(name) == values[value] for name, _, value in _CONDITION.findall(condition))


def _updated(item: Item, expression: str, given: dict[str, Any]) -> Item:
    """An item after `SET a = :x, b = :y ADD #c :n REMOVE #d`, any part of which may be missing."""
    names, values = given.get("ExpressionAttributeNames", {}), given["ExpressionAttributeValues"]
    parts = re.split(r"\b(SET|ADD|REMOVE)\b", expression)[1:]
    for verb, clause in zip(parts[::2], parts[1::2], strict=True):
        for each in clause.split(","):
            name, *rest = each.replace("=", " ").split()
            name = names.get(name, name)
            if verb == "REMOVE":
                item.pop(name, None)
            elif verb == "SET":
                item[name] = values[rest[0]]
            else:
                item[name] = {"N": str(int(item.get(name, {"N": "0"})["N"]) + int(values[rest[0]]["N"]))}
    return item
