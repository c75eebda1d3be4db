"""Telegram: a bot, its groups, and a business account that a bot helps."""

import json
from dataclasses import replace
from typing import ClassVar

import pytest

from heed.model import Attachment, AttachmentKind, Author, ReportKind, Surface
from infra.heedctl import senders
from infra.heedctl.senders import telegram
from tests.unit.platforms.given import AT, BOT, TELEGRAM, adapter, only, read, refused, unreadable, with_header

USER = "556677889"
OTHER = {"secret_token": "other"}
GROUP = {"id": -1001234567890, "type": "supergroup", "title": "Qinghe Club"}
ANONYMOUS = {"from": {"id": 1087968824, "is_bot": True, "first_name": "Group"}, "sender_chat": GROUP}
SECONDS = int(AT.timestamp())


def said(**part):
    return read("telegram", telegram.update(TELEGRAM, at=AT, message=telegram.message(USER, AT, id="451", **part)))


def business(own=False, **part):
    found = telegram.business(USER, AT, own=own, id="451", **part)
    return read("telegram", telegram.update(TELEGRAM, at=AT, business_message=found))


def update(**part):
    return read("telegram", telegram.update(TELEGRAM, at=AT, **part))


def body(found):
    return senders.sign("telegram", TELEGRAM, json.dumps(found).encode(), at=AT)


class TestToken:
    @pytest.mark.parametrize("shown", ["", "tg_Secret-Token_2027", "tg_Secret-Token_202", "é", "\ud800", "токен"])
    def test_another_token_is_refused_and_never_an_error(self, shown):
        request = with_header(body({}), x_telegram_bot_api_secret_token=shown)
        assert refused("telegram", request) == "signature"

    def test_no_token_and_another_method_are_refused(self):
        assert refused("telegram", replace(body({}), headers={})) == "unsigned"
        assert refused("telegram", replace(body({}), method="GET")) == "method"

    @pytest.mark.parametrize("used", [TELEGRAM, OTHER])
    def test_the_current_and_the_previous_token_are_right(self, used):
        assert refused("telegram", senders.sign("telegram", used, b"{}", at=AT), [OTHER, TELEGRAM]) == ""

    def test_the_bots_id_may_be_left_out_and_may_not_be_empty(self):
        assert refused("telegram", body({}), [{"secret_token": TELEGRAM["secret_token"]}]) == ""
        assert refused("telegram", body({}), [{**TELEGRAM, "bot_id": ""}]) == "unconfigured"

    def test_the_answer_calls_no_method(self):
        verified = adapter("telegram").verify(body({}), [TELEGRAM], AT)
        assert (adapter("telegram").answer(verified).status, adapter("telegram").answer(verified).body) == (200, "")


class TestMessage:
    def test_a_text(self):
        message = only(said(text="Где мой заказ?"))
        assert (message.id, message.text) == (f"{USER}:451", "Где мой заказ?")
        assert (message.conversation, message.customer, message.author_name) == (USER, USER, "Ivan")
        assert (message.author, message.surface, message.sent_at) == (Author.CUSTOMER, Surface.DIRECT, AT)

    def test_the_same_number_in_another_chat_is_another_message(self):
        assert only(said(text="x")).id != only(said(text="x", chat=GROUP)).id

    def test_what_it_answers(self):
        answered = {"message_id": 450, "date": SECONDS, "chat": {"id": 556677889, "type": "private"}}
        assert only(said(text="x", reply_to_message=answered)).reply_to == f"{USER}:450"

    @pytest.mark.parametrize(
        ("part", "expected"),
        [
            ({"photo": [{"file_id": "small"}, {"file_id": "large"}], "caption": "w"}, ("image", "large", "", "w")),
            ({"voice": {"file_id": "f"}}, ("voice", "f", "", "")),
            ({"video": {"file_id": "f"}}, ("video", "f", "", "")),
            ({"video_note": {"file_id": "f"}}, ("video", "f", "", "")),
            ({"animation": {"file_id": "f"}, "document": {"file_id": "f"}}, ("video", "f", "", "")),
            ({"document": {"file_id": "f", "file_name": "a.pdf"}}, ("file", "f", "a.pdf", "")),
            ({"audio": {"file_id": "f"}}, ("file", "f", "", "")),
            ({"sticker": {"file_id": "f", "emoji": "x"}}, ("sticker", "f", "", "")),
            ({"location": {"latitude": 55.75, "longitude": 37.6}}, ("location", "55.75,37.6", "", "")),
            (
                {"venue": {"title": "Shop", "location": {"latitude": 1, "longitude": 2}}},
                ("location", "1.0,2.0", "Shop", ""),
            ),
            ({"contact": {"phone_number": "1", "first_name": "A"}}, ("card", "", "A", "")),
        ],
    )
    def test_what_is_no_text_is_an_attachment(self, part, expected):
        kind, reference, title, words = expected
        message = only(said(**part))
        assert message.attachments == (Attachment(AttachmentKind(kind), reference, title),)
        assert message.text == words

    @pytest.mark.parametrize(
        ("part", "words"),
        [({"poll": {"question": "Which?"}}, "Which?"), ({"dice": {"emoji": "🎲"}}, "🎲"), ({"hologram": {}}, "")],
    )
    def test_other_content_is_a_message_all_the_same(self, part, words):
        assert only(said(**part)).text == words

    def test_an_album_is_as_many_messages_of_one_conversation(self):
        one, two = (
            only(update(message=telegram.message(USER, AT, id=id, media_group_id="9", photo=[{"file_id": id}])))
            for id in ("1", "2")
        )
        assert one.id != two.id
        assert one.conversation == two.conversation

    @pytest.mark.parametrize(
        "name", ["new_chat_members", "pinned_message", "forum_topic_created", "is_automatic_forward"]
    )
    def test_what_the_app_tells_is_ignored_by_name(self, name):
        assert said(**{name: True}).ignored == (name,)


class TestGroup:
    def test_a_member_is_a_customer_of_the_groups_conversation(self):
        message = only(said(text="x", chat=GROUP))
        assert (message.conversation, message.customer, message.author) == ("-1001234567890", USER, Author.CUSTOMER)

    def test_an_anonymous_administrator_is_the_brand(self):
        message = only(said(text="x", chat=GROUP, **ANONYMOUS))
        assert (message.author, message.customer, message.author_name) == (Author.AGENT, "", "Qinghe Club")
        assert message.conversation == only(said(text="x", chat=GROUP)).conversation

    def test_who_writes_as_a_channel_of_theirs_is_a_customer(self):
        part = {"from": {"id": 136817688, "is_bot": True}, "sender_chat": {"id": -100777, "title": "T"}}
        message = only(said(text="x", chat=GROUP, **part))
        assert (message.author, message.customer) == (Author.CUSTOMER, "-100777")

    @pytest.mark.parametrize("sender", [{"id": 5, "is_bot": True}, {"id": int(BOT), "is_bot": False}])
    def test_a_bot_is_no_customer(self, sender):
        assert only(said(text="x", chat=GROUP, **{"from": sender})).author is Author.BOT

    def test_a_forums_topic_is_a_conversation_and_a_thread_is_none(self):
        topic = only(said(text="x", chat=GROUP, message_thread_id=7, is_topic_message=True))
        thread = only(said(text="x", chat=GROUP, message_thread_id=7))
        assert (topic.conversation, thread.conversation) == ("-1001234567890:7", "-1001234567890")

    def test_a_comment_under_a_channels_post_is_public(self):
        post = {"message_id": 3, "date": SECONDS, "chat": GROUP, "is_automatic_forward": True}
        message = only(said(text="x", chat=GROUP, reply_to_message=post))
        assert (message.surface, message.reply_to) == (Surface.COMMENT, "-1001234567890:3")


class TestBusiness:
    def test_a_customer_and_the_owner_share_a_conversation(self):
        asked, answered = only(business(text="x")), only(business(own=True, text="y"))
        assert (asked.author, answered.author) == (Author.CUSTOMER, Author.AGENT)
        assert asked.conversation == answered.conversation == f"bc_0001:{USER}"
        assert asked.customer == answered.customer == USER

    @pytest.mark.parametrize(
        "part",
        [{"sender_business_bot": {"id": 1, "is_bot": True}}, {"is_from_offline": True}, {"from": {"id": int(BOT)}}],
    )
    def test_an_automatic_answer_is_a_bots(self, part):
        message = only(business(own=True, text="x", **part))
        assert (message.author, message.customer) == (Author.BOT, USER)

    def test_deleted_messages_are_withdrawn_one_by_one(self):
        gone = {"business_connection_id": "bc_0001", "chat": {"id": int(USER)}, "message_ids": [451, 452]}
        reports = update(deleted_business_messages=gone).reports
        assert [report.message for report in reports] == [f"{USER}:451", f"{USER}:452"]
        assert {report.kind for report in reports} == {ReportKind.WITHDRAWN}
        assert {report.conversation for report in reports} == {only(business(text="x")).conversation}


class TestEdit:
    @pytest.mark.parametrize("part", [{"text": "new"}, {"photo": [{"file_id": "f"}], "caption": "new"}])
    def test_an_edit_is_reported_with_the_new_words(self, part):
        found = telegram.message(USER, AT, id="451", edit_date=SECONDS + 60, **part)
        (report,) = update(edited_message=found).reports
        assert (report.kind, report.message, report.conversation) == (ReportKind.EDITED, f"{USER}:451", USER)
        assert (report.text, report.at.timestamp()) == ("new", SECONDS + 60)

    def test_an_edit_of_a_business_chat_keeps_its_conversation(self):
        (report,) = update(edited_business_message=telegram.business(USER, AT, own=True, id="451", text="new")).reports
        assert report.conversation == only(business(text="x")).conversation

    def test_a_live_location_that_moves_is_no_edit(self):
        found = telegram.message(USER, AT, location={"latitude": 1, "longitude": 2})
        assert update(edited_message=found).ignored == ("live_location",)


class TestButton:
    SHOWN: ClassVar = {"message_id": 9, "chat": {"id": int(USER)}, "date": SECONDS}

    def pressed(self, **part):
        query = {"id": "4382bfdwdsb323b2d9", "from": {"id": int(USER), "first_name": "Ivan"}, **part}
        return update(callback_query=query)

    def test_a_pressed_button_is_what_the_customer_says(self):
        keyboard = [[{"text": "Другое", "callback_data": "b"}], [{"text": "Человек", "callback_data": "a"}]]
        shown = {**self.SHOWN, "reply_markup": {"inline_keyboard": keyboard}}
        message = only(self.pressed(data="a", message=shown))
        assert (message.text, message.author, message.customer) == ("Человек", Author.CUSTOMER, USER)
        assert (message.id, message.reply_to) == ("callback:4382bfdwdsb323b2d9", f"{USER}:9")
        assert (message.conversation, message.sent_at) == (USER, AT)

    def test_a_button_that_cannot_be_seen_says_its_data(self):
        assert only(self.pressed(data="human", message=self.SHOWN)).text == "human"

    def test_a_button_in_somebody_elses_chat_is_ignored(self):
        assert self.pressed(data="a", inline_message_id="1").ignored == ("callback_query",)


@pytest.mark.parametrize("name", ["channel_post", "my_chat_member", "inline_query", "message_reaction"])
def test_what_is_no_message_is_ignored_by_name(name):
    assert update(**{name: {}}).ignored == (name,)
    assert update(something_new={}).ignored == ("unknown",)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"message": 1}, "message"),
        ({"message": {"text": "x"}}, "chat"),
        ({"message": {"chat": {"id": 1}}}, "sender"),
        ({"message": {"chat": {"id": 1}, "from": {"id": 2}}}, "id"),
        ({"message": {"chat": {"id": 1.5}, "from": {"id": 2}}}, "chat"),
        ({"message": {"chat": {"id": 1}, "from": {"id": 2}, "message_id": 3, "text": "x"}}, "time"),
        ({"message": {"chat": {"id": 1}, "from": {"id": 2}, "message_id": 3, "date": SECONDS, "text": []}}, "text"),
        ({"message": {"chat": {"id": 1}, "from": {"id": 2}, "message_id": "x" * 255, "date": SECONDS}}, "id"),
        ({"deleted_business_messages": {"chat": {"id": 1}, "message_ids": [None]}}, "id"),
        ({"callback_query": {"id": "1", "from": {}, "message": {"chat": {"id": 1}}}}, "sender"),
    ],
)
def test_what_cannot_be_read_says_why(found, reason):
    assert unreadable("telegram", body(found)) == reason
