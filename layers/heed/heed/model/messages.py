"""What is said, and what Heed understands of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from heed.values import Value


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


class Attachment(Value):
    """A typed reference to what the platform holds: a media id, a URL or `latitude,longitude`."""

    kind: AttachmentKind
    reference: str
    title: str = ""


class Channel(Value):
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


class Message(Value):
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


class Report(Value):
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


class Risk(Value):
    """A danger to the customer or the brand, with the customer's words that raised it."""

    name: RiskName
    evidence: tuple[str, ...]


class Signal(Value):
    """Something that calls for people though it is no risk, with the words that raised it."""

    name: SignalName
    evidence: tuple[str, ...]


class Confidence(Value):
    """How sure the judge is of each field, 0 to 1."""

    kind: float
    sentiment: float
    topic: float
    language: float


class Assessment(Value):
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
