"""Slack: signatures, who speaks, threads, and what becomes of a message."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from heed.model import Attachment, AttachmentKind, Author, ReportKind, Surface
from infra.heedctl.senders import slack
from tests.unit.platforms.given import AT, BOT, SLACK, adapter, only, read, refused, unreadable, with_header

NO_STAFF = {"signing_secret": SLACK["signing_secret"]}
OTHER = {"signing_secret": "another"}
ROOT = "1767240000.000100"
# The SDK reads every body as UTF-8.
bodies = st.text(st.characters(exclude_categories=("Cs",)), max_size=99).map(str.encode)


def event(**part):
    """A customer's message in a channel, or what `part` makes of it; a part that is None is left out."""
    said = {**slack.message("hi", customer="U0CUST", at=AT, id="1767240212.345678"), **part}
    return slack.event(SLACK, {name: value for name, value in said.items() if value is not None}, at=AT)


def said(**part):
    return only(read("slack", event(**part)))


def changed(message, **part):
    return event(subtype="message_changed", user=None, text=None, message=message, **part)


class TestSignature:
    @pytest.mark.parametrize("used", [SLACK, NO_STAFF, OTHER])
    def test_both_the_current_and_the_previous_secret_are_right(self, used):
        request = slack.sign("slack", used, b"{}", at=AT)
        assert refused("slack", request, [OTHER, SLACK]) == ""
        assert bool(refused("slack", request, [SLACK])) is (used is OTHER)

    @pytest.mark.parametrize("name", ["x_slack_signature", "x_slack_request_timestamp"])
    def test_a_missing_header_is_refused(self, name):
        assert refused("slack", with_header(event(), **{name: ""})) == "unsigned"

    @pytest.mark.parametrize("value", ["v0=", "x", "ñ", "\udcff", "v1=" + "0" * 64, "😡"])
    def test_a_changed_signature_is_refused(self, value):
        assert refused("slack", with_header(event(), x_slack_signature=value)) == "signature"

    def test_a_right_signature_of_another_version_or_case_is_refused(self):
        signed = event().headers["x-slack-signature"]
        for value in (signed.replace("v0", "v1"), signed.removeprefix("v0="), signed.upper()):
            assert refused("slack", with_header(event(), x_slack_signature=value)) == "signature"

    @pytest.mark.parametrize(("seconds", "reason"), [(-301, "stale"), (-300, ""), (0, ""), (300, ""), (301, "stale")])
    def test_five_minutes_to_both_sides_are_tolerated(self, seconds, reason):
        assert refused("slack", event(), now=AT + timedelta(seconds=seconds)) == reason

    def test_a_stranger_is_not_told_that_a_forgery_is_old(self):
        forged = with_header(event(), x_slack_signature="v0=0")
        assert refused("slack", forged, now=AT + timedelta(days=1)) == "signature"

    @pytest.mark.parametrize("retry", ["1", "2", "3"])
    def test_a_retry_is_read_like_a_first_delivery(self, retry):
        again = with_header(event(), x_slack_retry_num=retry, x_slack_retry_reason="http_timeout")
        assert only(read("slack", again)) == only(read("slack", event()))

    @pytest.mark.parametrize(
        "secret", [{}, {"signing_secret": " "}, {**SLACK, "staff": ""}, {**SLACK, "staff": ["U1"]}]
    )
    def test_an_incomplete_secret_lets_nothing_in(self, secret):
        assert refused("slack", event(), [secret]) == "unconfigured"

    def test_there_is_no_other_method(self):
        assert refused("slack", replace(event(), method="GET")) == "method"


class TestOracle:
    """slack_sdk 3.47, the vendor's own verifier, at the same clock."""

    @staticmethod
    def judges(request, secret, now=AT):
        clock = SimpleNamespace(now=lambda: now.timestamp())
        return SignatureVerifier(secret["signing_secret"], clock).is_valid_request(request.body, request.headers)

    @given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40).filter(str.strip), bodies)
    def test_what_the_sender_signs_the_sdk_takes(self, key, body):
        request = slack.sign("slack", {"signing_secret": key}, body, at=AT)
        assert self.judges(request, {"signing_secret": key})
        assert refused("slack", request, [{"signing_secret": key}]) == ""

    @given(bodies, st.integers(-600, 600), st.booleans())
    @example(b"{}", 300, False)
    @example(b"{}", -301, False)
    def test_both_judge_a_delivery_alike(self, body, seconds, forged):
        request, now = slack.sign("slack", SLACK, b"{}", at=AT), AT + timedelta(seconds=seconds)
        request = replace(request, body=body) if forged else request
        assert self.judges(request, SLACK, now) is (refused("slack", request, now=now) == "")

    def test_the_vendors_published_example_is_genuine(self):
        secret = {"signing_secret": "8f742231b10e8888abcd99yyyzzz85a5"}
        body = (
            b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
            b"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&"
            b"response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F"
            b"96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
        )
        request = slack.sign("slack", secret, body, at=datetime.fromtimestamp(1531420618, UTC))
        signed = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
        assert request.headers["x-slack-signature"] == signed
        assert read("slack", request, secret, now=datetime.fromtimestamp(1531420618, UTC)).ignored == ("slash_command",)


class TestHandshake:
    def test_the_challenge_is_sent_back_as_plain_text(self):
        request = slack.handshake("slack", SLACK, "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P", at=AT)
        answer = adapter("slack").answer(adapter("slack").verify(request, [SLACK], AT))
        assert (answer.status, answer.body) == (200, "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P")
        assert answer.content_type.startswith("text/plain")

    def test_it_is_verified_like_any_request(self):
        assert refused("slack", slack.handshake("slack", OTHER, "mine", at=AT)) == "signature"

    @pytest.mark.parametrize("challenge", [None, "", 7, ["x"], "a\nb"])
    def test_one_that_is_no_text_is_refused(self, challenge):
        body = json.dumps({"type": "url_verification", "challenge": challenge}).encode()
        assert refused("slack", slack.sign("slack", SLACK, body, at=AT)) == "malformed"

    def test_words_about_it_are_none(self):
        assert adapter("slack").verify(event(text="url_verification"), [SLACK], AT).challenge is None
        broken = slack.sign("slack", SLACK, b'{"url_verification', at=AT)
        assert adapter("slack").verify(broken, [SLACK], AT).challenge is None

    def test_the_success_answer_is_empty(self):
        answer = adapter("slack").answer(adapter("slack").verify(event(), [SLACK], AT))
        assert (answer.status, answer.body) == (200, "")


class TestMessages:
    def test_a_message_in_a_channel_is_read(self):
        message = said(text="<https://q.example/1|order 1> &lt;late&gt; &amp; <@U9> <#C7|help> <!here>")
        assert (message.id, message.customer) == ("C0HELP:1767240212.345678", "U0CUST")
        assert message.conversation == "T0QINGHE:C0HELP:1767240212.345678"
        assert (message.author, message.surface) == (Author.CUSTOMER, Surface.DIRECT)
        assert message.text == "order 1 <late> & @U9 #help @here"
        assert message.sent_at == datetime(2026, 1, 1, 4, 3, 32, 345000, UTC)
        assert message.reply_to is None

    def test_a_message_in_a_thread_answers_its_first(self):
        message = said(thread_ts=ROOT)
        assert (message.conversation, message.reply_to) == (f"T0QINGHE:C0HELP:{ROOT}", f"C0HELP:{ROOT}")

    def test_an_answer_in_the_thread_finds_the_customers_conversation(self):
        question = said()
        answer = said(user="U0CARE01", thread_ts="1767240212.345678", parent_user_id="U0CUST")
        assert (answer.conversation, answer.author, answer.customer) == (question.conversation, Author.AGENT, "U0CUST")

    @pytest.mark.parametrize("kind", ["im", "mpim", "app_home"])
    def test_a_direct_conversation_is_one_whatever_thread_it_has(self, kind):
        for part in ({}, {"thread_ts": ROOT}):
            assert said(channel="G0GROUP", channel_type=kind, **part).conversation == "T0QINGHE:G0GROUP"
        assert said(channel="D0CUST", channel_type=None).conversation == "T0QINGHE:D0CUST"

    def test_a_channel_shared_between_organisations_is_one_conversation_in_all_of_them(self):
        shared = slack.message("hi", customer="U0CUST", at=AT, id=ROOT)
        twice = [slack.event(SLACK, shared, at=AT, team=team, is_ext_shared_channel=True) for team in ("T1", "T2")]
        first, second = (only(read("slack", request)) for request in twice)
        assert (first.id, first.conversation) == (second.id, second.conversation) == (f"C0HELP:{ROOT}",) * 2

    def test_a_mention_of_the_app_is_a_mention(self):
        assert said(type="app_mention", channel_type=None).surface is Surface.MENTION

    @pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
    def test_some_subtypes_are_messages(self, subtype):
        assert said(subtype=subtype).author is Author.CUSTOMER

    def test_a_file_without_words_is_a_message(self):
        files = [
            {"id": "F1", "name": "a.png", "mimetype": "image/png", "url_private": "https://files.slack.com/a.png"},
            {"id": "F2", "mimetype": "audio/webm"},
            {"id": "F3", "url_private": "javascript:alert(1)"},
        ]
        message = said(subtype="file_share", text=None, files=files)
        assert message.text == ""
        assert message.attachments == (
            Attachment(AttachmentKind.IMAGE, "https://files.slack.com/a.png", "a.png"),
            Attachment(AttachmentKind.VOICE, "F2"),
            Attachment(AttachmentKind.FILE, "F3"),
        )

    @pytest.mark.parametrize(
        ("part", "author"),
        [
            ({}, Author.CUSTOMER),
            ({"user": "U0CARE01"}, Author.AGENT),
            ({"team": "T0QINGHE"}, Author.AGENT),
            ({"user_team": "T0QINGHE"}, Author.AGENT),
            ({"user_team": "T0GUEST", "team": "T0QINGHE"}, Author.CUSTOMER),
            ({"bot_id": "B1"}, Author.BOT),
            ({"bot_id": "B1", "user": "U0CARE01"}, Author.BOT),
            ({"bot_id": "B1", "team": "T0QINGHE"}, Author.BOT),
            ({"bot_id": "B0TICKETS"}, Author.AGENT),
            ({"bot_id": "B1", "user": None, "subtype": "bot_message", "username": "Away"}, Author.BOT),
            ({"user": None, "subtype": "bot_message"}, Author.BOT),
            ({"user": "USLACKBOT"}, Author.BOT),
            ({"user": BOT, "team": "T0QINGHE"}, Author.BOT),
        ],
    )
    def test_who_speaks(self, part, author):
        assert said(**part).author is author

    def test_without_staff_every_person_is_a_customer(self):
        request = slack.event(SLACK, slack.message("hi", customer="U0CARE01", at=AT), at=AT)
        assert only(read("slack", request, NO_STAFF)).author is Author.CUSTOMER

    @pytest.mark.parametrize(
        ("parent", "customer"), [("U0CUST", "U0CUST"), ("U0CARE01", ""), (None, "")], ids=["theirs", "ours", "unknown"]
    )
    def test_an_answer_names_the_customer_whose_thread_it_is(self, parent, customer):
        assert said(user="U0CARE01", thread_ts=ROOT, parent_user_id=parent).customer == customer


class TestReports:
    SAID = {"type": "message", "user": "U0CUST", "text": "a &amp; b", "ts": "1767240212.345678"}  # noqa: RUF012

    @pytest.mark.parametrize("thread", [{}, {"thread_ts": ROOT}])
    @pytest.mark.parametrize("place", [{}, {"channel": "D0CUST", "channel_type": "im"}])
    def test_every_report_is_of_the_message_in_its_conversation(self, thread, place):
        message = said(**thread, **place)
        before = {**self.SAID, **thread}
        edited = {**before, "edited": {"user": "U0CUST", "ts": "1767240300.000000"}}
        tombstone = {**before, "subtype": "tombstone", "user": "USLACKBOT"}
        gone = {"subtype": "message_deleted", "deleted_ts": before["ts"], "user": None, "previous_message": before}
        for request, kind in (
            (changed(edited, **place), ReportKind.EDITED),
            (changed(tombstone, **place), ReportKind.WITHDRAWN),
            (event(**gone, **place), ReportKind.WITHDRAWN),
        ):
            (report,) = read("slack", request).reports
            assert (report.kind, report.message, report.conversation) == (kind, message.id, message.conversation)

    def test_an_edit_has_the_new_words_and_the_time_of_the_edit(self):
        (report,) = read("slack", changed({**self.SAID, "edited": {"ts": "1767240300.000000"}})).reports
        assert (report.text, report.at.timestamp()) == ("a & b", 1767240300)

    def test_a_deletion_of_before_is_of_a_message_that_began_a_thread(self):
        (report,) = read(
            "slack", event(subtype="message_deleted", deleted_ts=ROOT, event_ts="1767240300.000200")
        ).reports
        assert (report.message, report.conversation) == (f"C0HELP:{ROOT}", f"T0QINGHE:C0HELP:{ROOT}")
        assert report.at.timestamp() == 1767240300

    def test_a_preview_is_no_edit(self):
        assert read("slack", changed(self.SAID)).ignored == ("message_changed",)


class TestIgnored:
    @pytest.mark.parametrize(
        ("part", "name"),
        [
            ({"type": "reaction_added"}, "reaction_added"),
            ({"type": "a\nb"}, "unknown"),
            ({"type": None}, "unknown"),
            ({"subtype": "channel_join"}, "channel_join"),
            ({"subtype": "x" * 99}, "unknown"),
            ({"subtype": ["bot_message"]}, "unknown"),
        ],
    )
    def test_an_event_of_no_use_has_a_safe_name(self, part, name):
        assert read("slack", event(**part)).ignored == (name,)

    @pytest.mark.parametrize(
        ("form", "name"),
        [
            ({"payload": '{"type":"block_actions"}'}, "block_actions"),
            ({"payload": '{"type":"{0}"}'}, "unknown"),
            ({"command": "/refund", "text": "now"}, "slash_command"),
            ({"a": "b"}, "unknown"),
        ],
    )
    def test_interactivity_is_verified_and_ignored(self, form, name):
        request = slack.form(SLACK, form, at=AT)
        assert refused("slack", replace(request, body=request.body + b"&x=y")) == "signature"
        assert read("slack", request).ignored == (name,)

    def test_another_envelope_is_ignored(self):
        request = slack.sign("slack", SLACK, b'{"type":"app_rate_limited"}', at=AT)
        assert read("slack", request).ignored == ("app_rate_limited",)


class TestUnreadable:
    @pytest.mark.parametrize(
        ("part", "reason"),
        [
            ({"user": None}, "user"),
            ({"user": "a\nb"}, "user"),
            ({"channel": None}, "channel"),
            ({"channel": "C:1"}, "thread"),
            ({"ts": 1767240212.345}, "ts"),
            ({"ts": "1767240212"}, "ts"),
            ({"ts": "0000000000.1"}, "time"),
            ({"thread_ts": "x"}, "ts"),
            ({"text": 7}, "text"),
            ({"files": {}}, "attachments"),
            ({"files": [1]}, "attachments"),
            ({"subtype": "message_changed"}, "message"),
            ({"subtype": "message_deleted"}, "ts"),
        ],
    )
    def test_a_field_of_a_wrong_shape_says_why(self, part, reason):
        assert unreadable("slack", event(**part)) == reason

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"{}", "type"),
            (b'{"type":"event_callback"}', "event"),
            (b"[1]", "shape"),
            (b"\xff=", "form"),
            (b"payload=x", "payload"),
            (b"&".join([b"a=1"] * 51), "form"),
        ],
    )
    def test_a_body_of_a_wrong_shape_says_why(self, body, reason):
        assert unreadable("slack", slack.sign("slack", SLACK, body, at=AT)) == reason

    def test_a_message_without_its_workspace_says_so(self):
        request = slack.event(SLACK, slack.message("hi", customer="U1", at=AT), at=AT, team_id=None)
        assert unreadable("slack", request) == "team"


def test_the_sender_and_the_reader_agree():
    message = only(read("slack", slack.text("slack", SLACK, "hello", customer="U0CUST", at=AT, id=ROOT)))
    assert (message.text, message.customer, message.id) == ("hello", "U0CUST", f"DU0CUST:{ROOT}")
    first, second = (slack.ts_of(AT, "order-1") for _ in range(2))
    assert first == second != slack.ts_of(AT, "order-2")
