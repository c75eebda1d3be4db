"""Heed in memory: the template's table, queues and topics on moto, its policy built, its handlers loaded.

For the integration tests and for runners that need a real handler without a stack.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any
from unittest.mock import patch

import boto3
import cfn_flip
from moto import mock_aws
from moto.dynamodb.models.dynamo_type import Item, LimitedSizeDict
from moto.dynamodb.models.table import StreamRecord

from heed.policy import Policy, build, load
from heed.rim import runtime

ROOT = Path(__file__).parents[1]
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


def template() -> dict[str, Any]:
    """template.yaml with its short tags written out (`!Ref X` as `{"Ref": X}`)."""
    found: dict[str, Any] = json.loads(_long_form((ROOT / "template.yaml").read_text(encoding="utf-8")))
    return found


@cache
def _long_form(text: str) -> str:
    return json.dumps(cfn_flip.load_yaml(cfn_flip.to_yaml(text, long_form=True)))


@cache
def client(service: str) -> Any:
    """A client of the tests' own."""
    return boto3.client(service)


@contextmanager
def account() -> Iterator[None]:
    """An AWS account in memory, and an environment that can reach no other."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BOTO"))}
    with patch.dict(os.environ, {**kept, **FAKE}, clear=True), mock_aws(), _cheap_transactions():
        yield


@contextmanager
def _cheap_transactions() -> Iterator[None]:
    """moto copies the whole table, its stream included, for each item of a transaction. Of what no write changes in
    place, the very same serves: a stream's records, and the attributes of an item."""

    def copied(item: Item, memo: object) -> Item:
        twin = copy(item)
        twin.attrs = LimitedSizeDict()
        dict.update(twin.attrs, item.attrs)  # its own update weighs everything anew
        return twin

    with (
        patch.object(StreamRecord, "__deepcopy__", lambda record, memo: record, create=True),
        patch.object(Item, "__deepcopy__", copied),
    ):
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


def deployed(template: dict[str, Any]) -> Deployed:
    """The template's table, queues and topics, made in memory under its own properties."""
    refs = {name: str(parameter.get("Default", "")) for name, parameter in template["Parameters"].items()}
    refs |= {"AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "AWS::StackName": "heed"}
    made = Deployed(template, refs, {("Api", "ApiEndpoint"): "https://api.example.com"})
    left = {name: found for name, found in template["Resources"].items() if found["Type"] in _MAKERS}
    while left:
        ready = [name for name, found in left.items() if not _waits_for(found, left)]
        for name in ready:
            found = left.pop(name)
            _MAKERS[found["Type"]](made, name, made.resolve(found.get("Properties", {})))
    return made


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


class Stream:
    """The stream of the template's table, read on from where the last call ended.

    Each call asks anew where that is: after a cancelled transaction moto's table has another shard than the one an
    older iterator knows.
    """

    def __init__(self, stack: Deployed) -> None:
        self._arn = stack.attributes["Table", "StreamArn"]
        self._start = {"ShardIteratorType": "TRIM_HORIZON"}

    def fresh(self) -> list[dict[str, Any]]:
        """The records since the last call."""
        streams = client("dynamodbstreams")
        shard = streams.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"][0]["ShardId"]
        place = streams.get_shard_iterator(StreamArn=self._arn, ShardId=shard, **self._start)
        found: list[dict[str, Any]] = streams.get_records(ShardIterator=place["ShardIterator"])["Records"]
        if found:
            last = found[-1]["dynamodb"]["SequenceNumber"]
            self._start = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": last}
        return found


@cache
def built(policy_file: Path, content: bytes) -> ModuleType:
    """A policy file as the module a deployment makes of it; `content` is the file's, so that a change builds anew."""
    with TemporaryDirectory() as outdir:
        assert build.main([str(policy_file), outdir]) == 0
        return load_module(Path(outdir) / build.MODULE, "heed_policy")


@contextmanager
def policy(policy_file: Path) -> Iterator[Policy]:
    """The policy layer, built from the file as a deployment builds it, and importable as `heed_policy`."""
    sys.modules["heed_policy"] = module = built(policy_file, policy_file.read_bytes())
    runtime.policy.cache_clear()
    yield load(module.POLICY)
    runtime.policy.cache_clear()
    del sys.modules["heed_policy"]


def load_function(stack: Deployed, name: str) -> ModuleType:
    """A function's app module, started anew in exactly the environment the template gives it."""
    given = stack.environment(name.capitalize())
    # A collection looks at all that the process holds, a quarter of a second each time.
    with patch.dict(os.environ, {**FAKE, **given}, clear=True), patch.object(gc, "collect"):
        module = load_module(ROOT / "functions" / name / "app.py", f"functions_{name}_app")
    for handler in logging.getLogger(given["AWS_LAMBDA_FUNCTION_NAME"]).handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(_Stdout())
    return module


class _Stdout:
    """Where standard output goes now. A logger lasts as long as the process and would keep an earlier test's."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


def load_module(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
