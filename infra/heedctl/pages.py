"""What commands and the demo show: cases, timelines, messages on their way, escalations, notices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from heed.model import Author, Case, Message, Status
from infra.heedctl.posting import Fate
from infra.heedctl.screen import Screen, box, clock_time, fit, pad, spell, table, until

TEXT_COLUMNS = 34

View = Mapping[str, Any]

_METRICS = {"first_response": "first reply", "next_response": "next reply", "resolution": "resolution"}
_AUTHORS = {Author.AGENT: "a person", Author.BOT: "a bot", Author.CUSTOMER: "the customer"}
_LABEL = "{:<10}"


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def case_table(cases: Iterable[View], now: datetime) -> list[str]:
    """One line a case: id, priority, status, team, how long somebody waits, the next deadline in words."""
    rows = [
        (
            case["id"],
            case["priority"],
            case["status"],
            case["team"],
            case["channel"],
            _about(case),
            _waiting(case, now),
            _next_promise(case, now),
        )
        for case in cases
    ]
    return table(("CASE", "PRIO", "STATUS", "TEAM", "CHANNEL", "ABOUT", "WAITING", "NEXT DEADLINE"), rows)


def _about(case: View) -> str:
    return f"{case['kind']}, {case['topic'].replace('_', ' ')}"


def _waiting(case: View, now: datetime) -> str:
    since = moment(case["waiting_since"])
    if since is None:
        return "-"
    several = f" ({case['waiting_messages']})" if case["waiting_messages"] > 1 else ""
    return spell((now - since).total_seconds()) + several


def _next_promise(case: View, now: datetime) -> str:
    """The running promise that falls due first; a broken one that still waits comes before any."""
    broken = [clock for clock in case["clocks"] if clock["state"] == "breached"]
    running = [clock for clock in case["clocks"] if clock["state"] == "running" and clock["deadline_at"]]
    if not broken and not running:
        return "-"
    clock = min(broken or running, key=lambda one: str(one["deadline_at"]))
    at = moment(clock["deadline_at"])
    return f"{_METRICS.get(clock['metric'], clock['metric'])} {until(at, now)}" if at else "-"


def case_page(case: View, timeline: Iterable[View], now: datetime, screen: Screen) -> list[str]:
    """A whole case: what it is, its promises, and everything that was said and done, oldest first."""
    lines = [
        f"{screen.paint(case['id'], 'bold')}  {screen.priority(case['priority'])}  {case['status']}  {case['channel']}",
        _fact("about", f"{_about(case)}, {case['sentiment']}, {case['language']}, {case['surface']}"),
        _fact("team", case["team"] + (f", {fit(case['assignee'], 60)}" if case["assignee"] else "")),
        _fact("customer", fit(case["customer"] or "unknown", 70)),
        *([_fact("risks", ", ".join(case["risks"]))] if case["risks"] else []),
        *(_fact("why", fit(why["text"], 100)) for why in case["why"]),
        *([_fact("taken by", fit(case["acknowledged_by"], 60))] if case["acknowledged_by"] else []),
        *(_fact("promise", _promise(clock, now)) for clock in case["clocks"]),
        "",
    ]
    for line in timeline:
        lines += _message_lines(line, screen) if line["type"] == "message" else [_entry_line(line, screen)]
    return lines


def _fact(name: str, text: str) -> str:
    return f"  {_LABEL.format(name)}{text}"


def _promise(clock: View, now: datetime) -> str:
    name = f"{_METRICS.get(clock['metric'], clock['metric'])} within {spell(clock['target_seconds'])}"
    at = moment(clock["deadline_at"])
    if clock["state"] == "running" and at:
        return f"{name}: due {until(at, now)}"
    late = f", {spell(clock['overdue_seconds'])} late" if clock["overdue_seconds"] else ""
    return f"{name}: {clock['state'].replace('_', ', ')}{late}"


def _message_lines(line: View, screen: Screen) -> Iterator[str]:
    who = line["author"] + (f" {fit(line['by'], 30)}" if line["by"] else "")
    kinds = ", ".join(attachment["kind"] for attachment in line["attachments"])
    text = " / ".join(line["text"].splitlines())
    yield f"{_at(line, screen)}  {screen.paint(who, 'bold')}: {fit(text, 400)}{f' [{kinds}]' if kinds else ''}"
    if line["assessment"]:
        yield from (f"          {screen.paint(fit(reason, 100), 'dim')}" for reason in line["assessment"]["reasons"])


def _entry_line(line: View, screen: Screen) -> str:
    what = line["kind"] + (f" {fit(line['detail'], 80)}" if line["detail"] else "")
    note = f": {fit(line['text'], 400)}" if line["text"] else ""
    by = "" if line["by"] == "heed" else f" by {fit(line['by'], 60)}"
    style = {"escalated": "yellow", "breached": "red", "published": "red"}.get(line["kind"], "dim")
    return f"{_at(line, screen)}  {screen.paint(f'— {what}{by}{note}', style)}"


def _at(line: View, screen: Screen) -> str:
    return screen.paint(clock_time(datetime.fromisoformat(line["at"])), "dim")


def message_line(fate: Fate, screen: Screen) -> str:
    """A message's whole way in one line: what was said, what Heed understood, and what it made of it."""
    message, case = fate.message, fate.case
    if fate.stored is None or case is None:
        return _way(message, screen, screen.paint("not stored", "red"))
    if fate.stored.assessment is None:
        return _way(message, screen, f"{_AUTHORS[message.author]} answers {case.id}")
    understood = fate.stored.assessment
    meaning = f"{understood.kind}/{understood.sentiment}/{understood.topic}"
    why = understood.reasons[0] if understood.reasons else ""
    columns = (
        f"{pad(meaning, 36)} {screen.priority(case.priority)} {pad(case.team, 11)} {screen.paint(case.id, 'bold')}"
    )
    return _way(message, screen, f"{columns}  {screen.paint(fit(why, 60), 'dim')}")


def _way(message: Message, screen: Screen, rest: str) -> str:
    text = message.text or f"[{', '.join(part.kind for part in message.attachments)}]"
    at = screen.paint(clock_time(message.received_at), "dim")
    return f"{at}  {pad(message.channel.partition('/')[0], 9)} {pad(fit(text, TEXT_COLUMNS), TEXT_COLUMNS)} {rest}"


def case_in_words(case: Case, now: datetime) -> str:
    """A case in one sentence, after something was done to it."""
    promises = [clock for clock in case.clocks if clock.deadline_at and clock.state in ("running", "breached")]
    due = min(promises, key=lambda clock: clock.deadline_at or now, default=None)
    text = f"case {case.id}: {case.priority}, {case.status}, team {case.team}"
    if case.status is Status.RESOLVED or due is None or due.deadline_at is None:
        return text
    return f"{text}; {_METRICS[due.metric]} due {until(due.deadline_at, now)}"


def escalation_line(body: View, screen: Screen) -> str:
    reasons = " ".join(reason["text"] for reason in body["reasons"])
    at = screen.paint(clock_time(datetime.fromisoformat(body["occurred_at"])), "dim")
    head = screen.paint(f"▲ escalated {body['case_id']}", "yellow")
    return f"{at}  {head} {screen.priority(body['priority'])} to {body['team']}: {fit(reasons, 90)}"


def notice_lines(body: View, mail: View | None, lag_seconds: float, screen: Screen) -> list[str]:
    """A notice as the person on call reads it: the e-mail in a frame, or one line where no e-mail is at hand."""
    at = moment(body["occurred_at"])
    digest = body["kind"] == "digest"
    lag = f"{lag_seconds:.1f} s after " + ("its window" if digest else "the deadline")
    if mail is None and digest:
        what = f"■ digest {body['severity']}: {body['breaches']} late, {body['warnings']} due soon, to {body['team']}"
        when = screen.paint(clock_time(at), "dim") if at else ""
        return [f"{when}  {screen.paint(what, 'red')}, {lag}  {body['worst'][0]['link']}"]
    if mail is None:
        metric = _METRICS.get(body["metric"], body["metric"])
        what = f"■ {body['kind']} {body['case_id']} {body['severity']}: {metric} to {body['team']}"
        when = screen.paint(clock_time(at), "dim") if at else ""
        return [f"{when}  {screen.paint(what, 'red')}, {lag}  {body['link']}"]
    framed = box(str(mail["subject"]), str(mail["text"]).rstrip().splitlines())
    head = screen.paint(f"■ {body['kind']}, {body['severity']}: on call has mail {lag}", "red")
    return [f"{screen.paint(clock_time(at), 'dim') if at else ''}  {head}", *(f"    {line}" for line in framed)]
