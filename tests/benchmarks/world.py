"""Heed's own handlers in memory, on the template's table, queues and topic, in a time that is moved by hand.

Around them stands what AWS does: the stream with its filter, the queue with its delays, the schedule. What is written
and sent is heard from the meter, so the emulator is not asked twice.
"""

from __future__ import annotations

import base64
import copy
import gzip
import io
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from moto.dynamodb.models import Table
from moto.sqs.models import sqs_backends

from heed.platforms import Request
from heed.rim import items, runtime
from tests import in_memory
from tests.benchmarks.metering import Item, Meter

START = datetime(2026, 3, 11, 1, 5, tzinfo=UTC)  # five past nine on a Wednesday in the shipped policy's office hours
POLICY = in_memory.ROOT / "layers/policy/policy.yaml"
FUNCTIONS = ("intake", "desk", "watch", "expire", "announce")
LOG_EVENT_BYTES = 26  # that CloudWatch adds to each line


class World:
    """The functions, what they use, and what waits for them. `say` and `due` are as large as the template's batches."""

    def __init__(self, stack: in_memory.Deployed, reader: Any) -> None:
        self.stack, self.at = stack, START
        resources = stack.template["Resources"]
        self.meter = Meter(resources["Table"]["Properties"], reader, stack.refs["Table"])
        self.meter.heard.append(self._heard)
        self.apps: dict[str, ModuleType] = {}
        self.records: list[dict[str, Any]] = []
        self.waiting: list[tuple[datetime, str]] = []
        self.escalations = 0
        self.metrics: set[tuple[str, ...]] = set()
        self._queue_sizes = {
            name: resources[name.capitalize()]["Properties"]["Events"][event]["Properties"]["BatchSize"]
            for name, event in (("announce", "Stream"), ("expire", "Queue"))
        }
        self._context = SimpleNamespace(aws_request_id="r1", get_remaining_time_in_millis=lambda: 50_000)

    def load(self) -> None:
        """Start every function, its clients counted, on this world's clock."""
        plain = runtime.client
        for name in FUNCTIONS:
            with patch.object(runtime, "client", lambda *a, name=name: self.meter.attach(name, plain(*a))):
                self.apps[name] = in_memory.load_function(self.stack, name)
        # Some clients are made when they are first needed.
        runtime.client = lambda *a: self.meter.attach(self._running, plain(*a))  # type: ignore[assignment]

    _running = ""

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """One invocation: counted, its log lines weighed."""
        said = io.StringIO()
        self._running = name
        with redirect_stdout(said), self.meter.running(name):
            answer = self.apps[name].handler(event, self._context)
        assert '"bug"' not in said.getvalue(), said.getvalue()
        for line in said.getvalue().splitlines():
            self.meter.usage[name].log_bytes += len(line.encode()) + LOG_EVENT_BYTES
            self.metrics |= _metrics(line)
        return answer

    # -- what comes from outside

    def post(self, channel: str, request: Request) -> None:
        """A webhook of a platform."""
        platform, account = channel.split("/")
        event = http_event(request) | {"pathParameters": {"platform": platform, "account": account}}
        self._answered("intake", event)

    def ask(self, method: str, path: str, body: bytes = b"") -> str:
        """A request at the desk; returns the body of its answer."""
        caller = {"iam": {"userArn": "arn:aws:iam::123456789012:user/ann", "accountId": "123456789012"}}
        address, _, query = path.partition("?")
        headers = {"content-type": "application/json", "accept-encoding": "gzip"}
        event = http_event(Request(method, query, headers, body))
        event["requestContext"] |= {"authorizer": caller}
        event |= {"rawPath": f"/desk/{address}", "pathParameters": {"proxy": address}}
        return self._answered("desk", event)

    def _answered(self, name: str, event: Mapping[str, Any]) -> str:
        answer = self.invoke(name, event)
        assert answer["statusCode"] == 200, answer
        packed = answer.get("isBase64Encoded", False)
        body = base64.b64decode(answer["body"]) if packed else str(answer.get("body") or "").encode()
        self.meter.usage[name].requests += 1
        self.meter.usage[name].answer_bytes += len(body)
        return (gzip.decompress(body) if packed else body).decode()

    # -- what AWS does

    def _heard(self, service: str, operation: str, given: Mapping[str, Any]) -> None:
        if operation == "TransactWriteItems":
            for write in given["TransactItems"]:
                self._streamed(write["Put"]["Item"])
        elif operation == "SendMessageBatch" and given["QueueUrl"] == self.stack.refs["Due"]:
            for entry in given["Entries"]:
                self.waiting.append((self.at + timedelta(seconds=entry.get("DelaySeconds", 0)), entry["MessageBody"]))
        elif operation == "SendMessageBatch" and given["QueueUrl"] == self.stack.refs["Escalations"]:
            self.escalations += len(given["Entries"])

    def _streamed(self, item: Item) -> None:
        if {"says", "wake"} & item.keys():
            sequence = f"{len(self.records):021d}"
            self.records.append({"dynamodb": {"SequenceNumber": sequence, "NewImage": item}})

    def settle(self) -> None:
        """Let announce and expire work off what is there now."""
        while True:
            self._forget()
            bodies = [body for at, body in self.waiting if at <= self.at]
            if not self.records and not bodies:
                return
            self.waiting = [(at, body) for at, body in self.waiting if at > self.at]
            self.speak()
            self.expire(bodies)

    def _forget(self) -> None:
        """Empty the emulator's queues: it looks at all that lies there whenever one more is sent."""
        for queue in sqs_backends[in_memory.ACCOUNT][in_memory.REGION].queues.values():
            queue._messages.clear()

    def speak(self) -> None:
        records, self.records = self.records, []
        size = self._queue_sizes["announce"]
        for start in range(0, len(records), size):
            failed = self.invoke("announce", {"Records": records[start : start + size]})
            assert failed == {"batchItemFailures": []}, failed

    def expire(self, bodies: Sequence[str]) -> None:
        size = self._queue_sizes["expire"]
        for start in range(0, len(bodies), size):
            batch = bodies[start : start + size]
            records = [{"messageId": str(number), "body": body} for number, body in enumerate(batch)]
            failed = self.invoke("expire", {"Records": records})
            assert failed == {"batchItemFailures": []}, failed

    def sweep(self) -> None:
        self.invoke("watch", {})

    def falls_due(self) -> bool:
        """Whether a sweep now would find anything."""
        until = items.stamp(self.at + items.HORIZON)
        return any(item["due_at"]["S"] <= until for item in self.meter.items.values() if "due_at" in item)


def http_event(request: Request) -> dict[str, Any]:
    """A request as API Gateway hands it to a function."""
    return {
        "version": "2.0",
        "requestContext": {"http": {"method": request.method}, "requestId": "r1"},
        "rawQueryString": request.query,
        "headers": dict(request.headers),
        "body": base64.b64encode(request.body).decode(),
        "isBase64Encoded": True,
    }


def _metrics(line: str) -> set[tuple[str, ...]]:
    """The custom metrics that a log line writes: each name with each set of dimensions is one."""
    try:
        embedded = json.loads(line)
        (chosen,) = embedded["_aws"]["CloudWatchMetrics"]
    except (ValueError, KeyError, TypeError):
        return set()
    return {
        (metric["Name"], *(f"{name}={embedded[name]}" for name in sorted(names)))
        for metric in chosen["Metrics"]
        for names in chosen["Dimensions"]
    }


def _copied(table: Table, memo: dict[int, Any]) -> Table:
    """What the emulator falls back on if a transaction fails. It would copy every item deeply for each one written."""
    made = copy.copy(table)
    made.items = defaultdict(dict, {key: dict(found) for key, found in table.items.items()})
    return made


@contextmanager
def world(policy: Path = POLICY) -> Iterator[World]:
    """A world of its own under a policy."""
    quick = patch.object(Table, "__deepcopy__", _copied, create=True)
    with in_memory.account(), in_memory.policy(policy), quick:
        in_memory.client.cache_clear()
        runtime._session.cache_clear()
        made = World(in_memory.deployed(in_memory.template()), in_memory.client("dynamodb"))
        changed = patch.multiple(runtime, now=lambda: made.at, client=runtime.client)
        with changed, patch.dict(os.environ, {"HEED_STACK": "heed"}):
            made.load()
            yield made
        in_memory.client.cache_clear()
        runtime._session.cache_clear()
