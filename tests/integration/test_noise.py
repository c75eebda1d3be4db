"""One incident is one page: from breaches to a digest, through the template's own table, stream, queues and topic."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from heed.model import Author, Case, ClockState, EntryKind
from heed.rim import speaking
from heed.rim.bundles import PREFIX, Bundles
from heed.rim.recording import record
from tests.integration import faults
from tests.integration.test_promises import ROOT, START, World, notices, world
from tests.unit.builders import a_message

__all__ = ["world"]

ANGRY = "气死我了！三天了还不发货"  # P2, on care-cn's own channel
FIRE = "充电器着火了，我的手被烧伤了"
INCIDENT = "incident/qinghe/care-cn//breach/high/1"


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    """The shipped policy with P1 and P2 due in five seconds, and no further levels to disturb."""
    text = (ROOT / "layers/policy/policy.yaml").read_text(encoding="utf-8")
    hurried = text.replace("first_response: {within: 15m", "first_response: {within: 5s")
    hurried = hurried.replace("first_response: {within: 30m", "first_response: {within: 5s")
    start, end = hurried.index("  levels:\n"), hurried.index("# Who is on call")
    hurried = hurried[:start] + "  levels: {P3: [{after: 0m}]}\n" + hurried[end:]
    path = tmp_path / "policy.yaml"
    path.write_text(hurried, encoding="utf-8")
    return path


@pytest.fixture
def loud(policy_file: Path) -> None:
    """The same without a word of noise."""
    text = policy_file.read_text(encoding="utf-8")
    start, end = text.index("noise:\n"), text.index("resolution_pauses_in")
    policy_file.write_text(text[:start] + text[end:], encoding="utf-8")


def outage(world: World, count: int, text: str = ANGRY, first: int = 0) -> list[Case]:
    """So many promises that break together; expire has marked them and announce has not yet spoken."""
    cases = [world.hears(text, customer=f"c{first + number}") for number in range(count)]
    world.speak()
    world.due()
    world.time.pass_seconds(6)
    for case in cases:
        world.wake([json.dumps({"case": case.key, "due_at": START.isoformat()})])
    return cases


def minutes_pass(world: World, minutes: int) -> None:
    """Sweeps as they come, and all that follows from them."""
    for _ in range(minutes):
        world.time.pass_seconds(60)
        world.sweep()
        world.wake()
        world.settle()


def bundles(world: World) -> Bundles:
    found = world.expire.TABLE
    assert isinstance(found, Bundles)
    return found


def calls_of(world: World, work: Callable[[], Any]) -> list[str]:
    made: list[str] = []
    count = lambda model, **_: made.append(model.name)  # noqa: E731
    events = world.announce.SPEAKER.table._client.meta.events
    events.register("before-call.dynamodb.*", count)
    work()
    events.unregister("before-call.dynamodb.*", count)
    return made


def test_an_outage_is_one_notice_at_once_and_one_digest_at_the_windows_end(world: World) -> None:
    cases = outage(world, 12)
    world.settle()
    (first,) = notices(world)
    assert (first["kind"], first["case_id"] in {case.id for case in cases}) == ("breach", True)
    minutes_pass(world, 9)
    assert notices(world) == []
    minutes_pass(world, 2)
    (digest,) = notices(world)
    assert (digest["schema"], digest["why"], digest["breaches"]) == ("heed.digest.v1", "incident", 11)
    assert len(digest["worst"]) == 10
    assert {key[:9] for key in digest["tells"]} | {first["case_id"]} == {case.id for case in cases}
    minutes_pass(world, 15)
    assert notices(world) == []


def test_what_was_withheld_is_on_record_with_why_and_until_when_and_published_once_told(world: World) -> None:
    outage(world, 2)
    world.settle()
    (first,) = notices(world)
    waiting = next(case for n in range(2) if (case := world.case(f"c{n}")).id != first["case_id"])
    assert waiting.clocks[0].published_at is None
    held = [effect.held_until for effect in waiting.outbox if effect.held_by]
    assert held == [world.time.at + timedelta(minutes=10)]
    _, entries = world.table.timeline(waiting.key)
    (withheld,) = [entry for entry in entries if entry.kind is EntryKind.WITHHELD]
    until = "2026-03-11T02:10:06.000Z"
    assert withheld.detail == f"breach first_response: incident until {until}"
    minutes_pass(world, 12)
    told = world.table.load(waiting.key)
    assert told is not None
    assert told.outbox == ()
    assert told.clocks[0].published_at is not None
    assert told.clocks[0].published_at >= datetime.fromisoformat(until)
    _, entries = world.table.timeline(waiting.key)
    assert EntryKind.PUBLISHED in {entry.kind for entry in entries}


def test_a_batch_costs_one_more_read_and_one_transaction_whatever_its_size(world: World) -> None:
    outage(world, 12)
    records = world.tools.stream_records()
    say = lambda: world.announce.handler({"Records": records}, world.tools.context)  # noqa: E731
    assert calls_of(world, say) == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert calls_of(world, say) == ["BatchGetItem", "BatchGetItem"]  # the same batch once more: all is decided


@pytest.mark.usefixtures("loud")
def test_without_a_word_of_noise_it_costs_nothing_and_each_is_told_at_once(world: World) -> None:
    outage(world, 3)
    assert calls_of(world, world.speak) == ["BatchGetItem"]
    assert Counter(notice["kind"] for notice in notices(world)) == {"breach": 3}


def test_a_first_that_was_recorded_but_not_published_is_published_when_it_comes_again(world: World) -> None:
    outage(world, 3)
    records = world.tools.stream_records()
    sns = world.announce.SPEAKER.publish.args[0]
    with faults.failing(sns, "sns", "PublishBatch", faults.unreachable):
        answer = world.announce.handler({"Records": records}, world.tools.context)
    assert len(answer["batchItemFailures"]) == 1
    assert notices(world) == []
    for _ in range(2):
        world.announce.handler({"Records": records}, world.tools.context)
    told = [notice["key"] for notice in notices(world)]
    assert len(told) == 2
    assert len(set(told)) == 1
    minutes_pass(world, 12)
    (digest,) = notices(world)
    assert digest["breaches"] == 2
    assert set(told).isdisjoint(digest["tells"])


def test_announces_that_decide_at_the_same_time_let_one_first_through(world: World) -> None:
    outage(world, 4)
    records = world.tools.stream_records()
    mine, others = records[:2], records[2:]
    came: list[None] = []

    def rival(**_: Any) -> None:
        if not came:
            came.append(None)
            world.announce.handler({"Records": others}, world.tools.context)

    world.announce.SPEAKER.table._client.meta.events.register("before-call.dynamodb.TransactWriteItems", rival)
    world.announce.handler({"Records": mine}, world.tools.context)
    assert len(notices(world)) == 1


def test_announce_that_cannot_record_a_decision_tells_nothing_and_asks_again(world: World) -> None:
    outage(world, 2)
    records = world.tools.stream_records()
    client = world.announce.SPEAKER.table._client
    with faults.failing(client, "dynamodb", "TransactWriteItems", faults.unreachable):
        answer = world.announce.handler({"Records": records}, world.tools.context)
    assert len(answer["batchItemFailures"]) == len(records)
    assert notices(world) == []


def test_a_digest_that_could_not_be_published_is_repeated_until_it_is(world: World) -> None:
    outage(world, 3)
    world.settle()
    notices(world)
    sns = world.announce.SPEAKER.publish.args[0]
    with faults.failing(sns, "sns", "PublishBatch", faults.unreachable):
        minutes_pass(world, 11)
    assert notices(world) == []
    minutes_pass(world, 8)
    told = notices(world)
    assert {digest["key"] for digest in told} == {told[0]["key"]}
    assert [world.case(f"c{n}").outbox for n in range(3)] == [()] * 3
    assert bundles(world).load_bundles([INCIDENT])[0][INCIDENT].outbox == ()


def test_a_digest_whose_receipts_were_lost_is_repeated_under_its_key_and_then_filed(world: World) -> None:
    outage(world, 3)
    world.settle()
    notices(world)
    world.time.pass_seconds(601)
    world.wake([json.dumps({"case": f"{PREFIX}{INCIDENT}", "due_at": START.isoformat()})])
    world.speak()
    (digest,) = notices(world)
    world.due()  # every receipt is lost
    minutes_pass(world, 10)
    assert {again["key"] for again in notices(world)} <= {digest["key"]}
    assert [world.case(f"c{n}").outbox for n in range(3)] == [()] * 3


def test_receipts_of_some_cases_only_are_made_good_by_the_bundle(world: World) -> None:
    """The digest is confirmed, a case does not know: its outbox asks again and is told that it was told."""
    outage(world, 3)
    world.settle()
    notices(world)
    world.time.pass_seconds(601)
    world.wake([json.dumps({"case": f"{PREFIX}{INCIDENT}", "due_at": START.isoformat()})])
    world.speak()
    (digest,) = notices(world)
    receipts = [body for body in world.due() if json.loads(body)["case"].startswith(PREFIX)]
    assert len(receipts) == 1
    world.wake(receipts)
    minutes_pass(world, 5)
    assert notices(world) == []
    for number in range(3):
        case = world.case(f"c{number}")
        assert case.outbox == ()
        assert case.clocks[0].published_at is not None
    assert digest["breaches"] == 2


def test_a_withheld_record_that_was_lost_is_made_again(world: World) -> None:
    outage(world, 3)
    world.speak()
    world.due()  # neither the told nor the withheld hear of it
    minutes_pass(world, 4)
    assert Counter(bool(effect.held_by) for n in range(3) for effect in world.case(f"c{n}").outbox) == {True: 2}
    told = [notice["key"] for notice in notices(world)]
    assert len(set(told)) == 1
    minutes_pass(world, 8)
    (digest,) = notices(world)
    assert digest["breaches"] == 2


def test_the_backstop_finds_a_bundle_long_overdue(world: World) -> None:
    outage(world, 3)
    world.settle()
    notices(world)
    world.time.pass_seconds(3600)
    minutes_pass(world, 1)
    (digest,) = [notice for notice in notices(world) if notice["schema"] == "heed.digest.v1"]
    assert digest["breaches"] == 2


def test_what_is_answered_before_the_window_ends_is_not_told_and_what_is_left_alone_is_told_as_itself(
    world: World,
) -> None:
    outage(world, 4)
    world.settle()
    (first,) = notices(world)
    waiting = [f"c{n}" for n in range(4) if world.case(f"c{n}").id != first["case_id"]]
    for customer in waiting[1:]:
        world.hears("在处理了", customer=customer, author=Author.AGENT)
    minutes_pass(world, 12)
    (alone,) = notices(world)
    assert (alone["schema"], alone["kind"]) == ("heed.notice.v1", "breach")
    assert alone["case_id"] == world.case(waiting[0]).id
    answered = world.case(waiting[1])
    assert answered.outbox == ()
    assert answered.clocks[0].state is ClockState.BREACHED_MET
    assert answered.clocks[0].published_at is None


def test_a_breach_that_was_withheld_and_proves_kept_is_neither_told_nor_corrected(world: World) -> None:
    outage(world, 3)
    world.settle()
    (first,) = notices(world)
    kept = next(f"c{n}" for n in range(3) if world.case(f"c{n}").id != first["case_id"])
    answer = a_message("在处理", at=START + timedelta(seconds=3), author=Author.AGENT, conversation=kept, customer=kept)
    record(world.table, world.tools.policy, answer, world.time.at)
    assert world.case(kept).clocks[0].state is ClockState.RETRACTED
    world.settle()
    assert notices(world) == []
    minutes_pass(world, 12)
    (left,) = notices(world)
    assert left["kind"] == "breach"
    assert left["case_id"] != world.case(kept).id
    assert world.case(kept).outbox == ()


def test_what_is_not_critical_waits_for_the_teams_hours_and_what_is_critical_does_not(world: World) -> None:
    world.time.at = datetime(2026, 3, 13, 10, 0, tzinfo=UTC)  # Friday 18:00 in Shanghai, closing
    outage(world, 3)
    outage(world, 1, text=FIRE, first=9)
    world.settle()
    (critical,) = notices(world)
    assert (critical["severity"], critical["team"]) == ("critical", "safety")
    minutes_pass(world, 30)
    assert notices(world) == []
    world.time.at = datetime(2026, 3, 16, 0, 58, tzinfo=UTC)
    minutes_pass(world, 1)
    assert "care-cn" not in {notice["team"] for notice in notices(world)}
    minutes_pass(world, 3)
    (digest,) = [notice for notice in notices(world) if notice["team"] == "care-cn"]
    assert (digest["why"], digest["breaches"], digest["waiting_cases"]) == ("hours", 9, 3)
    assert {line["metric"] for line in digest["worst"]} == {"first_response", "resolution", "reply_window"}


def test_a_subscription_filtered_by_platform_gets_a_digest_that_tells_of_it(world: World, topic: str) -> None:
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    urls = {}
    for platform in ("wechat", "facebook", "webhook"):
        urls[platform] = sqs.create_queue(QueueName=platform)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=urls[platform], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        attributes = {"FilterPolicy": json.dumps({"platform": [platform]}), "RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    outage(world, 2)
    for number in range(2):
        world.hears(ANGRY, customer=f"h{number}", channel="webhook/hotline")
    world.time.pass_seconds(6)
    minutes_pass(world, 13)
    got = {name: [json.loads(m["Body"])["schema"] for m in world.tools.drain(url)] for name, url in urls.items()}
    assert "heed.digest.v1" in got["wechat"]
    assert "heed.digest.v1" in got["webhook"]
    assert got["facebook"] == []


def test_a_bundle_that_cannot_be_read_lets_everything_through_and_stops_nobody(world: World) -> None:
    boto3.client("dynamodb").put_item(
        TableName=world.table._name,
        Item={
            "pk": {"S": f"{PREFIX}{INCIDENT}"},
            "sk": {"S": "BUNDLE"},
            "version": {"N": "1"},
            "bundle": {"S": '{"why": "weather"}'},
        },
    )
    outage(world, 3)
    world.settle()
    assert len(notices(world)) == 3
    answer = world.wake([json.dumps({"case": f"{PREFIX}{INCIDENT}", "due_at": START.isoformat()})])
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}


def test_a_digest_that_cannot_be_composed_is_a_bug_and_stays_to_be_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage(world, 3)
    world.settle()
    notices(world)
    with monkeypatch.context() as broken:
        broken.setattr(speaking, "digest", lambda *_: 1 / 0)
        minutes_pass(world, 11)
    assert notices(world) == []
    minutes_pass(world, 10)
    assert [notice["schema"] for notice in notices(world)] == ["heed.digest.v1"]
