"""The words of Heed, as types. Everything here is immutable; every time is an aware datetime in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Author(StrEnum):
    """Who said it. Only a human agent's public answer is a reply to a customer."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"


class Surface(StrEnum):
    """Where it was said. A public complaint weighs more than a private one; the policy can say so."""

    DIRECT = "direct"
    COMMENT = "comment"
    MENTION = "mention"
    REVIEW = "review"


class AttachmentKind(StrEnum):
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    LINK = "link"
    CARD = "card"
    STICKER = "sticker"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A typed reference to what the platform holds: a media id, a URL or `latitude,longitude`."""

    kind: AttachmentKind
    reference: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """One brand account on one platform, as the policy declares it.

    `bots` are the ids under which the brand's automatic senders appear in a platform's echoes.
    """

    platform: str
    account: str
    brand: str
    team: str
    language: str | None = None
    bots: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return f"{self.platform}/{self.account}"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing a customer or the brand said, free of platform detail.

    `id` is the platform's own identity of the message, unique within the channel, the same in every
    retry. `conversation` is the thread within the channel; `customer` is the platform's id of the
    customer, also on messages the brand wrote. `sent_at` is the platform's time.
    """

    channel: str
    id: str
    conversation: str
    customer: str
    author: Author
    surface: Surface
    text: str
    sent_at: datetime
    received_at: datetime
    attachments: tuple[Attachment, ...] = ()
    reply_to: str | None = None
    author_name: str = ""


class ReportKind(StrEnum):
    """What became of a message after it was said."""

    WITHDRAWN = "withdrawn"
    EDITED = "edited"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Report:
    """A platform's later word on a message: its author withdrew or edited it, or the brand's own never arrived.

    `message` and `conversation` are the message's own identities within the channel; `text` is the new wording of an
    edit.
    """

    channel: str
    kind: ReportKind
    message: str
    conversation: str
    at: datetime
    received_at: datetime
    text: str = ""


class Kind(StrEnum):
    COMPLAINT = "complaint"
    QUESTION = "question"
    PRAISE = "praise"
    SUGGESTION = "suggestion"
    REQUEST = "request"
    IRRELEVANT = "irrelevant"


class Sentiment(StrEnum):
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Topic(StrEnum):
    DELIVERY = "delivery"
    PAYMENT_REFUND = "payment_refund"
    PRODUCT_QUALITY = "product_quality"
    TECHNICAL = "technical"
    ACCOUNT_SECURITY = "account_security"
    SERVICE_ATTITUDE = "service_attitude"
    PRICE = "price"
    OTHER = "other"


class RiskName(StrEnum):
    SAFETY = "safety"
    LEGAL = "legal"
    REGULATOR = "regulator"
    MEDIA = "media"
    FRAUD = "fraud"
    DATA_LEAK = "data_leak"
    SELF_HARM = "self_harm"
    ABUSE = "abuse"
    SCAM = "scam"


class SignalName(StrEnum):
    ANGRY = "angry"
    WANTS_HUMAN = "wants_human"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Risk:
    """A danger to the customer or the brand, with the customer's words that raised it."""

    name: RiskName
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that calls for people though it is no risk, with the words that raised it."""

    name: SignalName
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure the judge is of each field, 0 to 1."""

    kind: float
    sentiment: float
    topic: float
    language: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """What Heed understood of a message, and why.

    `language` is an ISO 639-1 code or `und`. `reasons` are sentences for a support agent.
    """

    kind: Kind
    sentiment: Sentiment
    topic: Topic
    language: str
    risks: tuple[Risk, ...]
    signals: tuple[Signal, ...]
    confidence: Confidence
    uncertain: bool
    reasons: tuple[str, ...]
    model: str


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


@dataclass(frozen=True, slots=True)
class Level:
    """One step of an escalation chain: told `after_seconds` of elapsed time from the breach, to these attributes.

    An empty `team` or `severity` is the one that the notice has by itself. Who of `roster` is on call is settled when
    the notice is written.
    """

    after_seconds: int
    team: str = ""
    severity: str = ""
    roster: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """Whom a breach is told to, one level after another; an acknowledgement holds it for `acknowledged_seconds`."""

    levels: tuple[Level, ...] = (Level(0),)
    acknowledged_seconds: int = 1800


Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Clock:
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


@dataclass(frozen=True, slots=True)
class Effect:
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


@dataclass(frozen=True, slots=True)
class Case:
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


class EntryKind(StrEnum):
    """What a timeline entry that is no message records."""

    ESCALATED = "escalated"
    WARNED = "warned"
    BREACHED = "breached"
    CORRECTED = "corrected"
    PUBLISHED = "published"
    ACKNOWLEDGED = "acknowledged"
    PRIORITY = "priority"
    ASSIGNED = "assigned"
    STATUS = "status"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    REPLIED = "replied"
    NOTED = "noted"
    MERGED = "merged"
    SPAM = "spam"
    WITHDRAWN = "withdrawn"
    EDITED = "edited"
    REJECTED = "rejected"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case's timeline beside its messages: what changed, when and by whom."""

    at: datetime
    kind: EntryKind
    by: str
    detail: str = ""
    text: str = ""
    deadline_at: datetime | None = None


class Hold(StrEnum):
    """Why a notice is withheld: an incident is told already, nobody works now, or it would be one too many."""

    INCIDENT = "incident"
    HOURS = "hours"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Window:
    """A while in which notices are gathered, [opened_at, until). `passes` went out at once.

    `held` are those withheld, each (case key, effect key), in the order they came; `more` counts what went beyond that.
    """

    name: str
    opened_at: datetime
    until: datetime
    passes: int = 0
    held: tuple[tuple[str, str], ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Telling:
    """A window that is over, and the digest that tells what it held until somebody confirms it."""

    window: Window
    digest: Effect


@dataclass(frozen=True, slots=True)
class Bundle:
    """Notices to one addressee that go together; in the table it lives as a case does.

    `key` says what it gathers: why, brand, team, and what else they share. `passed` are the effect keys that lately
    went out at once, so that a repetition of theirs does too; `told` those that a digest lately told, or dropped.
    `told_at` is when its last digest went out.
    """

    key: str
    why: Hold
    brand: str
    team: str
    roster: str
    version: int
    updated_at: datetime
    window: Window | None = None
    outbox: tuple[Telling, ...] = ()
    passed: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    told_at: datetime | None = None
