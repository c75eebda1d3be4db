"""Handlers on moto, with every table, queue, topic and environment variable taken from template.yaml itself."""

from __future__ import annotations

import gc
import importlib.util
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
import cfn_flip
import pytest
from moto import mock_aws

from heed.policy import Policy, build, load
from heed.rim import runtime
from heed.rim.store import Table

ROOT = Path(__file__).parents[2]
REGION = "eu-central-1"
ACCOUNT = "123456789012"
FAKE = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",  # moto does not know the addresses it makes
}

LoadFunction = Callable[[str], ModuleType]
StreamRecords = Callable[[], list[dict[str, Any]]]
Drain = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """template.yaml with its short tags written out (`!Ref X` as `{"Ref": X}`)."""
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    return json.loads(json.dumps(cfn_flip.load_yaml(cfn_flip.to_yaml(text, long_form=True))))


@pytest.fixture(scope="session")
def mocked_session() -> Iterator[None]:
    """A botocore session made after moto was imported, which is how moto gets in between; loading one costs 0.2 s."""
    runtime._session.cache_clear()
    yield
    runtime._session.cache_clear()


@cache
def client(service: str) -> Any:
    """A client of the tests' own."""
    return boto3.client(service)


@pytest.fixture
def aws(mocked_session: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An AWS account in memory, and an environment that can reach no other."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO"))]:
        monkeypatch.delenv(name)
    for name, value in FAKE.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


@dataclass(frozen=True)
class Deployed:
    """What the template's names stand for here. `refs` and `attributes` hold what was really made."""

    template: dict[str, Any]
    refs: dict[str, str]
    attributes: dict[tuple[str, str], str] = field(default_factory=dict)

    def resolve(self, value: Any) -> Any:
        """A template's value with its intrinsic functions replaced. Raises KeyError for a name that nothing has."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](self, argument)
        return {name: self.resolve(item) for name, item in value.items()}

    def holds(self, condition: str) -> bool:
        return bool(self.resolve(self.template["Conditions"][condition]))

    def environment(self, function: str) -> dict[str, str]:
        """The variables that the template gives a function, and the few that Lambda adds."""
        everywhere = self.template["Globals"]["Function"]["Environment"]["Variables"]
        own = self.template["Resources"][function]["Properties"].get("Environment", {}).get("Variables", {})
        given = self.resolve({**everywhere, **own})
        return {**given, "AWS_LAMBDA_FUNCTION_NAME": f"heed-{function}"}

    def _attribute(self, argument: Any) -> str:
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return self.attributes[name, attribute]

    def _sub(self, text: str) -> str:
        for name in self.refs:
            text = text.replace(f"${{{name}}}", self.refs[name])
        for (name, attribute), value in self.attributes.items():
            text = text.replace(f"${{{name}.{attribute}}}", value)
        if "${" in text:
            raise KeyError(text)
        return text


_FUNCTIONS: dict[str, Callable[[Deployed, Any], Any]] = {
    "Ref": lambda stack, name: stack.refs[name],
    "Fn::GetAtt": Deployed._attribute,
    "Fn::Sub": Deployed._sub,
    "Fn::If": lambda stack, parts: stack.resolve(parts[1] if stack.holds(parts[0]) else parts[2]),
    "Fn::Not": lambda stack, parts: not stack.resolve(parts[0]),
    "Fn::Equals": lambda stack, parts: stack.resolve(parts[0]) == stack.resolve(parts[1]),
}


@pytest.fixture
def stack(aws: None, template: dict[str, Any]) -> Deployed:
    """The template's table, queues and topics, made in memory under its own properties."""
    refs = {name: str(parameter.get("Default", "")) for name, parameter in template["Parameters"].items()}
    refs |= {"AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "AWS::StackName": "heed"}
    deployed = Deployed(template, refs, {("Api", "ApiEndpoint"): "https://api.example.com"})
    left = {name: found for name, found in template["Resources"].items() if found["Type"] in _MAKERS}
    while left:
        ready = [name for name, found in left.items() if not _waits_for(found, left)]
        for name in ready:
            found = left.pop(name)
            _MAKERS[found["Type"]](deployed, name, deployed.resolve(found.get("Properties", {})))
    return deployed


def _waits_for(resource: dict[str, Any], left: Mapping[str, Any]) -> bool:
    """A queue is made after the queue its dead letters go to."""
    target = resource.get("Properties", {}).get("RedrivePolicy", {}).get("deadLetterTargetArn")
    return target is not None and target["Fn::GetAtt"][0] in left


def _make_table(stack: Deployed, name: str, properties: dict[str, Any]) -> None:
    dynamodb = client("dynamodb")
    passed = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    made = dynamodb.create_table(
        TableName=f"heed-{name}",
        StreamSpecification={"StreamEnabled": True, **properties["StreamSpecification"]},
        **{key: properties[key] for key in passed},
    )["TableDescription"]
    dynamodb.update_time_to_live(
        TableName=made["TableName"], TimeToLiveSpecification=properties["TimeToLiveSpecification"]
    )
    stack.refs[name] = made["TableName"]
    stack.attributes.update({(name, "Arn"): made["TableArn"], (name, "StreamArn"): made["LatestStreamArn"]})


def _make_queue(stack: Deployed, name: str, properties: dict[str, Any]) -> None:
    sqs = client("sqs")
    texts = {key: json.dumps(value) if isinstance(value, dict) else str(value) for key, value in properties.items()}
    url = sqs.create_queue(QueueName=f"heed-{name}", Attributes=texts)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    stack.refs[name] = url
    stack.attributes.update({(name, "Arn"): arn, (name, "QueueName"): f"heed-{name}"})


def _make_topic(stack: Deployed, name: str, properties: dict[str, Any]) -> None:
    stack.refs[name] = client("sns").create_topic(Name=f"heed-{name}")["TopicArn"]


def _make_secret(stack: Deployed, name: str, properties: dict[str, Any]) -> None:
    secrets, drawn = client("secretsmanager"), properties["GenerateSecretString"]
    value = secrets.get_random_password(**drawn)["RandomPassword"]
    stack.attributes[name, "Id"] = secrets.create_secret(Name=f"heed-{name}", SecretString=value)["ARN"]


_MAKERS = {
    "AWS::DynamoDB::Table": _make_table,
    "AWS::SQS::Queue": _make_queue,
    "AWS::SNS::Topic": _make_topic,
    "AWS::SecretsManager::Secret": _make_secret,
}


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
    sys.modules["heed_policy"] = module = _built(policy_file, policy_file.read_bytes())
    runtime.policy.cache_clear()
    yield load(module.POLICY)
    runtime.policy.cache_clear()
    del sys.modules["heed_policy"]


@cache
def _built(policy_file: Path, content: bytes) -> ModuleType:
    with TemporaryDirectory() as outdir:
        assert build.main([str(policy_file), outdir]) == 0
        return _import(Path(outdir) / build.MODULE, "heed_policy")


@pytest.fixture
def load_function(stack: Deployed, policy: Policy, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoadFunction]:
    """`load_function("desk")`: its app module, started anew in exactly the environment the template gives it."""

    def loaded(name: str) -> ModuleType:
        given = stack.environment(name.capitalize())
        # A collection looks at all that pytest holds, a quarter of a second each time.
        with patch.dict(os.environ, {**FAKE, **given}, clear=True), patch.object(gc, "collect"):
            module = _import(ROOT / "functions" / name / "app.py", f"functions_{name}_app")
        for handler in logging.getLogger(given["AWS_LAMBDA_FUNCTION_NAME"]).handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(_Stdout())
        monkeypatch.setenv("HEED_STACK", given["HEED_STACK"])
        return module

    yield loaded
    gc.unfreeze()


class _Stdout:
    """Where standard output goes now. A logger lasts as long as the process and would keep an earlier test's."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@pytest.fixture
def stream_records(stack: Deployed) -> StreamRecords:
    """`stream_records()`: what the table's stream brought since the last call and announce's filter lets through."""
    streams, arn = client("dynamodbstreams"), stack.attributes["Table", "StreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    position = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    filters = stack.template["Resources"]["Announce"]["Properties"]["Events"]["Stream"]["Properties"]["FilterCriteria"]
    patterns = [json.loads(chosen["Pattern"]) for chosen in filters["Filters"]]

    def fresh() -> list[dict[str, Any]]:
        got = streams.get_records(ShardIterator=position["ShardIterator"])
        position["ShardIterator"] = got["NextShardIterator"]
        return [record for record in got["Records"] if any(_matches(pattern, record) for pattern in patterns)]

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


def _import(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
