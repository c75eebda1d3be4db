"""What each command of `heed` does. Every one returns the exit status, or raises Failed."""

from __future__ import annotations

import argparse
import getpass
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from heed.platforms import Forged, Reading, Request, Secret, Unreadable
from heed.policy.build import compile_policy
from heed.policy.build import main as policy_build
from heed.policy.source import Invalid
from infra.heedctl import channels, corrections, events, judging, pages, posting, queues, senders, target
from infra.heedctl.desk import Desk
from infra.heedctl.screen import Screen
from infra.heedctl.target import Failed, Target

POLICY = Path(__file__).resolve().parents[2] / "layers/policy/policy.yaml"
FOLLOW_SECONDS = 1.0
PULL_SECONDS = 20

_ANSWERS = {
    401: "not verified: the secret is not the channel's, or its signature is not right",
    404: "no such channel: the stack's policy does not name it",
    413: "too large",
    503: "try again: the stack can neither store nor queue it now",
}


def _target(options: argparse.Namespace) -> Target:
    return target.deployed(options.stack, options.region) if options.stack else target.running()


# -- sending


def send(options: argparse.Namespace, screen: Screen) -> int:
    if bool(options.file) == bool(options.platform and options.text):
        options.parser.error("give a platform and a text, or --file")
    to, now = _target(options), datetime.now(UTC)
    if options.file:
        event = events.load(options.file)
        channel = f"{event.platform}/{options.account or event.account}"
        secret = channels.current(to, channel)
        request, waiting = events.request(event, secret, now), events.lying(event, now)
        screen.show(event.describe)
    else:
        channel = f"{options.platform}/{options.account or _first_account(options.platform)}"
        secret = channels.current(to, channel)
        request = _text(options, secret, now)
        waiting = senders.waiting(options.platform, options.text, customer=options.customer, at=now)
    if waiting:
        posting.lay(to, waiting)
    for _ in range(options.times):
        answer = posting.post(to, channel, request)
        meaning = _ANSWERS.get(answer.status, answer.text[:60] or "taken")
        screen.show(f"{channel}: HTTP {answer.status} after {answer.seconds * 1000:.0f} ms: {meaning}")
        if answer.status not in (200, 204):
            return 1
    try:
        found = posting.reading(channel, request, secret, now, waiting)
    except (Forged, Unreadable) as error:
        screen.show(f"kept in quarantine: {error.reason}")
        return 0
    return _tell_fates(to, found, screen)


def _text(options: argparse.Namespace, secret: Secret, now: datetime) -> Request:
    try:
        return senders.text(options.platform, secret, options.text, customer=options.customer, at=now)
    except ValueError as error:
        raise Failed(str(error)) from None


def _first_account(platform: str) -> str:
    try:
        names: list[str] = sorted(compile_policy(POLICY.read_text("utf-8"))["channels"])
    except (OSError, Invalid):
        names = []
    accounts = [name.partition("/")[2] for name in names if name.startswith(f"{platform}/")]
    if not accounts:
        raise Failed(f"{POLICY.name} names no account on {platform}: say which with --account")
    return accounts[0]


def _tell_fates(to: Target, found: Reading, screen: Screen) -> int:
    """What became of what was sent, read from the table."""
    for name in found.ignored:
        screen.show(f"nothing to keep: {name} is an event that Heed does not use")
    for part in found.broken:
        screen.show(f"kept in quarantine: {part.reason}")
    try:
        fates = posting.fates(to, found.messages)
        patience = time.monotonic() + PULL_SECONDS
        while found.pulls and not all(fate.stored and fate.case for fate in fates) and time.monotonic() < patience:
            time.sleep(0.2)
            fates = posting.fates(to, found.messages)
    except Failed as error:
        screen.show(f"taken; what became of it is not yours to see here: {error}")
        return 0
    for fate in fates:
        screen.show(pages.message_line(fate, screen))
        if fate.case:
            screen.show(pages.case_in_words(fate.case, datetime.now(UTC)))
    return 0 if all(fate.stored for fate in fates) else 1


# -- the desk


def cases(options: argparse.Namespace, screen: Screen) -> int:
    found = Desk(_target(options), options.token).cases(options.team, options.status, options.priority)
    if not found:
        screen.show(f"no case is {options.status}")
        return 0
    head, *rows = pages.case_table(found, datetime.now(UTC))
    screen.show(screen.paint(head, "bold"), *rows)
    return 0


def case(options: argparse.Namespace, screen: Screen) -> int:
    found, timeline = Desk(_target(options), options.token).case(options.id)
    screen.show(*pages.case_page(found, timeline, datetime.now(UTC), screen))
    return 0


def reply(options: argparse.Namespace, screen: Screen) -> int:
    return _changed(Desk(_target(options), options.token).reply(options.id, options.text), screen)


def acknowledge(options: argparse.Namespace, screen: Screen) -> int:
    return _changed(Desk(_target(options), options.token).acknowledge(options.id), screen)


def resolve(options: argparse.Namespace, screen: Screen) -> int:
    return _changed(Desk(_target(options), options.token).resolve(options.id), screen)


def correct(options: argparse.Namespace, screen: Screen) -> int:
    return corrections.correct(Desk(_target(options), options.token), options, screen)


def _changed(answer: Mapping[str, Any], screen: Screen) -> int:
    screen.show(*pages.case_table([answer["case"]], datetime.now(UTC)))
    if not answer["changed"]:
        screen.show("nothing changed: it was so already")
    return 0


# -- what comes out


def inbox_name(to: Target) -> str:
    """The queue of this person's notices. On the local stack `make run` makes it."""
    return f"{to.name}-inbox" if to.local else f"{to.name}-inbox-{target.who()}"


def notices(options: argparse.Namespace, screen: Screen) -> int:
    to = _target(options)
    name = inbox_name(to)
    if options.unsubscribe:
        queues.unsubscribe(to, name)
        screen.show(f"{name} is gone")
        return 0
    url = queues.subscribe(to, name) if options.subscribe else queues.find(to, name)
    if url is None:
        raise Failed(
            f"you have no inbox yet: --subscribe makes the queue {name} and subscribes it to {to.name}'s notices"
        )
    seen: set[str] = set()
    while True:
        _show_new(to, url, seen, screen)
        if not options.follow:
            break
        time.sleep(FOLLOW_SECONDS)
    if not seen:
        screen.show("no notices: every promise was kept so far")
    return 0


def _show_new(to: Target, url: str, seen: set[str], screen: Screen) -> None:
    for letter in queues.look(to, url):
        if letter.body["key"] not in seen:
            seen.add(letter.body["key"])
            mail = queues.mail_of(to, letter)
            screen.show(*pages.notice_lines(letter.body, mail, letter.lag_seconds, screen))


def escalations(options: argparse.Namespace, screen: Screen) -> int:
    to = _target(options)
    url = to.output("EscalationsQueueUrl")
    if not options.take and not to.local:
        raise Failed(
            "SQS shows a message only to who takes it: --take takes them off the queue, "
            "away from your consumer; `heed cases --priority P1,P2` lists the same cases and takes nothing"
        )
    found = queues.take(to, url) if options.take else queues.peek(to, url)
    screen.show(*(pages.escalation_line(letter.body, screen) for letter in found))
    if not found:
        screen.show("no escalations wait")
    return 0


# -- secrets, and what needs no stack


def set_secret(options: argparse.Namespace, screen: Screen) -> int:
    if not options.field:
        names = ", ".join(channels.fields_of(options.channel.partition("/")[0]))
        options.parser.error(f"give --field for each of {names}")
    secret = {}
    for given in options.field:
        name, equals, value = given.partition("=")
        secret[name] = value if equals else getpass.getpass(f"{options.channel} {name}: ")
    changed = channels.put(_target(options), options.channel, secret)
    said = "is set; the one before stays valid until the next change" if changed else "was so already"
    screen.show(f"the secret of {options.channel} {said}")
    return 0


def judge(options: argparse.Namespace, screen: Screen) -> int:
    """A text or a file of labels, which need no stack; or the corrections of a stack's desk."""
    if options.text != "corrections" or options.file:
        return judging.judge(options, screen)
    month = "{:04}-{:02}".format(*options.month) if options.month else f"{datetime.now(UTC):%Y-%m}"
    return corrections.export(Desk(_target(options), options.token), month, screen)


def check_policy(options: argparse.Namespace, screen: Screen) -> int:
    return policy_build(["--check", str(options.file)])
