"""Who decides: one notice after another, on the bundles as they were read, into the bundles as they are to be written.

A decision is settled by writing it before anybody acts on it, and read again wherever the notice comes once more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from heed.model import Bundle, Effect, Window
from heed.noise import bundles
from heed.noise.gates import Gate
from heed.values import Value


class Way(StrEnum):
    """What becomes of a notice: it goes out, is withheld, was told by a digest, or just waits for that."""

    GO = "go"
    HOLD = "hold"
    TOLD = "told"
    WAIT = "wait"


class Verdict(Value):
    """`window` and `until` are of a notice that is withheld, `at` of one that was told; None if that is not known."""

    way: Way
    window: str = ""
    until: datetime | None = None
    at: datetime | None = None


_GO = Verdict(Way.GO)


class Porter:
    """`before` are the bundles as they were read; `changed` are those to write.

    The gates of those that cannot be read, `broken`, stand open: rather a notice too many than one too few.
    """

    def __init__(self, before: Mapping[str, Bundle], now: datetime, broken: Collection[str] = ()) -> None:
        self._before = before
        self._after = dict(before)
        self._now = now
        self._broken = broken

    @property
    def changed(self) -> list[tuple[Bundle | None, Bundle]]:
        """Each bundle that changed, as it was and as it becomes."""
        pairs = ((self._before.get(key), after) for key, after in self._after.items())
        nexts = ((before, bundles.next_version(before, after, self._now)) for before, after in pairs)
        return [(before, after) for before, after in nexts if after is not before]

    def judge(self, case: str, effect: Effect, gates: Sequence[Gate]) -> Verdict:
        """What becomes of a notice at these gates. It is asked in the order in which notices came."""
        known = self._withheld_before(effect)
        if known is not None:
            return known
        for gate in (gate for gate in gates if gate.key not in self._broken):
            verdict = self._at(gate, case, effect)
            if verdict.way is not Way.GO:
                return verdict
        return _GO

    def _withheld_before(self, effect: Effect) -> Verdict | None:
        """A notice that comes again though it is withheld: its window still waits, or has been told of."""
        bundle = self._after.get(bundles.key_of(effect.held_by)) if effect.held_by else None
        if bundle is None:
            return None  # never withheld, or nobody knows of it any more: decide anew
        if any(window.name == effect.held_by for window in _windows(bundle)):
            return Verdict(Way.WAIT)
        return Verdict(Way.TOLD, at=bundle.told_at)

    def _at(self, gate: Gate, case: str, effect: Effect) -> Verdict:
        decided = [self._decided(key, case, effect) for key in (gate.key, *gate.remembers)]
        known = [verdict for verdict in decided if verdict is not None]
        if known:  # what passed one gate may have been withheld at the next
            return next((verdict for verdict in known if verdict.way is not Way.GO), _GO)
        before = self._after.get(gate.key)
        bundle = bundles.over(before, self._now) if before is not None else None
        if bundle is None or bundle.window is None:
            bundle = bundles.opened(bundle, gate, self._now)
        window = bundle.window
        assert window is not None  # noqa: S101 - it was opened
        passes = window.passes < gate.lets_pass
        self._after[gate.key] = (
            bundles.let_pass(bundle, effect.key) if passes else bundles.held(bundle, case, effect.key)
        )
        return _GO if passes else Verdict(Way.HOLD, window.name, window.until)

    def _decided(self, key: str, case: str, effect: Effect) -> Verdict | None:
        """What a bundle decided of a notice before, None if it never saw it or forgot."""
        bundle = self._after.get(key)
        if bundle is None:
            return None
        for window in _windows(bundle):
            if (case, effect.key) in window.held:
                return Verdict(Way.HOLD, window.name, window.until)
        if effect.key in bundle.told:
            return Verdict(Way.TOLD, at=bundle.told_at)
        return _GO if effect.key in bundle.passed else None


def _windows(bundle: Bundle) -> list[Window]:
    return [telling.window for telling in bundle.outbox] + ([bundle.window] if bundle.window else [])
