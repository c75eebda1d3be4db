"""Recording a message: read the case, let the core decide, write message and case in one transaction."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from heed import cases, judge, timeline
from heed.model import Author, Case, Entry, EntryKind, Message, Report, ReportKind
from heed.policy import Policy
from heed.rim.dynamo import Conflict, Unavailable
from heed.rim.items import Stored
from heed.rim.store import Change, Duplicate, Table

ATTEMPTS = 8


def record(
    table: Table,
    policy: Policy,
    message: Message,
    now: datetime,
    in_time: Callable[[], bool] = lambda: True,
    about: str = "",
) -> Case | None:
    """Record one verified message, once. Returns its case, or None if the table held the message already.

    `about` is the key of the case it is about, by default the one of its conversation, or the case that one was merged
    into. One read and one transaction, unless another message of the conversation is written at the same moment. Raises
    Unavailable if the table cannot do it now, or once a call would have to begin though it is no longer `in_time`.
    """
    channel = policy.channels.get(message.channel)
    assessment = judge.assess(message.text, channel.language if channel else None, policy.words)
    stored = Stored(message, assessment if message.author is Author.CUSTOMER else None)
    key = about or cases.conversation_key(message.channel, message.conversation)
    for attempt in range(ATTEMPTS):
        _begin(in_time)
        before = table.load(key)
        _begin(in_time)
        if before is not None and cases.went_into(before, message, policy):
            key = before.merged_into
            continue
        after = cases.receive(before, message, assessment, policy, now)
        try:
            return table.record(Change(before, after, timeline.entries(before, after, timeline.SYSTEM, now)), stored)
        except Duplicate:
            return None
        except Conflict:
            stand_back(attempt)
    raise Unavailable("Conflict")


def record_report(
    table: Table, policy: Policy, report: Report, now: datetime, in_time: Callable[[], bool] = lambda: True
) -> bool:
    """Record what became of a message, once. False if that is known, or the message is one Heed never had.

    One read and one transaction. A message that is taken back before it came is not recorded when it comes; an edit of
    such a message is lost, and so the older wording kept. Raises Unavailable as `record` does.
    """
    key = cases.conversation_key(report.channel, report.conversation)
    for attempt in range(ATTEMPTS):
        _begin(in_time)
        before, stored = table.load_with(key, report.message)
        _begin(in_time)
        try:
            if before is None or stored is None:
                if report.kind is not ReportKind.EDITED:
                    table.bury(report)
                return False
            if _known(stored, report):
                return False
            table.revise(*_reported(before, stored, report, policy, now))
            return True
        except Duplicate:
            # Either it came this very moment, so that the next look finds it, or its empty place is kept already.
            if attempt:
                return False
        except Conflict:
            pass
        stand_back(attempt)
    raise Unavailable("Conflict")


def keep(
    table: Table,
    policy: Policy,
    said: Message | Report,
    now: datetime,
    counts: Counter[str],
    in_time: Callable[[], bool] = lambda: True,
) -> None:
    """Record a message or a report, and count what is worth a metric. Raises Unavailable as `record` does."""
    if isinstance(said, Report):
        record_report(table, policy, said, now, in_time)
        return
    case = record(table, policy, said, now, in_time)
    if case is None:
        counts["Duplicates"] += 1
    elif any(clock.reason == "unbounded" for clock in case.clocks):
        counts["UnboundedClocks"] += 1


def _known(stored: Stored, report: Report) -> bool:
    """What is withdrawn stays so, and of two edits the later one counts."""
    if stored.reported is None or stored.reported_at is None:
        return False
    return stored.reported is not ReportKind.EDITED or (
        report.kind is ReportKind.EDITED and report.at <= stored.reported_at
    )


def _reported(before: Case, stored: Stored, report: Report, policy: Policy, now: datetime) -> tuple[Change, Stored]:
    channel = policy.channels.get(report.channel)
    message = cases.revised(stored.message, report)
    assessment = judge.assess(message.text, channel.language if channel else None, policy.words)
    after = cases.report(before, stored.message, report, assessment, policy, now)
    said = Entry(now, EntryKind(report.kind), timeline.SYSTEM, message.author)
    entries = (said, *timeline.entries(before, after, timeline.SYSTEM, now))
    kept = assessment if report.kind is ReportKind.EDITED else None
    return Change(before, after, entries), Stored(message, kept, report.kind, report.at)


def _begin(in_time: Callable[[], bool]) -> None:
    if not in_time():
        raise Unavailable("Time")


def stand_back(attempt: int) -> None:
    """Wait a little, longer each time, after losing a race for a case."""
    time.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 - spreads rivals, guards nothing
