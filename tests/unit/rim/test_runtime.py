"""The clients of the functions: botocore's own, made and called for less."""

from __future__ import annotations

import os
from collections.abc import Iterator
from unittest.mock import patch

import botocore.session
import pytest
from botocore.handlers import BUILTIN_HANDLERS

from heed.rim import runtime

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(autouse=True)
def session_of_its_own() -> Iterator[None]:
    runtime._session.cache_clear()
    yield
    runtime._session.cache_clear()


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1", "cn-north-1", "us-gov-west-1", "mx-central-1"])
def test_the_table_is_where_botocores_own_rules_say(region: str) -> None:
    with patch.dict(os.environ, KEYS | {"AWS_DEFAULT_REGION": region}):
        ours = runtime.client("dynamodb", runtime.HURRIED)
        theirs = botocore.session.Session().create_client("dynamodb")
    operation = theirs.meta.service_model.operation_model("GetItem")
    found = [client._resolve_endpoint_ruleset(operation, {"TableName": "t"}, {})[0] for client in (ours, theirs)]
    assert found[0] == found[1].rstrip("/")
    assert (ours._request_signer.region_name, ours._request_signer.signing_name) == (region, "dynamodb")


@pytest.mark.parametrize("service", ["dynamodb", "secretsmanager", "sns", "sqs", "ssm"])
def test_a_client_has_every_handler_of_its_service(service: str) -> None:
    with patch.dict(os.environ, KEYS | {"AWS_DEFAULT_REGION": "eu-central-1"}):
        ours = runtime.client(service, runtime.PATIENT)
        theirs = botocore.session.Session().create_client(service, config=runtime.PATIENT)
    name = theirs.meta.service_model.service_id.hyphenize()
    assert name in runtime.SERVICES
    for operation in theirs.meta.service_model.operation_names:
        for event in {event.split(".")[0] for event, *_ in BUILTIN_HANDLERS} - {"docs"}:
            asked = f"{event}.{name}.{operation}"
            found = [_handlers(client, asked) for client in (ours, theirs)]
            assert found[0] == found[1], asked


def _handlers(client: botocore.client.BaseClient, event: str) -> list[str]:
    emitter = client.meta.events._emitter
    return sorted(getattr(handler, "__qualname__", "") for handler in emitter._handlers.prefix_search(event))


def test_none_of_the_handlers_asks_for_a_place() -> None:
    kept = [entry for entry in BUILTIN_HANDLERS if "." not in entry[0] or entry[0].split(".")[1] in runtime.SERVICES]
    assert {len(entry) for entry in kept} == {2}
