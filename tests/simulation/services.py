"""Doubles of SQS, SNS and SSM: at least once, in no order, and single entries of a batch may fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.config import Config

from tests.simulation import stack
from tests.simulation.dynamo import Dynamo
from tests.simulation.faults import Faults, error

Entry = dict[str, Any]
LINK_KEY = "k3y-of-l1nks-" * 4


@dataclass
class Message:
    id: str
    body: str
    sent_ms: int
    received: int = 0
    hidden_seconds: int | None = None


@dataclass
class Queue:
    """One queue of template.yaml, and the function that Lambda's event source mapping feeds from it."""

    faults: Faults
    name: str
    function: str
    ready: list[Message] = field(default_factory=list)
    waiting: int = 0
    dead: list[Message] = field(default_factory=list)
    expired: int = 0
    _polling: bool = False
    _receipts: int = 0
    _in_flight: dict[str, Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        properties = stack.properties(self.name.capitalize())
        self.visibility_seconds: int = properties["VisibilityTimeout"]
        self.retention_seconds: int = properties["MessageRetentionPeriod"]
        self.max_receives: int = properties["RedrivePolicy"]["maxReceiveCount"]
        self.batch: int = stack.mapping(self.function, "Queue")["BatchSize"]

    def send(self, message: Message, delay_seconds: int) -> None:
        world = self.faults.world
        self.waiting += 1
        world.schedule(delay_seconds * 1000 + world.random.randint(1, 300), self._arrive, message)
        if self.faults.strikes(self.faults.rates.delivered_twice, "queue messages delivered twice"):
            self.waiting += 1
            world.schedule(delay_seconds * 1000 + world.random.randint(1, 20_000), self._arrive, message)

    def _arrive(self, message: Message) -> None:
        self.waiting -= 1
        if self.faults.world.ms - message.sent_ms > self.retention_seconds * 1000:
            self.expired += 1
            return
        self.ready.append(message)
        self._poll_soon()

    def _poll_soon(self) -> None:
        if not self._polling and self.ready:
            self._polling = True
            self.faults.world.schedule(self.faults.world.random.randint(5, 60), self._poll)

    def _poll(self) -> None:
        world = self.faults.world
        self._polling = False
        world.random.shuffle(self.ready)
        batch, self.ready = self.ready[: self.batch], self.ready[self.batch :]
        self._poll_soon()
        unique = {message.id: message for message in batch}
        records = [self._record(message) for message in unique.values()]
        if self._in_flight.keys() - {record["receiptHandle"] for record in records}:
            world.counts[f"two of {self.function} at once"] += 1
        answer, failure = world.invoke(self.function, {"Records": records})
        for record in records:
            del self._in_flight[record["receiptHandle"]]
        failed = unique.keys() if failure else {entry["itemIdentifier"] for entry in answer["batchItemFailures"]}
        world.log(self.name, len(batch), len(failed), failure)
        for message in unique.values():
            twice = self.faults.rates.delivered_twice
            if message.id in failed or self.faults.strikes(twice, "queue deletions lost"):
                self._again(message)

    def _record(self, message: Message) -> dict[str, Any]:
        """A message as it is handed to the function, received once more."""
        self._receipts += 1
        receipt = f"{self.name}-{self._receipts}"
        self._in_flight[receipt] = message
        attributes = {"ApproximateReceiveCount": str(message.received + 1)}
        return {"messageId": message.id, "receiptHandle": receipt, "body": message.body, "attributes": attributes}

    def hide(self, receipt: str, seconds: int) -> None:
        """Let a message in flight come again after so long."""
        if receipt not in self._in_flight:
            raise error("ChangeMessageVisibility", "ReceiptHandleIsInvalid")
        assert 0 <= seconds <= 43_200
        self._in_flight[receipt].hidden_seconds = seconds

    def _again(self, message: Message) -> None:
        message.received += 1
        if message.received >= self.max_receives:
            self.dead.append(message)
            return
        self.waiting += 1
        wait = self.visibility_seconds if message.hidden_seconds is None else message.hidden_seconds
        message.hidden_seconds = None
        self.faults.world.schedule(wait * 1000, self._arrive, message)


class Services:
    """All doubles of one world. `escalated` and `noticed` are the people who receive from them."""

    def __init__(
        self,
        faults: Faults,
        table: Dynamo,
        secrets: dict[str, str],
        escalated: Callable[[Entry], None],
        noticed: Callable[[Entry], None],
    ) -> None:
        self.faults = faults
        self.table = table
        self.secrets = secrets
        self.receivers = {"escalations": escalated, "notices": noticed}
        functions = {"due": "expire", "recovery": "recover", "pulls": "pull"}
        self.queues = {name: Queue(faults, name, function) for name, function in functions.items()}
        self._ids = 0

    def client(self, service: str, config: Config) -> Any:
        """What `runtime.client` gives a function."""
        if service == "dynamodb":
            return self.table.client(config)
        return {"sqs": SqsClient, "sns": SnsClient, "ssm": SsmClient, "secretsmanager": SecretsClient}[service](
            self, config
        )

    def take(self, destination: str, entry: Entry) -> None:
        """One entry that was accepted."""
        if destination in self.receivers:
            for _ in range(
                1 + self.faults.strikes(self.faults.rates.delivered_twice, f"{destination} delivered twice")
            ):
                world = self.faults.world
                world.schedule(world.random.randint(5, 2000), self.receivers[destination], entry)
            return
        self._ids += 1
        message = Message(str(self._ids), entry["MessageBody"], self.faults.world.ms)
        self.queues[destination].send(message, entry.get("DelaySeconds", 0))

    def batch(self, destination: str, entries: list[Entry]) -> dict[str, Any]:
        """A batch of which single entries may be lost; sometimes the SDK sent it twice, having lost an answer."""
        failed = [
            entry
            for entry in entries
            if self.faults.strikes(self.faults.rates.entry_lost, f"entries to {destination} refused")
        ]
        again = self.faults.strikes(self.faults.rates.delivered_twice, f"batches to {destination} sent twice")
        for entry in [entry for entry in entries if entry not in failed] * (1 + again):
            self.take(destination, entry)
        return {
            "Successful": [{"Id": entry["Id"]} for entry in entries if entry not in failed],
            "Failed": [{"Id": entry["Id"], "Code": "InternalError", "SenderFault": False} for entry in failed],
        }


class SqsClient:
    def __init__(self, services: Services, config: Config) -> None:
        self._services = services
        self._config = config

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Entry]) -> dict[str, Any]:
        _check(Entries)
        assert all(0 <= entry.get("DelaySeconds", 0) <= 900 for entry in Entries)
        answer: dict[str, Any] = self._services.faults.call(
            "sqs", "SendMessageBatch", self._config, lambda: self._services.batch(QueueUrl, Entries)
        )
        return answer

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:
        queue = self._services.queues[QueueUrl]
        self._services.faults.call(
            "sqs", "ChangeMessageVisibility", self._config, lambda: queue.hide(ReceiptHandle, VisibilityTimeout)
        )


class SnsClient:
    def __init__(self, services: Services, config: Config) -> None:
        self._services = services
        self._config = config

    def publish_batch(self, *, TopicArn: str, PublishBatchRequestEntries: list[Entry]) -> dict[str, Any]:
        _check(PublishBatchRequestEntries)
        answer: dict[str, Any] = self._services.faults.call(
            "sns", "PublishBatch", self._config, lambda: self._services.batch(TopicArn, PublishBatchRequestEntries)
        )
        return answer


class SsmClient:
    def __init__(self, services: Services, config: Config) -> None:
        self._services = services
        self._config = config

    def get_parameter(self, *, Name: str, WithDecryption: bool) -> dict[str, Any]:
        def work() -> dict[str, Any]:
            if Name not in self._services.secrets:
                raise error("GetParameter", "ParameterNotFound")
            return {"Parameter": {"Value": self._services.secrets[Name]}}

        answer: dict[str, Any] = self._services.faults.call("ssm", "GetParameter", self._config, work)
        return answer


class SecretsClient:
    """Holds the key that signs links in notices."""

    def __init__(self, services: Services, config: Config) -> None:
        self._services = services
        self._config = config

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> dict[str, Any]:
        def work() -> dict[str, Any]:
            if VersionStage != "AWSCURRENT":
                raise error("GetSecretValue", "ResourceNotFoundException")
            return {"SecretString": LINK_KEY}

        answer: dict[str, Any] = self._services.faults.call("ssm", "GetSecretValue", self._config, work)
        return answer


def _check(entries: list[Entry]) -> None:
    assert 1 <= len(entries) <= 10
    assert len({entry["Id"] for entry in entries}) == len(entries)
    assert sum(len(json.dumps(entry)) for entry in entries) <= 1_048_576
