"""Who comes to the page behind the link of a notice: people on call, what follows links ahead of them, and strangers.

Each knows a case by nothing but the link. Who is on call takes a case there, by the very link that the notice carried,
and at the desk only if that was the plain one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from heed import links
from heed.platforms import Request
from tests.simulation.linked import Links, Visit
from tests.simulation.people import MINUTE, SECOND, Act, Talk
from tests.simulation.platforms import event
from tests.simulation.stack import LINK_HOURS, PAGE_URL
from tests.simulation.world import World

TAKEN = 0.4
PREFETCHED = 0.1
ATTACKED = 0.05
REMEMBERED = 0.05
_FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
_FOREIGN: tuple[dict[str, str], ...] = ({**_FORM, "sec-fetch-site": "cross-site"}, {"content-type": "text/plain"}, {})
_AHEAD = {"sec-purpose": "prefetch", "accept-language": "zh-CN"}
# A link ends at a full minute, and clocks differ.
_ENDED_MS = 60 * MINUTE * LINK_HOURS + 2 * MINUTE
_TRIES = 60


class Visitors:
    """Plays them. `talk_of(case_id)` is a conversation, if anybody wrote; `at_desk(talk, act)` acknowledges there."""

    def __init__(
        self,
        world: World,
        known: Links,
        talk_of: Callable[[str], Talk | None],
        at_desk: Callable[[Talk, Act], None],
    ) -> None:
        self._world = world
        self._links = known
        self._talk_of = talk_of
        self._at_desk = at_desk
        self._names = 0
        self._tokens: list[str] = []

    def noticed(self, notice: dict[str, Any]) -> None:
        """A notice arrives; a digest tells of several cases, each with its link."""
        body = json.loads(json.loads(notice["Message"])["default"])
        for line in body.get("worst", [body]):
            if line.get("case_id") is not None:
                self._told(line["case_id"], line["link"])

    def _told(self, case_id: str, link: str) -> None:
        world, random = self._world, self._world.random
        token = link.removeprefix(PAGE_URL) if link.startswith(PAGE_URL) else ""
        if random.random() <= TAKEN:
            talk = self._talk_of(case_id)
            if talk is not None:  # else it is of nobody who wrote
                after, act = random.randint(1, 6 * MINUTE), Act("acknowledge", 0)
                if token:
                    world.schedule(after, self._take, talk, act, token, case_id)
                else:
                    world.schedule(after, self._at_desk, talk, act)
        if not token:
            return
        self._tokens.append(token)
        if random.random() < PREFETCHED:
            for _ in range(random.randint(1, 2)):
                world.schedule(random.randint(10, 5 * SECOND), self._prefetch, token, case_id)
        if random.random() < ATTACKED:
            world.schedule(random.randint(SECOND, 20 * MINUTE), self._attack, token, case_id)
        if random.random() < REMEMBERED:
            world.schedule(_ENDED_MS + random.randint(0, 30 * MINUTE), self._remember, token, case_id)

    # -- on call

    def _take(self, talk: Talk, act: Act, token: str, case_id: str) -> None:
        """Press the button of the page."""
        self._names += 1
        act.begun_ms = self._world.ms
        talk.acts.append(act)
        self._press(act, token, case_id, f"on call {self._names}", 0)

    def _press(self, act: Act, token: str, case_id: str, name: str, tries: int) -> None:
        """Whose name the page shows afterwards was first: the page says so, as the desk says `changed`."""
        form = urlencode({"name": name}).encode()
        status, _ = self._visit(Visit("press", token, case_id, act.begun_ms), "POST", form, _FORM)
        if status == 303:
            act.done_ms = self._world.ms
            _, shown = self._visit(Visit("look", token, case_id, self._world.ms))
            act.changed = f"{name} (link)" in shown
        elif tries < _TRIES:
            after = self._world.random.randint(2, 30) * SECOND
            self._world.schedule(after, self._press, act, token, case_id, name, tries + 1)

    # -- everybody else

    def _prefetch(self, token: str, case_id: str) -> None:
        self._visit(Visit("prefetch", token, case_id, self._world.ms), headers=_AHEAD)

    def _remember(self, token: str, case_id: str) -> None:
        """An old mail is found again, and its link tried."""
        for method in ("GET", "POST"):
            self._visit(Visit("ended", token, case_id, self._world.ms), method, b"name=late", _FORM)

    def _attack(self, token: str, case_id: str) -> None:
        """Another site posts with the link; somebody makes up a link from one that was seen, or a key from nothing."""
        world, random = self._world, self._world.random
        foreign = Visit("foreign", token, case_id, world.ms)
        self._visit(foreign, "POST", b"name=mallory", random.choice(_FOREIGN))
        place = random.randrange(len(token))
        forged = (
            token[:place] + ("0" if token[place] != "0" else "1") + token[place + 1 :],
            token[:8] + "zzzzzz" + token[14:],  # as if it never ended
            random.choice(self._tokens)[:8] + "zzzzzz" + token[14:],
            links.sign(case_id, world.at(world.ms + 60 * MINUTE), b"a key that somebody guessed, and wrongly"),
            token.upper(),
            token + "0",
            case_id,
        )
        for method in ("GET", "POST"):
            self._visit(Visit("forged", random.choice(forged), "", world.ms), method, b"name=mallory", _FORM)

    def _visit(
        self, visit: Visit, method: str = "GET", body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """Status and page; 500 and none if there never was an answer."""
        request = Request(method, "", headers or {"accept-language": "en"}, body)
        self._links.under_way.append(visit)
        answer, failure = self._world.invoke("page", event(request, {"token": visit.token}))
        self._links.under_way.pop()
        status, page = (500, "") if failure else (int(answer["statusCode"]), str(answer["body"]))
        self._world.log("page", visit.kind, method, status)
        self._links.answered(visit, status, page)
        return status, page
