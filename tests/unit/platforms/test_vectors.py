"""The published and composed vectors of tests/data/platform_vectors.json, for every platform Heed knows."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from heed import platforms
from heed.model import Author, Channel, Surface
from heed.platforms import Request
from tests.unit.platforms.given import AT, refused

NAMES = {
    "wechat_oa": "wechat",
    "wecom_kf": "wecom",
    "weibo": "weibo",
    "douyin": "douyin",
    "xiaohongshu_miniapp": "xiaohongshu",
    "kuaishou": "kuaishou",
    "x": "x",
    "line": "line",
    "telegram": "telegram",
    "tiktok": "tiktok",
    "viber": "viber",
    "zalo_oa": "zalo",
    "kakao_channel": "kakao",
    "slack": "slack",
    "discord": "discord",
    "zendesk": "zendesk",
    "intercom": "intercom",
    "chatwoot": "chatwoot",
    "messenger": "facebook",
    "facebook_page": "facebook",
    "instagram": "instagram",
    "whatsapp": "whatsapp",
    "standard_webhooks": "webhook",
    "svix": "webhook",
}
# Their signature covers time and nonce, or they show a secret and sign nothing: no byte of the body is covered.
BODY_UNSIGNED = {"weibo", "telegram", "kakao_channel"}
# One URL serves one bot, so their conversations need no brand before the chat.
ONE_ACCOUNT = {"telegram", "viber"}
# They give a message no id: Heed makes one of what was said, the same in every retry.
NO_MESSAGE_ID = {"weibo"}
# A private conversation is named by its two ends, for a withdrawal names nothing else.
NAMED_BY_ITS_ENDS = {"douyin"}
# An account has inboxes, which come before the conversation.
WITH_INBOXES = {"chatwoot"}
# A conversation is the thread that a message begins.
NAMED_BY_A_THREAD = {"slack"}
PREFIX = {"standard_webhooks": "webhook", "svix": "svix"}
FILE = Path(__file__).parents[2] / "data" / "platform_vectors.json"
VECTORS = [vector for vector in json.loads(FILE.read_text()) if vector["platform"] in NAMES]


def request_of(vector):
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    return Request(vector["method"], vector["query"], headers, base64.b64decode(vector["body_b64"]))


def verified_of(vector):
    adapter = platforms.get(NAMES[vector["platform"]])
    now = datetime.fromtimestamp(vector["now"], UTC) if vector["now"] else AT
    return adapter, adapter.verify(request_of(vector), [vector["secrets"]], now)


def refused_at(vector, request, secret):
    now = datetime.fromtimestamp(vector["now"], UTC) if vector["now"] else AT
    return refused(NAMES[vector["platform"]], request, [secret], now)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_vector_is_genuine_and_answered_as_published(vector):
    adapter, verified = verified_of(vector)
    answer = adapter.answer(verified)
    expected = vector.get("expect_response", {})
    assert answer.status == expected.get("status", answer.status)
    assert 200 <= answer.status < 300
    assert answer.body == expected.get("body", answer.body)
    assert answer.content_type.startswith(expected.get("content_type", ("text/plain", "application/json")))


@pytest.mark.parametrize(
    "vector",
    [v for v in VECTORS if v["body"] and v["platform"] not in BODY_UNSIGNED],
    ids=lambda vector: vector["id"],
)
def test_a_vector_with_one_bit_of_its_signed_body_changed_is_forged(vector):
    request = request_of(vector)
    middle = len(request.body) // 2
    changed = request.body[:middle] + bytes([request.body[middle] ^ 1]) + request.body[middle + 1 :]
    assert refused_at(vector, replace(request, body=changed), vector["secrets"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_vector_is_forged_under_another_secret(vector):
    other = {
        name: value[:-2] + ("b" if value[-2] != "b" else "c") + value[-1] for name, value in vector["secrets"].items()
    }
    assert refused_at(vector, request_of(vector), other) in ("signature", "verify_token")


@pytest.mark.parametrize("vector", [v for v in VECTORS if "expect_plaintext" in v], ids=lambda vector: vector["id"])
def test_an_encrypted_vector_opens_to_its_plaintext(vector):
    _, verified = verified_of(vector)
    assert verified.content == vector["expect_plaintext"].encode()


@pytest.mark.parametrize(
    "vector",
    [v for v in VECTORS if v.get("expect_parse", {}).get("direction") in ("inbound", "outbound")],
    ids=lambda vector: vector["id"],
)
def test_a_vector_reads_as_expected(vector):
    adapter, verified = verified_of(vector)
    expected = vector["expect_parse"]
    reading = adapter.messages(verified, Channel(NAMES[vector["platform"]], "a", "b", "t"), AT)
    assert (reading.ignored, reading.broken) == ((), ())
    (message,) = reading.messages
    assert (message.id == expected["external_id"]) is (vector["platform"] not in NO_MESSAGE_ID)
    assert message.customer == expected.get("sender_id", message.customer)
    assert message.reply_to == expected.get("ref_id", message.reply_to)
    assert message.author is (Author.CUSTOMER if expected["direction"] == "inbound" else Author.AGENT)
    assert message.surface is (Surface.COMMENT if expected["kind"] == "comment" else Surface.DIRECT)
    assert message.text == expected.get("text", message.text)
    sent_ms = message.sent_at.timestamp() * 1000
    assert sent_ms == expected.get("ts_ms", sent_ms)
    parts = message.conversation.split(":")
    if vector["platform"] not in ONE_ACCOUNT:
        brand = parts.pop(0)
        assert brand == expected.get("brand_id", brand)
    if vector["platform"] in WITH_INBOXES:
        parts.pop(0)
    if vector["platform"] in NAMED_BY_A_THREAD:
        assert ":".join(parts) == message.id
        return
    within = "sender_id" if vector["platform"] in NAMED_BY_ITS_ENDS else "thread_id"
    assert parts[0] == expected[within if within in expected else "sender_id"]


@pytest.mark.parametrize(
    "vector",
    [v for v in VECTORS if v.get("expect_parse", {}).get("direction") == "ignore"],
    ids=lambda vector: vector["id"],
)
def test_a_vector_that_is_no_message_is_ignored(vector):
    adapter, verified = verified_of(vector)
    reading = adapter.messages(verified, Channel(NAMES[vector["platform"]], "a", "b", "t"), AT)
    assert (reading.messages, reading.reports, reading.broken) == ((), (), ())


def test_the_generic_vectors_are_of_a_type_that_is_ignored_under_a_safe_name():
    for vector in VECTORS:
        if NAMES[vector["platform"]] == "webhook":
            adapter, verified = verified_of(vector)
            assert adapter.messages(verified, Channel("webhook", "a", "b", "t"), AT).ignored == ("unknown",)
            assert verified.delivery_id == vector["headers"][f"{PREFIX[vector['platform']]}-id"]


def test_every_family_has_a_vector():
    assert {NAMES[vector["platform"]] for vector in VECTORS} == set(NAMES.values())
