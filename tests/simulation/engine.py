"""The same world on a real engine: faults strike beneath botocore, and the doubles are held to what the engine answers.

Every call goes through a real client of botocore, its serializer, retries and parser included; between client and
engine stand the faults. The engine keeps the table and takes every entry for queues and topics. The double does the
same work beside it, and both must have done the same. Queues and the stream still deliver by the double, which is what
loses, repeats and reorders; so do the indexes of the engine, which lag behind nothing.
"""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from xml.sax.saxutils import escape

import botocore.endpoint
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

from infra.local.server import Server
from tests import dynamodb_local
from tests.simulation import stack
from tests.simulation.dynamo import Dynamo, DynamoClient
from tests.simulation.faults import HEALED, Faults, error
from tests.simulation.services import LINK_KEY, Entry, Services
from tests.simulation.world import World

Answer = dict[str, Any]
ENGINES = ("local-aws", "dynamodb-local")
EVERY_SERVICE = frozenset({"dynamodb", "sqs", "sns", "ssm", "secretsmanager"})
RETRY_MS = 50  # botocore draws how long it waits; a run must repeat
_KEPT = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
_QUEUES = {f"{name.upper()}_QUEUE_URL": name for name in ("due", "recovery", "pulls", "escalations")}


class Engine:
    """The template's table, and if the engine has them its queues, topic and secrets, at an address of this machine."""

    def __init__(self, address: str, services: frozenset[str]) -> None:
        self.services = services
        self._address = address
        self._session = botocore.session.Session()
        self._http = URLLib3Session(socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)])
        self._mine = {service: self.client(service, Config()) for service in services}

    def client(self, service: str, config: Config) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return self._session.create_client(
            service, region_name="us-east-1", endpoint_url=self._address, config=config, **keys
        )

    def send(self, request: Any) -> AWSResponse:
        return self._http.send(request)

    def begin(self, secrets: Mapping[str, str]) -> dict[str, str]:
        """An empty stack; the variables of functions that hold its names."""
        table = self._mine["dynamodb"]
        if "table" in table.list_tables()["TableNames"]:
            table.delete_table(TableName="table")
        table.create_table(TableName="table", **{name: stack.properties("Table")[name] for name in _KEPT})
        names = {"TABLE_NAME": "table"}
        if "sqs" in self.services:
            made = {
                variable: self._mine["sqs"].create_queue(QueueName=name)["QueueUrl"]
                for variable, name in _QUEUES.items()
            }
            names |= made | {"NOTICES_TOPIC_ARN": self._mine["sns"].create_topic(Name="notices")["TopicArn"]}
            for name, value in secrets.items():
                self._mine["ssm"].put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
            self._keep_link_key()
        return names

    def _keep_link_key(self) -> None:
        manager = self._mine["secretsmanager"]
        known = {found["Name"] for found in manager.list_secrets()["SecretList"]}
        name = stack.environment()["LINK_KEY"]
        if name not in known:
            manager.create_secret(Name=name, SecretString=LINK_KEY)

    def items(self) -> Iterator[Answer]:
        """Everything in the table."""
        for page in self._mine["dynamodb"].get_paginator("scan").paginate(TableName="table", ConsistentRead=True):
            yield from page["Items"]


@contextmanager
def opened(name: str, folder: Path) -> Iterator[Engine]:
    """The local AWS, whose log is kept in `folder`, or DynamoDB Local, which has a table and nothing else."""
    if name == "dynamodb-local":
        with dynamodb_local.running() as address:
            yield Engine(address, frozenset({"dynamodb"}))
        return
    server = Server(folder)
    try:
        yield Engine(server.endpoint, EVERY_SERVICE)
    finally:
        server.stop()


class EngineServices(Services):
    """Doubles whose every client is a real one of an engine. `differs` hears where engine and double disagree."""

    def __init__(
        self,
        faults: Faults,
        table: Dynamo,
        secrets: dict[str, str],
        escalated: Callable[[Entry], None],
        noticed: Callable[[Entry], None],
        engine: Engine,
        differs: Callable[[str, object], None],
    ) -> None:
        super().__init__(faults, table, secrets, escalated, noticed)
        self.engine = engine
        self.differs = differs

    def client(self, service: str, config: Config) -> Any:
        if service not in self.engine.services:
            return super().client(service, config)
        kind = {"dynamodb": _Table, "sqs": _Queues, "sns": _Topic}.get(service, _Beneath)
        return kind(self, service, config)

    def compare(self) -> None:
        """Whether both hold the same, once all is done."""
        kept = {(item["pk"]["S"], item["sk"]["S"]): item for item in self.engine.items()}
        for key in kept.keys() ^ self.table.items.keys():
            self.differs("the engine and the double hold other items", key)
        for key in kept.keys() & self.table.items.keys():
            if kept[key] != self.table.items[key]:
                self.differs("the engine and the double hold an item differently", key)
        self.faults.world.counts["items held alike by the engine"] = len(kept)


@contextmanager
def retries_take_virtual_time(world: World) -> Iterator[None]:
    waiting = SimpleNamespace(sleep=lambda seconds: world.spend(RETRY_MS))
    with patch.object(botocore.endpoint, "time", waiting):
        yield


class _Beneath:
    """A client of botocore whose requests meet the faults on their way out."""

    def __init__(self, services: EngineServices, service: str, config: Config) -> None:
        self._services = services
        self._faults = services.faults
        self._service = service
        # One try at a time: how often is botocore's to decide.
        self._once = config.merge(Config(retries={"total_max_attempts": 1}))
        self._client = services.engine.client(service, config)
        self._client.meta.events.register_first(f"before-send.{service}", self._send)
        self._given: list[Answer] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)

        def call(**given: Any) -> Any:
            self._given.append(given)
            try:
                return method(**given)
            finally:
                self._given.pop()

        return call

    def _send(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        operation, given = event_name.rpartition(".")[2], self._given[-1]
        known = "ssm" if self._service == "secretsmanager" else self._service
        try:
            answer: AWSResponse = self._faults.call(
                known, operation, self._once, lambda: self._work(operation, given, request)
            )
        except ClientError as refusal:
            return self._refused(refusal.response)
        return answer

    def _refused(self, response: Any) -> AWSResponse:
        code = response["Error"]["Code"]
        body = {"__type": f"heed#{code}", **{name: value for name, value in response.items() if name != "Error"}}
        return _response(500 if code == "InternalServerError" else 400, json.dumps(body).encode())

    def _work(self, operation: str, given: Answer, request: Any) -> AWSResponse:
        return self._services.engine.send(request)


class _Table(_Beneath):
    def __init__(self, services: EngineServices, service: str, config: Config) -> None:
        super().__init__(services, service, config)
        self._done: set[str] = set()
        self._double = DynamoClient(services.table, _Calm(services.faults), config)  # type: ignore[arg-type]

    def _work(self, operation: str, given: Answer, request: Any) -> AWSResponse:
        rates = self._faults.rates
        if operation == "TransactWriteItems" and self._faults.strikes(
            rates.conflict, "transactions cancelled by a conflict"
        ):
            codes = ["None"] * len(given["TransactItems"])
            codes[self._faults.world.random.randrange(len(codes))] = "TransactionConflict"
            raise error(
                operation, "TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes]
            )
        answer = self._services.engine.send(request)
        expected = self._expected(operation, given, json.loads(request.body).get("ClientRequestToken"))
        if "IndexName" not in given:
            self._compare(operation, given, expected, answer)
        return answer

    def _expected(self, operation: str, given: Answer, token: str | None) -> Answer:
        """What the double says. A transaction that botocore sends again, under its token, has been done already."""
        if token in self._done:
            return {}
        try:
            found: Answer = getattr(self._double, _METHODS[operation])(**given)
        except ClientError as refusal:
            reasons = refusal.response.get("CancellationReasons", ())
            return {"refused": refusal.response["Error"]["Code"], "codes": [reason["Code"] for reason in reasons]}
        if token is not None:
            self._done.add(token)
        return _readable(found)

    def _compare(self, operation: str, given: Answer, expected: Answer, answer: AWSResponse) -> None:
        self._faults.world.counts["calls compared with the engine"] += 1
        found = json.loads(answer.content)
        if answer.status_code != 200:
            reasons = found.get("CancellationReasons", ())
            found = {
                "refused": found["__type"].rpartition("#")[2],
                "codes": [reason["Code"] for reason in reasons],
            }
        if _plain(found) != _plain(expected):
            self._services.differs("the engine and the double disagree", (operation, given, found, expected))


_METHODS = {
    "GetItem": "get_item",
    "BatchGetItem": "batch_get_item",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "TransactWriteItems": "transact_write_items",
    "Query": "query",
}


class _Calm:
    """Faults for a double that has none of its own."""

    rates = HEALED

    def __init__(self, faults: Faults) -> None:
        self.world = faults.world

    def call(self, service: str, operation: str, config: Any, work: Callable[[], Any]) -> Any:
        return work()

    def strikes(self, share: float, name: str) -> bool:
        return False


class _Queues(_Beneath):
    def _work(self, operation: str, given: Answer, request: Any) -> AWSResponse:
        if operation == "ChangeMessageVisibility":  # of what only the double delivered
            queue = self._services.queues[given["QueueUrl"].rpartition("/")[2]]
            queue.hide(given["ReceiptHandle"], given["VisibilityTimeout"])
            return _response(200, b"{}")
        answer = self._services.engine.send(request)
        taken = {entry["Id"] for entry in json.loads(answer.content).get("Successful", ())}
        return self._batch(given["QueueUrl"].rpartition("/")[2], given["Entries"], taken)

    def _batch(self, destination: str, entries: list[Entry], taken: set[str]) -> AWSResponse:
        """What the double makes of a batch that the engine took as a whole."""
        if taken != {entry["Id"] for entry in entries}:
            self._services.differs("the engine refused what the double takes", destination)
        return _response(200, self._written(self._services.batch(destination, entries)))

    def _written(self, answer: Answer) -> bytes:
        sent = [{**entry, "MessageId": entry["Id"], "MD5OfMessageBody": ""} for entry in answer["Successful"]]
        return json.dumps({**answer, "Successful": sent}).encode()


class _Topic(_Queues):
    def _work(self, operation: str, given: Answer, request: Any) -> AWSResponse:
        answer = self._services.engine.send(request)
        entries = given["PublishBatchRequestEntries"]
        taken = {entry["Id"] for entry in entries} if answer.content.count(b"<MessageId>") == len(entries) else set()
        return self._batch(given["TopicArn"].rpartition(":")[2], entries, taken)

    def _written(self, answer: Answer) -> bytes:
        result = "".join(
            _xml(name, "".join(_xml("member", _fields(entry)) for entry in answer[name])) for name in answer
        )
        return _xml("PublishBatchResponse", _xml("PublishBatchResult", result)).encode()

    def _refused(self, response: Any) -> AWSResponse:
        code = response["Error"]["Code"]
        body = f"<ErrorResponse><Error><Code>{code}</Code><Message/></Error></ErrorResponse>"
        return _response(500 if code == "InternalServerError" else 400, body.encode())


def _fields(entry: Answer) -> str:
    return "".join(_xml(name, escape(str(value))) for name, value in entry.items())


def _xml(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def _response(status: int, body: bytes) -> AWSResponse:
    raw: Any = SimpleNamespace(stream=lambda **_: iter([body]))
    return AWSResponse("http://127.0.0.1", status, {"content-type": "application/x-amz-json-1.0"}, raw)


def _readable(found: Any) -> Any:
    """Bytes as JSON carries them."""
    if isinstance(found, dict):
        return {name: _readable(value) for name, value in found.items()}
    if isinstance(found, list):
        return [_readable(value) for value in found]
    return base64.b64encode(found).decode() if isinstance(found, bytes) else found


def _plain(answer: Answer) -> Answer:
    """What of an answer both must agree on: what was read, in any order if it was a batch, and what was refused."""
    if "refused" in answer:
        return answer
    batches = {name: sorted(items, key=_place) for name, items in answer.get("Responses", {}).items()}
    return {"item": answer.get("Item"), "items": answer.get("Items"), "batches": batches}


def _place(item: Answer) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
