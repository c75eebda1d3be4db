from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed import codec
from heed.model import Kind, RiskName, Sentiment, Topic
from heed.platforms import Request
from heed.rim import desk_payloads as payloads
from heed.rim.corrections import Correction, Labels, correction_item, labelled
from heed.rim.desk_errors import Refused
from heed.rim.desk_views import reassessed
from heed.rim.items import Stored
from infra.heedctl.labelled import _labelled
from tests.unit.builders import a_message, an_assessment, at

NOW = at("10:00")
KEEP = timedelta(days=30)

LABELS = st.builds(
    Labels,
    kind=st.none() | st.sampled_from(Kind),
    sentiment=st.none() | st.sampled_from(Sentiment),
    topic=st.none() | st.sampled_from(Topic),
    risks=st.none() | st.lists(st.sampled_from(RiskName), unique=True).map(tuple),
    language=st.sampled_from([None, "zh", "en", "und"]),
)


def a_correction(labels: Labels, **changes: Any) -> Correction:
    given = {
        "conversation": "0" * 32,
        "message": "m1",
        "received_at": NOW,
        "labels": labels,
        "case_id": "7K3Q-9MXA",
        "team": "care-cn",
        "by": "ann",
        "at": NOW,
    }
    return Correction(**{**given, **changes})


def sent(**fields: Any) -> Request:
    return Request("POST", "", {}, json.dumps(fields).encode())


@given(LABELS)
def test_every_labelled_message_is_a_line_that_the_judge_reads(labels: Labels) -> None:
    line = labelled(a_correction(labels), Stored(a_message(at=NOW, text="谢谢"), an_assessment(language="zh")))
    read = _labelled(json.loads(json.dumps(line)))
    assert (read.text, read.language) == ("谢谢", labels.language or "zh")
    assert read.fields == {
        name: str(label) for name in ("kind", "sentiment", "topic") if (label := getattr(labels, name)) is not None
    }
    assert read.risks == (None if labels.risks is None else frozenset(labels.risks))


def test_a_language_that_nobody_knows_is_left_out() -> None:
    correction = a_correction(Labels(kind=Kind.PRAISE))
    for assessment in (an_assessment(language="und"), None):
        assert labelled(correction, Stored(a_message(at=NOW, text="x"), assessment)) == {"text": "x", "kind": "praise"}


@given(LABELS)
def test_a_correction_survives_the_table_and_its_item_holds_no_text(labels: Labels) -> None:
    correction = a_correction(labels, wording=NOW)
    item = correction_item(correction, KEEP)
    assert codec.loads(Correction, item["correction"]["S"]) == correction
    assert item["pk"] == {"S": "CORRECTIONS#2026-03"}
    assert item["expires_at"] == {"N": str(int((NOW + KEEP).timestamp()))}
    assert item.keys() == {"pk", "sk", "correction", "labels", "expires_at"}


def test_a_message_has_one_place_whoever_corrects_it_and_another_message_another() -> None:
    def place(**changes: Any) -> tuple[str, str]:
        item = correction_item(a_correction(Labels(), **changes), KEEP)
        return item["pk"]["S"], item["sk"]["S"]

    assert place() == place(by="bob", team="safety", case_id="2B8F-K4TN", at=NOW + KEEP, wording=NOW)
    others = [place(), place(message="m2"), place(conversation="1" * 32), place(received_at=NOW + KEEP)]
    assert len(set(others)) == len(others)


@pytest.mark.parametrize(
    ("labels", "line"),
    [
        (Labels(kind=Kind.PRAISE), "m1: kind praise"),
        (Labels(risks=()), "m1: risks none"),
        (
            Labels(
                sentiment=Sentiment.NEUTRAL, topic=Topic.PRICE, risks=(RiskName.LEGAL, RiskName.MEDIA), language="fr"
            ),
            "m1: sentiment neutral, topic price, risks legal and media, language fr",
        ),
    ],
)
def test_the_timeline_tells_a_correction_in_a_line(labels: Labels, line: str) -> None:
    assert reassessed("m1", labels) == line


def test_risks_are_the_same_in_any_order_and_however_often() -> None:
    given = payloads.body(payloads.Correction, sent(message_id="m1", risks=["media", "legal", "media"]))
    assert given.labels() == Labels(risks=(RiskName.LEGAL, RiskName.MEDIA))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"message_id": "m1"}, "The body: must name a kind, sentiment, topic, risks or language."),
        ({"kind": "praise"}, "message_id is missing."),
        ({"message_id": "m1", "language": "<b>"}, "language: String should match pattern '^([a-z]{2}|und)$'."),
        ({"message_id": "a\nb", "kind": "praise"}, "message_id: must be printable, on one line."),
    ],
)
def test_a_refusal_says_what_is_wrong(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        payloads.body(payloads.Correction, sent(**fields))
    assert refused.value.message == sentence
