"""The fixtures of the integration tests: real handlers on the template's own resources in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.conftest import (
    aws,
    context,
    drain,
    load_function,
    mocked_session,
    notices,
    policy,
    policy_file,
    queues,
    stack,
    stream_records,
    table,
    template,
    topic,
)
from tests.security import door as doors
from tests.security.door import AT, Door

__all__ = [
    "aws",
    "context",
    "drain",
    "load_function",
    "mocked_session",
    "notices",
    "policy",
    "policy_file",
    "queues",
    "stack",
    "stream_records",
    "table",
    "template",
    "topic",
]


@pytest.fixture(scope="module")
def open_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with doors.opened(tmp_path_factory.mktemp("door")) as found:
        yield found


@pytest.fixture
def door(open_door: Door) -> Door:
    """The door, its clock where it began, its table as the test before left it."""
    open_door.at = AT
    return open_door
