"""Bringing what customers type to one form, and quoting it as they wrote it."""

import pytest

from heed.judge.text import LIMIT, read


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("REFUND", "refund"),
        ("ＲＥＦＵＮＤ！", "refund!"),
        ("don’t", "don't"),
        ("沒收到貨", "没收到货"),
        ("退\u200b款\ufeff", "退款"),
        ("ﬁre", "fire"),
        ("soooooo goood", "soo good"),
        ("差差差差差", "差差"),
        ("r e f u n d me", "refund me"),
        ("f.r.a.u.d", "fraud"),
        ("起 火 了", "起火了"),
        ("我要投 诉 你 们", "我要投诉你们"),
        ("12345 10000", "12345 10000"),
        ("质量好 速度快", "质量好 速度快"),
        ("a b", "a b"),
        ("", ""),
    ],
)
def test_the_many_ways_to_write_a_word_become_one(written, plain):
    assert read(written).plain == plain


@pytest.mark.parametrize(
    ("written", "plain", "quoted"),
    [
        ("I want a REFUND now", "refund", "REFUND"),
        ("請　ＲＥＦＵＮＤ", "refund", "ＲＥＦＵＮＤ"),
        ("I want a r-e-f-u-n-d", "refund", "r-e-f-u-n-d"),
        ("快退\u200b款", "退款", "退\u200b款"),
        ("İİ refund", "refund", "refund"),
    ],
)
def test_evidence_is_quoted_as_the_customer_wrote_it(written, plain, quoted):
    text = read(written)
    at = text.plain.index(plain)
    assert text.quote(at, at + len(plain)) == quoted


def test_only_the_beginning_of_an_endless_text_is_read():
    assert len(read("退款" * 50_000).plain) == LIMIT
