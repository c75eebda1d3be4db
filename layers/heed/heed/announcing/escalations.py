"""A case handed to people: one message on the queue, following the contract `heed.escalation.v1`."""

from __future__ import annotations

from typing import Any

from heed import cases
from heed.announcing.languages import words_of
from heed.announcing.wire import Outgoing, dumps, instant, instant_or_none, quoted
from heed.model import Case, Effect
from heed.policy import Policy

SCHEMA = "heed.escalation.v1"


def escalation(case: Case, effect: Effect, policy: Policy, case_url: str, excerpt: str | None = None) -> Outgoing:
    """The message for `effect` from the case as it is now; `effect.key` is its one key in every repetition.

    `case_url` is the whole link to the case. `excerpt` is the customer's text; as much of it as the policy lets out
    goes along, which is none unless `excerpt_characters` is above 0. No id of the customer or the conversation does.
    """
    document = _described(case, effect) | {
        "reasons": _reasons(case, effect, policy),
        "next_deadline": _next_deadline(case),
        "link": case_url,
        "excerpt": quoted(excerpt, policy.excerpt_characters),
    }
    attributes = {"schema": SCHEMA, "key": effect.key, "team": case.team, "priority": str(case.priority)}
    return Outgoing(effect.key, dumps(document), attributes)


def _described(case: Case, effect: Effect) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "key": effect.key,
        "occurred_at": instant(case.updated_at),
        "case_id": case.id,
        "channel": case.channel,
        "platform": case.channel.split("/", 1)[0],
        "brand": case.brand,
        "team": case.team,
        "priority": case.priority,
        "status": case.status,
        "kind": case.kind,
        "sentiment": case.sentiment,
        "topic": case.topic,
        "risks": list(case.risks),
        "language": case.language,
        "surface": case.surface,
        "opened_at": instant(case.opened_at),
        "waiting_since": instant_or_none(case.waiting_since),
        "waiting_messages": case.waiting_messages,
    }


def _reasons(case: Case, effect: Effect, policy: Policy) -> list[dict[str, str]]:
    words = words_of(policy, case.team)
    return [{"code": code, "text": words.reason(code)} for code in effect.reasons]


def _next_deadline(case: Case) -> dict[str, Any] | None:
    """The promise that falls due first, if any runs."""
    promise = cases.next_promise(case)
    if promise is None:
        return None
    at = instant_or_none(promise.deadline_at)
    return {"metric": promise.metric, "at": at, "target_seconds": promise.target_seconds}
