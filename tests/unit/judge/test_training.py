"""What the judge is trained on. The rules that keep measuring honest; the fitting itself is `make train`."""

import gzip
import hashlib
import json
import re
import unicodedata

import pytest

from infra.judge import data, recipe
from infra.judge.data import Row

DATA = {
    "open/sentiment.train": [{"text": "lovely", "lang": "en", "source": "a", "task": "sentiment", "label": "positive"}],
    "unspecified/risk_abuse.train": [
        {"text": "you pig", "lang": "en", "source": "b", "task": "risk_abuse", "label": "abuse"}
    ],
    "restricted/kind.train": [{"text": "退款", "lang": "zh", "source": "c", "task": "kind", "label": "request"}],
}


@pytest.fixture
def folder(tmp_path):
    for name, rows in DATA.items():
        path = tmp_path / f"{name}.jsonl.gz"
        path.parent.mkdir(exist_ok=True)
        with gzip.open(path, "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row) + "\n" for row in rows)
    return tmp_path


def test_restricted_rows_do_not_train(folder):
    assert [row.source for row in data.corpus(folder, "train")] == ["a", "b"]


def test_restricted_rows_are_measured(folder):
    assert [row.source for row in data.corpus(folder, "train", data.CLASSES)] == ["a", "b", "c"]


def test_labels_are_numbers(folder):
    assert [row.label for row in data.corpus(folder, "train", data.CLASSES)] == [2, 1, 2]


def test_a_third_of_our_own_messages_is_set_aside():
    kept, aside = data.own(set_aside=False), data.own(set_aside=True)
    assert len(kept) + len(aside) >= 3000
    assert 0.3 < len(aside) / (len(kept) + len(aside)) < 0.37
    assert not {message.text for message in kept} & {message.text for message in aside}


@pytest.mark.parametrize("text", ["Where is my order?", "快递呢？！", "ＲＥＦＵＮＤ　me", "👍"])
def test_what_is_set_aside_follows_from_a_hash_of_the_text(text):
    plain = unicodedata.normalize("NFKC", text).lower()
    letters = re.sub(r"[\W_]", "", plain) or plain
    assert data.aside(text) == (int(hashlib.sha256(letters.encode()).hexdigest(), 16) % 3 == 0)


def test_punctuation_does_not_bring_a_message_back():
    assert {data.aside(text) for text in ("where is it", "Where is it?", "where, is it!!")} == {data.aside("whereisit")}


def test_every_message_of_ours_has_known_labels():
    for message in [*data.own(False), *data.own(True)]:
        assert message.kind in data.LABELS["kind"]
        assert message.sentiment in data.LABELS["sentiment"]
        assert message.topic in data.LABELS["topic"]


def row(text, source="a", head="kind", label=0, language="en"):
    return Row(text, language, source, head, label)


@pytest.mark.parametrize(
    ("text", "kept_out"),
    [
        ("Great flight!", "great flight"),
        ("@user Great flight http://x", "great flight"),
        ("paid 12", "paid 99"),
        (
            "this very long message begins exactly like another and ends so",
            "this very long message begins exactly as it ended",
        ),
    ],
)
def test_copies_of_what_is_measured_do_not_train(text, kept_out):
    assert list(recipe.without([row(text), row("something else")], [kept_out])) == [row("something else")]


def test_a_complaint_is_negative_and_a_negative_tweet_to_somebody_a_complaint():
    rows = [
        row("it broke", "app_reviews", "kind", 0),
        row("@user it broke", "semeval2013_16", "sentiment", 0),
        row("it broke, sad", "semeval2013_16", "sentiment", 0),
    ]
    assert list(recipe.derived(rows)) == [
        row("it broke", "from_app_reviews", "sentiment", 0),
        row("@user it broke", "from_semeval2013_16", "kind", 0),
    ]


def test_a_rare_label_weighs_more_a_row_and_less_in_all():
    rows = [row(str(n), label=0) for n in range(90)] + [row(str(n), label=1) for n in range(10)]
    weights = recipe.weighed(rows, "kind")
    assert weights[-1] == pytest.approx(3 * weights[0])
    assert sum(weights) == pytest.approx(100)
    assert sum(weights[90:]) < sum(weights[:90])


def test_the_lexicon_names_labels_there_are():
    assert {found.head for found in data.lexicon()} <= {*data.LABELS, *data.YES}


def test_a_brands_own_export_trains_where_it_is_labelled(tmp_path):
    path = tmp_path / "labelled.jsonl"
    entries = [
        {"text": "gone", "kind": "complaint", "risks": ["scam"], "language": "en"},
        {"text": "x", "topic": "price"},
    ]
    path.write_text("\n".join(map(json.dumps, entries)), "utf-8")
    assert list(data.brand(path)) == [
        row("gone", "brand", "kind", 0),
        row("gone", "brand", "abuse", 0),
        row("gone", "brand", "self_harm", 0),
        row("gone", "brand", "scam", 1),
        row("x", "brand", "topic", 6, "und"),
    ]


def test_a_brands_message_weighs_as_much_as_one_of_ours():
    rows = [row("a", "own_en"), row("b", "brand"), row("c", "app_reviews")]
    ours, theirs, corpus = recipe.weighed(rows, "kind")
    assert ours == theirs > corpus
