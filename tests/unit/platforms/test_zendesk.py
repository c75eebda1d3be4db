"""Zendesk: the signed time, public comments, and a trigger's own body."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.model import Attachment, AttachmentKind, Author, Surface
from heed.platforms import Verified
from infra.heedctl.senders import zendesk
from tests.unit.platforms.given import AT, BOT, ZENDESK, adapter, only, read, refused, unreadable, with_header

OTHER = {"signing_secret": "another"}
SIGNATURE, TIME = "x_zendesk_webhook_signature", "x_zendesk_webhook_signature_timestamp"


def comment(text="Bonjour", author="77", requester="77", **part):
    said = zendesk.comment(text, author=author, id="991", **part)
    return zendesk.event(ZENDESK, said, requester=requester, at=AT)


def changed(request, change):
    body = json.loads(request.body)
    change(body)
    return zendesk.sign("zendesk", ZENDESK, json.dumps(body).encode(), at=AT)


def triggered(**part):
    body = {
        "type": "heed.comment",
        "account_id": "12345",
        "ticket_id": "8812",
        "author": "customer",
        "author_id": "77",
        "time": "2026-01-01T04:03Z",
        "text": "Where is it?",
        **part,
    }
    left = {name: value for name, value in body.items() if value is not None}
    return zendesk.sign("zendesk", ZENDESK, json.dumps(left).encode(), at=AT)


class TestSignature:
    @pytest.mark.parametrize("used", [ZENDESK, OTHER])
    def test_both_the_current_and_the_previous_secret_are_right(self, used):
        request = zendesk.sign("zendesk", used, b"{}", at=AT)
        assert refused("zendesk", request, [OTHER, ZENDESK]) == ""
        assert bool(refused("zendesk", request, [ZENDESK])) is (used is OTHER)

    @given(st.text(min_size=1).filter(str.strip), st.binary())
    def test_the_documented_sum_over_time_and_body_is_genuine(self, key, body):
        secret = {"signing_secret": key}
        digest = hmac.new(key.encode("utf-8", "surrogatepass"), b"2026-01-01T04:03:32Z" + body, hashlib.sha256).digest()
        headers = {SIGNATURE: base64.b64encode(digest).decode(), TIME: "2026-01-01T04:03:32Z"}
        assert refused("zendesk", with_header(replace(comment(), body=body), **headers), [secret]) == ""

    @pytest.mark.parametrize("between", [b".", b":", b"\n"])
    def test_nothing_stands_between_the_two(self, between):
        content = b"2026-01-01T04:03:32Z" + between + b"{}"
        digest = hmac.new(ZENDESK["signing_secret"].encode(), content, hashlib.sha256).digest()
        headers = {SIGNATURE: base64.b64encode(digest).decode(), TIME: "2026-01-01T04:03:32Z"}
        assert refused("zendesk", with_header(replace(comment(), body=b"{}"), **headers)) == "signature"

    def test_the_same_sum_in_hex_is_refused(self):
        signed = base64.b64decode(comment().headers[SIGNATURE.replace("_", "-")])
        assert refused("zendesk", with_header(comment(), **{SIGNATURE: signed.hex()})) == "signature"

    @pytest.mark.parametrize("name", [SIGNATURE, TIME])
    def test_a_missing_header_is_refused(self, name):
        assert refused("zendesk", with_header(comment(), **{name: ""})) == "unsigned"

    @pytest.mark.parametrize("name", [SIGNATURE, TIME])
    @pytest.mark.parametrize("value", ["x", "ñ", "\udcff", "😡", "2026-01-01T04:03:33Z"])
    def test_a_changed_header_is_refused(self, name, value):
        assert refused("zendesk", with_header(comment(), **{name: value})) == "signature"

    @pytest.mark.parametrize(("minutes", "reason"), [(-61, "stale"), (-60, ""), (0, ""), (60, ""), (61, "stale")])
    def test_an_hour_to_both_sides_is_tolerated(self, minutes, reason):
        assert refused("zendesk", comment(), now=AT + timedelta(minutes=minutes)) == reason

    @pytest.mark.parametrize("time", ["yesterday", "2026-01-01T04:03:32", "9" * 99])
    def test_a_signed_time_that_is_none_is_stale(self, time):
        digest = hmac.new(ZENDESK["signing_secret"].encode(), time.encode() + b"{}", hashlib.sha256).digest()
        headers = {SIGNATURE: base64.b64encode(digest).decode(), TIME: time}
        assert refused("zendesk", with_header(replace(comment(), body=b"{}"), **headers)) == "stale"

    def test_there_is_no_other_method(self):
        assert refused("zendesk", replace(comment(), method="GET")) == "method"

    def test_the_success_answer_is_empty(self):
        answer = adapter("zendesk").answer(Verified(b""))
        assert (answer.status, answer.body) == (200, "")


class TestComments:
    def test_a_customers_comment_is_read(self):
        message = only(read("zendesk", comment("Bonjour, toujours rien…")))
        ticket = json.loads(comment().body)["detail"]["id"]
        assert (message.id, message.conversation, message.customer) == ("991", f"12345:{ticket}", "77")
        assert (message.author, message.surface) == (Author.CUSTOMER, Surface.DIRECT)
        assert (message.text, message.author_name, message.sent_at) == ("Bonjour, toujours rien…", "Customer", AT)

    @pytest.mark.parametrize(
        ("part", "author", "customer"),
        [
            ({"author": "300", "staff": True}, Author.AGENT, "77"),
            ({"author": "78"}, Author.CUSTOMER, "78"),
            ({"author": BOT, "staff": True}, Author.BOT, "77"),
            ({"author": "-1", "staff": True}, Author.BOT, "77"),
            ({"author": "-1"}, Author.BOT, "77"),
        ],
        ids=["agent", "colleague", "bot", "system", "system-no-staff"],
    )
    def test_who_speaks_and_to_whom_in_the_same_conversation(self, part, author, customer):
        message = only(read("zendesk", comment(**part)))
        assert (message.author, message.customer) == (author, customer)
        assert message.conversation == only(read("zendesk", comment())).conversation

    @pytest.mark.parametrize("staff", [True, False])
    def test_a_private_comment_is_no_message(self, staff):
        assert read("zendesk", comment(public=False, staff=staff)).ignored == ("private_comment",)

    def test_without_plain_words_html_is_read(self):
        html = '<p>See</p><img src="https://q.example/a.png"><script>alert(1)</script>'
        message = only(read("zendesk", comment("", html_body=html)))
        assert message.text == "See"
        assert message.attachments == (Attachment(AttachmentKind.IMAGE, "https://q.example/a.png"),)
        assert only(read("zendesk", comment("a < b", html_body=html))).text == "a < b"

    def test_attachments_are_read(self):
        files = [{"id": 5, "content_url": "https://q.example/a", "content_type": "image/png", "filename": "a.png"}]
        (found,) = only(read("zendesk", comment(attachments=files))).attachments
        assert found == Attachment(AttachmentKind.IMAGE, "https://q.example/a", "a.png")

    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            ("zen:event-type:ticket.status_changed", "ticket.status_changed"),
            ("zen:event-type:ticket.comment_redacted", "ticket.comment_redacted"),
            ("zen:event-type:user.created", "user"),
            ("zen:event-type:a\nb", "unknown"),
            ("zen:event-type:ticket.xyz", "unknown"),
            ("", "unknown"),
        ],
    )
    def test_another_event_is_ignored_under_a_safe_name(self, kind, name):
        assert read("zendesk", changed(comment(), lambda body: body.update(type=kind))).ignored == (name,)

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda body: body.update(type=7), "type"),
            (lambda body: body.update(event=None), "event"),
            (lambda body: body.update(event={}), "comment"),
            (lambda body: body["event"]["comment"].pop("is_public"), "is_public"),
            (lambda body: body["event"]["comment"].update(is_public="true"), "is_public"),
            (lambda body: body["event"]["comment"]["author"].pop("is_staff"), "is_staff"),
            (lambda body: body["event"]["comment"].pop("author"), "author"),
            (lambda body: body["event"]["comment"]["author"].pop("id"), "author"),
            (lambda body: body["event"]["comment"].pop("id"), "id"),
            (lambda body: body["event"]["comment"].update(body=7), "text"),
            (lambda body: body["detail"].pop("id"), "ticket_id"),
            (lambda body: body.pop("detail"), "detail"),
            (lambda body: body.pop("account_id"), "account_id"),
            (lambda body: body.update(time="today"), "time"),
        ],
    )
    def test_a_field_of_a_wrong_shape_says_why(self, change, reason):
        assert unreadable("zendesk", changed(comment(), change)) == reason


class TestTriggers:
    def test_a_triggers_body_is_read(self):
        message = only(read("zendesk", triggered(author_name="Lee", comment_id="c9")))
        assert (message.id, message.conversation, message.customer) == ("c9", "12345:8812", "77")
        assert (message.text, message.author_name) == ("Where is it?", "Lee")
        assert message.sent_at == datetime(2026, 1, 1, 4, 3, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("part", "author", "customer"),
        [
            ({}, Author.CUSTOMER, "77"),
            ({"author": "agent", "author_id": "300", "requester_id": "77"}, Author.AGENT, "77"),
            ({"author": "agent", "author_id": "300"}, Author.AGENT, ""),
            ({"author": "agent", "author_id": BOT, "requester_id": "77"}, Author.BOT, "77"),
            ({"author": "bot", "author_id": "3", "requester_id": "77"}, Author.BOT, "77"),
        ],
    )
    def test_who_speaks_and_to_whom(self, part, author, customer):
        message = only(read("zendesk", triggered(**part)))
        assert (message.author, message.customer) == (author, customer)

    def test_without_an_id_a_retry_is_the_same_and_another_comment_another(self):
        first, again = (only(read("zendesk", triggered())).id for _ in range(2))
        others = [{"text": "x"}, {"time": "2026-01-01T04:04Z"}, {"ticket_id": "1"}, {"author_id": "2"}]
        assert first == again
        assert len({first, *(only(read("zendesk", triggered(**other))).id for other in others)}) == 5

    def test_html_is_read_where_there_is_no_text(self):
        assert only(read("zendesk", triggered(text=None, html="<p>a</p><p>b &amp; c</p>"))).text == "a\nb & c"

    def test_an_event_and_a_trigger_meet_in_one_conversation(self):
        ticket = json.loads(comment().body)["detail"]["id"]
        there = only(read("zendesk", triggered(ticket_id=ticket))).conversation
        assert there == only(read("zendesk", comment())).conversation

    @pytest.mark.parametrize(
        ("part", "reason"),
        [
            ({"author": None}, "author"),
            ({"author": "somebody"}, "author"),
            ({"author": ["agent"]}, "author"),
            ({"author_id": None}, "author_id"),
            ({"author_id": ""}, "author_id"),
            ({"ticket_id": None}, "ticket_id"),
            ({"ticket_id": "1:2"}, "thread"),
            ({"account_id": None}, "account_id"),
            ({"time": None}, "time"),
            ({"text": 7}, "text"),
            ({"comment_id": []}, None),
            ({"comment_id": [1]}, "id"),
        ],
    )
    def test_a_field_of_a_wrong_shape_says_why(self, part, reason):
        assert unreadable("zendesk", triggered(**part)) == (reason or "")
