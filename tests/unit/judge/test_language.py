"""Telling the language of a message."""

import pytest

from heed.judge.language import detect


@pytest.mark.parametrize(
    ("plain", "language"),
    [
        ("我的快递还没有到", "zh"),
        ("我的iphone坏了", "zh"),
        ("where is my order?", "en"),
        ("商品はまだ届いていません", "ja"),
        ("注文をキャンセルしたいです", "ja"),
        ("주문한 상품이 아직 안 왔어요", "ko"),
        ("где мой заказ", "ru"),
        ("أين طلبي", "ar"),
        ("איפה ההזמנה שלי", "he"),
        ("สินค้ายังไม่มา", "th"),
        ("मेरा ऑर्डर कहाँ है", "hi"),
        ("πού είναι η παραγγελία", "el"),
        ("¿dónde está mi pedido? gracias", "es"),
        ("onde está o meu pedido? não chegou", "pt"),
        ("où est ma commande ? merci", "fr"),
        ("wo ist meine bestellung? danke", "de"),
        ("dove è il mio ordine? grazie", "it"),
        ("waar is mijn bestelling?", "nl"),
    ],
)
def test_the_language_is_told_from_script_and_common_words(plain, language):
    code, confidence = detect(plain)
    assert code == language
    assert confidence >= 0.5


@pytest.mark.parametrize("plain", ["", "😡", "12345", "!!!", "xkqzv"])
def test_what_tells_nothing_is_undetermined_and_unsure(plain):
    code, confidence = detect(plain)
    assert code == "und"
    assert confidence < 0.5


@pytest.mark.parametrize(
    ("hint", "language"), [("zh-CN", "zh"), ("EN", "en"), ("pt_BR", "pt"), ("english", "und"), ("", "und")]
)
def test_a_hint_decides_where_the_text_is_too_short(hint, language):
    assert detect("12", hint)[0] == language


def test_a_hint_does_not_overrule_a_clear_text():
    assert detect("我的快递还没有到", "en")[0] == "zh"


def test_one_japanese_letter_does_not_make_a_chinese_message_japanese():
    assert detect("夏天の味道真不错")[0] == "zh"


@pytest.mark.parametrize(("plain", "hint"), [("発売中", None), ("本日中", "ja")])
def test_japanese_without_kana_is_told_by_its_own_characters_or_the_hint(plain, hint):
    assert detect(plain, hint)[0] == "ja"


def test_a_chinese_message_that_shows_it_late_is_chinese():
    assert detect("中" * 30 + "这", "ja")[0] == "zh"


def test_letters_of_another_script_do_not_hide_in_a_chinese_message():
    assert detect("中文 주문한 상품이 아직 안 왔어요")[0] == "ko"
