"""What a policy file may say of escalation: whom a breach is told to, one level after another, in pydantic."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from heed.model import Priority
from heed.policy.values import Delay, Duration, Wrong, name_of, one_of

AGE_CAP_SECONDS = 86_400
SEVERITIES = ("critical", "high", "normal", "info")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AddressEntry(_Section):
    """The attributes a notice of this level has instead of its own; subscriptions filter by them."""

    team: Annotated[str, name_of("team")] = ""
    severity: Annotated[str, one_of("severity", SEVERITIES)] = ""
    roster: Annotated[str, name_of("roster", optional=True)] = ""


class LevelEntry(_Section):
    """One level: told so long after the breach, to whom."""

    after: Delay
    to: AddressEntry = AddressEntry()


def _rising(levels: list[LevelEntry]) -> list[LevelEntry]:
    if levels[0].after:
        raise Wrong("must be 0s: a breach is told at once", 0, "after")
    for index, (earlier, later) in enumerate(pairwise(levels), 1):
        if later.after <= earlier.after:
            raise Wrong("must be later than the level before", index, "after")
    if levels[-1].after >= AGE_CAP_SECONDS:
        raise Wrong("must be less than 24h: after a day a chain ends", len(levels) - 1, "after")
    return levels


class EscalationEntry(_Section):
    """`levels` by priority; a priority that is not named tells a breach once. An acknowledgement holds the chain."""

    acknowledged_for: Duration = 1800
    levels: dict[
        Annotated[str, one_of("priority", Priority)],
        Annotated[list[LevelEntry], Field(min_length=1, max_length=9), AfterValidator(_rising)],
    ] = {}
