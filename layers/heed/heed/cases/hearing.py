"""How a message changes a case."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from heed.cases import waiting, windows
from heed.cases.answering import answered, reopened
from heed.cases.change import changed, effect
from heed.cases.promises import broken, kept_already, only, promised, under
from heed.cases.windows import latest
from heed.model import Assessment, Author, Case, EffectKind, Message, Metric, Priority, Sentiment, Status
from heed.policy import Policy
from heed.sla import clocks
from heed.values import replace

LATE_INGEST = timedelta(minutes=15)

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def conversation_key(channel: str, conversation: str) -> str:
    """The table's name for a conversation: 128 bits of SHA-256, so any text a platform sends is a fit key."""
    return hashlib.sha256(_bytes(f"{channel}\n{conversation}")).hexdigest()[:32]


def short_id(key: str, first_message: str, attempt: int = 0) -> str:
    """A case id people can say: 8 Crockford base-32 digits such as `7K3Q-9MXA`.

    It is drawn from the first message's identity, which nobody can enumerate, and not from the customer's, so an id
    in a log or an SMS cannot be turned back into a phone number. `attempt` draws again when the id is taken.
    """
    drawn = int.from_bytes(hashlib.sha256(_bytes(f"{key}\n{first_message}\n{attempt}")).digest()[:5], "big")
    digits = "".join(_CROCKFORD[drawn >> shift & 31] for shift in range(35, -1, -5))
    return f"{digits[:4]}-{digits[4:]}"


def renamed(case: Case, first_message: str, attempt: int) -> Case:
    """A new case whose id another one has, under the next id drawn; what it has to tell is keyed by that id too."""
    drawn = short_id(case.key, first_message, attempt)
    told = tuple(replace(effect, key=drawn + effect.key.removeprefix(case.id)) for effect in case.outbox)
    return replace(case, id=drawn, outbox=told)


def receive(case: Case | None, message: Message, assessment: Assessment, policy: Policy, now: datetime) -> Case:
    """A message arrives, from the customer or from the brand; the returned case holds it.

    Messages may reach us late and in any order: a customer's counts from its own time, but from no earlier than 15
    minutes before we received it (rule 10); the brand's counts from its own time however late it comes (rule 13).
    """
    case = case or _opened(message, assessment, policy, now)
    if message.author is Author.CUSTOMER:
        return _heard(case, message, counted_from(message), assessment, policy, now)
    said_at = _said_at(message)
    if message.author is Author.AGENT:
        return answered(case, said_at, policy, now)
    if case.waiting_since is None or said_at < case.waiting_since:
        return changed(case, now)
    first_ack_at = min(case.first_ack_at or said_at, said_at)
    return changed(case, now, first_ack_at=first_ack_at, contain_at=_contained_at(case, said_at, policy))


def _contained_at(case: Case, said_at: datetime, policy: Policy) -> datetime | None:
    """When a bot's answer settles the matter by silence (rule 9): never one that was handed to people."""
    patience = policy.contained_after_seconds
    if patience is None or case.escalated or case.waiting_until is None or said_at < case.waiting_until:
        return case.contain_at
    return max(said_at + timedelta(seconds=patience), case.contain_at or said_at)


def went_into(case: Case, message: Message, policy: Policy) -> bool:
    """Whether a message of this case's conversation belongs to the case that it was merged into.

    It does as long as it would reopen this one; after that a new matter begins, in the conversation's own case.
    """
    if not case.merged_into or case.resolved_at is None:
        return False
    return counted_from(message) - case.resolved_at <= timedelta(seconds=policy.reopen_window_seconds)


def counted_from(message: Message) -> datetime:
    """When the wait for an answer to a customer's message began (rule 10)."""
    return max(_said_at(message), message.received_at - LATE_INGEST)


def _said_at(message: Message) -> datetime:
    return min(message.sent_at, message.received_at)


def _bytes(text: str) -> bytes:
    """JSON can carry half a surrogate pair, which strict UTF-8 refuses."""
    return text.encode("utf-8", "surrogatepass")


def _opened(message: Message, assessment: Assessment, policy: Policy, now: datetime) -> Case:
    channel = policy.channels[message.channel]
    key = conversation_key(message.channel, message.conversation)
    return Case(
        key=key,
        id=short_id(key, message.id),
        channel=message.channel,
        brand=channel.brand,
        conversation=message.conversation,
        customer=message.customer,
        surface=message.surface,
        language=assessment.language,
        version=0,
        episode=1,
        status=Status.PENDING_CUSTOMER,
        priority=Priority.P4,
        team=channel.team,
        kind=assessment.kind,
        sentiment=assessment.sentiment,
        topic=assessment.topic,
        risks=(),
        opened_at=now,
        updated_at=now,
        policy=policy.version,
    )


def _heard(
    case: Case, message: Message, start: datetime, assessment: Assessment, policy: Policy, now: datetime
) -> Case:
    case = under(broken(case, now, now, policy), policy, case.priority, now)
    waiting_before = case.waiting_since
    case = _understood(_awake(case, policy, start, now), message, assessment, policy, now)
    case = waiting.heard(replace(case, contain_at=None), start)
    if not case.spam:
        case = _promising(case, message, start, policy, now)
    return _for_people(case, _people_reasons(case, assessment, policy, waiting_before, start), now)


def reworded(case: Case, message: Message, assessment: Assessment, policy: Policy, now: datetime) -> Case:
    """A customer's message has other words now: graver ones count, but no promise starts anew."""
    case = _understood(broken(case, now, now, policy), message, assessment, policy, now)
    return _for_people(case, _people_reasons(case, assessment, policy, None, now), now)


def _for_people(case: Case, reasons: Sequence[str], now: datetime) -> Case:
    """The case one version later, handed to people for every reason that it was not handed to them before."""
    fresh = tuple(reason for reason in dict.fromkeys(reasons) if reason not in case.escalated)
    if not fresh:
        return changed(case, now)
    escalation = effect(f"{case.id}/{case.version + 1}/escalation", EffectKind.ESCALATION, now, reasons=fresh)
    return changed(case, now, escalated=case.escalated + fresh, outbox=(*case.outbox, escalation))


def _promising(case: Case, message: Message, start: datetime, policy: Policy, now: datetime) -> Case:
    """The case with the promises that its newest message starts or moves."""
    answered_at = waiting.answered_at(case, start)
    case = promised(case, policy, start) if answered_at is None else kept_already(case, policy, start, answered_at, now)
    case = windows.heard(case, message.surface, policy, start)
    said_at = _said_at(message)
    if said_at == start:
        return case
    late = [clock.id for clock in case.clocks if clock.started_at == start]
    return only(case, tuple(Metric), lambda clock: replace(clock, said_at=said_at) if clock.id in late else clock)


def _awake(case: Case, policy: Policy, start: datetime, now: datetime) -> Case:
    """The case as one that waits for us: reopened, or in a new episode, or back from pending."""
    if case.status is Status.OPEN or case.spam:
        return case
    if case.status is Status.RESOLVED:
        assert case.resolved_at is not None  # noqa: S101 - set by resolve
        late = start - case.resolved_at > timedelta(seconds=policy.reopen_window_seconds)
        return _episode(case, policy, now) if late else reopened(case, policy, start)
    clocked = tuple(
        clocks.resume(clock, policy.calendars, start) if clock.metric is Metric.RESOLUTION else clock
        for clock in case.clocks
    )
    return replace(case, status=Status.OPEN, clocks=clocked)


def _episode(case: Case, policy: Policy, now: datetime) -> Case:
    """The case begun anew, after its last matter was settled for good."""
    case = replace(
        case,
        status=Status.OPEN,
        episode=case.episode + 1,
        priority=Priority.P4,
        team=policy.channels[case.channel].team,
        assignee="",
        risks=(),
        answered=False,
        last_reply_at=None,
        heard=(),
        replies=(),
        merged_into="",
        first_ack_at=None,
        escalated=(),
        acknowledged_by="",
        acknowledged_at=None,
        resolved_at=None,
        opened_at=now,
    )
    untold = {told.clock for told in case.outbox}
    return replace(case, clocks=tuple(clock for clock in case.clocks if clock.id in untold))


def _understood(case: Case, message: Message, assessment: Assessment, policy: Policy, now: datetime) -> Case:
    """The case's summary after this message: the gravest priority and every risk so far, the latest mood."""
    priority = policy.priority(message, assessment)
    risks = tuple(dict.fromkeys((*case.risks, *(risk.name for risk in assessment.risks))))
    first = not (case.answered or case.waiting_since or latest(case, Metric.RESOLUTION))
    excerpt = message.text[: policy.excerpt_characters]
    case = replace(case, risks=risks, sentiment=assessment.sentiment, excerpt=excerpt)
    if not (first or priority < case.priority):
        return case
    case = replace(case, kind=assessment.kind, topic=assessment.topic, language=assessment.language)
    if not case.assignee:
        case = replace(case, team=policy.team(message, assessment))
    return under(case, policy, min(priority, case.priority), now)


def _people_reasons(
    case: Case, assessment: Assessment, policy: Policy, waiting_since: datetime | None, start: datetime
) -> list[str]:
    """Why the case needs people, as codes of the escalation contract."""
    people = policy.people
    if case.spam:
        return [f"risk:{risk.name}" for risk in assessment.risks if risk.name in people.risks]
    reasons = [f"priority:{case.priority}"] if case.priority in people.priorities else []
    reasons += [f"risk:{risk.name}" for risk in assessment.risks if risk.name in people.risks]
    reasons += [f"signal:{signal.name}" for signal in assessment.signals if signal.name in people.signals]
    patience = people.contacted_again_seconds
    if patience is not None and waiting_since is not None and (start - waiting_since).total_seconds() >= patience:
        reasons.append("contacted_again")
    if people.uncertain_negative and assessment.uncertain and assessment.sentiment is Sentiment.NEGATIVE:
        reasons.append("uncertain_negative")
    return reasons
