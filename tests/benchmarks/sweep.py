"""What one sweep costs: it reads what falls due, however many cases are open.

`make bench-sweep` fills a table of template.yaml on DynamoDB Local with 1,000, 100,000 and 1,000,000 open cases, of
which a few fall due within the sweep's horizon, runs the real query of watch over every shard and adds up the read
units that the engine charges. Items carry the keys and both index places of a case and no state: the index holds keys
only.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
from botocore.config import Config

from heed.rim.items import HORIZON, SHARDS, stamp
from heed.rim.store import Table
from tests import dynamodb_local, in_memory


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.sweep", description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, nargs="+", default=[1_000, 100_000, 1_000_000], help="open cases")
    parser.add_argument("--due", type=int, nargs="+", default=[0, 200, 2_000], help="cases that fall due")
    options = parser.parse_args(arguments)
    code = dynamodb_local.alone("tests.benchmarks.sweep", arguments)
    if code is not None:
        return code
    with dynamodb_local.running() as address:
        _measure(_client(address), sorted(options.cases), sorted(options.due))
    return 0


def _client(address: str) -> Any:
    config = Config(retries={"total_max_attempts": 5}, max_pool_connections=8)
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    return botocore.session.get_session().create_client(
        "dynamodb", region_name="eu-central-1", endpoint_url=address, config=config, **keys
    )


def _measure(client: Any, sizes: Sequence[int], dues: Sequence[int]) -> None:
    properties = in_memory.template()["Resources"]["Table"]["Properties"]
    passed = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    client.create_table(TableName="heed", **{name: properties[name] for name in passed})
    units: list[float] = []
    client.meta.events.register("provide-client-params.dynamodb.Query", _asking)
    client.meta.events.register(
        "after-call.dynamodb.Query", lambda parsed, **_: units.append(parsed["ConsumedCapacity"]["CapacityUnits"])
    )
    now, table, filled = datetime.now(UTC), Table(client, "heed", 30), 0
    print(f"{'open cases':>12}{'falling due':>13}{'calls':>8}{'read units':>12}{'found':>8}{'seconds':>9}", flush=True)
    for size in sizes:
        _fill(client, range(filled, size), now)
        filled = size
        for due in dues:
            _fill(client, range(due), now, soon=True)
            units.clear()
            began = time.perf_counter()
            found = sum(1 for shard in SHARDS for _ in table.due(shard, now + HORIZON))
            took = time.perf_counter() - began
            print(f"{size:>12,}{due:>13,}{len(units):>8}{sum(units):>12.1f}{found:>8,}{took:>9.2f}", flush=True)
        _fill(client, range(max(dues)), now)


def _asking(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    return {**params, "ReturnConsumedCapacity": "TOTAL"}


def _fill(client: Any, numbers: range, now: datetime, soon: bool = False) -> None:
    """Cases with these numbers; `soon` those that fall due within the horizon, else within the next 30 days."""
    chance = random.Random(numbers.stop)  # noqa: S311 - a repeatable table
    batches = [list(numbers[at : at + 25]) for at in range(0, len(numbers), 25)]
    latest = HORIZON if soon else timedelta(days=30)
    earliest = timedelta(0) if soon else 2 * HORIZON

    def write(batch: Sequence[int]) -> None:
        puts = []
        for number in batch:
            key = f"{number:032x}"[::-1]
            at = now + earliest + chance.random() * (latest - earliest)
            item = {
                "pk": {"S": key},
                "sk": {"S": "CASE"},
                "due_shard": {"S": key[0]},
                "due_at": {"S": stamp(at)},
                "desk": {"S": "care#open"},
                "deadline": {"S": stamp(at)},
            }
            puts.append({"PutRequest": {"Item": item}})
        client.batch_write_item(RequestItems={"heed": puts})

    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(write, batches):
            pass


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
