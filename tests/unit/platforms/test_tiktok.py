"""TikTok: direct messages and comments."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.model import Attachment, AttachmentKind, Author, ReportKind, Surface
from heed.platforms import Request
from infra.heedctl import senders
from infra.heedctl.senders import tiktok
from tests.unit.platforms.given import AT, BOT, TIKTOK, adapter, only, read, refused, unreadable, with_header

USER, WRITER = "cUST_unique_01", "+ABc1D2/E0f"
OTHER = {"client_secret": "other"}
TEXT = {"type": "text", "text": {"body": "refund plz 🥲"}}


def direct(**options):
    return read("tiktok", tiktok.direct(TIKTOK, options.pop("said", TEXT), customer=USER, at=AT, **options))


def comment(text="size?", customer=WRITER, secret=TIKTOK, **options):
    return read("tiktok", tiktok.comment(secret, text, customer=customer, at=AT, **options), secret)


def event(name, content):
    return read("tiktok", tiktok.event(TIKTOK, name, content, at=AT))


def body(found):
    return read("tiktok", senders.sign("tiktok", TIKTOK, json.dumps(found).encode(), at=AT))


class TestSignature:
    def test_the_signature_is_over_time_and_body(self):
        signed = hmac.new(TIKTOK["client_secret"].encode(), b"1767240212.{}", hashlib.sha256).hexdigest()
        for header in (f"t=1767240212,s={signed}", f"s={signed},t=1767240212", f"v=2, t=1767240212 , s={signed}"):
            assert refused("tiktok", Request("POST", "", {"tiktok-signature": header}, b"{}")) == ""

    @pytest.mark.parametrize(
        ("seconds", "reason"), [(-301, "stale"), (-300, ""), (0, ""), (300, ""), (301, "stale"), (72 * 3600, "stale")]
    )
    def test_five_minutes_to_both_sides_are_tolerated(self, seconds, reason):
        assert (
            refused("tiktok", senders.sign("tiktok", TIKTOK, b"{}", at=AT), now=AT + timedelta(seconds=seconds))
            == reason
        )

    def test_a_forged_signature_is_never_called_stale(self):
        request = senders.sign("tiktok", OTHER, b"{}", at=AT)
        assert refused("tiktok", request, now=AT + timedelta(days=1)) == "signature"

    @pytest.mark.parametrize("header", ["", "t=1767240212", "s=ab", "t=,s=ab", "x", "T=1767240212,S=ab"])
    def test_a_header_without_both_parts_is_refused(self, header):
        assert (
            refused("tiktok", with_header(senders.sign("tiktok", TIKTOK, b"{}", at=AT), tiktok_signature=header))
            == "unsigned"
        )

    def test_the_first_of_a_repeated_part_counts(self):
        request = senders.sign("tiktok", TIKTOK, b"{}", at=AT)
        doubled = f"s=00,{request.headers['tiktok-signature']}"
        assert refused("tiktok", with_header(request, tiktok_signature=doubled)) == "signature"

    @pytest.mark.parametrize("used", [TIKTOK, OTHER])
    def test_the_current_and_the_previous_secret_are_right(self, used):
        assert refused("tiktok", senders.sign("tiktok", used, b"{}", at=AT), [OTHER, TIKTOK]) == ""

    def test_an_undocumented_challenge_is_not_echoed(self):
        assert refused("tiktok", Request("GET", "challenge=abc", {}, b"")) == "method"


class TestDirect:
    def test_a_customers_message(self):
        message = only(direct(id="m1=="))
        assert (message.id, message.text) == ("m1==", "refund plz 🥲")
        assert (message.conversation, message.customer) == (f"{tiktok.BRAND}:c-{USER}==", USER)
        assert (message.author, message.surface, message.sent_at) == (Author.CUSTOMER, Surface.DIRECT, AT)

    def test_what_the_brand_writes_is_an_agents_in_the_same_conversation(self):
        message = only(direct(own=True))
        assert (message.author, message.customer) == (Author.AGENT, USER)
        assert message.conversation == only(direct()).conversation

    def test_an_echo_under_the_other_name_is_known_by_its_sender(self):
        body = json.loads(tiktok.direct(TIKTOK, TEXT, customer=USER, at=AT, own=True).body)
        request = senders.sign("tiktok", TIKTOK, json.dumps(body | {"event": "im_receive_msg"}).encode(), at=AT)
        assert only(read("tiktok", request)).author is Author.AGENT

    @pytest.mark.parametrize(("source", "author"), [(BOT, Author.BOT), ("APP", Author.AGENT), (None, Author.AGENT)])
    def test_the_source_tells_a_bot_from_a_person(self, source, author):
        assert only(direct(own=True, said={**TEXT, "message_tag": {"source": source}})).author is author

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ({"type": "image", "image": {"media_id": "m1"}}, (Attachment(AttachmentKind.IMAGE, "m1"),)),
            ({"type": "video", "video": {"media_id": "m1"}}, (Attachment(AttachmentKind.VIDEO, "m1"),)),
            (
                {"type": "share_post", "share_post": {"embed_url": "https://a"}},
                (Attachment(AttachmentKind.LINK, "https://a"),),
            ),
            ({"type": "share_post", "share_post": {"embed_url": "x:1"}}, (Attachment(AttachmentKind.LINK, ""),)),
            ({"type": "sticker", "sticker": {"url": "x"}}, (Attachment(AttachmentKind.STICKER, ""),)),
            ({"type": "emoji"}, (Attachment(AttachmentKind.STICKER, ""),)),
            ({"type": "hologram"}, ()),
        ],
    )
    def test_a_message_without_text_is_a_message(self, said, expected):
        message = only(direct(said=said))
        assert (message.text, message.attachments) == ("", expected)

    def test_a_message_without_a_type_cannot_be_read(self):
        (part,) = direct(said={"type": 1}).broken
        assert part.reason == "message_type"

    def test_what_it_refers_to_is_what_it_answers(self):
        said = {**TEXT, "referenced_message_info": {"referenced_message_id": "m0"}}
        assert only(direct(said=said)).reply_to == "m0"

    def test_a_european_message_names_nobody_and_is_heard(self):
        content = {"to_user": {"id": tiktok.BRAND}, "timestamp": 1767240212000}
        message = only(event("im_receive_msg_eu", content))
        assert (message.text, message.conversation, message.customer) == ("", f"{tiktok.BRAND}:eu", "eu")
        assert message.id == only(event("im_receive_msg_eu", content)).id
        assert message.id != only(event("im_receive_msg_eu", {**content, "timestamp": 1767240212001})).id

    def test_a_european_message_that_names_its_conversation_has_its_own(self):
        message = only(event("im_receive_msg_eu", {"conversation_id": "c1", "from_user": {"id": "u1"}}))
        assert (message.conversation, message.customer, message.sent_at) == (f"{tiktok.BRAND}:c1", "u1", AT)


class TestComment:
    def test_a_comment_begins_a_conversation_and_a_reply_joins_it(self):
        first = only(comment(id="7235861947622916866"))
        reply = only(comment(id="7247303576418566913", parent="7235861947622916866"))
        assert first.conversation == f"{tiktok.BRAND}:7203946942097902849:7235861947622916866" == reply.conversation
        assert (first.surface, first.customer, first.author) == (Surface.COMMENT, WRITER, Author.CUSTOMER)
        assert (first.reply_to, reply.reply_to) == ("7203946942097902849", "7235861947622916866")

    def test_seconds_and_milliseconds_are_told_apart(self):
        content = json.loads(json.loads(tiktok.comment(TIKTOK, "x", customer=WRITER, at=AT).body)["content"])
        for timestamp in (1767240212, 1767240212000):
            assert only(event("comment.update", {**content, "timestamp": timestamp})).sent_at == AT

    @pytest.mark.parametrize("who", [tiktok.BRAND, TIKTOK["unique_identifier"]])
    def test_the_brands_own_is_an_answer(self, who):
        message = only(comment(customer=who, parent="7235861947622916866"))
        assert (message.author, message.customer) == (Author.AGENT, "")

    def test_without_its_identifier_the_brand_is_not_known(self):
        bare = {"client_secret": TIKTOK["client_secret"]}
        message = only(comment(customer=TIKTOK["unique_identifier"], secret=bare))
        assert message.author is Author.CUSTOMER

    def test_a_deleted_comment_is_withdrawn_from_its_conversation(self):
        for parent in ("", "7235861947622916866"):
            (report,) = comment(id="8", parent=parent, action="delete").reports
            message = only(comment(id="8", parent=parent))
            assert (report.kind, report.message, report.at) == (ReportKind.WITHDRAWN, "8", AT)
            assert report.conversation == message.conversation

    @pytest.mark.parametrize(
        ("action", "name"),
        [("set_to_hidden", "set_to_hidden"), ("set_to_public", "set_to_public"), ("x\n", "unknown"), (None, "unknown")],
    )
    def test_from_hiding_and_showing_follows_nothing(self, action, name):
        assert comment(action=action).ignored == (name,)


class TestEnvelope:
    def test_several_events_in_one_envelope_are_each_read(self):
        good = tiktok.envelope("im_mark_read_msg", {}, at=AT)
        bad = {"event": "im_receive_msg", "content": "{"}
        reading = body({"client_key": "k", "user_openid": tiktok.BRAND, "events": [good, bad]})
        assert reading.ignored == ("im_mark_read_msg",)
        (part,) = reading.broken
        assert part.reason == "content"
        again = read("tiktok", senders.sign("tiktok", TIKTOK, part.raw, at=AT))
        assert [one.reason for one in again.broken] == ["content"]

    def test_an_event_inside_data_is_read(self):
        assert body({"data": tiktok.envelope("authorization.removed", {}, at=AT)}).ignored == ("authorization.removed",)

    def test_content_that_is_no_text_is_read(self):
        found = json.loads(tiktok.direct(TIKTOK, TEXT, customer=USER, at=AT).body)
        found["content"] = json.loads(found["content"])
        assert only(body(found)).text == "refund plz 🥲"

    @pytest.mark.parametrize("name", ["im_mark_read_msg", "post.publish.failed", "portability.download.ready"])
    def test_what_nobody_said_is_ignored_by_name(self, name):
        assert event(name, {}).ignored == (name,)

    def test_an_unknown_event_has_no_name_of_its_own(self):
        assert event("a\nb", {}).ignored == ("unknown",)

    @pytest.mark.parametrize(
        ("found", "reason"),
        [
            ({}, "event"),
            ({"events": ["x"]}, "event"),
            ({"event": "comment.update"}, "account"),
            ({"event": "comment.update", "user_openid": "b"}, "content"),
            ({"event": "comment.update", "user_openid": "b", "content": '{"a":NaN}'}, "content"),
            ({"event": "comment.update", "user_openid": "b", "content": "\ud800"}, "content"),
            ({"event": "comment.update", "user_openid": "b", "content": '{"comment_action":"insert"}'}, "id"),
            ({"event": "im_receive_msg", "user_openid": "b", "content": "{}"}, "from_user"),
        ],
    )
    def test_an_event_that_cannot_be_read_says_why(self, found, reason):
        assert [part.reason for part in body(found).broken] == [reason]

    @pytest.mark.parametrize(("found", "reason"), [(b"", "json"), (b"[]", "shape"), (b"\xff", "encoding")])
    def test_a_delivery_that_cannot_be_read_says_why(self, found, reason):
        assert unreadable("tiktok", senders.sign("tiktok", TIKTOK, found, at=AT)) == reason


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([1767240212000, "c1", "insert"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["im_receive_msg", "im_send_msg", "im_receive_msg_eu", "comment.update"])
DIRECT = {"from_user", "to_user", "conversation_id", "message_id", "timestamp", "type", "text", "image", "message_tag"}
COMMENT = {"comment_id", "video_id", "parent_comment_id", "comment_action", "unique_identifier"}
FIELDS = st.sampled_from(sorted(DIRECT | COMMENT))


@given(NAMES, st.dictionaries(FIELDS, ANY))
def test_any_content_is_read_or_says_why(name, changes):
    base = {**json.loads(json.loads(tiktok.direct(TIKTOK, TEXT, customer=USER, at=AT).body)["content"])}
    base |= json.loads(json.loads(tiktok.comment(TIKTOK, "x", customer=WRITER, at=AT).body)["content"])
    reading = event(name, {**base, **changes})
    assert len(reading.messages) + len(reading.reports) + len(reading.ignored) + len(reading.broken) == 1


def test_the_account_is_the_one_of_the_secret_that_signed():
    request = replace(senders.sign("tiktok", TIKTOK, b"{}", at=AT))
    verified = adapter("tiktok").verify(request, [OTHER, TIKTOK], AT)
    assert verified.account == TIKTOK["unique_identifier"]
