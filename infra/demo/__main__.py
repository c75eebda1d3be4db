"""`python -m infra.demo` plays the day and checks it; with `run` it checks nothing and stays up until Ctrl-C."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from heed.platforms import Secret
from heed.policy.build import compile_policy
from infra.demo import summary
from infra.demo.expectations import EXPECTATIONS
from infra.demo.facts import Facts, gather
from infra.demo.listening import Listener
from infra.demo.play import Play
from infra.heedctl import channels, commands, queues, target
from infra.heedctl.desk import Desk
from infra.heedctl.screen import Screen
from infra.heedctl.target import Failed, Target
from infra.local import paths
from infra.local.build import CommandFailed
from infra.local.server import NotStarted
from infra.local.stack import DeployFailed, Stack, ended_by_signals

POLICY = Path(__file__).parent / "policy.yaml"
PARAMETERS = {
    "OnCallEmail": "on-call@qinghe.example",
    "CaseUrl": "https://care.qinghe.example/cases/",
    "ProtectTable": "false",
}
HANDLERS = ("RecoverFunction", "ExpireFunction", "AnnounceFunction")
LISTEN_SECONDS = 3600.0


class Progress:
    """What is being done, and how long what was done took."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._begin = time.monotonic()

    def __call__(self, line: str) -> None:
        self._screen.show(self._screen.paint(f"[{time.monotonic() - self._begin:5.1f} s] {line}", "dim"))


def perform(stack: Stack, screen: Screen, progress: Progress, with_sam: bool) -> Facts:
    """Deploy the template, play the day on it, and say what happened."""
    stack.deploy(PARAMETERS, progress, with_sam=with_sam, policy=POLICY)
    to = target.of(stack)
    progress("channel secrets, inboxes, functions warmed up")
    secrets = _secrets(to)
    queues.subscribe(to, commands.inbox_name(to))
    play = Play(to, Listener(to, queues.subscribe(to, f"{to.name}-screen"), screen), screen, secrets)
    _warm_up(to)
    progress("a short day of 青禾 Qinghe, with promises of 4 s (P1) and 6 s (P2)")
    play.handshakes()
    play.day()
    settled = play.settle()
    followed = play.follow_link()
    progress("the day is over")
    return gather(play, stack, settled, followed)


def _secrets(to: Target) -> dict[str, Secret]:
    """A fresh secret for every channel; the members' account sends in WeChat's plain mode."""
    made = {}
    for channel in compile_policy(POLICY.read_text("utf-8"))["channels"]:
        made[channel] = channels.generate(channel.partition("/")[0], safe=channel != "wechat/members-cn")
        channels.put(to, channel, made[channel])
    return made


def _warm_up(to: Target) -> None:
    """One empty call to each function, so that the day does not measure how long Python takes to start here."""
    for name in HANDLERS:
        to.client("lambda").invoke(FunctionName=to.output(name), Payload=b'{"Records":[]}')
    Desk(to).cases("safety", "open")


def main(arguments: Sequence[str] = ()) -> int:
    staying = list(arguments) == ["run"]
    screen = Screen()
    progress = Progress(screen)
    try:
        with ended_by_signals():
            progress("local AWS on 127.0.0.1")
            with Stack.start(paths.HOME / ("run" if staying else "demo")) as stack:
                return _show(stack, screen, progress, staying)
    except KeyboardInterrupt:
        screen.show("", "stopped")
        return 0 if staying else 130
    except (NotStarted, CommandFailed, DeployFailed, Failed) as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"the local AWS refuses or is gone: {error}", file=sys.stderr)
        return 1


def _show(stack: Stack, screen: Screen, progress: Progress, staying: bool) -> int:
    facts = perform(stack, screen, progress, with_sam=True)
    screen.show("", *summary.counts(facts, screen))
    if staying:
        screen.show("", *summary.guide(stack, screen))
        to = target.of(stack)
        inbox = queues.find(to, f"{to.name}-screen") or ""
        known = Listener(to, inbox, screen, escalations=list(facts.escalations))
        while not known.until(lambda: False, time.monotonic() + LISTEN_SECONDS):
            pass
    findings = [(expectation, expectation(facts)) for expectation in EXPECTATIONS]
    screen.show("", *summary.verdict(findings, screen))
    progress("done")
    return 0 if all(finding.true for _, finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
