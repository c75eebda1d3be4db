"""One emulator for all tests here; each test brings its own small template."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.local.stack import Stack
from tests.unit.local_stack.pieces import ROLE, eventually, settled

Create = Callable[[dict[str, Any]], dict[str, str]]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack.start(tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture
def create(stack: Stack) -> Create:
    """Create these resources as a stack of their own; their physical ids."""

    def create_stack(resources: dict[str, Any]) -> dict[str, str]:
        cloudformation, name = stack.client("cloudformation"), f"t{uuid.uuid4().hex[:8]}"
        body = json.dumps({"Resources": {"Role": ROLE, **resources}})
        cloudformation.create_stack(StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
        status = eventually(lambda: settled(cloudformation, name))
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        assert status == "CREATE_COMPLETE", [event.get("ResourceStatusReason") for event in events]
        found = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}

    return create_stack
