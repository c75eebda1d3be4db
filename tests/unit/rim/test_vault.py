"""Channel secrets: rotation without a gap, and calls that traffic cannot run up."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from heed.rim.vault import Sealed, Vault, parse

NOW = datetime(2026, 3, 11, 10, tzinfo=UTC)
CHANNEL = "wechat/flagship-cn"


class Ssm:
    """Parameter Store as a client sees it, counting reads."""

    def __init__(self, value: str | None = None) -> None:
        self.value = value
        self.error: Exception | None = None
        self.asked: list[str] = []

    def get_parameter(self, Name: str, WithDecryption: bool) -> dict[str, Any]:
        assert WithDecryption
        self.asked.append(Name)
        if self.error:
            raise self.error
        if self.value is None:
            raise ClientError({"Error": {"Code": "ParameterNotFound", "Message": ""}}, "GetParameter")
        return {"Parameter": {"Value": self.value}}


def holding(*tokens: str) -> str:
    return json.dumps({name: {"token": token} for name, token in zip(("current", "previous"), tokens, strict=False)})


def vault(ssm: Ssm) -> Vault:
    return Vault(lambda: ssm, "/heed/channels")


def test_a_channel_has_a_parameter_of_its_own_below_the_prefix() -> None:
    ssm = Ssm(holding("a"))
    vault(ssm).secrets(CHANNEL, NOW)
    assert ssm.asked == ["/heed/channels/wechat/flagship-cn"]


def test_the_current_secret_comes_first_and_the_previous_still_counts() -> None:
    assert vault(Ssm(holding("new", "old"))).secrets(CHANNEL, NOW) == ({"token": "new"}, {"token": "old"})


def test_secrets_are_read_once_in_five_minutes() -> None:
    ssm = Ssm(holding("a"))
    kept = vault(ssm)
    for seconds in (0, 60, 299, 300):
        kept.secrets(CHANNEL, NOW + timedelta(seconds=seconds))
    assert len(ssm.asked) == 2


def test_a_channel_without_a_secret_has_none_and_is_asked_about_once_a_minute() -> None:
    ssm = Ssm()
    kept = vault(ssm)
    assert [kept.secrets(CHANNEL, NOW + timedelta(seconds=second)) for second in (0, 59, 60)] == [(), (), ()]
    assert len(ssm.asked) == 2


def test_a_failed_signature_rereads_a_secret_that_was_changed() -> None:
    ssm = Ssm(holding("old"))
    kept = vault(ssm)
    kept.secrets(CHANNEL, NOW)
    ssm.value = holding("new", "old")
    assert kept.reread(CHANNEL, NOW + timedelta(seconds=60)) == ({"token": "new"}, {"token": "old"})


def test_forged_traffic_costs_one_call_a_minute_however_much_comes() -> None:
    ssm = Ssm(holding("a"))
    kept = vault(ssm)
    for second in range(180):
        at = NOW + timedelta(seconds=second)
        kept.secrets(CHANNEL, at)
        assert kept.reread(CHANNEL, at) is None
    assert len(ssm.asked) == 3


def test_secrets_known_from_before_serve_while_parameter_store_is_out_of_reach() -> None:
    ssm = Ssm(holding("a"))
    kept = vault(ssm)
    kept.secrets(CHANNEL, NOW)
    ssm.error = EndpointConnectionError(endpoint_url="https://ssm")
    assert kept.secrets(CHANNEL, NOW + timedelta(minutes=10)) == ({"token": "a"},)


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://ssm"),
        ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "GetParameter"),
    ],
)
def test_without_known_secrets_an_unreachable_store_is_told_apart_from_a_missing_secret(error: Exception) -> None:
    ssm = Ssm()
    ssm.error = error
    with pytest.raises(Sealed):
        vault(ssm).secrets(CHANNEL, NOW)


def test_the_first_read_may_come_from_a_failed_signature() -> None:
    assert vault(Ssm(holding("a"))).reread(CHANNEL, NOW) == ({"token": "a"},)


@pytest.mark.parametrize("value", ["", "token", "[]", "7", "null", '{"current": "token"}', '{"token": "a"}', "{"])
def test_a_parameter_of_another_shape_verifies_nothing(value: str) -> None:
    assert parse(value) == ()


def test_only_text_fields_of_a_secret_are_kept() -> None:
    assert parse('{"current": {"token": "a", "n": 7, "x": null}}') == ({"token": "a"},)
