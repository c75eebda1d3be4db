"""An escalation tells a team which case needs people, why, and by when."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.announcing import Outgoing, escalation
from heed.model import Case, Clock, ClockState, Metric
from tests.unit.announcing.told import (
    DUE,
    PERSONAL,
    POLICY,
    QUOTING,
    REASONS,
    URL,
    case,
    cases,
    clock,
    escalated,
    personal,
    relaxed,
)

RUNNING = clock(state=ClockState.RUNNING)


def body(sent: Outgoing) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(sent.body)
    return document


def test_an_escalation_describes_the_case_and_nothing_else() -> None:
    about = case(RUNNING)
    assert body(escalation(about, escalated(about, "risk:safety"), POLICY, URL)) == {
        "schema": "heed.escalation.v1",
        "key": "7K3Q-9MXA/4/escalation",
        "occurred_at": "2026-03-12T03:11:00.000Z",
        "case_id": "7K3Q-9MXA",
        "channel": "wechat/flagship-cn",
        "platform": "wechat",
        "brand": "qinghe",
        "team": "care-global",
        "priority": "P1",
        "status": "open",
        "kind": "complaint",
        "sentiment": "negative",
        "topic": "product_quality",
        "risks": ["safety", "media"],
        "language": "zh",
        "surface": "comment",
        "opened_at": "2026-03-12T03:00:00.000Z",
        "waiting_since": "2026-03-12T03:00:00.000Z",
        "waiting_messages": 3,
        "reasons": [{"code": "risk:safety", "text": "What the customer wrote points to a risk: safety."}],
        "next_deadline": {"metric": "first_response", "at": "2026-03-12T03:15:00.000Z", "target_seconds": 900},
        "link": URL,
        "excerpt": None,
    }


def test_the_attributes_name_schema_key_team_and_priority() -> None:
    about = case(RUNNING)
    sent = escalation(about, escalated(about, "priority:P1"), POLICY, URL)
    assert sent.key == "7K3Q-9MXA/4/escalation"
    assert sent.message_attributes == {
        "schema": {"DataType": "String", "StringValue": "heed.escalation.v1"},
        "key": {"DataType": "String", "StringValue": "7K3Q-9MXA/4/escalation"},
        "team": {"DataType": "String", "StringValue": "care-global"},
        "priority": {"DataType": "String", "StringValue": "P1"},
    }


LATER = clock(state=ClockState.RUNNING, metric=Metric.RESOLUTION, deadline_at=DUE + timedelta(hours=8))


@pytest.mark.parametrize(
    ("clocks", "metric"),
    [
        ((LATER, RUNNING), "first_response"),
        ((RUNNING, LATER), "first_response"),
        ((replace(RUNNING, state=ClockState.BREACHED), LATER), "resolution"),
        ((replace(RUNNING, deadline_at=None), LATER), "resolution"),
        ((replace(RUNNING, state=ClockState.PAUSED, deadline_at=None),), None),
        ((), None),
    ],
)
def test_the_next_deadline_is_the_first_that_runs(clocks: tuple[Clock, ...], metric: str | None) -> None:
    about = case(*clocks)
    deadline = body(escalation(about, escalated(about, "contacted_again"), POLICY, URL))["next_deadline"]
    assert (deadline and deadline["metric"]) == metric


def test_a_reply_window_is_no_deadline_while_nobody_waits() -> None:
    window = replace(RUNNING, metric=Metric.REPLY_WINDOW, deadline_at=DUE - timedelta(hours=1))
    about = case(window, LATER, waiting_since=None)
    assert (
        body(escalation(about, escalated(about, "priority:P1"), POLICY, URL))["next_deadline"]["metric"] == "resolution"
    )


def test_a_case_nobody_waits_in_has_no_waiting_since() -> None:
    about = case(RUNNING, waiting_since=None)
    assert body(escalation(about, escalated(about, "priority:P1"), POLICY, URL))["waiting_since"] is None


@pytest.mark.parametrize("team", ["care-cn", "care-global"])
@pytest.mark.parametrize("code", REASONS)
def test_every_reason_has_a_sentence_in_the_teams_language(code: str, team: str) -> None:
    about = case(RUNNING, team=team)
    [reason] = body(escalation(about, escalated(about, code), POLICY, URL))["reasons"]
    assert reason["code"] == code
    assert reason["text"] != code
    assert reason["text"].endswith("." if team == "care-global" else "。")
    assert "_" not in reason["text"]
    assert "{" not in reason["text"]


@pytest.mark.parametrize("team", ["care-cn", "care-global"])
@pytest.mark.parametrize("code", ["signal:bored", "gut_feeling", "risk"])
def test_a_reason_without_a_sentence_yet_tells_its_code(code: str, team: str) -> None:
    about = case(RUNNING, team=team)
    assert body(escalation(about, escalated(about, code), POLICY, URL))["reasons"] == [{"code": code, "text": code}]


@pytest.mark.parametrize(("policy", "quote"), [(POLICY, None), (QUOTING, "a b")])
def test_the_customers_words_go_along_only_where_the_policy_allows_it(policy: Any, quote: str | None) -> None:
    about = case(RUNNING)
    sent = escalation(about, escalated(about, "priority:P1"), policy, URL, "a\nb\u202e")
    assert body(sent)["excerpt"] == quote
    assert body(escalation(about, escalated(about, "priority:P1"), policy, URL))["excerpt"] is None


@relaxed
@given(about=cases(), reasons=st.lists(st.sampled_from(REASONS), min_size=1, unique=True), excerpt=personal)
def test_no_escalation_holds_customer_conversation_or_text(about: Case, reasons: list[str], excerpt: str) -> None:
    sent = escalation(about, escalated(about, *reasons), POLICY, URL, excerpt)
    assert sent.body.isascii()
    assert not set(PERSONAL) & set(json.dumps([body(sent), dict(sent.attributes)], ensure_ascii=False))


def test_announcing_starts_without_pydantic_boto3_or_powertools() -> None:
    heavy = "{'pydantic', 'boto3', 'botocore', 'aws_lambda_powertools', 'jsonschema'}"
    code = f"import sys; sys.path[:0] = {sys.path!r}; import heed.announcing; sys.exit(str({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert run.stderr.strip() == "set()"
