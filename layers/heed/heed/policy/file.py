"""What a policy file may say: its schema, in pydantic.

Every value arrives as text (see `heed.policy.source`) and leaves in its compiled form. Names that one section gives to
another (teams, brands, calendars, channels) come as the validation context, so an unknown name is told at its own line
together with every other mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from heed.model import Kind, Metric, Priority, RiskName, Sentiment, SignalName, Surface, Topic
from heed.platforms import NAMES as PLATFORMS
from heed.policy.source import quoted
from heed.policy.values import (
    ChannelName,
    Duration,
    HeardLanguage,
    Identifier,
    Interval,
    Language,
    Patience,
    Share,
    Truth,
    Wrong,
    Zone,
    name_of,
    one_of,
    printable,
    whole,
)
from heed.sla.calendars import GUARD_DAYS, WEEKDAYS, Calendar, Unbounded

_DAYS_AT_ONCE = 366
_DAYS_GIVEN = 1000
_DAY = timedelta(days=1)
_WEEKDAYS = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?")
_DATES = re.compile(r"(2[01]\d\d-\d\d-\d\d)(?:\.\.(2[01]\d\d-\d\d-\d\d))?", re.ASCII)

Distinct = AfterValidator(lambda values: sorted(set(values)))
Brand = Annotated[str, name_of("brand")]
Team = Annotated[str, name_of("team")]
CalendarName = Annotated[str, name_of("calendar")]
PriorityName = Annotated[str, one_of("priority", Priority)]


# -- calendars --------------------------------------------------------------------------------------------------------


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _apart(hours: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The intervals of a day in order, none overlapping another."""
    ordered = sorted(hours)
    for (opens, closes), (following, end) in pairwise(ordered):
        if _minutes(closes) > _minutes(following) or _minutes(closes) < _minutes(opens):
            raise Wrong(f"{opens}-{closes} and {following}-{end} overlap")
    return ordered


Hours = Annotated[list[Interval], Field(max_length=8), AfterValidator(_apart)]


def _weekdays(key: str) -> list[str]:
    """`mon`, `mon-fri`, `sat-sun` or `daily`, as days."""
    first, last = _ends(_WEEKDAYS, "mon-sun" if key == "daily" else key)
    if first not in WEEKDAYS or last not in WEEKDAYS:
        names = ", ".join(WEEKDAYS)
        raise Wrong(f"{quoted(key)} is not a day; choose from {names}, a range such as mon-fri, or daily")
    begin = WEEKDAYS.index(first)
    return [WEEKDAYS[(begin + step) % 7] for step in range((WEEKDAYS.index(last) - begin) % 7 + 1)]


def _dates(key: str) -> list[str]:
    """`2026-01-04` or `2026-01-01..2026-01-03`, as ISO dates."""
    try:
        begin, end = map(date.fromisoformat, _ends(_DATES, key))
    except ValueError:
        raise Wrong(
            f"{quoted(key)} is not a date from 2000 to 2199; write 2026-01-04 or 2026-01-01..2026-01-03"
        ) from None
    if not 0 <= (end - begin).days < _DAYS_AT_ONCE:
        raise Wrong(f"{quoted(key)} must run forward, over at most {_DAYS_AT_ONCE} days")
    return [(begin + step * _DAY).isoformat() for step in range((end - begin).days + 1)]


def _ends(pattern: re.Pattern[str], key: str) -> tuple[str, str]:
    """First and last of a range; a single one is both; two empty ones if the key is neither."""
    found = pattern.fullmatch(key)
    return (found[1], found[2] or found[1]) if found else ("", "")


def _days(spread: Callable[[str], list[str]], given: dict[str, Any]) -> dict[str, Any]:
    """Hours by single day, from hours by day or range; no day may be given twice."""
    found: dict[str, Any] = {}
    by: dict[str, str] = {}
    for key, hours in given.items():
        for day in spread(key):
            if day in by:
                raise Wrong(f"{day} is already given by {quoted(by[day])}", key)
            found[day], by[day] = hours, key
    return found


def _key(spread: Callable[[str], list[str]]) -> AfterValidator:
    def check(key: str) -> str:
        spread(key)
        return key

    return AfterValidator(check)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Opening(_Section):
    """A calendar: opening hours in a zone."""

    zone: Zone
    week: Annotated[dict[Annotated[str, _key(_weekdays)], Hours], AfterValidator(partial(_days, _weekdays))]
    days: Annotated[dict[Annotated[str, _key(_dates)], Hours], AfterValidator(partial(_days, _dates))] = {}

    @model_validator(mode="after")
    def _opens(self) -> Opening:
        """Refuse a calendar on which a promise might never fall due, whenever it starts."""
        if len(self.days) > _DAYS_GIVEN:
            raise Wrong(f"has more than {_DAYS_GIVEN} dated days", "days")
        if not any(self.week.values()):
            raise Wrong("has no open time in its week; after its last dated day no promise on it falls due", "week")
        closed = sum(not hours for hours in self.days.values())
        if closed < GUARD_DAYS - 28:
            return self  # too few closed days to fill the guard, with weeks for the pattern and a clock change to spare
        dated = [date.fromisoformat(day) for day in self.days]
        calendar = Calendar(self.zone, self.week, dict(zip(dated, self.days.values(), strict=True)))
        # A week without a dated day is as open as any other, so only starts around dated days can tell more.
        around = {day + step * _DAY for day in dated for step in range(-8, 2)}
        for day in sorted(around):
            try:
                calendar.next_opening(datetime.combine(day, time(), UTC))
            except Unbounded:
                raise Wrong(
                    f"has no open time in the {GUARD_DAYS} days from {day}; a promise on it never falls due"
                ) from None
        return self


# -- the other sections -----------------------------------------------------------------------------------------------


class BrandEntry(_Section):
    name: Annotated[str, printable(80)]


class TeamEntry(_Section):
    language: Annotated[str, one_of("language of notices", ("zh", "en"))]


class ChannelEntry(_Section):
    brand: Brand
    team: Team
    language: Language | None = None
    bots: Annotated[list[Annotated[str, printable(128)]], Distinct] = []


class Condition(_Section):
    """`when`: each list names values of which any one suffices; what is left out may be anything."""

    kinds: list[Annotated[str, one_of("kind", Kind)]] | None = None
    sentiments: list[Annotated[str, one_of("sentiment", Sentiment)]] | None = None
    topics: list[Annotated[str, one_of("topic", Topic)]] | None = None
    risks: list[Annotated[str, one_of("risk", RiskName)]] | None = None
    signals: list[Annotated[str, one_of("signal", SignalName)]] | None = None
    surfaces: list[Annotated[str, one_of("surface", Surface)]] | None = None
    platforms: list[Annotated[str, one_of("platform", PLATFORMS)]] | None = None
    channels: list[Annotated[str, name_of("channel")]] | None = None
    languages: list[HeardLanguage] | None = None
    uncertain: Truth | None = None

    @field_validator("*", mode="after")
    @classmethod
    def _not_empty(cls, value: list[str] | bool | None) -> list[str] | bool | None:
        if value == []:
            raise Wrong("an empty list would hold for everything; leave it out or name values")
        return sorted(set(value)) if isinstance(value, list) else value


class Rule(_Section):
    when: Condition


class PriorityRule(Rule):
    then: PriorityName


class RoutingRule(Rule):
    then: Team


def _covers(wider: dict[str, Any], narrower: dict[str, Any]) -> bool:
    """Whether the one condition holds of every message of which the other holds."""
    return all(
        name in narrower
        and (set(narrower[name]) <= set(values) if isinstance(values, list) else narrower[name] == values)
        for name, values in wider.items()
    )


def _reachable(rules: list[Any]) -> list[Any]:
    conditions = [rule.when.model_dump(exclude_none=True) for rule in rules]
    for index, condition in enumerate(conditions):
        for earlier in conditions[:index]:
            if _covers(earlier, condition):
                before = "an earlier rule that holds whenever this one does" if earlier else "a rule that always holds"
                raise Wrong(f"is never reached: {before} decides first; put the narrower rule before the wider", index)
    return rules


class TargetEntry(_Section):
    within: Duration
    calendar: CalendarName


Targets = dict[PriorityName, dict[Annotated[str, one_of("metric", Metric)], TargetEntry]]


def _urgent(targets: Targets) -> Targets:
    if "first_response" not in targets.get("P1", {}):
        raise Wrong("P1 must promise a first_response", *(["P1"] if "P1" in targets else []))
    return targets


class PeopleEntry(_Section):
    priorities: Annotated[list[PriorityName], Distinct]
    risks: Annotated[list[Annotated[str, one_of("risk", RiskName)]], Distinct]
    signals: Annotated[list[Annotated[str, one_of("signal", SignalName)]], Distinct]
    contacted_again_after: Patience
    uncertain_negative: Truth


class PolicyFile(_Section):
    """A whole policy file."""

    brands: Annotated[dict[Identifier, BrandEntry], Field(min_length=1)]
    teams: Annotated[dict[Identifier, TeamEntry], Field(min_length=1)]
    calendars: Annotated[dict[Identifier, Opening], Field(min_length=1, max_length=50)]
    channels: Annotated[dict[ChannelName, ChannelEntry], Field(min_length=1)]
    priorities: Annotated[list[PriorityRule], Field(max_length=200), AfterValidator(_reachable)]
    routing: Annotated[list[RoutingRule], Field(max_length=200), AfterValidator(_reachable)] = []
    targets: Annotated[Targets, AfterValidator(_urgent)]
    people: PeopleEntry
    warn_at_share: Share
    reopen_within: Duration
    keep_days: Annotated[int, whole(1, 3650)]
    keep_quarantine_days: Annotated[int, whole(1, 365)]
    excerpt_characters: Annotated[int, whole(0, 280)]
