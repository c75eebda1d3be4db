"""Cases as the desk shows them. The shapes are those of functions/desk/openapi.yaml."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from heed import codec
from heed.announcing.languages import words_of
from heed.announcing.wire import instant, instant_or_none
from heed.model import Assessment, Attachment, Case, Clock, ClockState, Entry
from heed.policy import Policy
from heed.rim.corrections import Correction, Labels, labelled
from heed.rim.items import Stored
from heed.sla import clocks
from heed.values import Value

View = dict[str, Any]

PAGE_BYTES = 4_000_000  # Lambda takes 6 MB of answer


class Line(Value):
    """One line of a timeline: a message, or an entry beside the messages."""

    at: datetime
    view: View


class Lines(Value):
    """A page of lines; if more follow, the time of its last line and how many lines of that time were given."""

    views: list[View]
    next: tuple[datetime, int] | None


def case_view(case: Case, policy: Policy, now: datetime) -> View:
    """A case with its promises as they stand at `now`."""
    words = words_of(policy, case.team)
    return {
        "id": case.id,
        "version": case.version,
        "channel": case.channel,
        "platform": case.channel.split("/", 1)[0],
        "brand": case.brand,
        "team": case.team,
        "assignee": case.assignee or None,
        "status": case.status,
        "priority": case.priority,
        "kind": case.kind,
        "sentiment": case.sentiment,
        "topic": case.topic,
        "language": case.language,
        "surface": case.surface,
        "risks": list(case.risks),
        "why": [{"code": code, "text": words.reason(code)} for code in case.escalated],
        "customer": case.customer,
        "conversation": case.conversation,
        "episode": case.episode,
        "opened_at": instant(case.opened_at),
        "updated_at": instant(case.updated_at),
        "resolved_at": instant_or_none(case.resolved_at),
        "spam": case.spam,
        "merged": bool(case.merged_into),
        "answered": case.answered,
        "last_reply_at": instant_or_none(case.last_reply_at),
        "waiting_since": instant_or_none(case.waiting_since),
        "waiting_messages": case.waiting_messages,
        "acknowledged_by": case.acknowledged_by or None,
        "acknowledged_at": instant_or_none(case.acknowledged_at),
        "clocks": [_clock(clock, policy, now) for clock in case.clocks],
    }


def correction_view(correction: Correction, stored: Stored) -> View:
    """A correction with its message; `labelled` is a line of the export."""
    return {
        "case": correction.case_id,
        "team": correction.team,
        "message_id": correction.message,
        "by": correction.by,
        "at": instant(correction.at),
        "labelled": labelled(correction, stored),
    }


def reassessed(message_id: str, labels: Labels) -> str:
    """What a correction says of which message, in the words of the API and none of the customer's."""
    said = codec.to_plain(labels)
    if "risks" in said:
        said["risks"] = " and ".join(said["risks"]) or "none"
    return f"{message_id}: {', '.join(f'{name} {label}' for name, label in said.items())}"


def timeline(messages: Sequence[Stored], entries: Sequence[Entry]) -> list[Line]:
    """Messages and entries in order of time; at the same time a message comes before what it did."""
    lines = [Line(stored.message.sent_at, _message(stored)) for stored in messages]
    lines += [Line(entry.at, _entry(entry)) for entry in entries]
    return sorted(lines, key=lambda line: line.at)


def page(lines: Sequence[Line], after: tuple[datetime, int] | None, size: int) -> Lines:
    """At most `size` lines after a place, and at most what an answer may weigh, but always one.

    Lines that came in between change no other line's place.
    """
    times = [line.at for line in lines]
    start = bisect_left(times, after[0]) + after[1] if after else 0
    weights = accumulate(
        len(json.dumps(line.view, ensure_ascii=False).encode()) for line in lines[start : start + size]
    )
    end = start + max(sum(weight <= PAGE_BYTES for weight in weights), 1) if start < len(lines) else start
    more = (times[end - 1], end - bisect_left(times, times[end - 1])) if start < end < len(lines) else None
    return Lines([line.view for line in lines[start:end]], more)


def _clock(clock: Clock, policy: Policy, now: datetime) -> View:
    return {
        "id": clock.id,
        "metric": clock.metric,
        "episode": clock.episode,
        "period": clock.period,
        "state": clock.state,
        "reason": clock.reason or None,
        "calendar": clock.calendar,
        "calendar_uncertain": clocks.uncertain(clock, policy.calendars),
        "target_seconds": clock.target_seconds,
        "started_at": instant(clock.started_at),
        "deadline_at": instant_or_none(clock.deadline_at),
        "left_seconds": _left_seconds(clock, now),
        "overdue_seconds": _overdue_seconds(clock, now),
        "stopped_at": instant_or_none(clock.stopped_at),
        "detected_at": instant_or_none(clock.detected_at),
        "published_at": instant_or_none(clock.published_at),
    }


def _left_seconds(clock: Clock, now: datetime) -> float | None:
    """Elapsed seconds to the deadline while the promise runs, 0 once it is past; None for any other."""
    if clock.state is not ClockState.RUNNING or clock.deadline_at is None:
        return None
    return round(max((clock.deadline_at - now).total_seconds(), 0.0), 3)


def _overdue_seconds(clock: Clock, now: datetime) -> float:
    """Elapsed seconds by which the promise was or is late, 0 where it is not."""
    if clock.deadline_at is None or clock.state not in _LATE:
        return 0.0
    return round(max(((clock.stopped_at or now) - clock.deadline_at).total_seconds(), 0.0), 3)


_LATE = (ClockState.RUNNING, ClockState.BREACHED, ClockState.BREACHED_MET)


def _message(stored: Stored) -> View:
    message = stored.message
    return {
        "type": "message",
        "at": instant(message.sent_at),
        "received_at": instant(message.received_at),
        "id": message.id,
        "author": message.author,
        "by": message.author_name or None,
        "surface": message.surface,
        "text": message.text,
        "attachments": [_attachment(attachment) for attachment in message.attachments],
        "reply_to": message.reply_to,
        "assessment": _assessment(stored.assessment) if stored.assessment else None,
        "became": stored.reported,
    }


def _attachment(attachment: Attachment) -> View:
    return {"kind": attachment.kind, "reference": attachment.reference, "title": attachment.title or None}


def _assessment(assessment: Assessment) -> View:
    """Every field of an assessment: the model's names are the API's."""
    view: View = codec.to_plain(assessment)
    return view


def _entry(entry: Entry) -> View:
    return {
        "type": "entry",
        "at": instant(entry.at),
        "kind": entry.kind,
        "by": entry.by,
        "detail": entry.detail or None,
        "text": entry.text or None,
        "deadline_at": instant_or_none(entry.deadline_at),
    }
