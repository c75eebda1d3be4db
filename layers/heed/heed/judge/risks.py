"""What counts as a danger, as data: which groups of phrases raise a risk together, and which speak against it.

A false alarm wakes somebody. So what people also say harmlessly (hospital, 曝光) counts only in company, and nothing
counts when denied, asked about, told of or joked about, as far as that is how such things are said. The phrases of each
group stand in `infra/judge/risks`, from which `infra.judge.phrases` makes the index that ships.
"""

from __future__ import annotations

from heed.model import RiskName

GRIEVED, CALM, ANYBODY = 0.45, 0.22, 0.0
"""How likely a complaint or a bad mood must be for a rule to count: who asks, praises or thanks raises no alarm."""

HARMLESS, NO_DENIAL = "harmless", "not_not"
"""Groups of phrases in which no other means what it says (炸鸡, "free trial"), and of what only looks like a denial."""


class Rule:
    """A phrase of the first group raises the risk if one of each further group is near it, and none of `unless` is.

    `a|b` stands for either group. Of `unless`, `not` must come shortly before, and `if` in the same clause. `grief` is
    the least that the rule holds at: in an angry complaint a court or a newspaper is seldom a place or a job.
    """

    def __init__(self, risk: RiskName, groups: str, unless: str, grief: float = CALM) -> None:
        self.risk, self.groups, self.grief = risk, tuple(groups.split()), grief
        self.unless = frozenset(unless.split())


RULES = (
    Rule(RiskName.SAFETY, "fire", "not if told laughing hedged"),
    Rule(RiskName.SAFETY, "blast thing", "not if told laughing"),
    Rule(RiskName.SAFETY, "shock", "not if told"),
    Rule(RiskName.SAFETY, "hurt", "not if told laughing"),
    Rule(RiskName.SAFETY, "rash", "not if told"),
    Rule(RiskName.SAFETY, "ill use", "not if told laughing"),
    Rule(RiskName.SAFETY, "poisoned", "not if told"),
    Rule(RiskName.SAFETY, "gas", "not if told"),
    Rule(RiskName.SAFETY, "failed", "not if told laughing"),
    Rule(RiskName.SAFETY, "broke body", "not if told laughing"),
    Rule(RiskName.SAFETY, "found object", "not if told"),
    Rule(RiskName.SAFETY, "nearly peril", "told laughing"),
    Rule(RiskName.SAFETY, "harm_word harm_word", "not told laughing withdrawn pleased", grief=GRIEVED),
    Rule(RiskName.LEGAL, "court_word", "not told laughing withdrawn own_work asking pleased", grief=GRIEVED),
    Rule(RiskName.REGULATOR, "office_word", "not told laughing withdrawn own_work pleased", grief=GRIEVED),
    Rule(RiskName.MEDIA, "media_word media_word", "not withdrawn own_work pleased asking", grief=GRIEVED),
    Rule(RiskName.LEGAL, "legal", "not told withdrawn laughing lure", grief=0.12),
    Rule(RiskName.LEGAL, "sue will", "not told withdrawn laughing lure own_work", grief=0.12),
    Rule(RiskName.REGULATOR, "watchdog", "not withdrawn own_work"),
    Rule(RiskName.REGULATOR, "authority report", "not told withdrawn own_work lure"),
    Rule(RiskName.MEDIA, "press", "not withdrawn pleased asking"),
    Rule(RiskName.MEDIA, "outlet against", "not withdrawn pleased asking"),
    Rule(RiskName.MEDIA, "post against", "not withdrawn pleased asking"),
    Rule(RiskName.MEDIA, "media_weak", "not told laughing withdrawn own_work pleased asking quoted", grief=GRIEVED),
    Rule(RiskName.FRAUD, "stolen", "if thinking laughing", grief=ANYBODY),
    Rule(RiskName.FRAUD, "deceived paid", "not thinking laughing lure"),
    Rule(RiskName.FRAUD, "fake", "not if thinking laughing hedged"),
    Rule(RiskName.FRAUD, "vanished paid", "not if thinking laughing lure"),
    Rule(RiskName.DATA_LEAK, "leak", "not if told thinking"),
    Rule(RiskName.DATA_LEAK, "knows caller data|knows", "thinking"),
    Rule(RiskName.DATA_LEAK, "others data", "not thinking"),
    Rule(RiskName.DATA_LEAK, "exposed data", "not thinking"),
    Rule(RiskName.SELF_HARM, "suicide", "mild told laughing", grief=ANYBODY),
    Rule(RiskName.SELF_HARM, "doubtful family", "not mild told laughing", grief=ANYBODY),
    Rule(RiskName.ABUSE, "insult", "quoted told laughing"),
    Rule(RiskName.ABUSE, "slur person", "not quoted told laughing"),
    Rule(RiskName.SCAM, "scam", "not doubting thinking", grief=ANYBODY),
    Rule(RiskName.SCAM, "lured lure", "not doubting thinking", grief=ANYBODY),
)
