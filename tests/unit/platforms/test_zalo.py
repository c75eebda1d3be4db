"""Zalo Official Account."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from heed.model import Attachment, AttachmentKind, Author, Surface
from heed.platforms import Request
from infra.heedctl import senders
from infra.heedctl.senders import zalo
from tests.unit.platforms.given import AT, ZALO, only, read, refused, unreadable, with_header

USER = "246845883529197922"
OTHER = {"app_id": ZALO["app_id"], "oa_secret_key": "other"}


def said(name="user_send_text", **message):
    return read("zalo", zalo.event(ZALO, name, message, customer=USER, at=AT, id="96d3cdf3af150460909"))


def mac(body, timestamp, secret=ZALO):
    """The documented rule, written out once more: a plain SHA-256 in this order."""
    return "mac=" + hashlib.sha256(f"{secret['app_id']}{body}{timestamp}{secret['oa_secret_key']}".encode()).hexdigest()


def delivery(body, signed, **headers):
    return Request("POST", "", {"x-zevent-signature": signed, **headers}, body.encode())


class TestSignature:
    @pytest.mark.parametrize(
        "body",
        [
            '{"timestamp":"1767240212000"}',
            '{"timestamp":1767240212000}',
            '{ "timestamp" : "1767240212000" }',
            '{"message":{"timestamp":"1111111111111"},"timestamp":"1767240212000"}',
        ],
    )
    def test_the_bodys_own_timestamp_is_hashed(self, body):
        assert refused("zalo", delivery(body, mac(body, "1767240212000"))) == ""
        assert refused("zalo", delivery(body, mac(body, "1767240212001"))) == "signature"

    def test_a_timestamp_that_a_customer_types_is_none(self):
        body = json.dumps({"message": {"text": '"timestamp":"1111111111111"'}, "timestamp": "1767240212000"})
        assert refused("zalo", delivery(body, mac(body, "1111111111111"))) == "signature"
        assert refused("zalo", delivery(body, mac(body, "1767240212000"))) == ""

    def test_or_the_one_in_the_header(self):
        body = '{"timestamp":"1767240212000"}'
        signed = mac(body, "1767240299999")
        assert refused("zalo", delivery(body, signed)) == "signature"
        assert refused("zalo", delivery(body, signed, **{"x-zevent-timestamp": "1767240299999"})) == ""

    def test_no_part_of_the_body_can_move_into_the_header(self):
        body = '{"timestamp":"1767240212000"}'
        signed = mac(body, "1767240212000")
        for cut in range(1, 5):
            moved = {"x-zevent-timestamp": body[-cut:] + "1767240212000"}
            assert refused("zalo", delivery(body[:-cut], signed, **moved)) == "signature"

    def test_an_hmac_is_refused(self):
        import hmac

        body = '{"timestamp":"1767240212000"}'
        content = f"{ZALO['app_id']}{body}1767240212000".encode()
        signed = "mac=" + hmac.new(ZALO["oa_secret_key"].encode(), content, hashlib.sha256).hexdigest()
        assert refused("zalo", delivery(body, signed)) == "signature"

    def test_a_signature_without_its_prefix_is_refused(self):
        request = senders.sign("zalo", ZALO, b'{"timestamp":"1767240212000"}', at=AT)
        bare = request.headers["x-zevent-signature"].removeprefix("mac=")
        assert refused("zalo", with_header(request, x_zevent_signature=bare)) == "signature"

    @pytest.mark.parametrize("used", [ZALO, OTHER])
    def test_the_current_and_the_previous_key_are_right(self, used):
        assert refused("zalo", senders.sign("zalo", used, b"{}", at=AT), [OTHER, ZALO]) == ""

    def test_an_unsigned_delivery_and_another_method_are_refused(self):
        request = senders.sign("zalo", ZALO, b"{}", at=AT)
        assert refused("zalo", replace(request, headers={})) == "unsigned"
        assert refused("zalo", replace(request, method="GET")) == "method"

    def test_a_retry_hours_later_is_genuine(self):
        request = senders.sign("zalo", ZALO, b'{"timestamp":"1767240212000"}', at=AT)
        assert refused("zalo", request, now=AT + timedelta(hours=6)) == ""


class TestMessage:
    def test_a_text(self):
        message = only(said(text="Đơn hàng của tôi đâu?"))
        assert (message.id, message.text) == ("96d3cdf3af150460909", "Đơn hàng của tôi đâu?")
        assert (message.conversation, message.customer) == (f"{zalo.ACCOUNT}:{USER}", USER)
        assert (message.author, message.surface, message.sent_at) == (Author.CUSTOMER, Surface.DIRECT, AT)

    @pytest.mark.parametrize("name", ["oa_send_text", "oa_send_image", "oa_send_anonymous_text"])
    def test_what_the_brand_writes_is_an_agents_in_the_same_conversation(self, name):
        message = only(said(name, text="xin lỗi"))
        assert (message.author, message.customer) == (Author.AGENT, USER)
        assert message.conversation == only(said()).conversation

    @pytest.mark.parametrize("name", ["user_send_sticker", "user_send_something_new", "anonymous_send_text"])
    def test_whatever_a_user_sends_is_a_message(self, name):
        assert only(said(name)).author is Author.CUSTOMER

    def test_a_quote_is_what_it_answers(self):
        assert only(said(text="x", quote_msg_id="7")).reply_to == "7"

    @pytest.mark.parametrize(
        ("kind", "payload", "expected"),
        [
            ("image", {"url": "https://a/b.jpg", "thumbnail": "https://a/t.jpg"}, ("image", "https://a/b.jpg", "")),
            ("gif", {"url": "https://a/b.gif"}, ("image", "https://a/b.gif", "")),
            ("audio", {"url": "https://a/b.mp3"}, ("voice", "https://a/b.mp3", "")),
            ("video", {"url": "https://a/b.mp4"}, ("video", "https://a/b.mp4", "")),
            ("file", {"url": "https://a/b", "name": "b.pdf", "size": "1"}, ("file", "https://a/b", "b.pdf")),
            ("sticker", {"id": "s1"}, ("sticker", "s1", "")),
            ("link", {"url": "https://a", "title": "T"}, ("link", "https://a", "T")),
            ("link", {"url": "javascript:1"}, ("link", "", "")),
            ("location", {"coordinates": {"latitude": "10.7", "longitude": "106.6"}}, ("location", "10.7,106.6", "")),
        ],
    )
    def test_attachments(self, kind, payload, expected):
        found, reference, title = expected
        message = only(said(attachments=[{"type": kind, "payload": payload}]))
        assert message.attachments == (Attachment(AttachmentKind(found), reference, title),)


@pytest.mark.parametrize(
    ("name", "ignored"),
    [
        ("follow", "follow"),
        ("user_seen_message", "user_seen_message"),
        ("oa_send_consent", "oa_send_consent"),
        ("user_send_group_text", "group_message"),
        ("oa_send_group_text", "group_message"),
        ("a\nb", "unknown"),
    ],
)
def test_what_is_no_message_is_ignored_by_name(name, ignored):
    assert said(name).ignored == (ignored,)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"event_name": 1}, "event_name"),
        ({"sender": {}}, "sender"),
        ({"recipient": None}, "recipient"),
        ({"message": "x"}, "message"),
        ({"message": {"text": "x"}}, "id"),
        ({"timestamp": "soon"}, "time"),
        ({"message": {"msg_id": "1", "attachments": [{"type": "location"}]}}, "location"),
    ],
)
def test_what_cannot_be_read_says_why(change, reason):
    body = json.loads(zalo.event(ZALO, "user_send_text", {"text": "x"}, customer=USER, at=AT).body) | change
    assert unreadable("zalo", senders.sign("zalo", ZALO, json.dumps(body).encode(), at=AT)) == reason
