"""What a policy file may say of the brand's own words, per language, in pydantic; compiled to an index of phrases."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from heed.judge import phrases, text
from heed.judge.words import NOTHING, PRODUCT, RISK, TOPIC
from heed.model import RiskName, Topic
from heed.policy.source import quoted
from heed.policy.values import Wrong, one_of

LIMIT_PHRASES = 2_000
_LONGEST = 60


def _phrase(value: str) -> str:
    plain = text.read(value).plain.strip()
    if not (2 <= len(plain) <= _LONGEST and any(map(str.isalnum, plain)) and value.isprintable()):
        raise Wrong(f"{quoted(value)} is not a phrase; write 2 to {_LONGEST} characters with letters or digits in them")
    if "~" in plain or "*" in plain:
        raise Wrong(f"{quoted(value)} is not a phrase; the signs ~ and * have no place in one")
    return plain


Phrase = Annotated[str, AfterValidator(_phrase)]


class WordsEntry(BaseModel):
    """One language's phrases, as customers write them; upper case, full width and traditional characters are alike."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    products: list[Phrase] = []
    topics: dict[Phrase, Annotated[str, one_of("topic", Topic)]] = {}
    risks: dict[Phrase, Annotated[str, one_of("risk", RiskName)]] = {}
    nothing: list[Phrase] = []

    @model_validator(mode="after")
    def _each_once(self) -> WordsEntry:
        known: dict[str, str] = {}
        for section in ("products", "topics", "risks", "nothing"):
            for place, phrase in enumerate(getattr(self, section)):
                if phrase in known:
                    under = phrase if section in ("topics", "risks") else place
                    raise Wrong(f"{quoted(phrase)} already stands under {known[phrase]}", section, under)
                known[phrase] = section
        if len(known) > LIMIT_PHRASES:
            raise Wrong(f"has {len(known)} phrases; more than {LIMIT_PHRASES} are no longer found quickly")
        return self

    def compiled(self) -> dict[str, Any]:
        """The index that `heed.judge.words` reads."""
        rows = [
            *((PRODUCT, phrase) for phrase in self.products),
            *((NOTHING, phrase) for phrase in self.nothing),
            *((f"{TOPIC}{topic}", phrase) for phrase, topic in self.topics.items()),
            *((f"{RISK}{risk}", phrase) for phrase, risk in self.risks.items()),
        ]
        return {key: entries.decode() for key, entries in phrases.index(rows).items()}
