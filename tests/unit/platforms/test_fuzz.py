"""Whatever the bytes are: verify refuses or accepts, messages reads or says why, and what it reads can be stored."""

import json
import string
from dataclasses import fields, replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed import platforms
from heed.model import Message
from heed.platforms import Broken, Forged, Reading, Request, Unreadable, Verified
from infra.heedctl import events, senders
from infra.heedctl.senders import douyin, weibo
from tests.unit.platforms.given import AT, DOUYIN, META, PLAIN, SECRETS, WEIBO, adapter, channel, refused

FORGED = ("unconfigured", "signature", "malformed", "method", "unsigned", "stale", "unencrypted", "encryption")
REASONS = {*FORGED, "appid", "corpid", "verify_token"}
NAME = set(string.ascii_lowercase + string.digits + "_.")
CONTENT = b'{"type":"ping","entry":[],"MsgType":"event"}'


# The bodies of these are their events' files.
FILES = {"x", "line", "telegram", "tiktok", "viber", "zalo", "kakao"}
FILES |= {"slack", "discord", "zendesk", "intercom", "chatwoot"}


def genuine():
    """One real delivery of each shape, by platform."""
    options = {"customer": "34600111222", "at": AT, "id": "id1"}
    requests = {
        "wechat": [senders.wechat_text(PLAIN, "hi", **options)],
        "facebook": [
            senders.facebook_message(META, "hi", **options),
            senders.facebook_echo(META, "hi", **options),
            senders.facebook_comment(META, "hi", **options),
        ],
        "instagram": [senders.instagram_comment(META, "hi", **options)],
        "whatsapp": [senders.whatsapp_text(META, "hi", **options), senders.whatsapp_echo(META, "hi", **options)],
        "webhook": [senders.webhook_message(SECRETS["webhook"], "hi", **options)],
        "weibo": [
            weibo.push(WEIBO, "text", customer="34600111222", at=AT, text="hi"),
            weibo.push(WEIBO, "position", customer="1", at=AT, data={"latitude": "39.9", "longitude": "116.3"}),
            weibo.push(WEIBO, "image", customer="1", at=AT, data='{"tovfid":1}'),
            weibo.push(WEIBO, "mention", customer="1", at=AT, text="hi", data={"subtype": "status", "key": "1"}),
        ],
        "douyin": [
            douyin.text("douyin", DOUYIN, "hi", **options),
            douyin.reply(DOUYIN, "hi", source="awx7mxkexample01", **options),
            douyin.comment(DOUYIN, "hi", **options),
            douyin.said(DOUYIN, "a", "b", "im_recall_msg", at=AT),
            douyin.said(
                DOUYIN, "a", "b", at=AT, message_type="retain_consult_card", card_data=[{"label": "l", "value": "v"}]
            ),
        ],
    }
    bodies = [(platform, request.body) for platform, sent in requests.items() for request in sent]
    return bodies + [
        (event.platform, events.filled(event, AT, 7)) for event in events.every() if event.platform in FILES
    ]


def spots(node):
    """Every (container, key) inside a JSON value."""
    for key in range(len(node)) if isinstance(node, list) else list(node):
        yield node, key
        if isinstance(node[key], list | dict):
            yield from spots(node[key])


# The names and values the readers look at, so that random bodies reach deep.
JSON = [(platform, body) for platform, body in genuine() if body[:1] == b"{"]
INSIDE = [spot for _, body in JSON for spot in spots(json.loads(body))]
OTHERS = {"standby", "postback", "attachments", "payload", "reply_to", "coordinates", "lat", "statuses", "context"}
WORDS = st.sampled_from(sorted({key for _, key in INSIDE if isinstance(key, str)} | OTHERS))
VALUES = st.sampled_from(sorted({node[key] for node, key in INSIDE if isinstance(node[key], str)}))

anything = st.text(st.characters(exclude_categories=()), max_size=20)
hostile = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**63, 2**200, 1767240212, 1767240212345, 10**11, -1, 1e300, 1.5]),
    st.sampled_from(["\x00", "\ud800", "x" * 300, "1767240212", "2026-01-01T00:00:00Z", "a:b", "{0}"]),
    anything,
)
jsonish = st.recursive(
    hostile | VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=20,
)
objects = st.dictionaries(WORDS, jsonish, max_size=6)


def check_storable(message):
    texts = [getattr(message, f.name) for f in fields(Message) if isinstance(getattr(message, f.name), str)]
    texts += [part for a in message.attachments for part in (a.reference, a.title)] + [message.reply_to or ""]
    for text in texts:
        text.encode()
        assert "\x00" not in text
    assert 0 < len(message.id.encode()) <= 256
    assert 0 < len(message.conversation.encode()) <= 3 * 256 + 2
    assert len(message.text) <= 20_000
    assert len(message.attachments) <= 10
    assert message.sent_at.tzinfo is UTC
    assert message.received_at == AT


def check_reading(platform, content):
    """Read any bytes as if they had been genuine."""
    try:
        reading = adapter(platform).messages(Verified(content, delivery_id="msg_1"), channel(platform), AT)
    except Unreadable as error:
        reading = Reading(broken=(Broken(error.reason, content),))
    for message in reading.messages:
        check_storable(message)
    for name in (*reading.ignored, *(part.reason for part in reading.broken)):
        assert 0 < len(name) <= 40
        assert set(name) <= NAME
    assert all(isinstance(part.raw, bytes) for part in reading.broken)
    for report in reading.reports:
        assert 0 < len(report.message.encode()) <= 256
        assert 0 < len(report.conversation.encode()) <= 3 * 256 + 2
        assert "\x00" not in report.text


@pytest.mark.parametrize("platform", platforms.NAMES)
class TestReading:
    @given(content=st.binary(max_size=400))
    def test_any_bytes(self, platform, content):
        check_reading(platform, content)

    @given(body=objects)
    def test_any_json_object(self, platform, body):
        check_reading(platform, json.dumps(body).encode())

    @pytest.mark.parametrize("depth", [200, 900, 990, 100_000])
    @pytest.mark.parametrize("around", [b'{"entry":[%s]}', b'{"entry":[{"id":1,"messaging":[{"message":%s}]}]}', b"%s"])
    def test_any_nesting(self, platform, depth, around):
        check_reading(platform, around % (b"[" * depth + b"]" * depth))
        check_reading(platform, around % (b'{"a":' * depth + b"1" + b"}" * depth))


@st.composite
def mutated(draw):
    """A genuine body with one of its leaves or branches replaced by something hostile, or gone."""
    platform, body = draw(st.sampled_from(JSON))
    root = json.loads(body)
    node, key = draw(st.sampled_from(list(spots(root))))
    if isinstance(node, dict) and draw(st.booleans()):
        del node[key]
    else:
        node[key] = draw(jsonish)
    return platform, json.dumps(root).encode()


class TestMutation:
    @given(entries=st.lists(objects, max_size=3), subject=VALUES, id=hostile)
    def test_any_batch_of_metas_shape(self, entries, subject, id):
        batch = [{"id": id, "time": 1767240212, key: [entry]} for entry in entries for key in ("messaging", "changes")]
        check_reading("facebook", json.dumps({"object": subject, "entry": batch}).encode())

    @given(mutated())
    def test_a_genuine_body_with_one_part_replaced(self, pair):
        check_reading(*pair)

    @given(st.sampled_from(genuine()), st.data())
    def test_a_genuine_body_with_some_bytes_replaced(self, pair, data):
        platform, body = pair
        at = data.draw(st.integers(0, len(body)))
        check_reading(
            platform, body[:at] + data.draw(st.binary(max_size=8)) + body[at + data.draw(st.integers(0, 8)) :]
        )

    @given(
        st.sampled_from(
            [
                "wechat",
                "wecom",
                "facebook",
                "webhook",
                "douyin",
                "kuaishou",
                "xiaohongshu",
                "x",
                "line",
                "tiktok",
                "viber",
                "slack",
                "discord",
                "zendesk",
                "intercom",
                "chatwoot",
                "zalo",
            ]
        ),
        st.sampled_from(["body", "query", "headers"]),
        st.data(),
    )
    def test_a_mutated_request_is_refused_or_brings_in_nothing_new(self, platform, part, data):
        mutant = self.mutant(
            senders.sign(platform, SECRETS[platform], CONTENT, at=AT, delivery_id="4150707"), part, data
        )
        reason = refused(platform, mutant)
        assert reason in {*REASONS, ""}
        if not reason:
            assert adapter(platform).verify(mutant, [SECRETS[platform]], AT).content == CONTENT

    @staticmethod
    def mutant(request, part, data):
        junk = data.draw(anything)
        if part == "query":
            at = data.draw(st.integers(0, len(request.query)))
            return replace(request, query=request.query[:at] + junk + request.query[at + len(junk) :])
        if part == "headers":
            name = data.draw(st.sampled_from(sorted(request.headers)))
            return replace(request, headers={**request.headers, name: junk})
        at = data.draw(st.integers(0, len(request.body)))
        return replace(request, body=request.body[:at] + data.draw(st.binary(max_size=4)) + request.body[at + 1 :])


HEADERS = [
    "x-slack-signature",
    "x-slack-request-timestamp",
    "x-signature-ed25519",
    "x-signature-timestamp",
    "x-zendesk-webhook-signature",
    "x-zendesk-webhook-signature-timestamp",
    "x-hub-signature",
    "x-chatwoot-signature",
    "x-chatwoot-timestamp",
    "x-twitter-webhooks-signature",
    "x-line-signature",
    "x-telegram-bot-api-secret-token",
    "tiktok-signature",
    "x-viber-content-signature",
    "x-zevent-signature",
    "x-zevent-timestamp",
    "authorization",
    "x-hub-signature-256",
    "x-douyin-signature",
    "kwaisign",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "svix-id",
]


@pytest.mark.parametrize("platform", platforms.NAMES)
@given(
    method=st.sampled_from(["GET", "POST", "", "\ud800"]),
    query=anything | st.lists(anything, max_size=60).map("=&".join),
    headers=st.dictionaries(st.sampled_from(HEADERS), anything),
    body=st.binary(max_size=200),
    secrets=st.lists(st.dictionaries(st.sampled_from(["token", "secret", "app_secret"]), hostile), max_size=2),
)
def test_a_random_request_is_refused_whatever_the_secret(platform, method, query, headers, body, secrets):
    for tried in ([SECRETS[platform]], secrets):
        with pytest.raises(Forged) as refusal:
            adapter(platform).verify(Request(method, query, headers, body), tried, AT)
        assert refusal.value.reason in REASONS
