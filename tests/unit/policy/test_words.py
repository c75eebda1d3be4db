"""The brand's own words in a policy file."""

from __future__ import annotations

from pathlib import Path

import pytest

from heed.judge.text import read
from heed.policy import load
from heed.policy.build import compile_policy
from heed.policy.source import Invalid

EXAMPLE = Path(__file__).with_name("example.yaml").read_text(encoding="utf-8")
LINE = len(EXAMPLE.splitlines()) + 2

MISTAKES = {
    "topic": ("{zh: {topics: {闪连码: gadgets}}}", 'zh.topics.闪连码: "gadgets" is not a topic; choose from delivery'),
    "risk": ("{zh: {risks: {漏浆: danger}}}", 'zh.risks.漏浆: "danger" is not a risk; choose from safety'),
    "short": ("{zh: {products: [a]}}", 'zh.products: "a" is not a phrase; write 2 to 60 characters'),
    "signs only": ("{zh: {nothing: ['!?']}}", 'zh.nothing: "!?" is not a phrase'),
    "pattern": ("{en: {nothing: ['refund*']}}", 'en.nothing: "refund*" is not a phrase; the signs ~ and *'),
    "twice": ("{zh: {products: [漏浆], risks: {漏漿: safety}}}", 'zh.risks.漏浆: "漏浆" already stands under products'),
    "twice in a list": ("{zh: {products: [漏浆, 漏浆]}}", 'zh.products: "漏浆" already stands under products'),
    "language": ("{chinese: {}}", 'chinese: "chinese" is not a language'),
    "key": ("{zh: {product: []}}", 'zh.product: is not known here; did you mean "products"?'),
    "list": ("{zh: {products: {a: b}}}", "zh.products: must be a list"),
}


@pytest.mark.parametrize(("section", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_line_and_place(section: str, told: str) -> None:
    with pytest.raises(Invalid) as caught:
        compile_policy(f"{EXAMPLE}\nwords: {section}")
    assert str(caught.value).splitlines()[0].startswith(f"{LINE}: words.{told}")


def test_a_policy_without_words_has_none() -> None:
    assert load(compile_policy(EXAMPLE)).words is None


def test_words_are_read_as_messages_are() -> None:
    policy = load(compile_policy(f"{EXAMPLE}\nwords: {{zh: {{risks: {{Ａ級漏漿: safety}}}}}}"))
    assert policy.words is not None
    assert [risk.evidence for risk in policy.words.heard(read("这就是a级漏浆"), "zh").risks] == [("a级漏浆",)]


def test_the_order_of_words_does_not_change_the_version() -> None:
    one = compile_policy(f"{EXAMPLE}\nwords: {{zh: {{products: [小蜜蜂, 大蜜蜂]}}}}")
    other = compile_policy(f"{EXAMPLE}\nwords: {{zh: {{products: [大蜜蜂, 小蜜蜂]}}}}")
    assert one == other


def test_a_language_has_at_most_two_thousand_phrases() -> None:
    most = ", ".join(f"p{number}" for number in range(2_000))
    assert load(compile_policy(f"{EXAMPLE}\nwords: {{en: {{products: [{most}]}}}}")).words is not None
    with pytest.raises(Invalid, match=r"words\.en: has 2001 phrases; more than 2000 are no longer found quickly"):
        compile_policy(f"{EXAMPLE}\nwords: {{en: {{products: [{most}, qq]}}}}")
