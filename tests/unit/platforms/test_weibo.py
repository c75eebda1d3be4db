"""Weibo: the handshake, both formats, every type of push. The oracle of its signature is wechatpy's sorted SHA-1."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.utils import check_signature

from heed.model import Attachment, AttachmentKind, Author, Surface
from heed.platforms import Request
from infra.heedctl.senders import weibo
from tests.unit.platforms.given import AT, WEIBO, adapter, only, read, refused, unreadable

CUSTOMER = "2489518277"
PAIR = "1902538057:2489518277"
NEXT = {"app_secret": "another0000000000000000000000000"}


def push(kind="text", text="刚买的手机屏幕就碎了,怎么处理?😤", data=None, at=AT, customer=CUSTOMER):
    return weibo.push(WEIBO, kind, customer=customer, at=at, text=text, data=data)


def signed(body):
    return weibo.sign("weibo", WEIBO, body if isinstance(body, bytes) else json.dumps(body).encode(), at=AT)


def changed(request, **fields):
    """A push with fields of its body replaced, or taken out by None."""
    body = {**json.loads(request.body), **fields}
    return replace(
        request, body=json.dumps({name: value for name, value in body.items() if value is not None}).encode()
    )


def xml(kind, **fields):
    named = {
        "ToUserName": "1902538057",
        "FromUserName": CUSTOMER,
        "CreateTime": "1767240212",
        "MsgType": kind,
        **fields,
    }
    return signed(("<xml>" + "".join(f"<{n}><![CDATA[{v}]]></{n}>" for n, v in named.items()) + "</xml>").encode())


class TestVerifying:
    def test_the_challenge_comes_back_as_it_was_sent(self):
        verified = adapter("weibo").verify(weibo.handshake("weibo", WEIBO, "9x+/= z", at=AT), [WEIBO], AT)
        answer = adapter("weibo").answer(verified)
        assert (answer.status, answer.body) == (200, "9x+/= z")

    def test_a_push_is_answered_by_an_empty_body_which_asks_for_nothing_more(self):
        answer = adapter("weibo").answer(adapter("weibo").verify(push(), [WEIBO], AT))
        assert (answer.status, answer.body) == (200, "")

    def test_the_previous_secret_is_tried_after_the_current_one(self):
        assert refused("weibo", push(), [NEXT, WEIBO]) == ""
        assert refused("weibo", push(), [NEXT]) == "signature"

    @pytest.mark.parametrize("name", ["signature", "timestamp", "nonce"])
    @pytest.mark.parametrize("value", ["", "0", "ñ😡", None])
    def test_a_changed_query_is_refused(self, name, value):
        query = {**dict(parse_qsl(push().query)), name: value}
        query = urlencode({key: text for key, text in query.items() if text is not None})
        assert refused("weibo", replace(push(), query=query)) == "signature"

    def test_a_handshake_without_a_challenge_is_refused(self):
        assert refused("weibo", weibo.handshake("weibo", WEIBO, "", at=AT)) == "malformed"

    def test_no_other_method_is_known(self):
        assert refused("weibo", replace(push(), method="PUT")) == "method"

    def test_the_signature_covers_no_byte_of_the_body_as_the_platform_made_it(self):
        assert only(read("weibo", replace(push(), body=push(text="anything else").body))).text == "anything else"

    @given(
        st.text("0123456789abcdef", min_size=8, max_size=40), st.text("0123456789", max_size=13), st.text(max_size=9)
    )
    def test_wechatpy_judges_a_query_alike(self, signature, timestamp, nonce):
        right = weibo.sign("weibo", WEIBO, b"{}", at=AT, delivery_id="n")
        for query in (dict(parse_qsl(right.query)), {"signature": signature, "timestamp": timestamp, "nonce": nonce}):
            try:
                check_signature(WEIBO["app_secret"], query["signature"], query["timestamp"], query["nonce"])
                theirs = ""
            except InvalidSignatureException:
                theirs = "signature"
            assert refused("weibo", Request("POST", urlencode(query), {}, b"{}")) == theirs


class TestMessages:
    def test_a_private_message_is_read(self):
        message = only(read("weibo", push()))
        assert message.text == "刚买的手机屏幕就碎了,怎么处理?😤"
        assert (message.channel, message.conversation, message.customer) == ("weibo/flagship", PAIR, CUSTOMER)
        assert (message.author, message.surface, message.reply_to) == (Author.CUSTOMER, Surface.DIRECT, None)
        assert (message.sent_at, message.received_at, message.attachments) == (AT, AT, ())

    def test_the_same_message_again_has_the_same_identity(self):
        one, again = push(), changed(push(), data=None)
        assert one.query != again.query
        assert only(read("weibo", one)).id == only(read("weibo", again)).id

    @pytest.mark.parametrize(
        "other",
        [
            push(text="another"),
            push(at=AT + timedelta(seconds=1)),
            push(customer="2489518278"),
            push("mention"),
            push("image", data={"tovfid": 1}),
        ],
        ids=["words", "second", "sender", "type", "picture"],
    )
    def test_another_message_has_another_identity(self, other):
        assert only(read("weibo", other)).id != only(read("weibo", push())).id

    def test_two_pictures_in_one_second_are_two_messages(self):
        one, two = (only(read("weibo", push("image", data={"tovfid": vfid}))) for vfid in (1, 2))
        assert one.id != two.id

    def test_the_data_of_a_text_is_not_looked_at(self):
        assert only(read("weibo", changed(push(), data="no { json"))).text

    @pytest.mark.parametrize("kind", ["image", "voice"])
    @pytest.mark.parametrize("data", [{"vfid": 821804459, "tovfid": 821804469}, '{"vfid": 1, "tovfid": "821804469"}'])
    def test_a_file_is_referred_to_by_the_receivers_id_and_has_no_words_of_the_customers(self, kind, data):
        message = only(read("weibo", push(kind, "发来一个文件", data)))
        assert message.text == ""
        assert message.attachments == (Attachment(AttachmentKind(kind), "821804469"),)

    def test_a_file_without_an_id_is_a_message_all_the_same(self):
        for data in (None, "", {}):
            assert only(read("weibo", changed(push("voice"), data=data))).attachments == (
                Attachment(AttachmentKind.VOICE, ""),
            )

    def test_a_place_has_no_words_of_the_customers(self):
        message = only(
            read("weibo", push("position", "发送了位置", {"longitude": "116.308586", "latitude": "39.982525"}))
        )
        assert message.text == ""
        assert message.attachments == (Attachment(AttachmentKind.LOCATION, "39.982525,116.308586"),)

    @pytest.mark.parametrize(
        ("subtype", "title"), [("status", "status"), ("comment", "comment"), ("new", ""), ([], "")]
    )
    def test_a_mention_is_public_and_stands_in_a_conversation_of_its_own(self, subtype, title):
        message = only(read("weibo", push("mention", "@brand 坏了", {"subtype": subtype, "key": "5141234567890123"})))
        assert message.surface is Surface.MENTION
        assert message.text == "@brand 坏了"
        assert message.conversation == f"{PAIR}:5141234567890123"
        assert message.attachments == (Attachment(AttachmentKind.CARD, "5141234567890123", title),)

    def test_a_mention_that_does_not_say_where_is_kept_apart_from_private_messages(self):
        message = only(read("weibo", push("mention", "@brand")))
        assert (message.surface, message.conversation) == (Surface.MENTION, f"{PAIR}:mention")

    @pytest.mark.parametrize(
        "name", ["follow", "unfollow", "subscribe", "unsubscribe", "scan", "scan_follow", "click", "view"]
    )
    def test_an_event_is_ignored_by_its_name(self, name):
        assert read("weibo", push("event", "事件", {"subtype": name, "key": "k"})).ignored == (name,)
        assert read("weibo", xml("event", Event=name.upper(), EventKey="k")).ignored == (name,)

    def test_what_is_not_known_is_ignored_under_a_name_of_heeds_own(self):
        assert read("weibo", push("hologram")).ignored == ("unknown",)
        assert read("weibo", push("event", data={"subtype": "DROP TABLE"})).ignored == ("unknown",)

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"type": 7}, "type"),
            ({"sender_id": None}, "sender"),
            ({"receiver_id": 1.5}, "receiver"),
            ({"text": {}}, "text"),
            ({"created_at": "昨天"}, "time"),
            ({"created_at": None}, "time"),
            ({"type": "image", "data": []}, "data"),
            ({"type": "image", "data": "[]"}, "data"),
            ({"type": "position", "data": {"latitude": "91", "longitude": "0"}}, "location"),
        ],
    )
    def test_what_cannot_be_read_says_why(self, fields, reason):
        assert unreadable("weibo", changed(push(), **fields)) == reason

    @pytest.mark.parametrize(
        ("body", "reason"), [(b"", "json"), (b"[]", "shape"), (b"<xml>", "xml"), (b"\xff", "encoding")]
    )
    def test_what_is_no_body_says_why(self, body, reason):
        assert unreadable("weibo", signed(body)) == reason

    def test_an_entity_is_refused_to_be_read(self):
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><MsgType>text</MsgType><Content>&a;</Content></xml>'
        assert unreadable("weibo", signed(bomb)) == "dtd"


class TestXmlFormat:
    def test_a_text_is_read_as_in_json(self):
        message = only(read("weibo", xml("text", Content="刚买的手机屏幕就碎了,怎么处理?😤", MsgId="")))
        assert message == only(read("weibo", push()))

    def test_a_picture_a_voice_a_place_and_a_mention_are_read(self):
        assert only(read("weibo", xml("image", PicUrl="", MediaId="42"))).attachments[0].reference == "42"
        assert only(read("weibo", xml("voice", MediaId="43"))).attachments[0].kind is AttachmentKind.VOICE
        place = only(read("weibo", xml("location", Location_X="39.9", Location_Y="116.3", Label="海淀"))).attachments[0]
        assert (place.reference, place.title) == ("39.9,116.3", "海淀")
        assert only(read("weibo", xml("mention", Content="@brand", EventKey="5"))).conversation == f"{PAIR}:5"


class TestTime:
    @pytest.mark.parametrize(
        ("told", "meant"),
        [
            ("Mon Jul 16 18:09:20 +0800 2012", datetime(2012, 7, 16, 10, 9, 20, tzinfo=UTC)),
            ("Thu Jan 01 00:30:00 -0930 2026", datetime(2026, 1, 1, 10, 0, tzinfo=UTC)),
            ("Sun Feb 29 23:59:59 +0000 2032", datetime(2032, 2, 29, 23, 59, 59, tzinfo=UTC)),
        ],
    )
    def test_it_is_text_with_a_zone(self, told, meant):
        assert only(read("weibo", changed(push(), created_at=told))).sent_at == meant

    @pytest.mark.parametrize("month", range(1, 13))
    def test_its_months_have_their_english_names(self, month):
        at = datetime(2026, month, 3, tzinfo=UTC)
        assert only(read("weibo", push(at=at))).sent_at == at

    @pytest.mark.parametrize(
        "told",
        [
            "Mon Jul 32 18:09:20 +0800 2012",
            "Mon Jul 16 18:09:20 +2400 2012",
            "Mon Jul 16 18:09:20 +0800 0000",
            "Mon Jan 01 00:00:00 +0800 0001",
            "Mon Foo 16 18:09:20 +0800 2012",
            "Mon Jul 16 18:09:20 2012",
            "Mon Jul 16 18:09:20 +0800 2012\n",
            "一 七月 16 18:09:20 +0800 2012",
            "Mon Jul 1٦ 18:09:20 +0800 2012",
        ],
    )
    def test_anything_else_is_no_time(self, told):
        assert unreadable("weibo", changed(push(), created_at=told)) == "time"
