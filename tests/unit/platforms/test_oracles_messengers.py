"""The oracles of LINE (line-bot-sdk), Viber (viberbot), Telegram (python-telegram-bot) and Kakao (kakao-chatbot).

X, TikTok and Zalo have none on PyPI: their rules are written out once more in their own tests, with hmac and hashlib.
"""

import base64
import json
import string
import warnings

import pytest
import telegram as ptb
from hypothesis import given
from hypothesis import strategies as st
from linebot.models import MessageEvent
from linebot.webhook import SignatureValidator, WebhookParser
from viberbot import Api, BotConfiguration

from heed.platforms import Request
from infra.heedctl import events, senders
from infra.heedctl.senders import kakao, line, telegram
from tests.unit.platforms.given import AT, KAKAO, LINE, TELEGRAM, VIBER, only, read, refused

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # an escape in a docstring of theirs
    from kakao_chatbot import Payload

printable = st.text(string.ascii_letters + string.digits, min_size=1, max_size=40)
words = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200)


class TestLine:
    @given(printable, words)
    def test_what_is_signed_the_sdk_accepts(self, channel_secret, text):
        request = line.text("line", {"channel_secret": channel_secret}, text, customer="U1", at=AT)
        assert SignatureValidator(channel_secret).validate(request.body.decode(), request.headers["x-line-signature"])

    @given(words, st.binary(max_size=40), st.booleans())
    def test_both_judge_another_signature_alike(self, text, signed, right):
        request = line.text("line", LINE, text, customer="U1", at=AT)
        shown = request.headers["x-line-signature"] if right else base64.b64encode(signed).decode()
        theirs = SignatureValidator(LINE["channel_secret"]).validate(request.body.decode(), shown)
        ours = refused("line", Request("POST", "", {"x-line-signature": shown}, request.body))
        assert (ours == "") is theirs

    @given(words)
    def test_both_read_a_text_alike(self, text):
        request = line.text("line", LINE, text, customer="U1", at=AT)
        parser = WebhookParser(LINE["channel_secret"])
        payload = parser.parse(request.body.decode(), request.headers["x-line-signature"], as_payload=True)
        (theirs,) = payload.events
        ours = only(read("line", request))
        assert isinstance(theirs, MessageEvent)
        assert (ours.id, ours.text, ours.customer) == (theirs.message.id, theirs.message.text, theirs.source.user_id)
        assert ours.conversation == f"{payload.destination}:{theirs.source.user_id}"
        assert ours.sent_at.timestamp() * 1000 == theirs.timestamp

    @pytest.mark.parametrize(
        "event", [one for one in events.every() if one.platform == "line"], ids=lambda one: one.name
    )
    def test_every_event_on_file_is_one_of_theirs(self, event):
        request = events.request(event, LINE, AT)
        if event.path.stem != "unreadable":
            found = WebhookParser(LINE["channel_secret"]).parse(
                request.body.decode(), request.headers["x-line-signature"]
            )
            assert found


class TestViber:
    API = Api(BotConfiguration(auth_token=VIBER["auth_token"], name="Qinghe", avatar=""))

    @given(words, st.text(string.hexdigits, max_size=66), st.booleans())
    def test_both_judge_a_signature_alike(self, text, signed, right):
        request = senders.text("viber", VIBER, text, customer="a=", at=AT)
        shown = request.headers["x-viber-content-signature"] if right else signed
        theirs = self.API.verify_signature(request.body, shown)
        ours = refused("viber", Request("POST", "", {"x-viber-content-signature": shown}, request.body))
        assert (ours == "") is theirs

    @given(words.filter(bool))
    def test_both_read_a_text_alike(self, text):
        request = senders.text("viber", VIBER, text, customer="01234567890A=", at=AT)
        theirs, ours = self.API.parse_request(request.body.decode()), only(read("viber", request))
        assert (ours.id, ours.text) == (str(theirs.message_token), theirs.message.text)
        assert (ours.customer, ours.author_name) == (theirs.sender.id, theirs.sender.name)
        assert ours.sent_at.timestamp() * 1000 == theirs.timestamp

    def test_both_read_a_failure_alike(self):
        request = events.request(events.named("viber/failed"), VIBER, AT)
        theirs = self.API.parse_request(request.body.decode())
        (ours,) = read("viber", request).reports
        assert (ours.message, ours.conversation) == (str(theirs.message_token), theirs.user_id)


class TestTelegram:
    @given(words.filter(bool))
    def test_both_read_a_text_alike(self, text):
        request = telegram.text("telegram", TELEGRAM, text, customer="556677889", at=AT)
        theirs, ours = ptb.Update.de_json(json.loads(request.body)), only(read("telegram", request))
        message = theirs.effective_message
        assert ours.id == f"{message.chat_id}:{message.message_id}"
        assert (ours.text, ours.customer) == (message.text, str(message.from_user.id))
        assert (ours.sent_at, ours.author_name) == (message.date, message.from_user.full_name)

    @pytest.mark.parametrize(
        "event",
        [one for one in events.every() if one.platform == "telegram" and one.path.stem != "unreadable"],
        ids=lambda one: one.name,
    )
    def test_every_event_on_file_is_one_of_theirs(self, event):
        request = events.request(event, TELEGRAM, AT)
        theirs, reading = ptb.Update.de_json(json.loads(request.body)), read("telegram", request)
        assert theirs.effective_chat is not None
        for ours in reading.messages:
            assert ours.conversation.split(":")[-1] == str(theirs.effective_chat.id)
            assert ours.text in (
                theirs.effective_message.text or "",
                theirs.effective_message.caption,
                "Позвать человека",
            )
        for report in reading.reports:
            assert report.message.split(":")[0] == str(theirs.effective_chat.id)


class TestKakao:
    @given(words)
    def test_both_read_a_skill_alike(self, text):
        request = kakao.skill(KAKAO, text, customer="8f1c", at=AT)
        theirs, ours = Payload.from_dict(json.loads(request.body)), only(read("kakao", request))
        assert ours.text == theirs.user_request.utterance.strip()
        assert ours.customer == theirs.user_request.user.id
        assert ours.conversation == f"{theirs.bot.id}:{theirs.user_request.user.id}"
