"""Laws that hold for a case whatever happens to it, over random stories with late, early and crossing events."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from heed import cases, timeline
from heed.cases.chains import level_due
from heed.cases.windows import awaited
from heed.model import (
    Author,
    ClockState,
    EffectKind,
    EntryKind,
    Message,
    Metric,
    Status,
)
from heed.sla import clocks
from tests.unit.builders import a_message, a_policy, an_assessment, at
from tests.unit.cases.random_story import LIVE, MINUTE, REPLIES, Event, Teller, openings, stories, told

EXAMPLES = 75


def laws(test):  # type: ignore[no-untyped-def]
    """Run a law over random stories on both calendars."""
    return settings(max_examples=EXAMPLES, deadline=None)(
        given(calendar=st.sampled_from(["always", "office"]), opening=openings, story=stories)(test)
    )


@laws
def test_a_case_rises_by_one_version_or_is_the_same_object(calendar: str, opening: str, story: list[Event]) -> None:
    for before, _, after, _ in told(calendar, opening, story):
        if before is not None:
            assert after is before or after.version == before.version + 1
            assert after is before or after != before


@laws
def test_an_ended_promise_never_runs_again_and_a_breach_is_only_met_or_taken_back(
    calendar: str, opening: str, story: list[Event]
) -> None:
    allowed = {
        ClockState.RUNNING: set(ClockState) - {ClockState.RETRACTED},
        ClockState.PAUSED: {ClockState.RUNNING, ClockState.MET, ClockState.CANCELLED, ClockState.BREACHED},
        ClockState.BREACHED: {ClockState.BREACHED_MET, ClockState.RETRACTED},
        ClockState.BREACHED_MET: {ClockState.RETRACTED},
        ClockState.CANCELLED: {ClockState.MET},
        ClockState.MET: set(),
        ClockState.RETRACTED: set(),
    }
    void = {  # a reply that the platform rejected was none
        ClockState.MET: {ClockState.CANCELLED},
        ClockState.RETRACTED: {ClockState.CANCELLED},
        ClockState.BREACHED_MET: {ClockState.BREACHED},
    }
    for before, event, after, _ in told(calendar, opening, story):
        known = {clock.id: clock for clock in before.clocks} if before else {}
        for clock in after.clocks:
            old = known.get(clock.id)
            if old is not None and old.state is not clock.state:
                rejected = void.get(old.state, set()) if event.name == "reject" else set()
                assert clock.state in allowed[old.state] | rejected, (old, clock)


@laws
def test_at_most_one_clock_of_each_metric_is_live_and_one_reply_clock_open(
    calendar: str, opening: str, story: list[Event]
) -> None:
    for _, _, after, _ in told(calendar, opening, story):
        for metric in Metric:
            assert sum(clock.metric is metric and clock.state in LIVE for clock in after.clocks) <= 1
        assert sum(clock.metric in REPLIES and clocks.is_open(clock) for clock in after.clocks) <= 1
        assert len({clock.id for clock in after.clocks}) == len(after.clocks)


@laws
def test_who_waits_has_a_promise_and_who_does_not_has_none_running(
    calendar: str, opening: str, story: list[Event]
) -> None:
    for _, _, after, _ in told(calendar, opening, story):
        promised = [clock for clock in after.clocks if clock.metric in REPLIES and clocks.is_open(clock)]
        assert bool(promised) is (after.waiting_since is not None)


@laws
def test_the_case_knows_whether_anybody_waits(calendar: str, opening: str, story: list[Event]) -> None:
    teller = Teller(calendar)
    for number, event in enumerate([Event(opening, timedelta()), *story]):
        case = teller.tell(number, event)
        waits = [] if case.spam else teller.unanswered
        assert case.waiting_since == min(waits, default=None)
        assert case.waiting_until == max(waits, default=None)
        assert case.waiting_messages == len(waits)


@laws
def test_each_clock_breaks_once_with_one_breach_effect_and_one_correction(
    calendar: str, opening: str, story: list[Event]
) -> None:
    seen: dict[str, str] = {}
    for before, _, after, _ in told(calendar, opening, story):
        known = {effect.key for effect in before.outbox} if before else set()
        broken = {clock.id for clock in before.clocks if clock.detected_at} if before else set()
        fresh = [effect for effect in after.outbox if effect.key not in known]
        for effect in fresh:
            assert effect.key not in seen, "an effect is made once, ever"
            seen[effect.key] = effect.clock
            assert effect.version == after.version, "it is told by the version that made it"
        breaches = {effect.clock for effect in fresh if effect.kind is EffectKind.BREACH and effect.level == 1}
        assert breaches == {clock.id for clock in after.clocks if clock.detected_at} - broken
    for kind in ("/breach", "/correction"):
        clocks_told = [clock for key, clock in seen.items() if key.endswith(kind)]
        assert len(clocks_told) == len(set(clocks_told))


@laws
def test_expiring_leaves_nothing_overdue_and_nothing_more_to_do_now(
    calendar: str, opening: str, story: list[Event]
) -> None:
    for _, event, after, _ in told(calendar, opening, story):
        now = after.updated_at + event.gap
        expired = cases.expire(after, now)
        running = [clock for clock in expired.clocks if clock.state is ClockState.RUNNING]
        assert all(clock.deadline_at is None or clock.deadline_at >= now for clock in running)
        assert cases.expire(expired, now) is expired
        due = cases.due_at(expired)
        assert due is None or due > now


@laws
def test_somebody_looks_again_exactly_while_there_is_something_to_see(
    calendar: str, opening: str, story: list[Event]
) -> None:
    for _, _, after, _ in told(calendar, opening, story):
        ahead = [clock for clock in after.clocks if clock.state is ClockState.RUNNING and clock.deadline_at]
        due = cases.due_at(after)
        levels = [clock for clock in after.clocks if level_due(after, clock)]
        assert (due is None) is (not ahead and not after.outbox and not levels)
        hurry = [clock for clock in ahead if clock.metric is not Metric.REPLY_WINDOW or awaited(after, clock)]
        assert cases.next_deadline(after) == min(
            (clock.deadline_at for clock in hurry if clock.deadline_at), default=None
        )
        if due is not None:
            assert cases.expire(after, due) is not after, "looking at that moment is never in vain"
            before_due = due - timedelta.resolution
            assert before_due < after.updated_at or cases.expire(after, before_due) is after, "nor too late"


@laws
def test_an_effect_leaves_the_outbox_only_when_confirmed_or_held_by_an_acknowledgement(
    calendar: str, opening: str, story: list[Event]
) -> None:
    for before, event, after, _ in told(calendar, opening, story):
        if before is not None and event.name != "confirm":
            taken = event.name == "acknowledge"
            bound = {effect.key for effect in before.outbox if not (taken and effect.level > 1)}
            assert bound <= {effect.key for effect in after.outbox}
        named = {clock.id for clock in after.clocks}
        assert all(effect.clock in named for effect in after.outbox if effect.clock), (
            "its clock is still there to tell of"
        )


@laws
@example(
    calendar="always", opening="customer", story=[Event("expire", 31 * MINUTE), Event("agent", MINUTE, 3 * MINUTE)]
)
def test_a_reply_in_time_never_leaves_its_clock_broken(calendar: str, opening: str, story: list[Event]) -> None:
    teller = Teller(calendar)
    for number, event in enumerate([Event(opening, timedelta()), *story]):
        case = teller.tell(number, event)
        if event.name not in ("agent", "desk"):
            continue
        said_at = min(teller.now - event.lag, teller.now) if event.name == "agent" else teller.now
        for clock in case.clocks:
            in_time = clock.deadline_at is not None and clock.started_at <= said_at <= clock.deadline_at
            closed_before = clock.stopped_at is not None and clock.stopped_at <= said_at
            if clock.metric in REPLIES and in_time and not closed_before:
                raise AssertionError(clock)
            if clock.metric in REPLIES and in_time and clock.stopped_at == said_at:
                assert clock.state in (ClockState.MET, ClockState.RETRACTED, ClockState.CANCELLED)


@laws
def test_a_promise_is_met_in_time_and_broken_past_it(calendar: str, opening: str, story: list[Event]) -> None:
    for _, _, after, _ in told(calendar, opening, story):
        for clock in after.clocks:
            if clock.state in (ClockState.MET, ClockState.RETRACTED):
                assert clock.deadline_at is None or (clock.stopped_at and clock.stopped_at <= clock.deadline_at)
            if clock.state is ClockState.BREACHED_MET:
                assert clock.deadline_at is not None
                assert clock.stopped_at is not None
                assert clock.stopped_at > clock.deadline_at
            if clock.detected_at is not None:
                assert clock.deadline_at is not None
                assert clock.detected_at > clock.deadline_at


@laws
def test_a_level_is_told_only_of_a_broken_promise_that_nobody_has_answered_or_taken(
    calendar: str, opening: str, story: list[Event]
) -> None:
    for before, event, after, _ in told(calendar, opening, story):
        known = {effect.key for effect in before.outbox} if before else set()
        fresh = [effect for effect in after.outbox if effect.key not in known and effect.level > 1]
        assert not fresh or event.name == "expire"
        for effect in fresh:
            clock = cases.clock_named(after, effect.clock)
            assert clock is not None
            assert (clock.state, clock.stopped_at) == (ClockState.BREACHED, None)
            assert clock.deadline_at is not None
            assert after.updated_at >= clock.deadline_at + timedelta(seconds=(0, 0, 300, 900)[effect.level])
            assert not after.acknowledged_by


@laws
def test_spam_runs_no_clock_and_a_settled_case_waits_for_nobody(
    calendar: str, opening: str, story: list[Event]
) -> None:
    for _, _, after, _ in told(calendar, opening, story):
        if after.spam or after.status is Status.RESOLVED:
            assert not any(clocks.is_open(clock) for clock in after.clocks)
            assert after.waiting_since is None


@laws
def test_the_same_story_told_twice_ends_the_same(calendar: str, opening: str, story: list[Event]) -> None:
    first = [after for _, _, after, _ in told(calendar, opening, story)]
    assert first == [after for _, _, after, _ in told(calendar, opening, story)]


@laws
def test_the_timeline_tells_of_every_new_effect(calendar: str, opening: str, story: list[Event]) -> None:
    told_of = {
        EffectKind.ESCALATION: EntryKind.ESCALATED,
        EffectKind.WARNING: EntryKind.WARNED,
        EffectKind.BREACH: EntryKind.BREACHED,
        EffectKind.CORRECTION: EntryKind.CORRECTED,
    }
    for before, _, after, teller in told(calendar, opening, story):
        entries = timeline.entries(before, after, "li", teller.now)
        known = {effect.key for effect in before.outbox} if before else set()
        fresh = [told_of[effect.kind] for effect in after.outbox if effect.key not in known]
        assert [entry.kind for entry in entries if entry.kind in told_of.values()] == fresh
        assert not entries or after is not before


@given(st.permutations([0, 1, 2]), st.integers(1, 14), st.integers(1, 14), st.integers(1, 14))
@settings(max_examples=60, deadline=None)
def test_messages_and_replies_of_one_quarter_of_an_hour_mean_the_same_in_any_order(
    order: list[int], first: int, second: int, reply: int
) -> None:
    """What reaches us within the 15 minutes of rule 10, before any promise falls due, may come in any order."""
    spoken = [
        a_message(id="a", at=at("10:00") + first * MINUTE, received_at=at("10:15")),
        a_message(id="b", at=at("10:00") + second * MINUTE, received_at=at("10:15")),
        a_message(id="c", at=at("10:00") + reply * MINUTE, received_at=at("10:15"), author=Author.AGENT),
    ]

    def end(messages: list[Message]) -> tuple[object, ...]:
        case = None
        for message in messages:
            case = cases.receive(case, message, an_assessment(), a_policy(), at("10:15"))
        assert case is not None
        open_since = [c.started_at for c in case.clocks if c.metric in REPLIES and clocks.is_open(c)]
        return case.waiting_since, case.waiting_until, case.last_reply_at, open_since, case.outbox

    assert end([spoken[n] for n in order]) == end(sorted(spoken, key=lambda m: (m.sent_at, m.author is Author.AGENT)))
