"""What people on call receive: one SNS message with a body for machines, an e-mail and an SMS line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from heed import cases
from heed.announcing.facts import Facts, Severity, facts, moot
from heed.announcing.languages import words_of
from heed.announcing.wire import Attributes, dumps, instant, instant_or_none, typed
from heed.model import Case, Clock, Effect, EffectKind
from heed.policy import Policy
from heed.values import Value

SCHEMA = "heed.notice.v1"


class Notice(Value):
    """A notice in all its forms. `body` is JSON after its contract, such as `heed.notice.v1`; `subject` is ASCII."""

    key: str
    severity: Severity
    body: str
    subject: str
    email: str
    sms: str
    attributes: Attributes

    @property
    def message(self) -> str:
        """For `MessageStructure=json`: people get words, every other protocol (`default`) gets the JSON."""
        return dumps({"default": self.body, "email": self.email, "sms": self.sms})

    @property
    def message_attributes(self) -> dict[str, dict[str, str]]:
        return typed(self.attributes)


def notice(
    case: Case, effect: Effect, policy: Policy, now: datetime, case_url: str, excerpt: str | None = None
) -> Notice | None:
    """The notice for `effect` from the case as it is at `now`, or None if it is moot (`moot` says why).

    `case_url` is the whole link to the case. `excerpt` is the customer's text, quoted in the e-mail only, and only as
    far as the policy's `excerpt_characters` lets it out. Raises KeyError for an escalation, which is no notice.
    """
    if moot(case, effect, now) is not None:
        return None
    clock = cases.clock_named(case, effect.clock)
    assert clock is not None  # noqa: S101 - a notice without clock is moot
    found = facts(case, effect, clock, policy, now, case_url, excerpt)
    words = words_of(policy, found.addressed)
    return Notice(
        key=effect.key,
        severity=found.severity,
        body=dumps(_document(case, effect, clock, found, now)),
        subject=words.subject(found),
        email=words.email(found),
        sms=words.sms(found),
        attributes=_attributes(found),
    )


def _attributes(found: Facts) -> dict[str, str]:
    """For subscription filters. At most ten: SNS drops a raw delivery to SQS that has more."""
    attributes = {
        "schema": SCHEMA,
        "kind": str(found.kind),
        "severity": str(found.severity),
        "platform": found.channel.split("/", 1)[0],
        "brand": found.brand,
        "team": found.addressed,
        "priority": str(found.priority),
        "metric": str(found.metric),
    }
    attributes |= {"level": str(found.level)} if found.kind is EffectKind.BREACH else {}
    return attributes | ({"recipient": found.on_call} if found.on_call else {})


def _document(case: Case, effect: Effect, clock: Clock, found: Facts, now: datetime) -> dict[str, Any]:
    corrected = effect.kind is EffectKind.CORRECTION
    # SNS may keep attributes from subscribers where the message is structured, so the body repeats them.
    keys = {"schema": SCHEMA, "key": effect.key}
    return (
        keys
        | _attributes(found)
        | {
            "recipient": found.on_call or None,
            "level": found.level if effect.kind is EffectKind.BREACH else None,
            "occurred_at": instant(now),
            "case_id": case.id,
            "channel": case.channel,
            "surface": case.surface,
            "language": case.language,
            "risks": list(case.risks),
            "clock": clock.id,
            "state": clock.state,
            "target_seconds": clock.target_seconds,
            "deadline_at": instant_or_none(clock.deadline_at),
            "detected_at": instant_or_none(clock.detected_at),
            "stopped_at": instant_or_none(clock.stopped_at),
            "overdue_seconds": found.overdue_seconds,
            "acknowledged_by": found.taken_by or None,
            "waiting_messages": case.waiting_messages,
            "next_action": found.action,
            "link": found.link,
            "corrects": effect.key.removesuffix("correction") + "breach" if corrected else None,
        }
    )
