"""The world around the functions in memory: it brings again what was not done, as queues and the stream do."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

from heed.rim.adoption import Adoption, Progress
from heed.rim.store import Table
from infra.heedctl.senders import wecom
from infra.local.wecom_api import WecomApi
from tests.in_memory import Stream, client
from tests.security.roles import Guard

START = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEB, WECOM = "webhook/web-form", "wecom/flagship-cn"
SECRET = {"secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}


class Time:
    """The functions' clock, moved by hand."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


class World:
    """What calls the functions. `pending` are the calls to come again until they succeed; a day says what happens."""

    def happens(self, minute: int) -> None:
        """What people and platforms begin in a minute of the day."""
        raise NotImplementedError

    def __init__(
        self, guard: Guard, load: Callable[[str], ModuleType], api: WecomApi, time: Time, table: Table
    ) -> None:
        self.guard, self.api, self.time, self.table = guard, api, time, table
        self._stream = Stream(guard.stack)
        self._wecom = wecom.secret()
        for channel, secret in ((WEB, SECRET), (WECOM, self._wecom)):
            name, value = f"/heed/channels/{channel}", json.dumps({"current": secret})
            client("ssm").put_parameter(Name=name, Value=value, Type="SecureString")
        # Yesterday there was another policy, so that watch has one to bring to what is open.
        Adoption(client("dynamodb"), guard.stack.refs["Table"], 1).walked(Progress("yesterday's", done=True))
        with guard.watching():
            names = ("intake", "recover", "pull", "watch", "expire", "announce", "desk", "page")
            self.apps = {name: load(name) for name in names}
        self._load_on = guard.watching  # clients that are made later need it too
        self.queues: dict[str, list[str]] = defaultdict(list)
        self.records: list[dict[str, Any]] = []
        self.told: list[str] = []
        self.raised: list[tuple[str, Exception]] = []
        self.pending: list[Callable[[], bool]] = []
        guard.heard.append(self._heard)

    def run(self, minutes: int) -> None:
        """So many minutes, everything that can happen once in each."""
        with self._load_on():
            for _ in range(minutes):
                self.happens(round((self.time.at - START) / MINUTE))
                self._minute()
                self.time.at += MINUTE

    # -- what functions send

    def _heard(self, service: str, operation: str, given: Mapping[str, Any]) -> None:
        if operation == "SendMessageBatch":
            name = given["QueueUrl"].rsplit("-", 1)[-1]
            self.queues[name] += [entry["MessageBody"] for entry in given["Entries"]]
        if operation == "PublishBatch":
            bodies = [json.loads(entry["Message"])["default"] for entry in given["PublishBatchRequestEntries"]]
            self.told += bodies

    # -- what the world does

    def _minute(self) -> None:
        self.pending = [call for call in self.pending if not call()]
        self._drain("recover", "Recovery")
        if self.time.at.minute % 5 == 0:
            self._invoke("pull", {})
        self._drain("pull", "Pulls")
        self._invoke("watch", {})
        self._speak()
        self._drain("expire", "Due")
        self._speak()
        self._drain("expire", "Due")

    def _invoke(self, name: str, event: Any) -> Any:
        """The function's answer; None if it raised, which for Lambda is a failed run."""
        context = SimpleNamespace(
            aws_request_id="r1",
            function_name=name,
            memory_limit_in_mb=256,
            invoked_function_arn="arn",
            get_remaining_time_in_millis=lambda: 50_000,
        )
        try:
            return self.apps[name].handler(event, context)
        except Exception as raised:
            self.raised.append((name, raised))
            return None

    def _drain(self, name: str, queue: str) -> None:
        """Everything on a queue, ten at a time; what was not done is on it again."""
        bodies, self.queues[queue] = self.queues[queue], []
        for start in range(0, len(bodies), 10):
            records = [
                {
                    "messageId": str(number),
                    "receiptHandle": self._receipt(queue, body),
                    "body": body,
                    "attributes": {"ApproximateReceiveCount": "1"},
                }
                for number, body in enumerate(bodies[start : start + 10])
            ]
            answer = self._invoke(name, {"Records": records})
            failed = {record["messageId"] for record in records} if answer is None else _failed(answer)
            self.queues[queue] += [record["body"] for record in records if record["messageId"] in failed]

    def _receipt(self, queue: str, body: str) -> str:
        """A real one where the function may give the message back."""
        if queue != "Pulls":
            return "r"
        sqs, url = client("sqs"), self.guard.stack.refs["Pulls"]
        sqs.send_message(QueueUrl=url, MessageBody=body)
        return str(sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"])

    def _speak(self) -> None:
        self.records += self._fresh()
        if not self.records:
            return
        answer = self._invoke("announce", {"Records": self.records})
        failed = {r["dynamodb"]["SequenceNumber"] for r in self.records} if answer is None else _failed(answer)
        # From the first that failed, all come again.
        at = next(
            (n for n, r in enumerate(self.records) if r["dynamodb"]["SequenceNumber"] in failed), len(self.records)
        )
        self.records = self.records[at:]

    def _fresh(self) -> list[dict[str, Any]]:
        """What the stream brought since the last call, as announce's filter has it: what has something to say, or is to
        be woken."""
        found = self._stream.fresh()
        return [record for record in found if {"says", "wake"} & record["dynamodb"].get("NewImage", {}).keys()]

    # -- what happens in the day

    def http(self, name: str, method: str, path: str, **more: Any) -> dict[str, Any]:
        body = more.pop("body", b"")
        http = {"method": method, "path": path}
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
            **more,
            "requestContext": {"http": http, "requestId": "r1", **more.get("requestContext", {})},
        }
        answer = self._invoke(name, event)
        assert answer is not None, f"{name} raised at its caller"
        assert isinstance(answer, dict)
        return answer


def _failed(answer: Mapping[str, Any]) -> set[str]:
    return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
