"""Each kind of notice in both languages, as people get it: read the files in tests/golden/notices, they are the point.

After a change of words, write them anew with `HEED_WRITE_GOLDEN=1 pytest tests/unit/announcing` and read the diff.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from heed.announcing import notice
from heed.model import Case, Chain, ClockState, EffectKind, Kind, Level, Metric, Priority, Status, Surface, Topic
from heed.policy import Policy
from tests.unit.announcing.told import DUE, NOW, POLICY, QUOTING, URL, case, clock, effect

GOLDEN = Path(__file__).parents[2] / "golden" / "notices"
TEAMS = {"en": "care-global", "zh": "care-cn"}

late = clock()
running = clock(state=ClockState.RUNNING, detected_at=None)
resolution = clock(
    metric=Metric.RESOLUTION, calendar="office-cn", target_seconds=27 * 3600, started_at=DUE - timedelta(days=4)
)
window = clock(
    metric=Metric.REPLY_WINDOW, calendar="24x7", target_seconds=24 * 3600, started_at=DUE - timedelta(days=1)
)
settling = {
    "priority": Priority.P3,
    "risks": (),
    "surface": Surface.DIRECT,
    "topic": Topic.PAYMENT_REFUND,
    "waiting_since": None,
    "waiting_messages": 0,
}
answered = {"waiting_since": None, "waiting_messages": 0}

SITUATIONS: dict[str, tuple[EffectKind, Case, Policy]] = {
    "breach": (EffectKind.BREACH, case(late), POLICY),
    "breach-taken": (EffectKind.BREACH, case(late, acknowledged_by="li.wei"), POLICY),
    "breach-quoted": (
        EffectKind.BREACH,
        case(late, priority=Priority.P2, risks=(), kind=Kind.REQUEST, topic=Topic.DELIVERY, waiting_messages=1),
        QUOTING,
    ),
    "breach-after-a-raise": (
        EffectKind.BREACH,
        case(replace(late, reason="accelerated", metric=Metric.NEXT_RESPONSE), surface=Surface.DIRECT),
        POLICY,
    ),
    "breach-answered-late": (
        EffectKind.BREACH,
        case(replace(late, state=ClockState.BREACHED_MET, stopped_at=DUE + timedelta(seconds=48)), **answered),
        POLICY,
    ),
    "breach-again": (
        EffectKind.BREACH,
        case(replace(late, level=2, chain=Chain((Level(0), Level(120, severity="critical")))), priority=Priority.P2),
        POLICY,
    ),
    "breach-window": (EffectKind.BREACH, case(window, priority=Priority.P3, surface=Surface.DIRECT, risks=()), POLICY),
    "warning-window": (
        EffectKind.WARNING,
        case(replace(window, state=ClockState.RUNNING, detected_at=None), priority=Priority.P3, risks=()),
        POLICY,
    ),
    "breach-closed": (
        EffectKind.BREACH,
        case(late, status=Status.RESOLVED, resolved_at=DUE + timedelta(minutes=1), **answered),
        POLICY,
    ),
    "breach-resolution": (EffectKind.BREACH, case(resolution, **settling), POLICY),
    "warning": (
        EffectKind.WARNING,
        case(running, priority=Priority.P2, surface=Surface.MENTION, risks=(), waiting_messages=1),
        POLICY,
    ),
    "warning-resolution": (
        EffectKind.WARNING,
        case(replace(resolution, state=ClockState.RUNNING, detected_at=None), **settling),
        POLICY,
    ),
    "correction": (
        EffectKind.CORRECTION,
        case(replace(late, state=ClockState.RETRACTED, stopped_at=DUE - timedelta(seconds=10)), **answered),
        POLICY,
    ),
}
EXCERPTS = {"en": "Where is my parcel?\r\nIt was due on Monday.", "zh": "我的包裹在哪里？\n说好星期一到的。"}


def rendered(name: str, language: str) -> str:
    kind, about, policy = SITUATIONS[name]
    about = replace(about, team=TEAMS[language])
    now = DUE - timedelta(minutes=3, seconds=45) if kind is EffectKind.WARNING else NOW
    told = notice(about, effect(about, kind, level=max(about.clocks[0].level, 1)), policy, now, URL, EXCERPTS[language])
    assert told is not None
    return "\n".join(
        [
            f"Subject: {told.subject}",
            "",
            told.email,
            "-- SMS --",
            told.sms,
            "",
            "-- JSON --",
            json.dumps(json.loads(told.body), indent=2, ensure_ascii=False),
            "",
        ]
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", SITUATIONS)
def test_a_notice_reads_as_its_golden_file(name: str, language: str) -> None:
    file = GOLDEN / f"{name}.{language}.txt"
    text = rendered(name, language)
    if os.environ.get("HEED_WRITE_GOLDEN") == "1":
        file.write_text(text, encoding="utf-8")
    assert file.exists(), f"{file.name} is missing; HEED_WRITE_GOLDEN=1 writes it"
    assert text == file.read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_situation() -> None:
    assert {file.name for file in GOLDEN.iterdir()} == {f"{name}.{lang}.txt" for name in SITUATIONS for lang in TEAMS}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", SITUATIONS)
def test_lines_of_an_email_are_short_enough_for_a_phone(name: str, language: str) -> None:
    text = rendered(name, language).split("-- SMS --")[0].split("\n\n", 1)[1]
    widths = [sum(2 if ord(char) > 0x2E80 else 1 for char in line) for line in text.splitlines()]
    assert max(widths) <= 76
