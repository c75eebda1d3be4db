"""A real stack is found by its name, through CloudFormation."""

from __future__ import annotations

import json

import boto3
import pytest

from infra.heedctl import target as targets
from infra.heedctl.target import Failed, Target

QUEUE = {"Type": "AWS::SQS::Queue"}


def create(name: str, outputs: dict[str, str]) -> None:
    template = {"Resources": {"Queue": QUEUE}, "Outputs": {key: {"Value": value} for key, value in outputs.items()}}
    boto3.client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(template))


@pytest.mark.usefixtures("target")
def test_a_deployed_stack_gives_its_address_and_outputs() -> None:
    create("care", {"Webhooks": "https://x.execute-api.eu-west-1.amazonaws.com/webhooks", "TableName": "cases"})
    found = targets.deployed("care", "eu-west-1")
    assert found.base == "https://x.execute-api.eu-west-1.amazonaws.com"
    assert (found.region, found.output("TableName"), found.local) == ("eu-west-1", "cases", False)


@pytest.mark.usefixtures("target")
def test_a_stack_that_is_not_heed_is_told() -> None:
    create("other", {"Site": "https://example.com"})
    with pytest.raises(Failed, match="it is not Heed"):
        targets.deployed("other")


def test_an_output_that_is_missing_is_told(target: Target) -> None:
    with pytest.raises(Failed, match="has no output DeskUrl"):
        target.output("DeskUrl")
