"""Faults of AWS, injected beneath botocore: a call that is throttled, refused, unreachable, or done and then lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import EndpointConnectionError, ReadTimeoutError


@contextmanager
def failing(client: Any, service: str, operation: str, fault: Callable[..., Any]) -> Iterator[list[str]]:
    """Within the block each `operation` of `client` meets `fault`; yields the calls that did."""
    met: list[str] = []

    def meet(**given: Any) -> Any:
        met.append(operation)
        return fault(**given)

    # before-call replaces the whole call: no retry of the SDK and no engine gets to see it.
    name = f"before-call.{service}.{operation}"
    client.meta.events.register_first(name, meet)
    try:
        yield met
    finally:
        client.meta.events.unregister(name, meet)


def unreachable(**_: Any) -> Any:
    raise EndpointConnectionError(endpoint_url="https://aws.invalid")


def timed_out(**_: Any) -> Any:
    raise ReadTimeoutError(endpoint_url="https://aws.invalid")


def refusing(code: str, status: int = 400) -> Callable[..., Any]:
    """The service answers with an error of this code."""

    def refuse(**_: Any) -> Any:
        return SimpleNamespace(status_code=status), {"Error": {"Code": code, "Message": "refused"}}

    return refuse
