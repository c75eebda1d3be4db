"""The command `heed`: send what a platform would send, answer cases, read what on-call staff receive.

Exit status: 0 done, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import TypeAdapter, ValidationError

from heed import platforms
from heed.model import Kind, Priority, RiskName, Sentiment, Status, Topic
from heed.policy.values import Duration
from infra.heedctl import calendars, commands, rosters
from infra.heedctl.screen import Screen
from infra.heedctl.target import Failed

if TYPE_CHECKING:
    Added = argparse._SubParsersAction[argparse.ArgumentParser]

EXAMPLES = """\
examples, with `make run` up in another terminal:
  heed send wechat "三天了还没发货，到底发不发"     what a follower of the account writes
  heed send whatsapp "Where is my order?" --customer 353860000123
  heed send --file events/facebook/comment.json
  heed cases --priority P1,P2                  what waits, the soonest deadline first
  heed case 7K3Q-9MXA                          everything about one case
  heed reply 7K3Q-9MXA "So sorry: we send a new one today."
  heed correct 7K3Q-9MXA --kind complaint --risks safety
  heed judge corrections --month 2026-02 > corrected.jsonl
  heed notices --follow                        what on-call staff receive
without any stack:
  heed calendar show office-cn --month 2026-02
  heed calendar due office-cn "2026-02-14 17:30" 1h
  heed calendar import CN 2026                 a year's holidays, into the policy
  heed roster show safety-duty                 who is on call, for four weeks
  heed judge "三天没发货，再不退款我打12315"     what Heed understands, and why
  heed judge eval labelled.jsonl               how that compares with your own labels
  heed judge train labelled.jsonl --data data  weights that learned from those as well
with a real stack:
  heed cases --stack heed --team care-cn
  heed secret set wechat/flagship-cn --field token --stack heed
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        done: int = options.run(options, Screen())
        return done
    except Failed as error:
        print(f"heed: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"heed: AWS refuses or does not answer: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing may be flushed into the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="heed",
        description="Heed from the command line, against the local stack that `make run` started, or a real one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    added = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    stack = _stack_options()
    _sending(added, stack)
    desk = [stack, _token_option()]
    _desk(added, desk)
    _listening(added, stack)
    _secrets(added, stack)
    _judge(added, desk)
    _policy(added)
    _calendar(added)
    _roster(added)
    return top


def _stack_options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--stack", metavar="NAME", help="a real stack of this name, with your AWS credentials")
    options.add_argument("--region", help="the stack's region, if it is not your profile's")
    return options


def _token_option() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument(
        "--token",
        default=os.environ.get("HEED_TOKEN"),
        help="bearer token, where a JWT issuer opens the desk; else HEED_TOKEN, else requests are signed (SigV4)",
    )
    return options


def _sending(added: Added, stack: argparse.ArgumentParser) -> None:
    send = added.add_parser("send", parents=[stack], help="send a webhook as a platform does, with a real signature")
    send.add_argument("platform", nargs="?", choices=platforms.NAMES, help="who sends it")
    send.add_argument("text", nargs="?", help="what the customer says, in a direct message")
    send.add_argument("--account", help="the brand's account; by default the policy's first of the platform")
    send.add_argument("--customer", default="heed-send", help="the customer's id on the platform")
    send.add_argument("--file", type=Path, help="an event file instead, such as events/facebook/comment.json")
    send.add_argument("--times", type=_times, default=1, help="send the very same delivery so many times")
    send.set_defaults(run=commands.send, parser=send)


def _desk(added: Added, parents: list[argparse.ArgumentParser]) -> None:
    listed = added.add_parser("cases", parents=parents, help="cases that wait, the soonest deadline first")
    listed.add_argument("--team", help="one team's; by default every team's")
    listed.add_argument("--status", choices=[str(status) for status in Status], default=str(Status.OPEN))
    listed.add_argument("--priority", type=_priorities, default=(), help="such as P1 or P1,P2")
    listed.set_defaults(run=commands.cases)
    one = added.add_parser("case", parents=parents, help="one case with its whole timeline")
    one.add_argument("id")
    one.set_defaults(run=commands.case)
    reply = added.add_parser("reply", parents=parents, help="record what you answered the customer")
    reply.add_argument("id")
    reply.add_argument("text")
    reply.set_defaults(run=commands.reply)
    for name, run, what in (
        ("ack", commands.acknowledge, "tell the others that you have the case"),
        ("resolve", commands.resolve, "settle a case"),
    ):
        change = added.add_parser(name, parents=parents, help=what)
        change.add_argument("id")
        change.set_defaults(run=run)
    correct = added.add_parser("correct", parents=parents, help="say what a customer's message really is")
    correct.add_argument("id")
    correct.add_argument("message", nargs="?", help="the platform's id of it; by default the last one with words")
    for name, labels in (("kind", Kind), ("sentiment", Sentiment), ("topic", Topic)):
        correct.add_argument(f"--{name}", choices=[str(label) for label in labels])
    correct.add_argument("--risks", type=_risks, help="all that it holds, such as legal,media; or none")
    correct.add_argument("--language", help="its ISO 639-1 code, such as zh or en")
    correct.set_defaults(run=commands.correct, parser=correct)


def _listening(added: Added, stack: argparse.ArgumentParser) -> None:
    notices = added.add_parser("notices", parents=[stack], help="broken promises, as on-call staff hear of them")
    notices.add_argument("--follow", action="store_true", help="wait for more until Ctrl-C")
    notices.add_argument("--subscribe", action="store_true", help="make an inbox of your own: a queue on the topic")
    notices.add_argument("--unsubscribe", action="store_true", help="remove that inbox")
    notices.set_defaults(run=commands.notices)
    escalations = added.add_parser(
        "escalations", parents=[stack], help="cases handed to people, waiting in their queue"
    )
    escalations.add_argument("--take", action="store_true", help="take them off the queue, as its consumer does")
    escalations.set_defaults(run=commands.escalations)


def _secrets(added: Added, stack: argparse.ArgumentParser) -> None:
    secret = added.add_parser("secret", help="what a platform signs with")
    under = secret.add_subparsers(dest="what", metavar="COMMAND", required=True)
    put = under.add_parser("set", parents=[stack], help="set a channel's secret; the one before stays valid beside it")
    put.add_argument("channel", type=_channel, help="such as wechat/flagship-cn")
    put.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="a field of the secret; without a value it is asked for, so that your shell does not remember it",
    )
    put.set_defaults(run=commands.set_secret, parser=put)


def _judge(added: Added, parents: list[argparse.ArgumentParser]) -> None:
    judge = added.add_parser("judge", parents=parents, help="what Heed understands of a text, and why; needs no stack")
    judge.add_argument("text", help="the text; `eval` or `train` and a file with your own labels; or `corrections`")
    judge.add_argument("file", nargs="?", type=Path, help="messages with labels, a JSON object a line")
    judge.add_argument("--language", help="what the channel expects, such as zh or en")
    judge.add_argument("--policy", type=Path, default=commands.POLICY, help="the policy whose own words count")
    judge.add_argument("--month", type=_month, metavar="YYYY-MM", help="of which corrections; by default this one")
    judge.add_argument("--data", type=Path, metavar="FOLDER", help="the public corpora to train with")
    judge.add_argument("--out", type=Path, metavar="FILE", help="other weights to write than those that ship")
    judge.set_defaults(run=commands.judge, parser=judge)


def _policy(added: Added) -> None:
    policy = added.add_parser("policy", help="the brand's policy file; needs no stack")
    under = policy.add_subparsers(dest="what", metavar="COMMAND", required=True)
    check = under.add_parser("check", help="name the line of every mistake")
    check.add_argument("file", nargs="?", type=Path, default=commands.POLICY)
    check.set_defaults(run=commands.check_policy)


def _calendar(added: Added) -> None:
    calendar = added.add_parser("calendar", help="opening hours and holidays of the policy; needs no stack")
    under = calendar.add_subparsers(dest="what", metavar="COMMAND", required=True)
    file = argparse.ArgumentParser(add_help=False)
    file.add_argument("--file", type=Path, default=commands.POLICY, help="another policy file")
    year = under.add_parser("import", parents=[file], help="write a year's public holidays into the policy")
    year.add_argument("place", type=_place, help="a country, or a part of one, by ISO 3166: CN, US, GB-ENG")
    year.add_argument("year", type=_year)
    year.add_argument("--calendar", metavar="NAME", help="which, when several could be meant")
    year.add_argument("--dry-run", action="store_true", help="only show what would change")
    year.add_argument("--remove", action="store_true", help="take the year out again")
    year.set_defaults(run=calendars.import_year)
    month = under.add_parser("show", parents=[file], help="draw a month, so that you can check it")
    month.add_argument("name")
    month.add_argument("--month", type=_month, metavar="YYYY-MM", help="by default this one")
    month.set_defaults(run=calendars.show)
    due = under.add_parser("due", parents=[file], help="when a promise falls due, and which days it crosses")
    due.add_argument("name")
    due.add_argument("start", type=_start, help='such as "2026-02-14 17:30", by the clock of its zone')
    due.add_argument("within", type=_within, help="the open time it has, such as 30m or 4h")
    due.set_defaults(run=calendars.due)


def _roster(added: Added) -> None:
    roster = added.add_parser("roster", help="who is on call, by the policy; needs no stack")
    under = roster.add_subparsers(dest="what", metavar="COMMAND", required=True)
    show = under.add_parser("show", help="list the coming shifts, so that you can check them")
    show.add_argument("name")
    show.add_argument("--weeks", type=_weeks, default=4, help="how far ahead, 1 to 104")
    show.add_argument("--file", type=Path, default=commands.POLICY, help="another policy file")
    show.set_defaults(run=rosters.show)


def _place(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}(-[A-Za-z0-9]{1,3})?", text):
        raise argparse.ArgumentTypeError("write it as in ISO 3166: CN, US, GB-ENG")
    return text.upper()


def _year(text: str) -> int:
    if not re.fullmatch(r"2[01]\d\d", text, re.ASCII):
        raise argparse.ArgumentTypeError("choose from 2000 to 2199")
    return int(text)


def _month(text: str) -> tuple[int, int]:
    if not re.fullmatch(r"2[01]\d\d-(0[1-9]|1[0-2])", text, re.ASCII):
        raise argparse.ArgumentTypeError("write a month as 2026-02")
    return int(text[:4]), int(text[5:])


def _start(text: str) -> datetime:
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("write a time as 2026-02-14 17:30") from None
    _year(str(start.year))
    return start


def _within(text: str) -> int:
    try:
        return TypeAdapter(Duration).validate_python(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError(str(error.errors()[0]["ctx"]["error"])) from None


def _risks(text: str) -> tuple[str, ...]:
    return () if text == "none" else _several(text, RiskName)


def _priorities(text: str) -> tuple[str, ...]:
    return _several(text.upper(), Priority)


def _several(text: str, known: type[StrEnum]) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    if not names or not set(names) <= set(known):
        raise argparse.ArgumentTypeError(f"choose from {', '.join(known)}, separated by commas")
    return names


def _channel(text: str) -> str:
    platform, _, account = text.partition("/")
    if platform not in platforms.NAMES or not account:
        raise argparse.ArgumentTypeError(f"write <platform>/<account>; platforms are {', '.join(platforms.NAMES)}")
    return text


def _weeks(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 104:
        raise argparse.ArgumentTypeError("choose from 1 to 104")
    return int(text)


def _times(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError("choose from 1 to 1000")
    return int(text)
