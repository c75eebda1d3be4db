"""How a bundle lives: a window opens and gathers, is over, and is told of until somebody confirms it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from heed.cases.change import effect, repeated
from heed.codec import instant
from heed.model import Bundle, EffectKind, Telling, Window
from heed.noise.gates import Gate
from heed.values import replace

MOST_HELD = 1_000  # some 80 KB of the 400 that an item may have
REMEMBERED = 100


def key_of(window: str) -> str:
    """The key of the bundle that a window belongs to, from the window's name."""
    return window.rsplit("@", 1)[0]


def opened(bundle: Bundle | None, gate: Gate, now: datetime) -> Bundle:
    """The bundle of a gate with a window that opens now; one without anything yet is made."""
    window = Window(f"{gate.key}@{instant(now)}", now, gate.until)
    if bundle is None:
        bundle = Bundle(gate.key, gate.why, gate.brand, gate.team, gate.roster, version=0, updated_at=now)
    return replace(bundle, window=window)


def let_pass(bundle: Bundle, key: str) -> Bundle:
    """The bundle after one more notice that went out at once."""
    assert bundle.window is not None  # noqa: S101 - it was opened
    window = replace(bundle.window, passes=bundle.window.passes + 1)
    return replace(bundle, window=window, passed=(*bundle.passed, key)[-REMEMBERED:])


def held(bundle: Bundle, case: str, key: str) -> Bundle:
    """The bundle after one more notice that was withheld; beyond MOST_HELD it is only counted."""
    assert bundle.window is not None  # noqa: S101 - it was opened
    window = bundle.window
    if len(window.held) < MOST_HELD:
        return replace(bundle, window=replace(window, held=(*window.held, (case, key))))
    return replace(bundle, window=replace(window, more=window.more + 1))


def over(bundle: Bundle, now: datetime) -> Bundle:
    """The bundle without a window that has ended; what that held is to be told by the version being made."""
    window = bundle.window
    if window is None or window.until > now:
        return bundle
    if not window.held:
        return replace(bundle, window=None)
    telling = Telling(window, effect(window.name, EffectKind.DIGEST, now))
    return replace(bundle, window=None, outbox=(*bundle.outbox, telling))


def lived(bundle: Bundle, now: datetime) -> Bundle:
    """What time does to a bundle: its window ends, and what nobody confirmed is told again."""
    after = over(bundle, now)
    outbox = tuple(replace(telling, digest=repeated(telling.digest, now)) for telling in after.outbox)
    return next_version(bundle, replace(after, outbox=outbox), now)


def told(bundle: Bundle, windows: Iterable[str], at: datetime | None, now: datetime) -> Bundle:
    """These windows' digests were told at `at`, None if there was no more need to: they leave the outbox."""
    done = set(windows)
    outbox = tuple(telling for telling in bundle.outbox if telling.window.name not in done)
    if outbox == bundle.outbox:
        return bundle
    keys = [key for telling in bundle.outbox if telling not in outbox for _, key in telling.window.held]
    known = (*bundle.told, *keys)[-REMEMBERED:]
    return next_version(bundle, replace(bundle, outbox=outbox, told=known, told_at=at or bundle.told_at), now)


def next_version(before: Bundle | None, after: Bundle, now: datetime) -> Bundle:
    """`after` one version later, or the very same `before` if nothing changed."""
    if before == after and before is not None:
        return before
    version = after.version + 1
    outbox = tuple(
        replace(telling, digest=replace(telling.digest, version=telling.digest.version or version))
        for telling in after.outbox
    )
    return replace(after, version=version, updated_at=now, outbox=outbox)


def due_at(bundle: Bundle) -> datetime | None:
    """When somebody has to look at the bundle again, None if never: a window that holds nothing ends by itself."""
    moments = [telling.digest.retry_at for telling in bundle.outbox]
    if bundle.window is not None and bundle.window.held:
        moments.append(bundle.window.until)
    return min(moments, default=None)


def to_announce(bundle: Bundle) -> tuple[Telling, ...]:
    """The digests that this very version has to tell."""
    return tuple(telling for telling in bundle.outbox if telling.digest.version == bundle.version)
