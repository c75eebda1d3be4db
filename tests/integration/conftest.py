"""Handlers on moto, with every table, queue, topic and environment variable taken from template.yaml itself."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from heed.policy import Policy
from heed.rim import runtime
from heed.rim.store import Table
from tests import in_memory
from tests.in_memory import ACCOUNT, REGION, ROOT, Deployed, Stream, client

LoadFunction = Callable[[str], ModuleType]
StreamRecords = Callable[[], list[dict[str, Any]]]
Drain = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """template.yaml with its short tags written out (`!Ref X` as `{"Ref": X}`)."""
    return in_memory.template()


@pytest.fixture(scope="session")
def mocked_session() -> Iterator[None]:
    """A botocore session made after moto was imported, which is how moto gets in between; loading one costs 0.2 s."""
    runtime._session.cache_clear()
    yield
    runtime._session.cache_clear()


@pytest.fixture
def aws(mocked_session: None) -> Iterator[None]:
    """An AWS account in memory, and an environment that can reach no other."""
    with in_memory.account():
        yield


@pytest.fixture
def stack(aws: None, template: dict[str, Any]) -> Deployed:
    """The template's table, queues and topics, made in memory under its own properties."""
    return in_memory.deployed(template)


@pytest.fixture
def table(stack: Deployed, policy: Policy) -> Table:
    """Heed's own view of the template's table."""
    return Table(client("dynamodb"), stack.refs["Table"], policy.retention_days)


@pytest.fixture
def queues(stack: Deployed) -> dict[str, str]:
    """The URL of each queue by its name in the template."""
    found = stack.template["Resources"].items()
    return {name: stack.refs[name] for name, resource in found if resource["Type"] == "AWS::SQS::Queue"}


@pytest.fixture
def drain() -> Drain:
    """`drain(url)`: all messages of a queue that can be received now, taken off it."""

    def drained(url: str) -> list[dict[str, Any]]:
        sqs, taken = client("sqs"), []
        while got := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
            "Messages"
        ):
            taken += got
            for message in got:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return taken

    return drained


@pytest.fixture
def topic(stack: Deployed) -> str:
    """The ARN of the topic of notices."""
    return stack.refs["Notices"]


@pytest.fixture
def notices(stack: Deployed, topic: str, drain: Drain) -> Callable[[], list[dict[str, Any]]]:
    """`notices()`: what a queue subscribed to the topic of notices got since the last call, as SNS envelopes."""
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="on-call")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return lambda: [json.loads(message["Body"]) for message in drain(url)]


@pytest.fixture
def policy_file() -> Path:
    """The policy under which the handlers run; a test module may bring another."""
    return ROOT / "layers" / "policy" / "policy.yaml"


@pytest.fixture
def policy(policy_file: Path) -> Iterator[Policy]:
    """The policy layer, built from the file as a deployment builds it, and importable as `heed_policy`."""
    with in_memory.policy(policy_file) as found:
        yield found


@pytest.fixture
def load_function(stack: Deployed, policy: Policy, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoadFunction]:
    """`load_function("desk")`: its app module, started anew in exactly the environment the template gives it."""

    def loaded(name: str) -> ModuleType:
        monkeypatch.setenv("HEED_STACK", stack.environment(name.capitalize())["HEED_STACK"])
        return in_memory.load_function(stack, name)

    yield loaded
    gc.unfreeze()


@pytest.fixture
def stream_records(stack: Deployed) -> StreamRecords:
    """`stream_records()`: what the table's stream brought since the last call and announce's filter lets through."""
    stream = Stream(stack)
    filters = stack.template["Resources"]["Announce"]["Properties"]["Events"]["Stream"]["Properties"]["FilterCriteria"]
    patterns = [json.loads(chosen["Pattern"]) for chosen in filters["Filters"]]

    def fresh() -> list[dict[str, Any]]:
        return [record for record in stream.fresh() if any(_matches(pattern, record) for pattern in patterns)]

    return fresh


def _matches(pattern: Any, found: Any) -> bool:
    """Lambda's event filter, as far as the template uses it: nested names, values and `exists`."""
    if isinstance(pattern, dict):
        return all(_matches(rule, (found or {}).get(name)) for name, rule in pattern.items())
    return any((found is not None) == rule["exists"] if isinstance(rule, dict) else found == rule for rule in pattern)


@pytest.fixture
def context() -> SimpleNamespace:
    """What Lambda passes beside the event."""
    return SimpleNamespace(
        aws_request_id="8f6b2a3e-0000-4000-8000-000000000001",
        function_name="heed",
        memory_limit_in_mb=256,
        invoked_function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:heed",
        get_remaining_time_in_millis=lambda: 10_000,
    )
