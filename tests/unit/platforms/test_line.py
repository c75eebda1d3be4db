"""LINE Messaging API."""

from dataclasses import replace
from datetime import timedelta

import pytest

from heed.model import Attachment, AttachmentKind, Author, ReportKind, Surface
from heed.platforms import Reading
from infra.heedctl import senders
from infra.heedctl.senders import line
from tests.unit.platforms.given import AT, LINE, adapter, only, read, refused, unreadable, with_header

USER, GROUP = "U4af4980629000000000000000000001", "C9f8e7d6c5b4a39281706f5e4d3c2b1a0"
HERE = line.source(USER)
OTHER = {"channel_secret": "0" * 32}


def said(source=HERE, mode="active", **message):
    event = line.event("message", source, AT, mode, message={"id": "444573844083572737", **message})
    return read("line", line.events(LINE, event, at=AT))


def happened(kind, source=HERE, **part):
    return read("line", line.events(LINE, line.event(kind, source, AT, **part), at=AT))


class TestSignature:
    def test_the_console_verifies_with_a_signed_empty_list(self):
        request = line.events(LINE, at=AT)
        assert read("line", request) == Reading()
        assert adapter("line").answer(adapter("line").verify(request, [LINE], AT)).status == 200

    def test_text_is_signed_as_it_is_sent(self):
        escaped = line.events(LINE, at=AT, destination="返品").body.replace("返品".encode(), b"\\u8fd4\\u54c1")
        request = line.events(LINE, at=AT, destination="返品")
        assert refused("line", request) == ""
        assert refused("line", replace(request, body=escaped)) == "signature"

    @pytest.mark.parametrize("used", [LINE, OTHER])
    def test_the_current_and_the_previous_secret_are_right(self, used):
        assert refused("line", line.events(used, at=AT), [OTHER, LINE]) == ""

    def test_an_unsigned_delivery_and_another_method_are_refused(self):
        request = line.events(LINE, at=AT)
        assert refused("line", replace(request, headers={})) == "unsigned"
        assert refused("line", replace(request, method="GET")) == "method"

    @pytest.mark.parametrize("signed", ["", "é", "\ud800", "AAAA"])
    def test_another_signature_is_refused(self, signed):
        assert refused("line", with_header(line.events(LINE, at=AT), x_line_signature=signed)) == "signature"


class TestMessage:
    def test_a_text(self):
        message = only(said(type="text", text="返品したいです 🙇"))
        assert (message.id, message.text) == ("444573844083572737", "返品したいです 🙇")
        assert (message.conversation, message.customer) == (f"{line.BRAND}:{USER}", USER)
        assert (message.author, message.surface, message.sent_at) == (Author.CUSTOMER, Surface.DIRECT, AT)

    def test_a_redelivery_is_the_same_message(self):
        event = line.event("message", HERE, AT, message={"id": "1", "type": "text", "text": "x"})
        again = {**event, "deliveryContext": {"isRedelivery": True}}
        one, two = read("line", line.events(LINE, event, again, at=AT + timedelta(hours=1))).messages
        assert one == two

    def test_two_accounts_on_one_url_are_two_conversations(self):
        event = line.event("message", HERE, AT, message={"id": "1", "type": "text", "text": "x"})
        one, two = (only(read("line", line.events(LINE, event, at=AT, destination=d))) for d in ("Ua", "Ub"))
        assert one.conversation != two.conversation

    @pytest.mark.parametrize(("member", "customer"), [(USER, USER), ("", GROUP)])
    def test_in_a_group_an_unnamed_member_is_the_group(self, member, customer):
        message = only(said(line.source(member, GROUP), type="text", text="x"))
        assert (message.conversation, message.customer) == (f"{line.BRAND}:{GROUP}", customer)

    def test_a_room_is_a_conversation(self):
        message = only(said({"type": "room", "roomId": "R1", "userId": USER}, type="text", text="x"))
        assert (message.conversation, message.customer) == (f"{line.BRAND}:R1", USER)

    def test_standby_is_recorded(self):
        assert only(said(mode="standby", type="text", text="x")).text == "x"

    def test_a_quote_is_what_it_answers(self):
        assert only(said(type="text", text="x", quotedMessageId="7")).reply_to == "7"

    @pytest.mark.parametrize(
        ("message", "expected"),
        [
            ({"type": "image", "contentProvider": {"type": "line"}}, ("image", "444573844083572737", "")),
            (
                {"type": "image", "contentProvider": {"type": "external", "originalContentUrl": "https://a/b.jpg"}},
                ("image", "https://a/b.jpg", ""),
            ),
            ({"type": "video"}, ("video", "444573844083572737", "")),
            ({"type": "audio", "duration": 6000}, ("voice", "444573844083572737", "")),
            ({"type": "file", "fileName": "a.pdf"}, ("file", "444573844083572737", "a.pdf")),
            (
                {"type": "location", "title": "渋谷", "latitude": 35.6, "longitude": 139},
                ("location", "35.6,139.0", "渋谷"),
            ),
            (
                {"type": "location", "address": "東京都", "latitude": 35.6, "longitude": 139},
                ("location", "35.6,139.0", "東京都"),
            ),
            ({"type": "sticker", "packageId": "1", "stickerId": "2"}, ("sticker", "2", "")),
        ],
    )
    def test_what_is_no_text_is_an_attachment(self, message, expected):
        kind, reference, title = expected
        assert only(said(**message)).attachments == (Attachment(AttachmentKind(kind), reference, title),)

    def test_a_sticker_may_say_something(self):
        assert only(said(type="sticker", stickerId="2", text="いそいで")).text == "いそいで"

    def test_a_type_of_tomorrow_is_a_message_without_text(self):
        assert only(said(type="hologram")).attachments == ()


class TestPostback:
    @pytest.mark.parametrize(
        ("postback", "words"),
        [({"data": "human"}, "human"), ({"data": "human", "displayText": "人と話す"}, "人と話す")],
    )
    def test_a_pressed_button_is_what_the_customer_says(self, postback, words):
        message = only(happened("postback", postback=postback))
        assert (message.text, message.author) == (words, Author.CUSTOMER)
        assert message.id.startswith("01")

    def test_turning_a_page_of_the_menu_says_nothing(self):
        postback = {"data": "x", "params": {"newRichMenuAliasId": "b", "status": "SUCCESS"}}
        assert happened("postback", postback=postback).ignored == ("richmenuswitch",)


def test_an_unsent_message_is_withdrawn_from_its_conversation():
    (report,) = happened("unsend", unsend={"messageId": "444573844083572737"}).reports
    message = only(said(type="text", text="x"))
    assert (report.kind, report.at) == (ReportKind.WITHDRAWN, AT)
    assert (report.message, report.conversation) == (message.id, message.conversation)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("follow", "follow"),
        ("memberJoined", "memberjoined"),
        ("videoPlayComplete", "videoplaycomplete"),
        ("x\n", "unknown"),
    ],
)
def test_what_nobody_said_is_ignored_by_name(kind, name):
    assert happened(kind).ignored == (name,)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("x", "event"),
        ({}, "type"),
        ({"type": 7}, "type"),
        (line.event("message", HERE, AT), "message"),
        (line.event("message", {"type": "user"}, AT, message={"id": "1", "type": "text"}), "source"),
        (line.event("message", line.source("a:b"), AT, message={"id": "1", "type": "text"}), "thread"),
        (line.event("message", HERE, AT, message={"id": "1"}), "message_type"),
        (line.event("message", HERE, AT, message={"type": "text"}), "id"),
        ({**line.event("message", HERE, AT, message={"id": "1", "type": "text"}), "timestamp": 17672402}, "time"),
        (line.event("unsend", HERE, AT, unsend={}), "id"),
    ],
)
def test_an_event_that_cannot_be_read_says_why_and_breaks_none_beside_it(event, reason):
    good = line.event("message", HERE, AT, message={"id": "1", "type": "text", "text": "x"})
    reading = read("line", line.events(LINE, event, good, at=AT))
    assert len(reading.messages) == 1
    (part,) = reading.broken
    assert part.reason == reason
    again = read("line", senders.sign("line", LINE, part.raw, at=AT))
    assert [one.reason for one in again.broken] == [reason]


@pytest.mark.parametrize(
    ("body", "reason"), [(b"{}", "events"), (b'{"events":{}}', "events"), (b"", "json"), (b"\xff", "encoding")]
)
def test_a_delivery_that_cannot_be_read_says_why(body, reason):
    assert unreadable("line", senders.sign("line", LINE, body, at=AT)) == reason
