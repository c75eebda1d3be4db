"""Kind, sentiment, topic and three of the risks as the trained weights hear them, and the words that told.

Every head is a linear model over the message's n-grams: its labels' scores are log-odds, calibrated when the weights
were made, so that the share of right answers is about what the confidence says.
"""

from __future__ import annotations

from functools import cache
from math import ceil, exp
from typing import Generic, NamedTuple, TypeVar

from heed.judge import evidence, ngrams, weights
from heed.judge.evidence import ZERO, Evidence
from heed.judge.ngrams import FIRST_SOLID, Grams
from heed.judge.text import Text
from heed.judge.weights import Heard, Weights
from heed.model import Kind, RiskName, Sentiment, Topic

Label = TypeVar("Label", Kind, Sentiment, Topic)

KINDS = (Kind.COMPLAINT, Kind.QUESTION, Kind.REQUEST, Kind.SUGGESTION, Kind.PRAISE, Kind.IRRELEVANT)
SENTIMENTS = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
TOPICS = (
    Topic.DELIVERY,
    Topic.PAYMENT_REFUND,
    Topic.PRODUCT_QUALITY,
    Topic.TECHNICAL,
    Topic.ACCOUNT_SECURITY,
    Topic.SERVICE_ATTITUDE,
    Topic.PRICE,
    Topic.OTHER,
)
RISKS = (RiskName.ABUSE, RiskName.SELF_HARM, RiskName.SCAM)
"""The labels in the order of the table's columns."""

_SENTIMENTS_AT = len(KINDS)
_TOPICS_AT = _SENTIMENTS_AT + len(SENTIMENTS)
_RISKS_AT = _TOPICS_AT + len(TOPICS)

EVIDENCE_AT = _RISKS_AT + len(RISKS)
"""Where the columns of `evidence` begin, beside those of the weights."""

_COMPLAINT, _PRAISE, _IRRELEVANT = (KINDS.index(kind) for kind in (Kind.COMPLAINT, Kind.PRAISE, Kind.IRRELEVANT))
_NEGATIVE = _SENTIMENTS_AT + SENTIMENTS.index(Sentiment.NEGATIVE)
_POSITIVE = _SENTIMENTS_AT + SENTIMENTS.index(Sentiment.POSITIVE)
_ABUSE, _SELF_HARM = (_RISKS_AT + RISKS.index(risk) for risk in (RiskName.ABUSE, RiskName.SELF_HARM))

_GUESS = 0.3  # the confidence of an answer that no word supports
_BRIEF = 0.6  # what an answer to a single word is worth: "refund" may be anything
_WORDLESS = 0.45  # and one to none: emoji, punctuation
_TELLING = 0.5  # an n-gram tells if it says at least half of what the loudest says
_PLACES = 2  # n-grams looked up for a reason

# What a danger that the rules found says about kind and mood, in log-odds.
_GRIEVANCE = 1.5
_ADVERT = 3.0
_AGREEMENT = 0.3  # log-odds of a mood that goes with the kind, where that is certain

# Who is at ease seldom insults, and who swears about a parcel or an app mostly swears at that.
_AT_EASE, _FRIENDLY, _AT_A_THING = 0.22, 1.0, 0.6
_WEARY = 0.3  # customers want and cannot as much as the desperate do, whose posts the head was made from
_THINGS = frozenset({Topic.DELIVERY, Topic.PAYMENT_REFUND, Topic.TECHNICAL, Topic.ACCOUNT_SECURITY, Topic.PRICE})


class Opinion(NamedTuple, Generic[Label]):
    """A label, how sure it is (0 to 1), and its column in the table."""

    label: Label
    confidence: float
    column: int


class Opinions(NamedTuple):
    """All that the weights say of one message."""

    kind: Opinion[Kind]
    sentiment: Opinion[Sentiment]
    topic: Opinion[Topic]
    risks: tuple[RiskName, ...]
    message: Message

    def trust(self) -> float:
        """What the confidences are worth where the text is too short to calibrate them on, 0 to 1."""
        grams = self.message.grams
        if len(grams.words) > 1 or len(grams.solid) > _FEW_SOLID:
            return 1.0
        return _BRIEF if grams.words or grams.solid else _WORDLESS


_FEW_SOLID = 4  # two ideographs and their borders


class Message(NamedTuple):
    """A message and its n-grams, and those of them that the table has."""

    text: Text
    grams: Grams
    heard: Heard
    sums: list[int]

    def quotes(self, column: int, among: int | None = None) -> tuple[str, ...]:
        """The customer's words that spoke most for a label, at most two; none if nothing did.

        Of those that have something in the column `among`, if it is named.
        """
        says = bytearray(self.heard.column(column))
        if among is not None:
            says = bytearray([loud if on else ZERO for loud, on in zip(says, self.heard.column(among), strict=True)])
        spans: list[tuple[int, int]] = []
        for loud in _telling(says):
            at = says.index(loud)
            says[at] = 0
            if span := self._place(self.heard.known[at]):
                spans.append(span)
                if len(spans) == _PLACES:
                    break
        return tuple([self.text.quote(start, end) for start, end in _joined(spans)])

    def _place(self, number: int) -> tuple[int, int] | None:
        """Where an n-gram stands in the text; whole words where words have spaces between them."""
        name = self.grams.name(self.grams.numbers.index(number))
        core = max(name.split("_"), key=len) if "_" in name else name
        plain = self.text.plain
        start = plain.find(core)
        if start < 0 or not core:
            return None
        end = start + len(core)
        if core[0] < FIRST_SOLID:
            while start and (letter := plain[start - 1]) < FIRST_SOLID and letter.isalnum():
                start -= 1
            while end < len(plain) and (letter := plain[end]) < FIRST_SOLID and letter.isalnum():
                end += 1
        return start, end


_BYTES = bytes(range(256))
_QUIET = tuple(_BYTES[: ZERO + least] for least in (64, 32, 16, 1))


def _telling(says: bytearray) -> list[int]:
    """What is said for a label by the n-grams that tell, loudest first.

    `translate` drops the quiet ones many times faster than `max` or `sorted` look at them.
    """
    left = bytearray()
    for quiet in _QUIET:
        if left := says.translate(None, quiet):
            break
    loudest = max(left, default=ZERO)
    return sorted(says.translate(None, _BYTES[: ZERO + max(1, ceil((loudest - ZERO) * _TELLING))]), reverse=True)


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that touch, as one; in the order of the text."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


@cache
def beside() -> Evidence:
    """The evidence of risks that ships, read once."""
    return evidence.load()


@cache
def table() -> Weights:
    """The weights that ship, read once, and beside them the evidence."""
    return weights.load(beside=beside())


def listen(text: Text) -> tuple[Message, list[float]]:
    """The message as the table hears it, and the log-odds of every label.

    Complaints are mostly negative and praise positive, which the heads, each by itself, do not know of one another.
    """
    grams = ngrams.split(text.plain)
    heard = table().hear(set(grams.numbers))
    sums = table().sums(heard)
    scores = table().scores(heard, sums)
    for kind, sentiment in ((_COMPLAINT, _NEGATIVE), (_PRAISE, _POSITIVE)):
        scores[sentiment] += _AGREEMENT * _share(scores, 0, len(KINDS), kind)
    return Message(text, grams, heard, sums), scores


def grief(scores: list[float]) -> float:
    """How likely it is, 0 to 1, that the customer complains or is in a bad mood."""
    return max(_share(scores, 0, len(KINDS), 0), _share(scores, _SENTIMENTS_AT, len(SENTIMENTS), 0))


def form(message: Message, scores: list[float], dangers: frozenset[RiskName], mood: float) -> Opinions:
    """What the weights say, minding the risks that the rules found: a danger is no praise, and a scam no customer.

    `mood` is the grief of the scores, which become what they are after all that.
    """
    if not message.heard.known:
        nothing = (
            Opinion(Kind.IRRELEVANT, _GUESS, 0),
            Opinion(Sentiment.NEUTRAL, _GUESS, 0),
            Opinion(Topic.OTHER, _GUESS, 0),
        )
        return Opinions(*nothing, (), message)
    if RiskName.SCAM in dangers:
        scores[_IRRELEVANT] += _ADVERT
    elif dangers:
        scores[_COMPLAINT] += _GRIEVANCE
        scores[_NEGATIVE] += _GRIEVANCE
    topic = _opinion(TOPICS, scores, _TOPICS_AT)
    scores[_ABUSE] -= _benefit(mood, topic.label)
    scores[_SELF_HARM] -= _WEARY
    return Opinions(
        _opinion(KINDS, scores, 0),
        _opinion(SENTIMENTS, scores, _SENTIMENTS_AT),
        topic,
        tuple([risk for risk, score in zip(RISKS, scores[_RISKS_AT:], strict=False) if score > 0]),
        message,
    )


def _benefit(mood: float, topic: Topic) -> float:
    """The log-odds that abuse must have beyond its threshold."""
    if mood < _AT_EASE:
        return _FRIENDLY
    return _AT_A_THING if topic in _THINGS else 0.0


def _share(scores: list[float], start: int, size: int, label: int) -> float:
    """The probability of a label among the `size` from `start` on."""
    own = scores[start + label]
    return 1 / sum([exp(score - own) for score in scores[start : start + size]])


def _opinion(labels: tuple[Label, ...], scores: list[float], start: int) -> Opinion[Label]:
    own = scores[start : start + len(labels)]
    at = own.index(max(own))
    return Opinion(labels[at], _share(scores, start, len(labels), at), start + at)


def told(topic: Topic) -> Opinion[Topic]:
    """A topic that the brand's own words settle."""
    return Opinion(topic, 1.0, _TOPICS_AT + TOPICS.index(topic))


def risk_column(risk: RiskName) -> int:
    """Where the table has a risk's head."""
    return _RISKS_AT + RISKS.index(risk)
