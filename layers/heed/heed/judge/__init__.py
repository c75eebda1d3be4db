"""What a customer's message means: `assess(text, language) -> Assessment`.

Rules and word lists for Chinese and English. Other languages are recognised, and left to people. Nothing is read,
stored or logged; the same text always gets the same answer; no text raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from heed.judge import dangers, opinions
from heed.judge import language as languages
from heed.judge import text as texts
from heed.judge.evidence import Evidence, gather
from heed.judge.opinions import Mood, Opinion
from heed.model import Assessment, Confidence, Kind, Risk, Signal, SignalName, Topic

MODEL = "rules-1"

_SURE_ENOUGH = 0.5
_LISTED = frozenset({"zh", "en", languages.UNKNOWN})
_TRUST_ABROAD = 0.5  # what an answer is worth in a language without lists
_SIGNALS = {SignalName.ANGRY: "angry", SignalName.WANTS_HUMAN: "wants a person", SignalName.URGENT: "urgent"}
_QUOTES = 3


def assess(text: str, language: str | None = None) -> Assessment:
    """Understand a message of any length, script and state; its first 2,000 characters are read.

    `language` is what the channel expects (`zh`, `zh-CN`, `en_GB`); it decides where the text is too short to tell.
    `uncertain` says that people should decide: no words, or no clear majority of them, tell the kind. Never raises.
    """
    read = texts.read(text)
    code, sure = languages.detect(read.plain, language)
    evidence = gather(read)
    risks = dangers.risks(evidence)
    names = frozenset(risk.name for risk in risks)
    mood = opinions.mood(evidence, names)
    kind = opinions.kind(evidence, mood, names)
    topic = opinions.topic(evidence)
    signals = dangers.signals(evidence, mood.opinion.label)
    trust = 1.0 if code in _LISTED else _TRUST_ABROAD
    confidence = Confidence(
        kind=round(kind.confidence * trust, 2),
        sentiment=round(mood.opinion.confidence * trust, 2),
        topic=round(topic.confidence * trust, 2),
        language=round(sure, 2),
    )
    uncertain = confidence.kind < _SURE_ENOUGH
    return Assessment(
        kind=kind.label,
        sentiment=mood.opinion.label,
        topic=topic.label,
        language=code,
        risks=risks,
        signals=signals,
        confidence=confidence,
        uncertain=uncertain,
        reasons=(*_dangers(risks, signals), *_opinions(evidence, kind, mood, topic), *_doubts(code, uncertain)),
        model=MODEL,
    )


def _dangers(risks: Iterable[Risk], signals: Iterable[Signal]) -> Iterator[str]:
    for risk in risks:
        yield _sentence(f"{risk.name.replace('_', ' ')} risk", risk.evidence)
    for signal in signals:
        yield _sentence(_SIGNALS[signal.name], signal.evidence)


def _opinions(evidence: Evidence, kind: Opinion[Kind], mood: Mood, topic: Opinion[Topic]) -> Iterator[str]:
    if kind.said:
        yield _sentence(kind.label, evidence.quote(kind.said))
    elif kind.label is Kind.QUESTION:
        yield "question: has a question mark"
    if mood.opinion.said and mood.opinion.said != kind.said:
        yield _sentence(mood.opinion.label, evidence.quote(mood.opinion.said))
    if topic.said:
        yield _sentence(f"about {topic.label.replace('_', ' ')}", evidence.quote(topic.said))


def _doubts(code: str, uncertain: bool) -> Iterator[str]:
    if code not in _LISTED:
        yield f"written in another language ({code}), which the word lists do not cover"
    if uncertain:
        yield "uncertain: the words do not settle what the customer wants"


def _sentence(finding: str, quotes: tuple[str, ...]) -> str:
    return f"{finding}: says {', '.join(f'“{quote}”' for quote in quotes[:_QUOTES])}"


__all__ = ["MODEL", "assess"]
