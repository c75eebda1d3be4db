"""What a policy file may say: its schema, in pydantic.

Every value arrives as text (see `heed.policy.source`) and leaves in its compiled form. Names that one section gives to
another (teams, brands, calendars, channels) come as the validation context, so an unknown name is told at its own line
together with every other mistake.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from heed.model import Kind, Metric, Priority, RiskName, Sentiment, SignalName, Status, Surface, Topic
from heed.platforms import NAMES as PLATFORMS
from heed.policy import ELAPSED
from heed.policy.escalation import EscalationEntry
from heed.policy.opening import Opening
from heed.policy.paging import NoiseEntry, RosterEntry
from heed.policy.source import quoted
from heed.policy.values import (
    ChannelName,
    Duration,
    HeardLanguage,
    Identifier,
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
from heed.policy.words import WordsEntry

Distinct = AfterValidator(lambda values: sorted(set(values)))
Brand = Annotated[str, name_of("brand")]
Team = Annotated[str, name_of("team")]
CalendarName = Annotated[str, name_of("calendar")]
PriorityName = Annotated[str, one_of("priority", Priority)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BrandEntry(_Section):
    name: Annotated[str, printable(80)]


class TeamEntry(_Section):
    """`calendar` is when they work, `zone` where: both optional."""

    language: Annotated[str, one_of("language of notices", ("zh", "en"))]
    calendar: CalendarName | None = None
    zone: Zone | None = None


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
    warn_before: Duration | None = None


# How long a platform lets a brand write is the platform's to say, so it has a section of its own.
PROMISED = tuple(metric for metric in Metric if metric is not Metric.REPLY_WINDOW)
Targets = dict[PriorityName, dict[Annotated[str, one_of("metric", PROMISED)], TargetEntry]]
Windows = dict[
    Annotated[str, one_of("platform", PLATFORMS)], dict[Annotated[str, one_of("surface", Surface)], Duration]
]
# Messenger and Instagram: standard messaging window; WhatsApp: customer service window; WeChat: 客服消息 within 48 h.
WINDOWS: Windows = {
    "facebook": {"direct": 86_400},
    "instagram": {"direct": 86_400},
    "wechat": {"direct": 172_800},
    "whatsapp": {"direct": 86_400},
}
PAUSES = (Status.PENDING_CUSTOMER, Status.ON_HOLD)


def _not_elapsed(name: str) -> str:
    if name == ELAPSED:
        raise Wrong(f"{quoted(name)} is Heed's own name for elapsed time; choose another")
    return name


def _sound(targets: Targets) -> Targets:
    if "first_response" not in targets.get("P1", {}):
        raise Wrong("P1 must promise a first_response", *(["P1"] if "P1" in targets else []))
    for priority, promised in targets.items():
        for metric, target in promised.items():
            if target.warn_before is not None and target.warn_before >= target.within:
                raise Wrong("must be shorter than the promise", priority, metric, "warn_before")
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
    calendars: Annotated[
        dict[Annotated[Identifier, AfterValidator(_not_elapsed)], Opening], Field(min_length=1, max_length=50)
    ]
    channels: Annotated[dict[ChannelName, ChannelEntry], Field(min_length=1)]
    priorities: Annotated[list[PriorityRule], Field(max_length=200), AfterValidator(_reachable)]
    routing: Annotated[list[RoutingRule], Field(max_length=200), AfterValidator(_reachable)] = []
    targets: Annotated[Targets, AfterValidator(_sound)]
    people: PeopleEntry
    reply_windows: Windows = WINDOWS
    escalation: EscalationEntry = EscalationEntry()
    rosters: Annotated[dict[Identifier, RosterEntry], Field(max_length=50)] = {}
    noise: NoiseEntry = NoiseEntry()
    words: Annotated[dict[Language, WordsEntry], Field(max_length=50)] = {}
    resolution_pauses_in: Annotated[list[Annotated[str, one_of("status that pauses", PAUSES)]], Distinct] = [*PAUSES]
    warn_at_share: Share
    reopen_within: Duration
    contained_after: Duration | None = None
    keep_days: Annotated[int, whole(1, 3650)]
    keep_quarantine_days: Annotated[int, whole(1, 365)]
    excerpt_characters: Annotated[int, whole(0, 280)]
