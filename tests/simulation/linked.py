"""What a link may do: the oracle's part about the page behind it, judged by its answers and by what it writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.people import PERSONAL
from tests.simulation.stack import PAGE_URL
from tests.simulation.world import World

_TOKEN = re.compile(r"[0-9a-hjkmnp-tv-z]{34}")
# What a visit of each kind is answered unless the page cannot answer now, and none but a press may change anything.
_ANSWERS = {"press": 303, "look": 200, "prefetch": 200, "foreign": 400, "forged": 404, "ended": 404}
_FAILED = (500, 503)


@dataclass(frozen=True)
class Visit:
    """Somebody at the page, at `begun_ms`: `press` and `look` have a genuine link to the case and mean it.

    So have `prefetch`, which follows links ahead of people, and `foreign`, a form of another site; `forged` has none,
    `ended` one whose time is over.
    """

    kind: str
    token: str
    case_id: str
    begun_ms: int


@dataclass
class Links:
    """Every link that a notice carried, and what came of it. `find(what, example)` hears what must not be."""

    world: World
    find: Callable[[str, object], None]
    under_way: list[Visit] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    _held: set[str] = field(default_factory=set)
    _held_ms: dict[str, int] = field(default_factory=dict)

    def told(self, line: dict[str, Any]) -> None:
        """A notice, or a line of a digest, with its link."""
        link = line.get("link") or ""
        if link.startswith(PAGE_URL):
            self.tokens.add(link.removeprefix(PAGE_URL))
            self.world.counts["links to the page"] += 1
        elif line.get("case_id"):
            self.world.counts["links to the desk"] += 1

    def leaked(self, text: str) -> bool:
        """Whether a link, which is a permission, stands in a text."""
        return not self.tokens.isdisjoint(_TOKEN.findall(text))

    def written(self) -> None:
        """The running function, the page, writes to the table."""
        visit = self.under_way[-1]
        if visit.kind != "press":
            self.find("the page changed something that nobody pressed", visit)

    def case(self, case: dict[str, Any]) -> None:
        """A case was written, by whatever function."""
        held = bool(case.get("acknowledged_by")) or case.get("status") == "resolved"
        if held or case["id"] in self._held:
            self._held_ms[case["id"]] = self.world.ms
        (self._held.add if held else self._held.discard)(case["id"])
        if self.world.running == "page" and self.under_way[-1].case_id != case["id"]:
            self.find("a link changed another case than its own", (self.under_way[-1], case["id"]))

    def answered(self, visit: Visit, status: int, page: str) -> None:
        """What a visit was answered; 500 and nothing if it never was."""
        self.world.counts[f"visits: {visit.kind}, answered {status}"] += 1
        if status not in (_ANSWERS[visit.kind], *_FAILED):
            self.find("a visit was answered otherwise than it deserves", (visit, status))
        if status == _ANSWERS["look"] and visit.case_id not in page:
            self.find("a link did not show its case", visit)
        if any(private in page for private in PERSONAL):
            self.find("the page showed something personal", visit)
        if status == _ANSWERS["press"]:
            last_ms = self.world.ms if visit.case_id in self._held else self._held_ms.get(visit.case_id, -1)
            if last_ms < visit.begun_ms:
                self.find("somebody was told to have a case, and nothing holds that", visit)
