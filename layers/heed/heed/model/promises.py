"""A case: one customer's open matter, its promises and what it has to tell."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from heed.model.messages import Kind, RiskName, Sentiment, Surface, Topic
from heed.values import Value


class Priority(StrEnum):
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class Status(StrEnum):
    OPEN = "open"
    PENDING_CUSTOMER = "pending_customer"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"


class Metric(StrEnum):
    """What a clock promises. FR, NR and RES in the literature of service levels."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"
    REPLY_WINDOW = "reply_window"


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    BREACHED_MET = "breached_met"
    CANCELLED = "cancelled"
    RETRACTED = "retracted"


class Level(Value):
    """One step of an escalation chain: told `after_seconds` of elapsed time from the breach, to these attributes.

    An empty `team` or `severity` is the one that the notice has by itself. Who of `roster` is on call is settled when
    the notice is written.
    """

    after_seconds: int
    team: str = ""
    severity: str = ""
    roster: str = ""


class Chain(Value):
    """Whom a breach is told to, one level after another; an acknowledgement holds it for `acknowledged_seconds`."""

    levels: tuple[Level, ...] = (Level(0),)
    acknowledged_seconds: int = 1800


Interval = tuple[datetime, datetime]


class Clock(Value):
    """One promise with a deadline: (episode, metric, period) of a case.

    `intervals` are the earlier active intervals, [start, end), and `used_seconds` the business time of still earlier
    ones that are no longer kept one by one; `resumed_at` is the start of the last one (None while paused),
    `stopped_at` when the clock was paused, ended, or, broken, asked for no more. `deadline_version` rises whenever the
    deadline moves, so that a notice about an older deadline can be told apart. `said_at` is when the message that
    started it was really said, if that was too long before we received it to count from (late ingest, rule 10).
    A broken clock holds the `chain` of levels as it was at the breach, the last `level` told and when the next is due.
    """

    episode: int
    metric: Metric
    period: int
    state: ClockState
    calendar: str
    target_seconds: int
    started_at: datetime
    resumed_at: datetime | None
    deadline_at: datetime | None
    used_seconds: float = 0.0
    warn_share: float = 0.0
    deadline_version: int = 1
    stopped_at: datetime | None = None
    reason: str = ""
    warn_at: datetime | None = None
    detected_at: datetime | None = None
    published_at: datetime | None = None
    intervals: tuple[Interval, ...] = ()
    said_at: datetime | None = None
    chain: Chain | None = None
    level: int = 0
    next_level_at: datetime | None = None

    @property
    def id(self) -> str:
        return f"{self.episode}.{self.metric}.{self.period}"


class EffectKind(StrEnum):
    ESCALATION = "escalation"
    WARNING = "warning"
    BREACH = "breach"
    CORRECTION = "correction"
    DIGEST = "digest"


class Effect(Value):
    """Something announce has to tell the world about this case, kept until it is known to be told.

    `key` is the same in every repetition, so that a receiver can drop repeats. `version` is the case
    version whose stream record carries it; `retry_at` is when to try again if nobody confirmed it. `level` is the
    step of the escalation chain that a breach is told to; the breach itself is level 1. One that is withheld names the
    window of a bundle in `held_by`, which tells it after `held_until`.
    """

    key: str
    kind: EffectKind
    version: int
    retry_at: datetime
    clock: str = ""
    reasons: tuple[str, ...] = ()
    tries: int = 1
    level: int = 1
    held_by: str = ""
    held_until: datetime | None = None


class Case(Value):
    """One customer's open matter on one channel.

    `key` names the conversation inside the table, `id` is what people say on the phone. `waiting_since` and
    `waiting_until` are the oldest and newest customer message without a reply, None when nobody waits. `excerpt` is
    as much of the customer's last words as the policy lets a notice quote. `heard` and `replies` are the times of the
    episode's last customer messages and answers, oldest first: what is waited for is what was heard after the last
    answer. `merged_into` is the key of the case that this one went into; `spam` says that nothing is promised.
    `contain_at` is when a bot's answer counts as having settled the matter, if nobody writes again.
    """

    key: str
    id: str
    channel: str
    brand: str
    conversation: str
    customer: str
    surface: Surface
    language: str
    version: int
    episode: int
    status: Status
    priority: Priority
    team: str
    kind: Kind
    sentiment: Sentiment
    topic: Topic
    risks: tuple[RiskName, ...]
    opened_at: datetime
    updated_at: datetime
    policy: str
    assignee: str = ""
    answered: bool = False
    last_reply_at: datetime | None = None
    waiting_since: datetime | None = None
    waiting_until: datetime | None = None
    waiting_messages: int = 0
    first_ack_at: datetime | None = None
    escalated: tuple[str, ...] = ()
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    excerpt: str = ""
    clocks: tuple[Clock, ...] = ()
    outbox: tuple[Effect, ...] = ()
    heard: tuple[datetime, ...] = ()
    replies: tuple[datetime, ...] = ()
    spam: bool = False
    merged_into: str = ""
    contain_at: datetime | None = None
