"""People correct what the judge understood; a month's corrections are an export that the judge is measured with."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from heed.cases import conversation_key
from heed.model import Author, Case, Message, Report, ReportKind, Surface
from heed.policy import Policy
from heed.rim import corrections as corrections_module
from heed.rim.dynamo import Conflict
from heed.rim.recording import record, record_report
from heed.rim.store import Change, Table
from infra.heedctl import judging
from tests.in_memory import Deployed, client
from tests.integration.desk.conftest import ANN, BOB, P1, P2, P3, Answer, Caller, Opened, token

CHANNEL = "webhook/web-form"
MONTH = f"{datetime.now(UTC):%Y-%m}"


def message_of(case: Case) -> str:
    """`opened` numbers conversations and messages alike."""
    return case.conversation.replace("c", "m")


def correct(desk: Caller, case: Case, by: Any = ANN, headers: Any = None, **labels: Any) -> Answer:
    body = {"message_id": message_of(case), **labels}
    return desk("POST", f"/cases/{case.id}/correct", body, by=by, headers=headers)


def listed(desk: Caller, query: str = "", by: Any = ANN) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk("GET", f"/corrections{query}", by=by).json["corrections"]
    return found


def reassessed(desk: Caller, case: Case) -> list[tuple[str, str]]:
    lines = desk("GET", f"/cases/{case.id}").json["timeline"]
    return [(line["by"], line["detail"]) for line in lines if line.get("kind") == "reassessed"]


def reported(table: Table, policy: Policy, case: Case, kind: ReportKind, text: str = "") -> None:
    now = datetime.now(UTC)
    report = Report(CHANNEL, kind, message_of(case), case.conversation, now, now, text)
    assert record_report(table, policy, report, now)


def test_a_correction_is_listed_with_its_message_and_who_made_it(desk: Caller, opened: Opened) -> None:
    case = opened(P3)
    assert correct(desk, case, kind="complaint", risks=["media", "legal"]).json["changed"] is True
    (found,) = listed(desk)
    assert datetime.now(UTC) - datetime.fromisoformat(found.pop("at")) < timedelta(minutes=1)
    assert found == {
        "case": case.id,
        "team": "care-global",
        "message_id": message_of(case),
        "by": "ann",
        "labelled": {"text": P3, "kind": "complaint", "risks": ["legal", "media"], "language": "en"},
    }


def test_the_list_is_the_export_that_the_judge_is_measured_with(desk: Caller, opened: Opened, tmp_path: Path) -> None:
    every = {"kind": "praise", "sentiment": "positive", "topic": "price", "risks": [], "language": "fr"}
    correct(desk, opened(P3), **every)
    correct(desk, opened(P2), language="und")
    path = tmp_path / "export.jsonl"
    path.write_text("\n".join(json.dumps(one["labelled"]) for one in listed(desk)), "utf-8")
    fields = {name: every[name] for name in judging.LABELS}
    assert sorted(judging.read(path), key=str) == sorted(
        [judging.Labelled(P3, "fr", fields, frozenset()), judging.Labelled(P2, "und", {}, None)], key=str
    )


def test_a_correction_changes_no_promise_and_nothing_else_of_the_case(desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    before = desk("GET", f"/cases/{case.id}").json["case"]
    after = correct(desk, case, kind="irrelevant", risks=[]).json["case"]
    for view in (before, after):
        for clock in view["clocks"]:
            del clock["left_seconds"]
    assert after.pop("version") == before.pop("version") + 1
    assert after.pop("updated_at") >= before.pop("updated_at")
    assert after == before


def test_the_timeline_says_who_corrected_what_and_no_word_of_the_customer(desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    correct(desk, case, kind="praise", risks=["legal", "media"])
    correct(desk, case, by=BOB, risks=[])
    name = message_of(case)
    said = [("ann", f"{name}: kind praise, risks legal and media"), ("bob", f"{name}: risks none")]
    assert reassessed(desk, case) == said


def test_the_last_correction_of_a_message_counts_whole(desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    correct(desk, case, kind="praise", topic="price")
    assert correct(desk, case, by=BOB, kind="question").json["changed"] is True
    (found,) = listed(desk)
    assert (found["by"], found["labelled"]) == ("bob", {"text": P2, "kind": "question", "language": "en"})


def test_the_same_correction_again_changes_nothing(desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    first = correct(desk, case, kind="praise", risks=["media", "legal"]).json["case"]
    again = correct(desk, case, by=BOB, risks=["legal", "media", "legal"], kind="praise").json
    assert (again["changed"], again["case"]["version"]) == (False, first["version"])
    assert [one["by"] for one in listed(desk)] == ["ann"]
    assert len(reassessed(desk, case)) == 1


def test_of_two_corrections_at_once_the_later_counts_and_both_are_told(
    desk: Caller, opened: Opened, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, rivals = opened(P2), ["bob's"]
    correct_ = corrections_module.Corrections.correct

    def raced(self: Any, change: Change, correction: Any) -> bool:
        if rivals:
            rivals.pop()
            assert correct(desk, case, by=BOB, kind="question").json["changed"] is True
        return correct_(self, change, correction)

    monkeypatch.setattr(corrections_module.Corrections, "correct", raced)
    assert correct(desk, case, kind="praise").json["case"]["version"] == case.version + 2
    assert [one["labelled"]["kind"] for one in listed(desk)] == ["praise"]
    assert [by for by, _ in reassessed(desk, case)] == ["bob", "ann"]


def test_a_correction_that_loses_a_race_leaves_nothing(
    desk: Caller, opened: Opened, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = opened(P2)
    stale = desk.app.DESK._table.load(case.key)
    desk("POST", f"/cases/{case.id}/note", {"text": "In between"})
    monkeypatch.setattr(desk.app.DESK._table, "find", lambda _: stale, raising=False)
    monkeypatch.setattr("heed.rim.recording.time.sleep", lambda _: None)
    assert correct(desk, case, kind="praise").status == 503
    assert listed(desk) == []


@pytest.mark.parametrize("version", ['"1"', '"99"'])
def test_a_correction_can_be_bound_to_a_version(version: str, desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    status = correct(desk, case, kind="praise", headers={"if-match": version}).status
    assert status == (200 if version == f'"{case.version}"' else 412)
    assert len(listed(desk)) == (status == 200)


def test_a_resolved_case_is_corrected_like_any_other(desk: Caller, opened: Opened) -> None:
    case = opened(P2)
    desk("POST", f"/cases/{case.id}/resolve")
    answer = correct(desk, case, kind="praise")
    assert (answer.status, answer.json["case"]["status"]) == (200, "resolved")


NOT_SAID = ["nobody", "reply", "image", "withdrawn", "elsewhere"]


@pytest.mark.parametrize("what", NOT_SAID)
def test_only_words_of_the_cases_customer_can_be_corrected(
    what: str, desk: Caller, opened: Opened, table: Table, policy: Policy
) -> None:
    case, other = opened(P2), opened(P3)
    now = datetime.now(UTC)
    author = Author.AGENT if what == "reply" else Author.CUSTOMER
    text = " " if what == "image" else "words"
    said = Message(CHANNEL, what, case.conversation, case.customer, author, Surface.DIRECT, text, now, now)
    if what in ("reply", "image"):
        assert record(table, policy, said, now)
    if what == "withdrawn":
        reported(table, policy, case, ReportKind.WITHDRAWN)
    name = {"elsewhere": message_of(other), "withdrawn": message_of(case)}.get(what, what)
    version = desk("GET", f"/cases/{case.id}").json["case"]["version"]
    answer = desk("POST", f"/cases/{case.id}/correct", {"message_id": name, "kind": "praise"})
    assert (answer.status, answer.code) == (409, "no_such_message")
    assert desk("GET", f"/cases/{case.id}").json["case"]["version"] == version
    assert listed(desk) == []


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"kind": None},
        {"kind": "angry"},
        {"risks": ["fire"]},
        {"risks": "legal"},
        {"language": "english"},
        {"language": "EN"},
        {"kind": "praise", "text": "other words"},
    ],
)
def test_a_correction_that_says_nothing_or_the_impossible_is_refused(
    labels: dict[str, Any], desk: Caller, opened: Opened
) -> None:
    answer = correct(desk, opened(P2), **labels)
    assert (answer.status, answer.code) == (400, "invalid_body")


def test_a_message_that_was_split_off_has_one_correction_in_either_case(desk: Caller, opened: Opened) -> None:
    case = opened(P3, conversation="a")
    opened(P2, conversation="a")
    new = desk("POST", f"/cases/{case.id}/split", {"messages": ["m2"]}).json["other"]
    for one, kind in ((case.id, "praise"), (new["id"], "question")):
        body = {"message_id": "m2", "kind": kind}
        assert desk("POST", f"/cases/{one}/correct", body).json["changed"] is True
    assert [(one["case"], one["labelled"]["kind"]) for one in listed(desk)] == [(new["id"], "question")]


# -- what became of the words


def test_words_that_were_withdrawn_are_in_no_list(
    desk: Caller, opened: Opened, table: Table, policy: Policy, stack: Deployed
) -> None:
    case, other = opened(P2), opened(P3)
    correct(desk, case, kind="praise")
    correct(desk, other, kind="praise")
    reported(table, policy, case, ReportKind.WITHDRAWN)
    assert [one["case"] for one in listed(desk)] == [other.id]
    assert P2 not in str(client("dynamodb").scan(TableName=stack.refs["Table"])["Items"])


def test_an_edited_message_is_another_and_can_be_corrected_anew(
    desk: Caller, opened: Opened, table: Table, policy: Policy
) -> None:
    case = opened(P2)
    correct(desk, case, kind="praise")
    reported(table, policy, case, ReportKind.EDITED, "Thank you all the same")
    assert listed(desk) == []
    assert correct(desk, case, kind="praise").json["changed"] is True
    assert [one["labelled"]["text"] for one in listed(desk)] == ["Thank you all the same"]


def test_a_correction_goes_when_its_message_goes(desk: Caller, opened: Opened, stack: Deployed, policy: Policy) -> None:
    case = opened(P2, minutes_ago=3)
    correct(desk, case, kind="praise")
    items = client("dynamodb").scan(TableName=stack.refs["Table"])["Items"]
    kept = {item["pk"]["S"].split("#")[0]: int(item["expires_at"]["N"]) for item in items if "expires_at" in item}
    (said,) = [int(item["expires_at"]["N"]) for item in items if item["sk"]["S"].startswith("M#")]
    assert kept["CORRECTIONS"] == said
    client("dynamodb").delete_item(
        TableName=stack.refs["Table"],
        Key=next({"pk": i["pk"], "sk": i["sk"]} for i in items if i["sk"]["S"].startswith("M#")),
    )
    assert listed(desk) == []


# -- listing


def test_a_correction_is_in_the_month_in_which_its_message_was_received(
    desk: Caller, table: Table, policy: Policy
) -> None:
    at = datetime.now(UTC) - timedelta(days=40)
    case = record(table, policy, Message(CHANNEL, "m1", "c1", "c", Author.CUSTOMER, Surface.DIRECT, P3, at, at), at)
    assert case is not None
    correct(desk, case, kind="praise")
    assert listed(desk) == []
    assert [one["case"] for one in listed(desk, f"?month={at:%Y-%m}")] == [case.id]
    assert listed(desk, "?month=2019-01") == []


def test_a_month_is_paged_to_its_end_without_a_gap_or_a_repetition(
    desk: Caller, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections_module, "PAGE", 2)
    expected = [opened(P3) for _ in range(5)]
    for case in expected:
        correct(desk, case, kind="praise")
    found, sizes, following = [], [], ""
    while True:
        answer = desk("GET", f"/corrections?month={MONTH}{following}").json
        found += [one["case"] for one in answer["corrections"]]
        sizes.append(len(answer["corrections"]))
        if "next" not in answer:
            break
        following = f"&next={answer['next']}"
    assert sorted(found) == sorted(case.id for case in expected)
    assert sizes == [2, 2, 1]


def test_a_reader_sees_only_corrections_of_its_teams(desk: Caller, opened: Opened) -> None:
    safety, care = opened(P1), opened(P3)
    for case in (safety, care):
        correct(desk, case, kind="praise")
    assert [one["case"] for one in listed(desk, by=token("safety"))] == [safety.id]
    assert [one["case"] for one in listed(desk, by=token(["care-global", "care-cn"]))] == [care.id]
    assert listed(desk, by=token("care-cn")) == listed(desk, by=token([])) == []
    assert len(listed(desk, by=token("*"))) == 2


def test_a_page_costs_one_query_and_one_batch(desk: Caller, opened: Opened, calls: list[str]) -> None:
    for _ in range(3):
        correct(desk, opened(P3), kind="praise")
    calls.clear()
    assert len(listed(desk)) == 3
    assert calls == ["Query", "BatchGetItem"]


def test_a_correction_costs_three_reads_and_one_write(desk: Caller, opened: Opened, calls: list[str]) -> None:
    case = opened(P2)
    calls.clear()
    correct(desk, case, kind="praise")
    assert calls == ["GetItem", "GetItem", "BatchGetItem", "TransactWriteItems"]


@pytest.mark.parametrize(
    "query", ["month=2026-13", "month=2026", "month=2026-1", "month=٢٠٢٦-٠١", "team=safety", "limit=1"]
)
def test_an_unknown_or_impossible_query_is_refused(query: str, desk: Caller) -> None:
    answer = desk("GET", f"/corrections?{query}")
    assert (answer.status, answer.code) == (400, "invalid_query")


def test_a_next_page_belongs_to_its_own_month(desk: Caller, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrections_module, "PAGE", 1)
    for _ in range(2):
        correct(desk, opened(P3), kind="praise")
    following = desk("GET", "/corrections").json["next"]
    assert desk("GET", f"/corrections?next={following}").status == 200
    for query in (f"month=2019-01&next={following}", "next=x"):
        answer = desk("GET", f"/corrections?{query}")
        assert (answer.status, answer.code) == (400, "invalid_next")


@pytest.mark.parametrize("broken", ["correction", "message"])
def test_what_cannot_be_read_stands_in_nobodys_way_and_is_not_quoted(
    broken: str, desk: Caller, opened: Opened, stack: Deployed, caplog: pytest.LogCaptureFixture
) -> None:
    case, other = opened(P2), opened(P3)
    for one in (case, other):
        correct(desk, one, kind="praise")
    dynamo = client("dynamodb")
    held = [item for item in dynamo.scan(TableName=stack.refs["Table"])["Items"] if broken in item]
    key = conversation_key(CHANNEL, case.conversation)
    (item,) = [one for one in held if key in (one["pk"]["S"], json.loads(one[broken]["S"]).get("conversation"))]
    dynamo.put_item(TableName=stack.refs["Table"], Item={**item, broken: {"S": f'{{"text": "{P2}"}}'}})
    assert [one["case"] for one in listed(desk)] == [other.id]
    assert "cannot be read" in caplog.text
    assert P2 not in caplog.text


def test_a_table_that_always_loses_the_race_is_unavailable_for_now(
    desk: Caller, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: Any) -> bool:
        raise Conflict

    monkeypatch.setattr(corrections_module.Corrections, "correct", lost)
    monkeypatch.setattr("heed.rim.recording.time.sleep", lambda _: None)
    assert correct(desk, opened(P2), kind="praise").status == 503
