"""What the table and the queues hold reads back as what it was."""

from __future__ import annotations

import json
import typing
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from heed import codec
from heed.model import Attachment, AttachmentKind, Author, Case, Clock, Effect, Entry, Message, Surface

IMAGE = AttachmentKind.IMAGE
NOW = datetime(2026, 3, 11, 10, 0, 0, 123456, tzinfo=UTC)
times = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))


def of(kind: type) -> st.SearchStrategy:
    """Any value of a kind of the model, every field filled."""
    return st.builds(kind, **{field.name: st.from_type(_hint(kind, field.name)) for field in fields(kind)})


def _hint(kind: type, name: str) -> object:
    return typing.get_type_hints(kind)[name]


st.register_type_strategy(datetime, times)
st.register_type_strategy(float, st.floats(allow_nan=False))


@pytest.mark.parametrize("kind", [Message, Clock, Effect, Entry, Case])
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(data=st.data())
def test_every_value_of_the_model_reads_back_as_it_was(kind: type, data: st.DataObject) -> None:
    value = data.draw(of(kind))
    assert codec.loads(kind, codec.dumps(value)) == value


def test_fields_at_their_default_are_left_out() -> None:
    message = Message("c", "1", "t", "u", Author.CUSTOMER, Surface.DIRECT, "hi", NOW, NOW)
    assert set(codec.to_plain(message)) == {
        *("channel", "id", "conversation", "customer", "author", "surface", "text", "sent_at", "received_at")
    }


def test_lists_of_values_read_back() -> None:
    kept = (Attachment(AttachmentKind.IMAGE, "m1"), Attachment(AttachmentKind.LINK, "https://x", "title"))
    assert codec.loads(tuple[Attachment, ...], codec.dumps(kept)) == kept


def test_a_time_to_the_millisecond_is_written_short() -> None:
    assert codec.instant(NOW) == "2026-03-11T10:00:00.123456Z"
    assert codec.instant(NOW.replace(microsecond=123000)) == "2026-03-11T10:00:00.123Z"


def test_fields_of_a_newer_model_are_skipped() -> None:
    assert codec.from_plain(Attachment, {"kind": "image", "reference": "m", "invented": 1}) == Attachment(
        AttachmentKind.IMAGE, "m"
    )


def test_a_missing_field_is_named() -> None:
    with pytest.raises(KeyError, match="reference"):
        codec.from_plain(Attachment, {"kind": "image"})


@pytest.mark.parametrize("other", [object(), b"raw", {"a": {1}}], ids=lambda other: type(other).__name__)
def test_what_json_has_no_form_of_is_refused(other: object) -> None:
    with pytest.raises(TypeError, match="is no value"):
        codec.dumps(other)


def test_plain_values_are_those_that_json_has() -> None:
    said = Message("c", "1", "t", "u", Author.CUSTOMER, Surface.DIRECT, "hi", NOW, NOW, (Attachment(IMAGE, "m"),))
    plain = codec.to_plain(said)
    assert json.loads(codec.dumps(said)) == plain
    assert type(plain["author"]) is str
    assert codec.to_plain(b"raw") == b"raw"


def test_a_field_of_json_that_is_no_object_is_refused() -> None:
    with pytest.raises(TypeError):
        codec.loads(Attachment, '"image"')


def test_what_is_nested_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="nested too deep"):
        codec.loads(Attachment, "[" * 100_000)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=8))])
def test_a_time_is_written_in_its_own_zone(zone: timezone) -> None:
    at = NOW.replace(microsecond=0).astimezone(zone)
    assert codec.instant(at) == at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert datetime.fromisoformat(codec.instant(at)) == at
