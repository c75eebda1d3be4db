"""Telling a message's language and, for Chinese, its script."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.judge import language
from heed.judge.language import UNKNOWN, detect, script
from heed.judge.text import read

MESSAGES = {
    "zh": "我的快递还没有到，已经三个星期了",
    "ja": "注文した商品がまだ届いていません",
    "ko": "주문한 상품이 아직 안 왔어요",
    "en": "I have been waiting for my refund for three weeks",
    "es": "Llevo tres semanas esperando y nadie contesta",
    "pt": "Estou esperando há três semanas e ninguém responde",
    "fr": "J'attends ma commande depuis trois semaines",
    "de": "Ich warte seit drei Wochen auf meine Bestellung",
    "it": "Aspetto il mio ordine da tre settimane e nessuno risponde",
    "nl": "Ik wacht al drie weken op mijn bestelling",
    "ru": "Жду заказ уже три недели, никто не отвечает",
    "uk": "Чекаю на замовлення вже три тижні, ніхто не відповідає",
    "pl": "Czekam na zamówienie już trzy tygodnie",
    "tr": "Üç haftadır siparişimi bekliyorum, kimse cevap vermiyor",
    "ar": "أنتظر طلبي منذ ثلاثة أسابيع ولا أحد يرد",
    "he": "אני מחכה להזמנה שלי כבר שלושה שבועות",
    "fa": "سه هفته است که منتظر سفارش خود هستم و کسی پاسخ نمی‌دهد",
    "hi": "मैं तीन हफ्ते से अपने ऑर्डर का इंतज़ार कर रहा हूँ",
    "th": "รอสินค้ามาสามสัปดาห์แล้ว ไม่มีใครตอบ",
    "vi": "Tôi đã chờ đơn hàng ba tuần rồi mà không ai trả lời",
    "id": "Saya sudah menunggu pesanan saya tiga minggu, tidak ada yang membalas",
    "ms": "Barang saya belum sampai lagi, dah tiga minggu tunggu, macam mana ni",
}


def told(text: str, hint: str | None = None) -> tuple[str, float]:
    return detect(read(text).plain, hint)


@pytest.mark.parametrize(("code", "text"), MESSAGES.items())
def test_a_complaint_is_told_in_each_of_the_languages_that_must_be_right(code, text):
    assert told(text)[0] == code
    assert told(text)[1] > 0.7


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("hi", "bhai mera order abhi tak nahi aaya, paise wapas karo"),
        ("es", "donde esta mi pedido, llevo esperando tres semanas"),
        ("tr", "siparisim hala gelmedi, kimse cevap vermiyor"),
        ("vi", "don hang cua toi van chua den"),
    ],
)
def test_languages_typed_without_their_marks_or_script_are_told(code, text):
    assert told(text)[0] == code


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("zh", "我的iPhone 15 Pro Max坏了 refund please"),
        ("zh", "夏天の味道真不错"),
        ("zh", "这家店的包装印着の字，味道还不错，就是の有点多，下次不买了"),
        ("en", "the 小米 phone I bought last week is broken"),
        ("ru", "где мой iPhone 15 Pro Max, заказ оплачен"),
        ("ja", "iPhone 15 Proが届きません"),
        ("en", "https://example.test/donde-esta-mi-pedido @servicio_al_cliente where is my parcel"),
    ],
)
def test_a_mixed_message_is_in_the_language_of_its_words(code, text):
    assert told(text)[0] == code


@pytest.mark.parametrize("text", ["発送予定", "返品可能? 発送済", "円"])
def test_characters_that_only_japanese_writes_are_japanese_without_kana(text):
    assert told(text) == ("ja", 0.8)


@pytest.mark.parametrize(
    "text", ["", "😡", "12345", "!!!", "http://t.co/x", "@heed", "\u200b\u200d", "xkqzv", "\ud800"]
)
def test_what_tells_nothing_is_undetermined_and_takes_the_channels_language(text):
    code, confidence = told(text)
    assert code == UNKNOWN
    assert confidence < 0.5
    assert told(text, "pt_BR") == ("pt", 0.5)


@pytest.mark.parametrize(("text", "hint", "code"), [("ok", "zh-CN", "zh"), ("ок", "uk", "uk"), ("da", "ro", "ro")])
def test_one_or_two_letters_are_in_the_channels_language(text, hint, code):
    assert told(text, hint)[0] == code


@pytest.mark.parametrize("text", ["el", "la", "il", "je", "ik", "és", "và", "że"])
def test_two_letters_alone_leave_doubt(text):
    assert told(text)[1] <= 0.4


@pytest.mark.parametrize(("text", "hint", "code"), [("好", "en", "zh"), ("네", "zh", "ko"), ("注文番号", "ja", "ja")])
def test_a_script_that_the_channels_language_is_not_written_in_speaks_for_itself(text, hint, code):
    assert told(text, hint)[0] == code


@pytest.mark.parametrize("code", MESSAGES)
def test_a_hint_does_not_overrule_a_clear_text(code):
    for hint in ("zh", "en", "de", "uk", "fa"):
        assert told(MESSAGES[code], hint)[0] == code


def test_a_hint_decides_between_near_languages():
    assert told("ingin bertanya", "id")[0] == "id"
    assert told("ingin bertanya", "ms")[0] == "ms"


@pytest.mark.parametrize("hint", ["english", "", "x", "zz top", "\ud800"])
def test_a_hint_that_is_no_language_code_is_not_taken(hint):
    assert detect("12", hint)[0] in (UNKNOWN, hint[:2])


@pytest.mark.parametrize(
    "text", ["where is my order ", "订单在哪里", "где мой заказ, верните деньги ", "ｗｈｅｒｅ ｉｓ ｍｙ ｏｒｄｅｒ "]
)
def test_a_message_of_any_length_is_in_the_language_of_its_beginning(text):
    assert told(text * (100_000 // len(text)))[0] == told(text * 3)[0] != UNKNOWN


def test_repeating_letters_do_not_add_up_to_certainty():
    assert detect("a" * 1_000)[1] < 0.9


CODES = {code for group in language.table().groups.values() for code in group.codes}
CODES |= set(language._BLOCKS) | {"zh", "ja", UNKNOWN}


@given(
    st.text(max_size=200) | st.text(st.sampled_from("aeñöжіعپहの中한ก 1@#\u200b\ud800😡"), max_size=400),
    st.none() | st.sampled_from(["zh-CN", "uk", "en_GB", "ja"]),
)
def test_any_text_gets_a_known_code_and_a_probability(text, hint):
    code, confidence = detect(text, hint)
    assert code in CODES
    assert 0 <= confidence <= 1
    assert detect(text, hint) == (code, confidence)
    assert script(text) in ("", "Hans", "Hant")


@given(
    st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzéñß "), min_size=1, max_size=160), st.sampled_from([2, 4, 34])
)
def test_the_sums_are_those_of_the_rows_added_up_one_by_one(words, width):
    weights = language.table().weights
    rows = language.starts(" ".join(words.split()), 1 << 10, width, 7)
    sums = [sum(weights[row + column] for row in rows) for column in range(width)]
    assert language._sums(rows, width) == sums[::2] + sums[1::2]


@given(st.text(st.sampled_from("abcжع "), min_size=1, max_size=160))
def test_rows_are_those_of_words_and_runs_hashed_one_by_one(written):
    """Of a small table; in a large one every other run of a longer text counts."""
    words = " ".join(written.split())
    text = f" {words} "
    rows = {language.crc32(word.encode()) & 1023 for word in words.split(" ")}
    for multipliers, seed in language._ORDERS if len(text) <= language._RICH else language._ORDERS[:1]:
        starts = range(len(text) - len(multipliers) + 1)
        runs = (zip(multipliers, text[start:], strict=False) for start in starts)
        rows |= {seed + sum(multiplier * ord(letter) for multiplier, letter in run) & 1023 for run in runs}
    assert sorted(language.starts(words, 1024)) == sorted(rows)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("我的快递还没有到", "Hans"),
        ("我的快遞還沒有到", "Hant"),
        ("臺灣", "Hant"),
        ("退款", ""),  # written alike
        ("皇后在台上", ""),  # 后 and 台 are characters of either
        ("where is my order", ""),
        ("", ""),
    ],
)
def test_simplified_and_traditional_chinese_are_told_apart(text, wanted):
    assert script(text) == wanted


def test_the_table_is_small_enough_to_ship():
    assert Path(language.TABLE).stat().st_size <= 1_300_000
