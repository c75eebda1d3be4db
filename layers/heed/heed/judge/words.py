"""The brand's own words: product names, topics, dangers, and phrases that mean nothing, as its policy lists them.

They count without any training. A product's name and a phrase that means nothing are taken out of the message before
anything else hears it: a coffee called Killer threatens nobody. A phrase for a topic or a danger settles it, and a
phrase within a longer one of the brand's does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from heed.judge.phrases import Hit, Phrases
from heed.judge.text import Text
from heed.model import Risk, RiskName, Topic

PRODUCT, NOTHING, TOPIC, RISK = "product", "nothing", "topic:", "risk:"
"""The groups of a brand's phrases; the last two go on with the topic's or risk's name."""


class Spoken(NamedTuple):
    """The brand's words in a message: `text` without names and what means nothing, and what the others say."""

    text: Text
    products: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()
    topic: Topic | None = None
    topic_said: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = ()

    def reasons(self) -> Iterator[str]:
        """What the brand's words decided, as sentences for a support agent."""
        findings = [("product", self.products), ("passed over", self.passed_over)]
        if self.topic:
            findings.append((f"about {self.topic.replace('_', ' ')}", self.topic_said))
        findings += [(f"{risk.name.replace('_', ' ')} risk", risk.evidence) for risk in self.risks]
        for finding, quotes in findings:
            if quotes:
                yield f"{finding}, by the brand's own words: says {', '.join(f'“{quote}”' for quote in quotes)}"


class Words:
    """All of a brand's phrases, by language (ISO 639-1), each an index of `heed.judge.phrases` in text."""

    def __init__(self, indexes: Mapping[str, Mapping[str, str]]) -> None:
        self._phrases = {
            language: Phrases({key: entries.encode() for key, entries in index.items()})
            for language, index in indexes.items()
        }

    def heard(self, text: Text, language: str) -> Spoken:
        """The brand's words for a language in a message; where the language is unknown, those of every language."""
        listened = [self._phrases[language]] if language in self._phrases else []
        if language == "und":
            listened = list(self._phrases.values())
        hits = _longest([hit for phrases in listened for hit in phrases.find(text.plain)])
        if not hits:
            return Spoken(text)
        said: dict[str, list[str]] = {}
        for hit in hits:
            for group in hit.groups:
                quotes, quote = said.setdefault(group, []), text.quote(hit.start, hit.end)
                if quote not in quotes:
                    quotes.append(quote)
        topic = next((group for group in said if group.startswith(TOPIC)), None)
        return Spoken(
            _without(text, hits),
            tuple(said.get(PRODUCT, ())),
            tuple(said.get(NOTHING, ())),
            Topic(topic.removeprefix(TOPIC)) if topic else None,
            tuple(said[topic]) if topic else (),
            tuple(Risk(name, tuple(said[f"{RISK}{name}"])) for name in RiskName if f"{RISK}{name}" in said),
        )


def _longest(hits: list[Hit]) -> list[Hit]:
    """In the order of the text; of phrases that overlap the one that begins first, the longest."""
    found: list[Hit] = []
    for hit in sorted(hits, key=lambda each: (each.start, -each.end)):
        if not found or hit.start >= found[-1].end:
            found.append(hit)
    return found


def _without(text: Text, hits: list[Hit]) -> Text:
    plain = text.plain
    for hit in hits:
        if PRODUCT in hit.groups or NOTHING in hit.groups:
            plain = f"{plain[: hit.start]}{' ' * (hit.end - hit.start)}{plain[hit.end :]}"
    return text._replace(plain=plain)
