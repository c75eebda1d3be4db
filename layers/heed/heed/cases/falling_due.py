"""What time does to a case: promises break, warnings are due, and what nobody confirmed is said again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from heed.cases import chains, windows
from heed.cases.change import CONFIRM_WITHIN, changed, effect, repeated
from heed.cases.promises import broken
from heed.cases.reshaping import contain
from heed.model import Case, Clock, ClockState, Effect, EffectKind, Metric, Status
from heed.policy import Policy
from heed.sla import clocks
from heed.values import replace


def expire(case: Case, now: datetime, policy: Policy | None = None) -> Case:
    """Mark every promise that has run out, warn of those about to, tell the next level, repeat what nobody confirmed.

    The policy gives a breach its chain of levels and the hours to hold them for; without one it is told once.
    """
    if case.contain_at is not None and _bot_is_waited_for(case) and case.contain_at <= now:
        return contain(case, now)
    after = chains.levelled(_warned(broken(case, now, now, policy), now), now, policy)
    after = replace(after, outbox=tuple(repeated(entry, now) for entry in after.outbox))
    return case if after == case else changed(after, now)


def confirm(case: Case, keys: Iterable[str], at: datetime | None, now: datetime) -> Case:
    """Announce is done with these effects: they leave the outbox. It told the world at `at`, None if it need not."""
    done = set(keys)
    told = [entry for entry in case.outbox if entry.key in done]
    if not told:
        return case
    published = {entry.clock for entry in told if entry.kind is EffectKind.BREACH and entry.level == 1}
    return changed(
        case,
        now,
        outbox=tuple(entry for entry in case.outbox if entry.key not in done),
        clocks=tuple(replace(clock, published_at=at) if clock.id in published else clock for clock in case.clocks),
    )


def hold(case: Case, keys: Iterable[str], window: str, until: datetime, now: datetime) -> Case:
    """These effects are withheld: a digest tells them once `until` has passed, and the outbox if that does not."""
    named = set(keys)
    again = max(until, now) + CONFIRM_WITHIN
    outbox = tuple(
        replace(entry, held_by=window, held_until=until, retry_at=again)
        if entry.key in named and entry.held_by != window
        else entry
        for entry in case.outbox
    )
    return case if outbox == case.outbox else changed(case, now, outbox=outbox)


def due_at(case: Case) -> datetime | None:
    """When somebody has to look at the case again, None if never: the one figure the sweep needs.

    For a deadline that is the instant after it, the first at which the promise is broken.
    """
    moments = [entry.retry_at for entry in case.outbox]
    moments += [case.contain_at] if case.contain_at and _bot_is_waited_for(case) else []
    for clock in _running(case):
        moments += [clock.deadline_at + timedelta.resolution] if clock.deadline_at else []
        moments += [clock.warn_at] if clock.warn_at else []
    moments += [due for clock in case.clocks if (due := chains.level_due(case, clock))]
    return min(moments, default=None)


def next_promise(case: Case) -> Clock | None:
    """The clock that runs out first, for people who choose what to answer next; it has a deadline.

    A reply window promises nothing while nobody waits.
    """
    promised = [c for c in _running(case) if c.metric is not Metric.REPLY_WINDOW or windows.awaited(case, c)]
    due = [(clock.deadline_at, clock.metric, clock) for clock in promised if clock.deadline_at is not None]
    return min(due, key=lambda each: each[:2])[2] if due else None


def next_deadline(case: Case) -> datetime | None:
    """When the promise that runs out first does so."""
    promise = next_promise(case)
    return promise.deadline_at if promise else None


def to_announce(case: Case) -> tuple[Effect, ...]:
    """The effects this very version has to tell."""
    return tuple(entry for entry in case.outbox if entry.version == case.version)


def clock_named(case: Case, name: str) -> Clock | None:
    return next((clock for clock in case.clocks if clock.id == name), None)


def _bot_is_waited_for(case: Case) -> bool:
    return case.waiting_since is not None and case.status is not Status.RESOLVED


def _running(case: Case) -> list[Clock]:
    return [clock for clock in case.clocks if clock.state is ClockState.RUNNING]


def _warned(case: Case, now: datetime) -> Case:
    """Warnings whose time has come, but none so late that the breach itself is about to be told (rule 17)."""
    outbox, after = list(case.outbox), []
    for clock in case.clocks:
        if clock.warn_at is not None and clock.warn_at <= now:
            idle = clock.metric is Metric.REPLY_WINDOW and not windows.awaited(case, clock)
            if clocks.worth_warning(clock, now) and not idle:
                key = f"{case.id}/{clock.id}/v{clock.deadline_version}/warning"
                outbox.append(effect(key, EffectKind.WARNING, now, clock=clock.id))
            clock = replace(clock, warn_at=None)
        after.append(clock)
    return replace(case, clocks=tuple(after), outbox=tuple(outbox))
