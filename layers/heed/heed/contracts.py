"""What Heed sends out, as strict models for tests, receivers and tools. No function imports it: pydantic costs time.

The models say exactly what this release sends. A new optional field, or a new value in a list of codes, keeps the
version; anything else (a field removed, renamed, retyped, made required, or meaning something new) is a new contract,
`.v2`, sent beside `.v1` for a release. So a receiver ignores fields and codes it does not know, and drops a message
whose `key` it has already handled: every message may come more than once.

`python -m heed.contracts` writes the JSON Schemas into `heed/schemas`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema

from heed.announcing.facts import NextAction, Severity
from heed.model import ClockState, Hold, Kind, Metric, Priority, RiskName, Sentiment, Status, Surface, Topic

SCHEMAS = Path(__file__).parent / "schemas"

Instant = Annotated[
    AwareDatetime,
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
            "description": "RFC 3339 in UTC, to the millisecond.",
        }
    ),
]
Text = Annotated[str, Field(min_length=1)]
Key = Annotated[
    str, Field(min_length=1, description="The same in every repetition of this message: drop repeats by it.")
]
Language = Annotated[str, Field(min_length=1, description="The customer's language: ISO 639-1, or `und`.")]
Link = Annotated[str, Field(min_length=1, description="The case in the desk.")]
Recipient = Annotated[
    str | None, Field(min_length=1, description="Who is on call, where the chain's level names a roster.")
]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]
Seconds = Positive

_ESCALATION: dict[str, Any] = {
    "schema": "heed.escalation.v1",
    "key": "7K3Q-9MXA/1/escalation",
    "occurred_at": "2026-03-12T03:00:00.000Z",
    "case_id": "7K3Q-9MXA",
    "channel": "wechat/flagship-cn",
    "platform": "wechat",
    "brand": "qinghe",
    "team": "safety",
    "priority": "P1",
    "status": "open",
    "kind": "complaint",
    "sentiment": "negative",
    "topic": "product_quality",
    "risks": ["safety"],
    "language": "zh",
    "surface": "direct",
    "reasons": [{"code": "risk:safety", "text": "客户的话涉及风险：人身安全。"}],
    "opened_at": "2026-03-12T03:00:00.000Z",
    "waiting_since": "2026-03-12T02:59:58.000Z",
    "waiting_messages": 1,
    "next_deadline": {"metric": "first_response", "at": "2026-03-12T03:14:58.000Z", "target_seconds": 900},
    "link": "https://care.example.com/cases/7K3Q-9MXA",
    "excerpt": None,
}
_BREACH: dict[str, Any] = {
    "schema": "heed.notice.v1",
    "key": "7K3Q-9MXA/1.first_response.1/v1/breach",
    "kind": "breach",
    "severity": "critical",
    "platform": "wechat",
    "brand": "qinghe",
    "team": "safety",
    "priority": "P1",
    "metric": "first_response",
    "level": 1,
    "recipient": "lin",
    "occurred_at": "2026-03-12T03:14:59.300Z",
    "case_id": "7K3Q-9MXA",
    "channel": "wechat/flagship-cn",
    "surface": "direct",
    "language": "zh",
    "risks": ["safety"],
    "clock": "1.first_response.1",
    "state": "breached",
    "target_seconds": 900,
    "deadline_at": "2026-03-12T03:14:58.000Z",
    "detected_at": "2026-03-12T03:14:58.700Z",
    "stopped_at": None,
    "overdue_seconds": 1.3,
    "acknowledged_by": None,
    "waiting_messages": 1,
    "next_action": "reply",
    "link": "https://care.example.com/cases/7K3Q-9MXA",
    "corrects": None,
}
_CORRECTION = _BREACH | {
    "key": "7K3Q-9MXA/1.first_response.1/v1/correction",
    "kind": "correction",
    "severity": "info",
    "level": None,
    "recipient": None,
    "occurred_at": "2026-03-12T03:16:10.000Z",
    "state": "retracted",
    "stopped_at": "2026-03-12T03:14:48.000Z",
    "overdue_seconds": 0.0,
    "waiting_messages": 0,
    "next_action": "none",
    "corrects": "7K3Q-9MXA/1.first_response.1/v1/breach",
}


_DIGEST: dict[str, Any] = {
    "schema": "heed.digest.v1",
    "key": "incident/qinghe/safety/oncall/breach/critical/1@2026-03-12T03:14:59.300Z",
    "kind": "digest",
    "why": "incident",
    "severity": "critical",
    "brand": "qinghe",
    "team": "safety",
    "recipient": "lin",
    "occurred_at": "2026-03-12T03:25:00.100Z",
    "since": "2026-03-12T03:14:59.300Z",
    "until": "2026-03-12T03:24:59.300Z",
    "breaches": 2,
    "warnings": 0,
    "more": 0,
    "waiting_cases": 2,
    "platforms": [{"name": "facebook", "count": 1}, {"name": "wechat", "count": 1}],
    "topics": [{"name": "product_quality", "count": 2}],
    "worst": [
        {
            "key": "9QF2-M7TD/1.first_response.1/v1/breach",
            "kind": "breach",
            "case_id": "9QF2-M7TD",
            "channel": "facebook/qinghe",
            "priority": "P1",
            "metric": "first_response",
            "topic": "product_quality",
            "risks": ["safety"],
            "level": 1,
            "deadline_at": "2026-03-12T03:15:04.000Z",
            "overdue_seconds": 596.1,
            "acknowledged_by": None,
            "next_action": "reply",
            "link": "https://care.example.com/cases/9QF2-M7TD",
        }
    ],
    "tells": ["9QF2-M7TD/1.first_response.1/v1/breach", "C4XW-0HJ8/1.first_response.1/v1/breach"],
}


class _Contract(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Reason(_Contract):
    """Why the case needs people: a code for machines, a sentence in the team's language for people."""

    code: Annotated[
        str,
        Field(
            pattern=r"^[a-z_]+(:[A-Za-z0-9_]+)?$",
            description="`priority:P1`, `risk:<risk>`, `signal:<signal>`, `contacted_again`, `uncertain_negative`.",
        ),
    ]
    text: Text


class NextDeadline(_Contract):
    """The promise that falls due first. `target_seconds` count in the open hours of its calendar."""

    metric: Metric
    at: Instant
    target_seconds: Seconds


class Escalation(_Contract):
    """A case handed to people, on SQS. Attributes: schema, key, team, priority."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ESCALATION]})

    schema_: Annotated[Literal["heed.escalation.v1"], Field(alias="schema")]
    key: Key
    occurred_at: Annotated[Instant, Field(description="When the case became as it is described here.")]
    case_id: Text
    channel: Text
    platform: Text
    brand: Text
    team: Text
    priority: Priority
    status: Status
    kind: Kind
    sentiment: Sentiment
    topic: Topic
    risks: list[RiskName]
    language: Language
    surface: Surface
    reasons: Annotated[list[Reason], Field(min_length=1)]
    opened_at: Instant
    waiting_since: Annotated[Instant | None, Field(description="The oldest message without an answer.")]
    waiting_messages: Count
    next_deadline: NextDeadline | None
    link: Link
    excerpt: Annotated[
        str | None,
        Field(min_length=1, description="The customer's words on one line, only where the policy allows it."),
    ]


class Notice(_Contract):
    """A breach, a warning or a correction, on SNS. Attributes: schema, kind, severity, platform, brand, team, priority
    and metric; the level of a breach; the recipient, where there is one.

    A level of the policy's escalation may give its own team and severity. Otherwise severity, from priority and kind: a
    breach of P1 is critical, of P2 high, else normal; a warning of P1 is high, of P2 and P3 normal, of P4 info; what
    asks for nothing (a correction, a promise kept late, a closed case) is info.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_BREACH, _CORRECTION]})

    schema_: Annotated[Literal["heed.notice.v1"], Field(alias="schema")]
    key: Key
    kind: Literal["breach", "warning", "correction"]
    severity: Severity
    platform: Text
    brand: Text
    team: Text
    priority: Priority
    metric: Metric
    level: Annotated[
        int | None,
        Field(
            ge=1, description="The step of the escalation chain: a breach is 1, told again while the customer waits."
        ),
    ] = None
    recipient: Recipient = None
    occurred_at: Annotated[Instant, Field(description="When this notice was written, from the case as it then was.")]
    case_id: Text
    channel: Text
    surface: Surface
    language: Language
    risks: list[RiskName]
    clock: Annotated[str, Field(min_length=1, description="The promise within the case: episode.metric.period.")]
    state: Literal[ClockState.RUNNING, ClockState.BREACHED, ClockState.BREACHED_MET, ClockState.RETRACTED]
    target_seconds: Annotated[int, Field(gt=0, description="In the open hours of the promise's calendar.")]
    deadline_at: Instant
    detected_at: Annotated[Instant | None, Field(description="When Heed saw the breach.")]
    stopped_at: Annotated[Instant | None, Field(description="When what was promised happened.")]
    overdue_seconds: Annotated[
        float,
        Field(ge=0, description="Elapsed time past the deadline, in any hours; 0 where nothing was late."),
    ]
    acknowledged_by: Annotated[str | None, Field(min_length=1, description="Who has taken the case.")]
    waiting_messages: Count
    next_action: NextAction
    link: Link
    corrects: Annotated[
        str | None, Field(min_length=1, description="The key of the breach notice this one takes back.")
    ]


class PlatformCount(_Contract):
    """How many of these promises are on a platform."""

    name: Text
    count: Positive


class TopicCount(_Contract):
    """How many of these promises are about a topic."""

    name: Topic
    count: Positive


class Line(_Contract):
    """One of the worst promises of a digest; fields as in a notice of its own."""

    key: Annotated[str, Field(min_length=1, description="The key that a notice of its own would have.")]
    kind: Literal["breach", "warning"]
    case_id: Text
    channel: Text
    priority: Priority
    metric: Metric
    topic: Topic
    risks: list[RiskName]
    level: Annotated[int, Field(ge=1)]
    deadline_at: Instant
    overdue_seconds: Annotated[float, Field(ge=0)]
    acknowledged_by: Annotated[str | None, Field(min_length=1)]
    next_action: NextAction
    link: Link


class Digest(_Contract):
    """Many notices in one, on SNS. Attributes: schema, kind, severity (the gravest), brand, team, the recipient, where
    there is one; platform, priority and metric, each a String.Array where several are told.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_DIGEST]})

    schema_: Annotated[Literal["heed.digest.v1"], Field(alias="schema")]
    key: Key
    kind: Literal["digest"]
    why: Annotated[
        Hold,
        Field(description="`incident`: its first notice went out at once. `hours`: nobody worked. `rate`: too many."),
    ]
    severity: Severity
    brand: Text
    team: Text
    recipient: Recipient
    occurred_at: Annotated[
        Instant, Field(description="When this digest was written, from the cases as they then were.")
    ]
    since: Annotated[Instant, Field(description="When the first of these notices was withheld, or its incident began.")]
    until: Annotated[Instant, Field(description="Until when they were gathered.")]
    breaches: Annotated[int, Field(ge=0, description="Promises that are broken; one told at two levels counts once.")]
    warnings: Annotated[int, Field(ge=0, description="Promises that are about to be broken.")]
    more: Annotated[
        int, Field(ge=0, description="Notices beyond the thousand kept, not looked at again; a repeat may count twice.")
    ]
    waiting_cases: Annotated[int, Field(ge=0, description="How many of their cases have a customer waiting.")]
    platforms: Annotated[list[PlatformCount], Field(min_length=1, description="The most frequent first.")]
    topics: Annotated[list[TopicCount], Field(min_length=1, description="The most frequent first.")]
    worst: Annotated[list[Line], Field(min_length=1, description="The gravest and longest overdue first.")]
    tells: Annotated[
        list[Text], Field(min_length=1, description="The key of each notice that this stands for, the worst first.")
    ]


CONTRACTS: dict[str, type[BaseModel]] = {
    "heed.escalation.v1": Escalation,
    "heed.notice.v1": Notice,
    "heed.digest.v1": Digest,
}


def schema(name: str) -> str:
    """The JSON Schema of a contract, as its file in `heed/schemas` holds it."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:" + name.replace(".", ":"),
        **CONTRACTS[name].model_json_schema(by_alias=True),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    for name in CONTRACTS:
        (SCHEMAS / f"{name}.json").write_text(schema(name), encoding="utf-8")


if __name__ == "__main__":
    main()
