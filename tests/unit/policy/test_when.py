"""A condition holds when every list it names holds one of the message's values."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from heed.model import (
    Assessment,
    Author,
    Confidence,
    Kind,
    Message,
    Priority,
    Risk,
    RiskName,
    Sentiment,
    Signal,
    SignalName,
    Surface,
    Topic,
)
from heed.policy import Policy, When, load
from heed.policy.build import compile_policy

NOW = datetime(2026, 3, 11, 2, tzinfo=UTC)
MESSAGE = Message("wechat/flagship", "m1", "c1", "u1", Author.CUSTOMER, Surface.COMMENT, "text", NOW, NOW)
ASSESSMENT = Assessment(
    kind=Kind.COMPLAINT,
    sentiment=Sentiment.NEGATIVE,
    topic=Topic.DELIVERY,
    language="zh",
    risks=(Risk(RiskName.MEDIA, ("记者",)), Risk(RiskName.LEGAL, ("律师",))),
    signals=(Signal(SignalName.ANGRY, ("!",)),),
    confidence=Confidence(1, 1, 1, 1),
    uncertain=False,
    reasons=(),
    model="test",
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(compile_policy(Path(__file__).with_name("example.yaml").read_text(encoding="utf-8")))


def of(*values: object) -> frozenset:  # type: ignore[type-arg]
    return frozenset(values)


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [
        ("kinds", of(Kind.COMPLAINT, Kind.PRAISE), of(Kind.PRAISE)),
        ("sentiments", of(Sentiment.NEGATIVE), of(Sentiment.POSITIVE, Sentiment.NEUTRAL)),
        ("topics", of(Topic.DELIVERY), of(Topic.PRICE)),
        ("risks", of(RiskName.LEGAL, RiskName.SAFETY), of(RiskName.SAFETY)),
        ("signals", of(SignalName.ANGRY), of(SignalName.URGENT)),
        ("surfaces", of(Surface.COMMENT), of(Surface.DIRECT)),
        ("platforms", of("wechat"), of("webhook")),
        ("channels", of("wechat/flagship"), of("wechat/other")),
        ("languages", of("zh"), of("en", "und")),
        ("uncertain", False, True),
    ],
)
def test_a_condition_holds_for_what_it_names_and_nothing_else(field: str, right: object, wrong: object) -> None:
    assert When(**{field: right}).holds(MESSAGE, ASSESSMENT)  # type: ignore[arg-type]
    assert not When(**{field: wrong}).holds(MESSAGE, ASSESSMENT)  # type: ignore[arg-type]


def test_an_empty_condition_always_holds() -> None:
    assert When().holds(MESSAGE, ASSESSMENT)


def test_all_named_parts_must_hold_together() -> None:
    assert When(kinds=of(Kind.COMPLAINT), languages=of("zh")).holds(MESSAGE, ASSESSMENT)
    assert not When(kinds=of(Kind.COMPLAINT), languages=of("en")).holds(MESSAGE, ASSESSMENT)


def test_a_message_without_risks_meets_no_condition_on_risks() -> None:
    calm = replace(ASSESSMENT, risks=(), signals=())
    assert not When(risks=of(*RiskName)).holds(MESSAGE, calm)
    assert not When(signals=of(*SignalName)).holds(MESSAGE, calm)


def test_the_first_rule_that_holds_gives_the_priority(policy: Policy) -> None:
    assert policy.priority(MESSAGE, ASSESSMENT) is Priority.P1
    assert policy.priority(MESSAGE, replace(ASSESSMENT, risks=(), uncertain=True, language="no")) is Priority.P2
    assert policy.priority(MESSAGE, replace(ASSESSMENT, risks=())) is Priority.P3


def test_what_no_rule_names_is_p4(policy: Policy) -> None:
    assert replace(policy, priorities=policy.priorities[:2]).priority(MESSAGE, replace(ASSESSMENT, risks=())) is (
        Priority.P4
    )


def test_routing_goes_before_the_channels_own_team(policy: Policy) -> None:
    form = replace(MESSAGE, channel="webhook/form")
    safety = replace(ASSESSMENT, risks=(Risk(RiskName.SAFETY, ("起火",)),))
    assert policy.team(form, safety) == "safety"
    assert policy.team(MESSAGE, safety) == "care"
