"""Each kind of digest in both languages, as people get it: read the files in tests/golden/digests, they are the point.

After a change of words, write them anew with `HEED_WRITE_GOLDEN=1 pytest tests/unit/announcing` and read the diff.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from heed.announcing import digest, notice
from heed.model import Bundle, Case, Chain, ClockState, EffectKind, Hold, Level, Metric, Priority, Surface, Topic
from heed.policy import Team
from tests.unit.announcing.gathered import BUNDLE, ROSTERS, found, link, telling
from tests.unit.announcing.told import DUE, NOW, POLICY, URL, case, clock, effect

GOLDEN = Path(__file__).parents[2] / "golden" / "digests"
TEAMS = {"en": "care-global", "zh": "care-cn"}
LOCAL = replace(
    POLICY,
    teams={
        "care-cn": Team("care-cn", "zh", zone="Asia/Shanghai"),
        "care-global": Team("care-global", "en", zone="Europe/London"),
    },
)
TOPICS = (Topic.DELIVERY, Topic.DELIVERY, Topic.PAYMENT_REFUND)
CHANNELS = ("wechat/flagship-cn", "facebook/qinghe", "wechat/flagship-cn", "wechat/flagship-cn")


def outage(count: int, **changes: object) -> list[Case]:
    """Promises that broke one after another, three seconds apart, in one outage."""
    cases = []
    for number in range(count):
        due = DUE - timedelta(minutes=8) + timedelta(seconds=3 * number)
        about = case(
            clock(deadline_at=due, started_at=due - timedelta(minutes=30), target_seconds=1800),
            key=f"{number:032x}",
            id=f"{number:04}-HQ7K",
            channel=CHANNELS[number % 4],
            topic=TOPICS[number % 3],
            priority=Priority.P2,
            risks=(),
            surface=Surface.DIRECT,
            waiting_since=due - timedelta(minutes=30),
        )
        cases.append(replace(about, **changes))  # type: ignore[arg-type]
    return cases


def _mixed() -> list[Case]:
    late = outage(3, priority=Priority.P3)
    due = outage(2, priority=Priority.P3, id="7K3Q-SOON", key="soon")[1]
    ahead = replace(due.clocks[0], state=ClockState.RUNNING, deadline_at=NOW + timedelta(minutes=14))
    settling = replace(late[2].clocks[0], metric=Metric.RESOLUTION, deadline_at=DUE - timedelta(hours=60))
    late[2] = replace(late[2], clocks=(settling,), waiting_since=None, waiting_messages=0)
    return [*late, replace(due, clocks=(ahead,))]


def _warnings() -> list[Case]:
    """Resolutions that will be late in a quarter of an hour, while nobody waits for an answer."""
    found_ = outage(3, waiting_since=None, waiting_messages=0)
    ahead = {"state": ClockState.RUNNING, "metric": Metric.RESOLUTION, "deadline_at": NOW + timedelta(minutes=15)}
    return [replace(one, clocks=(replace(one.clocks[0], **ahead),)) for one in found_]  # type: ignore[arg-type]


SITUATIONS: dict[str, tuple[Bundle, list[Case], int]] = {
    "warnings": (BUNDLE, _warnings(), 0),
    "incident": (
        BUNDLE,
        [replace(one, acknowledged_by="li.wei" if n == 2 else "") for n, one in enumerate(outage(38))],
        0,
    ),
    "incident-small": (BUNDLE, outage(2, priority=Priority.P1, risks=case().risks), 0),
    "hours": (replace(BUNDLE, why=Hold.HOURS), _mixed(), 0),
    "rate": (replace(BUNDLE, why=Hold.RATE), outage(37, priority=Priority.P2), 0),
    "too-many": (BUNDLE, outage(12), 500),
}


def rendered(name: str, language: str) -> str:
    bundle, cases, more = SITUATIONS[name]
    passes = {Hold.INCIDENT: 1, Hold.HOURS: 0, Hold.RATE: 10}[bundle.why]
    bundle = replace(bundle, team=TEAMS[language])
    cases = [replace(one, team=TEAMS[language]) for one in cases]
    policy = replace(LOCAL, rosters=ROSTERS)
    told = digest(bundle, telling(cases, more=more, passes=passes), found(cases), policy, NOW, link)
    assert told.notice is not None
    return "\n".join(
        [
            f"Subject: {told.notice.subject}",
            "",
            told.notice.email,
            "-- SMS --",
            told.notice.sms,
            "",
            "-- JSON --",
            json.dumps(json.loads(told.notice.body), indent=2, ensure_ascii=False),
            "",
        ]
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", SITUATIONS)
def test_a_digest_reads_as_its_golden_file(name: str, language: str) -> None:
    file = GOLDEN / f"{name}.{language}.txt"
    text = rendered(name, language)
    if os.environ.get("HEED_WRITE_GOLDEN") == "1":
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.exists(), f"{file.name} is missing; HEED_WRITE_GOLDEN=1 writes it"
    assert text == file.read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_situation() -> None:
    assert {file.name for file in GOLDEN.iterdir()} == {f"{name}.{lang}.txt" for name in SITUATIONS for lang in TEAMS}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", SITUATIONS)
def test_lines_of_a_digest_are_short_enough_for_a_phone(name: str, language: str) -> None:
    text = rendered(name, language).split("-- SMS --")[0].split("\n\n", 1)[1]
    widths = [sum(2 if ord(char) > 0x2E80 else 1 for char in line) for line in text.splitlines()]
    assert max(widths) <= 76


def test_a_breach_told_to_who_is_on_call_names_them() -> None:
    called = clock(chain=Chain((Level(0, roster="night"),)))
    policy = replace(LOCAL, rosters=ROSTERS)
    for team, line in (("care-global", "On call: lin"), ("care-cn", "值班：lin")):
        told = notice(case(called, team=team, risks=()), effect(case(called), EffectKind.BREACH), policy, NOW, URL)
        assert told is not None
        assert line in told.email.splitlines()
        assert line in told.sms
        assert told.attributes["recipient"] == json.loads(told.body)["recipient"] == "lin"
        assert len(told.message_attributes) == 10


def test_the_text_of_a_round_the_clock_promise_tells_the_teams_own_time() -> None:
    for team, says in (
        ("care-cn", "期限：3月12日 周四 11:15 北京时间"),
        ("care-global", "Due: Thu 12 Mar 03:15 London time"),
    ):
        about = case(clock(), team=team)
        told = notice(about, effect(about, EffectKind.BREACH), LOCAL, NOW, URL)
        assert told is not None
        assert says in told.email
