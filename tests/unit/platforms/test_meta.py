"""Meta's protocol, and what Messenger, Instagram and Page comments say through it."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from heed.model import Attachment, AttachmentKind, Author, Surface
from heed.platforms import Request, Verified
from infra.heedctl import senders
from tests.unit.platforms.given import AT, BOT, META, adapter, channel, only, read, refused, unreadable, with_header

PAGE, OTHER_PAGE, CUSTOMER = "102938475610293", "555000555000555", "7654321098765432"
POST = f"{PAGE}_122100000000001"
NEXT = {**META, "app_secret": "next", "verify_token": "next-token"}
MS = 1767240212345


def deliver(*entries, subject="page", platform="facebook"):
    body = json.dumps({"object": subject, "entry": list(entries)}).encode()
    return read(platform, senders.sign(platform, META, body, at=AT))


def event(sender=CUSTOMER, recipient=PAGE, timestamp=MS, **what):
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": timestamp, **what}


def entry(*events, id=PAGE, key="messaging", **more):
    return {"id": id, "time": MS, key: list(events), **more}


def said(**message):
    return only(deliver(entry(event(message={"mid": "m_1", **message}))))


def feed(id=PAGE, **changes):
    value = {
        "from": {"id": CUSTOMER, "name": "Lena K"},
        "item": "comment",
        "verb": "add",
        "post_id": POST,
        "comment_id": "c_1",
        "parent_id": POST,
        "created_time": 1767240800,
        "message": "Läuft nicht",
        **changes,
    }
    value = {name: part for name, part in value.items() if part is not None}
    return {"id": id, "time": 1767240801, "changes": [{"field": "feed", "value": value}]}


class TestHandshake:
    def test_the_challenge_comes_back(self):
        verified = adapter("facebook").verify(senders.handshake("facebook", META, "1158201444", at=AT), [META], AT)
        response = adapter("facebook").answer(verified)
        assert (response.status, response.body) == (200, "1158201444")
        assert response.content_type.startswith("text/plain")

    @pytest.mark.parametrize("used", [META, NEXT])
    def test_both_the_current_and_the_previous_token_are_right(self, used):
        assert refused("facebook", senders.handshake("facebook", used, "1", at=AT), [NEXT, META]) == ""

    @pytest.mark.parametrize(
        ("query", "reason"),
        [
            ("", "verify_token"),
            ("hub.mode=subscribe&hub.challenge=1", "verify_token"),
            ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=", "verify_token"),
            ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=%F0%9F%98%A1", "verify_token"),
            ("hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=meatyhamhock-2026", "verify_token"),
            ("hub.challenge=1&hub.verify_token=meatyhamhock-2026", "verify_token"),
            ("hub.mode=subscribe&hub.verify_token=meatyhamhock-2026", "malformed"),
            ("hub.mode=subscribe&hub.challenge=%00&hub.verify_token=meatyhamhock-2026", "malformed"),
            ("a=&" * 51, "malformed"),
        ],
    )
    def test_a_false_handshake_is_refused(self, query, reason):
        assert refused("facebook", Request("GET", query, {}, b"")) == reason


class TestSignature:
    def test_the_success_answer_is_200(self):
        assert adapter("facebook").answer(Verified(b"{}")).status == 200

    @pytest.mark.parametrize("used", [META, NEXT])
    def test_both_the_current_and_the_previous_secret_are_right(self, used):
        assert refused("facebook", senders.sign("facebook", used, b"{}", at=AT), [NEXT, META]) == ""

    def test_the_sha1_signature_is_never_read(self):
        sha1 = "sha1=" + hmac.new(META["app_secret"].encode(), b"{}", hashlib.sha1).hexdigest()
        assert refused("facebook", Request("POST", "", {"x-hub-signature": sha1}, b"{}")) == "unsigned"
        assert refused("facebook", Request("POST", "", {"x-hub-signature-256": sha1}, b"{}")) == "signature"

    @pytest.mark.parametrize("value", ["", "sha256=", "ñ", "sha256=😡", "\udcff", "sha256=" + "0" * 64])
    def test_a_wrong_signature_is_refused(self, value):
        request = with_header(senders.sign("facebook", META, b"{}", at=AT), x_hub_signature_256=value)
        assert refused("facebook", request) == "signature"

    def test_the_signature_is_over_the_bytes_received(self):
        request = senders.facebook_message(META, "Où ? 😡 https://a/b", customer=CUSTOMER, at=AT)
        assert b"\\u00f9" in request.body
        assert b"\\/" in request.body
        assert only(read("facebook", request)).text == "Où ? 😡 https://a/b"
        again = json.dumps(json.loads(request.body)).encode()
        assert refused("facebook", replace(request, body=again)) == "signature"

    @pytest.mark.parametrize(
        "secret", [{}, {"app_secret": "x"}, {**META, "app_secret": ""}, {**META, "verify_token": ""}]
    )
    def test_an_incomplete_secret_lets_nothing_in(self, secret):
        signed = senders.sign("facebook", {"app_secret": secret.get("app_secret", "")}, b"{}", at=AT)
        assert refused("facebook", signed, [secret]) == "unconfigured"
        opened = senders.handshake("facebook", {"verify_token": secret.get("verify_token", "")}, "1", at=AT)
        assert refused("facebook", opened, [secret]) == "unconfigured"

    def test_no_secret_lets_nothing_in(self):
        assert refused("facebook", senders.sign("facebook", META, b"{}", at=AT), []) == "unconfigured"

    def test_no_other_method_is_known(self):
        assert refused("facebook", Request("DELETE", "", {}, b"")) == "method"

    def test_a_whatsapp_body_of_3_megabytes_is_within_the_limit(self):
        assert adapter("whatsapp").body_limit_bytes > 3 * 1024 * 1024


class TestBatch:
    def test_every_update_of_every_entry_is_read(self):
        reading = deliver(
            entry(event(message={"mid": "m_1", "text": "a"}), event(message={"mid": "m_2", "text": "b"})),
            entry(event(recipient=OTHER_PAGE, message={"mid": "m_3", "text": "c"}), id=OTHER_PAGE),
            feed(),
        )
        assert [message.id for message in reading.messages] == ["m_1", "m_2", "m_3", "c_1"]

    def test_two_brand_accounts_behind_one_url_never_mix(self):
        reading = deliver(
            entry(event(message={"mid": "m_1"})),
            entry(event(recipient=OTHER_PAGE, message={"mid": "m_2"}), id=OTHER_PAGE),
        )
        assert [message.conversation for message in reading.messages] == [
            f"{PAGE}:{CUSTOMER}",
            f"{OTHER_PAGE}:{CUSTOMER}",
        ]

    @pytest.mark.parametrize("platform", ["facebook", "instagram", "whatsapp"])
    @pytest.mark.parametrize("subject", ["page", "instagram"])
    def test_any_object_is_read_at_any_meta_channel(self, platform, subject):
        reading = deliver(entry(event(message={"mid": "m_1"})), subject=subject, platform=platform)
        assert only(reading).channel == f"{platform}/flagship"

    def test_one_malformed_update_breaks_none_beside_it(self):
        bad = event(message={"mid": ["no id"]})
        reading = deliver(entry(event(message={"mid": "m_1"}), bad, event(message={"mid": "m_2"})), "nonsense")
        assert [message.id for message in reading.messages] == ["m_1", "m_2"]
        assert [part.reason for part in reading.broken] == ["id", "entry"]

    def test_a_broken_part_is_a_delivery_that_can_be_read_again(self):
        reading = deliver(entry(event(message={"mid": "m_1"}), event(message={"mid": 1.5, "text": "\ud800"})), [])
        again = [adapter("facebook").messages(Verified(part.raw), channel("facebook"), AT) for part in reading.broken]
        assert [found.broken[0].reason for found in again] == ["id", "entry"]
        assert [found.broken[0].raw for found in again] == [part.raw for part in reading.broken]

    def test_a_part_nested_too_deep_to_write_again_keeps_the_whole_body(self, monkeypatch):
        def too_deep(*_, **__):
            raise RecursionError

        body = json.dumps({"object": "page", "entry": [1]}).encode()
        monkeypatch.setattr("heed.platforms.meta.json.dumps", too_deep)
        assert adapter("facebook").messages(Verified(body), channel("facebook"), AT).broken[0].raw == body

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"", "json"),
            (b"{", "json"),
            (b"\xff{}", "encoding"),
            (b"[]", "shape"),
            (b"null", "shape"),
            (b"{}", "entry"),
            (b'{"entry":{}}', "entry"),
            (b'{"entry":[],"x":NaN}', "json"),
            (b'{"entry":[],"x":Infinity}', "json"),
            (b'{"entry":' + b"[" * 200_000, "json"),
            (b'{"entry":[],"x":' + b"9" * 5000 + b"}", "json"),
        ],
    )
    def test_what_cannot_be_read_at_all_says_why(self, body, reason):
        assert unreadable("facebook", senders.sign("facebook", META, body, at=AT)) == reason

    def test_an_empty_batch_holds_nothing(self):
        reading = deliver()
        assert (reading.messages, reading.ignored, reading.broken) == ((), (), ())

    @pytest.mark.parametrize(
        ("subject", "what", "name"),
        [
            ("page", {"id": PAGE}, "unknown"),
            ("user", entry(event(message={"mid": "m"})), "unknown"),
            (["page"], entry(event(message={"mid": "m"})), "unknown"),
            ("page", {"id": PAGE, "changes": [{"field": "ratings", "value": {}}]}, "ratings"),
            ("page", {"id": PAGE, "changes": [{"field": "x" * 500, "value": {}}]}, "unknown"),
            ("instagram", {"id": PAGE, "changes": [{"field": "mentions", "value": {"media_id": "1"}}]}, "mentions"),
            ("instagram", {"id": PAGE, "changes": [{"field": "feed", "value": {}}]}, "unknown"),
        ],
    )
    def test_what_heed_does_not_use_is_ignored_under_a_safe_name(self, subject, what, name):
        assert deliver(what, subject=subject).ignored == (name,)

    @pytest.mark.parametrize(
        "what",
        [
            {"id": PAGE, "changes": [{"field": ["feed"], "value": {}}]},
            {"id": PAGE, "changes": [{"value": {}}]},
            {"id": PAGE, "changes": [{"field": "feed", "value": []}]},
            {"id": PAGE, "changes": "feed"},
            {"id": PAGE, "messaging": [7]},
            {"id": PAGE, "messaging": None},
        ],
    )
    def test_a_malformed_update_is_broken(self, what):
        reading = deliver(what)
        assert (len(reading.broken), reading.messages) == (1, ())


class TestDirect:
    def test_a_customers_message_is_read(self):
        message = said(text="Où est ma commande ?", reply_to={"mid": "m_0"})
        assert (message.id, message.customer, message.conversation) == ("m_1", CUSTOMER, f"{PAGE}:{CUSTOMER}")
        assert (message.author, message.surface) == (Author.CUSTOMER, Surface.DIRECT)
        assert (message.text, message.reply_to) == ("Où est ma commande ?", "m_0")
        assert message.sent_at == AT + timedelta(milliseconds=345)

    def test_an_echo_is_the_brands_reply_in_the_customers_conversation(self):
        request = senders.facebook_echo(META, "On the way", customer=CUSTOMER, at=AT)
        message = only(read("facebook", request))
        assert (message.author, message.customer, message.conversation) == (
            Author.AGENT,
            CUSTOMER,
            f"{PAGE}:{CUSTOMER}",
        )

    @pytest.mark.parametrize("app", [int(BOT), BOT])
    def test_an_echo_of_a_declared_app_is_a_bots(self, app):
        echo = event(PAGE, CUSTOMER, message={"mid": "m_1", "is_echo": True, "app_id": app})
        assert only(deliver(entry(echo))).author is Author.BOT

    def test_an_echo_without_an_app_is_an_agents(self):
        echo = event(PAGE, CUSTOMER, message={"mid": "m_1", "is_echo": True})
        assert only(deliver(entry(echo))).author is Author.AGENT

    def test_what_the_page_sends_is_the_brands_even_without_the_echo_mark(self):
        message = only(deliver(entry(event(PAGE, CUSTOMER, message={"mid": "m_1"}))))
        assert (message.author, message.customer) == (Author.AGENT, CUSTOMER)

    def test_an_instagram_echo_may_come_from_a_scoped_id(self):
        echo = event("17840000000000999", CUSTOMER, message={"mid": "m_1", "is_echo": True})
        message = only(deliver(entry(echo), subject="instagram"))
        assert (message.author, message.conversation) == (Author.AGENT, f"{PAGE}:{CUSTOMER}")

    def test_a_thread_another_app_holds_counts_too(self):
        assert only(deliver(entry(event(message={"mid": "m_1"}), key="standby"))).id == "m_1"

    def test_an_instagram_message_may_come_as_a_change(self):
        change = {"field": "messages", "value": event(message={"mid": "m_1", "text": "hi"})}
        assert only(deliver({"id": PAGE, "changes": [change]}, subject="instagram")).text == "hi"

    def test_a_postback_is_customer_input(self):
        message = only(deliver(entry(event(postback={"mid": "m_9", "title": "Talk to a human", "payload": "HUMAN"}))))
        assert (message.id, message.text, message.author) == ("m_9", "Talk to a human", Author.CUSTOMER)

    def test_a_postback_of_an_old_version_has_an_identity_that_every_retry_repeats(self):
        messages = [only(deliver(entry(event(postback={"payload": "HUMAN"})))) for _ in range(2)]
        assert {message.id for message in messages} == {f"postback:{CUSTOMER}:1767240212.345"}
        assert messages[0].text == "HUMAN"

    @pytest.mark.parametrize("name", ["read", "delivery", "reaction", "optin", "referral", "pass_thread_control"])
    def test_receipts_and_reactions_are_ignored_by_name(self, name):
        assert deliver(entry(event(**{name: {"mid": "m_1"}}))).ignored == (name,)

    def test_an_event_nobody_knows_is_ignored(self):
        assert deliver(entry(event(hologram={}))).ignored == ("unknown",)

    @pytest.mark.parametrize(
        ("update", "name"),
        [
            (event(message={"mid": "m_1", "is_self": True}), "message_self"),
            (event(PAGE, PAGE, message={"mid": "m_1"}), "message_self"),
        ],
    )
    def test_what_nobody_said_to_anybody_is_ignored(self, update, name):
        assert deliver(entry(update), subject="instagram").ignored == (name,)

    @pytest.mark.parametrize(
        ("update", "kind", "text"),
        [
            (event(message={"mid": "m_1", "is_deleted": True}), "withdrawn", ""),
            (event(message_edit={"mid": "m_1", "text": "now", "num_edit": 1}), "edited", "now"),
        ],
    )
    def test_what_becomes_of_a_message_is_reported_in_its_conversation(self, update, kind, text):
        message = only(deliver(entry(event(message={"mid": "m_1", "text": "hi"}))))
        (report,) = deliver(entry(update), subject="instagram").reports
        assert (report.kind, report.text, report.at) == (kind, text, message.sent_at)
        assert (report.message, report.conversation) == (message.id, message.conversation)

    def test_an_unsupported_message_still_waits_for_an_answer(self):
        assert said(is_unsupported=True).text == ""

    @pytest.mark.parametrize(
        ("sent", "kind", "reference", "title"),
        [
            ({"type": "image", "payload": {"url": "https://a/1"}}, AttachmentKind.IMAGE, "https://a/1", ""),
            ({"type": "video", "payload": {"url": "https://a/1"}}, AttachmentKind.VIDEO, "https://a/1", ""),
            ({"type": "audio", "payload": {"url": "https://a/1"}}, AttachmentKind.VOICE, "https://a/1", ""),
            ({"type": "file", "payload": {"url": "https://a/1"}}, AttachmentKind.FILE, "https://a/1", ""),
            ({"type": "template", "payload": {"title": "T"}}, AttachmentKind.CARD, "", "T"),
            ({"type": "image", "payload": {"sticker_id": 369239263222822}}, AttachmentKind.STICKER, "", ""),
            ({"type": "ig_reel", "payload": {"url": "https://a/1"}}, AttachmentKind.LINK, "https://a/1", ""),
            ({"type": "fallback", "url": "https://a/1", "title": "T"}, AttachmentKind.LINK, "https://a/1", "T"),
            ({"type": "fallback", "url": "javascript:alert(1)"}, AttachmentKind.LINK, "", ""),
            ({"type": ["image"]}, AttachmentKind.LINK, "", ""),
            (
                {"type": "location", "title": "Home", "payload": {"coordinates": {"lat": 48.2, "long": 16}}},
                AttachmentKind.LOCATION,
                "48.2,16.0",
                "Home",
            ),
        ],
    )
    def test_an_attachment_of_each_type_is_read(self, sent, kind, reference, title):
        assert said(attachments=[sent]).attachments == (Attachment(kind, reference, title),)

    def test_a_reply_to_a_story_links_the_story(self):
        message = said(text="?", reply_to={"story": {"id": "1", "url": "https://a/s"}})
        assert message.attachments == (Attachment(AttachmentKind.LINK, "https://a/s", "story"),)
        assert message.reply_to is None

    @pytest.mark.parametrize(
        ("update", "reason"),
        [
            (event(message=[]), "message"),
            (event(message={}), "postback"),
            (event(message={"mid": ""}), "id"),
            (event(message={"mid": True}), "id"),
            (event(message={"mid": 1.0}), "id"),
            (event(message={"mid": "a\x00b"}), "id"),
            (event(message={"mid": "\ud800"}), "id"),
            (event(message={"mid": "x" * 257}), "id"),
            (event(message={"mid": "é" * 129}), "id"),
            (event(message={"mid": 10**40}), "id"),
            (event(message={"mid": "m", "text": ["x"]}), "text"),
            (event(message={"mid": "m", "is_echo": "false"}), "is_echo"),
            (event(message={"mid": "m", "attachments": {}}), "attachments"),
            (event(message={"mid": "m", "attachments": ["x"]}), "attachments"),
            (event(message={"mid": "m", "attachments": [{"type": "location", "payload": {}}]}), "location"),
            (event(message={"mid": "m", "reply_to": "x"}), "reply_to"),
            (event(message={"mid": "m", "reply_to": {"story": 1}}), "reply_to"),
            (event(message={"mid": "m", "is_echo": True, "app_id": []}), "app_id"),
            (event(postback=7), "postback"),
            (event(sender=None, message={"mid": "m"}), "sender"),
            (event(sender="a:b", message={"mid": "m"}), "thread"),
            ({"recipient": {"id": PAGE}, "timestamp": MS, "message": {"mid": "m"}}, "sender"),
            (event(timestamp=None, message={"mid": "m"}), "time"),
            (event(timestamp=True, message={"mid": "m"}), "time"),
            (event(timestamp=1.5, message={"mid": "m"}), "time"),
            (event(timestamp=10**30, message={"mid": "m"}), "time"),
            (event(timestamp=-MS, message={"mid": "m"}), "time"),
            (event(timestamp=10**11, message={"mid": "m"}), "time"),
            (event(timestamp="now", message={"mid": "m"}), "time"),
        ],
    )
    def test_a_field_of_a_wrong_shape_breaks_its_message(self, update, reason):
        assert [part.reason for part in deliver(entry(update)).broken] == [reason]

    @pytest.mark.parametrize("timestamp", [1767240212, "1767240212", 1767240212000, "1767240212000"])
    def test_seconds_and_milliseconds_are_told_apart_by_size(self, timestamp):
        assert only(deliver(entry(event(timestamp=timestamp, message={"mid": "m"})))).sent_at == AT

    @pytest.mark.parametrize("timestamp", [10**9, 10**10 - 1, 10**12, 10**13 - 1])
    def test_a_time_far_away_is_kept_as_it_is(self, timestamp):
        message = only(deliver(entry(event(timestamp=timestamp, message={"mid": "m"}))))
        assert message.sent_at.timestamp() == pytest.approx(timestamp if timestamp < 10**12 else timestamp / 1000)

    def test_an_integer_id_beyond_a_double_keeps_its_digits(self):
        assert only(deliver(entry(event(sender=2**63 + 1, message={"mid": "m"})))).customer == "9223372036854775809"

    def test_text_is_stored_as_it_can_be(self):
        assert said(text="a\x00b\ud83dc😡").text == "a\ufffdb\ufffdc😡"
        assert said(text="x" * 20_000).text == "x" * 20_000
        assert said(text="x" * 20_001).text == "x" * 19_999 + "…"

    def test_at_most_ten_attachments_are_kept(self):
        assert len(said(attachments=[{"type": "image"}] * 11).attachments) == 10


class TestPageComments:
    def test_a_customers_comment_opens_a_thread_of_its_own(self):
        message = only(deliver(feed()))
        assert (message.id, message.customer, message.author_name) == ("c_1", CUSTOMER, "Lena K")
        assert (message.author, message.surface, message.reply_to) == (Author.CUSTOMER, Surface.COMMENT, POST)
        assert message.conversation == f"{PAGE}:{POST}:c_1"
        assert message.sent_at.timestamp() == 1767240800

    def test_the_brands_answer_joins_the_thread_of_the_comment_it_answers(self):
        message = only(deliver(feed(comment_id="c_2", parent_id="c_1", **{"from": {"id": PAGE}})))
        assert (message.author, message.conversation) == (Author.AGENT, f"{PAGE}:{POST}:c_1")
        assert (message.customer, message.reply_to) == ("", "c_1")

    def test_two_customers_under_one_post_are_two_conversations(self):
        first, second = deliver(feed(), feed(comment_id="c_2")).messages
        assert first.conversation != second.conversation

    def test_a_comment_without_a_parent_stands_under_the_post(self):
        assert only(deliver(feed(parent_id=None))).reply_to == POST

    def test_a_photo_is_an_attachment(self):
        message = only(deliver(feed(message=None, photo="https://a/1.jpg")))
        assert (message.text, message.attachments) == ("", (Attachment(AttachmentKind.IMAGE, "https://a/1.jpg"),))

    def test_a_comment_of_an_unknown_author_starts_no_clock_but_is_kept(self):
        assert [part.reason for part in deliver(feed(**{"from": None})).broken] == ["from"]

    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"item": "reaction"}, "reaction"),
            ({"item": "post"}, "post"),
            ({"item": "x"}, "unknown"),
            ({"item": []}, "unknown"),
            ({"verb": "hide"}, "comment_hide"),
            ({"verb": "x"}, "unknown"),
            ({"verb": {}}, "unknown"),
        ],
    )
    def test_what_is_no_comment_or_changes_none_is_ignored_by_name(self, changes, name):
        assert deliver(feed(**changes)).ignored == (name,)

    @pytest.mark.parametrize(
        ("verb", "kind", "text"),
        [("edited", "edited", "now"), ("edit", "edited", "now"), ("remove", "withdrawn", "")],
    )
    def test_what_becomes_of_a_comment_is_reported_in_its_conversation(self, verb, kind, text):
        first, reply = only(deliver(feed())), only(deliver(feed(comment_id="c_2", parent_id="c_1")))
        for comment, parent in ((first, {}), (reply, {"comment_id": "c_2", "parent_id": "c_1"})):
            (report,) = deliver(feed(verb=verb, message="now", **parent)).reports
            assert (report.kind, report.text) == (kind, text)
            assert (report.message, report.conversation) == (comment.id, comment.conversation)

    def test_the_sender_and_the_reader_agree(self):
        message = only(read("facebook", senders.facebook_comment(META, "hm", customer=CUSTOMER, at=AT, id="c_7")))
        assert (message.text, message.id, message.sent_at) == ("hm", "c_7", AT)


class TestInstagramComments:
    ACCOUNT, MEDIA = "17841400000000001", "17800000000000009"

    def test_a_comment_is_read_at_its_entrys_time(self):
        request = senders.instagram_comment(META, "when restock?", customer=CUSTOMER, at=AT, id="17900000000000001")
        message = only(read("instagram", request))
        assert (message.id, message.text, message.author_name) == ("17900000000000001", "when restock?", "customer")
        assert (message.surface, message.sent_at, message.reply_to) == (Surface.COMMENT, AT, self.MEDIA)
        assert message.conversation == f"{self.ACCOUNT}:{self.MEDIA}:17900000000000001"

    def test_the_brands_answer_joins_the_thread_of_the_comment_it_answers(self):
        request = senders.instagram_comment(META, "soon", customer=self.ACCOUNT, at=AT, parent="17900000000000001")
        message = only(read("instagram", request))
        assert message.author is Author.AGENT
        assert message.conversation == f"{self.ACCOUNT}:{self.MEDIA}:17900000000000001"

    def test_a_live_comment_is_a_comment(self):
        request = senders.instagram_comment(META, "hi", customer=CUSTOMER, at=AT)
        body = request.body.replace(b'"comments"', b'"live_comments"')
        assert only(read("instagram", senders.sign("instagram", META, body, at=AT))).text == "hi"

    def test_an_instagram_message_is_sent_and_read(self):
        request = senders.facebook_message(META, "hi", customer=CUSTOMER, at=AT, platform="instagram")
        assert only(read("instagram", request)).text == "hi"
        assert b'"object":"instagram"' in request.body
