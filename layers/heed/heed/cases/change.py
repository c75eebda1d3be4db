"""The next version of a case, and what it has to tell the world."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from heed.model import Case, Effect, EffectKind
from heed.values import replace

# Longer than a sweep looks ahead: what is told at once is confirmed before anybody thinks of telling it again.
CONFIRM_WITHIN = timedelta(seconds=180)
RETRY_CEILING = timedelta(hours=1)

_DOUBLINGS = 10


def changed(case: Case, now: datetime, **changes: Any) -> Case:
    """The case one version later; effects without a version are told by this one."""
    version = case.version + 1
    outbox: tuple[Effect, ...] = changes.pop("outbox", case.outbox)
    told = tuple([replace(e, version=version) if e.version == 0 else e for e in outbox])
    return replace(case, **changes, version=version, updated_at=now, outbox=told)


def effect(
    key: str, kind: EffectKind, now: datetime, clock: str = "", reasons: tuple[str, ...] = (), level: int = 1
) -> Effect:
    """`version` 0 stands for the version being made; `changed` fills it in."""
    retry_at = now + CONFIRM_WITHIN
    return Effect(key=key, kind=kind, version=0, retry_at=retry_at, clock=clock, reasons=reasons, level=level)


def repeated(entry: Effect, now: datetime) -> Effect:
    """An effect that nobody confirmed in time, to be told again by the version being made."""
    if entry.retry_at > now:
        return entry
    wait = min(CONFIRM_WITHIN * 2 ** min(entry.tries - 1, _DOUBLINGS), RETRY_CEILING)
    return replace(entry, version=0, retry_at=now + wait, tries=entry.tries + 1)
