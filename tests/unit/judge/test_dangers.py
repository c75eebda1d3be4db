"""Dangers count with their context: who, whom, denial, question, story, joke. The rules alone, without the weights."""

from __future__ import annotations

import pytest

from heed.judge import dangers
from heed.judge.risks import CALM, GRIEVED, RULES
from heed.judge.text import read
from heed.model import RiskName, Sentiment, SignalName
from infra.judge.phrases import rows

# A line: text | risks when the customer is not known to be grieved | risks when they are
SAID = """
充电宝充电的时候起火了 | safety | safety
并没有冒烟，只是有点热 | |
会不会漏电 | |
昨天看的电影里车着火了 | |
嗓子都冒烟了，有水吗 | |
起 火 了 快来处理 | safety | safety
冒\u200b烟\u200b了 | safety | safety
孩子手指夹进去了 | safety | safety
这个饼干里有没有鸡蛋，小孩对鸡蛋过敏 | |
再不退款我就起诉你们 | legal | legal
我不会起诉你们的 | |
我是律师，发票抬头要写律所名称 | |
法院认不认霸王条款 | legal | legal
我要打12315投诉你们 | regulator | regulator
手机尾号12345 | |
我在市监局上班 想订一批工服 | |
不退钱我就发微博曝光 | media | media
照片曝光过度怎么调 | |
银行卡被盗刷了三千 | fraud | fraud
万一被盗刷怎么办 | |
你们把我的个人信息泄露了 | data_leak | data_leak
会不会泄露个人信息啊 | |
水管漏了 | |
我真的不想活了 | self_harm | self_harm
跳楼价清仓 | |
你们客服都是傻逼吧 | abuse | abuse
骑手骂我傻逼 我有录音 | |
代开发票，加微信详谈 | scam | scam
My charger caught fire last night | safety | safety
what happens if it caught fire | |
nobody was injured by the product | |
this sauce is fire lol | |
I will sue you | legal | legal
I don't want to sue you | |
My lawyer friend loves it | |
they sent lawyers a reply but not me | | legal
I am reporting you to Trading Standards | regulator | regulator
I work at the FTC and enjoy your coffee | |
the ombudsman | | regulator
I'm going to the press with this | media | media
loved your press conference | |
someone hacked my account | fraud | fraud
absolute rip off for a coffee | |
you leaked my data | data_leak | data_leak
the dishwasher leaks | |
I want to kill myself | self_harm | self_harm
kill me now lol, another update | |
fuck you and your stupid company | abuse | abuse
she called me a stupid bitch | |
Double your bitcoin, guaranteed returns | scam | scam
"""
CASES = [tuple(part.strip() for part in line.split("|")) for line in SAID.strip().splitlines()]


def risks(text: str, grief: float) -> dict[RiskName, tuple[str, ...]]:
    """What the rules say of a customer who is so likely to be grieved, with the words that say it."""
    heard = dangers.hear(read(text))
    held = [(rule, hits) for rule, hits in dangers.held(heard) if grief >= rule.grief]
    by_name = {name: [hit for rule, hits in held if rule.risk is name for hit in hits] for name in RiskName}
    return {name: dangers.quotes(heard.text, hits) for name, hits in by_name.items() if hits}


@pytest.mark.parametrize(("text", "calm", "grieved"), CASES, ids=[case[0] for case in CASES])
def test_a_danger_is_raised_where_it_is_meant(text: str, calm: str, grieved: str) -> None:
    assert list(risks(text, CALM)) == calm.split()
    assert list(risks(text, GRIEVED)) == grieved.split()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("My charger caught fire", []),
        ("我要打12315投诉你们", []),
        ("I want to kill myself", ["self_harm"]),
        ("Double your bitcoin, guaranteed returns", ["scam"]),
    ],
)
def test_who_neither_complains_nor_is_in_a_bad_mood_raises_no_alarm_but_these(text: str, said: list[str]) -> None:
    assert list(risks(text, 0.1)) == said


def test_evidence_is_what_the_customer_wrote_and_overlapping_phrases_are_one() -> None:
    assert risks("再不处理我打 １２３１５ 投诉", CALM) == {RiskName.REGULATOR: ("１２３１５ 投诉",)}
    assert risks("我打12315投诉了", CALM) == {RiskName.REGULATOR: ("我打12315投诉",)}


@pytest.mark.parametrize(
    ("text", "signals"),
    [
        ("很急，转人工", ["wants_human", "urgent"]),
        ("不急，慢慢来", []),
        ("not urgent", []),
        ("I am furious", ["angry"]),
        ("人工智能音箱怎么连wifi", []),
    ],
)
def test_signals_are_heard_unless_denied(text: str, signals: list[str]) -> None:
    assert [signal.name for signal in dangers.signals(dangers.hear(read(text)), Sentiment.NEUTRAL)] == signals


@pytest.mark.parametrize("risk", RiskName)
def test_every_risk_has_rules(risk: RiskName) -> None:
    assert any(rule.risk is risk for rule in RULES)


def test_every_group_a_rule_names_has_phrases_and_no_group_is_idle() -> None:
    named = {group for rule in RULES for part in rule.groups for group in part.split("|")}
    named |= {group for rule in RULES for group in rule.unless} | set(SignalName) | {"harmless", "not_not"}
    assert {group for group, _ in rows()} == named
