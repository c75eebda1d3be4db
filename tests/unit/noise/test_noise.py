"""Which notices go out at once and which are withheld: the gates, their bundles, and who decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed import noise
from heed.announcing.facts import facts
from heed.model import Bundle, Case, Chain, ClockState, Effect, EffectKind, Hold, Level, Priority, Status
from heed.noise import Gate, Porter, Way, bundles, gates
from heed.policy import Noise, Policy, Team
from heed.policy import rosters as rosters_of
from tests.unit.announcing.told import DUE, POLICY, case, clock, effect

BREACH, WARNING = EffectKind.BREACH, EffectKind.WARNING
OFFICE = {
    "zone": "Asia/Shanghai",
    "week": {day: [("09:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")},
    "days": {},
    "years": [],
}
NIGHT = rosters_of.load(
    "night",
    {"zone": "UTC", "handover": "00:00", "starts": "2026-03-09", "rotation": ["lin", "chen"], "overrides": []},
)
QUIET = replace(
    POLICY,
    noise=Noise(incident_seconds=600, most=3, within_seconds=3600),
    hours={name: {**hours, "years": []} for name, hours in POLICY.hours.items()} | {"office-cn": OFFICE},
    teams={**POLICY.teams, "office": Team("office", "en", calendar="office-cn")},
    rosters={"night": NIGHT},
)
FRIDAY = datetime(2026, 3, 13, 10, tzinfo=UTC)  # 18:00 in Shanghai, the very closing
MONDAY = datetime(2026, 3, 16, 1, tzinfo=UTC)  # 09:00


def of(
    about: Case, kind: EffectKind = BREACH, now: datetime = DUE, policy: Policy = QUIET, level: int = 1
) -> list[Gate]:
    told = effect(about, kind, level=level)
    return list(gates(facts(about, told, about.clocks[0], policy, now, "", None), policy, now))


def keys(*arguments: Any, **named: Any) -> list[str]:
    return [gate.key for gate in of(*arguments, **named)]


running = clock(state=ClockState.RUNNING, detected_at=None)
p2, p3 = {"priority": Priority.P2}, {"priority": Priority.P3}


# -- gates


def test_without_a_word_in_the_policy_nothing_is_gated() -> None:
    assert of(case(clock(), **p3), policy=POLICY) == []


def test_breaches_of_one_brand_team_and_severity_are_one_incident() -> None:
    first = keys(case(clock(), **p2))[0]
    assert first == "incident/qinghe/care-global//breach/high/1"
    assert keys(case(clock(), **p2, key="another", channel="facebook/qinghe"))[0] == first


@pytest.mark.parametrize(
    "other",
    [
        keys(case(clock(), **p2, team="care-cn")),
        keys(case(clock(), **p2, brand="linxi")),
        keys(case(clock(), **p3)),
        keys(case(running, **p2), WARNING, now=DUE - timedelta(minutes=4)),
        keys(case(replace(clock(), level=2, chain=Chain((Level(0), Level(60)))), **p2), level=2),
        keys(case(replace(clock(), chain=Chain((Level(0, roster="night"),))), **p2)),
        keys(case(replace(clock(), chain=Chain((Level(0, team="safety"),))), **p2)),
    ],
)
def test_another_team_brand_severity_kind_level_or_addressee_is_an_incident_of_its_own(other: list[str]) -> None:
    assert other[0] != keys(case(clock(), **p2))[0]


def test_the_rate_counts_for_the_person_on_call() -> None:
    called = case(replace(clock(), chain=Chain((Level(0, roster="night"),))), **p2)
    assert keys(called)[1] == "rate/qinghe/care-global/lin"
    assert keys(called, now=DUE + timedelta(days=7))[1] == "rate/qinghe/care-global/chen"
    assert of(called)[1].lets_pass == 3


def test_a_critical_notice_waits_for_no_hours_and_no_rate() -> None:
    about = case(clock(), team="office", priority=Priority.P1)
    assert [gate.why for gate in of(about, now=FRIDAY)] == [Hold.INCIDENT]


def test_t76_a_breach_of_friday_evening_and_its_reminders_wait_until_monday() -> None:
    about = case(clock(chain=Chain((Level(0), Level(1800)))), team="office", **p3)
    breach, reminder = (of(about, now=FRIDAY + timedelta(minutes=30 * level), level=level + 1) for level in (0, 1))
    assert [(gate.why, gate.until, gate.lets_pass) for gate in breach] == [(Hold.HOURS, MONDAY, 0)]
    assert [gate.key for gate in reminder] == [gate.key for gate in breach]


def test_t76_the_same_at_p1_round_the_clock_is_not_held() -> None:
    about = case(clock(chain=Chain((Level(0), Level(1800)))), team="office", priority=Priority.P1)
    porter = Porter({}, FRIDAY)
    for level in (1, 2):
        told = effect(about, BREACH, level=level, key=f"level {level}")
        assert porter.judge(about.key, told, of(about, now=FRIDAY, level=level)).way is Way.GO


@pytest.mark.parametrize(("now", "held"), [(FRIDAY - timedelta(seconds=1), False), (FRIDAY, True), (MONDAY, False)])
def test_a_teams_hours_are_half_open(now: datetime, held: bool) -> None:
    whys = [gate.why for gate in of(case(clock(), team="office", **p3), now=now)]
    assert (whys == [Hold.HOURS]) is held


def test_a_correction_waits_for_nothing() -> None:
    back = clock(state=ClockState.RETRACTED, stopped_at=DUE - timedelta(seconds=9))
    assert of(case(back, team="office", **p3), EffectKind.CORRECTION, now=FRIDAY) == []


def test_a_team_whose_hours_never_come_is_told_at_once() -> None:
    closed = replace(QUIET, hours={**QUIET.hours, "office-cn": OFFICE | {"week": {}}})
    found = of(case(clock(), team="office", **p3), now=FRIDAY, policy=closed)
    assert Hold.HOURS not in {gate.why for gate in found}


@pytest.mark.parametrize(
    ("measures", "whys"),
    [
        (Noise(incident_seconds=600), [Hold.INCIDENT]),
        (Noise(most=3, within_seconds=60), [Hold.RATE]),
        (Noise(), []),
    ],
)
def test_each_measure_stands_alone(measures: Noise, whys: list[Hold]) -> None:
    assert [gate.why for gate in of(case(clock(), **p2), policy=replace(QUIET, noise=measures))] == whys


def test_a_notice_told_in_the_last_working_minute_does_not_wait_when_it_comes_again_after_closing() -> None:
    about = case(clock(), team="office", **p2)
    told = effect(about, BREACH)
    porter = Porter({}, FRIDAY - timedelta(minutes=1))
    assert porter.judge(about.key, told, of(about, now=FRIDAY - timedelta(minutes=1))).way is Way.GO
    after = {bundle.key: bundle for _, bundle in porter.changed}
    evening = FRIDAY + timedelta(minutes=2)
    assert Porter(after, evening).judge(about.key, replace(told, tries=2), of(about, now=evening)).way is Way.GO
    assert Porter({}, evening).judge(about.key, told, of(about, now=evening)).way is Way.HOLD


def test_a_notice_withheld_for_its_rate_stays_there_when_it_comes_again_after_closing() -> None:
    about = case(clock(), team="office", **p2)
    before, evening = FRIDAY - timedelta(minutes=1), FRIDAY + timedelta(minutes=2)
    told, through = effect(about, BREACH), of(about, now=before)
    full = replace(through[1], lets_pass=0)
    porter = Porter({}, before)
    first = porter.judge(about.key, told, (through[0], full))
    after = {bundle.key: bundle for _, bundle in porter.changed}
    assert first.way is Way.HOLD
    assert Porter(after, evening).judge(about.key, replace(told, tries=2), of(about, now=evening)) == first


closed = {"status": Status.RESOLVED, "resolved_at": DUE}


@pytest.mark.parametrize(("was", "becomes"), [(closed, {}), ({}, closed)])
def test_a_breach_withheld_when_its_case_was_closed_or_open_stays_there_when_it_is_not(was: Any, becomes: Any) -> None:
    """The severity is another then, and so is the gate; the receipt of the withholding may have been lost."""
    first, later = (case(clock(), **p2, **changes) for changes in (was, becomes))
    other = case(clock(), **p2, **was, key="other", id="0THR-AAAA")
    told = effect(first, BREACH)
    porter = Porter({}, DUE)
    assert porter.judge(other.key, effect(other, BREACH, key="first"), of(other)).way is Way.GO
    withheld = porter.judge(first.key, told, of(first))
    assert withheld.way is Way.HOLD
    written = {bundle.key: bundle for _, bundle in porter.changed}
    again = Porter(written, DUE)
    assert again.judge(later.key, replace(told, tries=2), of(later)) == withheld
    assert again.changed == []


# -- who decides

NOW = DUE
GATE = Gate("incident/q/t//breach/high/1", Hold.INCIDENT, "q", "t", "", NOW + timedelta(minutes=10), 1)
RATE = Gate("rate/q/t/", Hold.RATE, "q", "t", "", NOW + timedelta(hours=1), 3)


def breach(number: int, **changes: Any) -> Effect:
    key = f"CASE-{number:04}/1.first_response.1/v1/breach"
    return replace(Effect(key=key, kind=BREACH, version=1, retry_at=NOW, clock="1.first_response.1"), **changes)


class Desk:
    """Bundles as the table holds them, and a porter for each batch."""

    def __init__(self) -> None:
        self.table: dict[str, Bundle] = {}
        self.now = NOW

    def batch(self, *numbers: int | Effect, through: tuple[Gate, ...] = (GATE,), written: bool = True) -> list[Way]:
        porter = Porter(dict(self.table), self.now)
        effects = [number if isinstance(number, Effect) else breach(number) for number in numbers]
        gates_ = tuple(replace(gate, until=gate.until + (self.now - NOW)) for gate in through)
        found = [porter.judge(told.key, told, gates_).way for told in effects]
        if written:
            for before, after in porter.changed:
                assert after.version == (before.version if before else 0) + 1
                self.table[after.key] = after
        return found

    @property
    def bundle(self) -> Bundle:
        return self.table[GATE.key]

    def lives(self, **passed: float) -> None:
        self.now += timedelta(**passed)
        self.table = {key: noise.lived(bundle, self.now) for key, bundle in self.table.items()}


def test_the_first_of_an_incident_goes_out_and_the_rest_are_withheld() -> None:
    desk = Desk()
    assert desk.batch(1, 2, 3) == [Way.GO, Way.HOLD, Way.HOLD]
    assert desk.batch(4) == [Way.HOLD]
    assert [key for _, key in desk.bundle.window.held] == [breach(n).key for n in (2, 3, 4)]  # type: ignore[union-attr]


def test_a_batch_that_comes_again_gets_the_same_answers_and_changes_nothing() -> None:
    desk = Desk()
    first = desk.batch(1, 2, 3)
    before = dict(desk.table)
    assert desk.batch(1, 2, 3) == first
    assert desk.table == before


def test_a_decision_that_was_not_written_binds_nobody() -> None:
    desk = Desk()
    desk.batch(1, 2, written=False)
    assert desk.batch(2, 1) == [Way.GO, Way.HOLD]


def test_after_the_window_the_next_is_a_new_incident_even_before_anybody_closed_the_old_one() -> None:
    desk = Desk()
    desk.batch(1, 2)
    desk.now += timedelta(minutes=10)
    assert desk.batch(3, 4) == [Way.GO, Way.HOLD]
    (telling,) = desk.bundle.outbox
    assert [key for _, key in telling.window.held] == [breach(2).key]
    assert noise.to_announce(desk.bundle) == (telling,)


def test_a_window_holds_up_to_its_very_end() -> None:
    desk = Desk()
    desk.batch(1)
    desk.now += timedelta(minutes=10) - timedelta(microseconds=1)
    assert desk.batch(2) == [Way.HOLD]


def test_a_notice_told_at_once_is_told_at_once_again_when_its_receipt_was_lost() -> None:
    desk = Desk()
    desk.batch(1, 2)
    desk.lives(minutes=11)
    desk.batch(3)
    assert desk.batch(replace(breach(1), tries=2)) == [Way.GO]


def test_what_passes_the_incident_may_still_be_one_too_many() -> None:
    desk = Desk()
    each = [replace(GATE, key=f"incident/{n}") for n in range(5)]
    found = [desk.batch(n, through=(gate, RATE))[0] for n, gate in enumerate(each)]
    assert found == [Way.GO] * 3 + [Way.HOLD] * 2
    assert desk.table[RATE.key].window.passes == 3  # type: ignore[union-attr]


def held_by(desk: Desk, number: int) -> Effect:
    name = desk.bundle.window.name  # type: ignore[union-attr]
    return breach(number, held_by=name, held_until=NOW + timedelta(minutes=10), tries=2)


def test_a_withheld_notice_that_comes_again_waits_while_its_window_does_and_is_known_told_after() -> None:
    desk = Desk()
    desk.batch(1, 2)
    waiting = held_by(desk, 2)
    assert desk.batch(waiting) == [Way.WAIT]
    desk.lives(minutes=10)
    assert desk.batch(waiting) == [Way.WAIT]
    (telling,) = desk.bundle.outbox
    desk.table[GATE.key] = noise.told(desk.bundle, [telling.window.name], desk.now, desk.now)
    assert desk.batch(waiting) == [Way.TOLD]


def test_a_notice_whose_record_of_waiting_was_lost_is_known_told_after_its_digest() -> None:
    desk = Desk()
    desk.batch(1, 2)
    desk.lives(minutes=10)
    name = desk.bundle.outbox[0].window.name
    desk.table[GATE.key] = noise.told(desk.bundle, [name], desk.now, desk.now)
    assert desk.batch(3, replace(breach(2), tries=2)) == [Way.GO, Way.TOLD]


def test_a_withheld_notice_whose_bundle_is_gone_is_decided_anew() -> None:
    desk = Desk()
    desk.batch(1, 2)
    waiting = held_by(desk, 2)
    desk.table.clear()
    assert desk.batch(waiting) == [Way.GO]


def test_gates_whose_bundles_cannot_be_read_stand_open() -> None:
    porter = Porter({}, NOW, {GATE.key})
    assert [porter.judge(f"c{n}", breach(n), (GATE,)).way for n in (1, 2)] == [Way.GO, Way.GO]
    assert porter.changed == []


def test_beyond_a_thousand_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MOST_HELD", 2)
    desk = Desk()
    assert desk.batch(1, 2, 3, 4, 5) == [Way.GO] + [Way.HOLD] * 4
    assert (len(desk.bundle.window.held), desk.bundle.window.more) == (2, 2)  # type: ignore[union-attr]


# -- how a bundle lives


def test_a_lonely_first_is_nobodys_concern_later() -> None:
    desk = Desk()
    desk.batch(1)
    assert noise.due_at(desk.bundle) is None
    desk.lives(minutes=10)
    assert (desk.bundle.window, desk.bundle.outbox) == (None, ())


def test_a_window_that_holds_something_falls_due_at_its_end_and_is_told() -> None:
    desk = Desk()
    desk.batch(1, 2)
    assert noise.due_at(desk.bundle) == NOW + timedelta(minutes=10)
    desk.lives(minutes=10)
    (telling,) = noise.to_announce(desk.bundle)
    assert telling.digest.key == telling.window.name == f"{GATE.key}@2026-03-12T03:15:00.000Z"
    assert noise.due_at(desk.bundle) == telling.digest.retry_at > desk.now


def test_a_digest_that_nobody_confirmed_is_told_again_under_its_key() -> None:
    desk = Desk()
    desk.batch(1, 2)
    desk.lives(minutes=10)
    (first,) = noise.to_announce(desk.bundle)
    desk.lives(minutes=1)
    assert noise.to_announce(desk.bundle) == (first,)
    desk.lives(minutes=2)
    (again,) = noise.to_announce(desk.bundle)
    assert (again.digest.key, again.digest.tries) == (first.digest.key, 2)
    assert again.digest.version > first.digest.version


def test_a_receipt_ends_a_digest_and_a_second_one_changes_nothing() -> None:
    desk = Desk()
    desk.batch(1, 2)
    desk.lives(minutes=10)
    name = desk.bundle.outbox[0].window.name
    after = noise.told(desk.bundle, [name], desk.now, desk.now)
    assert (after.outbox, after.told_at, noise.due_at(after)) == ((), desk.now, None)
    assert noise.told(after, [name], desk.now, desk.now) is after


def test_a_digest_that_had_nothing_to_tell_leaves_the_time_of_the_last_one() -> None:
    desk = Desk()
    desk.batch(1, 2)
    desk.lives(minutes=10)
    assert noise.told(desk.bundle, [desk.bundle.outbox[0].window.name], None, desk.now).told_at is None


def test_the_key_of_a_bundle_is_in_the_name_of_its_window() -> None:
    desk = Desk()
    desk.batch(1)
    assert noise.key_of(desk.bundle.window.name) == GATE.key  # type: ignore[union-attr]


@given(
    steps=st.lists(
        st.one_of(
            st.lists(st.integers(0, 30), min_size=1, max_size=6),
            st.integers(1, 900),
        ),
        max_size=30,
    )
)
def test_whatever_comes_in_whatever_order_each_notice_passes_or_is_in_one_window_only(steps: list[Any]) -> None:
    """Batches and pauses of seconds, batches come twice; nothing is confirmed."""
    desk = Desk()
    passed: set[str] = set()
    for step in steps:
        if isinstance(step, int):
            desk.lives(seconds=step)
            continue
        for _ in range(2):
            for number, way in zip(step, desk.batch(*step), strict=True):
                passed |= {breach(number).key} if way is Way.GO else set()
        windows = [telling.window for telling in desk.bundle.outbox]
        windows += [desk.bundle.window] if desk.bundle.window else []
        held = [key for window in windows for _, key in window.held]
        assert len(held) == len(set(held))
        assert passed.isdisjoint(held)
        assert passed | set(held) >= {breach(number).key for number in step}
