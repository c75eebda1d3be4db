"""Small pieces of templates, and waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": TRUST,
        "Policies": [{"PolicyName": "all", "PolicyDocument": EVERYTHING}],
    },
}


def settled(cloudformation: Any, name: str) -> str | None:
    status: str = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    return None if status.endswith("IN_PROGRESS") else status


def function(code: str, **properties: Any) -> dict[str, Any]:
    fixed = {"Handler": "index.handler", "Runtime": "python3.13", "Role": {"Fn::GetAtt": ["Role", "Arn"]}}
    return {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ZipFile": code}, **fixed, **properties}}


def eventually(look: Callable[[], Any], seconds: float = 15) -> Any:
    """The first truthy answer of `look`; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := look()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)
    return answer
