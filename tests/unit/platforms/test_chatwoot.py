"""Chatwoot: signatures, who speaks, and what becomes of a message."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.model import Attachment, AttachmentKind, Author, ReportKind, Surface
from heed.platforms import Verified
from infra.heedctl.senders import chatwoot
from tests.unit.platforms.given import AT, BOT, CHATWOOT, adapter, only, read, refused, unreadable, with_header

OTHER = {"secret": "another"}
BOT_SENDER = {"id": 3, "type": "agent_bot"}


def event(text="hi", **part):
    said = {**chatwoot.message(text, customer="5", at=AT, id="91"), **part}
    return chatwoot.event(CHATWOOT, said, at=AT)


def outgoing(text="hello", agent="9", **part):
    said = {**chatwoot.message(text, customer="5", at=AT, id="92", agent=agent), **part}
    return chatwoot.event(CHATWOOT, said, at=AT)


def updated(request, **part):
    body = {**json.loads(request.body), "event": "message_updated", **part}
    return chatwoot.event(CHATWOOT, body, at=AT)


class TestSignature:
    @pytest.mark.parametrize("used", [CHATWOOT, OTHER])
    def test_both_the_current_and_the_previous_secret_are_right(self, used):
        request = chatwoot.sign("chatwoot", used, b"{}", at=AT)
        assert refused("chatwoot", request, [OTHER, CHATWOOT]) == ""
        assert bool(refused("chatwoot", request, [CHATWOOT])) is (used is OTHER)

    @given(st.text(min_size=1).filter(str.strip), st.binary())
    def test_the_documented_sum_over_time_and_body_is_genuine(self, key, body):
        content = b"1767240212." + body
        digest = hmac.new(key.encode("utf-8", "surrogatepass"), content, hashlib.sha256).hexdigest()
        headers = {"x_chatwoot_signature": f"sha256={digest}", "x_chatwoot_timestamp": "1767240212"}
        assert refused("chatwoot", with_header(replace(event(), body=body), **headers), [{"secret": key}]) == ""

    def test_a_release_that_signs_nothing_is_refused(self):
        assert refused("chatwoot", replace(event(), headers={"content-type": "application/json"})) == "unsigned"

    @pytest.mark.parametrize("name", ["x_chatwoot_signature", "x_chatwoot_timestamp"])
    @pytest.mark.parametrize("value", ["", "x", "ñ", "\udcff", "sha256=", "1767240213"])
    def test_a_changed_header_is_refused(self, name, value):
        assert refused("chatwoot", with_header(event(), **{name: value})) == "signature"

    def test_the_delivery_is_of_the_attempt_and_proves_nothing(self):
        assert refused("chatwoot", with_header(event(), x_chatwoot_delivery="another")) == ""

    @pytest.mark.parametrize(("seconds", "reason"), [(-301, "stale"), (-300, ""), (0, ""), (300, ""), (301, "stale")])
    def test_five_minutes_to_both_sides_are_tolerated(self, seconds, reason):
        assert refused("chatwoot", event(), now=AT + timedelta(seconds=seconds)) == reason

    def test_there_is_no_other_method(self):
        assert refused("chatwoot", replace(event(), method="GET")) == "method"

    def test_the_raw_bytes_are_signed_and_not_what_they_mean(self):
        request = event("a < b & c > d \u2028")
        assert b"\\u003c" in request.body
        assert only(read("chatwoot", request)).text == "a < b & c > d \u2028"
        again = json.dumps(json.loads(request.body), separators=(",", ":")).encode()
        assert refused("chatwoot", replace(request, body=again)) == "signature"

    def test_the_success_answer_is_empty(self):
        answer = adapter("chatwoot").answer(Verified(b""))
        assert (answer.status, answer.body) == (200, "")


class TestMessages:
    def test_a_customers_message_is_read(self):
        message = only(read("chatwoot", event("Need invoice", sender={"id": 5, "type": "contact", "name": "Ann"})))
        conversation = json.loads(event().body)["conversation"]["id"]
        assert (message.id, message.conversation) == ("91", f"1:2:{conversation}")
        assert (message.customer, message.author, message.surface) == ("5", Author.CUSTOMER, Surface.DIRECT)
        assert (message.text, message.author_name, message.sent_at) == ("Need invoice", "Ann", AT)
        assert message.reply_to is None

    @pytest.mark.parametrize(
        "time", ["2026-01-01T04:03:32.000Z", 1767240212, "1767240212", "2026-01-01 04:03:32 UTC", 1767240212000]
    )
    def test_a_time_is_read_as_any_release_writes_it(self, time):
        assert only(read("chatwoot", event(created_at=time))).sent_at == datetime(2026, 1, 1, 4, 3, 32, tzinfo=UTC)

    @pytest.mark.parametrize(("number", "name"), [(0, "incoming"), (1, "outgoing"), (2, "activity"), (3, "template")])
    def test_a_type_may_be_told_by_its_number(self, number, name):
        assert read("chatwoot", event(message_type=number)) == read("chatwoot", event(message_type=name))

    @pytest.mark.parametrize(
        ("part", "author"),
        [
            ({}, Author.AGENT),
            ({"sender": {"id": 9, "name": "Care"}}, Author.AGENT),
            ({"sender": {"id": 9, "type": None}}, Author.AGENT),
            ({"sender": BOT_SENDER}, Author.BOT),
            ({"sender": {"id": int(BOT), "type": "user"}}, Author.BOT),
            ({"sender": None}, Author.BOT),
            ({"sender": None, "content_attributes": {"external_echo": True}}, Author.AGENT),
            ({"content_attributes": {"automation_rule_id": 3}}, Author.BOT),
            ({"message_type": "template"}, Author.BOT),
        ],
    )
    def test_who_answers_the_customer_in_the_same_conversation(self, part, author):
        message = only(read("chatwoot", outgoing(**part)))
        assert (message.author, message.customer) == (author, "5")
        assert message.conversation == only(read("chatwoot", event())).conversation

    @pytest.mark.parametrize(
        ("conversation", "customer"),
        [({"id": 33}, ""), ({"id": 33, "contact_inbox": {"contact_id": 7}}, "7"), ({"id": 33, "meta": {}}, "")],
    )
    def test_whom_an_answer_is_for_may_be_unknown(self, conversation, customer):
        assert only(read("chatwoot", outgoing(conversation=conversation))).customer == customer

    def test_the_inbox_may_be_named_by_the_conversation_alone(self):
        message = only(read("chatwoot", event(inbox=None, conversation={"id": 33, "inbox_id": 2})))
        assert message.conversation == "1:2:33"

    def test_what_a_message_answers_is_kept(self):
        assert only(read("chatwoot", event(content_attributes={"in_reply_to": 88}))).reply_to == "88"

    def test_attachments_are_read(self):
        files = [
            {"id": 1, "file_type": "image", "data_url": "https://q.example/a.png"},
            {"id": 2, "file_type": "audio"},
            {
                "id": 3,
                "file_type": "location",
                "coordinates_lat": 53.3,
                "coordinates_long": -6.2,
                "fallback_title": "D",
            },
            {"id": 4, "file_type": "hologram", "data_url": "javascript:alert(1)"},
            {"file_type": ["image"]},
        ]
        assert only(read("chatwoot", event(None, attachments=files))).attachments == (
            Attachment(AttachmentKind.IMAGE, "https://q.example/a.png"),
            Attachment(AttachmentKind.VOICE, "2"),
            Attachment(AttachmentKind.LOCATION, "53.3,-6.2", "D"),
            Attachment(AttachmentKind.FILE, "4"),
            Attachment(AttachmentKind.FILE, ""),
        )


class TestReports:
    @pytest.mark.parametrize("request_", [event(), outgoing()], ids=["customer", "agent"])
    def test_a_deleted_message_is_withdrawn_in_its_conversation(self, request_):
        message = only(read("chatwoot", request_))
        (report,) = read("chatwoot", updated(request_, content_attributes={"deleted": True})).reports
        assert (report.kind, report.text, report.at) == (ReportKind.WITHDRAWN, "", AT)
        assert (report.message, report.conversation) == (message.id, message.conversation)

    def test_a_customers_other_words_are_an_edit(self):
        (report,) = read("chatwoot", updated(event(), content="other")).reports
        assert (report.kind, report.text) == (ReportKind.EDITED, "other")

    @pytest.mark.parametrize(
        "part", [{"status": "failed"}, {"status": 3}, {"content_attributes": {"external_error": "131047"}}]
    )
    def test_an_answer_that_failed_is_rejected(self, part):
        (report,) = read("chatwoot", updated(outgoing(), **part)).reports
        assert (report.kind, report.message) == (ReportKind.REJECTED, "92")

    @pytest.mark.parametrize("part", [{}, {"status": "delivered"}, {"status": "read"}])
    def test_another_change_of_an_answer_is_ignored(self, part):
        assert read("chatwoot", updated(outgoing(), **part)).ignored == ("message_updated",)

    def test_a_change_of_a_message_without_words_is_ignored(self):
        assert read("chatwoot", updated(event(None))).ignored == ("message_updated",)


class TestIgnored:
    @pytest.mark.parametrize(
        ("request_", "name"),
        [
            (event(private=True), "private_note"),
            (outgoing(private=True), "private_note"),
            (updated(outgoing(private=True), content_attributes={"deleted": True}), "private_note"),
            (event(message_type="activity"), "activity"),
            (event(event="conversation_updated"), "conversation_updated"),
            (event(event="webwidget_triggered"), "webwidget_triggered"),
            (event(event="a\nb"), "unknown"),
        ],
    )
    def test_an_event_of_no_use_has_a_safe_name(self, request_, name):
        assert read("chatwoot", request_).ignored == (name,)


class TestUnreadable:
    @pytest.mark.parametrize(
        ("part", "reason"),
        [
            ({"event": None}, "event"),
            ({"event": []}, "event"),
            ({"private": "false"}, "private"),
            ({"message_type": None}, "message_type"),
            ({"message_type": "sideways"}, "message_type"),
            ({"message_type": True}, "message_type"),
            ({"message_type": []}, "message_type"),
            ({"id": None}, "id"),
            ({"sender": None}, "sender"),
            ({"sender": []}, "sender"),
            ({"conversation": None}, "conversation"),
            ({"conversation": {"inbox_id": 2}}, "conversation"),
            ({"conversation": {"id": "1:2"}}, "thread"),
            ({"inbox": {}, "conversation": {"id": 1}}, "inbox"),
            ({"account": None}, "account"),
            ({"created_at": None}, "time"),
            ({"created_at": "2026-01-01 04:03:32"}, "time"),
            ({"content": 7}, "text"),
            ({"content_attributes": []}, "content_attributes"),
            ({"attachments": {}}, "attachments"),
            ({"attachments": [{"file_type": "location"}]}, "location"),
        ],
    )
    def test_a_field_of_a_wrong_shape_says_why(self, part, reason):
        assert unreadable("chatwoot", event(**part)) == reason


def test_the_sender_and_the_reader_agree():
    message = only(read("chatwoot", chatwoot.text("chatwoot", CHATWOOT, "hello", customer="5", at=AT, id="77")))
    assert (message.id, message.customer, message.text) == ("77", "5", "hello")
    first, second = (chatwoot.message("x", customer="5", at=AT, id="order")["id"] for _ in range(2))
    assert first == second
