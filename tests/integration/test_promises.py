"""From a broken promise to a notice: watch, expire and announce on the template's own table, queues and topic."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from heed.cases import conversation_key, short_id
from heed.model import Author, Case, ClockState
from heed.rim import runtime, speaking
from heed.rim.dynamo import Unavailable
from heed.rim.recording import record
from heed.rim.store import Table
from tests.integration import faults
from tests.unit.builders import a_message

ROOT = Path(__file__).parents[2]
START = datetime(2026, 3, 11, 2, 0, 0, tzinfo=UTC)


class Time:
    """The functions' clock, moved by hand."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def pass_seconds(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class World:
    """The three functions beside the table, and what reaches people."""

    def __init__(self, time: Time, table: Table, load: Callable[[str], ModuleType], tools: SimpleNamespace) -> None:
        self.time, self.table, self.tools = time, table, tools
        self.watch, self.expire, self.announce = (load(name) for name in ("watch", "expire", "announce"))

    def hears(self, text: str, customer: str = "c1", **changes: Any) -> Case:
        message = a_message(text, at=self.time.at, conversation=customer, customer=customer, **changes)
        case = record(self.table, self.tools.policy, message, self.time.at)
        assert case is not None
        return case

    def case(self, customer: str = "c1") -> Case:
        found = self.table.load(conversation_key("wechat/flagship-cn", customer))
        assert found is not None
        return found

    def speak(self) -> Any:
        return self.announce.handler({"Records": self.tools.stream_records()}, self.tools.context)

    def sweep(self) -> None:
        self.watch.handler({}, self.tools.context)

    def wake(self, bodies: list[str] | None = None) -> Any:
        """Deliver the due queue, or `bodies` of ours; moto holds back what is delayed, so delays are not waited for."""
        if bodies is None:
            bodies = self.due()
        records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
        return self.expire.handler({"Records": records}, self.tools.context)

    def due(self) -> list[str]:
        """All bodies on the due queue, delayed ones too."""
        found: list[str] = []
        for sent in self.tools.sent:
            found += [entry["MessageBody"] for entry in sent]
        self.tools.sent.clear()
        return found

    def settle(self) -> None:
        """Let announce and expire work until nothing more happens."""
        for _ in range(5):
            self.speak()
            bodies = self.due()
            if not bodies:
                return
            self.wake(bodies)


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    """The shipped policy with first responses due in five seconds."""
    text = (ROOT / "layers/policy/policy.yaml").read_text(encoding="utf-8")
    hurried = text.replace("first_response: {within: 15m", "first_response: {within: 5s")
    assert hurried != text
    path = tmp_path / "policy.yaml"
    path.write_text(hurried, encoding="utf-8")
    return path


@pytest.fixture
def world(
    monkeypatch: pytest.MonkeyPatch,
    policy: Any,
    table: Table,
    load_function: Any,
    stream_records: Any,
    notices: Any,
    drain: Any,
    queues: Any,
    context: Any,
) -> World:
    time = Time()
    monkeypatch.setattr(runtime, "now", time)
    tools = SimpleNamespace(
        policy=policy,
        stream_records=stream_records,
        notices=notices,
        drain=drain,
        queues=queues,
        context=context,
        sent=[],
    )
    made = World(time, table, load_function, tools)
    # What goes to the due queue is kept aside as well, for SQS would hold it back for real seconds.
    for client in (made.watch.SQS, made.expire.SQS, made.announce.SQS):
        client.meta.events.register(
            "provide-client-params.sqs.SendMessageBatch",
            lambda params, **_: tools.sent.append(params["Entries"]) if params["QueueUrl"] == queues["Due"] else None,
        )
    return made


FIRE = "充电器着火了，我的手被烧伤了"


def notices(world: World) -> list[dict[str, Any]]:
    return [json.loads(envelope["Message"]) for envelope in world.tools.notices()]


def test_what_needs_people_reaches_the_queue_of_escalations_with_its_team_and_priority(world: World) -> None:
    case = world.hears(FIRE)
    world.speak()
    (message,) = world.tools.drain(world.tools.queues["Escalations"])
    body = json.loads(message["Body"])
    assert (body["case_id"], body["team"], body["priority"], body["risks"]) == (case.id, "safety", "P1", ["safety"])
    assert message["MessageAttributes"]["team"]["StringValue"] == "safety"
    assert "着火" not in message["Body"]


def test_a_clock_shorter_than_the_sweep_is_armed_at_once_to_the_second(world: World) -> None:
    world.hears(FIRE)
    world.speak()
    armed = [entry for sent in world.tools.sent for entry in sent if "due_at" in entry["MessageBody"]]
    assert [entry["DelaySeconds"] for entry in armed] == [6]


def test_a_broken_promise_is_stored_announced_and_its_notice_filed(world: World) -> None:
    world.hears(FIRE)
    world.speak()
    world.time.pass_seconds(5.5)
    world.wake()
    world.time.pass_seconds(0.2)
    world.settle()
    (clock,) = [clock for clock in world.case().clocks if clock.state is ClockState.BREACHED]
    assert clock.deadline_at == START + timedelta(seconds=5)
    assert clock.detected_at == START + timedelta(seconds=5.5)
    assert clock.published_at == START + timedelta(seconds=5.7)
    (notice,) = notices(world)
    assert (notice["kind"], notice["case_id"], notice["severity"]) == ("breach", world.case().id, "critical")
    assert world.case().outbox == ()


@pytest.mark.parametrize("seconds", [0, 4.999, 5])
def test_a_promise_kept_up_to_the_very_deadline_is_not_announced(world: World, seconds: float) -> None:
    world.hears(FIRE)
    world.speak()
    world.time.pass_seconds(seconds)
    world.hears("在处理了", author=Author.AGENT)
    world.time.pass_seconds(10)
    world.wake()
    world.settle()
    assert notices(world) == []
    assert world.case().clocks[0].state is ClockState.MET


def test_a_wake_delivered_twice_breaks_a_promise_once(world: World) -> None:
    world.hears(FIRE)
    world.speak()
    world.time.pass_seconds(6)
    wakes = [body for body in world.due() if "due_at" in body]
    world.wake(wakes * 3)
    world.wake(wakes)
    world.settle()
    assert len(notices(world)) == 1


def test_a_stream_delivered_again_after_its_receipt_tells_nothing_new(world: World) -> None:
    world.hears(FIRE)
    world.time.pass_seconds(6)
    world.wake([json.dumps({"case": world.case().key, "due_at": START.isoformat()})])
    records = world.tools.stream_records()
    for _ in range(2):
        world.announce.handler({"Records": records}, world.tools.context)
        world.wake()
    assert len(notices(world)) == 1
    assert len(world.tools.drain(world.tools.queues["Escalations"])) == 1


def test_a_sweep_wakes_what_falls_due_before_the_next_and_nothing_later(world: World) -> None:
    soon, later = world.hears(FIRE), world.hears("请问怎么开发票", customer="c2")
    world.settle()
    world.time.pass_seconds(1)
    world.sweep()
    assert {json.loads(body)["case"] for body in world.due()} == {soon.key}
    assert later.key not in {key for shard in "0123456789abcdef" for key, _ in world.table.due(shard, world.time.at)}


def test_a_missed_sweep_loses_nothing(world: World) -> None:
    world.hears(FIRE)
    world.settle()
    world.time.pass_seconds(600)
    world.sweep()
    world.wake()
    world.settle()
    (notice,) = notices(world)
    assert notice["overdue_seconds"] == pytest.approx(595, abs=1)


def test_what_announce_could_not_publish_is_repeated_until_it_is_known_to_be_told(world: World) -> None:
    world.hears(FIRE)
    world.time.pass_seconds(6)
    world.wake([json.dumps({"case": world.case().key, "due_at": START.isoformat()})])
    sns = world.announce.SPEAKER.publish.args[0]
    with faults.failing(sns, "sns", "PublishBatch", faults.unreachable):
        records = world.tools.stream_records()
        answer = world.announce.handler({"Records": records}, world.tools.context)
    assert len(answer["batchItemFailures"]) == 1
    world.due()
    assert notices(world) == []
    # The stream gives up on it; the outbox does not.
    for _ in range(4):
        world.time.pass_seconds(200)
        world.sweep()
        world.wake()
        world.settle()
    assert [notice["kind"] for notice in notices(world) if notice.get("level", 1) == 1] == ["breach"]
    assert world.case().outbox == ()


def test_a_breach_whose_receipt_was_lost_is_told_again_under_the_same_key(world: World) -> None:
    world.hears(FIRE)
    world.time.pass_seconds(6)
    world.wake([json.dumps({"case": world.case().key, "due_at": START.isoformat()})])
    world.speak()
    world.due()
    world.time.pass_seconds(400)
    world.sweep()
    world.wake()
    world.settle()
    keys = [notice["key"] for notice in notices(world)]
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_case_woken_before_its_time_by_a_fast_clock_is_woken_again(world: World) -> None:
    world.hears(FIRE)
    world.speak()
    world.time.pass_seconds(2)
    early = [body for body in world.due() if "due_at" in body]
    world.wake(early)
    assert world.case().clocks[0].state is ClockState.RUNNING
    again = world.due()
    assert [json.loads(body)["due_at"][:19] for body in again] == ["2026-03-11T02:00:05"]
    world.time.pass_seconds(4)
    world.wake(again)
    assert world.case().clocks[0].state is ClockState.BREACHED


def test_a_watch_whose_clock_is_an_hour_fast_breaks_no_promise_early(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.hears("请问怎么开发票")
    monkeypatch.setattr(runtime, "now", lambda: world.time.at + timedelta(hours=5))
    world.sweep()
    monkeypatch.setattr(runtime, "now", world.time)
    world.wake()
    world.settle()
    assert notices(world) == []
    assert {clock.state for clock in world.case().clocks} == {ClockState.RUNNING}


def test_while_the_table_cannot_expire_hands_its_whole_batch_back(world: World) -> None:
    world.hears(FIRE)
    world.time.pass_seconds(6)
    order = json.dumps({"case": world.case().key, "due_at": START.isoformat()})
    for operation in ("BatchGetItem", "TransactWriteItems"):
        with faults.failing(world.expire.TABLE._client, "dynamodb", operation, faults.unreachable):
            assert world.wake([order]) == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert world.wake([order]) == {"batchItemFailures": []}
    assert world.case().clocks[0].state is ClockState.BREACHED


def test_expire_that_loses_a_race_reads_the_case_again(world: World) -> None:
    first, second = world.hears(FIRE), world.hears(FIRE, customer="c2")
    world.time.pass_seconds(6)
    came: list[None] = []

    def rival(**_: Any) -> None:
        if not came:
            came.append(None)
            world.hears("在吗")

    client = world.expire.TABLE._client
    client.meta.events.register("before-call.dynamodb.TransactWriteItems", rival)
    orders = [json.dumps({"case": case.key, "due_at": START.isoformat()}) for case in (first, second)]
    assert world.wake(orders) == {"batchItemFailures": []}
    assert world.case("c1").clocks[0].state is world.case("c2").clocks[0].state is ClockState.BREACHED


def test_a_case_whose_race_expire_cannot_win_stays_on_the_queue_and_the_others_are_saved(world: World) -> None:
    contested, calm = world.hears(FIRE), world.hears(FIRE, customer="c2")
    world.time.pass_seconds(6)
    boto3.client("dynamodb").update_item(
        TableName=world.table._name,
        Key={"pk": {"S": contested.key}, "sk": {"S": "CASE"}},
        UpdateExpression="SET version = :another",
        ExpressionAttributeValues={":another": {"N": "99"}},
    )
    orders = [json.dumps({"case": case.key, "due_at": START.isoformat()}) for case in (contested, calm)]
    assert world.wake(orders) == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert world.case("c2").clocks[0].state is ClockState.BREACHED


def _spoil(world: World, case: Case) -> None:
    boto3.client("dynamodb").update_item(
        TableName=world.table._name,
        Key={"pk": {"S": case.key}, "sk": {"S": "CASE"}},
        UpdateExpression="SET #case = :unreadable",
        ExpressionAttributeNames={"#case": "case"},
        ExpressionAttributeValues={":unreadable": {"S": '{"key": "written by a newer version"}'}},
    )


def test_a_message_or_a_case_that_cannot_be_read_fails_alone(world: World) -> None:
    spoilt, sound = world.hears(FIRE), world.hears(FIRE, customer="c2")
    _spoil(world, spoilt)
    world.time.pass_seconds(6)
    wakes = [json.dumps({"case": case.key, "due_at": START.isoformat()}) for case in (spoilt, sound)]
    answer = world.wake(["{", json.dumps({"case": 7, "due_at": "never"}), *wakes])
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["0", "1", "2"]
    assert world.case("c2").clocks[0].state is ClockState.BREACHED


def test_a_case_that_cannot_be_read_does_not_silence_the_others_of_a_stream_batch(world: World) -> None:
    spoilt = world.hears(FIRE)
    _spoil(world, spoilt)
    world.hears(FIRE, customer="c2")
    assert world.speak() == {"batchItemFailures": []}
    told = world.tools.drain(world.tools.queues["Escalations"])
    assert [json.loads(message["Body"])["case_id"] for message in told] == [world.case("c2").id]


def test_an_entry_that_will_never_be_taken_is_left_to_the_outbox_and_does_not_block_the_stream(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.hears(FIRE)
    sqs = world.announce.SQS
    refused = {"Failed": [{"Id": "0", "Code": "InvalidMessageContents", "SenderFault": True}]}
    whole = sqs.send_message_batch
    escalations = world.tools.queues["Escalations"]
    monkeypatch.setattr(
        sqs, "send_message_batch", lambda **asked: refused if asked["QueueUrl"] == escalations else whole(**asked)
    )
    assert world.speak() == {"batchItemFailures": []}
    assert len(world.case().outbox) == 1


def test_a_full_batch_costs_expire_one_read_and_one_transaction(world: World) -> None:
    cases = [world.hears(FIRE, customer=f"c{number}") for number in range(10)]
    world.time.pass_seconds(6)
    calls: list[str] = []
    world.expire.TABLE._client.meta.events.register(
        "before-call.dynamodb.*", lambda model, **_: calls.append(model.name)
    )
    world.wake([json.dumps({"case": case.key, "due_at": START.isoformat()}) for case in cases])
    assert calls == ["BatchGetItem", "TransactWriteItems"]


def test_announce_asks_again_for_records_it_could_not_read_the_cases_of(world: World) -> None:
    world.hears(FIRE)
    records = world.tools.stream_records()
    with faults.failing(world.announce.SPEAKER.table._client, "dynamodb", "BatchGetItem", faults.unreachable):
        answer = world.announce.handler({"Records": records}, world.tools.context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": records[0]["dynamodb"]["SequenceNumber"]}]}


def test_a_case_that_cannot_be_told_does_not_silence_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.hears(FIRE)
    world.hears(FIRE, customer="c2")
    bad = world.case().key
    compose = speaking.escalation

    def sometimes(case: Case, *rest: Any) -> Any:
        if case.key == bad:
            raise RuntimeError("着火")
        return compose(case, *rest)

    monkeypatch.setattr(speaking, "escalation", sometimes)
    assert world.speak() == {"batchItemFailures": []}
    assert len(world.tools.drain(world.tools.queues["Escalations"])) == 1
    assert len(world.case().outbox) == 1


def test_the_desk_index_never_lists_a_case_where_it_no_longer_belongs(world: World) -> None:
    case = world.hears(FIRE)
    page = world.table.desk("safety", case.status, 10, None, lambda _: True)
    assert [found.id for found in page.cases] == [case.id]
    stale = replace(case, team="care-cn")
    assert world.table.desk(stale.team, case.status, 10, None, lambda _: True).cases == ()


def test_a_taken_case_id_is_drawn_again(world: World, table: Table) -> None:
    message = a_message(FIRE, at=START, conversation="c9", customer="c9", id="m-9")
    taken = short_id(conversation_key(message.channel, "c9"), "m-9")
    boto3.client("dynamodb").put_item(
        TableName=table._name, Item={"pk": {"S": f"ID#{taken}"}, "sk": {"S": "ID"}, "case": {"S": "other"}}
    )
    case = record(table, world.tools.policy, message, START)
    assert case is not None
    assert case.id != taken
    assert [effect.key for effect in case.outbox] == [f"{case.id}/1/escalation"]
    assert table.find(case.id) == case


def test_an_id_that_stays_taken_is_a_conflict_and_not_a_second_owner(world: World, table: Table) -> None:
    message = a_message(FIRE, at=START, conversation="c9", customer="c9", id="m-9")
    key = conversation_key(message.channel, "c9")
    for attempt in range(4):
        item = {"pk": {"S": f"ID#{short_id(key, 'm-9', attempt)}"}, "sk": {"S": "ID"}, "case": {"S": "other"}}
        boto3.client("dynamodb").put_item(TableName=table._name, Item=item)
    with pytest.raises(Unavailable):
        record(table, world.tools.policy, message, START)
    assert table.load(key) is None


def test_a_notice_that_is_moot_when_it_would_be_told_is_filed_and_not_sent(world: World) -> None:
    """Answered in time, but the answer reaches us after the breach was stored and before announce speaks."""
    world.hears(FIRE)
    world.time.pass_seconds(6)
    world.wake([json.dumps({"case": world.case().key, "due_at": START.isoformat()})])
    records = world.tools.stream_records()
    answer = a_message("在处理", at=START + timedelta(seconds=3), author=Author.AGENT, conversation="c1", customer="c1")
    record(world.table, world.tools.policy, answer, world.time.at)
    world.announce.handler({"Records": records}, world.tools.context)
    world.wake()
    world.settle()
    assert [notice["kind"] for notice in notices(world)] == ["correction"]
    assert world.case().outbox == ()


def test_a_sweep_that_runs_out_of_time_leaves_the_rest_to_the_next(world: World) -> None:
    for number in range(120):
        world.hears(FIRE, customer=f"c{number}")
    world.tools.context.get_remaining_time_in_millis = lambda: 4_999
    world.sweep()
    assert len(world.due()) == 100
    world.tools.context.get_remaining_time_in_millis = lambda: 10_000
    world.sweep()
    assert len(world.due()) == 120


def test_a_table_that_reads_none_of_a_batch_is_unavailable(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = world.hears(FIRE)
    unread = {"heed-Table": {"Keys": [{"pk": {"S": case.key}, "sk": {"S": "CASE"}}]}}
    reads = world.table._client
    monkeypatch.setattr(reads, "batch_get_item", lambda **_: {"Responses": {}, "UnprocessedKeys": unread})
    with pytest.raises(Unavailable):
        world.table.load_many([case.key])


def test_a_batch_read_in_parts_is_read_to_its_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [world.hears(FIRE, customer=f"c{number}").key for number in range(3)]
    whole = world.table._client.batch_get_item

    def first_only(RequestItems: dict[str, Any]) -> dict[str, Any]:
        ((table, asked),) = RequestItems.items()
        answer = whole(RequestItems={table: {**asked, "Keys": asked["Keys"][:1]}})
        left = asked["Keys"][1:]
        return answer | {"UnprocessedKeys": {table: {"Keys": left}} if left else {}}

    monkeypatch.setattr(world.table._client, "batch_get_item", first_only)
    assert set(world.table.load_many(keys).cases) == set(keys)


def test_our_own_mistake_in_a_call_is_a_bug_and_not_an_outage(world: World) -> None:
    with (
        faults.failing(world.table._client, "dynamodb", "GetItem", faults.refusing("ValidationException")),
        pytest.raises(ClientError),
    ):
        world.table.load("key")
