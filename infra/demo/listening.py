"""Hearing what Heed says while the day goes on: escalations, and notices with their e-mails."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from infra.heedctl import pages, queues
from infra.heedctl.queues import Letter
from infra.heedctl.screen import Screen
from infra.heedctl.target import Target

POLL_SECONDS = 0.1


@dataclass
class Listener:
    """What came out so far, each as often as it came. `inbox` is a queue of our own on the topic of notices."""

    target: Target
    inbox: str
    screen: Screen
    notices: list[Letter] = field(default_factory=list)
    escalations: list[Letter] = field(default_factory=list)

    def hear(self) -> None:
        """Show and keep what is new. Escalations stay in their queue, for `heed escalations`."""
        known = {letter.id for letter in self.escalations}
        for letter in queues.peek(self.target, self.target.output("EscalationsQueueUrl")):
            if letter.id in known:
                continue
            self.escalations.append(letter)
            self.screen.show(pages.escalation_line(letter.body, self.screen))
        for letter in queues.take(self.target, self.inbox):
            self.notices.append(letter)
            mail = queues.mail_of(self.target, letter)
            self.screen.show(*pages.notice_lines(letter.body, mail, letter.lag_seconds, self.screen))

    def until(self, done: Callable[[], bool], deadline: float) -> bool:
        """Listen until `done`, or until the monotonic clock reads `deadline`; whether it was done."""
        while True:
            self.hear()
            if done():
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
