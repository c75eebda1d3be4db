"""Who is let in, and who is not."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest
from botocore.credentials import Credentials

from heed.platforms import Request
from infra.heedctl import channels, events, posting, senders
from infra.heedctl.desk import Desk, Refused
from tests.e2e.conftest import Played

pytestmark = pytest.mark.e2e

EMPTY = Request("POST", "", {"content-type": "application/json"}, b"{}")


def genuine(played: Played, event: str, number: int | None = None) -> tuple[str, Request]:
    found = events.named(event)
    channel = f"{found.platform}/{found.account}"
    return channel, events.request(found, channels.current(played.target, channel), datetime.now(UTC), number)


@pytest.mark.parametrize("path", ["cases?team=safety", "cases/AAAA-AAAA", "nothing"])
def test_the_desk_refuses_an_unsigned_request(played: Played, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{played.target.base}/desk/{path}")  # noqa: S310 - the local stack
    refused.value.close()
    assert refused.value.code == 403


def test_the_desk_refuses_a_signature_of_another_key(played: Played) -> None:
    key = played.target.credentials().access_key
    forger = played.target.__class__(
        **{field: getattr(played.target, field) for field in ("name", "region", "base", "outputs", "client")},
        credentials=lambda: Credentials(key, "not-the-secret-of-this-key"),
    )
    with pytest.raises(Refused) as refused:
        Desk(forger).cases("safety", "open")
    assert refused.value.status == 403


def test_the_desk_refuses_a_token_where_requests_are_signed(played: Played) -> None:
    with pytest.raises(Refused):
        Desk(played.target, token="anything").cases("safety", "open")


@pytest.mark.parametrize("channel", ["wechat/nobody", "myspace/flagship-cn"])
def test_an_unknown_channel_is_not_found(played: Played, channel: str) -> None:
    assert posting.post(played.target, channel, EMPTY).status == 404


def test_a_body_over_the_limit_is_refused_before_anything_else(played: Played) -> None:
    _, request = genuine(played, "wechat/praise")
    large = Request(request.method, request.query, request.headers, request.body + b" " * 300_000)
    assert posting.post(played.target, "wechat/flagship-cn", large).status == 413


@pytest.mark.parametrize("channel", ["wechat/flagship-cn", "wechat/members-cn", "wecom/flagship-cn", "facebook/qinghe"])
def test_a_platform_that_checks_the_address_gets_its_challenge_back(played: Played, channel: str) -> None:
    secret = channels.current(played.target, channel)
    request = senders.handshake(channel.partition("/")[0], secret, "42-challenge", at=datetime.now(UTC))
    answer = posting.post(played.target, channel, request)
    assert (answer.status, answer.text) == (200, "42-challenge")


@pytest.mark.parametrize("channel", ["wechat/flagship-cn", "facebook/qinghe"])
def test_a_stranger_who_checks_the_address_gets_nothing(played: Played, channel: str) -> None:
    platform = channel.partition("/")[0]
    request = senders.handshake(platform, channels.generate(platform), "42-challenge", at=datetime.now(UTC))
    assert posting.post(played.target, channel, request).status == 401


def test_a_body_changed_on_its_way_is_refused(played: Played) -> None:
    channel, request = genuine(played, "facebook/image")
    changed = Request(request.method, request.query, request.headers, request.body + b" ")
    assert posting.post(played.target, channel, changed).status == 401


def test_one_channels_secret_opens_no_other(played: Played) -> None:
    _, request = genuine(played, "facebook/image")
    assert posting.post(played.target, "instagram/qinghe", request).status == 401


def test_a_change_through_the_desk_says_who_made_it(played: Played) -> None:
    (fate,) = played.facts.fates["wechat/regulator"]
    assert fate.case is not None
    desk = Desk(played.target)
    assert desk.acknowledge(fate.case.id)["case"]["acknowledged_by"] == "agent"
    _, timeline = desk.case(fate.case.id)
    assert [line["by"] for line in timeline if line["type"] == "entry" and line["kind"] == "acknowledged"] == ["agent"]


def test_a_metric_of_the_lag_is_recorded_for_every_breach(played: Played) -> None:
    lines = [json.loads(line) for line in played.facts.logs["Announce"] if '"BreachLagSeconds"' in line]
    lags = [lag for line in lines for lag in line["BreachLagSeconds"]]
    assert len(lags) == len(played.facts.breaches)
    assert all(0 <= lag < 30 for lag in lags)


@pytest.mark.parametrize("name", ["Recover", "Pull", "Watch", "Expire", "Announce"])
def test_every_function_behind_the_api_runs_under_its_own_role(played: Played, name: str) -> None:
    """A sweep reads the index with a real expression: an engine knows reserved words that a double forgives."""
    answer = played.target.client("lambda").invoke(
        FunctionName=played.target.output(f"{name}Function"), Payload=b'{"Records": []}'
    )
    assert "FunctionError" not in answer, answer["Payload"].read()


def test_a_sweep_finds_what_no_wake_was_sent_for(played: Played) -> None:
    """The demo's P3 promises lie beyond the look ahead: only a sweep can see them, and only once they come near."""
    table = played.stack.resource("Table")
    due = played.stack.client("dynamodb").scan(TableName=table, IndexName="due")["Items"]
    assert due
    assert all(item["due_shard"]["S"] == item["pk"]["S"][0] for item in due)
    logs = "".join(played.stack.logs("Watch"))
    assert '"Sweeps"' in logs
    assert "Traceback" not in logs
