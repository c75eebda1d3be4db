"""Intake, row by row: what arrives, what the platform is answered, what is kept."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import boto3
import pytest

from heed.cases import conversation_key
from heed.platforms import Request
from heed.rim import runtime
from heed.rim.intake import broken_parcel
from heed.rim.items import Raw
from heed.rim.recording import record
from heed.rim.runtime import MissingSettings
from infra.heedctl import senders
from tests.integration import faults

WECHAT = {"token": "Br4ndCallbackTok3n", "appid": "wx5a1c0ffee0b4d001"}
META = {"app_secret": "5e1a9b0c7d3f4e2a8b6c1d0e9f8a7b6c", "verify_token": "verify-me"}
WEBHOOK = {"secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}
SECRETS = {"wechat/flagship-cn": WECHAT, "facebook/qinghe": META, "webhook/web-form": WEBHOOK}
PRIVATE = "我的订单三天没发货了，我要投诉你们"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def intake(load_function: Any) -> ModuleType:
    for channel, secret in SECRETS.items():
        value = json.dumps({"current": secret})
        boto3.client("ssm").put_parameter(Name=f"/heed/channels/{channel}", Value=value, Type="SecureString")
    return load_function("intake")


@pytest.fixture
def post(intake: ModuleType, context: Any) -> Any:
    """`post(channel, request)`: what intake answers, as API Gateway would deliver and receive it."""

    def posted(channel: str, request: Request) -> dict[str, Any]:
        platform, account = channel.split("/")
        event = {
            "requestContext": {"http": {"method": request.method}},
            "rawQueryString": request.query,
            "headers": dict(request.headers),
            "body": base64.b64encode(request.body).decode(),
            "isBase64Encoded": True,
            "pathParameters": {"platform": platform, "account": account},
        }
        answer: dict[str, Any] = intake.handler(event, context)
        return answer

    return posted


def kept(table: Any) -> dict[str, int]:
    """How many items of each kind the table holds, beside what is noted of channels."""
    counts: dict[str, int] = {}
    for item in held(table):
        kind = "RAW" if item["pk"]["S"].startswith("RAW#") else item["sk"]["S"].split("#")[0]
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def held(table: Any) -> list[dict[str, Any]]:
    items = boto3.client("dynamodb").scan(TableName=table._name)["Items"]
    return [item for item in items if not item["pk"]["S"].startswith("CHANNEL#")]


def said(text: str = PRIVATE, customer: str = "oVq8e6HkT2n0pXc", id: str | None = None) -> Request:
    return senders.wechat_text(WECHAT, text, customer=customer, at=now(), id=id)


def test_a_genuine_message_becomes_a_message_and_a_case(post: Any, table: Any) -> None:
    answer = post("wechat/flagship-cn", said())
    assert (answer["statusCode"], answer["body"]) == (200, "success")
    assert kept(table) == {"CASE": 1, "M": 1, "ID": 1}
    case = table.load(conversation_key("wechat/flagship-cn", "oVq8e6HkT2n0pXc"))
    assert (case.kind, case.team, case.brand, case.waiting_messages) == ("complaint", "care-cn", "qinghe", 1)


def test_a_case_is_found_by_the_id_people_say(post: Any, table: Any) -> None:
    post("wechat/flagship-cn", said())
    case = table.load(conversation_key("wechat/flagship-cn", "oVq8e6HkT2n0pXc"))
    assert table.find(case.id) == case


def test_the_same_message_again_changes_nothing(post: Any, table: Any) -> None:
    request = said(id="24893017465520193")
    answers = [post("wechat/flagship-cn", request) for _ in range(5)]
    assert {answer["body"] for answer in answers} == {"success"}
    assert kept(table) == {"CASE": 1, "M": 1, "ID": 1}
    assert table.load(conversation_key("wechat/flagship-cn", "oVq8e6HkT2n0pXc")).version == 1


def test_a_conversation_threads_into_one_case(post: Any, table: Any) -> None:
    for text in ("我的包裹到哪了？", "请问什么时候发货？", "什么时候能到？"):
        post("wechat/flagship-cn", said(text))
    assert kept(table) == {"CASE": 1, "M": 3, "ID": 1}


def test_an_intake_that_loses_the_race_for_a_case_reads_it_again(
    post: Any, intake: ModuleType, table: Any, policy: Any
) -> None:
    post("wechat/flagship-cn", said("你好", id="1"))
    client = intake.INTAKE._table._client
    raced: list[None] = []

    def rival(**_: Any) -> None:
        if not raced:
            raced.append(None)
            key = conversation_key("wechat/flagship-cn", "oVq8e6HkT2n0pXc")
            first = table.timeline(key)[0][0].message
            record(table, policy, replace(first, id="2", text="还有"), now())

    with faults.failing(client, "dynamodb", "TransactWriteItems", rival):
        assert post("wechat/flagship-cn", said("在吗", id="3"))["body"] == "success"
    assert kept(table)["M"] == 3
    assert table.load(conversation_key("wechat/flagship-cn", "oVq8e6HkT2n0pXc")).waiting_messages == 3


def test_every_message_of_a_batched_delivery_is_kept(post: Any, table: Any) -> None:
    entries = [
        {
            "sender": {"id": f"76543210987654{number:02}"},
            "recipient": {"id": "102938475610293"},
            "timestamp": int(now().timestamp() * 1000),
            "message": {"mid": f"m_{number}", "text": "Where is my order?"},
        }
        for number in range(12)
    ]
    body = {"object": "page", "entry": [{"id": "102938475610293", "time": 1767240213500, "messaging": entries}]}
    request = senders.sign("facebook", META, json.dumps(body).encode(), at=now())
    assert post("facebook/qinghe", request)["statusCode"] == 200
    assert kept(table) == {"CASE": 12, "M": 12, "ID": 12}


def test_an_event_heed_does_not_use_is_counted_and_not_kept(post: Any, table: Any, capsys: Any) -> None:
    body = senders.wechat_xml("oVq8e6HkT2n0pXc", now(), "event", Event="subscribe", EventKey="")
    assert post("wechat/flagship-cn", senders.sign("wechat", WECHAT, body, at=now()))["body"] == "success"
    assert kept(table) == {}
    assert '"Ignored":' in capsys.readouterr().out


@pytest.mark.parametrize(
    "body",
    [
        b"<xml><MsgType>text</MsgType>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><MsgType>text</MsgType></xml>',
        b'{"MsgType": "text"',
        b"",
        b"\xff\xfe",
    ],
)
def test_a_genuine_delivery_that_cannot_be_read_is_quarantined_raw(post: Any, table: Any, body: bytes) -> None:
    answer = post("wechat/flagship-cn", senders.sign("wechat", WECHAT, body, at=now()))
    assert (answer["statusCode"], answer["body"]) == (200, "success")
    (item,) = held(table)
    assert item["raw"]["B"] == body
    assert item["channel"]["S"] == "wechat/flagship-cn"
    assert int(item["expires_at"]["N"]) > now().timestamp()


def forged() -> Request:
    request = said()
    return Request(request.method, request.query.replace("signature=", "signature=0"), request.headers, request.body)


def unsigned() -> Request:
    return Request("POST", "", {}, said().body)


def stale() -> Request:
    return senders.webhook_message(WEBHOOK, "hello", customer="c", at=now() - timedelta(minutes=6))


@pytest.mark.parametrize(
    ("channel", "request_made"),
    [
        ("wechat/flagship-cn", forged()),
        ("wechat/flagship-cn", unsigned()),
        ("webhook/web-form", stale()),
        ("webhook/hotline", senders.webhook_message(WEBHOOK, "no secret here", customer="c", at=now())),
        ("facebook/qinghe", senders.facebook_message({"app_secret": "x" * 32}, "hi", customer="1", at=now())),
    ],
    ids=["forged", "unsigned", "stale", "unconfigured", "another secret"],
)
def test_what_is_not_genuine_is_refused_and_leaves_nothing(
    post: Any, table: Any, capsys: Any, channel: str, request_made: Request
) -> None:
    assert post(channel, request_made)["statusCode"] == 401
    assert kept(table) == {}
    assert '"Rejected":' in capsys.readouterr().out


@pytest.mark.parametrize("channel", ["wechat/other", "myspace/brand", "webhook/flagship-cn", "/", "wechat/"])
def test_an_unknown_channel_is_not_found_and_costs_no_call(post: Any, intake: ModuleType, channel: str) -> None:
    with (
        faults.failing(intake._ssm(), "ssm", "GetParameter", faults.unreachable) as asked,
        faults.failing(intake.INTAKE._table._client, "dynamodb", "*", faults.unreachable) as read,
    ):
        assert post(channel, said())["statusCode"] == 404
    assert asked + read == []


def test_a_body_over_the_limit_is_refused_before_it_is_verified(post: Any, intake: ModuleType) -> None:
    request = senders.sign("wechat", WECHAT, b"x" * 300_000, at=now())
    with faults.failing(intake._ssm(), "ssm", "GetParameter", faults.unreachable) as asked:
        assert post("wechat/flagship-cn", request)["statusCode"] == 413
    assert asked == []


def test_the_handshake_is_answered_with_the_challenge_alone(post: Any) -> None:
    answer = post("wechat/flagship-cn", senders.handshake("wechat", WECHAT, "4375120948345356249", at=now()))
    assert (answer["statusCode"], answer["body"]) == (200, "4375120948345356249")
    assert answer["headers"]["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "fault",
    [
        faults.unreachable,
        faults.timed_out,
        faults.refusing("ProvisionedThroughputExceededException"),
        faults.refusing("InternalServerError", 500),
        faults.refusing("AccessDeniedException"),
    ],
)
@pytest.mark.parametrize("operation", ["GetItem", "TransactWriteItems"])
def test_while_the_table_cannot_a_message_waits_on_the_recovery_queue_and_is_recorded_once(
    post: Any,
    intake: ModuleType,
    table: Any,
    queues: Any,
    drain: Any,
    load_function: Any,
    context: Any,
    operation: str,
    fault: Any,
) -> None:
    request = said(id="77")
    with faults.failing(intake.INTAKE._table._client, "dynamodb", operation, fault):
        assert post("wechat/flagship-cn", request)["body"] == "success"
        assert post("wechat/flagship-cn", request)["body"] == "success"
    assert kept(table) == {}
    waiting = drain(queues["Recovery"])
    assert len(waiting) == 2
    recover = load_function("recover")
    event = {"Records": [{"messageId": message["MessageId"], "body": message["Body"]} for message in waiting]}
    for _ in range(2):
        assert recover.handler(event, context) == {"batchItemFailures": []}
    assert kept(table) == {"CASE": 1, "M": 1, "ID": 1}


def test_a_write_that_was_done_though_its_answer_was_lost_is_not_done_twice(
    post: Any, intake: ModuleType, table: Any, queues: Any, drain: Any, load_function: Any, context: Any
) -> None:
    """The transaction is committed, the answer never comes: what recovery then holds is a duplicate."""
    client = intake.INTAKE._table._client
    client.meta.events.register("after-call.dynamodb.TransactWriteItems", faults.timed_out)
    assert post("wechat/flagship-cn", said(id="78"))["body"] == "success"
    client.meta.events.unregister("after-call.dynamodb.TransactWriteItems", faults.timed_out)
    assert kept(table) == {"CASE": 1, "M": 1, "ID": 1}
    records = [{"messageId": m["MessageId"], "body": m["Body"]} for m in drain(queues["Recovery"])]
    assert len(records) == 1
    load_function("recover").handler({"Records": records}, context)
    assert kept(table) == {"CASE": 1, "M": 1, "ID": 1}


def test_an_unreadable_delivery_waits_for_the_table_too(
    post: Any, intake: ModuleType, table: Any, queues: Any, drain: Any, load_function: Any, context: Any
) -> None:
    with faults.failing(intake.INTAKE._table._client, "dynamodb", "PutItem", faults.unreachable):
        answer = post("wechat/flagship-cn", senders.sign("wechat", WECHAT, b"<xml", at=now()))
    assert answer["statusCode"] == 200
    records = [{"messageId": m["MessageId"], "body": m["Body"]} for m in drain(queues["Recovery"])]
    load_function("recover").handler({"Records": records}, context)
    assert kept(table) == {"RAW": 1}


def test_while_neither_table_nor_queue_can_the_platform_is_asked_to_retry(
    post: Any, intake: ModuleType, table: Any
) -> None:
    with (
        faults.failing(intake.INTAKE._table._client, "dynamodb", "GetItem", faults.unreachable),
        faults.failing(intake._sqs(), "sqs", "SendMessageBatch", faults.unreachable),
    ):
        assert post("wechat/flagship-cn", said())["statusCode"] == 503
    assert kept(table) == {}


def test_a_recovery_that_still_cannot_leaves_its_message_on_the_queue(load_function: Any, context: Any) -> None:
    recover = load_function("recover")
    body = broken_parcel(Raw.of("c", "r", b"?"), now())
    with faults.failing(recover.TABLE._client, "dynamodb", "PutItem", faults.unreachable):
        answer = recover.handler({"Records": [{"messageId": "1", "body": body}]}, context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}


def test_a_poisonous_parcel_does_not_hold_up_the_others(load_function: Any, context: Any, table: Any) -> None:
    recover = load_function("recover")
    good = broken_parcel(Raw.of("c", "r", b"?"), now())
    records = [{"messageId": "1", "body": '{"neither": 1}'}, {"messageId": "2", "body": good}]
    assert recover.handler({"Records": records}, context) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert kept(table) == {"RAW": 1}


def test_without_its_secrets_in_reach_intake_asks_the_platform_to_retry(post: Any, intake: ModuleType) -> None:
    with faults.failing(intake._ssm(), "ssm", "GetParameter", faults.unreachable):
        assert post("wechat/flagship-cn", said())["statusCode"] == 503


def test_a_bug_is_a_500_that_tells_the_caller_nothing_and_the_log_no_words(
    capsys: Any, post: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError(PRIVATE)

    monkeypatch.setattr("heed.rim.recording.judge.assess", broken)
    answer = post("wechat/flagship-cn", said())
    assert answer["statusCode"] == 500
    assert json.loads(answer["body"]) == {"error": "internal", "request_id": "8f6b2a3e-0000-4000-8000-000000000001"}
    logged = capsys.readouterr().out
    assert "RuntimeError" in logged
    assert PRIVATE not in logged


def test_nothing_private_reaches_a_log_line(capsys: Any, post: Any) -> None:
    for request in (said(), said("12315 投诉，产品着火了", id="9"), forged(), unsigned()):
        post("wechat/flagship-cn", request)
    logged = capsys.readouterr()
    for private in ("oVq8e6HkT2n0pXc", "订单", "着火", WECHAT["token"]):
        assert private not in logged.out + logged.err


def test_a_message_costs_one_read_and_one_transaction_and_a_channel_one_write_in_five_minutes(
    post: Any, intake: ModuleType
) -> None:
    calls: list[str] = []
    client = intake.INTAKE._table._client
    client.meta.events.register("before-call.dynamodb.*", lambda **given: calls.append(given["model"].name))
    for _ in range(3):
        post("wechat/flagship-cn", said())
    assert calls == [
        *("GetItem", "TransactWriteItems", "UpdateItem"),
        *("GetItem", "TransactWriteItems"),
        *("GetItem", "TransactWriteItems"),
    ]


def test_a_secret_is_rotated_without_a_gap(post: Any, intake: ModuleType) -> None:
    changed = {"current": WECHAT | {"token": "Anoth3rTok3n"}, "previous": WECHAT}
    boto3.client("ssm").put_parameter(
        Name="/heed/channels/wechat/flagship-cn", Value=json.dumps(changed), Type="SecureString", Overwrite=True
    )
    for secret in changed.values():
        request = senders.wechat_text(secret, "你好", customer="oVq", at=now())
        assert post("wechat/flagship-cn", request)["statusCode"] == 200


def test_a_secret_that_was_changed_is_read_again_when_a_signature_fails(
    post: Any, intake: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert post("wechat/flagship-cn", said())["statusCode"] == 200
    fresh = WECHAT | {"token": "Anoth3rTok3n"}
    boto3.client("ssm").put_parameter(
        Name="/heed/channels/wechat/flagship-cn",
        Value=json.dumps({"current": fresh}),
        Type="SecureString",
        Overwrite=True,
    )
    request = senders.wechat_text(fresh, "你好", customer="oVq", at=now())
    assert post("wechat/flagship-cn", request)["statusCode"] == 401
    monkeypatch.setattr(intake.INTAKE, "_clock", lambda: now() + timedelta(seconds=61))
    assert post("wechat/flagship-cn", request)["statusCode"] == 200


def test_a_delivery_too_large_to_record_in_time_is_finished_from_the_recovery_queue(
    post: Any, intake: ModuleType, table: Any, queues: Any, drain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter(range(1000))
    start = now()
    monkeypatch.setattr(intake.INTAKE, "_clock", lambda: start + timedelta(seconds=0.1 * next(moments)))
    entries = [
        {
            "sender": {"id": f"c{number}"},
            "recipient": {"id": "1"},
            "timestamp": int(start.timestamp() * 1000),
            "message": {"mid": f"m_{number}", "text": "hi"},
        }
        for number in range(30)
    ]
    body = {"object": "page", "entry": [{"id": "1", "time": 1767240213500, "messaging": entries}]}
    request = senders.sign("facebook", META, json.dumps(body).encode(), at=start)
    assert post("facebook/qinghe", request)["statusCode"] == 200
    assert kept(table)["M"] + len(drain(queues["Recovery"])) == 30
    assert kept(table)["M"] < 30


def test_a_promise_that_can_never_fall_due_raises_an_alarm(
    capsys: Any, post: Any, intake: ModuleType, policy: Any
) -> None:
    shut = {name: {**hours, "week": {}, "days": {}} for name, hours in policy.hours.items()}
    intake.INTAKE._policy = replace(policy, hours=shut)
    assert post("wechat/flagship-cn", said())["body"] == "success"
    assert '"UnboundedClocks":' in capsys.readouterr().out


def test_a_function_without_its_settings_names_all_that_is_missing(load_function: Any, intake: ModuleType) -> None:
    with pytest.raises(MissingSettings, match="PULLS_QUEUE_URL, RECOVERY_QUEUE_URL, SECRETS_PREFIX, TABLE_NAME"):
        runtime.settings(intake.Settings)


def test_what_is_cut_for_the_queue_still_tells_how_large_it_was(
    post: Any, intake: ModuleType, table: Any, queues: Any, drain: Any, load_function: Any, context: Any
) -> None:
    body = b"<" + b"x" * 250_000
    with faults.failing(intake.INTAKE._table._client, "dynamodb", "PutItem", faults.unreachable):
        post("wechat/flagship-cn", senders.sign("wechat", WECHAT, body, at=now()))
    records = [{"messageId": m["MessageId"], "body": m["Body"]} for m in drain(queues["Recovery"])]
    load_function("recover").handler({"Records": records}, context)
    post("wechat/flagship-cn", senders.sign("wechat", WECHAT, body, at=now()))
    (item,) = held(table)
    assert item["size_bytes"]["N"] == "250001"


def test_a_recovery_stops_at_the_first_parcel_the_table_cannot_take(load_function: Any, context: Any) -> None:
    recover = load_function("recover")
    body = broken_parcel(Raw.of("c", "r", b"?"), now())
    records = [{"messageId": str(number), "body": body} for number in range(10)]
    with faults.failing(recover.TABLE._client, "dynamodb", "PutItem", faults.unreachable) as met:
        answer = recover.handler({"Records": records}, context)
    assert len(met) == 1
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == [str(n) for n in range(10)]


def test_characters_that_a_queue_refuses_are_carried_all_the_same(
    post: Any, intake: ModuleType, table: Any, queues: Any, drain: Any, load_function: Any, context: Any
) -> None:
    text = "奇怪\ufffe的\uffff字"
    with faults.failing(intake.INTAKE._table._client, "dynamodb", "GetItem", faults.unreachable):
        request = senders.facebook_message(META, text, customer="c1", at=now())
        assert post("facebook/qinghe", request)["statusCode"] == 200
    records = [{"messageId": m["MessageId"], "body": m["Body"]} for m in drain(queues["Recovery"])]
    assert not set("\ufffe\uffff") & set(records[0]["body"])
    load_function("recover").handler({"Records": records}, context)
    (message,) = [i for i in boto3.client("dynamodb").scan(TableName=table._name)["Items"] if i["sk"]["S"][0] == "M"]
    assert json.loads(message["message"]["S"])["message"]["text"] == text
