"""What counts as a danger, as data: which groups of phrases raise a risk together, and which speak against it.

A false alarm wakes somebody. So what people also say harmlessly (hospital, 曝光) counts only in company, and nothing
counts when denied, asked about, told of or joked about, as far as that is how such things are said. The phrases of each
group stand in `infra/judge/risks`, from which `infra.judge.phrases` makes the index that ships.
"""

from __future__ import annotations

from typing import NamedTuple

from heed.model import RiskName

GRIEVED, CALM, ANYBODY = 0.45, 0.22, 0.0
"""How likely a complaint or a bad mood must be for a rule to count: who asks, praises or thanks raises no alarm."""

HARMLESS, NO_DENIAL = "harmless", "not_not"
"""Groups of phrases in which no other means what it says (炸鸡, "free trial"), and of what only looks like a denial."""


class Rule(NamedTuple):
    """A phrase of the first group raises the risk if one of each further group is near it, and none of `unless` is.

    `a|b` stands for either group. Of `unless`, `not` must come shortly before, and `if` in the same clause. `grief` is
    the least that the rule holds at: in an angry complaint a court or a newspaper is seldom a place or a job.
    """

    risk: RiskName
    groups: tuple[str, ...]
    unless: frozenset[str]
    grief: float


def _rule(risk: RiskName, groups: str, unless: str = "", grief: float = CALM) -> Rule:
    return Rule(risk, tuple(groups.split()), frozenset(unless.split()), grief)


RULES = (
    _rule(RiskName.SAFETY, "fire", "not if told laughing hedged"),
    _rule(RiskName.SAFETY, "blast thing", "not if told laughing"),
    _rule(RiskName.SAFETY, "shock", "not if told"),
    _rule(RiskName.SAFETY, "hurt", "not if told laughing"),
    _rule(RiskName.SAFETY, "rash", "not if told"),
    _rule(RiskName.SAFETY, "ill use", "not if told laughing"),
    _rule(RiskName.SAFETY, "poisoned", "not if told"),
    _rule(RiskName.SAFETY, "gas", "not if told"),
    _rule(RiskName.SAFETY, "failed", "not if told laughing"),
    _rule(RiskName.SAFETY, "broke body", "not if told laughing"),
    _rule(RiskName.SAFETY, "found object", "not if told"),
    _rule(RiskName.SAFETY, "nearly peril", "told laughing"),
    _rule(RiskName.SAFETY, "harm_word harm_word", "not told laughing withdrawn pleased", grief=GRIEVED),
    _rule(RiskName.LEGAL, "court_word", "not told laughing withdrawn own_work asking pleased", grief=GRIEVED),
    _rule(RiskName.REGULATOR, "office_word", "not told laughing withdrawn own_work pleased", grief=GRIEVED),
    _rule(RiskName.MEDIA, "media_word media_word", "not withdrawn own_work pleased asking", grief=GRIEVED),
    _rule(RiskName.LEGAL, "legal", "not told withdrawn laughing lure", grief=0.12),
    _rule(RiskName.LEGAL, "sue will", "not told withdrawn laughing lure own_work", grief=0.12),
    _rule(RiskName.REGULATOR, "watchdog", "not withdrawn own_work"),
    _rule(RiskName.REGULATOR, "authority report", "not told withdrawn own_work lure"),
    _rule(RiskName.MEDIA, "press", "not withdrawn pleased asking"),
    _rule(RiskName.MEDIA, "outlet against", "not withdrawn pleased asking"),
    _rule(RiskName.MEDIA, "post against", "not withdrawn pleased asking"),
    _rule(RiskName.MEDIA, "media_weak", "not told laughing withdrawn own_work pleased asking quoted", grief=GRIEVED),
    _rule(RiskName.FRAUD, "stolen", "if thinking laughing", grief=ANYBODY),
    _rule(RiskName.FRAUD, "deceived paid", "not thinking laughing lure"),
    _rule(RiskName.FRAUD, "fake", "not if thinking laughing hedged"),
    _rule(RiskName.FRAUD, "vanished paid", "not if thinking laughing lure"),
    _rule(RiskName.DATA_LEAK, "leak", "not if told thinking"),
    _rule(RiskName.DATA_LEAK, "knows caller data|knows", "thinking"),
    _rule(RiskName.DATA_LEAK, "others data", "not thinking"),
    _rule(RiskName.DATA_LEAK, "exposed data", "not thinking"),
    _rule(RiskName.SELF_HARM, "suicide", "mild told laughing", grief=ANYBODY),
    _rule(RiskName.SELF_HARM, "doubtful family", "not mild told laughing", grief=ANYBODY),
    _rule(RiskName.ABUSE, "insult", "quoted told laughing"),
    _rule(RiskName.ABUSE, "slur person", "not quoted told laughing"),
    _rule(RiskName.SCAM, "scam", "not doubting thinking", grief=ANYBODY),
    _rule(RiskName.SCAM, "lured lure", "not doubting thinking", grief=ANYBODY),
)
