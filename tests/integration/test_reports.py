"""What a platform reports later of a message, through the real intake handler: edits, withdrawals, failed sends."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from heed.cases import conversation_key
from heed.model import Author, Channel, ClockState, EntryKind, Message, Metric, Report, ReportKind, Surface
from heed.policy import Policy
from heed.rim.intake import parcel
from heed.rim.recording import record, record_report
from heed.rim.store import Table
from infra.heedctl import senders
from tests.integration import faults
from tests.integration.test_intake import WEBHOOK, intake, post

__all__ = ["intake", "post"]

CHANNEL = "webhook/web-form"
KEY = conversation_key(CHANNEL, "t1")
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _now() -> None:
    """A delivery signed five minutes ago is refused, and a whole run of these tests takes longer than that."""
    global NOW
    NOW = datetime.now(UTC).replace(microsecond=0)


def said(id: str, text: str = "Where is it?", minutes: float = 0, outbound: bool = False) -> Any:
    at = NOW - timedelta(minutes=3 - minutes)
    return senders.webhook_message(WEBHOOK, text, customer="ann", at=at, id=id, thread="t1", outbound=outbound)


def became(kind: str, id: str, text: str = "", minutes: float = 2) -> Any:
    at = NOW - timedelta(minutes=3 - minutes)
    return senders.webhook_report(WEBHOOK, kind, message=id, thread="t1", at=at, text=text)


def first_response(table: Table) -> Any:
    case = table.load(KEY)
    assert case is not None
    return [clock for clock in case.clocks if clock.metric is Metric.FIRST_RESPONSE][-1]


def words(table: Table) -> list[str]:
    return [stored.message.text for stored in table.timeline(KEY)[0]]


def test_a_withdrawn_message_keeps_no_words_and_needs_no_answer(post: Any, table: Table) -> None:
    post(CHANNEL, said("m1", "my address is Main Street"))
    assert post(CHANNEL, became("deleted", "m1"))["statusCode"] == 204
    assert words(table) == [""]
    assert (first_response(table).state, first_response(table).reason) == (ClockState.CANCELLED, "withdrawn")
    assert EntryKind.WITHDRAWN in [entry.kind for entry in table.timeline(KEY)[1]]


def test_an_edited_message_is_understood_anew(post: Any, table: Table) -> None:
    post(CHANNEL, said("m1"))
    post(CHANNEL, became("updated", "m1", "The charger caught fire and burned my hand"))
    (stored,) = table.timeline(KEY)[0]
    assert stored.message.text == "The charger caught fire and burned my hand"
    assert stored.assessment is not None
    assert [risk.name for risk in stored.assessment.risks] == ["safety"]
    case = table.load(KEY)
    assert case is not None
    assert case.priority == "P1"


def test_an_answer_that_failed_to_arrive_was_none(post: Any, table: Table) -> None:
    post(CHANNEL, said("m1"))
    post(CHANNEL, said("a1", outbound=True, minutes=1))
    assert first_response(table).state is ClockState.MET
    post(CHANNEL, became("failed", "a1"))
    assert first_response(table).state is ClockState.RUNNING


@pytest.mark.parametrize("times", [1, 2])
def test_what_is_taken_back_before_it_comes_is_never_recorded(post: Any, table: Table, times: int) -> None:
    for _ in range(times):
        post(CHANNEL, became("deleted", "m1"))
    assert post(CHANNEL, said("m1"))["statusCode"] == 204
    assert table.load(KEY) is None
    assert table.timeline(KEY) == ([], [])


def test_a_report_said_twice_changes_the_case_once(post: Any, table: Table) -> None:
    post(CHANNEL, said("m1"))
    versions = []
    for _ in range(2):
        post(CHANNEL, became("updated", "m1", "Where is my parcel?"))
        case = table.load(KEY)
        assert case is not None
        versions.append(case.version)
    assert versions[0] == versions[1]


def test_of_two_edits_the_later_one_counts_in_either_order(post: Any, table: Table) -> None:
    post(CHANNEL, said("m1"))
    post(CHANNEL, became("updated", "m1", "second", minutes=2.5))
    post(CHANNEL, became("updated", "m1", "first", minutes=2))
    assert words(table) == ["second"]


def test_a_withdrawn_message_cannot_be_edited_back(post: Any, table: Table) -> None:
    post(CHANNEL, said("m1"))
    post(CHANNEL, became("deleted", "m1", minutes=2))
    post(CHANNEL, became("updated", "m1", "back again", minutes=2.5))
    assert words(table) == [""]


def test_an_edit_of_a_message_heed_never_had_is_ignored(post: Any, table: Table) -> None:
    assert post(CHANNEL, became("updated", "m0", "text"))["statusCode"] == 204
    assert table.timeline(KEY) == ([], [])


def test_a_report_the_table_cannot_take_waits_in_the_recovery_queue(
    post: Any, table: Table, stack: Any, intake: ModuleType, drain: Any, load_function: Any, context: Any
) -> None:
    post(CHANNEL, said("m1"))
    with faults.failing(intake.INTAKE._table._client, "dynamodb", "BatchGetItem", faults.unreachable):
        assert post(CHANNEL, became("deleted", "m1"))["statusCode"] == 204
    (waiting,) = drain(stack.refs["Recovery"])
    assert list(json.loads(waiting["Body"])) == ["report"]
    event = {"Records": [{"messageId": "1", "body": waiting["Body"]}]}
    assert load_function("recover").handler(event, context) == {"batchItemFailures": []}
    assert words(table) == [""]


def test_a_report_in_a_race_is_recorded_at_the_next_attempt(table: Table, policy: Policy) -> None:
    channel: Channel = policy.channels[CHANNEL]
    message = Message(channel.name, "m1", "t1", "ann", Author.CUSTOMER, Surface.DIRECT, "hi", NOW, NOW)
    record(table, policy, message, NOW)
    report = Report(channel.name, ReportKind.WITHDRAWN, "m1", "t1", NOW, NOW)
    load_with, loads = table.load_with, []

    def raced(key: str, message_id: str) -> Any:
        found = load_with(key, message_id)
        if not loads:
            record(table, policy, Message(channel.name, "m2", "t1", "ann", *_rest(message)), NOW)
        loads.append(found)
        return found

    table.load_with = raced  # type: ignore[method-assign]
    assert record_report(table, policy, report, NOW) is True
    assert len(loads) == 2
    assert sorted(words(table)) == ["", "hi"]


def _rest(message: Message) -> tuple[Any, ...]:
    return message.author, message.surface, message.text, message.sent_at, message.received_at


def test_a_parcel_names_what_it_holds() -> None:
    report = Report(CHANNEL, ReportKind.EDITED, "m1", "t1", NOW, NOW, "new")
    assert json.loads(parcel(report))["report"]["kind"] == "edited"
