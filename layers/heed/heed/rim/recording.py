"""Recording a message: read the case, let the core decide, write message and case in one transaction."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime

from heed import cases, judge, timeline
from heed.model import Author, Case, Message
from heed.policy import Policy
from heed.rim.items import Stored
from heed.rim.store import Change, Conflict, Duplicate, Table, Unavailable

ATTEMPTS = 8


def record(
    table: Table, policy: Policy, message: Message, now: datetime, in_time: Callable[[], bool] = lambda: True
) -> Case | None:
    """Record one verified message, once. Returns its case, or None if the table held the message already.

    One read and one transaction, unless another message of the conversation is written at the same moment. Raises
    Unavailable if the table cannot do it now, or once a call would have to begin though it is no longer `in_time`.
    """
    channel = policy.channels.get(message.channel)
    assessment = judge.assess(message.text, channel.language if channel else None)
    stored = Stored(message, assessment if message.author is Author.CUSTOMER else None)
    key = cases.conversation_key(message.channel, message.conversation)
    for attempt in range(ATTEMPTS):
        _begin(in_time)
        before = table.load(key)
        _begin(in_time)
        after = cases.receive(before, message, assessment, policy, now)
        try:
            return table.record(Change(before, after, timeline.entries(before, after, timeline.SYSTEM, now)), stored)
        except Duplicate:
            return None
        except Conflict:
            stand_back(attempt)
    raise Unavailable("Conflict")


def _begin(in_time: Callable[[], bool]) -> None:
    if not in_time():
        raise Unavailable("Time")


def stand_back(attempt: int) -> None:
    """Wait a little, longer each time, after losing a race for a case."""
    time.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 - spreads rivals, guards nothing
