"""What a digest is about: the notices that a window withheld, as far as they still matter, from the cases as they are.

A promise that was told twice meanwhile, as a breach and at its next level, is one line. What was answered, settled,
taken back or told otherwise has dropped out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from heed import cases
from heed.announcing.facts import Facts, Severity, Turn, facts, moot, team_zone
from heed.model import Bundle, Case, Clock, Effect, EffectKind, Hold, Priority, Topic, Window
from heed.policy import Policy
from heed.values import Value, replace

_LOUDEST = tuple(Severity)


class Line(Value):
    """One promise of a digest, with the notice that would have told it."""

    case: Case
    effect: Effect
    clock: Clock
    facts: Facts

    @property
    def rank(self) -> tuple[Priority, bool, float, str]:
        """The worst first: the graver priority, what is broken before what is about to be, the longest wait."""
        late = self.facts.turn is Turn.LATE
        return self.facts.priority, not late, -self.facts.gap_seconds if late else self.facts.gap_seconds, self.case.id


class Gathered(Value):
    """All that the words of a digest may use. `worst` are told one by one, with links; the figures are of all.

    `late` promises are broken, `due` ones about to be; `more` were withheld beyond what was kept, and not looked at
    again. `since` and `until` are the window's ends in the team's time. `told_before` went out one by one.
    """

    why: Hold
    severity: Severity
    brand: str
    brand_name: str
    team: str
    on_call: str
    since: datetime
    until: datetime
    told_before: int
    worst: tuple[Facts, ...]
    late: int
    due: int
    more: int
    waiting: int
    priorities: tuple[Priority, ...]
    metrics: tuple[str, ...]
    platforms: tuple[tuple[str, int], ...]
    topics: tuple[tuple[Topic, int], ...]

    @property
    def count(self) -> int:
        return self.late + self.due

    @property
    def unnamed(self) -> int:
        """Those that are not told one by one."""
        return self.count - len(self.worst) + self.more


class Sorted:
    """What a window withheld: `lines` to tell, and each (case key, effect key) that is thereby told, or moot."""

    __slots__ = ("lines", "missing", "moot", "told")

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.told: list[tuple[str, str]] = []
        self.moot: list[tuple[str, str]] = []
        self.missing = 0


def sort(window: Window, found: Mapping[str, Case], policy: Policy, now: datetime) -> Sorted:
    """Which of the withheld notices to tell, the worst first. `found` are the cases as they are now."""
    sorted_ = Sorted()
    lines: dict[tuple[str, str], Line] = {}
    for key, name in window.held:
        case = found.get(key)
        effect = next((entry for entry in case.outbox if entry.key == name), None) if case else None
        if case is None:
            sorted_.missing += 1
        elif effect is not None and effect.held_by in ("", window.name):
            line = _line(case, effect, policy, now)
            (sorted_.moot if line is None else sorted_.told).append((key, name))
            about = (key, effect.clock)
            if line is not None and (about not in lines or _graver(line, lines[about])):
                lines[about] = line
    sorted_.lines = sorted(lines.values(), key=lambda line: line.rank)
    return sorted_


def gather(
    bundle: Bundle,
    window: Window,
    sorted_: Sorted,
    policy: Policy,
    now: datetime,
    link: Callable[[str, datetime], str],
) -> Gathered:
    """The facts of a digest of several lines. `link` makes a link from a case id and the time."""
    found = [line.facts for line in sorted_.lines]
    worst = found[: policy.noise.worst]
    here = team_zone(policy, bundle.team)
    late = sum(each.turn is Turn.LATE for each in found)
    return Gathered(
        why=bundle.why,
        severity=min((each.severity for each in found), key=_LOUDEST.index),
        brand=bundle.brand,
        brand_name=policy.brands.get(bundle.brand, bundle.brand),
        team=bundle.team,
        on_call=policy.on_call(bundle.roster, now),
        since=window.opened_at.astimezone(here),
        until=window.until.astimezone(here),
        told_before=window.passes,
        worst=tuple(replace(each, link=link(each.case_id, now)) for each in worst),
        late=late,
        due=len(found) - late,
        more=window.more + sorted_.missing,
        waiting=len({each.case_id for each in found if each.waited_seconds is not None}),
        priorities=tuple(sorted({each.priority for each in found})),
        metrics=tuple(sorted({str(each.metric) for each in found})),
        platforms=_counted(each.channel.split("/", 1)[0] for each in found),
        topics=tuple((Topic(topic), count) for topic, count in _counted(each.topic for each in found)),
    )


def _line(case: Case, effect: Effect, policy: Policy, now: datetime) -> Line | None:
    """None for what nobody has to act on any more."""
    clock = cases.clock_named(case, effect.clock)
    if clock is None or moot(case, effect, now) is not None:
        return None
    found = facts(case, effect, clock, policy, now, "", None)
    return Line(case, effect, clock, found) if found.turn in (Turn.LATE, Turn.DUE) else None


def _graver(line: Line, than: Line) -> bool:
    return (line.effect.kind is EffectKind.BREACH, line.effect.level) > (
        than.effect.kind is EffectKind.BREACH,
        than.effect.level,
    )


def _counted(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """How often each, the most frequent first."""
    return tuple(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))
