"""What the timeline says of a change: one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from heed import cases, timeline
from heed.model import Chain, Entry, EntryKind, Kind, Level, Priority, ReportKind, RiskName, Status
from tests.unit.builders import a_policy, at, people
from tests.unit.cases.story import Story

POLICY = a_policy(resolution=None, warn_share=0.75, changes={"people": people(risks=frozenset({RiskName.SAFETY}))})
NOW = at("12:00")
DEADLINE = at("10:30")


def _waiting() -> Story:
    return Story(POLICY).customer("10:00")


def _broken() -> Story:
    return _waiting().expire("10:30:01")


def _assigned(story: Story) -> None:
    story._case = cases.assign(story.case, "safety", "han", NOW)


def _merged(story: Story) -> None:
    survivor = replace(story.case, key="another")
    _, story._case = cases.merge(survivor, story.case, POLICY, at("10:05"))


CHANGES: list[tuple[str, Callable[[], Story], Callable[[Story], object], list[Entry]]] = [
    (
        "a risk goes to people, with another priority and team",
        _waiting,
        lambda story: story.customer("10:05", risks=[RiskName.SAFETY]),
        [
            Entry(NOW, EntryKind.PRIORITY, "li", "P3 to P1"),
            Entry(NOW, EntryKind.ASSIGNED, "li", "safety"),
            Entry(NOW, EntryKind.ESCALATED, "heed", "risk:safety"),
        ],
    ),
    (
        "a warning",
        _waiting,
        lambda story: story.expire("10:22:30"),
        [Entry(NOW, EntryKind.WARNED, "heed", "first_response", deadline_at=DEADLINE)],
    ),
    (
        "a breach",
        _waiting,
        lambda story: story.expire("10:30:01"),
        [Entry(NOW, EntryKind.BREACHED, "heed", "first_response", deadline_at=DEADLINE)],
    ),
    (
        "a breach that is told",
        _broken,
        lambda story: story.confirm("10:30:02"),
        [Entry(at("10:30:02"), EntryKind.PUBLISHED, "heed", "first_response", deadline_at=DEADLINE)],
    ),
    ("a breach told again is no news", _broken, lambda story: story.expire("10:35"), []),
    (
        "a breach taken back",
        _broken,
        lambda story: story.agent("10:29", received="10:31"),
        [Entry(NOW, EntryKind.CORRECTED, "heed", "first_response", deadline_at=DEADLINE)],
    ),
    (
        "somebody takes the case",
        _waiting,
        lambda story: story.acknowledge("10:05"),
        [Entry(NOW, EntryKind.ACKNOWLEDGED, "li")],
    ),
    ("somebody is given the case", _waiting, _assigned, [Entry(NOW, EntryKind.ASSIGNED, "li", "safety han")]),
    (
        "a status",
        _waiting,
        lambda story: story.status("10:05", Status.ON_HOLD),
        [Entry(NOW, EntryKind.STATUS, "li", "on_hold")],
    ),
    ("a case is resolved", _waiting, lambda story: story.resolve("10:05"), [Entry(NOW, EntryKind.RESOLVED, "li")]),
    (
        "a case is reopened",
        lambda: _waiting().resolve("10:05"),
        lambda story: story.reopen("10:10"),
        [Entry(NOW, EntryKind.REOPENED, "li", "episode 1")],
    ),
    (
        "a customer comes back after the window",
        lambda: _waiting().resolve("10:05"),
        lambda story: story.customer("10:00", day="2026-03-23", kind=Kind.QUESTION),
        [Entry(NOW, EntryKind.REOPENED, "li", "episode 2")],
    ),
    (
        "a case taken for spam, whatever it does to its status",
        _waiting,
        lambda story: story.does(cases.mark_spam, "10:05"),
        [Entry(NOW, EntryKind.SPAM, "li", "marked")],
    ),
    (
        "a mark of spam taken away",
        lambda: _waiting().does(cases.mark_spam, "10:05"),
        lambda story: story.decides(cases.unmark_spam, "10:06"),
        [Entry(NOW, EntryKind.SPAM, "li", "cleared")],
    ),
    (
        "a case merged into another",
        _waiting,
        _merged,
        [Entry(NOW, EntryKind.MERGED, "li", "into another")],
    ),
    ("a note changes nothing to tell of", _waiting, lambda story: story.note("10:05"), []),
]


@pytest.mark.parametrize(("told", "change", "entries"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_the_timeline_tells_of(
    told: Callable[[], Story], change: Callable[[Story], object], entries: list[Entry]
) -> None:
    story = told()
    before = story.case
    change(story)
    assert list(timeline.entries(before, story.case, "li", NOW)) == entries


def test_the_timeline_of_a_new_case_begins_with_what_it_had_to_tell() -> None:
    case = Story(POLICY).customer("10:00", risks=[RiskName.SAFETY]).case
    assert timeline.entries(None, case, "li", NOW) == (Entry(NOW, EntryKind.ESCALATED, "heed", "risk:safety"),)
    assert timeline.entries(None, _waiting().case, "li", NOW) == ()


def test_the_timeline_names_the_level_a_breach_was_told_to() -> None:
    policy = replace(POLICY, chains=dict.fromkeys(Priority, Chain((Level(0), Level(600)))))
    before = Story(policy).customer("10:00").expire("10:30:01")
    after = cases.expire(before.case, at("10:40"), policy)
    told = timeline.entries(before.case, after, "li", NOW)
    assert [entry.detail for entry in told] == ["first_response level 2"]


def test_nothing_changed_is_nothing_told() -> None:
    case = _broken().case
    assert case.outbox
    assert timeline.entries(case, case, "li", NOW) == ()


def test_every_kind_of_entry_is_told_here_but_an_agents_words_and_a_platforms_reports() -> None:
    told = {entry.kind for *_, entries in CHANGES for entry in entries}
    reports = {EntryKind(kind) for kind in ReportKind}
    words = {EntryKind.REPLIED, EntryKind.NOTED, EntryKind.REASSESSED}
    assert set(EntryKind) - told == words | reports | {EntryKind.WITHHELD}  # waits: below


@pytest.mark.parametrize(("level", "says"), [(1, ""), (2, " level 2")])
def test_a_notice_that_waits_is_on_record_with_why_and_until_when(level: int, says: str) -> None:
    before = _broken().case
    before = replace(before, outbox=(replace(before.outbox[0], level=level),))
    window = "rate/q/t/lin@2026-03-11T02:00:00.000Z"
    after = cases.hold(before, [before.outbox[0].key], window, at("11:00"), NOW)
    (entry,) = timeline.entries(before, after, "heed", NOW)
    detail = f"breach first_response{says}: rate until 2026-03-11T03:00:00.000Z"
    assert entry == Entry(NOW, EntryKind.WITHHELD, "heed", detail, deadline_at=DEADLINE)
    gone = replace(before, clocks=())
    (entry,) = timeline.entries(gone, replace(after, clocks=()), "heed", NOW)
    assert (entry.detail.split(":")[0], entry.deadline_at) == (f"breach 1.first_response.1{says}", None)
