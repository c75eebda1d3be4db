from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed import cases
from heed.platforms import Request
from heed.rim import desk_payloads as payloads
from heed.rim.desk_errors import Refused

PLACE = payloads.ListPlace(desk="care-cn#open", deadline="2026-03-12T03:30:00.000Z", case="0123456789abcdef" * 2)


def sent(body: bytes = b"", query: str = "", **headers: str) -> Request:
    return Request("POST", query, headers, body)


@given(st.binary(max_size=200))
def test_a_body_of_any_bytes_is_read_or_refused(body: bytes) -> None:
    with suppress(Refused):
        assert payloads.body(payloads.Reply, sent(body)).text.strip()


@given(st.text(max_size=200))
def test_a_query_of_any_text_is_read_or_refused(query: str) -> None:
    with suppress(Refused):
        assert 1 <= payloads.query(payloads.ListQuery, sent(query=query)).limit <= 100


@given(st.text(max_size=100))
def test_a_token_of_any_text_is_refused(token: str) -> None:
    with pytest.raises(Refused):
        payloads.unseal(payloads.ListPlace, token)


def test_a_place_survives_its_token() -> None:
    token = payloads.seal(PLACE)
    assert payloads.unseal(payloads.ListPlace, token) == PLACE
    assert token.isascii()
    assert not set(token) & set("+/=&? ")


def test_a_place_in_a_timeline_is_none_in_a_list() -> None:
    with pytest.raises(Refused):
        payloads.unseal(payloads.LinePlace, payloads.seal(PLACE))


@given(st.text(min_size=1), st.text(min_size=1))
def test_every_id_is_found_in_any_case_and_without_its_hyphen(key: str, message: str) -> None:
    case_id = cases.short_id(key, message)
    assert payloads.case_id(case_id) == case_id
    assert payloads.case_id(case_id.lower().replace("-", "")) == case_id


@given(st.text(max_size=12))
def test_no_other_text_makes_an_id_of_another_shape(text: str) -> None:
    found = payloads.case_id(text)
    assert found is None or payloads.case_id(found) == found


@pytest.mark.parametrize(
    ("value", "version"),
    [('"7"', 7), ("7", 7), ("*", None), (" * ", None), ('"0"', 0), ('"9999999999"', 9_999_999_999)],
)
def test_if_match_names_a_version_or_any(value: str, version: int | None) -> None:
    assert payloads.expected_version(sent(**{"if-match": value})) == version


def test_without_if_match_any_version_will_do() -> None:
    assert payloads.expected_version(sent()) is None


@pytest.mark.parametrize("value", ['W/"7"', '"7", "8"', "", "seven", "99999999999", "७"])
def test_any_other_if_match_is_refused(value: str) -> None:
    with pytest.raises(Refused):
        payloads.expected_version(sent(**{"if-match": value}))


@pytest.mark.parametrize(
    ("kind", "body", "sentence"),
    [
        (payloads.Note, b"", "text is missing."),
        (payloads.Note, b"{", "The body is not valid JSON in UTF-8."),
        (payloads.Note, b'{"text":"\xff"}', "The body is not valid JSON in UTF-8."),
        (payloads.Note, b'{"text":"a","<b>":1}', "There is a field that is not known here (known: text)."),
        (payloads.Nothing, b'{"<b>":1}', "There is a field that is not known here (known: none)."),
        (payloads.Note, b"[]", "The body: Input should be an object."),
        (payloads.Note, b'{"text":" \\n"}', "text: must hold more than blanks."),
        (payloads.Assignment, b'{"team":"a\\nb"}', "team: must be printable, on one line."),
        (
            payloads.NewStatus,
            b'{"status":"resolved"}',
            "status: Input should be 'open', 'pending_customer' or 'on_hold'.",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_nothing_that_was_sent(kind: Any, body: bytes, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        payloads.body(kind, sent(body))
    assert refused.value.message == sentence


def test_too_many_parameters_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        payloads.query(payloads.ListQuery, sent(query="&".join(f"a{n}=1" for n in range(60))))
    assert refused.value.message == "The query holds too many parameters."


def test_the_first_of_a_repeated_parameter_counts() -> None:
    assert payloads.query(payloads.ListQuery, sent(query="team=a&team=b")).team == "a"
