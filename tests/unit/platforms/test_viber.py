"""Viber bots."""

from dataclasses import replace

import pytest

from heed.model import Attachment, AttachmentKind, Author, ReportKind, Surface
from infra.heedctl import senders
from infra.heedctl.senders import viber
from tests.unit.platforms.given import AT, VIBER, adapter, only, read, refused, unreadable, with_header

USER = "01234567890A="
OTHER = {"auth_token": "other"}


def said(**message):
    return read("viber", viber.message(VIBER, message, customer=USER, at=AT, id="5741311803571721099"))


class TestSignature:
    @pytest.mark.parametrize("used", [VIBER, OTHER])
    def test_the_current_and_the_previous_token_are_right(self, used):
        assert refused("viber", senders.sign("viber", used, b"{}", at=AT), [OTHER, VIBER]) == ""

    def test_an_unsigned_delivery_and_another_method_are_refused(self):
        request = senders.sign("viber", VIBER, b"{}", at=AT)
        assert refused("viber", replace(request, headers={})) == "unsigned"
        assert refused("viber", replace(request, method="GET")) == "method"

    @pytest.mark.parametrize("change", ["sha256={}", "{}0", "é", ""])
    def test_another_signature_is_refused(self, change):
        request = senders.sign("viber", VIBER, b"{}", at=AT)
        signed = change.format(request.headers["x-viber-content-signature"])
        assert refused("viber", with_header(request, x_viber_content_signature=signed)) == "signature"

    def test_the_check_of_the_url_is_answered(self):
        request = viber.event(VIBER, "webhook", at=AT)
        assert read("viber", request).ignored == ("webhook",)
        assert adapter("viber").answer(adapter("viber").verify(request, [VIBER], AT)).status == 200

    def test_nothing_is_said_to_who_opens_the_chat(self):
        request = viber.event(VIBER, "conversation_started", at=AT, user={"id": USER})
        assert adapter("viber").answer(adapter("viber").verify(request, [VIBER], AT)).body == ""


class TestMessage:
    def test_a_text(self):
        message = only(said(type="text", text="Не працює оплата"))
        assert (message.id, message.text) == ("5741311803571721099", "Не працює оплата")
        assert (message.conversation, message.customer, message.author_name) == (USER, USER, "Oksana")
        assert (message.author, message.surface, message.sent_at) == (Author.CUSTOMER, Surface.DIRECT, AT)

    def test_a_group_chat_is_one_conversation(self):
        request = viber.message(VIBER, {"type": "text", "text": "x"}, customer=USER, at=AT, chat_id="qb3A==")
        message = only(read("viber", request))
        assert (message.conversation, message.customer) == ("qb3A==", USER)

    @pytest.mark.parametrize(
        ("message", "expected"),
        [
            ({"type": "picture", "media": "https://a/b.jpg"}, ("image", "https://a/b.jpg", "")),
            ({"type": "video", "media": "https://a/b.mp4"}, ("video", "https://a/b.mp4", "")),
            ({"type": "file", "media": "https://a/b", "file_name": "b.pdf"}, ("file", "https://a/b", "b.pdf")),
            ({"type": "url", "media": "https://a"}, ("link", "https://a", "")),
            ({"type": "url", "media": "javascript:1"}, ("link", "", "")),
            ({"type": "location", "location": {"lat": 50.45, "lon": "30.5"}}, ("location", "50.45,30.5", "")),
            ({"type": "contact", "contact": {"name": "A B", "phone_number": "1"}}, ("card", "", "A B")),
            ({"type": "sticker", "sticker_id": 46105}, ("sticker", "46105", "")),
        ],
    )
    def test_what_is_no_text_is_an_attachment(self, message, expected):
        kind, reference, title = expected
        assert only(said(**message)).attachments == (Attachment(AttachmentKind(kind), reference, title),)

    def test_a_picture_may_have_words(self):
        assert only(said(type="picture", media="https://a/b.jpg", text="ось")).text == "ось"

    def test_a_type_of_tomorrow_is_a_message_without_text(self):
        assert only(said(type="hologram")).attachments == ()


def test_a_message_that_never_arrived_is_rejected_in_the_customers_conversation():
    (report,) = read("viber", viber.event(VIBER, "failed", at=AT, id="574", user_id=USER, desc="x")).reports
    assert (report.kind, report.message, report.at) == (ReportKind.REJECTED, "574", AT)
    assert report.conversation == only(said(type="text", text="x")).conversation


@pytest.mark.parametrize(
    ("event", "name"), [("seen", "seen"), ("delivered", "delivered"), ("subscribed", "subscribed"), ("x\n", "unknown")]
)
def test_what_nobody_said_is_ignored_by_name(event, name):
    assert read("viber", viber.event(VIBER, event, at=AT)).ignored == (name,)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "json"),
        (b"{}", "event"),
        (b'{"event":"message"}', "sender"),
        (b'{"event":"message","sender":{"id":"a"}}', "message"),
        (b'{"event":"message","sender":{},"message":{"type":"text"}}', "sender"),
        (b'{"event":"message","sender":{"id":"a"},"message":{"type":"text"}}', "id"),
        (b'{"event":"message","message_token":1,"sender":{"id":"a"},"message":{"type":"text"}}', "time"),
        (
            b'{"event":"message","message_token":1,"timestamp":1767240212000,"sender":{"id":"a"},"message":{}}',
            "message_type",
        ),
        (b'{"event":"failed","message_token":1}', "user"),
    ],
)
def test_what_cannot_be_read_says_why(body, reason):
    assert unreadable("viber", senders.sign("viber", VIBER, body, at=AT)) == reason
