"""What watch looks for: what falls due before its next run, channels that fall silent, cases without the new policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from heed.rim.adoption import Adoption
from heed.rim.items import HORIZON, SHARDS
from heed.rim.pulse import Rhythms
from heed.rim.queues import Wake


class Watched(Rhythms, Adoption):
    """Everything that watch knows of the table. Every method may raise Unavailable."""

    def falling_due(self, now: datetime) -> Iterator[Wake]:
        """All shards, each minute beginning with another, so that a run cut short never starves the same ones."""
        first = now.minute % len(SHARDS)
        for shard in SHARDS[first:] + SHARDS[:first]:
            for key, at in self.due(shard, now + HORIZON):
                yield Wake(key, at)
