"""The signing schemes, by the one-line vectors their vendors and SDKs agree on."""

from datetime import UTC, datetime, timedelta

import pytest

from heed.platforms import Forged, Request, signatures

BODY = '{"k":"值 😀"}'.encode()
SECRET = "s3cr3t-Vector"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_sorted_sha1_is_wechats():
    assert signatures.sorted_sha1(SECRET, "1767225600", "nonce1") == "c9050d8410427e95a56b2c17de5850df63b6fc41"


@pytest.mark.parametrize("order", [("AAAAA", "1714036504", "1514711492"), ("1514711492", "AAAAA", "1714036504")])
def test_sorted_sha1_sorts_as_bytes_whatever_the_order(order):
    assert signatures.sorted_sha1(*order) == "f464b24fc39322e44b38aa78f5edd27bd1441696"


@pytest.mark.parametrize(
    ("content", "digest", "expected"),
    [
        (BODY, "sha256", "18c7ef29b82c24807eec140523211fe4913e71ccea2f8da57bf63d3b23c525c3"),
        (b"1767225600." + BODY, "sha256", "0911023c8c35a256e6072b090538d09003a02ccf6db0de996bc6d5527de20482"),
        (b"v0:1767225600:" + BODY, "sha256", "d008b7d74ee28174532ab7d68be98905802220b02641b089d81b10cdd5654d1e"),
        (BODY, "sha1", "77c84a16c282e8ad74459d7b36446580afae2da9"),
    ],
    ids=["meta", "tiktok", "slack", "intercom"],
)
def test_hmac_hex_is_metas_and_others(content, digest, expected):
    assert signatures.hmac_hex(SECRET, content, digest) == expected


def test_hmac_base64_is_lines_and_others():
    expected = "GMfvKbgsJIB+7BQFIyEf5JE+cczqL42le/Y9OyPFJcM="
    assert signatures.hmac_base64(SECRET.encode(), BODY) == expected


@pytest.mark.parametrize("text", ["", "é", "\ud800", "😡"])
def test_hostile_text_is_compared_and_never_raises(text):
    assert signatures.same(text, text)
    assert not signatures.same(text, text + "x")
    assert not signatures.same("signature", text)


@pytest.mark.parametrize("text", ["YQ", "Y", "!!!!", "é===", "\ud800", "YQ==\n", "Y Q=="])
def test_what_is_no_base64_is_none(text):
    assert signatures.from_base64(text) is None


@pytest.mark.parametrize(
    ("timestamp", "seconds", "is_fresh"),
    [
        ("1767225600", 0, True),
        ("1767225600", 300, True),
        ("1767225600", -300, True),
        ("1767225600", 300.001, False),
        ("1767225600", -301, False),
        ("0", 0, False),
        ("9" * 400, 0, False),
        ("-1767225600", 0, False),
        ("1767225600\n", 0, False),
        ("", 0, False),
    ],
)
def test_a_time_is_fresh_within_its_tolerance(timestamp, seconds, is_fresh):
    assert signatures.fresh(timestamp, NOW + timedelta(seconds=seconds)) is is_fresh


def test_a_query_with_too_many_fields_is_malformed():
    with pytest.raises(Forged, match="malformed"):
        signatures.parameters(Request("GET", "a=1&" * 51, {}, b""))


class TestAnyOf:
    @staticmethod
    def check(reasons):
        def run(secret):
            if reasons[secret["token"]]:
                raise Forged(reasons[secret["token"]])
            return secret["token"]

        return run

    @pytest.mark.parametrize(
        ("current", "previous", "outcome"),
        [
            ("", "", "current"),
            ("signature", "", "previous"),
            ("stale", "", "previous"),
            ("signature", "signature", "signature"),
            ("signature", "stale", "stale"),
            ("stale", "signature", "stale"),
            ("appid", "encryption", "appid"),
        ],
    )
    def test_the_first_that_passes_counts_else_the_most_telling_reason(self, current, previous, outcome):
        secrets = [{"token": "current"}, {"token": "previous"}]
        check = self.check({"current": current, "previous": previous})
        try:
            found = signatures.any_of(secrets, ["token"], check)
        except Forged as refusal:
            found = refusal.reason
        assert found == outcome

    def test_an_incomplete_secret_is_never_tried(self):
        check = self.check({"current": ""})
        assert signatures.any_of([{}, {"token": "current"}], ["token"], check) == "current"
        with pytest.raises(Forged, match="unconfigured"):
            signatures.any_of([{}, {"token": ""}], ["token"], check)
