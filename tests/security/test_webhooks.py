"""Who is not the platform gets nothing in, and learns nothing: every platform, through the real intake handler."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from urllib.parse import parse_qsl, urlencode

import pytest

from heed import platforms
from heed.platforms import Request
from infra.heedctl import senders
from infra.heedctl.senders import douyin
from tests.integration import faults
from tests.security.door import AT, MARK, Door, adapter, genuine

NAMES = platforms.NAMES
SIGNED = tuple(name for name in NAMES if name not in senders.HANDSHAKE_ONLY)

# The platforms' own protocols sign no byte of the body: a token shown with each request (Telegram, Kakao), or a
# signature over time and nonce (Weibo; WeChat too where a channel has no EncodingAESKey).
BODY_UNSIGNED = {"telegram", "kakao", "weibo"}
# The protocols that sign when it was sent, so that an old delivery is refused; of all others a replay meets its own
# identity in the table.
FRESH_ONLY = {"webhook", "slack", "zendesk", "chatwoot", "tiktok"}
# A skill request of Kakao has neither identity nor time: said again minutes later it is heard again.
NO_IDENTITY = {"kakao"}

# Headers and parameters that stand beside a signature and vouch for nothing. WeChat's family sends the signature of the
# clear mode beside that of the sealed one.
BESIDE = {"content-type", "x-chatwoot-delivery", "msg-id", "x-zendesk-webhook-invocation-id"}
BESIDE_SEALED = {"encrypt_type", "signature"}


@pytest.mark.parametrize("platform", NAMES)
def test_the_genuine_request_is_let_in(platform: str, door: Door) -> None:
    """Or every refusal below would prove nothing."""
    request = genuine(platform, door.secrets[f"{platform}/ours"])
    assert door.status(f"{platform}/ours", request) in (200, 204)


@pytest.fixture
def sealed(door: Door) -> Iterator[Door]:
    """A door of which, whatever the test does, nothing may be left in the table."""
    before = door.kept()
    yield door
    assert door.kept() == before


def stripped(request: Request) -> Iterator[Request]:
    """A genuine request without all, one, or a readable part of what vouches for it."""
    beside = {name: value for name, value in request.headers.items() if name in BESIDE}
    yield replace(request, headers=beside, query="")
    for name in request.headers.keys() - BESIDE:
        value = request.headers[name]
        yield replace(request, headers={key: text for key, text in request.headers.items() if key != name})
        for changed in {"", value[:-1], value[1:], value.swapcase(), value.rpartition("=")[0], "null"} - {value}:
            if not _spells_the_same(name, value, changed):
                yield replace(request, headers={**request.headers, name: changed})
    pairs = parse_qsl(request.query, keep_blank_values=True)
    for name in {name for name, _ in pairs} - (BESIDE_SEALED if "msg_signature" in request.query else set()):
        yield replace(request, query=urlencode([pair for pair in pairs if pair[0] != name]))
        # The first of a repeated name counts: a right one behind a wrong one heals nothing.
        yield replace(request, query=urlencode([(name, "0"), *pairs]))


def _spells_the_same(name: str, value: str, changed: str) -> bool:
    """Ed25519's hex is bytes before it is compared."""
    return name == "x-signature-ed25519" and changed.lower() == value.lower()


@pytest.mark.parametrize("platform", SIGNED)
def test_a_request_stripped_of_any_part_of_its_signature_is_refused(platform: str, sealed: Door) -> None:
    request = genuine(platform, sealed.secrets[f"{platform}/ours"], number=8)
    let_in = [each for each in stripped(request) if sealed.status(f"{platform}/ours", each) != 401]
    assert [(each.query, each.headers) for each in let_in] == []


@pytest.mark.parametrize("platform", NAMES)
def test_what_any_other_platform_signs_is_refused(platform: str, sealed: Door) -> None:
    """Every other scheme, under the very secret of that other channel of ours."""
    for other in NAMES:
        if other == platform or other in senders.HANDSHAKE_ONLY:
            continue
        request = genuine(other, sealed.secrets[f"{other}/ours"], number=9)
        assert sealed.status(f"{platform}/ours", request) == 401, other


@pytest.mark.parametrize("platform", SIGNED)
def test_the_secret_of_one_channel_opens_no_other_of_its_platform(platform: str, sealed: Door) -> None:
    for signer, channel in permutations((f"{platform}/ours", f"{platform}/theirs")):
        assert sealed.status(channel, genuine(platform, sealed.secrets[signer], number=10)) == 401


@pytest.mark.parametrize("platform", SIGNED)
def test_a_guessed_secret_opens_nothing(platform: str, sealed: Door) -> None:
    """What lies near: nothing, the platform's name, the names of the fields, what stands in the documents."""
    request = genuine(platform, sealed.secrets[f"{platform}/ours"], number=11)
    guesses = (
        b"",
        b" ",
        b"null",
        b"secret",
        b"test",
        platform.encode(),
        *(f.encode() for f in adapter(platform).secret_fields),
    )
    for guess in guesses:
        for value in _signatures(guess, request.body):
            headers = {name: text if name in BESIDE else value for name, text in request.headers.items()}
            query = urlencode(
                [(name, value if "signature" in name else text) for name, text in parse_qsl(request.query)]
            )
            assert sealed.status(f"{platform}/ours", replace(request, headers=headers, query=query)) == 401


def _signatures(key: bytes, body: bytes) -> Iterator[str]:
    for name in ("md5", "sha1", "sha256"):
        for digest in (hmac.digest(key, body, name), hashlib.new(name, key + body).digest()):
            for text in (digest.hex(), base64.b64encode(digest).decode()):
                yield from (text, f"{name}={text}", f"v0={text}", f"v1,{text}", f"mac={text}")
    yield from (key.decode(), f"Bearer {key.decode()}", f"KakaoAK {key.decode()}")


@pytest.mark.parametrize("platform", SIGNED)
def test_a_body_swapped_under_a_signature_is_refused_wherever_the_platform_signs_it(platform: str, door: Door) -> None:
    first = genuine(platform, door.secrets[f"{platform}/ours"], number=12)
    other = genuine(platform, door.secrets[f"{platform}/ours"], number=13, text=MARK)
    assert first.body != other.body
    refused = door.status(f"{platform}/ours", replace(first, body=other.body)) == 401
    assert refused == (platform not in BODY_UNSIGNED)


@pytest.mark.parametrize("platform", SIGNED)
def test_a_replay_adds_nothing_however_late_and_whatever_is_changed_beside_it(platform: str, door: Door) -> None:
    request = genuine(platform, door.secrets[f"{platform}/ours"], number=14)
    assert door.status(f"{platform}/ours", request) in (200, 204)
    before, answers = door.kept(), set()
    dressed = replace(
        request,
        query="&".join(part for part in (request.query, "x=1&signature=0") if part),
        headers={**request.headers, "x-request-id": MARK, "user-agent": MARK},
    )
    for _ in range(3):
        for each in (request, dressed):
            answers.add(door.status(f"{platform}/ours", each))
        door.later(minutes=6)
    assert (door.kept() == before) == (platform not in NO_IDENTITY)
    assert answers <= {200, 204, 401}


@pytest.mark.parametrize("platform", SIGNED)
def test_an_old_delivery_is_refused_where_the_platform_signs_its_time(platform: str, door: Door) -> None:
    request = genuine(platform, door.secrets[f"{platform}/ours"], number=14)
    door.later(days=2)
    assert (door.status(f"{platform}/ours", request) == 401) == (platform in FRESH_ONLY)


@pytest.mark.parametrize("platform", NAMES)
def test_an_answer_does_not_tell_a_wrong_secret_from_a_missing_one(platform: str, sealed: Door) -> None:
    """Status, headers and body: who guesses learns neither whether he came near nor whether there is a secret."""
    stranger = adapter(platform), senders.sender(platform).secret(True)
    request = genuine(platform, stranger[1], number=15)
    unknown_nonce = replace(request, query=request.query.replace("nonce=", "nonce=9"))
    if platform in senders.HANDSHAKE_ONLY:
        request = unknown_nonce = Request("POST", "", {"content-type": "application/json"}, b'{"event":"x"}')
    asked = [(f"{platform}/ours", each) for each in (request, unknown_nonce, Request("POST", "", {}, request.body))]
    asked += [(f"{platform}/bare", request), (f"{platform}/ours", Request("PUT", "", {}, b""))]
    answers = {json.dumps(sealed.knock(channel, each), sort_keys=True) for channel, each in asked}
    assert len(answers) == 1
    assert json.loads(answers.pop())["statusCode"] == 401


CHALLENGES = [
    Request("GET", urlencode({"echostr": MARK, "signature": "0", "timestamp": "1", "nonce": "1"}), {}, b""),
    Request("GET", urlencode({"hub.mode": "subscribe", "hub.verify_token": "x", "hub.challenge": MARK}), {}, b""),
    Request("GET", urlencode({"crc_token": f'{{"for_user_id":"{MARK}"}}'}), {}, b""),
    Request("POST", "", {}, json.dumps({"type": "url_verification", "challenge": MARK}).encode()),
    Request("POST", "", {}, json.dumps({"event": "verify_webhook", "content": {"challenge": MARK}}).encode()),
    Request("POST", "", {}, json.dumps({"event": "verify_webhooks", "content": {"data": MARK}}).encode()),
    Request("POST", "", {}, json.dumps({"type": 1, "application_id": MARK}).encode()),
]


@pytest.mark.parametrize("platform", NAMES)
def test_no_strangers_words_come_back_from_a_check_of_the_address(platform: str, sealed: Door) -> None:
    for request in CHALLENGES:
        answer = sealed.knock(f"{platform}/ours", request)
        assert MARK not in json.dumps(answer)
        assert answer["statusCode"] == 401


def test_the_check_that_signs_what_it_is_given_signs_no_delivery(sealed: Door) -> None:
    """X asks for an HMAC of its token under the key of its deliveries: what it gives back must open nothing."""
    delivery = genuine("x", sealed.secrets["x/theirs"], number=16)
    for token in (delivery.body.decode(), "{}", " {}", '{"tweet_create_events":[]}', "\ufeff{}"):
        answer = sealed.knock("x/ours", Request("GET", urlencode({"crc_token": token}), {}, b""))
        assert answer["statusCode"] == 401
    answer = sealed.knock("x/ours", Request("GET", "crc_token=abc", {}, b""))
    signed = {"x-twitter-webhooks-signature": json.loads(answer["body"])["response_token"]}
    assert sealed.status("x/ours", replace(delivery, headers=signed)) == 401


def test_a_plain_hash_that_is_lengthened_brings_no_message(door: Door) -> None:
    """Douyin signs SHA-1(secret + body): whoever saw one delivery can sign it with more behind, without the secret.

    The padding between the two is no UTF-8, so what is signed that way is kept aside and never read.
    """
    secret = door.secrets["douyin/ours"]
    seen = douyin.text("douyin", secret, "hello", customer="c", at=AT, id="ext")
    before = door.messages()
    forged_body, forged = lengthened(seen, len(secret["client_secret"]), b',"x":1}')
    assert forged == hashlib.sha1(secret["client_secret"].encode() + forged_body).hexdigest()  # noqa: S324
    request = replace(seen, body=forged_body, headers={**seen.headers, "x-douyin-signature": forged})
    assert door.status("douyin/ours", request) == 200
    assert door.messages() == before
    assert sum(item["pk"]["S"].startswith("RAW#") for item in door.kept()) == 1


def lengthened(seen: Request, secret_bytes: int, suffix: bytes) -> tuple[bytes, str]:
    """FIPS 180-4, 6.1: SHA-1 goes on from a digest as if it had been its state."""
    length = secret_bytes + len(seen.body)
    padding = b"\x80" + b"\0" * (-(length + 9) % 64) + struct.pack(">Q", 8 * length)
    state = list(struct.unpack(">5I", bytes.fromhex(seen.headers["x-douyin-signature"])))
    total = length + len(padding) + len(suffix)
    rest = suffix + b"\x80" + b"\0" * (-(total + 9) % 64) + struct.pack(">Q", 8 * total)
    for start in range(0, len(rest), 64):
        state = _sha1_block(state, rest[start : start + 64])
    return seen.body + padding + suffix, struct.pack(">5I", *state).hex()


def _sha1_block(state: list[int], block: bytes) -> list[int]:
    def left(value: int, by: int) -> int:
        return (value << by | value >> 32 - by) & 0xFFFFFFFF

    words = list(struct.unpack(">16I", block))
    for at in range(16, 80):
        words.append(left(words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16], 1))
    a, b, c, d, e = state
    for at, word in enumerate(words):
        f, k = [
            (b & c | ~b & d, 0x5A827999),
            (b ^ c ^ d, 0x6ED9EBA1),
            (b & c | b & d | c & d, 0x8F1BBCDC),
            (b ^ c ^ d, 0xCA62C1D6),
        ][at // 20]
        a, b, c, d, e = (left(a, 5) + f + e + k + word) & 0xFFFFFFFF, a, left(b, 30), c, d
    return [(x + y) & 0xFFFFFFFF for x, y in zip(state, (a, b, c, d, e), strict=True)]


@pytest.mark.parametrize("platform", NAMES)
def test_a_body_over_the_limit_is_refused_before_a_secret_is_read_or_a_byte_parsed(
    platform: str, sealed: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = adapter(platform)
    read: list[str] = []
    monkeypatch.setattr(type(found), "verify", lambda *_: read.append("verify"))
    request = Request("POST", "", {}, b"[" * (found.body_limit_bytes + 1))
    with faults.failing(sealed.intake._ssm(), "ssm", "GetParameter", faults.unreachable) as asked:
        assert sealed.status(f"{platform}/ours", request) == 413
    assert asked + read == []
