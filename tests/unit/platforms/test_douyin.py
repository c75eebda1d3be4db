"""Douyin: the check of a URL, both shapes of content, messages of both directions, recalls and comments.

The oracle is the PyPI package bytedance.
"""

import hashlib
import json
from dataclasses import replace

import pytest
from bytedance import ByteDanceError
from bytedance.security import CallbackTools, verify_webhook
from hypothesis import given
from hypothesis import strategies as st

from heed.model import Attachment, AttachmentKind, Author, Channel, ReportKind, Surface
from heed.platforms import Verified
from infra.heedctl.senders import douyin
from tests.unit.platforms.given import (
    AT,
    BOT,
    DOUYIN,
    adapter,
    channel,
    only,
    read,
    refused,
    unreadable,
    with_header,
)

CUSTOMER, BRAND, ITEM = "_000cUSTOMERopenid01", douyin.ACCOUNT, douyin.ITEM
NEXT = {"client_secret": "another0000000000000000000000000"}


def said(*ends, event="im_receive_msg", **content):
    by, to = ends or (CUSTOMER, BRAND)
    return douyin.said(DOUYIN, by, to, event, at=AT, id="@9Vxc1/srvmsg==", **content)


def signed(body):
    return douyin.sign("douyin", DOUYIN, body if isinstance(body, bytes) else json.dumps(body).encode(), at=AT)


def changed(request, **fields):
    return signed({**json.loads(request.body), **fields})


def recalled(by, to, **content):
    return douyin.push(DOUYIN, "im_recall_msg", by, to, {"server_message_id": "@9Vxc1/srvmsg==", **content}, at=AT)


class TestVerifying:
    @pytest.mark.parametrize("number", [0, 12345, 2**63 + 1])
    def test_the_check_of_a_url_is_answered_by_its_number_as_json(self, number):
        verified = adapter("douyin").verify(douyin.handshake("douyin", DOUYIN, str(number), at=AT), [DOUYIN], AT)
        answer = adapter("douyin").answer(verified)
        assert (answer.status, answer.body) == (200, f'{{"challenge":{number}}}')
        assert answer.content_type == "application/json"

    def test_the_check_may_have_its_content_as_text_and_its_challenge_too(self):
        body = {"event": "verify_webhook", "content": json.dumps({"challenge": 'a"b'})}
        assert adapter("douyin").verify(signed(body), [DOUYIN], AT).challenge == '{"challenge":"a\\"b"}'

    @pytest.mark.parametrize(
        "content", [None, {}, [], "x", {"challenge": None}, {"challenge": True}, {"challenge": 1.5}]
    )
    def test_a_check_without_a_challenge_is_refused(self, content):
        assert refused("douyin", signed({"event": "verify_webhook", "content": content})) == "malformed"

    def test_an_unsigned_check_is_not_answered(self):
        request = douyin.handshake("douyin", DOUYIN, "1", at=AT)
        assert refused("douyin", replace(request, headers={})) == "unsigned"
        assert refused("douyin", request, [NEXT]) == "signature"

    def test_a_customer_may_write_the_name_of_the_check(self):
        assert only(read("douyin", said(text='what is "verify_webhook"?'))).text == 'what is "verify_webhook"?'
        assert unreadable("douyin", signed(b'{"event":"verify_webhook"')) == "json"

    def test_a_push_is_answered_by_nothing_but_the_status(self):
        answer = adapter("douyin").answer(adapter("douyin").verify(said(), [DOUYIN], AT))
        assert (answer.status, answer.body) == (200, "")

    def test_the_previous_secret_is_tried_after_the_current_one(self):
        assert refused("douyin", said(), [NEXT, DOUYIN]) == ""

    @pytest.mark.parametrize("signature", ["", "0" * 40, "ñ😡", "\ud800"])
    def test_a_false_signature_is_refused(self, signature):
        assert refused("douyin", with_header(said(), x_douyin_signature=signature)) == "signature"

    def test_a_body_written_anew_is_another_body(self):
        request = said(text="值 😀")
        assert refused("douyin", replace(request, body=json.dumps(json.loads(request.body)).encode())) == "signature"

    def test_an_hmac_is_not_douyins_signature(self):
        import hmac

        mac = hmac.new(DOUYIN["client_secret"].encode(), said().body, "sha1").hexdigest()
        assert refused("douyin", with_header(said(), x_douyin_signature=mac)) == "signature"

    def test_what_lengthens_a_seen_body_is_no_json(self):
        # As whoever extends a plain SHA-1 would: the seen body, the hash's padding, and a body of their own.
        seen = said().body
        length = (len(DOUYIN["client_secret"]) + len(seen)) * 8
        padding = b"\x80" + b"\0" * ((55 - length // 8) % 64) + length.to_bytes(8, "big")
        assert unreadable("douyin", signed(seen + padding + seen)) == "encoding"

    def test_no_other_method_is_known(self):
        assert refused("douyin", replace(said(), method="GET")) == "method"


class TestOracle:
    @given(st.binary(max_size=300), st.text(min_size=1, max_size=40).filter(str.strip))
    def test_what_the_sender_signs_bytedance_takes(self, body, secret):
        secret = secret.encode("utf-8", "replace").decode()
        request = douyin.sign("douyin", {"client_secret": secret}, body, at=AT)
        assert verify_webhook(body, request.headers, secret)

    @given(st.sampled_from(["body", "secret", "signature", ""]), st.binary(min_size=1, max_size=9))
    def test_both_judge_a_request_alike(self, what, junk):
        request, secret = said(), DOUYIN["client_secret"]
        if what == "body":
            request = replace(request, body=request.body + junk)
        if what == "signature":
            request = with_header(request, x_douyin_signature=hashlib.sha1(junk, usedforsecurity=False).hexdigest())
        if what == "secret":
            secret += junk.hex()
        try:
            verify_webhook(request.body, request.headers, secret)
            theirs = ""
        except ByteDanceError:
            theirs = "signature"
        assert refused("douyin", request, [{"client_secret": secret}]) == theirs == ("signature" if what else "")

    def test_both_answer_the_check_of_a_url_alike(self):
        request = douyin.handshake("douyin", DOUYIN, "12345", at=AT)
        theirs = CallbackTools.acknowledgement("webhook", json.loads(request.body))
        assert json.loads(adapter("douyin").verify(request, [DOUYIN], AT).challenge) == theirs


class TestPrivateMessages:
    def test_a_customers_text_is_read(self):
        message = only(read("douyin", said(text="券核销不了,怎么退款🙏")))
        assert (message.id, message.text) == ("@9Vxc1/srvmsg==", "券核销不了,怎么退款🙏")
        assert (message.channel, message.customer) == ("douyin/flagship", CUSTOMER)
        assert message.conversation == f"{BRAND}:{CUSTOMER}"
        assert (message.author, message.surface, message.author_name) == (Author.CUSTOMER, Surface.DIRECT, "小林")
        assert (message.sent_at, message.received_at) == (AT, AT)

    def test_whoever_is_not_among_the_users_that_are_told_of_has_no_name(self):
        other = [{"open_id": BRAND, "nick_name": "旗舰店"}]
        assert only(read("douyin", said(text="在吗", user_infos=other))).author_name == ""

    def test_content_may_be_the_text_of_an_object(self):
        request = said(text="券核销不了")
        as_text = changed(request, content=json.dumps(json.loads(request.body)["content"]))
        assert read("douyin", as_text) == read("douyin", request)

    def test_the_brands_answer_stands_in_the_customers_conversation(self):
        message = only(read("douyin", said(BRAND, CUSTOMER, event="im_send_msg", text="已退款")))
        assert (message.author, message.customer) == (Author.AGENT, CUSTOMER)
        assert message.conversation == only(read("douyin", said())).conversation

    @pytest.mark.parametrize(
        ("fields", "author"),
        [
            ({"source": ""}, Author.AGENT),
            ({"source": "awxSomebodyElses"}, Author.AGENT),
            ({"source": BOT}, Author.BOT),
            ({"source": None}, Author.AGENT),
            ({"source": [BOT]}, Author.AGENT),
            ({"scene_type": 1}, Author.BOT),
            ({"scene_type": 2}, Author.BOT),
            ({"scene_type": 100}, Author.AGENT),
            ({"scene_type": True}, Author.AGENT),
        ],
    )
    def test_an_answer_of_a_listed_application_or_of_douyin_itself_is_a_bots(self, fields, author):
        assert only(read("douyin", said(BRAND, CUSTOMER, event="im_send_msg", **fields))).author is author
        assert only(read("douyin", said(**fields))).author is Author.CUSTOMER

    def test_between_two_accounts_of_the_brand_a_message_is_in_the_conversation_of_each(self):
        got, sent = (only(read("douyin", said("_a", "_b", event=event))) for event in ("im_receive_msg", "im_send_msg"))
        assert got.id == sent.id
        assert (got.conversation, sent.conversation) == ("_b:_a", "_a:_b")

    @pytest.mark.parametrize(
        ("kind", "fields", "attachment"),
        [
            ("image", {}, Attachment(AttachmentKind.IMAGE, "")),
            (
                "user_local_image",
                {"resource_url": "https://e.invalid/i"},
                Attachment(AttachmentKind.IMAGE, "https://e.invalid/i"),
            ),
            (
                "emoji",
                {"resource_url": "https://e.invalid/e"},
                Attachment(AttachmentKind.STICKER, "https://e.invalid/e"),
            ),
            ("video", {"item_id": "@v=="}, Attachment(AttachmentKind.VIDEO, "@v==")),
            ("user_local_video", {"resource_url": "javascript:x"}, Attachment(AttachmentKind.VIDEO, "")),
            ("retain_consult_card", {"card_id": "@c"}, Attachment(AttachmentKind.CARD, "@c")),
        ],
    )
    def test_what_is_no_text_is_attached(self, kind, fields, attachment):
        message = only(read("douyin", said(message_type=kind, **fields)))
        assert (message.text, message.attachments) == ("", (attachment,))

    @pytest.mark.parametrize("kind", ["other", "something_new"])
    def test_a_message_of_a_type_that_nobody_knows_is_a_message_all_the_same(self, kind):
        message = only(read("douyin", said(message_type=kind)))
        assert (message.author, message.text, message.attachments) == (Author.CUSTOMER, "", ())

    def test_what_a_customer_filled_into_a_card_are_the_customers_words(self):
        data = [{"label": "姓名", "value": "小林"}, {"label": "电话", "value": ""}, {"value": "尽快\n联系"}]
        message = only(read("douyin", said(message_type="retain_consult_card", card_id="@c", card_data=data)))
        assert message.text == "姓名: 小林\n尽快\n联系"

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"server_message_id": None}, "id"),
            ({"create_time": 20260101}, "time"),
            ({"message_type": None}, "message_type"),
            ({"text": 5}, "text"),
            ({"user_infos": {}}, "user_infos"),
            ({"user_infos": ["x"]}, "user_infos"),
            ({"message_type": "retain_consult_card", "card_data": "x"}, "card"),
            ({"message_type": "retain_consult_card", "card_data": [1]}, "card"),
        ],
    )
    def test_what_cannot_be_read_says_why(self, fields, reason):
        assert unreadable("douyin", said(**fields)) == reason

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"event": 5}, "event"),
            ({"content": "no json"}, "content"),
            ({"content": None}, "content"),
            ({"from_user_id": ""}, "from_user_id"),
            ({"to_user_id": None}, "to_user_id"),
            ({"to_user_id": "a:b"}, "thread"),
        ],
    )
    def test_an_envelope_that_cannot_be_read_says_why(self, fields, reason):
        assert unreadable("douyin", changed(said(), **fields)) == reason


GROUP = {"conversation_short_id": "@group==", "conversation_type": 2}


class TestGroups:
    def test_members_and_brand_share_the_groups_conversation(self):
        asked = only(read("douyin", said(event="im_group_receive_msg", text="在吗", **GROUP)))
        answered = only(read("douyin", said(BRAND, "", event="im_group_send_msg", text="在", **GROUP)))
        assert asked.conversation == answered.conversation == f"{BRAND}:@group=="
        assert (asked.customer, asked.author) == (CUSTOMER, Author.CUSTOMER)
        assert (answered.customer, answered.author) == ("", Author.AGENT)

    def test_a_group_without_a_name_cannot_be_read(self):
        assert unreadable("douyin", said(event="im_group_receive_msg", conversation_short_id=None)) == "conversation"

    def test_a_recall_in_a_group_names_no_conversation_and_is_ignored(self):
        assert read("douyin", recalled(CUSTOMER, BRAND, conversation_type=2)).ignored == ("im_recall_msg",)
        assert read("douyin", recalled(CUSTOMER, "")).ignored == ("im_recall_msg",)


class TestRecalls:
    @pytest.mark.parametrize("ends", [(CUSTOMER, BRAND), (BRAND, CUSTOMER)])
    def test_a_message_taken_back_is_found_whichever_end_took_it(self, ends):
        event = "im_receive_msg" if ends[0] == CUSTOMER else "im_send_msg"
        message = only(read("douyin", said(*ends, event=event)))
        reports = read("douyin", recalled(*ends)).reports
        (found,) = [report for report in reports if report.conversation == message.conversation]
        assert (found.kind, found.message) == (ReportKind.WITHDRAWN, message.id)
        assert (found.channel, found.at, found.received_at) == (message.channel, AT, AT)

    def test_it_is_reported_to_each_end_because_either_may_be_the_account(self):
        reports = read("douyin", recalled("_a", "_b")).reports
        assert [report.conversation for report in reports] == ["_a:_b", "_b:_a"]

    def test_its_content_may_be_text_and_may_tell_a_time(self):
        content = json.dumps({"server_message_id": "@9Vxc1/srvmsg==", "create_time": 1767240200000})
        reports = read("douyin", changed(recalled(CUSTOMER, BRAND), content=content)).reports
        assert {report.at.timestamp() for report in reports} == {1767240200.0}

    def test_one_without_a_message_cannot_be_read(self):
        assert unreadable("douyin", recalled(CUSTOMER, BRAND, server_message_id=None)) == "id"


class TestComments:
    def test_a_comment_opens_a_conversation_of_its_own(self):
        message = only(read("douyin", douyin.comment(DOUYIN, "坏的", customer=CUSTOMER, at=AT, id="@c1")))
        assert (message.surface, message.author, message.text) == (Surface.COMMENT, Author.CUSTOMER, "坏的")
        assert (message.id, message.conversation) == ("@c1", f"{BRAND}:{ITEM}:@c1")
        assert (message.customer, message.reply_to, message.author_name) == (CUSTOMER, ITEM, "小林")
        assert message.sent_at == AT

    def test_the_brands_own_comment_answers_in_the_thread_of_the_first(self):
        answer = only(read("douyin", douyin.comment(DOUYIN, "抱歉", customer=BRAND, at=AT, parent="@c1", to="@c2")))
        assert (answer.author, answer.customer) == (Author.AGENT, "")
        assert (answer.conversation, answer.reply_to) == (f"{BRAND}:{ITEM}:@c1", "@c2")

    def test_without_a_parent_a_comment_stands_under_what_it_answers(self):
        message = only(read("douyin", douyin.comment(DOUYIN, "我也是", customer="_x", at=AT, to="@c1")))
        assert message.conversation == f"{BRAND}:{ITEM}:@c1"

    @pytest.mark.parametrize("time", [1767240212, 1767240212000, "1767240212"])
    def test_its_time_is_told_by_its_size(self, time):
        request = douyin.comment(DOUYIN, "x", customer=CUSTOMER, at=AT)
        content = {**json.loads(request.body)["content"], "create_time": time}
        assert only(read("douyin", changed(request, content=content))).sent_at == AT

    @pytest.mark.parametrize(
        ("field", "reason"),
        [
            ("comment_id", "id"),
            ("reply_to_item_id", "item"),
            ("comment_user_id", "comment_user_id"),
            ("create_time", "time"),
        ],
    )
    def test_one_that_lacks_a_part_cannot_be_read(self, field, reason):
        request = douyin.comment(DOUYIN, "x", customer=CUSTOMER, at=AT)
        content = {name: value for name, value in json.loads(request.body)["content"].items() if name != field}
        assert unreadable("douyin", changed(request, content=content)) == reason


class TestOtherEvents:
    @pytest.mark.parametrize(
        "name",
        [
            "im_enter_direct_msg",
            "im_message_read",
            "im_authorize",
            "authorize",
            "unauthorize",
            "contract_authorize",
            "contract_unauthorize",
            "new_follow_action",
            "new_video_digg",
            "create_video",
            "group_fans_event",
            "enter_group_audit_change",
            "receive_msg",
            "dial_phone",
        ],
    )
    @pytest.mark.parametrize("content", [{}, "{}", "no json", None])
    def test_a_known_event_is_ignored_by_its_name_whatever_it_holds(self, name, content):
        assert read("douyin", changed(said(), event=name, content=content)).ignored == (name,)

    def test_an_unknown_event_is_ignored_under_a_name_of_heeds_own(self):
        assert read("douyin", changed(said(), event="im_telepathy")).ignored == ("unknown",)

    def test_the_check_of_a_url_holds_no_message(self):
        content = douyin.handshake("douyin", DOUYIN, "1", at=AT).body
        assert adapter("douyin").messages(Verified(content), channel("douyin"), AT).ignored == ("verify_webhook",)

    def test_without_listed_bots_every_application_is_a_persons_tool(self):
        verified = Verified(said(BRAND, CUSTOMER, event="im_send_msg", source=BOT).body)
        message = only(adapter("douyin").messages(verified, Channel("douyin", "a", "b", "t"), AT))
        assert message.author is Author.AGENT
