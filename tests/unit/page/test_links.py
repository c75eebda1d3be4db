"""A link opens its case until its end, for whoever holds it; every other token opens nothing."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed import links
from heed.cases import short_id
from heed.links import Link

KEY, OLD, OTHER = b"k" * 64, b"o" * 64, b"x" * 64
CASE = "7K3Q-9MXA"
NOW = datetime(2026, 3, 12, 3, 17, 5, tzinfo=UTC)
END = datetime(2026, 3, 13, 3, 18, tzinfo=UTC)
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"

case_ids = st.tuples(st.text(max_size=9), st.text(max_size=9)).map(lambda parts: short_id(*parts))
ends = st.datetimes(datetime(2026, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


def test_a_token_says_its_case_and_is_34_characters_that_no_phone_takes_for_the_end_of_a_link() -> None:
    token = links.sign(CASE, END, KEY)
    assert token.startswith("7k3q9mxa")
    assert len(token) == 34
    assert set(token) <= set(DIGITS)


def test_a_token_is_the_first_hundred_bits_of_an_hmac_after_what_it_signs() -> None:
    token = links.sign(CASE, END, KEY)
    digest = hmac.new(KEY, b"heed case link 1\0" + token[:14].encode(), hashlib.sha256).digest()
    bits = f"{int.from_bytes(digest, 'big'):0256b}"[:100]
    assert token[14:] == "".join(DIGITS[int(bits[at : at + 5], 2)] for at in range(0, 100, 5))


@given(case_id=case_ids, ends_at=ends, key=st.binary(min_size=32, max_size=64))
def test_a_link_opens_its_case_until_its_end_and_no_longer(case_id: str, ends_at: datetime, key: bytes) -> None:
    token = links.sign(case_id, ends_at, key)
    found = links.read(token, [key], ends_at - timedelta(microseconds=1))
    assert found is not None
    assert found.case_id == case_id
    assert timedelta() <= found.ends_at - ends_at < timedelta(minutes=1)
    assert links.read(token, [key], found.ends_at) is None


@pytest.mark.parametrize("place", range(34))
def test_a_token_with_any_character_changed_opens_nothing(place: int) -> None:
    token = links.sign(CASE, END, KEY)
    changed = [token[:place] + digit + token[place + 1 :] for digit in DIGITS if digit != token[place]]
    assert [links.read(one, [KEY], NOW) for one in changed] == [None] * 31


@pytest.mark.parametrize(
    "spoil",
    [
        str.upper,
        lambda token: "",
        lambda token: token[:-1],
        lambda token: token + "0",
        lambda token: token + "\n",
        lambda token: " " + token,
        lambda token: token.replace(token[3], "é"),
        lambda token: token[:14],
        lambda token: token[:14] + "0" * 20,
        lambda token: "o" + token[1:],
        lambda token: "٣" * 34,
        lambda token: "\ud800" * 34,
    ],
)
def test_what_is_no_token_opens_nothing(spoil: object) -> None:
    assert links.read(spoil(links.sign(CASE, END, KEY)), [KEY], NOW) is None  # type: ignore[operator]


@given(text=st.text())
def test_no_text_of_a_strangers_opens_anything_or_breaks(text: str) -> None:
    assert links.read(text, [KEY], NOW) is None


def test_a_signature_of_one_case_or_end_opens_no_other() -> None:
    mine, theirs, later = (
        links.sign(*given, KEY) for given in ((CASE, END), ("0000-0000", END), (CASE, END + timedelta(days=1)))
    )
    assert links.read(theirs[:8] + mine[8:], [KEY], NOW) is None
    assert links.read(mine[:8] + later[8:14] + mine[14:], [KEY], NOW) is None


@pytest.mark.parametrize(
    ("keys", "opens"), [([KEY], True), ([OTHER, KEY], True), ([KEY, OLD], True), ([OTHER, OLD], False), ([], False)]
)
def test_a_link_opens_under_any_key_that_is_known_and_no_other(keys: list[bytes], opens: bool) -> None:
    assert links.read(links.sign(CASE, END, KEY), keys, NOW) == (Link(CASE, END) if opens else None)


@pytest.mark.parametrize(
    "case_id", ["", "7K3Q9MXA", "7k3q-9mxa", "7K3Q-9MXAA", "7K3Q-9MXO", "../../etc", "7K3Q-9MXA\n"]
)
def test_no_link_is_made_of_what_is_no_case_id(case_id: str) -> None:
    with pytest.raises(ValueError, match="no link"):
        links.sign(case_id, END, KEY)


@pytest.mark.parametrize("year", [1969, 4100])
def test_no_link_is_made_that_ends_before_or_after_what_six_digits_count(year: int) -> None:
    with pytest.raises(ValueError, match="no link"):
        links.sign(CASE, END.replace(year=year), KEY)
