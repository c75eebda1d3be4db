"""What is kept beside a case: lines of its timeline, and notices that are told together."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from heed.model.promises import Effect
from heed.values import Value


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
    REASSESSED = "reassessed"


class Entry(Value):
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


class Window(Value):
    """A while in which notices are gathered, [opened_at, until). `passes` went out at once.

    `held` are those withheld, each (case key, effect key), in the order they came; `more` counts what went beyond that.
    """

    name: str
    opened_at: datetime
    until: datetime
    passes: int = 0
    held: tuple[tuple[str, str], ...] = ()
    more: int = 0


class Telling(Value):
    """A window that is over, and the digest that tells what it held until somebody confirms it."""

    window: Window
    digest: Effect


class Bundle(Value):
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
