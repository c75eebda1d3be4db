"""Risks and signals, with the customer's words that raised them."""

from __future__ import annotations

from heed.judge.evidence import RULE_LABELS, Evidence, Said
from heed.judge.risks import RULES, Rule
from heed.model import Risk, RiskName, Sentiment, Signal, SignalName

_DENIAL_REACH = 6  # ideographs: 没有发生任何漏电
_SHOUTED_LETTERS = 12


def risks(evidence: Evidence) -> tuple[Risk, ...]:
    """The rules that hold, one risk per name, in the order of RiskName."""
    found: dict[RiskName, list[Said]] = {}
    for label, rule in zip(RULE_LABELS, RULES, strict=True):
        if label in evidence.labels and (
            held := [said for said in evidence.said(label) if _holds(rule, said, evidence)]
        ):
            found.setdefault(rule.risk, []).extend(held)
    return tuple(Risk(name, evidence.quote(found[name])) for name in RiskName if name in found)


def _holds(rule: Rule, said: Said, evidence: Evidence) -> bool:
    if rule.needs and not any(evidence.in_sentence(said.hit, group) for group in rule.needs):
        return False
    if "not" in rule.unless and said.since_not <= _DENIAL_REACH:
        return False
    if "if" in rule.unless and evidence.in_clause(said.hit, "if"):
        return False
    return not any(evidence.in_sentence(said.hit, group) for group in rule.unless - {"not", "if"})


def signals(evidence: Evidence, sentiment: Sentiment) -> tuple[Signal, ...]:
    """What calls for people: said in words, or, when the message is negative, by shouting."""
    found = []
    for name in SignalName:
        quotes = evidence.quote(said for said in evidence.said(name) if not said.denied)
        if name is SignalName.ANGRY and sentiment is Sentiment.NEGATIVE:
            quotes += _shouting(evidence)
        if quotes:
            found.append(Signal(name, quotes))
    return tuple(found)


def _shouting(evidence: Evidence) -> tuple[str, ...]:
    """Three exclamation marks, or capitals throughout."""
    text = evidence.text
    if (at := text.plain.find("!!!")) >= 0:
        return (text.quote(at, at + 3),)
    if text.written.isupper() and sum(map(str.isupper, text.written)) >= _SHOUTED_LETTERS:
        return (text.written.strip()[:40],)
    return ()
