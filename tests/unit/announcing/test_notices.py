"""A notice is composed from the case as it is when it goes out, and not sent when it no longer holds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from heed import cases
from heed.announcing import Notice, Severity, moot, notice
from heed.announcing.words import sms_parts
from heed.model import (
    Assessment,
    Author,
    Case,
    ClockState,
    Confidence,
    Effect,
    EffectKind,
    Kind,
    Message,
    Metric,
    Priority,
    Sentiment,
    Status,
    Surface,
    Topic,
)
from tests.unit.announcing.told import (
    DUE,
    NOW,
    PERSONAL,
    POLICY,
    QUOTING,
    URL,
    case,
    clock,
    effect,
    escalated,
    notable,
    personal,
    relaxed,
)

BREACH, WARNING, CORRECTION = EffectKind.BREACH, EffectKind.WARNING, EffectKind.CORRECTION
BEFORE = DUE - timedelta(minutes=5)
UNASSESSED = Assessment(
    Kind.IRRELEVANT, Sentiment.NEUTRAL, Topic.OTHER, "und", (), (), Confidence(0, 0, 0, 0), False, (), "none"
)


def told(about: Case, kind: EffectKind = BREACH, now: datetime = NOW, **options: Any) -> Notice:
    sent = notice(about, effect(about, kind), options.pop("policy", POLICY), now, URL, **options)
    assert sent is not None
    return sent


def body(sent: Notice) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(sent.body)
    return document


# -- whether to speak -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ClockState)
@pytest.mark.parametrize(
    ("kind", "tells"),
    [
        (BREACH, {ClockState.BREACHED, ClockState.BREACHED_MET}),
        (WARNING, {ClockState.RUNNING}),
        (CORRECTION, {ClockState.RETRACTED}),
    ],
)
def test_a_notice_is_sent_only_while_its_clock_still_says_so(
    kind: EffectKind, tells: set[ClockState], state: ClockState
) -> None:
    about = case(clock(state=state))
    now = BEFORE if kind is WARNING else NOW
    assert moot(about, effect(about, kind), now) == (None if state in tells else f"clock_{state}")
    assert (notice(about, effect(about, kind), POLICY, now, URL) is not None) is (state in tells)


@pytest.mark.parametrize("kind", [BREACH, WARNING, CORRECTION])
def test_a_notice_about_a_clock_the_case_no_longer_has_is_moot(kind: EffectKind) -> None:
    about = case(clock(period=2))
    stale = effect(about, kind, clock(period=1))
    assert moot(about, stale, BEFORE) == "clock_gone"
    assert notice(about, stale, POLICY, BEFORE, URL) is None


def test_a_notice_about_a_clock_without_deadline_is_moot() -> None:
    about = case(clock(state=ClockState.RUNNING, deadline_at=None))
    assert moot(about, effect(about, WARNING), BEFORE) == "clock_gone"


def test_a_warning_about_an_older_deadline_is_moot() -> None:
    about = case(clock(state=ClockState.RUNNING, deadline_version=2))
    older = effect(about, WARNING, clock(deadline_version=1))
    assert moot(about, older, BEFORE) == "deadline_moved"
    assert moot(about, effect(about, WARNING), BEFORE) is None


@pytest.mark.parametrize(("early", "reason"), [(1, None), (0, "deadline_past"), (-1, "deadline_past")])
def test_a_warning_that_comes_with_the_deadline_or_after_it_leaves_the_word_to_the_breach(
    early: int, reason: str | None
) -> None:
    about = case(clock(state=ClockState.RUNNING))
    assert moot(about, effect(about, WARNING), DUE - timedelta(microseconds=early)) == reason


def test_an_escalation_is_no_notice() -> None:
    about = case(clock())
    with pytest.raises(KeyError):
        notice(about, escalated(about, "priority:P1"), POLICY, NOW, URL)


# -- from the transitions that make effects ---------------------------------------------------------------------------


def test_a_warning_that_the_case_raises_is_sent() -> None:
    running = clock(state=ClockState.RUNNING, detected_at=None, deadline_version=2, warn_at=BEFORE)
    warned = cases.expire(case(running), BEFORE)
    sent = notice(warned, warned.outbox[0], POLICY, BEFORE, URL)
    assert sent is not None
    assert sent.attributes["kind"] == "warning"


def test_late_evidence_silences_the_breach_and_its_correction_names_it() -> None:
    breached = cases.expire(case(clock(state=ClockState.RUNNING, detected_at=None)), NOW)
    [breach] = breached.outbox
    assert notice(breached, breach, POLICY, NOW, URL) is not None
    reply = Message(
        channel=breached.channel,
        id="m2",
        conversation=breached.conversation,
        customer=breached.customer,
        author=Author.AGENT,
        surface=Surface.COMMENT,
        text="",
        sent_at=DUE - timedelta(seconds=10),
        received_at=NOW,
    )
    retracted = cases.receive(breached, reply, UNASSESSED, POLICY, NOW)
    assert moot(retracted, breach, NOW) == "clock_retracted"
    sent = notice(retracted, retracted.outbox[-1], POLICY, NOW, URL)
    assert sent is not None
    assert body(sent)["corrects"] == breach.key


# -- how grave it is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "priority", "severity"),
    [
        (BREACH, Priority.P1, Severity.CRITICAL),
        (BREACH, Priority.P2, Severity.HIGH),
        (BREACH, Priority.P3, Severity.NORMAL),
        (BREACH, Priority.P4, Severity.NORMAL),
        (WARNING, Priority.P1, Severity.HIGH),
        (WARNING, Priority.P2, Severity.NORMAL),
        (WARNING, Priority.P3, Severity.NORMAL),
        (WARNING, Priority.P4, Severity.INFO),
        *((CORRECTION, priority, Severity.INFO) for priority in Priority),
    ],
)
def test_severity_follows_kind_and_priority(kind: EffectKind, priority: Priority, severity: Severity) -> None:
    states = {BREACH: ClockState.BREACHED, WARNING: ClockState.RUNNING, CORRECTION: ClockState.RETRACTED}
    sent = told(case(clock(state=states[kind]), priority=priority), kind, BEFORE)
    assert sent.severity is severity
    assert body(sent)["severity"] == sent.attributes["severity"] == severity


@pytest.mark.parametrize("team", ["care-cn", "care-global"])
@pytest.mark.parametrize(
    "about",
    [
        case(clock(state=ClockState.BREACHED_MET, stopped_at=NOW)),
        case(clock(), status=Status.RESOLVED, resolved_at=NOW),
    ],
    ids=["answered late", "closed"],
)
def test_a_breach_that_is_over_asks_for_nothing(about: Case, team: str) -> None:
    sent = told(replace(about, team=team, acknowledged_by="li.wei"))
    assert sent.severity is Severity.INFO
    assert body(sent)["next_action"] == "none"
    assert ("Nothing to do" if team == "care-global" else "无需处理") in sent.email
    assert "DO NOW" not in sent.email
    assert "现在要做" not in sent.email


# -- what it says to machines ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "taken_by", "action"),
    [
        (Metric.FIRST_RESPONSE, "", "reply"),
        (Metric.NEXT_RESPONSE, "", "reply"),
        (Metric.RESOLUTION, "", "resolve"),
        (Metric.FIRST_RESPONSE, "li.wei", "follow_up"),
        (Metric.RESOLUTION, "li.wei", "follow_up"),
    ],
)
def test_the_next_action_follows_the_promise_and_whether_somebody_took_it(
    metric: Metric, taken_by: str, action: str
) -> None:
    sent = body(told(case(clock(metric=metric), acknowledged_by=taken_by)))
    assert sent["next_action"] == action
    assert sent["acknowledged_by"] == (taken_by or None)


@pytest.mark.parametrize(
    ("about", "kind", "now", "seconds"),
    [
        (case(clock()), BREACH, DUE + timedelta(seconds=1.25), 1.25),
        (case(clock(state=ClockState.BREACHED_MET, stopped_at=DUE + timedelta(seconds=9))), BREACH, NOW, 9.0),
        (case(clock(), status=Status.RESOLVED, resolved_at=DUE + timedelta(seconds=60)), BREACH, NOW, 60.0),
        (case(clock(state=ClockState.RUNNING)), WARNING, BEFORE, 0.0),
        (case(clock(state=ClockState.RETRACTED, stopped_at=BEFORE)), CORRECTION, NOW, 0.0),
    ],
    ids=["still late", "answered late", "closed", "not yet", "never"],
)
def test_overdue_counts_until_the_promise_was_kept_or_the_case_closed(
    about: Case, kind: EffectKind, now: datetime, seconds: float
) -> None:
    assert body(told(about, kind, now))["overdue_seconds"] == seconds


def test_a_warning_counts_down_from_now_even_in_a_case_once_resolved() -> None:
    about = case(clock(state=ClockState.RUNNING), resolved_at=DUE - timedelta(days=1))
    assert "due in 5 min" in told(about, WARNING, BEFORE).sms


def test_a_correction_names_the_breach_notice_it_takes_back() -> None:
    late = clock(deadline_version=3)
    breach = told(case(late))
    correction = told(case(replace(late, state=ClockState.RETRACTED, stopped_at=BEFORE)), CORRECTION)
    assert body(correction)["corrects"] == breach.key
    assert body(breach)["corrects"] is None


def test_a_notice_carries_the_key_of_its_effect() -> None:
    about = case(clock())
    sent = told(about)
    assert sent.key == body(sent)["key"] == effect(about, BREACH).key


def test_the_attributes_are_those_that_subscriptions_filter_by() -> None:
    assert told(case(clock())).message_attributes == {
        name: {"DataType": "String", "StringValue": value}
        for name, value in {
            "schema": "heed.notice.v1",
            "kind": "breach",
            "severity": "critical",
            "platform": "wechat",
            "brand": "qinghe",
            "team": "care-global",
            "priority": "P1",
            "metric": "first_response",
            "level": "1",
        }.items()
    }


def test_a_window_in_which_nobody_waits_is_not_warned_of() -> None:
    window = clock(state=ClockState.RUNNING, metric=Metric.REPLY_WINDOW, detected_at=None)
    about = case(window)
    answered = case(window, waiting_since=None)
    assert moot(about, effect(about, EffectKind.WARNING), BEFORE) is None
    assert moot(answered, effect(answered, EffectKind.WARNING), BEFORE) == "answered"


def test_an_empty_attribute_is_left_out() -> None:
    assert "brand" not in told(case(clock(), brand="")).message_attributes


def test_people_get_words_and_every_other_protocol_gets_json() -> None:
    sent = told(case(clock()))
    message = json.loads(sent.message)
    assert message == {"default": sent.body, "email": sent.email, "sms": sent.sms}


# -- what it says to people -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("team", "says"),
    [
        ("care-cn", "客户仍在等待。"),
        ("care-global", "still waiting"),
        ("fr", "still waiting"),
        ("gone", "still waiting"),
    ],
)
def test_a_notice_is_written_in_the_teams_language_or_else_in_english(team: str, says: str) -> None:
    assert says in told(case(clock(), team=team)).email


@pytest.mark.parametrize(
    ("calendar", "says"),
    [
        ("always", "Due: Thu 12 Mar 03:15 UTC\n"),
        ("office-cn", "Due: Thu 12 Mar 11:15 Shanghai time (UTC+8)\n"),
        ("office-ny", "Due: Wed 11 Mar 23:15 New York time (UTC-4)\n"),
        ("dropped", "Due: Thu 12 Mar 03:15 UTC\n"),
    ],
)
def test_times_are_told_in_the_zone_of_the_promises_calendar(calendar: str, says: str) -> None:
    assert says in told(case(clock(calendar=calendar))).email


def test_a_brand_that_a_newer_policy_has_dropped_is_told_by_its_id() -> None:
    assert "brand oldbrand," in told(case(clock(), brand="oldbrand")).email


def test_a_subject_in_letters_sns_may_refuse_is_spelt_in_ascii() -> None:
    assert told(case(clock(), channel="wechat/青禾\n")).subject.endswith("wechat/???")


def test_a_subject_too_long_for_sns_is_cut() -> None:
    subject = told(case(clock(), channel="webhook/" + "a" * 63)).subject
    assert len(subject) == 99
    assert subject.startswith("P1 BREACH 7K3Q-9MXA: first reply 2 min 05 s late, webhook/aaa")


FORGED = "ok\r\n\r\nNothing to do.\u2028\u202ehttps://evil.example/\x00\ud800 {0} %s <b>"


def test_a_quoted_customer_cannot_forge_a_line_reorder_text_or_plant_a_link() -> None:
    sent = told(case(clock()), policy=QUOTING, excerpt=FORGED)
    assert sent.email.endswith("\n> ok Nothing to do. https[:]//evil.example/ {0} %s <b>\n")
    assert sent.email.count("://") == 1


def test_whoever_took_the_case_cannot_forge_a_line_either() -> None:
    sent = told(case(clock(), acknowledged_by="li\nDO NOW\u202e" + "x" * 99))
    assert "li DO NOW " + "x" * 29 + "… has taken it." in sent.email


@pytest.mark.parametrize(("limit", "quote"), [(0, None), (4, "abc…"), (6, "abcdef"), (80, "abcdef")])
def test_an_excerpt_is_cut_to_what_the_policy_lets_out(limit: int, quote: str | None) -> None:
    sent = told(case(clock()), policy=replace(POLICY, excerpt_characters=limit), excerpt="abcdef")
    assert ("> " in sent.email) is (quote is not None)
    if quote:
        assert sent.email.endswith(f"> {quote}\n")


def test_an_excerpt_of_nothing_visible_is_not_quoted() -> None:
    assert "wrote" not in told(case(clock()), policy=QUOTING, excerpt=" \n\u200b").email


# -- whatever the case ----------------------------------------------------------------------------------------------

sent_cases = notable()


def whole(sent: Notice) -> str:
    """Everything that leaves, with JSON's escapes undone."""
    parts = [sent.key, sent.subject, *sent.attributes.values(), sent.message]
    return "\n".join(parts) + json.dumps([json.loads(sent.message), json.loads(sent.body)], ensure_ascii=False)


@relaxed
@given(found=sent_cases, excerpt=personal)
def test_no_notice_holds_customer_conversation_or_text(found: tuple[Case, Effect, datetime], excerpt: str) -> None:
    about, what, now = found
    sent = notice(about, what, POLICY, now, URL, excerpt)
    assert sent is not None
    assert not set(PERSONAL) & set(whole(sent))


@relaxed
@given(found=sent_cases, excerpt=personal)
def test_an_allowed_excerpt_reaches_the_email_and_nothing_else(
    found: tuple[Case, Effect, datetime], excerpt: str
) -> None:
    about, what, now = found
    sent = notice(about, what, QUOTING, now, URL, excerpt)
    assert sent is not None
    assert f"> {excerpt}\n" in sent.email
    assert not set(PERSONAL) & set(whole(replace(sent, email="")))


PAGE = f"https://0123456789.execute-api.cn-northwest-1.amazonaws.com.cn/case/{'0' * 34}"


@relaxed
@given(found=sent_cases, link=st.sampled_from([URL, PAGE]))
def test_an_sms_names_its_case_and_has_its_link_within_140_characters(
    found: tuple[Case, Effect, datetime], link: str
) -> None:
    about, what, now = found
    sent = notice(about, what, POLICY, now, link)
    assert sent is not None
    assert about.id in sent.sms
    assert sent.sms.endswith(f" {link}")
    assert len(sent.sms) <= 140
    assert sms_parts(sent.sms) <= (3 if about.team == "care-cn" else 1)


LONGEST = timedelta(days=9999, hours=23)


@pytest.mark.parametrize("team", ["care-cn", "care-global"])
@pytest.mark.parametrize("metric", Metric)
@pytest.mark.parametrize("taken_by", ["", "li.wei"])
@pytest.mark.parametrize(
    ("kind", "state", "status"),
    [
        (BREACH, ClockState.BREACHED, Status.OPEN),
        (BREACH, ClockState.BREACHED, Status.RESOLVED),
        (BREACH, ClockState.BREACHED_MET, Status.OPEN),
        (WARNING, ClockState.RUNNING, Status.OPEN),
        (CORRECTION, ClockState.RETRACTED, Status.OPEN),
    ],
)
def test_an_sms_of_every_kind_fits_with_the_longest_duration_and_the_shortest_link_is_kept(
    team: str, metric: Metric, taken_by: str, kind: EffectKind, state: ClockState, status: Status
) -> None:
    now = DUE - LONGEST if kind is WARNING else DUE + LONGEST
    about = case(clock(metric=metric, state=state), status=status, team=team, acknowledged_by=taken_by)
    sent = notice(about, effect(about, kind), POLICY, now, "https://h.cn/7K3Q-9MXA")
    assert sent is not None
    assert sms_parts(sent.sms) == 1
    assert sent.sms.endswith(" https://h.cn/7K3Q-9MXA")


@relaxed
@given(found=sent_cases)
def test_a_subject_is_what_sns_takes(found: tuple[Case, Effect, datetime]) -> None:
    about, what, now = found
    sent = notice(about, what, POLICY, now, URL)
    assert sent is not None
    assert 0 < len(sent.subject) < 100
    assert sent.subject.isascii()
    assert sent.subject.isprintable()


@relaxed
@given(found=sent_cases, excerpt=st.text())
@example(found=(case(clock()), effect(case(clock()), BREACH), NOW), excerpt=FORGED)
def test_a_message_is_what_sns_and_a_raw_delivery_to_sqs_take(
    found: tuple[Case, Effect, datetime], excerpt: str
) -> None:
    about, what, now = found
    sent = notice(about, what, QUOTING, now, URL, excerpt)
    assert sent is not None
    assert sent.message.isascii()
    assert len(sent.message) < 16_384
    assert len(sent.message_attributes) <= 10
    assert all(value["StringValue"] for value in sent.message_attributes.values())
