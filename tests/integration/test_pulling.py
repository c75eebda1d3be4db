"""A platform that only rings: what lies at WeCom reaches the table once, whatever fails on the way."""

from __future__ import annotations

import base64
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest

from heed.cases import conversation_key
from heed.platforms import Pull, Request
from heed.rim import pulling, queues, runtime, wecom_api
from heed.rim.intake import pull_entry
from infra.heedctl.senders import wecom
from infra.local.wecom_api import WecomApi
from tests.integration import faults
from tests.integration.test_intake import kept

CHANNEL, SOURCE = "wecom/flagship-cn", "wkAJ2GCAAAHeedKf0001"
SECRET = wecom.secret()
PRIVATE = "我的发票三天没收到了，我要投诉你们"

Invoke = Callable[..., dict[str, Any]]


def now() -> datetime:
    return runtime.now()


def said(text: str = PRIVATE, customer: str = "wm1", id: str | None = None, **more: Any) -> dict[str, Any]:
    return wecom.item(
        "text", {"content": text}, customer=customer, at=more.pop("at", now()), id=id, source=SOURCE, **more
    )


@pytest.fixture
def api() -> Iterator[WecomApi]:
    with WecomApi(corps={SECRET["corpid"]: SECRET["secret"]}) as server:
        yield server


@pytest.fixture
def stored(aws: None) -> Callable[..., None]:
    """`stored(current, previous)`: the channel's secrets."""

    def put(*versions: Any) -> None:
        value = json.dumps(dict(zip(("current", "previous"), versions, strict=False)))
        name = f"/heed/channels/{CHANNEL}"
        boto3.client("ssm").put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)

    put(SECRET)
    return put


@pytest.fixture
def pull(stack: Any, stored: Any, api: WecomApi, load_function: Any) -> ModuleType:
    stack.refs["WecomApi"] = api.url
    module: ModuleType = load_function("pull")
    return module


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """For how many seconds each failed ring was left alone."""
    found: list[int] = []
    monkeypatch.setattr(queues, "wait", lambda client, url, receipt, seconds: found.append(seconds))
    return found


@pytest.fixture
def invoke(pull: ModuleType, context: Any, waits: list[int]) -> Invoke:
    """`invoke(ring, ...)`: pull's answer to a batch of rings; without any, to one for the account."""

    def invoked(*rings: Pull | str, seconds: int = 60, receives: int = 1) -> dict[str, Any]:
        bodies = [one if isinstance(one, str) else pull_entry(one)["MessageBody"] for one in rings or (ring(),)]
        records = [
            {
                "messageId": f"m{number}",
                "receiptHandle": f"r{number}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": str(receives)},
            }
            for number, body in enumerate(bodies)
        ]
        left = SimpleNamespace(**{**vars(context), "get_remaining_time_in_millis": lambda: seconds * 1000})
        answer: dict[str, Any] = pull.handler({"Records": records}, left)
        return answer

    return invoked


def ring(source: str = SOURCE, ago: timedelta = timedelta(0), token: str = "ENC1") -> Pull:  # noqa: S107
    return Pull(CHANNEL, source, token, now() - ago)


def texts(table: Any, customer: str = "wm1") -> list[str]:
    messages, _ = table.timeline(conversation_key(CHANNEL, f"{SOURCE}:{customer}"))
    return [stored.message.text for stored in messages]


def cursor(pull: ModuleType) -> str:
    found: str = pull.TABLE.bookmark(CHANNEL, SOURCE, now()).cursor
    return found


def failed(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


# -- from the callback to the message


@pytest.fixture
def rung(load_function: Any, pull: ModuleType, context: Any) -> Callable[..., dict[str, Any]]:
    """`rung()`: what intake answers to WeCom's callback."""
    intake = load_function("intake")

    def posted(request: Request | None = None) -> dict[str, Any]:
        request = request or wecom.ring(SECRET, at=now(), source=SOURCE, token="ENC-callback")
        event = {
            "requestContext": {"http": {"method": request.method}},
            "rawQueryString": request.query,
            "headers": dict(request.headers),
            "body": base64.b64encode(request.body).decode(),
            "isBase64Encoded": True,
            "pathParameters": {"platform": "wecom", "account": "flagship-cn"},
        }
        answer: dict[str, Any] = intake.handler(event, context)
        return answer

    posted.intake = intake  # type: ignore[attr-defined]
    return posted


def test_a_callback_becomes_the_messages_it_rang_for(
    api: WecomApi, rung: Any, invoke: Invoke, table: Any, queues: Any, drain: Any
) -> None:
    api.lay(SOURCE, [said("发票没收到"), said("在吗")])
    answer = rung()
    assert (answer["statusCode"], answer["body"]) == (200, "success")
    (letter,) = drain(queues["Pulls"])
    assert failed(invoke(letter["Body"])) == []
    assert texts(table) == ["发票没收到", "在吗"]
    assert api.pages()[0]["token"] == "ENC-callback"
    case = table.load(conversation_key(CHANNEL, f"{SOURCE}:wm1"))
    assert (case.team, case.brand, case.waiting_messages) == ("care-cn", "qinghe", 2)


def test_wecom_is_asked_to_ring_again_if_the_ring_cannot_be_kept(rung: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with faults.failing(rung.intake._sqs(), "sqs", "SendMessageBatch", faults.unreachable) as met:
        assert rung()["statusCode"] == 503
    assert met
    assert rung()["statusCode"] == 200


def test_a_forged_callback_rings_for_nothing(rung: Any, queues: Any, drain: Any) -> None:
    assert rung(wecom.ring({**SECRET, "token": "another"}, at=now(), source=SOURCE))["statusCode"] == 401
    assert drain(queues["Pulls"]) == []


# -- pages


def test_every_page_is_fetched_even_if_one_is_short_or_empty(api: WecomApi, invoke: Invoke, table: Any) -> None:
    api.page = 3
    api.lay(SOURCE, [said("1"), None, None, None, None, None, said("2"), said("3"), None, None, None, None, said("4")])
    assert failed(invoke()) == []
    assert texts(table) == ["1", "2", "3", "4"]
    assert [question.get("cursor") for question in api.pages()] == [None, "at-3", "at-6", "at-9", "at-12"]


def test_the_next_pull_goes_on_where_the_last_one_was(api: WecomApi, invoke: Invoke, table: Any) -> None:
    api.lay(SOURCE, [said("1")])
    invoke()
    api.lay(SOURCE, [said("2")])
    invoke()
    assert texts(table) == ["1", "2"]
    assert [question.get("cursor") for question in api.pages()] == [None, "at-1"]


def test_each_account_has_a_bookmark_of_its_own(api: WecomApi, invoke: Invoke, pull: ModuleType, table: Any) -> None:
    other = {**said("dort", customer="wm2"), "open_kfid": "wkOther"}
    api.lay(SOURCE, [said("1"), said("2")])
    api.lay("wkOther", [other])
    assert failed(invoke(ring(), ring("wkOther"))) == []
    assert (cursor(pull), pull.TABLE.bookmark(CHANNEL, "wkOther", now()).cursor) == ("at-2", "at-1")
    assert kept(table)["M"] == 3


def test_a_new_account_begins_three_days_ago_and_keeps_the_time_each_thing_was_said(
    api: WecomApi, invoke: Invoke, table: Any
) -> None:
    said_at = (now() - timedelta(days=2)).replace(microsecond=0)
    api.lay(SOURCE, [said("too old", at=now() - timedelta(days=4)), said("old", at=said_at), said("new")])
    invoke()
    messages, _ = table.timeline(conversation_key(CHANNEL, f"{SOURCE}:wm1"))
    assert [stored.message.text for stored in messages] == ["old", "new"]
    assert messages[0].message.sent_at == said_at
    assert messages[0].message.received_at > now() - timedelta(minutes=1)


def test_an_answer_and_a_withdrawal_reach_the_case(api: WecomApi, invoke: Invoke, table: Any) -> None:
    api.lay(SOURCE, [said("在吗", id="c1"), said("在的", id="s1", origin=wecom.STAFF, by="zhang")])
    invoke()
    key = conversation_key(CHANNEL, f"{SOURCE}:wm1")
    assert table.load(key).answered
    api.lay(SOURCE, [wecom.event("servicer_recall_msg", customer="wm1", at=now(), source=SOURCE, recall_msgid="s1")])
    invoke()
    assert table.load(key).waiting_messages == 1


def test_an_unreadable_item_is_kept_aside_and_holds_nothing_up(
    api: WecomApi, invoke: Invoke, pull: ModuleType, table: Any, capsys: Any
) -> None:
    api.lay(SOURCE, [said("1"), {"msgid": "x", "open_kfid": SOURCE, "msgtype": "text", "origin": 3}, said("2")])
    assert failed(invoke()) == []
    assert (texts(table), kept(table)["RAW"], cursor(pull)) == (["1", "2"], 1, "at-3")
    assert '"Quarantined":' in capsys.readouterr().out


# -- once, whatever fails


def test_a_repeated_callback_doubles_nothing(api: WecomApi, invoke: Invoke, table: Any) -> None:
    api.lay(SOURCE, [said("1"), said("2")])
    for _ in range(3):
        assert failed(invoke()) == []
    assert kept(table) == {"CASE": 1, "M": 2, "ID": 1, "B": 1}
    assert table.load(conversation_key(CHANNEL, f"{SOURCE}:wm1")).waiting_messages == 2


def test_a_crash_between_storing_and_the_bookmark_loses_and_doubles_nothing(
    api: WecomApi, invoke: Invoke, pull: ModuleType, table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.lay(SOURCE, [said("1"), said("2")])

    def crash(*_: Any) -> None:
        raise RuntimeError("crash")

    with monkeypatch.context() as patch:
        patch.setattr(pull.TABLE, "turn", crash)
        assert failed(invoke()) == ["m0"]
    assert (texts(table), cursor(pull)) == (["1", "2"], "")
    assert failed(invoke()) == []
    assert (texts(table), cursor(pull)) == (["1", "2"], "at-2")
    assert kept(table)["M"] == 2


@pytest.mark.parametrize("stored_first", range(4))
def test_a_table_that_fails_at_any_step_loses_and_doubles_nothing(
    stored_first: int, api: WecomApi, invoke: Invoke, pull: ModuleType, table: Any
) -> None:
    api.lay(SOURCE, [said("1"), said("2"), said("3")])
    pull.TABLE.bookmark(CHANNEL, SOURCE, now())
    done: list[None] = []

    def refuse_after(**given: Any) -> Any:
        done.append(None)
        return faults.refusing("ThrottlingException")(**given) if len(done) > stored_first else None

    with faults.failing(pull.TABLE._client, "dynamodb", "TransactWriteItems", refuse_after):
        assert failed(invoke()) == ["m0"]
    assert len(texts(table)) == stored_first
    assert cursor(pull) == ""
    assert failed(invoke()) == []
    assert (texts(table), cursor(pull)) == (["1", "2", "3"], "at-3")


@pytest.mark.parametrize("overtaken_at", [1, 2, 3])
def test_two_pulls_at_once_lose_and_double_nothing(
    overtaken_at: int, api: WecomApi, invoke: Invoke, pull: ModuleType, table: Any
) -> None:
    """While the first waits for one of its pages, another does everything there is to do, and more comes."""
    api.page = 1
    api.lay(SOURCE, [said(str(number), id=f"c{number}") for number in range(4)])
    asked: list[None] = []

    def overtake(path: str) -> None:
        if path.endswith("sync_msg"):
            asked.append(None)
            if len(asked) == overtaken_at:
                assert failed(invoke()) == []
                api.lay(SOURCE, [said("late", id="late")])

    invoke_first = pulling.Pulling(pull.POLICY, pull.TABLE, pull.PULLING._vault, pull.API, now)
    api.faults = [overtake] * 6
    assert invoke_first.pull(ring(), Counter(), lambda: True)
    assert texts(table) == ["0", "1", "2", "3", "late"]
    assert kept(table)["M"] == 5
    assert cursor(pull) == "at-5"
    assert table.load(conversation_key(CHANNEL, f"{SOURCE}:wm1")).waiting_messages == 5


def test_a_bookmark_never_goes_back(api: WecomApi, pull: ModuleType, invoke: Invoke) -> None:
    api.lay(SOURCE, [said("1")])
    before = pull.TABLE.bookmark(CHANNEL, SOURCE, now())
    invoke()
    with pytest.raises(pulling.Conflict):
        pull.TABLE.turn(before, replace(before, cursor="at-0"), now())
    assert cursor(pull) == "at-1"


def test_a_lost_callback_is_made_good_by_the_schedule(
    api: WecomApi, invoke: Invoke, pull: ModuleType, table: Any, queues: Any, drain: Any, context: Any
) -> None:
    invoke(ring(ago=timedelta(minutes=10)))
    api.lay(SOURCE, [said("nobody rang for this")])
    assert pull.handler({}, context) == {}
    (letter,) = drain(queues["Pulls"])
    assert failed(invoke(letter["Body"])) == []
    assert texts(table) == ["nobody rang for this"]


def test_the_schedule_knows_an_account_of_which_nothing_could_be_read_yet(
    api: WecomApi, invoke: Invoke, pull: ModuleType, queues: Any, drain: Any, context: Any
) -> None:
    api.faults = [lambda path: (500, b"")]
    assert failed(invoke()) == ["m0"]
    pull.handler({}, context)
    assert len(drain(queues["Pulls"])) == 1


def test_before_any_callback_the_schedule_has_nothing_to_ring_for(
    pull: ModuleType, queues: Any, drain: Any, context: Any
) -> None:
    assert pull.handler({}, context) == {}
    assert drain(queues["Pulls"]) == []


# -- no question too many


def test_many_rings_for_one_account_are_one_question(api: WecomApi, invoke: Invoke, table: Any) -> None:
    api.lay(SOURCE, [said("1")])
    rings = [ring(token=f"ENC{number}", ago=timedelta(seconds=10 - number)) for number in range(10)]
    assert failed(invoke(*rings)) == []
    assert [question["token"] for question in api.pages()] == ["ENC9"]
    assert texts(table) == ["1"]


def test_a_ring_that_an_earlier_pull_has_answered_asks_nothing(api: WecomApi, invoke: Invoke, table: Any) -> None:
    api.lay(SOURCE, [said("1")])
    invoke(ring(ago=timedelta(seconds=5)))
    invoke(ring(ago=timedelta(seconds=4)))
    assert len(api.pages()) == 1
    api.lay(SOURCE, [said("2")])
    invoke(ring())
    assert texts(table) == ["1", "2"]


def test_a_pull_whose_clock_is_an_hour_fast_answers_no_later_ring(
    api: WecomApi, invoke: Invoke, pull: ModuleType, table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.lay(SOURCE, [said("1")])
    with monkeypatch.context() as fast:
        fast.setattr(pull.PULLING, "_clock", lambda: now() + timedelta(hours=1))
        invoke(ring())
    api.lay(SOURCE, [said("2")])
    invoke(ring())
    assert set(texts(table)) == {"1", "2"}
    invoke(ring(ago=timedelta(seconds=5)))
    assert len(api.pages()) == 2


def test_a_pull_cut_short_has_answered_no_ring(api: WecomApi, invoke: Invoke, pull: ModuleType, table: Any) -> None:
    api.page = 1
    api.lay(SOURCE, [said("1"), said("2")])
    api.faults = [lambda path: None, lambda path: None, lambda path: (500, b"")]
    assert failed(invoke(ring(ago=timedelta(seconds=30)))) == ["m0"]
    assert (texts(table), cursor(pull)) == (["1"], "at-1")
    assert failed(invoke(ring(ago=timedelta(seconds=30)))) == []
    assert texts(table) == ["1", "2"]


def test_a_token_is_shown_only_while_it_is_good(api: WecomApi, invoke: Invoke) -> None:
    invoke(ring(ago=timedelta(minutes=8)))
    invoke(ring("wk2", ago=timedelta(minutes=11)))
    assert [question.get("token") for question in api.pages()] == ["ENC1", None]


def test_an_old_callback_without_an_account_asks_for_all_of_them(api: WecomApi, invoke: Invoke) -> None:
    invoke(ring(source=""))
    assert "open_kfid" not in api.pages()[0]


def test_what_there_is_no_time_for_goes_to_the_queue_again(
    api: WecomApi, invoke: Invoke, queues: Any, drain: Any, table: Any
) -> None:
    api.lay(SOURCE, [said("1")])
    rung = ring()
    assert failed(invoke(rung, seconds=20)) == []
    assert api.pages() == []
    (letter,) = drain(queues["Pulls"])
    assert letter["Body"] == pull_entry(rung)["MessageBody"]
    invoke(letter["Body"])
    assert texts(table) == ["1"]


# -- access


def test_an_access_token_is_kept_until_it_expires(api: WecomApi, invoke: Invoke, pull: ModuleType) -> None:
    for number in range(3):
        api.lay(SOURCE, [said(str(number))])
        invoke()
    assert [path for path, _ in api.asked].count("/cgi-bin/gettoken") == 1
    pull.API._clock = lambda: now() + timedelta(seconds=7200 - 299)
    invoke()
    assert [path for path, _ in api.asked].count("/cgi-bin/gettoken") == 2


@pytest.mark.parametrize("errcode", [40014, 42001])
def test_a_token_that_expires_early_is_fetched_anew(errcode: int, api: WecomApi, invoke: Invoke, table: Any) -> None:
    invoke(ring(ago=timedelta(seconds=30)))
    api.lay(SOURCE, [said("1")])
    api.faults = [lambda path: {"errcode": errcode, "errmsg": "expired"}]
    api.expire_tokens()
    assert failed(invoke()) == []
    assert texts(table) == ["1"]


def test_a_token_that_never_works_is_fetched_once_more_and_no_more(api: WecomApi, invoke: Invoke) -> None:
    def expired(path: str) -> Any:
        return {"errcode": 42001} if path.endswith("sync_msg") else None

    api.faults = [expired] * 10
    assert failed(invoke()) == ["m0"]
    assert [path.rsplit("/")[-1] for path, _ in api.asked] == ["gettoken", "sync_msg", "gettoken", "sync_msg"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"access_token": "", "expires_in": 7200},
        {"access_token": 5, "expires_in": 7200},
        {"access_token": "x", "expires_in": 0},
        {"access_token": "x", "expires_in": "7200"},
        {"access_token": "x", "expires_in": 10**12},
    ],
)
def test_a_token_of_another_shape_is_none(given: Any, api: WecomApi, invoke: Invoke, capsys: Any) -> None:
    api.faults = [lambda path: given]
    assert failed(invoke()) == ["m0"]
    assert '"reason":"shape"' in capsys.readouterr().out


def test_while_a_secret_is_changed_the_previous_one_opens_the_api(
    api: WecomApi, invoke: Invoke, stored: Any, table: Any
) -> None:
    stored({**SECRET, "secret": "not-yet-known-to-wecom"}, SECRET)
    api.lay(SOURCE, [said("1")])
    assert failed(invoke()) == []
    assert texts(table) == ["1"]


# -- what WeCom may answer

WRONG = [
    ("http_500", lambda path: (500, b"{}")),
    ("http_302", lambda path: (302, b"")),
    ("json", lambda path: (200, b"<html>")),
    ("json", lambda path: (200, b'{"errcode":0,"msg_list":[')),
    ("json", lambda path: (200, b'{"errcode":NaN}')),
    ("json", lambda path: (200, b"[" * 100_000)),
    ("encoding", lambda path: (200, b"\xff")),
    ("shape", lambda path: (200, b"[]")),
    ("shape", lambda path: {"errcode": "0"}),
    ("shape", lambda path: (200, b"{}")),
    ("shape", lambda path: {"errcode": 10**30}),
    ("shape", lambda path: {"msg_list": {}}),
    ("shape", lambda path: {"next_cursor": 5}),
    ("shape", lambda path: {"next_cursor": "x" * 5000}),
    ("stuck", lambda path: {"has_more": 1}),
    ("stuck", lambda path: {"has_more": 1, "next_cursor": "at-1"}),
    ("errcode_95000", lambda path: {"errcode": 95000}),
    ("errcode_-1", lambda path: {"errcode": -1}),
    ("too_large", lambda path: (200, b" " * 200_000)),
    ("timeout", lambda path: time.sleep(1.2)),
]


@pytest.mark.parametrize(("reason", "fault"), WRONG, ids=[f"{n}-{reason}" for n, (reason, _) in enumerate(WRONG)])
def test_a_wrong_answer_moves_nothing_and_is_asked_for_again(
    reason: str,
    fault: Any,
    api: WecomApi,
    invoke: Invoke,
    pull: ModuleType,
    table: Any,
    waits: list[int],
    capsys: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wecom_api, "ANSWER_BYTES", 150_000)
    monkeypatch.setattr(wecom_api, "ANSWER_SECONDS", 0.8)
    api.lay(SOURCE, [said("1")])
    invoke(ring(ago=timedelta(minutes=5)))
    api.lay(SOURCE, [said("2")])
    api.faults = [fault]
    assert failed(invoke()) == ["m0"]
    shown = capsys.readouterr().out
    assert f'"reason":"{reason}"' in shown
    assert '"NotPulled":' in shown
    assert (texts(table), cursor(pull), waits) == (["1"], "at-1", [15])
    assert failed(invoke()) == []
    assert texts(table) == ["1", "2"]


def test_an_answer_that_comes_in_drops_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wecom_api, "ANSWER_SECONDS", 0.3)
    drops = SimpleNamespace(status=200, read1=lambda size: time.sleep(0.1) or b" ")
    with pytest.raises(wecom_api.Refused, match="timeout"):
        wecom_api._content(drops, time.monotonic() + 0.3)  # type: ignore[arg-type]


def test_a_platform_that_is_not_there_is_asked_again(api: WecomApi, invoke: Invoke, table: Any, capsys: Any) -> None:
    api.stop()
    assert failed(invoke()) == ["m0"]
    assert '"reason":"unreachable"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        ({**SECRET, "secret": "wrong"}, "errcode_40001"),
        ({name: text for name, text in SECRET.items() if name != "secret"}, "unconfigured"),
    ],
)
def test_a_secret_that_opens_nothing_is_told(
    secret: Any, reason: str, stored: Any, invoke: Invoke, capsys: Any
) -> None:
    stored(secret)
    assert failed(invoke()) == ["m0"]
    assert f'"reason":"{reason}"' in capsys.readouterr().out


def test_secrets_that_cannot_be_read_are_waited_for(pull: ModuleType, invoke: Invoke, capsys: Any) -> None:
    with faults.failing(pull.SSM, "ssm", "GetParameter", faults.unreachable):
        assert failed(invoke()) == ["m0"]
    assert '"reason":"secrets_unavailable"' in capsys.readouterr().out
    assert failed(invoke()) == []


@pytest.mark.parametrize(
    ("errcode", "receives", "seconds"),
    [
        (95000, 1, 15),
        (95000, 2, 30),
        (95000, 4, 120),
        (95000, 9, 900),
        (45009, 1, 60),
        (45009, 3, 240),
        (45009, 9, 900),
    ],
)
def test_a_failed_ring_is_left_alone_longer_each_time_and_longest_if_wecom_was_asked_too_often(
    errcode: int, receives: int, seconds: int, api: WecomApi, invoke: Invoke, waits: list[int]
) -> None:
    api.faults = [lambda path: None, lambda path: {"errcode": errcode}]
    invoke(receives=receives)
    assert waits == [seconds]


def test_a_ring_is_left_alone_by_the_real_queue(pull: ModuleType, stack: Any, context: Any, api: WecomApi) -> None:
    api.stop()
    sqs, url = boto3.client("sqs"), stack.refs["Pulls"]
    sqs.send_message(QueueUrl=url, **pull_entry(ring()))
    (letter,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=1, AttributeNames=["All"])["Messages"]
    record = {
        "messageId": letter["MessageId"],
        "receiptHandle": letter["ReceiptHandle"],
        "body": letter["Body"],
        "attributes": letter["Attributes"],
    }
    left = SimpleNamespace(**{**vars(context), "get_remaining_time_in_millis": lambda: 60_000})
    assert failed(pull.handler({"Records": [record]}, left)) == [letter["MessageId"]]
    time.sleep(1.2)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_one_accounts_fault_does_not_hold_up_another(api: WecomApi, invoke: Invoke, table: Any) -> None:
    api.lay(SOURCE, [said("1")])
    api.faults = [lambda path: None, lambda path: {"errcode": 95000}]
    assert failed(invoke(ring("wkClosed"), ring())) == ["m0"]
    assert texts(table) == ["1"]


def test_a_ring_that_cannot_be_read_fails_alone(api: WecomApi, invoke: Invoke, table: Any, capsys: Any) -> None:
    api.lay(SOURCE, [said("1")])
    assert failed(invoke("{}", "no json", ring())) == ["m0", "m1"]
    assert texts(table) == ["1"]
    assert '"PullBugs":' in capsys.readouterr().out


def test_a_ring_for_a_channel_that_was_taken_out_of_the_policy_is_over(api: WecomApi, invoke: Invoke) -> None:
    assert failed(invoke(replace(ring(), channel="wecom/gone"))) == []
    assert api.asked == []


def test_no_log_line_holds_a_text_a_customer_a_token_or_a_secret(api: WecomApi, invoke: Invoke, capfd: Any) -> None:
    api.lay(SOURCE, [said(customer="wmPrivate"), {"msgtype": "text", "text": {"content": PRIVATE}}])
    api.faults = [lambda path: None, lambda path: (500, PRIVATE.encode())]
    invoke(ring(token="ENCprivate"))
    invoke(ring(token="ENCprivate"))
    shown = "".join(capfd.readouterr())
    assert '"NotPulled":' in shown
    for private in (PRIVATE, "wmPrivate", "ENCprivate", SECRET["secret"], *api._tokens):
        assert private not in shown
