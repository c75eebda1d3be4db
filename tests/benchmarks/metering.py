"""What handlers use of AWS, counted where botocore makes each call: calls, request units, queue requests, CPU.

Request units are computed by DynamoDB's published rule from the items that are really written and read, because no
emulator charges like AWS in every operation:

- an item weighs its names and values in UTF-8, a number a byte for two digits and one more;
- a write costs a unit for each 1,024 bytes of the larger of the item before and after, twice that in a transaction;
- an index of keys only costs for its entry that is added or removed, both when its key changes, nothing otherwise, and
  no more in a transaction than outside one, as was measured on AWS (github.com/nubo-db/dynoxide/pull/188);
- a consistent read costs a unit for each 4,096 bytes of each item, at least one; a query of an index half a unit for
  each 4,096 bytes of all it finds.

A condition that fails costs what the write would have. CPU is this process's, without what the emulator behind botocore
spends: a hook in front of it takes its time.
"""

from __future__ import annotations

import gc
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any

Item = dict[str, dict[str, Any]]
Keys = tuple[str, ...]
Heard = Callable[[str, str, Mapping[str, Any]], None]

WRITE_BYTES, READ_BYTES, QUEUE_BYTES = 1024, 4096, 65_536


@dataclass
class Usage:
    """What one function used: counts, and CPU seconds without the emulator's. `units` are its write units by what they
    were for: a kind of item, or an index."""

    invocations: int = 0
    cpu_seconds: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    read_units: float = 0.0
    queue_requests: int = 0
    queued: int = 0
    published: int = 0
    log_bytes: int = 0
    requests: int = 0
    answer_bytes: int = 0

    @property
    def write_units(self) -> int:
        return sum(self.units.values())

    def less(self, other: Usage, times: int) -> Usage:
        """This without `times` what another used."""
        left = Usage()
        for name, mine in vars(self).items():
            theirs = getattr(other, name)
            if isinstance(mine, Counter):
                setattr(left, name, Counter({key: count - times * theirs[key] for key, count in mine.items()}))
            else:
                setattr(left, name, mine - times * theirs)
        return left

    def plain(self) -> dict[str, Any]:
        """For a JSON file."""
        return {name: dict(value) if isinstance(value, Counter) else value for name, value in vars(self).items()}


def kind_of(item: Item) -> str:
    """What an item is, as `heed.rim.items` lists them."""
    name = item["pk"]["S"].split("#")[0] if item["sk"]["S"] == "ID" else item["sk"]["S"].split("#")[0]
    names = {"CASE": "case", "M": "message", "E": "entries", "ID": "id", "BUNDLE": "bundle", "RHYTHM": "rhythm"}
    return names.get(name, "other")


def item_bytes(item: Mapping[str, Mapping[str, Any]]) -> int:
    """What an item of text, numbers and bytes weighs. Raises KeyError for another type."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, held),) = value.items()
    if kind == "N":
        return (len(held.lstrip("-0").replace(".", "")) + 1) // 2 + 1
    return len({"S": lambda: held.encode("utf-8", "surrogatepass"), "B": lambda: held}[kind]())


def write_units(before: Item | None, after: Item, in_transaction: bool) -> int:
    """Units of the table for a write."""
    larger = max(item_bytes(before or {}), item_bytes(after))
    return max(1, ceil(larger / WRITE_BYTES)) * (2 if in_transaction else 1)


def index_units(keys: Keys, before: Item | None, after: Item) -> int:
    """Units of an index that projects `keys` only."""
    entries = [_entry(keys, before or {}), _entry(keys, after)]
    if entries[0] == entries[1]:
        return 0
    return sum(ceil(item_bytes(entry) / WRITE_BYTES) for entry in entries if entry)


def _entry(keys: Keys, item: Item) -> Item:
    return {name: item[name] for name in keys} if all(name in item for name in keys) else {}


def read_units(found: Sequence[Item], asked: int) -> float:
    """Units of consistent reads of `asked` items by their keys, of which these were found."""
    return sum(max(1, ceil(item_bytes(item) / READ_BYTES)) for item in found) + asked - len(found)


def query_units(found: Sequence[Item], consistent: bool) -> float:
    """Units of a query for everything it returned."""
    whole = max(1, ceil(sum(map(item_bytes, found)) / READ_BYTES))
    return whole if consistent else whole / 2


def queue_requests(bodies: Sequence[str]) -> int:
    """Requests that SQS bills for one call with these bodies."""
    return max(1, ceil(sum(len(body.encode()) for body in bodies) / QUEUE_BYTES))


class Meter:
    """Counts for each function what its clients do; `heard` listens to each call that succeeded."""

    def __init__(self, table: Mapping[str, Any], reader: Any, table_name: str) -> None:
        """`table` are the template's properties of the table, `reader` a client that nobody counts."""
        base = [key["AttributeName"] for key in table["KeySchema"]]
        self._indexes = {
            index["IndexName"]: (*base, *(key["AttributeName"] for key in index["KeySchema"]))
            for index in table["GlobalSecondaryIndexes"]
        }
        self._reader, self._table = reader, table_name
        self.usage: dict[str, Usage] = defaultdict(Usage)
        self.items: dict[tuple[str, str], Item] = {}
        self.heard: list[Heard] = []
        self._emulating = 0.0

    def attach(self, function: str, client: Any) -> Any:
        """Count what this client of a function does; returns it."""
        from moto.core.models import botocore_stubber

        def emulated(**given: Any) -> Any:
            before = time.process_time()
            try:
                return botocore_stubber(**given)
            finally:
                self._emulating += time.process_time() - before

        def asked(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
            context["heed_asked"] = params

        def answered(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
            # What counting costs is no work of the function's either.
            before = time.process_time()
            self._note(self.usage[function], model, context["heed_asked"], parsed)
            self._emulating += time.process_time() - before

        client.meta.events.unregister("before-send", botocore_stubber)
        client.meta.events.register("before-send", emulated)
        client.meta.events.register("provide-client-params", asked)
        client.meta.events.register("after-call", answered)
        return client

    @contextmanager
    def running(self, function: str) -> Iterator[None]:
        """One invocation of a function."""
        gc.disable()  # the emulator's garbage would be collected on the function's account
        emulating, before = self._emulating, time.process_time()
        try:
            yield
        finally:
            used = self.usage[function]
            used.cpu_seconds += time.process_time() - before - (self._emulating - emulating)
            used.invocations += 1
            gc.enable()

    def _note(self, used: Usage, model: Any, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        used.calls[model.name] += 1
        count = getattr(self, f"_{model.name}", None)
        failed = answer["ResponseMetadata"]["HTTPStatusCode"] >= 300
        if count is not None:
            count(used, asked, answer, failed)
        if not failed:
            for listen in self.heard:
                listen(model.service_model.service_name, model.name, asked)

    def _put(self, used: Usage, item: Item, in_transaction: bool, failed: bool) -> None:
        key = (item["pk"]["S"], item["sk"]["S"])
        before = self.items.get(key)
        used.units[kind_of(item)] += write_units(before, item, in_transaction)
        if failed:
            return
        for name, keys in self._indexes.items():
            used.units[f"index {name}"] += index_units(keys, before, item)
        self.items[key] = item

    def _TransactWriteItems(self, used: Usage, asked: Any, answer: Any, failed: bool) -> None:
        for write in asked["TransactItems"]:
            self._put(used, write["Put"]["Item"], True, failed)

    def _PutItem(self, used: Usage, asked: Any, answer: Any, failed: bool) -> None:
        self._put(used, asked["Item"], False, failed)

    def _UpdateItem(self, used: Usage, asked: Any, answer: Any, failed: bool) -> None:
        found = self._reader.get_item(TableName=self._table, Key=asked["Key"]).get("Item", asked["Key"])
        self._put(used, found, False, failed)

    def _GetItem(self, used: Usage, asked: Any, answer: Any, failed: bool) -> None:
        used.read_units += read_units([answer["Item"]] if "Item" in answer else [], 1)

    def _BatchGetItem(self, used: Usage, asked: Any, answer: Any, failed: bool) -> None:
        for name, wanted in asked["RequestItems"].items():
            units = read_units(answer.get("Responses", {}).get(name, []), len(wanted["Keys"]))
            used.read_units += units if wanted.get("ConsistentRead") else units / 2

    def _Query(self, used: Usage, asked: Any, answer: Any, failed: bool) -> None:
        used.read_units += query_units(answer.get("Items", []), asked.get("ConsistentRead", False))

    def _SendMessageBatch(self, used: Usage, asked: Any, answer: Any, failed: bool) -> None:
        bodies = [entry["MessageBody"] for entry in asked["Entries"]]
        used.queue_requests += queue_requests(bodies)
        used.queued += len(bodies)

    def _PublishBatch(self, used: Usage, asked: Any, answer: Any, failed: bool) -> None:
        used.published += len(asked["PublishBatchRequestEntries"])
