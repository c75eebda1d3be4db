"""Which risks a message raises, and the words to show for them: what words, phrases and rules say together.

A false alarm wakes somebody: the log-odds of `evidence` are above nought where, of writers left out, 92 alarms in 100
were right. What it speaks against, the heads of `weights` do not raise either: they hear an insult in any strong word.
"""

from __future__ import annotations

from heed.judge import dangers, opinions
from heed.judge.evidence import ANYBODY, GRIEVED, RISKS, SILENCED, SIZE, said
from heed.judge.opinions import Message
from heed.judge.risks import CALM, RULES
from heed.model import Risk, RiskName

_UNLIKELY = -0.5
"""The log-odds below which the heads of `weights` are not believed."""

_SILENCED = 2.0
"""The log-odds that a risk must have where the context of its rules speaks against it."""

_GRAVE, _LENIENT = frozenset({RiskName.SAFETY, RiskName.SELF_HARM}), -1.25
"""The risks of which a miss is worse than a false alarm, and the log-odds that suffice if a rule holds of anybody."""

_FEW, _BRIEF = 40, -2.5
"""N-grams below which a message is brief, and the log-odds that suffice there if a rule holds of anybody: few words
prove little against it either. Of writers left out, five such alarms in six were right."""

_SHOWN = 8
"""The bytes of evidence from which on a phrase is shown for a risk that no rule holds for."""

Weighed = tuple[tuple[Risk, ...], frozenset[RiskName]]
"""The risks that are meant, and those that are so unlikely that nothing else should raise them."""


def features(heard: dangers.Heard, held: list[dangers.Held]) -> list[str]:
    """What phrases and rules tell `evidence` of: the groups met, and what the rules say of each risk."""
    anybody = {rule.risk for rule, _ in held if rule.grief <= CALM}
    grieved = {rule.risk for rule, _ in held}
    # What raises a risk by itself, and yet no rule holds: the context denies, asks, tells or jokes.
    begun = {rule.risk for rule in RULES if len(rule.groups) == 1 and rule.groups[0] in heard.groups}
    states = ((anybody, ANYBODY), (grieved, GRIEVED), (begun - grieved, SILENCED))
    return [*heard.groups, *[said(name, state) for names, state in states for name in names]]


def weigh(message: Message, heard: dangers.Heard) -> Weighed:
    """The risks that a message raises; each has words to show, or is none."""
    table, grams, start = opinions.beside(), message.heard, opinions.EVIDENCE_AT
    held = dangers.held(heard)
    met = features(heard, held)
    sums = message.sums[start : start + SIZE]
    odds = table.odds(grams.distinct, len(grams.known), sums, grams.column(start + SIZE), met)
    brief = grams.distinct < _FEW
    found = []
    for at, name in enumerate(RISKS):
        if odds[at] > _least(name, met, brief) and (words := _shown(message, heard, held, at)):
            found.append(Risk(name, words))
    return tuple(found), frozenset([name for name, each in zip(RISKS, odds, strict=True) if each < _UNLIKELY])


def _least(name: RiskName, met: list[str], brief: bool) -> float:
    """The log-odds from which on a risk is raised."""
    if said(name, SILENCED) in met:
        return _SILENCED
    if said(name, ANYBODY) in met:
        return _BRIEF if brief else _LENIENT if name in _GRAVE else 0.0
    return 0.0


def _shown(message: Message, heard: dangers.Heard, held: list[dangers.Held], at: int) -> tuple[str, ...]:
    """The words of the rules that hold, else dangerous phrases that speak for it, else the loudest words on a list."""
    if hits := [hit for rule, hits in held if rule.risk is RISKS[at] for hit in hits]:
        return dangers.quotes(heard.text, hits)
    speak = opinions.beside().speaks
    begun = [hits for group, hits in heard.groups.items() if group in dangers.STARTS and speak(group, at) >= _SHOWN]
    if begun:
        return dangers.quotes(heard.text, [hit for hits in begun for hit in hits])
    quoted = message.quotes(opinions.EVIDENCE_AT + at, opinions.EVIDENCE_AT + SIZE)
    return tuple([quote for quote in quoted if any(map(str.isalnum, quote))])
