"""The brand's own rules, as the functions use them.

`policy.yaml` is validated and compiled at build time by `heed.policy.build` into the module `heed_policy`, a plain
literal: a start reads bytecode and parses nothing. `load` turns that literal into the types below.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from heed.model import (
    Assessment,
    Chain,
    Channel,
    Kind,
    Level,
    Message,
    Metric,
    Priority,
    RiskName,
    Sentiment,
    SignalName,
    Status,
    Surface,
    Topic,
)
from heed.policy import rosters
from heed.policy.rosters import Roster
from heed.sla.calendars import WEEKDAYS, Calendar
from heed.values import Value

if TYPE_CHECKING:
    from heed.judge.words import Words

# A year's holidays are missed this long before a promise could need them. Less than a year, so both ends tell.
FORESIGHT = timedelta(days=60)
# The calendar of promises in elapsed time; no calendar of a policy file may have this name.
ELAPSED = "24x7"

_NONE: Mapping[Any, Any] = MappingProxyType({})


class Target(Value):
    """One promise: `seconds` of open time on `calendar`, with a warning once `warn_share` of it is spent."""

    seconds: int
    calendar: str
    warn_share: float


class When(Value):
    """A condition on a message and its assessment. An empty set means any; within a set, any one suffices."""

    kinds: frozenset[Kind] = frozenset()
    sentiments: frozenset[Sentiment] = frozenset()
    topics: frozenset[Topic] = frozenset()
    risks: frozenset[RiskName] = frozenset()
    signals: frozenset[SignalName] = frozenset()
    surfaces: frozenset[Surface] = frozenset()
    platforms: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    uncertain: bool | None = None

    def holds(self, message: Message, assessment: Assessment) -> bool:
        single = (
            (self.kinds, assessment.kind),
            (self.sentiments, assessment.sentiment),
            (self.topics, assessment.topic),
            (self.surfaces, message.surface),
            (self.platforms, message.channel.split("/", 1)[0]),
            (self.channels, message.channel),
            (self.languages, assessment.language),
        )
        return (
            all(not wanted or value in wanted for wanted, value in single)
            and self.uncertain in (None, assessment.uncertain)
            and (not self.risks or any(risk.name in self.risks for risk in assessment.risks))
            and (not self.signals or any(signal.name in self.signals for signal in assessment.signals))
        )


class People(Value):
    """When a case needs people, beside every risk: which priorities and signals, and the two waits."""

    priorities: frozenset[Priority]
    risks: frozenset[RiskName]
    signals: frozenset[SignalName]
    contacted_again_seconds: int | None
    uncertain_negative: bool


class Team(Value):
    """People who answer. `language` is the one their notices are written in.

    `calendar` names their working hours, `zone` the place whose time they read; either may be empty.
    """

    name: str
    language: str
    calendar: str = ""
    zone: str = ""


class Noise(Value):
    """How notices are kept few; a figure of 0 switches its measure off.

    The first notice of an incident goes out at once, the rest of its `incident_seconds` together. Nobody gets more than
    `most` notices, critical ones aside, in `within_seconds`. A digest tells the `worst` cases one by one.
    """

    incident_seconds: int = 0
    most: int = 0
    within_seconds: int = 0
    worst: int = 10


class Policy(Value):
    """Everything a brand decides. `version` changes whenever the file's meaning does; `brands` are ids to names."""

    version: str
    brands: Mapping[str, str]
    teams: Mapping[str, Team]
    channels: Mapping[str, Channel]
    hours: Mapping[str, Mapping[str, Any]]
    priorities: tuple[tuple[When, Priority], ...]
    routing: tuple[tuple[When, str], ...]
    targets: Mapping[Priority, Mapping[Metric, Target]]
    people: People
    reopen_window_seconds: int
    retention_days: int
    quarantine_days: int
    excerpt_characters: int
    reply_windows: Mapping[str, Mapping[Surface, Target]] = _NONE
    chains: Mapping[Priority, Chain] = _NONE
    pausing: frozenset[Status] = frozenset({Status.PENDING_CUSTOMER, Status.ON_HOLD})
    rosters: Mapping[str, Roster] = _NONE
    noise: Noise = Noise()
    vocabulary: Mapping[str, Mapping[str, str]] = _NONE
    contained_after_seconds: int | None = None

    @cached_property
    def calendars(self) -> Mapping[str, Calendar]:
        always = Calendar("UTC", {day: [("00:00", "24:00")] for day in WEEKDAYS})
        return {name: _calendar(hours) for name, hours in self.hours.items()} | {ELAPSED: always}

    @cached_property
    def words(self) -> Words | None:
        """The brand's own words, for `heed.judge.assess`; only what assesses messages loads the judge."""
        from heed.judge.words import Words

        return Words(self.vocabulary) if self.vocabulary else None

    def uncertain(self, now: datetime) -> tuple[str, ...]:
        """Names of the calendars whose public holidays are not known for all of the FORESIGHT from `now`."""
        ends = (now, now + FORESIGHT)
        return tuple(name for name, calendar in self.calendars.items() if not all(map(calendar.certain, ends)))

    def priority(self, message: Message, assessment: Assessment) -> Priority:
        """The first rule that holds decides; P4 if none does."""
        return next((chosen for when, chosen in self.priorities if when.holds(message, assessment)), Priority.P4)

    def team(self, message: Message, assessment: Assessment) -> str:
        """The first routing rule that holds, else the channel's own team."""
        return next(
            (chosen for when, chosen in self.routing if when.holds(message, assessment)),
            self.channels[message.channel].team,
        )

    def target(self, priority: Priority, metric: Metric) -> Target | None:
        return self.targets.get(priority, {}).get(metric)

    def reply_window(self, channel: str, surface: Surface) -> Target | None:
        """How long the platform lets the brand write after the customer's last message; None for ever."""
        return self.reply_windows.get(channel.split("/", 1)[0], {}).get(surface)

    def chain(self, priority: Priority) -> Chain:
        """Whom a breach is told to; by default at once to those who get every notice, and to nobody after."""
        return self.chains.get(priority) or Chain()

    def on_call(self, roster: str, now: datetime) -> str:
        """Who of a roster is on call; empty for no roster, or one that a newer policy has dropped."""
        found = self.rosters.get(roster)
        return rosters.on_call(found, now) if found else ""


def load(compiled: Mapping[str, Any]) -> Policy:
    """The policy from its compiled literal, which `heed.policy.build` has validated."""
    people = compiled["people"]
    return Policy(
        version=compiled["version"],
        brands=compiled["brands"],
        teams={name: Team(name, **team) for name, team in compiled["teams"].items()},
        channels={name: _channel(name, channel) for name, channel in compiled["channels"].items()},
        hours=compiled["calendars"],
        priorities=tuple((_when(rule["when"]), Priority(rule["then"])) for rule in compiled["priorities"]),
        routing=tuple((_when(rule["when"]), rule["then"]) for rule in compiled["routing"]),
        targets={
            Priority(priority): {Metric(metric): Target(**target) for metric, target in targets.items()}
            for priority, targets in compiled["targets"].items()
        },
        people=People(
            priorities=frozenset(map(Priority, people["priorities"])),
            risks=frozenset(map(RiskName, people["risks"])),
            signals=frozenset(map(SignalName, people["signals"])),
            contacted_again_seconds=people["contacted_again_seconds"],
            uncertain_negative=people["uncertain_negative"],
        ),
        reopen_window_seconds=compiled["reopen_window_seconds"],
        retention_days=compiled["retention_days"],
        quarantine_days=compiled["quarantine_days"],
        excerpt_characters=compiled["excerpt_characters"],
        reply_windows={platform: _windows(windows) for platform, windows in compiled["reply_windows"].items()},
        chains={Priority(priority): _chain(chain) for priority, chain in compiled["chains"].items()},
        pausing=frozenset(map(Status, compiled["pausing"])),
        rosters={name: rosters.load(name, roster) for name, roster in compiled["rosters"].items()},
        noise=Noise(**compiled["noise"]),
        vocabulary=compiled["words"],
        contained_after_seconds=compiled["contained_after_seconds"],
    )


_FIELDS: Mapping[str, type] = {
    "kinds": Kind,
    "sentiments": Sentiment,
    "topics": Topic,
    "risks": RiskName,
    "signals": SignalName,
    "surfaces": Surface,
    "platforms": str,
    "channels": str,
    "languages": str,
}


def _when(conditions: Mapping[str, Any]) -> When:
    sets = {name: frozenset(map(_FIELDS[name], values)) for name, values in conditions.items() if name in _FIELDS}
    return When(**sets, uncertain=conditions.get("uncertain"))


def _windows(windows: Mapping[str, Mapping[str, Any]]) -> Mapping[Surface, Target]:
    return {Surface(surface): Target(**window) for surface, window in windows.items()}


def _chain(chain: Mapping[str, Any]) -> Chain:
    return Chain(tuple(Level(**level) for level in chain["levels"]), chain["acknowledged_seconds"])


def _channel(name: str, channel: Mapping[str, Any]) -> Channel:
    platform, account = name.split("/", 1)
    return Channel(
        platform=platform,
        account=account,
        brand=channel["brand"],
        team=channel["team"],
        language=channel["language"],
        bots=frozenset(channel["bots"]),
    )


def _calendar(hours: Mapping[str, Any]) -> Calendar:
    days = {date.fromisoformat(day): intervals for day, intervals in hours["days"].items()}
    return Calendar(hours["zone"], hours["week"], days, hours["years"])
