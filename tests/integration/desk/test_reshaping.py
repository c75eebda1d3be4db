"""The desk merges, splits and tells spam: two cases change together or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from heed import cases
from heed.model import Author, Case, Message, Surface
from heed.policy import Policy
from heed.rim.dynamo import Conflict
from heed.rim.recording import record
from heed.rim.store import Table
from tests.integration.desk.conftest import P2, P3, Caller, Opened, token

CHANNEL = "webhook/web-form"


def path(case: Case, action: str) -> str:
    return f"/cases/{case.id}/{action}"


def said(table: Table, policy: Policy, id: str, conversation: str, author: Author = Author.CUSTOMER) -> Case | None:
    at = datetime.now(UTC)
    return record(
        table, policy, Message(CHANNEL, id, conversation, "c", author, Surface.DIRECT, f"words {id}", at, at), at
    )


def texts(desk: Caller, case: Case | str) -> list[str]:
    lines = desk("GET", f"/cases/{case if isinstance(case, str) else case.id}").json["timeline"]
    return [line["text"] for line in lines if line["type"] == "message"]


def states(view: dict[str, Any]) -> dict[str, str]:
    return {clock["metric"]: clock["state"] for clock in view["clocks"]}


def test_a_merged_case_ends_and_the_other_takes_over_its_messages_and_its_wait(desk: Caller, opened: Opened) -> None:
    source, into = opened(P3, minutes_ago=5), opened(P2)
    answer = desk("POST", path(source, "merge"), {"into": into.id})
    assert (answer.status, answer.json["changed"]) == (200, True)
    gone, goes_on = answer.json["case"], answer.json["other"]
    assert (gone["status"], gone["merged"]) == ("resolved", True)
    assert set(states(gone).values()) == {"cancelled"}
    assert (goes_on["id"], goes_on["merged"], goes_on["waiting_messages"]) == (into.id, False, 2)
    assert texts(desk, into) == [P3, P2]
    assert texts(desk, source) == [P3]


def test_what_the_customer_of_a_merged_case_says_next_is_heard_by_the_other(
    desk: Caller, opened: Opened, table: Table, policy: Policy
) -> None:
    source, into = opened(P3, conversation="a"), opened(P2, conversation="b")
    desk("POST", path(source, "merge"), {"into": into.id})
    case = said(table, policy, "next", "a")
    assert case is not None
    assert (case.id, case.waiting_messages) == (into.id, 3)
    assert said(table, policy, "next", "a") is None
    assert texts(desk, into)[-1] == "words next"
    reply = said(table, policy, "answer", "a", Author.AGENT)
    assert reply is not None
    assert (reply.id, reply.waiting_since) == (into.id, None)


def test_long_after_a_merge_a_new_matter_begins_in_the_conversations_own_case(
    desk: Caller, opened: Opened, table: Table, policy: Policy
) -> None:
    source, into = opened(P3, conversation="a"), opened(P2, conversation="b")
    desk("POST", path(source, "merge"), {"into": into.id})
    at = datetime.now(UTC) + timedelta(seconds=policy.reopen_window_seconds + 60)
    late = Message(CHANNEL, "late", "a", "c", Author.CUSTOMER, Surface.DIRECT, "new matter", at, at)
    case = record(table, policy, late, at)
    assert case is not None
    assert (case.id, case.episode) == (source.id, 2)


def test_the_same_merge_again_changes_nothing(desk: Caller, opened: Opened) -> None:
    source, into = opened(P3), opened(P2)
    first = desk("POST", path(source, "merge"), {"into": into.id})
    again = desk("POST", path(source, "merge"), {"into": into.id})
    assert again.json["changed"] is False
    assert again.json["other"]["version"] == first.json["other"]["version"]


@pytest.mark.parametrize("target", ["itself", "elsewhere", "merged", "nobody"])
def test_a_merge_that_makes_no_sense_is_refused(target: str, desk: Caller, opened: Opened) -> None:
    source, into, third = opened(P3), opened(P2), opened(P2)
    if target == "elsewhere":
        desk("POST", path(source, "merge"), {"into": third.id})
    if target == "merged":
        desk("POST", path(into, "merge"), {"into": third.id})
    wanted = {"itself": source.id, "nobody": "0000-0000"}.get(target, into.id)
    answer = desk("POST", path(source, "merge"), {"into": wanted})
    expected = {"itself": (409, "same_case"), "nobody": (404, "not_found")}.get(target, (409, "merged"))
    assert (answer.status, answer.code) == expected


def test_a_case_is_not_merged_into_one_that_the_caller_may_not_see(desk: Caller, opened: Opened) -> None:
    source, hidden = opened(P3), opened("The heater exploded and burned my child")
    answer = desk("POST", path(source, "merge"), {"into": hidden.id}, by=token("care-global"))
    assert (answer.status, answer.code) == (404, "not_found")


def test_split_messages_become_a_case_with_a_promise_of_its_own(
    desk: Caller, opened: Opened, table: Table, policy: Policy
) -> None:
    case = opened(P2, minutes_ago=2, conversation="a")
    said(table, policy, "other-matter", "a")
    answer = desk("POST", path(case, "split"), {"messages": ["other-matter"]})
    assert (answer.status, answer.json["changed"]) == (200, True)
    left, new = answer.json["case"], answer.json["other"]
    assert (left["waiting_messages"], new["waiting_messages"]) == (1, 1)
    assert new["id"] != case.id
    assert states(new)["first_response"] == "running"
    assert texts(desk, new["id"]) == ["words other-matter"]


def test_a_reply_to_a_split_case_answers_that_one_only(
    desk: Caller, opened: Opened, table: Table, policy: Policy
) -> None:
    case = opened(P2, conversation="a")
    said(table, policy, "other-matter", "a")
    new = desk("POST", path(case, "split"), {"messages": ["other-matter"]}).json["other"]
    for _ in range(2):
        desk("POST", f"/cases/{new['id']}/reply", {"text": "Done", "message_id": "r1"})
    assert desk("GET", f"/cases/{new['id']}").json["case"]["waiting_since"] is None
    assert desk("GET", f"/cases/{case.id}").json["case"]["waiting_since"] is not None
    assert texts(desk, new["id"]) == ["words other-matter", "Done"]
    assert said(table, policy, "r1", "a", Author.AGENT) is None, "the platform's echo is known"


@pytest.mark.parametrize("ids", [["nobody"], ["m1", "nobody"]])
def test_only_customer_messages_of_the_case_can_be_split_off(ids: list[str], desk: Caller, opened: Opened) -> None:
    answer = desk("POST", path(opened(P2), "split"), {"messages": ids})
    assert (answer.status, answer.code) == (409, "no_such_message")


def test_of_two_cases_that_change_together_neither_changes_alone(
    desk: Caller, opened: Opened, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, into = opened(P3), opened(P2)
    save, raced = Table.save, []

    def racing(self: Table, *changes: Any, **copies: Any) -> None:
        if not raced:
            raced.append(True)
            before = changes[1].before
            save(self, type(changes[1])(before, cases.note(before, datetime.now(UTC))))
        save(self, *changes, **copies)

    monkeypatch.setattr(Table, "save", racing)
    answer = desk("POST", path(source, "merge"), {"into": into.id})
    assert answer.json["other"]["version"] == into.version + 2


def test_a_merge_that_always_loses_is_unavailable_for_now(
    desk: Caller, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, into = opened(P3), opened(P2)

    def lost(*_: Any, **__: Any) -> None:
        raise Conflict

    monkeypatch.setattr(Table, "save", lost)
    monkeypatch.setattr("heed.rim.recording.time.sleep", lambda _: None)
    assert desk("POST", path(source, "merge"), {"into": into.id}).status == 503


def test_a_stale_merge_is_refused(desk: Caller, opened: Opened) -> None:
    source, into = opened(P3), opened(P2)
    answer = desk("POST", path(source, "merge"), {"into": into.id}, headers={"if-match": '"99"'})
    assert (answer.status, answer.code) == (412, "stale")


def test_spam_promises_nothing_until_it_is_found_to_be_none(desk: Caller, opened: Opened) -> None:
    case = opened(P2, minutes_ago=2)
    spam = desk("POST", path(case, "spam")).json["case"]
    assert (spam["spam"], set(states(spam).values())) == (True, {"cancelled"})
    cleared = desk("DELETE", path(case, "spam"))
    assert (cleared.json["case"]["spam"], cleared.json["case"]["status"]) == (False, "open")
    assert states(cleared.json["case"])["first_response"] == "running"
    assert desk("DELETE", path(case, "spam")).json["changed"] is False
