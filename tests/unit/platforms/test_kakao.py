"""KakaoTalk channel."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from heed.model import Attachment, AttachmentKind, Author, Surface
from heed.platforms import Verified
from infra.heedctl import senders
from infra.heedctl.senders import kakao
from tests.unit.platforms.given import AT, KAKAO, adapter, only, read, refused, unreadable, with_header

USER = "8f1c0b2a9d3e4f5a6b7c"
ADMIN_ONLY = {"admin_key": KAKAO["admin_key"]}
OTHER = {"admin_key": "other", "skill_key": "another"}


def skill(utterance="환불해 주세요", **asked):
    return kakao.skill(KAKAO, utterance, customer=USER, at=AT, **asked)


def answer(request):
    return adapter("kakao").answer(adapter("kakao").verify(request, [KAKAO], AT))


class TestAuthorization:
    @pytest.mark.parametrize(
        ("shown", "reason"),
        [
            (f"KakaoAK {KAKAO['admin_key']}", ""),
            (f"Bearer {KAKAO['skill_key']}", ""),
            (f"KakaoAK {KAKAO['skill_key']}", "signature"),
            (f"Bearer {KAKAO['admin_key']}", "signature"),
            (KAKAO["admin_key"], "signature"),
            (f"kakaoak {KAKAO['admin_key']}", "signature"),
            ("KakaoAK ", "signature"),
            ("Bearer ", "signature"),
            ("é", "signature"),
        ],
    )
    def test_each_sender_shows_its_own_key(self, shown, reason):
        assert refused("kakao", with_header(skill(), authorization=shown)) == reason

    def test_without_a_skill_key_no_skill_is_let_in(self):
        assert refused("kakao", skill(), [ADMIN_ONLY]) == "signature"
        assert refused("kakao", kakao.skill(ADMIN_ONLY, "x", customer=USER, at=AT), [ADMIN_ONLY]) == ""

    def test_a_request_without_a_key_and_another_method_are_refused(self):
        assert refused("kakao", replace(skill(), headers={})) == "unsigned"
        assert refused("kakao", replace(skill(), method="GET")) == "method"

    @pytest.mark.parametrize("used", [KAKAO, OTHER])
    def test_the_current_and_the_previous_keys_are_right(self, used):
        assert refused("kakao", kakao.skill(used, "x", customer=USER, at=AT), [OTHER, KAKAO]) == ""

    @pytest.mark.parametrize("key", ["", " ", None])
    def test_an_empty_key_lets_nothing_in(self, key):
        assert (
            refused("kakao", with_header(skill(), authorization="Bearer "), [{**KAKAO, "skill_key": key}])
            == "unconfigured"
        )


class TestAnswer:
    def test_a_skill_is_answered_in_its_format_and_says_nothing(self):
        found = answer(skill())
        assert json.loads(found.body) == {"version": "2.0", "template": {"outputs": []}}
        assert found.content_type == "application/json; charset=utf-8"

    def test_the_channel_webhook_is_answered_plainly(self):
        found = answer(kakao.channel_event(KAKAO, "added", customer=USER, at=AT))
        assert (found.status, found.body) == (200, "")

    @pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"[" * 100_000])
    def test_whatever_the_body_is_there_is_an_answer(self, content):
        assert adapter("kakao").answer(Verified(content)).status == 200


class TestSkill:
    def test_what_is_said_to_the_chatbot(self):
        message = only(read("kakao", skill("환불해 주세요\n")))
        assert message.text == "환불해 주세요"
        assert (message.conversation, message.customer) == (f"{kakao.BOT}:{USER}", USER)
        assert (message.author, message.surface) == (Author.CUSTOMER, Surface.DIRECT)
        assert message.sent_at == message.received_at == AT

    def test_a_retry_within_the_minute_is_the_same_message(self):
        start = AT.replace(second=0)
        one = only(read("kakao", skill(), now=start))
        assert only(read("kakao", skill(), now=start + timedelta(seconds=59))).id == one.id
        assert only(read("kakao", skill(), now=start + timedelta(seconds=60))).id != one.id

    def test_other_words_or_another_user_are_another_message(self):
        ids = {only(read("kakao", request)).id for request in (skill("a"), skill("b"), skill("a", user={"id": "u2"}))}
        assert len(ids) == 3

    def test_a_picture_is_its_address_and_an_attachment(self):
        media = {"type": "image", "url": "https://a/b.jpg"}
        message = only(read("kakao", skill("https://a/b.jpg", params={"media": media})))
        assert message.attachments == (Attachment(AttachmentKind.IMAGE, "https://a/b.jpg"),)

    def test_a_request_without_a_bot_is_a_conversation_of_the_user(self):
        body = json.loads(skill().body)
        del body["bot"]
        request = senders.sign("kakao", KAKAO, json.dumps(body).encode(), at=AT)
        assert only(read("kakao", request)).conversation == USER


@pytest.mark.parametrize(("event", "name"), [("added", "added"), ("blocked", "blocked"), ("x\n", "unknown")])
def test_who_adds_or_blocks_the_channel_is_ignored_by_name(event, name):
    request = kakao.channel_event(KAKAO, event, customer=USER, at=AT)
    assert read("kakao", request).ignored == (name,)
    assert adapter("kakao").verify(request, [KAKAO], AT).delivery_id == request.headers["x-kakao-resource-id"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "json"),
        (b'{"userRequest":1}', "request"),
        (b'{"userRequest":{}}', "user"),
        (b'{"userRequest":{"user":{"id":"a:b"}}}', "thread"),
        (b'{"userRequest":{"user":{"id":"a"},"utterance":[]}}', "text"),
        (b'{"userRequest":{"user":{"id":"a"}},"bot":{"id":""}}', "bot"),
    ],
)
def test_what_cannot_be_read_says_why(body, reason):
    assert unreadable("kakao", senders.sign("kakao", KAKAO, body, at=AT)) == reason
