"""What a day must have come to, each a sentence with what was measured."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from heed.model import Clock, ClockState, Metric, Priority
from infra.demo.day import BROKEN, DAY, KEPT, STORM_COPIES, Act
from infra.demo.facts import Facts
from infra.demo.play import Sent, broken_promises

LAG_SECONDS = 5.0
FRAGMENT = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether an expectation came true, and the figure that says so."""

    true: bool
    measured: str


Expectation = Callable[[Facts], Finding]


def every_webhook_gets_its_answer(facts: Facts) -> Finding:
    wrong = [sent.step.event for sent in facts.sent if not set(sent.statuses) <= _statuses(sent)]
    done = len(facts.sent) == len(DAY)
    return Finding(done and not wrong, f"{len(facts.sent)} of {len(DAY)} steps{_named(wrong)}")


def every_genuine_message_is_stored_exactly_once(facts: Facts) -> Finding:
    fates = [fate for sent in facts.sent if _genuine(sent) for fate in facts.fates[sent.step.event]]
    replies = sum(sent.step.act is Act.DESK_REPLY for sent in facts.sent)
    wrong = [fate.message.channel for fate in fates if fate.copies != 1]
    right = not wrong and facts.stored == len(fates) + replies
    return Finding(
        right, f"{len(fates)} webhooks' messages, {replies} desk replies, {facts.stored} stored{_named(wrong)}"
    )


def each_message_has_the_priority_its_words_call_for(facts: Facts) -> Finding:
    judged = [sent.step for sent in facts.sent if sent.step.priority and sent.step.act is not Act.DESK_REPLY]
    # A case keeps the gravest priority of its messages, so the first of a batch stands for its step.
    found = {step.event: facts.fates[step.event][0].case for step in judged}
    wrong = [
        f"{step.event} {case.priority if case else 'no case'}"
        for step in judged
        if (case := found[step.event]) is None or case.priority != step.priority
    ]
    return Finding(not wrong, f"{len(judged) - len(wrong)} of {len(judged)}{_named(wrong)}")


def a_storm_of_duplicates_stores_one_message(facts: Facts) -> Finding:
    (storm,) = [sent for sent in facts.sent if sent.step.act is Act.STORM]
    (fate,) = facts.fates[storm.step.event]
    waiting = fate.case.waiting_messages if fate.case else 0
    ignored = facts.counters["Duplicates"]
    right = (len(storm.statuses), fate.copies, waiting, ignored) == (STORM_COPIES, 1, 1, STORM_COPIES - 1)
    return Finding(right, f"{len(storm.statuses)} sent, {fate.copies} stored, {ignored} ignored")


def a_forgery_is_refused_and_stores_nothing(facts: Facts) -> Finding:
    forged = [sent for sent in facts.sent if sent.step.act is Act.FORGE]
    kept = [fate for sent in forged for fate in facts.fates[sent.step.event] if fate.case or fate.stored]
    refused = facts.counters["Refused"]
    right = bool(forged) and not kept and refused == len(forged)
    return Finding(right, f"{len(forged)} forged, {refused} refused, {len(kept)} stored")


def an_unreadable_body_is_quarantined(facts: Facts) -> Finding:
    broken = sum(len(sent.reading.broken) for sent in facts.sent)
    right = broken == facts.quarantined == facts.counters["Quarantined"] == 1
    return Finding(right, f"{broken} sent, {facts.quarantined} in quarantine")


def an_event_that_says_nothing_is_only_counted(facts: Facts) -> Finding:
    silent = sum(len(sent.reading.ignored) for sent in facts.sent)
    return Finding(silent == facts.counters["Ignored"] > 0, f"{silent} sent, {facts.counters['Ignored']} counted")


def every_p1_case_is_escalated_and_nothing_twice(facts: Facts) -> Finding:
    urgent = {case.id for case in facts.cases if case.priority is Priority.P1}
    told = {letter.body["case_id"] for letter in facts.escalations}
    twice = _twice(letter.body["key"] for letter in facts.escalations)
    right = bool(urgent) and urgent <= told and not twice
    return Finding(
        right, f"{len(urgent)} P1 cases, {len(facts.escalations)} escalations{_named([*(urgent - told), *twice])}"
    )


def every_broken_promise_is_announced_exactly_once(facts: Facts) -> Finding:
    broken = broken_promises(facts.cases)
    told = Counter(letter.body["key"] for letter in facts.breaches)
    right = facts.settled and len(broken) >= len(BROKEN) and told == Counter(dict.fromkeys(broken, 1))
    return Finding(right, f"{len(broken)} broken, {sum(told.values())} announced{_named(broken ^ told.keys())}")


def the_promises_meant_to_be_broken_were(facts: Facts) -> Finding:
    late = (ClockState.BREACHED, ClockState.BREACHED_MET)
    found = [clock.state for event in BROKEN for clock in _first_responses(facts, event)]
    return Finding(len(found) == len(BROKEN) and set(found) <= set(late), ", ".join(found))


def a_reply_in_time_keeps_its_promise_and_nobody_is_called(facts: Facts) -> Finding:
    found = [clock.state for event in KEPT for clock in _first_responses(facts, event)]
    kept = {fate.case.id for event in KEPT for fate in facts.fates[event] if fate.case}
    called = [letter.body["key"] for letter in facts.notices if letter.body["case_id"] in kept]
    right = found == [ClockState.MET] * len(KEPT) and not called
    return Finding(right, f"{', '.join(found)}{_named(called)}")


def every_notice_reaches_on_call_by_mail(facts: Facts) -> Finding:
    keys = {letter.body["key"] for letter in facts.notices}
    right = len(facts.mails) == len(keys) > 0
    return Finding(right, f"{len(keys)} notices, {len(facts.mails)} mails")


def a_notice_comes_within_seconds(facts: Facts) -> Finding:
    p50, p95 = facts.lag_seconds(0.5), facts.lag_seconds(0.95)
    return Finding(p95 < LAG_SECONDS, f"p50 {p50:.2f} s, p95 {p95:.2f} s, of {len(facts.breaches)}")


def a_notices_link_changes_nothing_until_its_button_is_pressed(facts: Facts) -> Finding:
    found = facts.followed
    if found is None:
        return Finding(False, "no link")
    shown = [answer.status for answer in found.looked]
    untouched = found.before == found.after_looking
    taken = found.after.acknowledged_by
    right = shown == [200, 200] and untouched and found.pressed.status == 200 and taken == "Li Wei (link)"
    return Finding(
        right and taken in found.pressed.text, f"opened {len(shown)} times, then taken by {taken or 'nobody'}"
    )


def no_log_of_a_function_holds_a_customers_words_or_id(facts: Facts) -> Finding:
    silent = [name for name in ("Intake", "Expire", "Announce", "Desk", "Page") if not facts.logs[name]]
    log = "\n".join(line for lines in facts.logs.values() for line in lines)
    secrets = set(_private(facts))
    held = [text for text in secrets if text in log or json.dumps(text)[1:-1] in log]
    lines = sum(map(len, facts.logs.values()))
    right = not held and not silent and bool(secrets)
    return Finding(right, f"{len(secrets)} fragments sought in {lines} lines, {len(held)} found{_named(silent)}")


EXPECTATIONS: tuple[Expectation, ...] = (
    every_webhook_gets_its_answer,
    every_genuine_message_is_stored_exactly_once,
    each_message_has_the_priority_its_words_call_for,
    a_storm_of_duplicates_stores_one_message,
    a_forgery_is_refused_and_stores_nothing,
    an_unreadable_body_is_quarantined,
    an_event_that_says_nothing_is_only_counted,
    every_p1_case_is_escalated_and_nothing_twice,
    the_promises_meant_to_be_broken_were,
    every_broken_promise_is_announced_exactly_once,
    a_reply_in_time_keeps_its_promise_and_nobody_is_called,
    every_notice_reaches_on_call_by_mail,
    a_notice_comes_within_seconds,
    a_notices_link_changes_nothing_until_its_button_is_pressed,
    no_log_of_a_function_holds_a_customers_words_or_id,
)


def sentence(expectation: Expectation) -> str:
    return getattr(expectation, "__name__", "").replace("_", " ")


def _statuses(sent: Sent) -> set[int]:
    """Platforms take 200; Standard Webhooks say 204 for taken."""
    return {401} if sent.step.act is Act.FORGE else {200, 204}


def _genuine(sent: Sent) -> bool:
    return sent.step.act in (Act.SEND, Act.STORM)


def _first_responses(facts: Facts, event: str) -> Iterator[Clock]:
    for fate in facts.fates[event]:
        clocks = fate.case.clocks if fate.case else ()
        yield from (clock for clock in clocks if clock.metric is Metric.FIRST_RESPONSE)


def _private(facts: Facts) -> Iterator[str]:
    """Every message's ids and, in pieces, its words."""
    for sent in facts.sent:
        for message in sent.reading.messages:
            yield from (message.customer, message.conversation, message.id)
            starts = range(0, max(len(message.text) - FRAGMENT + 1, 1), FRAGMENT // 2)
            yield from (message.text[start : start + FRAGMENT] for start in starts if message.text)
        if sent.step.text:
            yield sent.step.text[:FRAGMENT]


def _twice(keys: Iterable[str]) -> list[str]:
    return [key for key, times in Counter(keys).items() if times > 1]


def _named(names: Iterable[str]) -> str:
    found = sorted(names)
    return f" ({', '.join(found)})" if found else ""
