"""Risks and signals, with the customer's words that raised them: the rules of `risks` applied to a message."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from heed.judge.phrases import Hit, Phrases, keys_of
from heed.judge.risks import GRIEVED, HARMLESS, NO_DENIAL, RULES, Rule
from heed.judge.text import Text
from heed.model import Sentiment, Signal, SignalName

ALARMING, COMPANY = Path(__file__).with_name("alarming.txt"), Path(__file__).with_name("company.txt")
"""Indexes of phrases: those that may raise something, and what a rule may need or fear near them.

What they are looked up by, between spaces, then a line of phrases for each. Made by `infra.judge.phrases`.
"""

_REACH, _REACH_LATIN, _CLOSE = 40, 120, 3
"""How far apart, in characters, phrases may stand that mean something together; for the grieved alone a third of it."""

_DENIAL, _DENIAL_LATIN = 3, 16
"""How far behind a "not" what it denies begins: 没有发生漏电, "never ever sue"."""

_SHOUTED_LETTERS = 12
_CLAUSE_END = r"[,!;:。、\n~]|[.?](?!\d)|(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])|但|\bbut\b|\bi(?: will|'ll)\b"
_NOT_BEFORE = r"(?:[不没别未甭无]|\b(?:not|no|never|don't|dont|isn't|without)(?: \w+)?)\s*$"
STARTS = frozenset(rule.groups[0] for rule in RULES)
"""The groups that rules begin with: what is dangerous by itself or in company."""


Held = tuple[Rule, list[Hit]]
"""A rule that holds, and the phrases it holds by."""


class Heard:
    """A message and its phrases by group, those within harmless ones left out."""

    def __init__(self, text: Text, groups: dict[str, list[Hit]]) -> None:
        self.text, self.groups = text, groups


@cache
def _pattern(written: str) -> re.Pattern[str]:
    """Compiled when a message first needs it: most never do, and starting up is paid by all."""
    return re.compile(written)


@cache
def _phrases(path: Path) -> Phrases:
    keys, *entries = path.read_bytes().split(b"\n")
    return Phrases(dict(zip(keys.decode().split(" "), entries, strict=False)))


def hear(text: Text) -> Heard:
    """The phrases that may raise a risk or signal; most messages have none."""
    keys = keys_of(text.plain)
    hits = _phrases(ALARMING).find(text.plain, keys)
    groups = _by_group(hits)
    if not STARTS.isdisjoint(groups):
        groups = _by_group(hits + _phrases(COMPANY).find(text.plain, keys))
    return Heard(text, groups)


def held(heard: Heard) -> list[Held]:
    """The rules that hold, each with the phrases that say so, in the order of RULES."""
    if STARTS.isdisjoint(heard.groups):
        return []
    found = []
    for rule in RULES:
        hits = [each for hit in heard.groups.get(rule.groups[0], ()) for each in _company(rule, hit, heard)]
        if hits:
            found.append((rule, hits))
    return found


def signals(heard: Heard, sentiment: Sentiment) -> tuple[Signal, ...]:
    """What calls for people: said in words, or, when the message is negative, by shouting."""
    found = []
    for name in SignalName:
        words: tuple[str, ...] = ()
        if hits := heard.groups.get(name):
            words = quotes(heard.text, [hit for hit in hits if not _denied(hit, heard.text.plain)])
        if name is SignalName.ANGRY and sentiment is Sentiment.NEGATIVE:
            words += _shouting(heard.text)
        if words:
            found.append(Signal(name, words))
    return tuple(found)


def _denied(hit: Hit, plain: str) -> bool:
    """Whether a "not" stands right before a signal; the company a risk needs is not looked up for signals."""
    return _pattern(_NOT_BEFORE).search(plain, max(0, hit.start - _DENIAL_LATIN), hit.start) is not None


def _shouting(text: Text) -> tuple[str, ...]:
    """Three exclamation marks, or capitals throughout."""
    if (at := text.plain.find("!!!")) >= 0:
        return (text.quote(at, at + 3),)
    if text.written.isupper() and sum(map(str.isupper, text.written)) >= _SHOUTED_LETTERS:
        return (text.written.strip()[:40],)
    return ()


def _company(rule: Rule, hit: Hit, heard: Heard) -> list[Hit]:
    """The phrase and those it needs, or nothing if the rule does not hold."""
    company, close = [hit], _CLOSE if rule.grief >= GRIEVED else 1
    for wanted in rule.groups[1:]:
        near = (each for group in wanted.split("|") for each in _near(hit, group, heard, close))
        if not (found := next((each for each in near if not _same(hit, each, heard.text.plain)), None)):
            return []
        company.append(found)
    return [] if any(_against(group, hit, heard) for group in rule.unless) else company


def _same(one: Hit, other: Hit, plain: str) -> bool:
    return plain[one.start : one.end] == plain[other.start : other.end]


def _against(group: str, hit: Hit, heard: Heard) -> bool:
    if group == "not":
        return any(_denies(denial, hit, heard.text.plain) for denial in heard.groups.get("not", ()))
    if group == "if":
        return any(not _parted(hit, each, heard.text.plain) for each in heard.groups.get("if", ()))
    return any(True for _ in _near(hit, group, heard))


def _near(hit: Hit, group: str, heard: Heard, close: int = 1) -> Iterable[Hit]:
    """Phrases of a group that stand within reach."""
    reach = (_REACH if heard.text.plain[hit.start] > "\x7f" else _REACH_LATIN) // close
    return (each for each in heard.groups.get(group, ()) if _apart(hit, each) <= reach)


def _apart(one: Hit, other: Hit) -> int:
    """The characters between two phrases; none between one and another within it."""
    return max(other.start - one.end, one.start - other.end, 0)


def _denies(denial: Hit, hit: Hit, plain: str) -> bool:
    most = _DENIAL if plain[hit.start] > "\x7f" else _DENIAL_LATIN
    return 0 <= hit.start - denial.end <= most and not _parted(denial, hit, plain)


def _parted(one: Hit, other: Hit, plain: str) -> bool:
    """Whether a clause ends between two phrases."""
    first, second = sorted((one[:2], other[:2]))
    return _pattern(_CLAUSE_END).search(plain, first[1], max(first[1], second[0])) is not None


def _by_group(hits: list[Hit]) -> dict[str, list[Hit]]:
    """By group, in order; what lies within a harmless phrase, or one that only looks like a denial, is left out."""
    silent = [hit for hit in hits if HARMLESS in hit.groups or NO_DENIAL in hit.groups]
    groups: dict[str, list[Hit]] = {}
    for hit in sorted(hits):
        if not silent or not any(
            each.start <= hit.start and hit.end <= each.end and each is not hit for each in silent
        ):
            for group in hit.groups:
                groups.setdefault(group, []).append(hit)
    return groups


def quotes(text: Text, hits: list[Hit]) -> tuple[str, ...]:
    """The customer's words, each once; phrases that overlap as one."""
    spans: list[tuple[int, int]] = []
    for start, end, _ in sorted(hits):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return tuple(dict.fromkeys(text.quote(start, end) for start, end in spans))
