"""What a customer's message means: `assess(text, language) -> Assessment`.

Trained weights say kind, sentiment and topic, and hear abuse, self-harm and scams; rules find the dangers and what
calls for people, in Chinese and English. Nothing is stored or logged; the same text always gets the same answer; no
text raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from heed.judge import alarms, dangers, opinions
from heed.judge import language as languages
from heed.judge import text as texts
from heed.judge.opinions import Opinions
from heed.judge.weights import MODEL
from heed.judge.words import Spoken, Words
from heed.model import Assessment, Confidence, Risk, RiskName, Signal, SignalName

_SURE_ENOUGH = 0.5
_TRAINED = frozenset({"zh", "en", "th", "id", "ms", languages.UNKNOWN})
_TRUST_ABROAD = 0.6  # what an answer is worth in a language that the weights know little of
_SIGNALS = {SignalName.ANGRY: "angry", SignalName.WANTS_HUMAN: "wants a person", SignalName.URGENT: "urgent"}
_QUOTES = 3


def assess(text: str, language: str | None = None, words: Words | None = None) -> Assessment:
    """Understand a message of any length, script and state; its first 2,000 characters are read.

    `language` is what the channel expects (`zh`, `zh-CN`, `en_GB`); it decides where the text is too short to tell.
    `words` are the brand's own, `policy.words`.
    `uncertain` says that people should decide: what the customer wants is more likely something else than what it
    says. Never raises.
    """
    read = texts.read(text)
    code, sure = languages.detect(read.plain, language)
    spoken = words.heard(read, code) if words else Spoken(read)
    phrases = dangers.hear(spoken.text)
    message, scores = opinions.listen(spoken.text)
    mood = opinions.grief(scores)
    meant, unlikely = alarms.weigh(message, phrases)
    ruled = _merged(meant, spoken.risks)
    heard = opinions.form(message, scores, frozenset([risk.name for risk in ruled]), mood)
    if spoken.topic:
        heard = heard._replace(topic=opinions.told(spoken.topic))
    risks = (*ruled, *_heard(heard, unlikely.union([risk.name for risk in ruled])))
    signals = dangers.signals(phrases, heard.sentiment.label)
    trust = heard.trust() * (1.0 if code in _TRAINED else _TRUST_ABROAD)
    confidence = Confidence(
        kind=round(heard.kind.confidence * trust, 2),
        sentiment=round(heard.sentiment.confidence * trust, 2),
        topic=round(heard.topic.confidence * trust, 2),
        language=round(sure, 2),
    )
    uncertain = confidence.kind < _SURE_ENOUGH
    return Assessment(
        kind=heard.kind.label,
        sentiment=heard.sentiment.label,
        topic=heard.topic.label,
        language=code,
        risks=tuple(sorted(risks, key=_by_name)),
        signals=signals,
        confidence=confidence,
        uncertain=uncertain,
        reasons=(*spoken.reasons(), *_dangers(risks, signals), *_opinions(heard), *_doubts(code, uncertain)),
        model=MODEL,
    )


def ready() -> None:
    """Load at start what the first message would otherwise load: the weights, the languages, the phrases."""
    for text in ("你好，我的包裹在哪里？", "Where is my parcel?"):
        assess(text)


def _merged(ruled: tuple[Risk, ...], told: tuple[Risk, ...]) -> tuple[Risk, ...]:
    """The rules' risks and the brand's, each name once with all its evidence."""
    evidence: dict[RiskName, tuple[str, ...]] = {}
    for risk in (*told, *ruled):
        evidence[risk.name] = tuple(dict.fromkeys((*evidence.get(risk.name, ()), *risk.evidence)))
    return tuple(Risk(name, quotes) for name, quotes in evidence.items()) if told else ruled


_ORDER = {name: place for place, name in enumerate(RiskName)}


def _by_name(risk: Risk) -> int:
    return _ORDER[risk.name]


def _heard(heard: Opinions, passed_over: frozenset[RiskName]) -> Iterator[Risk]:
    """The risks that the weights alone raise; each needs words to show for it."""
    for name in heard.risks:
        if name not in passed_over:
            quotes = heard.message.quotes(opinions.risk_column(name))
            if words := tuple(quote for quote in quotes if any(map(str.isalnum, quote))):
                yield Risk(name, words)


def _dangers(risks: Iterable[Risk], signals: Iterable[Signal]) -> Iterator[str]:
    for risk in risks:
        yield _sentence(f"{risk.name.replace('_', ' ')} risk", risk.evidence)
    for signal in signals:
        yield _sentence(_SIGNALS[signal.name], signal.evidence)


def _opinions(heard: Opinions) -> Iterator[str]:
    said = [
        (str(heard.kind.label), heard.kind.column),
        (str(heard.sentiment.label), heard.sentiment.column),
        (f"about {heard.topic.label.replace('_', ' ')}", heard.topic.column),
    ]
    for finding, column in said:
        if quotes := heard.message.quotes(column):
            yield _sentence(finding, quotes)


def _doubts(code: str, uncertain: bool) -> Iterator[str]:
    if code not in _TRAINED:
        yield f"written in a language ({code}) that the judge knows little of"
    if uncertain:
        yield "uncertain: the words do not settle what the customer wants"


def _sentence(finding: str, quotes: tuple[str, ...]) -> str:
    return f"{finding}: says {', '.join(f'“{quote}”' for quote in quotes[:_QUOTES])}"


__all__ = ["MODEL", "assess", "ready"]
