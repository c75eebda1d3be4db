"""Recording a message: read the case, let the core decide, write message and case in one transaction."""

from __future__ import annotations

import random
import time
from datetime import datetime

from heed import cases, judge, timeline
from heed.model import Author, Case, Message
from heed.policy import Policy
from heed.rim.store import Change, Conflict, Duplicate, Stored, Table, Unavailable

ATTEMPTS = 8


def record(table: Table, policy: Policy, message: Message, now: datetime) -> Case | None:
    """Record one verified message, once. Returns its case, or None if the table held the message already.

    One read and one transaction, unless another message of the conversation is written at the same moment. Raises
    Unavailable if the table cannot do it now.
    """
    channel = policy.channels.get(message.channel)
    assessment = judge.assess(message.text, channel.language if channel else None)
    stored = Stored(message, assessment if message.author is Author.CUSTOMER else None)
    key = cases.conversation_key(message.channel, message.conversation)
    for attempt in range(ATTEMPTS):
        before = table.load(key)
        after = cases.receive(before, message, assessment, policy, now)
        try:
            return table.record(Change(before, after, timeline.entries(before, after, timeline.SYSTEM, now)), stored)
        except Duplicate:
            return None
        except Conflict:
            stand_back(attempt)
    raise Unavailable("Conflict")


def stand_back(attempt: int) -> None:
    """Wait a little, longer each time, after losing a race for a case."""
    time.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 - spreads rivals, guards nothing
