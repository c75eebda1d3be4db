"""Which notices of a batch go out at once: decided on the bundles in the table, and written there before all else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from heed.model import Effect
from heed.noise import Gate, Porter, Verdict, key_of
from heed.rim.bundles import Bundles
from heed.rim.dynamo import Unavailable
from heed.rim.recording import stand_back
from heed.values import Value

ATTEMPTS = 8


class Asked(Value):
    """A notice at its gates."""

    case: str
    effect: Effect
    gates: tuple[Gate, ...]


def verdicts(table: Bundles, asked: Sequence[Asked], now: datetime) -> list[Verdict]:
    """What becomes of each notice, in the order in which they came. Raises Unavailable.

    No call while no notice has a gate; else one read and one transaction, and again where somebody else was first.
    """
    keys = {key for each in asked for gate in each.gates for key in (gate.key, *gate.remembers)}
    keys |= {key_of(each.effect.held_by) for each in asked if each.effect.held_by}
    for attempt in range(ATTEMPTS):
        before, broken = table.load_bundles(keys)
        porter = Porter(before, now, broken)
        found = [porter.judge(each.case, each.effect, each.gates) for each in asked]
        if not table.save_bundles(porter.changed):
            return found
        stand_back(attempt)
    raise Unavailable("Contended")
