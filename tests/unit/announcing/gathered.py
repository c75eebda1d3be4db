"""A bundle's window as it is when it is over, built by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from heed.model import Bundle, Case, Effect, EffectKind, Hold, Telling, Window
from heed.policy.rosters import Roster
from tests.unit.announcing.told import NOW, URL

KEY = "incident/qinghe/care-cn/night/breach/high/1"
OPENED = NOW - timedelta(minutes=10)
NAME = f"{KEY}@2026-03-12T03:07:05.000Z"
ROSTERS = {"night": Roster("night", "Asia/Shanghai", "09:00", date(2026, 3, 9), ("lin", "chen"))}
BUNDLE = Bundle(KEY, Hold.INCIDENT, "qinghe", "care-cn", "night", version=3, updated_at=NOW)


def withheld(case: Case, level: int = 1, kind: str = "breach", number: int = 0) -> Case:
    """The case with a notice of one of its clocks in its outbox, as it waits for the digest."""
    about = case.clocks[number]
    key = f"{case.id}/{about.id}/v{about.deadline_version}/{kind}" + (f"/{level}" if level > 1 else "")
    waits = Effect(key, EffectKind(kind), 4, NOW, clock=about.id, level=level, held_by=NAME, held_until=NOW)
    return replace(case, outbox=(*case.outbox, waits))


def found(cases: Iterable[Case]) -> dict[str, Case]:
    """The cases by key, each with what it withholds."""
    named = (case if case.outbox else withheld(case, kind=_kind(case)) for case in cases)
    return {case.key: case for case in named}


def telling(cases: Iterable[Case], more: int = 0, passes: int = 1) -> Telling:
    held = tuple((case.key, effect.key) for case in found(cases).values() for effect in case.outbox)
    window = Window(NAME, OPENED, NOW, passes=passes, held=held, more=more)
    return Telling(window, Effect(NAME, EffectKind.DIGEST, 3, NOW))


def link(case_id: str, now: datetime) -> str:
    return URL.replace("7K3Q-9MXA", case_id)


def _kind(case: Case) -> str:
    return "warning" if case.clocks[0].state == "running" else "breach"
