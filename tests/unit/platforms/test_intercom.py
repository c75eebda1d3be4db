"""Intercom: signatures, the part that counts, and what HTML says."""

import hashlib
import hmac
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.model import Attachment, AttachmentKind, Author, ReportKind, Surface
from heed.platforms import Verified
from infra.heedctl.senders import intercom
from tests.unit.platforms.given import AT, BOT, INTERCOM, adapter, only, read, refused, unreadable, with_header

OTHER = {"client_secret": "another"}
USER = {"type": "user", "id": "u1", "name": "Marta"}
ADMIN = {"type": "admin", "id": "5150", "name": "Care"}
REPLIED, ANSWERED = "conversation.user.replied", "conversation.admin.replied"


def part(text="hi", author=USER, id="cp1", **more):
    return intercom.part(text, author, at=AT, id=id, **more)


def event(topic, *parts, **more):
    return intercom.event(INTERCOM, topic, intercom.conversation("u1", *parts, **more), at=AT)


def changed(request, change):
    body = json.loads(request.body)
    change(body)
    return intercom.sign("intercom", INTERCOM, json.dumps(body).encode(), at=AT)


class TestSignature:
    @pytest.mark.parametrize("used", [INTERCOM, OTHER])
    def test_both_the_current_and_the_previous_secret_are_right(self, used):
        request = intercom.sign("intercom", used, b"{}", at=AT)
        assert refused("intercom", request, [OTHER, INTERCOM]) == ""
        assert bool(refused("intercom", request, [INTERCOM])) is (used is OTHER)

    @given(st.text(min_size=1).filter(str.strip), st.binary())
    def test_the_documented_sum_over_the_body_is_genuine(self, key, body):
        digest = hmac.new(key.encode("utf-8", "surrogatepass"), body, hashlib.sha1).hexdigest()
        request = with_header(replace(event("ping"), body=body), x_hub_signature=f"sha1={digest}")
        assert refused("intercom", request, [{"client_secret": key}]) == ""

    @pytest.mark.parametrize("value", ["", "x", "ñ", "\udcff", "sha1=", "😡"])
    def test_a_changed_signature_is_refused(self, value):
        assert refused("intercom", with_header(event("ping"), x_hub_signature=value)) == "signature"

    def test_another_digest_or_label_is_refused(self):
        sha256 = hmac.new(INTERCOM["client_secret"].encode(), event("ping").body, hashlib.sha256).hexdigest()
        right = event("ping").headers["x-hub-signature"]
        for value in (f"sha256={sha256}", f"sha1={sha256}", right.removeprefix("sha1="), right.upper()):
            assert refused("intercom", with_header(event("ping"), x_hub_signature=value)) == "signature"

    def test_without_a_signature_nothing_is_genuine(self):
        assert refused("intercom", replace(event("ping"), headers={})) == "unsigned"
        assert refused("intercom", replace(event("ping"), method="HEAD")) == "method"

    def test_the_success_answer_is_empty(self):
        answer = adapter("intercom").answer(Verified(b""))
        assert (answer.status, answer.body) == (200, "")


class TestMessages:
    def test_a_customers_reply_is_read(self):
        message = only(read("intercom", event(REPLIED, part("still <broken>"))))
        conversation = json.loads(event(REPLIED).body)["data"]["item"]["id"]
        assert (message.id, message.conversation) == ("cp1", f"{intercom.WORKSPACE}:{conversation}")
        assert (message.customer, message.author, message.surface) == ("u1", Author.CUSTOMER, Surface.DIRECT)
        assert (message.text, message.author_name, message.sent_at) == ("still <broken>", "Marta", AT)

    @pytest.mark.parametrize("kind", ["user", "lead", "contact", "visitor"])
    def test_every_kind_of_contact_is_a_customer(self, kind):
        assert only(read("intercom", event(REPLIED, part(author={**USER, "type": kind})))).author is Author.CUSTOMER

    def test_the_newest_part_of_the_topics_authors_counts_whatever_the_order(self):
        old = part("old", id="1", created_at=1767240000)
        new = part("new", id="2", created_at=1767240100)
        theirs = part("later", ADMIN, id="3", created_at=1767240200)
        note = part("note", ADMIN, id="4", created_at=1767240300, part_type="note")
        for parts in ((old, new, theirs, note), (note, theirs, new, old)):
            assert only(read("intercom", event(REPLIED, *parts))).id == "2"
            assert only(read("intercom", event(ANSWERED, *parts))).id == "3"

    def test_of_parts_of_one_second_the_later_in_the_list_counts(self):
        assert only(read("intercom", event(REPLIED, part(id="1"), part(id="2")))).id == "2"

    @pytest.mark.parametrize(
        ("topic", "author", "expected"),
        [
            (ANSWERED, ADMIN, Author.AGENT),
            (ANSWERED, {**ADMIN, "type": "team"}, Author.AGENT),
            (ANSWERED, {**ADMIN, "id": BOT}, Author.BOT),
            (ANSWERED, {**ADMIN, "type": "bot"}, Author.BOT),
            (ANSWERED, {**ADMIN, "from_ai_agent": True}, Author.BOT),
            (ANSWERED, {**ADMIN, "from_ai_agent": False}, Author.AGENT),
            ("conversation.operator.replied", {**ADMIN, "type": "bot"}, Author.BOT),
            ("conversation.operator.replied", {**ADMIN, "type": "operator"}, Author.BOT),
        ],
    )
    def test_who_answers_the_customer_in_the_same_conversation(self, topic, author, expected):
        message = only(read("intercom", event(topic, part(author=author))))
        assert (message.author, message.customer) == (expected, "u1")
        assert message.conversation == only(read("intercom", event(REPLIED, part()))).conversation

    @pytest.mark.parametrize(
        ("more", "customer"),
        [
            ({"contacts": None, "user": {"id": "u7"}}, "u7"),
            ({"contacts": None}, ""),
            ({"contacts": {"contacts": []}}, ""),
            ({"contacts": {"contacts": [{}]}}, ""),
        ],
    )
    def test_whom_an_answer_is_for_may_be_unknown(self, more, customer):
        assert only(read("intercom", event(ANSWERED, part(author=ADMIN), **more))).customer == customer

    @pytest.mark.parametrize(
        ("topic", "author", "expected"),
        [
            ("conversation.user.created", USER, Author.CUSTOMER),
            ("conversation.admin.single.created", ADMIN, Author.AGENT),
        ],
    )
    def test_a_conversation_begins_with_its_source(self, topic, author, expected):
        source = {"id": "403", "body": "<p>Hello</p>", "author": author}
        message = only(read("intercom", event(topic, source=source, created_at=1767240000)))
        assert (message.id, message.text, message.author) == ("403", "Hello", expected)
        assert message.sent_at.timestamp() == 1767240000

    def test_after_a_greeting_the_customers_first_words_begin_it(self):
        greeting = {"id": "1", "body": "<p>Hi!</p>", "author": {"type": "bot", "id": "9"}}
        message = only(read("intercom", event("conversation.user.created", part("help", id="7"), source=greeting)))
        assert (message.id, message.text, message.author) == ("7", "help", Author.CUSTOMER)

    def test_files_and_images_are_attachments_and_no_script_is_text(self):
        body = '<p>See</p><img src="https://q.example/a.png"><script>alert(1)</script>'
        files = [{"url": "https://q.example/b.pdf", "content_type": "application/pdf", "name": "b.pdf"}]
        message = only(read("intercom", event(REPLIED, part(body=body, attachments=files))))
        assert message.text == "See"
        assert message.attachments == (
            Attachment(AttachmentKind.FILE, "https://q.example/b.pdf", "b.pdf"),
            Attachment(AttachmentKind.IMAGE, "https://q.example/a.png"),
        )

    def test_a_message_without_words_is_one(self):
        assert only(read("intercom", event(REPLIED, part(body=None)))).text == ""


class TestReports:
    @staticmethod
    def withdrawn(*parts, **more):
        reports = read("intercom", event("conversation_part.redacted", *parts, **more)).reports
        assert all((report.kind, report.at) == (ReportKind.WITHDRAWN, AT) for report in reports)
        return [report.message for report in reports]

    def test_a_redacted_part_is_withdrawn_in_its_conversation(self):
        (report,) = read("intercom", event("conversation_part.redacted", part(redacted=True))).reports
        message = only(read("intercom", event(REPLIED, part())))
        assert (report.message, report.conversation) == (message.id, message.conversation)

    def test_of_several_parts_those_that_are_marked_are(self):
        parts = (part(id="1"), part(id="2", redacted=True), part(id="3", redacted=True))
        assert self.withdrawn(*parts) == ["2", "3"]
        assert self.withdrawn(part(id="1"), source={"id": "s", "redacted": True}) == ["s"]

    def test_where_no_part_is_marked_the_only_one_is(self):
        assert self.withdrawn(part(id="1")) == ["1"]
        for parts in ((), (part(id="1"), part(id="2"))):
            assert unreadable("intercom", event("conversation_part.redacted", *parts)) == "part"


class TestIgnored:
    @pytest.mark.parametrize(
        ("topic", "name"),
        [
            ("ping", "ping"),
            ("conversation.admin.noted", "conversation.admin.noted"),
            ("conversation.admin.closed", "conversation.admin.closed"),
            ("conversation.deleted", "conversation.deleted"),
            ("ticket.contact.replied", "ticket.contact.replied"),
            ("a\nb", "unknown"),
            ("x" * 999, "unknown"),
        ],
    )
    def test_another_topic_is_ignored_under_a_safe_name(self, topic, name):
        assert read("intercom", event(topic, part())).ignored == (name,)


class TestUnreadable:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda body: body.update(topic=7), "topic"),
            (lambda body: body.pop("topic"), "topic"),
            (lambda body: body.pop("app_id"), "app_id"),
            (lambda body: body.update(app_id="a:b"), "thread"),
            (lambda body: body.pop("data"), "data"),
            (lambda body: body["data"].pop("item"), "item"),
            (lambda body: body["data"]["item"].pop("id"), "id"),
            (lambda body: body["data"]["item"].update(conversation_parts=[]), "conversation_parts"),
            (lambda body: body["data"]["item"]["conversation_parts"].update(conversation_parts=[7]), "part"),
            (lambda body: body["data"]["item"]["conversation_parts"].update(conversation_parts=[]), "part"),
        ],
    )
    def test_a_body_of_a_wrong_shape_says_why(self, change, reason):
        assert unreadable("intercom", changed(event(REPLIED, part()), change)) == reason

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            ({"author": None}, "author"),
            ({"author": {"type": "user"}}, "author"),
            ({"author": {"type": ["user"], "id": "1"}}, "part"),
            ({"author": ADMIN}, "part"),
            ({"part_type": "note"}, "part"),
            ({"id": None}, ""),
            ({"created_at": "soon"}, "time"),
            ({"body": 7}, "text"),
            ({"attachments": {}}, "attachments"),
        ],
    )
    def test_a_part_of_a_wrong_shape_says_why(self, more, reason):
        assert unreadable("intercom", event(REPLIED, part(**more))) == reason


def test_the_sender_and_the_reader_agree():
    message = only(read("intercom", intercom.text("intercom", INTERCOM, "a < b", customer="u1", at=AT, id="e7")))
    assert (message.id, message.customer, message.text) == ("e7", "u1", "a < b")
