# ruff: noqa: E501 - a mistake and what is told of it stand side by side
"""Who is on call: a weekly turn handed over by the wall clock, through changes of clocks, with dated stand-ins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.policy import load
from heed.policy.build import compile_policy
from heed.policy.rosters import Roster, on_call, shift, shifts
from heed.policy.rosters import load as load_roster
from heed.policy.source import Invalid
from tests.unit.policy.test_compile import EXAMPLE

SHANGHAI = ZoneInfo("Asia/Shanghai")


def roster(zone: str = "Asia/Shanghai", **changes: Any) -> Roster:
    given_ = {
        "zone": zone,
        "handover": "09:00",
        "starts": "2026-03-02",
        "rotation": ["lin", "chen", "wu"],
        "overrides": [],
    }
    return load_roster("care", given_ | changes)


def at(zone: ZoneInfo, *when: int) -> datetime:
    return datetime(*when, tzinfo=zone)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("when", "who"),
    [
        ((2026, 3, 2, 8, 59, 59), "wu"),
        ((2026, 3, 2, 9), "lin"),
        ((2026, 3, 9, 8, 59, 59), "lin"),
        ((2026, 3, 9, 9), "chen"),
        ((2026, 3, 16, 9), "wu"),
        ((2026, 3, 23, 9), "lin"),
        ((2026, 2, 16, 12), "chen"),
    ],
)
def test_each_week_from_hand_over_to_hand_over_is_one_persons_and_the_turns_ran_before_too(
    when: tuple[int, ...], who: str
) -> None:
    assert on_call(roster(), at(SHANGHAI, *when)) == who


@pytest.mark.parametrize(
    ("utc", "who"),
    [
        ("2026-03-09T12:59:59Z", "lin"),  # 08:59:59 -04:00, the day after the clocks went forward
        ("2026-03-09T13:00:00Z", "chen"),
        ("2026-11-02T13:59:59Z", "chen"),  # 08:59:59 -05:00: in winter an hour later by UTC
        ("2026-11-02T14:00:00Z", "wu"),
    ],
)
def test_a_hand_over_keeps_its_wall_clock_when_clocks_change(utc: str, who: str) -> None:
    assert on_call(roster("America/New_York"), datetime.fromisoformat(utc)) == who


@pytest.mark.parametrize(
    ("handover", "utc"),
    [
        ("02:30", "2026-03-08T07:00:00Z"),  # skipped: the first instant after the gap
        ("03:00", "2026-03-08T07:00:00Z"),
    ],
)
def test_a_hand_over_that_a_change_of_clocks_skips_is_the_first_instant_after_it(handover: str, utc: str) -> None:
    sundays = roster("America/New_York", handover=handover, starts="2026-03-01")
    moment = datetime.fromisoformat(utc)
    assert [on_call(sundays, moment - timedelta(microseconds=1)), on_call(sundays, moment)] == ["lin", "chen"]


def test_a_hand_over_that_comes_twice_is_the_first_of_both() -> None:
    sundays = roster("America/New_York", handover="01:30", starts="2026-10-25", rotation=["lin", "chen"])
    first = datetime.fromisoformat("2026-11-01T05:30:00Z")
    assert [on_call(sundays, first - timedelta(seconds=1)), on_call(sundays, first)] == ["lin", "chen"]


STAND_IN = {"from": "2026-03-04T18:00", "until": "2026-03-05T09:00", "who": "fang"}


@pytest.mark.parametrize(
    ("when", "who"),
    [
        ((2026, 3, 4, 17, 59, 59), "lin"),
        ((2026, 3, 4, 18), "fang"),
        ((2026, 3, 5, 8, 59, 59), "fang"),
        ((2026, 3, 5, 9), "lin"),
    ],
)
def test_a_dated_override_wins_from_its_first_instant_to_before_its_last(when: tuple[int, ...], who: str) -> None:
    assert on_call(roster(overrides=[STAND_IN]), at(SHANGHAI, *when)) == who


def test_shifts_follow_each_other_without_a_gap_and_say_which_are_overrides() -> None:
    begins = at(SHANGHAI, 2026, 3, 2, 9)
    found = list(shifts(roster(overrides=[STAND_IN]), begins, begins + timedelta(days=14)))
    assert [(one.who, one.override) for one in found] == [
        ("lin", False),
        ("fang", True),
        ("lin", False),
        ("chen", False),
    ]
    assert all(one.ends_at == following.begins_at for one, following in pairwise(found))


@given(
    moment=st.datetimes(datetime(2015, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe"]),
    handover=st.sampled_from(["00:00", "02:15", "09:00", "23:59"]),
)
def test_somebody_is_on_call_at_any_time_and_a_shift_holds_the_moment_asked_for(
    moment: datetime, zone: str, handover: str
) -> None:
    found = shift(roster(zone, handover=handover, overrides=[STAND_IN]), moment)
    assert found.begins_at <= moment < found.ends_at
    assert found.ends_at - found.begins_at <= timedelta(days=7, hours=1)
    assert found.who


# -- in the policy file

ROSTERS = """
rosters:
  night:
    zone: Asia/Shanghai
    handover: mon 09:00
    starts: 2026-03-02
    rotation: [lin, chen]
    overrides:
      - {from: 2026-03-04T18:00, until: 2026-03-05T09:00, who: fang}
escalation:
  levels:
    P1: [{after: 0m}, {after: 10m, to: {roster: night}}]
"""
FILE = EXAMPLE + ROSTERS


def test_a_level_may_go_to_a_roster_and_the_policy_knows_who_that_is() -> None:
    policy = load(compile_policy(FILE))
    assert [level.roster for level in policy.chains["P1"].levels] == ["", "night"]  # type: ignore[index]
    assert policy.on_call("night", at(SHANGHAI, 2026, 3, 9, 9)) == "chen"
    assert policy.on_call("night", at(SHANGHAI, 2026, 3, 4, 20)) == "fang"
    assert policy.on_call("", at(SHANGHAI, 2026, 3, 9, 9)) == policy.on_call("gone", at(SHANGHAI, 2026, 3, 9)) == ""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("rotation: [lin, chen]", "rotation: []", "rosters.night.rotation: must hold at least one entry"),
        ("rotation: [lin, chen]", "rotation: [lin, a b]", '"a b" is not a person; write 1 to 63 letters, digits and . _ @ + -'),
        ("zone: Asia/Shanghai\n    handover", "zone: Asia/Shanghay\n    handover", '"Asia/Shanghay" is not a time zone; did you mean Asia/Shanghai?'),
        ("handover: mon 09:00", "handover: monday 09:00", '"monday 09:00" is not a weekly moment; write a day (mon, tue, wed, thu, fri, sat, sun) and a time, such as mon 09:00'),
        ("handover: mon 09:00", "handover: mon 24:00", '"mon 24:00" is not a weekly moment'),
        ("starts: 2026-03-02", "starts: 2026-02-30", '"2026-02-30" is not a date from 2000 to 2199'),
        ("starts: 2026-03-02", "starts: soon", '"soon" is not a date from 2000 to 2199'),
        ("starts: 2026-03-02", "starts: 2026-03-03", "2026-03-03 is a tue; a rotation starts at a hand-over, on a mon"),
        ("until: 2026-03-05T09:00", "until: 2026-03-04T18:00", "ends at 2026-03-04T18:00, which is not after its beginning"),
        ("until: 2026-03-05T09:00", "until: 2026-03-05T25:00", '"2026-03-05T25:00" is not a local time'),
        ("until: 2026-03-05T09:00", "until: 2026-02-30T05:00", '"2026-02-30T05:00" is not a local time'),
        ("who: fang}", "who: fang}\n      - {from: 2026-03-05T08:59, until: 2026-03-06T09:00, who: wu}", "2026-03-05T08:59 to 2026-03-06T09:00 (wu) overlaps 2026-03-04T18:00 to 2026-03-05T09:00 (fang)"),
        ("who: fang}", "wo: fang}", 'is not known here; did you mean "who"? choose from from, until, who'),
        ("{roster: night}", "{roster: nigth}", '"nigth" is not a roster; choose from night'),
    ],
)  # fmt: skip
def test_a_mistake_in_a_roster_is_told_at_its_line(old: str, new: str, told: str) -> None:
    assert old in FILE
    changed = FILE.replace(old, new, 1)
    with pytest.raises(Invalid) as raised:
        compile_policy(changed)
    assert told in str(raised.value)
    lines = {problem.line for problem in raised.value.problems if told in str(problem)}
    pairs = enumerate(zip(FILE.splitlines(), changed.splitlines(), strict=False), 1)
    assert lines == {next(line for line, (before, after) in pairs if before != after)}


def test_overrides_may_follow_each_other_in_any_order() -> None:
    more = "who: fang}\n      - {from: 2026-03-01 09:00, until: 2026-03-04 18:00, who: wu}"
    policy = load(compile_policy(FILE.replace("who: fang}", more)))
    assert [policy.on_call("night", at(SHANGHAI, 2026, 3, 4, hour)) for hour in (17, 18)] == ["wu", "fang"]


def test_a_level_that_names_a_roster_where_there_is_none_is_told_so() -> None:
    without = EXAMPLE + "\nescalation: {levels: {P1: [{after: 0m, to: {roster: night}}]}}\n"
    with pytest.raises(Invalid, match='"night" is not a roster; the file gives none, under rosters'):
        compile_policy(without)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("notices: 10", "notices: 0", "noise.at_most.notices: \"0\" must be a whole number from 1 to 1000"),
        ("within: 1h}", "witin: 1h}", 'noise.at_most.witin: is not known here; did you mean "within"? choose from notices, within'),
        ("digest_worst: 10", "digest_worst: 51", "noise.digest_worst"),
        ("incident_window: 10m", "incident_window: soon", '"soon" is not a duration'),
    ],
)  # fmt: skip
def test_a_mistake_in_the_measures_against_noise_is_told(old: str, new: str, told: str) -> None:
    section = "\nnoise:\n  incident_window: 10m\n  at_most: {notices: 10, within: 1h}\n  digest_worst: 10\n"
    assert load(compile_policy(EXAMPLE + section)).noise.most == 10
    assert old in section
    with pytest.raises(Invalid) as raised:
        compile_policy(EXAMPLE + section.replace(old, new))
    assert told in str(raised.value)


def test_without_a_word_of_noise_nothing_is_withheld() -> None:
    noise = load(compile_policy(EXAMPLE)).noise
    assert (noise.incident_seconds, noise.most) == (0, 0)


def test_a_team_may_name_its_hours_and_its_zone() -> None:
    team = EXAMPLE.replace("{language: zh}", "{language: zh, calendar: always, zone: Asia/Shanghai}", 1)
    assert team != EXAMPLE
    known = next(one for one in load(compile_policy(team)).teams.values() if one.zone)
    assert (known.calendar, known.zone) == ("always", "Asia/Shanghai")
