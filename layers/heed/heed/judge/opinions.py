"""Kind, sentiment and topic from weighed words. This is the part a trained model replaces; the risks stay rules.

Confidence grows with the margin between the best and the second label; its bounds come from how often the lists were
right on public reviews, tweets and support chat (see `_sure`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

from heed.judge.evidence import Evidence, Said
from heed.model import Kind, RiskName, Sentiment, Topic

Label = TypeVar("Label", Kind, Sentiment, Topic)

_MOOD = 0.6  # what a point of mood adds to complaint or praise
_ASKED = 2.0  # what a question mark says
_ADVERT = 6.0
_WISH = 0.3  # what a point of complaint or praise adds to mood
_DANGER = 2.0
_LEAST = 0.5  # less mood than this is neutral
_GUESS = 0.3  # the confidence of an answer that no word supports


class Opinion(NamedTuple, Generic[Label]):
    """A label, how sure it is (0 to 1) and the phrases that say it, weightiest first."""

    label: Label
    confidence: float
    said: list[Said]


class Mood(NamedTuple):
    """The sentiment, and by how much good words outweigh bad ones."""

    opinion: Opinion[Sentiment]
    balance: float


def mood(evidence: Evidence, dangers: frozenset[RiskName]) -> Mood:
    """Good words against bad ones; a denied one counts for the other side, a complaint or danger for the bad."""
    good, bad = evidence.said(Sentiment.POSITIVE), evidence.said(Sentiment.NEGATIVE)
    for_good = [said for said in good if not said.denied] + [said for said in bad if said.denied]
    for_bad = [said for said in bad if not said.denied] + [said for said in good if said.denied]
    grieved = [said for said in evidence.said(Kind.COMPLAINT) if not said.denied]
    pleased = [said for said in evidence.said(Kind.PRAISE) if not said.denied]
    positive = _weigh(for_good) + _WISH * _weigh(pleased)
    negative = _weigh(for_bad) + _WISH * _weigh(grieved) + _DANGER * bool(dangers - {RiskName.SCAM})
    if abs(positive - negative) < _LEAST:
        return Mood(Opinion(Sentiment.NEUTRAL, _GUESS + 0.1, []), 0)
    if positive > negative:
        return Mood(
            Opinion(Sentiment.POSITIVE, _sure(positive, negative), _telling(for_good) or _telling(pleased)),
            positive - negative,
        )
    return Mood(
        Opinion(Sentiment.NEGATIVE, _sure(negative, positive), _telling(for_bad) or _telling(grieved)),
        positive - negative,
    )


def kind(evidence: Evidence, felt: Mood, dangers: frozenset[RiskName]) -> Opinion[Kind]:
    """What the customer wants, from the words for it, the mood, and whether they ask."""
    said = {each: [one for one in evidence.said(each) if not one.denied] for each in Kind}
    scores = {each: _weigh(found) for each, found in said.items()}
    scores[Kind.COMPLAINT] += _MOOD * max(0, -felt.balance)
    scores[Kind.PRAISE] += _MOOD * max(0, felt.balance)
    scores[Kind.QUESTION] += _ASKED * ("?" in evidence.text.plain)
    if RiskName.SCAM in dangers:
        scores[Kind.IRRELEVANT] += _ADVERT
    elif dangers:
        scores[Kind.COMPLAINT] += 2 * _DANGER
    best, sure = _best(scores)
    if not scores[best]:
        return Opinion(Kind.IRRELEVANT, _GUESS, [])
    return Opinion(best, sure, _telling(said[best]) or felt.opinion.said)


def topic(evidence: Evidence) -> Opinion[Topic]:
    """What it is about, denied or not."""
    scores = {each: _weigh(evidence.said(each)) for each in Topic}
    best, sure = _best(scores)
    if not scores[best]:
        return Opinion(Topic.OTHER, _GUESS, [])
    return Opinion(best, sure, _telling(evidence.said(best)))


def _weigh(said: list[Said]) -> float:
    """Each phrase once, however often it is repeated."""
    return sum({each.hit.phrase: each.weight for each in said}.values()) if said else 0


def _best(scores: Mapping[Label, float]) -> tuple[Label, float]:
    first, second = sorted(scores, key=scores.__getitem__, reverse=True)[:2]
    return first, _sure(scores[first], scores[second])


def _sure(first: float, second: float) -> float:
    """Word lists are right between half the time (a tie) and nine times in ten (a clear case)."""
    return round(0.4 + 0.5 * (first - second) / (first + second + 1), 2)


def _telling(said: list[Said]) -> list[Said]:
    return sorted(said, key=lambda each: -each.weight)
