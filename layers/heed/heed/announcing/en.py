"""The words of notices, escalations and the page behind a notice's link, in English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from heed.announcing.facts import Facts, NextAction, Turn
from heed.announcing.gathered import Gathered
from heed.announcing.words import ascii_line, fill, split, zone_of
from heed.model import Hold, Kind, Metric, RiskName, Surface, Topic

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_METRICS = {
    Metric.FIRST_RESPONSE: "first reply",
    Metric.NEXT_RESPONSE: "next reply",
    Metric.RESOLUTION: "resolution",
    Metric.REPLY_WINDOW: "reply in the window",
}
_SURFACES = {
    Surface.DIRECT: "private message",
    Surface.COMMENT: "public comment",
    Surface.MENTION: "public mention",
    Surface.REVIEW: "public review",
}
_TOPICS = {Topic.PAYMENT_REFUND: "payment or refund"}
_REASONS = {
    "signal:angry": "The customer is angry.",
    "signal:wants_human": "The customer asks for a person.",
    "signal:urgent": "The customer says it is urgent.",
    "contacted_again": "The customer wrote again without having had an answer.",
    "uncertain_negative": "The message sounds negative and Heed is not sure it understood it.",
} | {f"risk:{risk}": f"What the customer wrote points to a risk: {risk.replace('_', ' ')}." for risk in RiskName}


def reason(code: str) -> str:
    """The sentence for a reason code of the escalation contract; the code itself if it has none yet."""
    if code.startswith("priority:"):
        return f"The case is priority {code.removeprefix('priority:')}."
    return _REASONS.get(code, code)


def promise(metric: Metric) -> str:
    return _METRICS[metric]


def surface(where: Surface) -> str:
    return _SURFACES[where]


def risks(names: Iterable[RiskName]) -> str:
    return ", ".join(_plain(name) for name in names)


def about(kind: Kind, topic: Topic) -> str:
    return f"{kind}, {_TOPICS.get(topic, _plain(topic))}"


def duration(seconds: float, days: bool = True) -> str:
    return " ".join(f"{count} {unit}" for count, unit in split(seconds, days)) or "less than 1 s"


def moment(at: datetime) -> str:
    city, offset = zone_of(at)
    clock = f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at:%H:%M}"
    return f"{clock} {city} time ({offset})" if city else f"{clock} {offset}"


def subject(facts: Facts) -> str:
    """At most 99 printable ASCII characters.

    AWS's current service model allows UTF-8 in an SNS subject, its older pages only ASCII. A refused subject would be a
    page that nobody gets, so every language's notices carry this one.
    """
    line = f"{_short(facts)}, {facts.channel}"
    return ascii_line(line)


def sms(facts: Facts) -> str:
    """One line of at most 140 characters with the link: mostly one SMS, in the GSM 7-bit alphabet."""
    extras = []
    if facts.turn in (Turn.LATE, Turn.DUE):
        extras += [f" Risk: {risks(facts.risks)}."] if facts.risks else []
        extras += [_urge(facts)]
    extras += [f" On call: {facts.on_call}."] if facts.on_call else []
    return fill(f"Heed {_short(facts)}.", (*extras, f" {facts.channel}."), facts.link)


def email(facts: Facts) -> str:
    """What happened, what to do and where, then the particulars, one a line."""
    lines = [*_news(facts), "", *_action(facts), facts.link, "", *_particulars(facts)]
    if facts.excerpt:
        lines += ["", "The customer wrote:", f"> {facts.excerpt}"]
    return "\n".join(lines) + "\n"


def _short(facts: Facts) -> str:
    what, gap = _METRICS[facts.metric], duration(facts.gap_seconds)
    told = {
        Turn.LATE: f"{what} {gap} late",
        Turn.KEPT_LATE: f"{what} came {gap} late, nothing to do",
        Turn.CLOSED: f"closed without {what}, nothing to do",
        Turn.DUE: f"{what} due in {gap}",
        Turn.TAKEN_BACK: f"{what} was on time after all",
    }
    if facts.metric is Metric.REPLY_WINDOW:
        told |= {Turn.LATE: f"reply window closed {gap} ago", Turn.DUE: f"reply window closes in {gap}"}
    label = facts.kind.upper() if facts.action is not NextAction.NONE else facts.kind
    label += f" L{facts.level}" if facts.level > 1 else ""
    return f"{facts.priority} {label} {facts.case_id}: {told[facts.turn]}"


def _urge(facts: Facts) -> str:
    if facts.action is NextAction.FOLLOW_UP:
        return " Taken; check progress."
    verb = "answer" if facts.action is NextAction.REPLY else "resolve"
    return f" Acknowledge and {verb}." if facts.turn is Turn.LATE else f" {verb.capitalize()} in time."


def _news(facts: Facts) -> Iterator[str]:
    what, gap = _METRICS[facts.metric], duration(facts.gap_seconds)
    window = facts.metric is Metric.REPLY_WINDOW
    if facts.turn is Turn.LATE:
        yield f"The platform's reply window closed {gap} ago." if window else f"The {what} is {gap} late."
        if facts.level > 1:
            yield f"This is level {facts.level}: nobody has answered since the first notice."
        yield "The customer is still waiting." if facts.waited_seconds is not None else "The case is still open."
    elif facts.turn is Turn.KEPT_LATE:
        yield f"The {what} came {gap} late."
        yield "It is done now; nobody is waiting for it."
    elif facts.turn is Turn.CLOSED:
        yield f"The case was closed without the {what}, {gap} after it was due."
    elif facts.turn is Turn.DUE:
        yield f"The platform's reply window closes in {gap}." if window else f"The {what} is due in {gap}."
    else:
        yield f"Correction: the {what} was on time."
        yield f"It was sent {gap} before the deadline; word of it reached us late."
        yield "Please disregard the breach notice."


def _action(facts: Facts) -> Iterator[str]:
    if facts.action is NextAction.NONE:
        yield "Nothing to do. For the record:"
        return
    yield "DO NOW"
    if facts.action is NextAction.FOLLOW_UP:
        yield f"{facts.taken_by} has taken it. Make sure it is being dealt with:"
    elif facts.turn is Turn.DUE:
        verb = "Answer" if facts.action is NextAction.REPLY else "Resolve it"
        yield f"{verb} before {moment(facts.due_at)}:"
    elif facts.metric is Metric.REPLY_WINDOW:
        yield "Acknowledge the case, then reach the customer another way:"
    elif facts.action is NextAction.REPLY:
        yield "Acknowledge the case so that others know, then answer:"
    else:
        yield "Acknowledge the case, then resolve it or tell the customer where it stands:"


def _particulars(facts: Facts) -> Iterator[str]:
    target = duration(facts.target_seconds, days=False)
    if facts.metric is Metric.REPLY_WINDOW:
        yield f"Window: {target} from the customer's last message, the platform's rule"
    else:
        yield f"Promised: {_METRICS[facts.metric]} within {target} (hours: {facts.calendar})"
    yield f"Due: {moment(facts.due_at)}"
    if facts.accelerated:
        yield "(moved to 5 min after the priority was raised)"
    yield f"Where: {facts.channel}, {surface(facts.surface)}"
    if facts.waited_seconds is not None:
        messages = "1 message" if facts.waiting_messages == 1 else f"{facts.waiting_messages} messages"
        yield f"Waiting: {duration(facts.waited_seconds)}, {messages}"
    if facts.risks:
        yield f"At risk: {risks(facts.risks)}"
    yield f"About: {about(facts.subject, facts.topic)}"
    yield f"Case: {facts.case_id}, {facts.priority}, brand {facts.brand_name}, team {facts.team}"
    if facts.on_call:
        yield f"On call: {facts.on_call}"


def digest_subject(gathered: Gathered) -> str:
    """At most 99 printable ASCII characters, like every subject."""
    late, worst = gathered.worst[0].turn is Turn.LATE, duration(gathered.worst[0].gap_seconds)
    line = f"{gathered.priorities[0]} {_news_of_many(gathered).upper()}, {'worst' if late else 'first in'} {worst}"
    return ascii_line(f"{line}, {_tally(gathered.platforms)}")


def digest_sms(gathered: Gathered) -> str:
    """One line of at most 140 characters with the link to the worst case."""
    worst = gathered.worst[0]
    extras = (f" {_tally(gathered.platforms)}.", f" On call: {gathered.on_call}." if gathered.on_call else "")
    head = f"Heed {gathered.priorities[0]}: {_news_of_many(gathered)}. Worst: {_one_of_many(worst)}."
    return fill(head, extras, worst.link)


def digest_email(gathered: Gathered) -> str:
    """How many, why only now, the worst with their links, then the figures."""
    lines = [*_many(gathered), "", "DO NOW", "Start with the worst; one cause may be behind them all:"]
    for number, worst in enumerate(gathered.worst, 1):
        about = [worst.channel, _TOPICS.get(worst.topic, _plain(worst.topic))]
        about += [f"at risk: {risks(worst.risks)}"] if worst.risks else []
        about += [f"taken by {worst.taken_by}"] if worst.taken_by else []
        lines += ["", f"{number}. {_one_of_many(worst)}", f"   {', '.join(about)}", f"   {worst.link}"]
    if gathered.unnamed:
        lines += ["", f"And {gathered.unnamed} more."]
    lines += [
        "",
        f"By platform: {_tally(gathered.platforms)}",
        f"By topic: {_tally((_TOPICS.get(topic, _plain(topic)), count) for topic, count in gathered.topics)}",
        f"Since: {moment(gathered.since)}",
        f"For: brand {gathered.brand_name}, team {gathered.team}",
    ]
    lines += [f"On call: {gathered.on_call}"] if gathered.on_call else []
    return "\n".join(lines) + "\n"


def _many(gathered: Gathered) -> Iterator[str]:
    told, more = gathered.told_before, _more(gathered)
    if gathered.late:
        yield f"{_over(gathered)}{_number(gathered.late, f'{more}promise is', f'{more}promises are')} broken."
    if gathered.due:
        yield f"{_number(gathered.due, f'{more}promise is', f'{more}promises are')} about to be broken."
    if gathered.why is Hold.INCIDENT:
        yield f"The first of them was told at {gathered.since:%H:%M}; the rest are told together."
    elif gathered.why is Hold.HOURS:
        yield "They came outside your hours and are not critical, so they waited."
    else:
        yield f"You had {_number(told, 'notice', 'notices')} since {gathered.since:%H:%M}; the rest waited until now."
    if gathered.waiting:
        yield f"{_number(gathered.waiting, 'customer is', 'customers are')} still waiting."


def _news_of_many(gathered: Gathered) -> str:
    parts = [f"{gathered.late} {_more(gathered)}late"] if gathered.late else []
    parts += [f"{gathered.due} {_more(gathered)}due soon"] if gathered.due else []
    return _over(gathered).lower() + " and ".join(parts)


def _more(gathered: Gathered) -> str:
    """Whether others were told before these."""
    return "more " if gathered.told_before else ""


def _over(gathered: Gathered) -> str:
    return "Over " if gathered.more else ""


def _one_of_many(facts: Facts) -> str:
    state = "late" if facts.turn is Turn.LATE else "left"
    return f"{facts.case_id} {facts.priority} {_METRICS[facts.metric]} {duration(facts.gap_seconds)} {state}"


def _tally(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts)


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _plain(code: str) -> str:
    return code.replace("_", " ")
