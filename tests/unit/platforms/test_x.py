"""X: the Account Activity API and the X Activity API."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from heed import judge
from heed.model import Attachment, AttachmentKind, Author, ReportKind, Surface
from heed.platforms import Request
from infra.heedctl import senders
from infra.heedctl.senders import x
from tests.unit.platforms.given import AT, BOT, X, adapter, only, read, refused, unreadable, with_header

BRAND, CUSTOMER = x.BRAND, "3001969357"
OTHER = {"consumer_secret": "another"}
REPLYING = {"in_reply_to_status_id_str": "1954000000000000001", "in_reply_to_user_id_str": BRAND}
ANSWERING = {"in_reply_to_status_id_str": "1954000000000000002", "in_reply_to_user_id_str": CUSTOMER}


def direct(text="hi", **options):
    return read("x", x.activity(X, at=AT, direct_message_events=[x.direct(text, customer=CUSTOMER, at=AT, **options)]))


def tweet(text="hi", author=CUSTOMER, **part):
    return read("x", x.activity(X, at=AT, tweet_create_events=[x.tweet(text, author=author, at=AT, **part)]))


def post(kind="post.mention.create", author=CUSTOMER, includes=None, **part):
    return read("x", x.event(X, kind, x.post_v2("hi", author=author, at=AT, **part), at=AT, includes=includes))


def body(found):
    return read("x", senders.sign("x", X, json.dumps(found).encode(), at=AT))


def crc(token, **headers):
    return Request("GET", f"crc_token={quote(token, safe='')}", headers, b"")


class TestSignature:
    def test_a_signature_without_its_prefix_is_refused(self):
        request = senders.sign("x", X, b"{}", at=AT)
        bare = request.headers["x-twitter-webhooks-signature"].removeprefix("sha256=")
        assert refused("x", with_header(request, x_twitter_webhooks_signature=bare)) == "signature"

    def test_hex_instead_of_base64_is_refused(self):
        signed = "sha256=" + hmac.new(X["consumer_secret"].encode(), b"{}", hashlib.sha256).hexdigest()
        request = with_header(senders.sign("x", X, b"{}", at=AT), x_twitter_webhooks_signature=signed)
        assert refused("x", request) == "signature"

    def test_a_delivery_without_signature_is_refused(self):
        assert refused("x", replace(senders.sign("x", X, b"{}", at=AT), headers={})) == "unsigned"

    @pytest.mark.parametrize("method", ["PUT", "HEAD", ""])
    def test_another_method_is_refused(self, method):
        assert refused("x", replace(senders.sign("x", X, b"{}", at=AT), method=method)) == "method"

    @pytest.mark.parametrize("used", [X, OTHER])
    def test_the_current_and_the_previous_secret_are_right(self, used):
        assert refused("x", senders.sign("x", used, b"{}", at=AT), [OTHER, X]) == ""


class TestChallenge:
    @pytest.mark.parametrize("token", ["challenge123", "MWI3MTAwY2EtNzJmZC00M2FiLTlkNGY", "a+b/c=", "päß"])
    def test_the_answer_is_json_with_the_tokens_hmac(self, token):
        answer = adapter("x").answer(adapter("x").verify(crc(token), [X], AT))
        digest = hmac.new(X["consumer_secret"].encode(), token.encode(), hashlib.sha256).digest()
        assert json.loads(answer.body) == {"response_token": "sha256=" + base64.b64encode(digest).decode()}
        assert (answer.status, answer.content_type) == (200, "application/json; charset=utf-8")

    def test_the_published_token_has_the_published_answer(self):
        verified = adapter("x").verify(crc("challenge123"), [{"consumer_secret": "s3cr3t-Vector"}], AT)
        assert verified.challenge == '{"response_token":"sha256=eEHqRMhWqkobrZoOqapExI6wQwnzr6g4lF0GNJkLYEc="}'

    def test_a_signature_beside_it_is_over_the_query_as_sent(self):
        request = senders.handshake("x", X, "a+b c", at=AT)
        assert request.query == "crc_token=a%2Bb+c&nonce=4150707"
        assert refused("x", request) == ""
        assert refused("x", replace(request, query="nonce=4150707&crc_token=a%2Bb+c")) == "signature"
        assert refused("x", request, [OTHER, X]) == ""
        assert refused("x", request, [OTHER]) == "signature"

    @pytest.mark.parametrize("query", ["", "crc_token=", "nonce=1", "crc_token=a%0Ab", "a=1&" * 60])
    def test_a_check_without_a_token_is_refused(self, query):
        assert refused("x", Request("GET", query, {}, b"")) == "malformed"

    def test_nobody_can_have_a_delivery_signed_by_the_check(self):
        wanted = x.activity(X, at=AT, direct_message_events=[x.direct("forged", customer=CUSTOMER, at=AT)])
        assert refused("x", crc(wanted.body.decode())) == "malformed"

    def test_without_a_secret_nothing_is_signed(self):
        assert refused("x", crc("challenge123"), []) == "unconfigured"


class TestDirect:
    def test_a_customers_message(self):
        message = only(direct("App crashes 😩", id="1954491830116155396"))
        assert (message.id, message.conversation) == ("1954491830116155396", f"{BRAND}:{CUSTOMER}")
        assert (message.author, message.surface, message.customer) == (Author.CUSTOMER, Surface.DIRECT, CUSTOMER)
        assert message.sent_at == AT

    def test_what_the_brand_writes_is_an_agents_in_the_same_conversation(self):
        message = only(direct("sorry!", own=True))
        assert (message.author, message.customer) == (Author.AGENT, CUSTOMER)
        assert message.conversation == only(direct()).conversation
        assert message.author_name == "Qinghe"

    @pytest.mark.parametrize(("app", "author"), [(BOT, Author.BOT), ("13090192", Author.AGENT)])
    def test_the_app_that_sent_it_tells_a_bot_from_a_person(self, app, author):
        event = x.direct("hi", customer=CUSTOMER, at=AT, own=True)
        event["message_create"]["source_app_id"] = app
        assert only(read("x", x.activity(X, at=AT, direct_message_events=[event]))).author is author

    def test_one_message_between_two_brands_is_heard_by_both(self):
        event = x.direct("hi", customer=CUSTOMER, at=AT, id="7")
        one, two = (
            only(read("x", x.activity(X, at=AT, brand=brand, direct_message_events=[event])))
            for brand in (BRAND, CUSTOMER)
        )
        assert (one.author, two.author) == (Author.CUSTOMER, Author.AGENT)
        assert one.conversation != two.conversation

    def test_what_happens_to_a_message_but_its_creation_is_ignored(self):
        assert body({"for_user_id": BRAND, "direct_message_events": [{"type": "message_read"}]}).ignored == ("unknown",)

    def test_a_note_to_oneself_is_ignored(self):
        event = x.direct("note", customer=BRAND, at=AT)
        assert read("x", x.activity(X, at=AT, direct_message_events=[event])).ignored == ("message_self",)

    @pytest.mark.parametrize(
        ("part", "expected"),
        [
            (
                {"type": "media", "media": {"type": "photo", "media_url_https": "https://a/b.jpg", "id_str": "1"}},
                Attachment(AttachmentKind.IMAGE, "https://a/b.jpg"),
            ),
            (
                {"type": "media", "media": {"type": "video", "id_str": "17"}},
                Attachment(AttachmentKind.VIDEO, "17"),
            ),
            (
                {"type": "media", "media": {"type": "hologram", "media_url_https": "javascript:1", "id_str": "2"}},
                Attachment(AttachmentKind.FILE, "2"),
            ),
            (
                {"type": "location", "location": {"shared_coordinate": {"coordinates": {"coordinates": [-122.4, 37]}}}},
                Attachment(AttachmentKind.LOCATION, "37.0,-122.4"),
            ),
            (
                {"type": "location", "location": {"shared_place": {"place": {"id": "x"}}}},
                Attachment(AttachmentKind.LOCATION, ""),
            ),
        ],
    )
    def test_an_attachment(self, part, expected):
        assert only(direct("", attachment=part)).attachments == (expected,)

    def test_the_activity_apis_envelope_is_read_alike(self):
        event = x.direct("hello!", customer=CUSTOMER, at=AT, id="2080765901528535096")
        people = {CUSTOMER: {"data": {"id": CUSTOMER, "name": "Jordan"}}}
        payload = {"direct_message_events": [event], "users": people}
        told = only(read("x", x.event(X, "dm.received", payload, at=AT)))
        legacy = only(read("x", x.activity(X, at=AT, direct_message_events=[event])))
        assert replace(told, author_name="") == legacy
        assert told.author_name == "Jordan"


class TestChat:
    @pytest.mark.parametrize(("sender", "author"), [(CUSTOMER, Author.CUSTOMER), (BRAND, Author.AGENT)])
    def test_an_encrypted_message_is_a_message_without_text(self, sender, author):
        kind = "chat.sent" if sender == BRAND else "chat.received"
        chat = {
            "id": "e4f4d3fc-8bbf-4928-92eb-e5058d6bb6f6",
            "created_at_msec": "1767240212000",
            "sender_id": sender,
            "conversation_id": f"{CUSTOMER}:{BRAND}",
            "encoded_event": "CwAB",
        }
        message = only(read("x", x.event(X, kind, chat, at=AT)))
        assert (message.text, message.author, message.customer) == ("", author, CUSTOMER)
        assert message.conversation == f"{BRAND}:{CUSTOMER}"
        assert message.sent_at == AT

    def test_its_assessment_is_uncertain(self):
        assert judge.assess("", "en").uncertain

    def test_a_group_is_one_conversation(self):
        chat = {"id": "1", "created_at_msec": "1767240212000", "sender_id": CUSTOMER, "conversation_id": "g1700"}
        message = only(read("x", x.event(X, "chat.received", chat, at=AT)))
        assert (message.conversation, message.customer) == (f"{BRAND}:g1700", CUSTOMER)

    @pytest.mark.parametrize("ends", [BRAND, f"{CUSTOMER}:{BRAND}:1"])
    def test_a_conversation_of_one_or_of_three_cannot_be_read(self, ends):
        chat = {"id": "1", "created_at_msec": "1767240212000", "sender_id": CUSTOMER, "conversation_id": ends}
        (part,) = read("x", x.event(X, "chat.received", chat, at=AT)).broken
        assert part.reason == "chat"


class TestPublic:
    def test_a_mention_and_a_reply_stay_apart_from_direct_messages(self):
        mention, reply = only(tweet()), only(tweet(**REPLYING))
        assert (mention.surface, reply.surface) == (Surface.MENTION, Surface.COMMENT)
        assert mention.conversation == reply.conversation == f"{BRAND}:{CUSTOMER}:public"
        assert (mention.reply_to, reply.reply_to) == (None, "1954000000000000001")

    def test_a_reply_of_the_brand_joins_the_conversation_it_answers(self):
        message = only(tweet("sorry!", author=BRAND, **ANSWERING))
        assert (message.author, message.customer, message.surface) == (Author.AGENT, CUSTOMER, Surface.COMMENT)
        assert message.conversation == only(tweet()).conversation

    def test_an_automatic_reply_is_known_by_its_app(self):
        source = f'<a href="https://a" rel="nofollow">{BOT}</a>'
        assert only(tweet(author=BRAND, source=source, **ANSWERING)).author is Author.BOT

    @pytest.mark.parametrize(
        "part",
        [{}, {"in_reply_to_status_id_str": "1", "in_reply_to_user_id_str": BRAND}, {"quoted_status_id_str": "1"}],
    )
    def test_what_the_brand_says_to_nobody_is_ignored(self, part):
        assert tweet(author=BRAND, **part).ignored == ("own_post",)

    def test_a_retweet_is_ignored(self):
        assert tweet(retweeted_status={"id_str": "1"}).ignored == ("retweet",)
        assert post(referenced_tweets=[{"type": "retweeted", "id": "1"}]).ignored == ("retweet",)

    def test_a_quote_is_a_mention_that_answers_what_it_quotes(self):
        for message in (
            only(tweet(quoted_status_id_str="1954000000000000009", is_quote_status=True)),
            only(post("post.quote.create", referenced_tweets=[{"type": "quoted", "id": "1954000000000000009"}])),
        ):
            assert (message.surface, message.reply_to) == (Surface.MENTION, "1954000000000000009")

    def test_a_long_post_is_read_whole(self):
        long = "x" * 300
        assert only(tweet("x" * 139 + "…", truncated=True, extended_tweet={"full_text": long})).text == long
        assert only(post(note_tweet={"text": long})).text == long

    def test_an_id_keeps_its_digits(self):
        assert only(tweet(id="1924465506158878979")).id == "1924465506158878979"
        event = x.tweet("hi", author=CUSTOMER, at=AT, id="1924465506158878979")
        del event["id_str"]
        assert only(read("x", x.activity(X, at=AT, tweet_create_events=[event]))).id == "1924465506158878979"

    @pytest.mark.parametrize("blocked", [True, "false"])
    def test_a_block_that_is_a_text_or_a_flag_changes_nothing(self, blocked):
        tweets = [x.tweet("hi", author=CUSTOMER, at=AT)]
        assert only(read("x", x.activity(X, at=AT, user_has_blocked=blocked, tweet_create_events=tweets)))

    def test_a_time_without_milliseconds_is_read_from_created_at(self):
        assert only(tweet(timestamp_ms=None, created_at="Thu Jan 01 05:03:32 +0100 2026")).sent_at == AT
        assert tweet(timestamp_ms=None, created_at="Thu Jan 01 05:03:32 2026").broken[0].reason == "time"
        assert tweet(timestamp_ms=None, created_at="soon").broken[0].reason == "time"

    @pytest.mark.parametrize("name", ["extended_entities", "entities"])
    def test_pictures_are_kept(self, name):
        media = {
            "media": [{"type": "photo", "media_url_https": "https://a/b.jpg"}, {"type": "animated_gif", "id_str": "2"}]
        }
        kinds = [part.kind for part in only(tweet(**{name: media})).attachments]
        assert kinds == [AttachmentKind.IMAGE, AttachmentKind.VIDEO]

    def test_a_v2_post_names_its_pictures_by_key(self):
        includes = {"media": [{"media_key": "3_1", "type": "photo", "url": "https://a/b.jpg"}]}
        message = only(post(attachments={"media_keys": ["3_1", "7_2"]}, includes=includes))
        assert message.attachments == (
            Attachment(AttachmentKind.IMAGE, "https://a/b.jpg"),
            Attachment(AttachmentKind.FILE, "7_2"),
        )

    def test_a_v2_post_is_the_same_message_as_its_v1_form(self):
        link = [{"type": "replied_to", "id": "1954000000000000001"}]
        people = {"users": [{"id": CUSTOMER, "name": "Jordan"}]}
        new = only(
            post("post.reply.create", id="7", in_reply_to_user_id=BRAND, referenced_tweets=link, includes=people)
        )
        assert new == only(tweet(id="7", **REPLYING))

    def test_a_reply_of_the_brand_is_placed_by_the_post_it_answers(self):
        link = [{"type": "replied_to", "id": "5"}]
        includes = {"tweets": [{"id": "5", "author_id": CUSTOMER}]}
        message = only(post("post.create", author=BRAND, referenced_tweets=link, includes=includes))
        assert (message.author, message.conversation) == (Author.AGENT, f"{BRAND}:{CUSTOMER}:public")

    def test_an_answer_to_nobody_knows_whom_goes_to_quarantine(self):
        reading = post("post.create", author=BRAND, referenced_tweets=[{"type": "replied_to", "id": "5"}])
        assert [part.reason for part in reading.broken] == ["answered"]

    def test_a_v2_reply_to_somebody_else_is_a_mention(self):
        message = only(post(referenced_tweets=[{"type": "replied_to", "id": "5"}]))
        assert (message.surface, message.reply_to) == (Surface.MENTION, "5")


class TestDeleted:
    def test_a_customers_post_is_withdrawn_from_its_conversation(self):
        status = {"status": {"id": "9", "user_id": CUSTOMER}, "timestamp_ms": "1767240212000"}
        legacy = read("x", x.activity(X, at=AT, tweet_delete_events=[status])).reports
        new = read("x", x.event(X, "post.delete", {"id": "9", "author_id": CUSTOMER}, at=AT)).reports
        assert legacy == new
        (report,) = new
        assert (report.kind, report.message, report.at) == (ReportKind.WITHDRAWN, "9", AT)
        assert report.conversation == only(tweet(id="9")).conversation

    def test_of_the_brands_own_nobody_says_whom_it_answered(self):
        status = {"status": {"id": "9", "user_id": BRAND}, "timestamp_ms": "1767240212000"}
        assert read("x", x.activity(X, at=AT, tweet_delete_events=[status])).ignored == ("own_post_deleted",)


class TestEnvelope:
    @pytest.mark.parametrize(
        "name",
        ["favorite_events", "follow_events", "block_events", "mute_events", "direct_message_mark_read_events"],
    )
    def test_what_nobody_said_is_ignored_by_name(self, name):
        assert body({"for_user_id": BRAND, name: [{"type": "x"}]}).ignored == (name,)

    def test_a_revoked_subscription_names_no_brand(self):
        assert body({"user_event": {"revoke": {"source": {"user_id": "1"}}}}).ignored == ("user_event",)

    @pytest.mark.parametrize("kind", ["like.create", "follow.follow", "dm.read"])
    def test_an_activity_is_ignored_by_its_type(self, kind):
        assert read("x", x.event(X, kind, {"id": "1"}, at=AT)).ignored == (kind,)

    @pytest.mark.parametrize("kind", ["profile.update.bio", "a\nb", "x" * 500])
    def test_an_unknown_type_has_no_name_of_its_own(self, kind):
        assert read("x", x.event(X, kind, {"id": "1"}, at=AT)).ignored == ("unknown",)

    def test_a_broken_event_breaks_none_beside_it_and_can_be_read_again(self):
        broken = x.direct("hi", customer=CUSTOMER, at=AT)
        del broken["created_timestamp"]
        good = x.direct("hi", customer=CUSTOMER, at=AT)
        reading = read("x", x.activity(X, at=AT, direct_message_events=[broken, good]))
        assert len(reading.messages) == 1
        (part,) = reading.broken
        assert part.reason == "time"
        again = read("x", senders.sign("x", X, part.raw, at=AT))
        assert [one.reason for one in again.broken] == ["time"]

    def test_a_broken_activity_can_be_read_again(self):
        payload = {"direct_message_events": [{"type": "message_create"}, x.direct("hi", customer=CUSTOMER, at=AT)]}
        reading = read("x", x.event(X, "dm.received", payload, at=AT))
        assert (len(reading.messages), len(reading.broken)) == (1, 1)
        assert len(read("x", senders.sign("x", X, reading.broken[0].raw, at=AT)).broken) == 1

    @pytest.mark.parametrize(
        ("found", "reason"),
        [
            ({"direct_message_events": [x.direct("hi", customer=CUSTOMER, at=AT)]}, "account"),
            ({"for_user_id": BRAND, "direct_message_events": ["hi"]}, "direct_message"),
            ({"for_user_id": BRAND, "tweet_create_events": "hi"}, "tweet_create_events"),
            ({"data": "hi"}, "event"),
            ({"data": {"event_type": "post.create", "payload": {}, "filter": 1}}, "account"),
            ({"data": {"payload": {}}}, "event"),
        ],
    )
    def test_a_part_that_cannot_be_read_says_why(self, found, reason):
        assert [part.reason for part in body(found).broken] == [reason]

    @pytest.mark.parametrize(
        ("found", "reason"), [(b"{", "json"), (b"[]", "shape"), (b"{}", "event"), (b"\xff", "encoding")]
    )
    def test_a_delivery_that_cannot_be_read_says_why(self, found, reason):
        assert unreadable("x", senders.sign("x", X, found, at=AT)) == reason

    def test_several_activities_in_one_delivery_are_each_read(self):
        data = json.loads(x.event(X, "like.create", {"id": "1"}, at=AT).body)["data"]
        assert body({"data": [data, data]}).ignored == ("like.create", "like.create")


def test_milliseconds_are_kept():
    at = datetime(2026, 1, 1, 4, 3, 32, 557000, tzinfo=UTC) - timedelta(days=1)
    event = x.direct("hi", customer=CUSTOMER, at=at)
    assert only(read("x", x.activity(X, at=AT, direct_message_events=[event]))).sent_at == at
