"""What the words around speak for and against each risk, beside the rules: a rule alone knows only what it names.

A small table of n-grams (those of `ngrams`), nine signed bytes each, and what a rule is worth per risk, both learned
from our own messages by `infra.judge.evidence`. A risk is raised where rules and words together convince.
"""

from __future__ import annotations

from functools import cache
from math import sqrt
from pathlib import Path
from struct import Struct

from heed.judge import dangers
from heed.judge.opinions import Message
from heed.judge.risks import CALM, GRIEVED, RULES
from heed.judge.weights import ZERO, Heard
from heed.model import Risk, RiskName

FILE = Path(__file__).with_name("evidence.bin")
HEADER = Struct("<8sI")
"""The file's mark and its n-grams; then FIGURES per risk, the slots, the n-grams' hashes, and their rows."""

MARK = b"heedrisk"
SLOTS = 1 << 14
"""An n-gram of hash h is looked for at the place that slot h % SLOTS names, 16 bits: nothing is built at start."""

RISKS = tuple(RiskName)
FIGURES = Struct("<4d")
"""In log-odds: a byte's worth; what they begin with; what a rule adds that holds of anybody, and one of the grieved."""

FEWEST = 24
"""N-grams that a message counts as having at least: a word or two prove little."""

ALONE = 2.25
"""The log-odds that words must have beyond even where no rule speaks for them."""

_CALMLY = frozenset({RiskName.FRAUD, RiskName.SELF_HARM, RiskName.SCAM})
"""What is also said without complaint or bad mood."""

_LENIENT = {RiskName.SELF_HARM: 1.5}
"""The log-odds forgiven where a miss is worse than any false alarm."""

_UNLIKELY = -1.25
"""The log-odds below which the weights' own heads are not believed: they hear an insult in every strong word."""


Ruled = tuple[frozenset[RiskName], frozenset[RiskName], frozenset[RiskName]]
"""The risks of rules that hold of anybody, that hold of the grieved, and of those silenced by their context."""


def ruled(phrases: dangers.Heard, anybody: tuple[Risk, ...], grieved: tuple[Risk, ...]) -> Ruled:
    """What the rules say of a message."""
    # What raises a risk by itself, and yet no rule holds: the context denies, asks, tells or jokes.
    begun = frozenset([rule.risk for rule in RULES if len(rule.groups) == 1 and rule.groups[0] in phrases.groups])
    return _names(anybody), _names(grieved), begun - _names(grieved)


class Evidence:
    """An evidence file in memory."""

    def __init__(self, data: bytes) -> None:
        """Take a file's bytes. Raises ValueError if it is none of ours."""
        mark, size = HEADER.unpack_from(data)
        slots = HEADER.size + FIGURES.size * len(RISKS)
        hashes = slots + 2 * SLOTS
        self._rows = hashes + 4 * size
        if mark != MARK or len(data) != self._rows + len(RISKS) * size:
            raise ValueError("not an evidence file of this version")
        self.figures = tuple(FIGURES.iter_unpack(data[HEADER.size : slots]))
        self._data = data
        self._slots = memoryview(data)[slots:hashes].cast("H")
        self._hashes = memoryview(data)[hashes : self._rows].cast("I")

    def hear(self, numbers: set[int]) -> Heard:
        """The rows of a message's n-grams."""
        slots, hashes = self._slots, self._hashes
        known = [number for number in numbers if hashes[slots[number % SLOTS]] == number]
        starts = [self._rows + len(RISKS) * slots[number % SLOTS] for number in known]
        rows = b"".join([self._data[start : start + len(RISKS)] for start in starts])
        return Heard(len(numbers), known, rows, len(RISKS))

    def odds(self, heard: Heard, ruled: Ruled) -> list[float]:
        """Per risk the log-odds that it is meant, in the order of RiskName."""
        share, nothing = 1 / sqrt(max(FEWEST, heard.distinct)), ZERO * len(heard.known)
        found = []
        for at, (name, (worth, first, rule, weak)) in enumerate(zip(RISKS, self.figures, strict=True)):
            said = (sum(heard.column(at)) - nothing) * share * worth
            found.append(said + first + rule * (name in ruled[0]) + weak * (name in ruled[1]))
        return found


@cache
def table() -> Evidence:
    """The evidence that ships, read once. Raises OSError if the file is not there."""
    with open(FILE, "rb", buffering=0) as file:
        return Evidence(file.read())


Weighed = tuple[tuple[Risk, ...], frozenset[RiskName]]
"""The risks that are meant, and those that the words speak so much against that nothing else should raise them."""


def weigh(message: Message, phrases: dangers.Heard, mood: float) -> Weighed:
    """What rules and words say together. `mood` is the writer's grief, 0 to 1: who is at ease raises few alarms.

    What is shown for a risk is the rule's, or the words that spoke loudest where no rule did; without any it is none.
    """
    anybody, grieved = dangers.risks(phrases, CALM), dangers.risks(phrases, GRIEVED)
    heard = table().hear(set(message.grams.numbers))
    rules = ruled(phrases, anybody, grieved)
    odds = table().odds(heard, rules)
    meant = (_CALMLY if mood < CALM else frozenset(RISKS)) - rules[2] | _names(dangers.risks(phrases, mood))
    quotes = {risk.name: risk.evidence for risk in (*grieved, *anybody)}
    found = []
    for at, name in enumerate(RISKS):
        convinced = name in meant and odds[at] > (-_LENIENT.get(name, 0.0) if name in quotes else ALONE)
        if convinced and (words := quotes.get(name) or _words(message, heard, at)):
            found.append(Risk(name, words))
    unlikely = frozenset(name for name, said in zip(RISKS, odds, strict=True) if said < _UNLIKELY)
    return tuple(found), unlikely


def _names(risks: tuple[Risk, ...]) -> frozenset[RiskName]:
    return frozenset(risk.name for risk in risks)


def _words(message: Message, heard: Heard, column: int) -> tuple[str, ...]:
    quotes = message._replace(heard=heard).quotes(column)
    return tuple(quote for quote in quotes if any(map(str.isalnum, quote)))
