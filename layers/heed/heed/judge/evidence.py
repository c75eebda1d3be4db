"""What a message says, label by label, minding denial: the common ground of opinions and risks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from heed.judge.context import ROWS as CONTEXT
from heed.judge.matching import Hit, Matcher, Row
from heed.judge.risks import RULES
from heed.judge.text import Text
from heed.judge.words_en import ROWS as ENGLISH
from heed.judge.words_zh import ROWS as CHINESE
from heed.model import Topic

RULE_LABELS = tuple(f"rule {number}" for number in range(len(RULES)))

# "If you don't refund me | I will sue you": the threat after a condition is a clause of its own.
_CLAUSE_END = re.compile(r"[,!?;:。、\n~]|\.(?!\d)|但|就|我[要会将]|\bbut\b|\bi(?: will|'ll|'m going)\b")
_SENTENCE_END = re.compile(r"[!?;。\n]|\.(?!\d)")
_FAR = 1_000.0
_REACH = 48  # letters; ideographs an eighth of it


def _rows() -> Iterable[Row]:
    yield from CHINESE
    yield from ENGLISH
    yield from CONTEXT
    for label, rule in zip(RULE_LABELS, RULES, strict=True):
        yield label, 1, rule.phrases


# What a message is about, and the company a risk needs, is also heard inside longer phrases: 你们 in 你们等着.
MATCHER = Matcher(_rows(), lasting=frozenset(Topic).union(*(rule.needs for rule in RULES)))


class Said(NamedTuple):
    """A phrase in the message. `since_not` is how many characters after a "not" of the same clause it stands, in
    ideographs; a letter after an English "not" counts for an eighth: it reaches three words, 没 two characters."""

    hit: Hit
    weight: float
    since_not: float

    @property
    def denied(self) -> bool:
        return self.since_not <= 2.5


class Evidence(NamedTuple):
    """The message and, per label, the phrases that say it, in order."""

    text: Text
    labels: dict[str, list[Said]]

    def said(self, label: str) -> list[Said]:
        return self.labels.get(label, [])

    def quote(self, said: Iterable[Said]) -> tuple[str, ...]:
        """The customer's words, each once."""
        return tuple(dict.fromkeys(self.text.quote(each.hit.start, each.hit.end) for each in said))

    def together(self, one: Hit, other: Hit, apart: re.Pattern[str]) -> bool:
        """Whether nothing that ends a clause or sentence stands between two hits."""
        first, second = sorted((one[:2], other[:2]))
        return not apart.search(self.text.plain, first[1], max(first[1], second[0]))

    def in_clause(self, hit: Hit, label: str) -> bool:
        return any(self.together(hit, other.hit, _CLAUSE_END) for other in self.said(label))

    def in_sentence(self, hit: Hit, label: str) -> bool:
        return any(self.together(hit, other.hit, _SENTENCE_END) for other in self.said(label))


def gather(text: Text) -> Evidence:
    """Find every phrase of every list."""
    labels: dict[str, list[Said]] = {}
    negation: Hit | None = None
    for hit in MATCHER.find(text.plain):
        since_not = _distance(text.plain, negation, hit)
        for label, weight in hit.labels:
            if label == "not":
                negation = hit
            labels.setdefault(label, []).append(Said(hit, weight, since_not))
    return Evidence(text, labels)


def _distance(plain: str, negation: Hit | None, hit: Hit) -> float:
    if negation is None or not 0 <= (apart := hit.start - negation.end) <= _REACH:
        return _FAR
    ideographs = apart / 8 if negation.phrase.isascii() else float(apart)
    if ideographs > _REACH / 8 or _CLAUSE_END.search(plain, negation.end, hit.start):
        return _FAR
    return ideographs
