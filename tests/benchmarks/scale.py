"""How much one core does beside two things one would pick instead, and on paper what breaks first as traffic grows.

`make bench-scale` sends the same LINE deliveries, signed, to four servers on 127.0.0.1, in turns, and takes the CPU
time that each server's process spent, as the kernel counts it, so that the client is not in it:

- Heed's intake, its real botocore client talking HTTP to a table in another process, whose CPU is not Heed's: DynamoDB
  is paid for by what is written. Signature, message, assessment, case with its clocks, in one transaction.
- The same with a dictionary in place of the client: what is Heed's own.
- Django with django-helpdesk: signature, then ticket and follow-up in SQLite. No assessment, no promise, no notice.
- A Node-RED flow: signature, then a line in a file. No deduplication, no case.

The Python ones stand behind the same small HTTP server, which is measured alone too. Needs npm and PyPI once. Then
comes the paper: request units as `make bench-cost` last counted them, against AWS's quotas. Writes
.heed/bench/scale.json.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from heed.platforms import Request
from infra.heedctl import senders
from infra.local import paths
from tests.benchmarks import quotas

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "tests/benchmarks/peers"
NODE = paths.HOME / "node-red"
SECRET = {"channel_secret": "0123456789abcdef0123456789abcdef"}
ADDRESS = "/webhooks/line/qinghe"
TEXT = "My order has not arrived and nobody answers me, please check what happened, number"
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A server that runs: its name, its process, where it listens."""

    name: str
    pid: int
    port: int

    def cpu_seconds(self) -> float:
        """CPU that all its threads have spent; the kernel's own count, in nanoseconds."""
        spent = (path.read_text().split()[0] for path in Path(f"/proc/{self.pid}/task").glob("*/schedstat"))
        return sum(map(int, spent)) / 1e9


def deliveries(number: int, count: int) -> list[Request]:
    """A round's messages: each customer writes twice in it; one delivery in a hundred is a repetition."""
    at = datetime.now(UTC)
    made = [
        senders.text("line", SECRET, f"{TEXT} {each}", customer=f"U{number}-{each % (count // 2)}", at=at)
        for each in range(count)
    ]
    return made + made[: count // 100]


def sent(to: Server, requests: Sequence[Request]) -> float:
    """Seconds of the server's CPU for these, over one connection. Raises AssertionError for an answer but success."""
    connection = http.client.HTTPConnection("127.0.0.1", to.port, timeout=PATIENCE_SECONDS)
    before = to.cpu_seconds()
    for request in requests:
        connection.request("POST", ADDRESS, request.body, dict(request.headers))
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, (to.name, answer.status)
    connection.close()
    return to.cpu_seconds() - before


def refuses(to: Server) -> bool:
    """Whether a delivery with another's signature is refused: a peer that checks nothing would be no peer."""
    genuine, other = deliveries(-1, 2)[:2]
    connection = http.client.HTTPConnection("127.0.0.1", to.port, timeout=PATIENCE_SECONDS)
    connection.request("POST", ADDRESS, genuine.body, dict(other.headers))
    status = connection.getresponse().status
    connection.close()
    return status == 401


@contextmanager
def program(name: str, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server that prints its port and ends with its standard input."""
    process = subprocess.Popen(
        [str(part) for part in command],
        env=os.environ | dict(environment or {}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield Server(name, process.pid, int(process.stdout.readline()))
    finally:
        process.communicate("")


@contextmanager
def node_red(folder: Path) -> Iterator[Server]:
    """Node-RED with the flow, its file in `folder`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PEER_PORT": str(port),
        "PEER_HOME": str(folder),
        "PEER_FLOW": str(PEERS / "node-red/flow.json"),
        "PEER_FILE": str(folder / "messages.jsonl"),
        "PEER_SECRET": SECRET["channel_secret"],
        "NODE_PATH": str(NODE / "node_modules"),
        "NODE_RED_HOME": str(NODE / "node_modules/node-red"),
    }
    command = ["node", NODE / "node_modules/node-red/red.js", "--settings", PEERS / "node-red/settings.js"]
    process = subprocess.Popen(
        [str(part) for part in command], env=os.environ | environment, cwd=folder, stdout=subprocess.DEVNULL
    )
    try:
        server = Server("Node-RED, a file", process.pid, port)
        _await(server)
        yield server
    finally:
        process.terminate()
        process.wait()


def _await(server: Server) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            if refuses(server):
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"{server.name} does not answer")


def fetch() -> None:
    """Node-RED as its lock has it, once, into .heed. No script of a package runs."""
    lock = PEERS / "node-red/package-lock.json"
    kept = NODE / "package-lock.json"
    if kept.exists() and kept.read_bytes() == lock.read_bytes() and (NODE / "node_modules/node-red").exists():
        return
    NODE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PEERS / "node-red" / name, NODE)
    command = ["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=NODE, check=True)


@contextmanager
def peers() -> Iterator[list[Server]]:
    """All servers, ready, each with what it stores in a folder that goes with it."""
    django = paths.HOME / "peers/bin/python"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        table = stack.enter_context(program("table", [sys.executable, PEERS / "table.py"]))
        intake = [sys.executable, PEERS / "heed_intake.py"]
        path = {"PYTHONPATH": str(ROOT / "layers/heed")}
        yield [
            stack.enter_context(program("Heed, botocore", [*intake, str(table.port)], path)),
            stack.enter_context(program("Heed, no client", intake, path)),
            stack.enter_context(program("django-helpdesk, SQLite", [django, PEERS / "tickets.py", folder])),
            stack.enter_context(node_red(folder)),
            stack.enter_context(program("the HTTP server alone", [sys.executable, PEERS / "nothing.py"])),
        ]


def measured(rounds: int, count: int) -> dict[str, list[float]]:
    """CPU microseconds a message for each server, round by round, all of them in each round."""
    found: dict[str, list[float]] = {}
    with peers() as servers:
        for server in servers[:4]:
            assert refuses(server), f"{server.name} takes a forged delivery"
        for number in range(rounds + 1):
            requests = deliveries(number, count)
            for server in servers:
                spent = sent(server, requests) / len(requests) * 1e6
                if number:  # the first round warms up
                    found.setdefault(server.name, []).append(spent)
    return found


def table(found: Mapping[str, Sequence[float]]) -> str:
    """The least CPU of any round is what is told: others on the machine can only add to it."""
    heed = next(iter(found.values()))
    lines = [
        f"  {'server':26}{'CPU us a message: least':>24}{'median':>8}{'messages/s':>12}{'of Heed':>9}{'in rounds':>14}"
    ]
    for name, spent in found.items():
        least, middle = min(spent), statistics.median(spent)
        ratios = [mine / theirs for mine, theirs in zip(heed, spent, strict=True)]
        span = f"{min(ratios):.2f}-{max(ratios):.2f}"
        lines.append(f"  {name:26}{least:>24.0f}{middle:>8.0f}{1e6 / least:>12.0f}{min(heed) / least:>9.2f}{span:>14}")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.scale", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--messages", type=int, default=400, help="in each round, to each server")
    parser.add_argument("--paper", action="store_true", help="what AWS's quotas allow, and no measurement")
    options = parser.parse_args(arguments)
    kept = paths.HOME / "bench/scale.json"
    # The paper alone leaves what was measured before.
    made = json.loads(kept.read_text(encoding="utf-8")) if options.paper and kept.exists() else {}
    if not options.paper:
        missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
        if missing:
            print(f"bench-scale needs {', '.join(missing)} on this machine", file=sys.stderr)
            return 2
        fetch()
        found = measured(options.rounds, options.messages)
        print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores\n{table(found)}")
        made["cpu_microseconds"] = found
    cost = paths.HOME / "bench/cost.json"
    if cost.exists():
        load = quotas.load(json.loads(cost.read_text(encoding="utf-8")))
        made["paper"] = quotas.plain(load)
        print(f"\n{quotas.table(load)}")
    else:
        print("\nthe paper needs request units: run make bench-cost first")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(made, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
