"""Cases worth telling of, built by hand so that these tests depend on no transition, and generated ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from heed.model import (
    Case,
    Clock,
    ClockState,
    Effect,
    EffectKind,
    Kind,
    Metric,
    Priority,
    RiskName,
    Sentiment,
    Status,
    Surface,
    Topic,
)
from heed.policy import People, Policy, Team

DUE = datetime(2026, 3, 12, 3, 15, tzinfo=UTC)
NOW = DUE + timedelta(minutes=2, seconds=5)
URL = "https://care.example.com/cases/7K3Q-9MXA"

POLICY = Policy(
    version="test",
    brands={"qinghe": "青禾 Qinghe"},
    teams={"care-cn": Team("care-cn", "zh"), "care-global": Team("care-global", "en"), "fr": Team("fr", "fr")},
    channels={},
    hours={
        "always": {"zone": "UTC", "week": {}, "days": {}},
        "office-cn": {"zone": "Asia/Shanghai", "week": {}, "days": {}},
        "office-ny": {"zone": "America/New_York", "week": {}, "days": {}},
    },
    priorities=(),
    routing=(),
    targets={},
    people=People(frozenset(), frozenset(), frozenset(), None, False),
    reopen_window_seconds=0,
    retention_days=1,
    quarantine_days=1,
    excerpt_characters=0,
)
QUOTING = replace(POLICY, excerpt_characters=80)


def clock(**changes: Any) -> Clock:
    base = Clock(
        episode=1,
        metric=Metric.FIRST_RESPONSE,
        period=1,
        state=ClockState.BREACHED,
        calendar="always",
        target_seconds=900,
        started_at=DUE - timedelta(minutes=15),
        resumed_at=DUE - timedelta(minutes=15),
        deadline_at=DUE,
        detected_at=DUE + timedelta(milliseconds=700),
    )
    return replace(base, **changes)


def case(*clocks: Clock, **changes: Any) -> Case:
    base = Case(
        key="5f3c09b1aa7d4b0e9c21d7c4f1e0a862",
        id="7K3Q-9MXA",
        channel="wechat/flagship-cn",
        brand="qinghe",
        conversation="oCONVERSATION-of-a-person",
        customer="oCUSTOMER-8613800138000",
        surface=Surface.COMMENT,
        language="zh",
        version=4,
        episode=1,
        status=Status.OPEN,
        priority=Priority.P1,
        team="care-global",
        kind=Kind.COMPLAINT,
        sentiment=Sentiment.NEGATIVE,
        topic=Topic.PRODUCT_QUALITY,
        risks=(RiskName.SAFETY, RiskName.MEDIA),
        opened_at=DUE - timedelta(minutes=15),
        updated_at=DUE - timedelta(minutes=4),
        policy="test",
        waiting_since=DUE - timedelta(minutes=15),
        waiting_until=DUE - timedelta(minutes=4),
        waiting_messages=3,
        clocks=clocks,
    )
    return replace(base, **changes)


def effect(of: Case, kind: EffectKind, about: Clock | None = None, **changes: Any) -> Effect:
    about = about or of.clocks[0]
    key = f"{of.id}/{about.id}/v{about.deadline_version}/{kind}"
    return replace(Effect(key=key, kind=kind, version=4, retry_at=NOW, clock=about.id), **changes)


def escalated(of: Case, *reasons: str) -> Effect:
    key = f"{of.id}/4/escalation"
    return Effect(key=key, kind=EffectKind.ESCALATION, version=4, retry_at=NOW, reasons=reasons)


# -- generated ------------------------------------------------------------------------------------------------------

# How long an example takes on a busy machine is not what these tests are about.
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Letters of alphabets that Heed's own words, ids and times never use: where one shows, something personal leaked.
PERSONAL = "ЖШЩЪЫЮЯΨΩΞ"
personal = st.text(PERSONAL, min_size=1, max_size=30)
slugs = st.from_regex(r"[a-z][a-z0-9-]{0,40}", fullmatch=True)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))
spans = st.integers(0, 400 * 86_400_000).map(lambda ms: timedelta(milliseconds=ms))
maybe = st.none() | instants

REASONS = (
    *(f"priority:{priority}" for priority in Priority),
    *(f"risk:{risk}" for risk in RiskName),
    "signal:angry",
    "signal:wants_human",
    "signal:urgent",
    "contacted_again",
    "uncertain_negative",
)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    return clock(
        episode=draw(st.integers(1, 99)),
        metric=draw(st.sampled_from(Metric)),
        period=draw(st.integers(1, 999)),
        state=draw(st.sampled_from(ClockState)),
        calendar=draw(st.sampled_from(["always", "office-cn", "office-ny", "dropped"])),
        target_seconds=draw(st.integers(1, 10_000_000)),
        deadline_at=draw(maybe),
        deadline_version=draw(st.integers(1, 9)),
        detected_at=draw(maybe),
        stopped_at=draw(maybe),
        reason=draw(st.sampled_from(["", "accelerated"])),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    running = draw(st.lists(clocks(), min_size=1, max_size=3, unique_by=lambda clock: clock.id))
    digits = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=4, max_size=4)
    return case(
        *running,
        key=draw(personal),
        id=f"{draw(digits)}-{draw(digits)}",
        channel=f"{draw(slugs)}/{draw(slugs)}",
        brand=draw(slugs),
        conversation=draw(personal),
        customer=draw(personal),
        surface=draw(st.sampled_from(Surface)),
        language=draw(st.sampled_from(["zh", "en", "und"])),
        status=draw(st.sampled_from(Status)),
        priority=draw(st.sampled_from(Priority)),
        team=draw(st.sampled_from(["care-cn", "care-global", "fr", "dropped"])),
        kind=draw(st.sampled_from(Kind)),
        sentiment=draw(st.sampled_from(Sentiment)),
        topic=draw(st.sampled_from(Topic)),
        risks=tuple(draw(st.lists(st.sampled_from(RiskName), unique=True))),
        opened_at=draw(instants),
        updated_at=draw(instants),
        waiting_since=draw(maybe),
        waiting_messages=draw(st.integers(0, 999)),
        acknowledged_by=draw(
            st.sampled_from(["", "li.wei", "arn:aws-cn:sts::123456789012:assumed-role/Care/" + "w" * 40])
        ),
        resolved_at=draw(maybe),
    )


@st.composite
def notable(draw: st.DrawFn) -> tuple[Case, Effect, datetime]:
    """A case with a notice to send about its first clock, and the time of sending. Not moot."""
    found = draw(cases())
    kind = draw(st.sampled_from([EffectKind.BREACH, EffectKind.WARNING, EffectKind.CORRECTION]))
    due, span = draw(instants), draw(spans)
    if kind is EffectKind.BREACH:
        state, now = draw(st.sampled_from([ClockState.BREACHED, ClockState.BREACHED_MET])), due + span
    elif kind is EffectKind.WARNING:
        state, now = ClockState.RUNNING, due - span - timedelta(milliseconds=1)
    else:
        state, now = ClockState.RETRACTED, due + span
    first = replace(found.clocks[0], state=state, deadline_at=due)
    found = replace(found, clocks=(first, *found.clocks[1:]), waiting_since=found.waiting_since or due)
    return found, effect(found, kind), now
