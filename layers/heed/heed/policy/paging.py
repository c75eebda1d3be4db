"""What a policy file may say of who is paged, and how often: rosters and the measures against noise, in pydantic."""

from __future__ import annotations

import re
from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from heed.policy.source import quoted
from heed.policy.values import Duration, Wrong, Zone, whole
from heed.sla.calendars import WEEKDAYS

_HANDOVER = re.compile(rf"({'|'.join(WEEKDAYS)}) ((?:[01]\d|2[0-3]):[0-5]\d)")
_PERSON = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,62}")
_DATE = re.compile(r"2[01]\d\d-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"(2[01]\d\d-\d\d-\d\d)[T ](?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _handover(value: str) -> str:
    if not _HANDOVER.fullmatch(value):
        days = ", ".join(WEEKDAYS)
        raise Wrong(f"{quoted(value)} is not a weekly moment; write a day ({days}) and a time, such as mon 09:00")
    return value


def _person(value: str) -> str:
    if not _PERSON.fullmatch(value):
        raise Wrong(f"{quoted(value)} is not a person; write 1 to 63 letters, digits and . _ @ + -")
    return value


def _date(value: str) -> str:
    try:
        if _DATE.fullmatch(value):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise Wrong(f"{quoted(value)} is not a date from 2000 to 2199; write it as 2026-03-02")


def _moment(value: str) -> str:
    try:
        if _MOMENT.fullmatch(value):
            return datetime.fromisoformat(value).isoformat(timespec="minutes")
    except ValueError:
        pass
    raise Wrong(
        f"{quoted(value)} is not a local time; write it as 2026-03-02T09:00, without a zone: the roster has one"
    )


Person = Annotated[str, AfterValidator(_person)]
Moment = Annotated[str, AfterValidator(_moment)]


class OverrideEntry(_Section):
    """Somebody else is on call from one local time until another."""

    since: Annotated[Moment, Field(alias="from")]
    until: Moment
    who: Person

    @model_validator(mode="after")
    def _forward(self) -> OverrideEntry:
        if self.until <= self.since:
            raise Wrong(f"ends at {self.until}, which is not after its beginning at {self.since}", "until")
        return self


def _apart(overrides: list[OverrideEntry]) -> list[OverrideEntry]:
    """In order, none overlapping another; a mistake is told at the one that stands later in the file."""
    ordered = sorted(enumerate(overrides), key=lambda pair: pair[1].since)
    for (first, earlier), (second, later) in pairwise(ordered):
        if later.since < earlier.until:
            one, other = (later, earlier) if first < second else (earlier, later)
            raise Wrong(
                f"{one.since} to {one.until} ({one.who}) overlaps {other.since} to {other.until} ({other.who})",
                max(first, second),
            )
    return [override for _, override in ordered]


class RosterEntry(_Section):
    """A weekly rotation; its weeks cover all time, so it has no gap."""

    zone: Zone
    handover: Annotated[str, AfterValidator(_handover)]
    starts: Annotated[str, AfterValidator(_date)]
    rotation: Annotated[list[Person], Field(min_length=1, max_length=50)]
    overrides: Annotated[list[OverrideEntry], Field(max_length=500), AfterValidator(_apart)] = []

    @model_validator(mode="after")
    def _starts_at_a_handover(self) -> RosterEntry:
        weekday = WEEKDAYS[date.fromisoformat(self.starts).weekday()]
        if weekday != self.handover[:3]:
            raise Wrong(
                f"{self.starts} is a {weekday}; a rotation starts at a hand-over, on a {self.handover[:3]}", "starts"
            )
        return self

    def compiled(self) -> dict[str, Any]:
        """What `heed.policy.rosters.load` reads."""
        return {
            "zone": self.zone,
            "handover": self.handover[4:],
            "starts": self.starts,
            "rotation": self.rotation,
            "overrides": [override.model_dump(by_alias=True) for override in self.overrides],
        }


class AtMostEntry(_Section):
    """So many notices to one person or team in so long; critical ones are not counted."""

    notices: Annotated[int, whole(1, 1000)]
    within: Duration


class NoiseEntry(_Section):
    """What is left out is not done: without any of it every notice goes out at once."""

    incident_window: Duration | None = None
    at_most: AtMostEntry | None = None
    digest_worst: Annotated[int, whole(1, 50)] = 10

    def compiled(self) -> dict[str, Any]:
        most = self.at_most
        return {
            "incident_seconds": self.incident_window or 0,
            "most": most.notices if most else 0,
            "within_seconds": most.within if most else 0,
            "worst": self.digest_worst,
        }
