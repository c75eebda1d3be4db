"""The signing schemes, by the one-line vectors their vendors and SDKs agree on."""

from datetime import UTC, datetime, timedelta

import pytest

from heed.platforms import Forged, Request, signatures

BODY = '{"k":"值 😀"}'.encode()
SECRET = "s3cr3t-Vector"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_sorted_sha1_is_wechats():
    assert signatures.sorted_sha1(SECRET, "1767225600", "nonce1") == "c9050d8410427e95a56b2c17de5850df63b6fc41"


def test_the_query_is_signed_by_time_and_nonce_alone():
    query = {"timestamp": "1767225600", "nonce": "nonce1", "signature": "c9050d8410427e95a56b2c17de5850df63b6fc41"}
    signatures.check_query(query, SECRET)
    for changed in (
        {**query, "timestamp": "1767225601"},
        {**query, "nonce": "n"},
        {"signature": query["signature"]},
        {},
    ):
        with pytest.raises(Forged, match="signature"):
            signatures.check_query(changed, SECRET)


@pytest.mark.parametrize(
    ("digest", "parts", "expected"),
    [
        ("sha1", (SECRET.encode(), BODY), "9f0198f10f9e63d10ab2052d253cf363dd730b10"),
        ("md5", (BODY, SECRET.encode()), "d27b82f5341b4e64284eaaadf16a1111"),
        (
            "sha256",
            (b"appid1", BODY, b"1767225600000", SECRET.encode()),
            "d9a63a6188889e808868f6824e07937bdee903bea1ddd351d39dc6fe08a9cda5",
        ),
    ],
    ids=["douyin", "kuaishou", "zalo"],
)
def test_keyed_hex_is_a_plain_hash_in_the_platforms_order(digest, parts, expected):
    assert signatures.keyed_hex(digest, *parts) == expected


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


def test_hmac_base64_with_the_time_before_the_body_is_zendesks():
    signed = signatures.hmac_base64(SECRET.encode(), b"2026-01-01T00:00:00Z" + BODY)
    assert signed == "YkOl5vwOj9mW5yL9lffta2d3CFTklVcaYwD9BesE0DU="


# RFC 8032, 7.1, TEST 1, and Discord's mini vector.
DISCORD_KEY = "7e85fc74202bb95eff91d0bc3b6dbc4274557b622952e016d74f4ac7c6e7bf48"
DISCORD_SIGNATURE = (
    "64f3d0bff70a3da952d2fa4f23249ff9b3d1093617b2b50b90612aaa9544de9e"
    "09ca1ae9e0ce7c7eadff9007fcbdde48ecf5ac344238ec790e343411c50afb06"
)
ED25519 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        b"",
    ),
    (DISCORD_KEY, DISCORD_SIGNATURE, b"1767225600" + BODY),
]


@pytest.mark.parametrize(("key", "signature", "content"), ED25519, ids=["rfc8032", "discord"])
def test_ed25519_is_discords_and_standard_webhooks(key, signature, content):
    key, signature = signatures.from_hex(key), signatures.from_hex(signature)
    assert signatures.ed25519(key, signature, content)
    assert not signatures.ed25519(key, signature, content + b"x")
    assert not signatures.ed25519(bytes(32), signature, content)
    assert not signatures.ed25519(key, signature[:-1] + b"\0", content)


@pytest.mark.parametrize("signature", [None, b"", b"x", bytes(64), bytes(65)])
def test_what_is_no_ed25519_signature_is_wrong(signature):
    assert not signatures.ed25519(signatures.from_hex(DISCORD_KEY), signature, BODY)


@pytest.mark.parametrize("key", [None, b"", bytes(31), bytes(33)])
def test_an_ed25519_key_of_a_wrong_length_lets_nothing_in(key):
    with pytest.raises(Forged, match="unconfigured"):
        signatures.ed25519(key, bytes(64), BODY)


@pytest.mark.parametrize("text", ["x", "abc", "é", "\ud800", "0x12", "-1"])
def test_what_is_no_hex_is_none(text):
    assert signatures.from_hex(text) is None


def test_a_post_has_the_headers_it_is_signed_with():
    request = Request("POST", "", {"a": "1", "b": "2", "c": ""}, b"")
    assert signatures.posted(request, "b", "a") == ("2", "1")
    for names in (("a", "c"), ("a", "d")):
        with pytest.raises(Forged, match="unsigned"):
            signatures.posted(request, *names)
    with pytest.raises(Forged, match="method"):
        signatures.posted(Request("GET", "", {"a": "1"}, b""), "a")


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
