"""Independent SDKs sign, seal and judge the same traffic: both sides must agree, on the genuine and on the forged."""

import base64
import json
import string
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode

import pytest
import standardwebhooks
import svix.webhooks
from hypothesis import example, given
from hypothesis import strategies as st
from pywa.types import Message as PywaMessage
from pywa.types import User
from pywa.utils import webhook_updates_validator
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.utils import WeChatSigner, check_signature

from heed.platforms import Request
from infra.heedctl import senders
from tests.unit.platforms.given import AT, META, adapter, only, read, refused, with_header

ALPHANUMERIC = string.ascii_letters + string.digits
tokens = st.text(ALPHANUMERIC, min_size=3, max_size=32)
keys = st.binary(min_size=32, max_size=32).map(lambda key: base64.b64encode(key).decode()[:43])
appids = st.text(ALPHANUMERIC, min_size=1, max_size=32).map("wx".__add__)
digits = st.text(string.digits, min_size=1, max_size=10)
# XML 1.0 has no control characters, and normalises a carriage return.
words = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=300)
wechat_secrets = st.fixed_dictionaries({"token": tokens, "encoding_aes_key": keys, "appid": appids})
webhook_secrets = st.binary(min_size=24, max_size=64).map(lambda key: "whsec_" + base64.b64encode(key).decode())


def wechatpy_request(secret, body, nonce):
    """What WeChat would post, as wechatpy seals and signs it."""
    crypto = WeChatCrypto(secret["token"], secret["encoding_aes_key"], secret["appid"])
    timestamp = str(int(AT.timestamp()))
    envelope = crypto.encrypt_message(body.decode(), nonce, timestamp)
    signature = envelope.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    query = {"timestamp": timestamp, "nonce": nonce, "encrypt_type": "aes", "msg_signature": signature}
    return Request("POST", urlencode(query), {}, envelope.encode())


class TestWeChatPy:
    @given(wechat_secrets, words, digits)
    def test_what_wechatpy_seals_is_read(self, secret, text, nonce):
        body = senders.wechat_xml("oOpenId", AT, "text", Content=text, MsgId="1")
        message = only(read("wechat", wechatpy_request(secret, body, nonce), secret))
        assert (message.text, message.customer) == (text, "oOpenId")

    @given(wechat_secrets, words)
    def test_what_the_sender_seals_wechatpy_opens(self, secret, text):
        body = senders.wechat_xml("oOpenId", AT, "text", Content=text, MsgId="1")
        request = senders.sign("wechat", secret, body, at=AT)
        query = dict(parse_qsl(request.query))
        crypto = WeChatCrypto(secret["token"], secret["encoding_aes_key"], secret["appid"])
        opened = crypto.decrypt_message(request.body, query["msg_signature"], query["timestamp"], query["nonce"])
        assert opened == body.decode()

    @given(wechat_secrets, wechat_secrets, st.sampled_from(["token", "encoding_aes_key", "appid", ""]), digits)
    def test_both_refuse_another_secret_and_accept_the_same(self, secret, other, field, nonce):
        body = senders.wechat_xml("oOpenId", AT, "text", Content="x", MsgId="1")
        mine = {**secret, field: other[field]} if field else secret
        request = wechatpy_request(secret, body, nonce)
        query = dict(parse_qsl(request.query))
        crypto = WeChatCrypto(mine["token"], mine["encoding_aes_key"], mine["appid"])
        try:
            theirs = bool(crypto.decrypt_message(request.body, query["msg_signature"], query["timestamp"], nonce))
        except Exception:  # under a wrong key wechatpy stumbles in many ways over what it decrypted
            theirs = False
        assert (refused("wechat", request, [mine]) == "") is theirs

    @given(tokens, digits, digits, words, st.sampled_from(["signature", "timestamp", "nonce", "token", ""]))
    def test_both_judge_a_handshake_alike(self, token, timestamp, nonce, challenge, changed):
        signer = WeChatSigner()
        signer.add_data(token, timestamp, nonce)
        query = {"signature": signer.signature, "timestamp": timestamp, "nonce": nonce}
        if changed in query:
            query[changed] += "0"
        secret = {"token": token + "0" if changed == "token" else token}
        try:
            check_signature(secret["token"], query["signature"], query["timestamp"], query["nonce"])
            theirs = True
        except InvalidSignatureException:
            theirs = False
        request = Request("GET", urlencode({**query, "echostr": "c" + challenge}), {}, b"")
        reason = refused("wechat", request, [secret])
        assert (reason != "signature") is theirs
        assert reason in ("", "signature", "malformed")


class TestPywa:
    @given(st.text(string.printable, min_size=1).filter(str.strip), st.binary(max_size=300))
    def test_both_accept_what_is_signed(self, app_secret, body):
        secret = {**META, "app_secret": app_secret}
        request = senders.sign("whatsapp", secret, body, at=AT)
        assert webhook_updates_validator(app_secret, body, request.headers["x-hub-signature-256"])
        assert refused("whatsapp", request, [secret]) == ""

    @given(st.binary(max_size=100), st.text(string.hexdigits, max_size=70))
    @example(b"", "")
    def test_both_judge_another_signature_alike(self, body, signed):
        request = with_header(senders.sign("whatsapp", META, body, at=AT), x_hub_signature_256="sha256=" + signed)
        theirs = webhook_updates_validator(META["app_secret"], body, "sha256=" + signed)
        assert (refused("whatsapp", request) == "") is theirs

    @pytest.mark.parametrize("scoped", ["US.13491208655302741918", "DE.7"])
    def test_both_read_a_text_alike(self, scoped):
        request = senders.whatsapp_text(META, "¿Dónde? 😡", customer="34600111222", at=AT)
        body = json.loads(request.body)
        value = body["entry"][0]["changes"][0]["value"]
        value["contacts"][0]["user_id"] = scoped
        value["messages"][0]["context"] = {"from": "1", "id": "wamid.0"}
        client = SimpleNamespace(_usr_cls=User, _resolve_user_identifier=lambda user: iter([user.bsuid]))
        theirs = PywaMessage.from_update(client, body)
        ours = only(read("whatsapp", senders.sign("whatsapp", META, json.dumps(body).encode(), at=AT)))
        assert (ours.id, ours.text, ours.sent_at) == (theirs.id, theirs.text, theirs.timestamp)
        assert ours.customer == theirs.from_user.bsuid
        assert ours.reply_to == theirs.reply_to_message.id
        assert ours.conversation.split(":")[0] == theirs.metadata.phone_number_id


LIBRARIES = [(standardwebhooks.Webhook, "webhook"), (svix.webhooks.Webhook, "svix")]


class TestStandardWebhooks:
    @pytest.mark.parametrize(("library", "family"), LIBRARIES)
    @given(secret=webhook_secrets, id=st.text(ALPHANUMERIC + "_-", min_size=1, max_size=64), body=st.text(max_size=200))
    def test_what_the_library_signs_is_genuine(self, library, family, secret, id, body):
        body = body.encode("utf-8", "replace")
        signed = library(secret).sign(id, AT, body.decode())
        headers = {f"{family}-id": id, f"{family}-timestamp": "1767240212", f"{family}-signature": signed}
        verified = adapter("webhook").verify(Request("POST", "", headers, body), [{"secret": secret}], AT)
        assert (verified.content, verified.delivery_id) == (body, id)

    @pytest.mark.parametrize(("library", "family"), LIBRARIES)
    @given(
        secret=webhook_secrets,
        late=st.sampled_from([-400, -310, -290, 0, 290, 310, 400]),
        extra=st.lists(st.sampled_from(["v1,AAAA", "v1a,AAAA", "v2,AAAA"]), max_size=3),
        changed=st.sampled_from(["id", "timestamp", "body", "secret", ""]),
    )
    def test_both_judge_a_request_alike(self, library, family, secret, late, extra, changed):
        now = datetime.now(UTC).replace(microsecond=0)
        request = senders.sign(
            "webhook", {"secret": secret}, b'{"a":1}', at=now + timedelta(seconds=late), delivery_id="m"
        )
        headers = {name.replace("webhook-", f"{family}-"): value for name, value in request.headers.items()}
        headers[f"{family}-signature"] = " ".join([*extra, headers[f"{family}-signature"]])
        if changed in ("id", "timestamp"):
            headers[f"{family}-{changed}"] += "0"
        body = b'{"a":2}' if changed == "body" else request.body
        key = "whsec_" + base64.b64encode(b"k" * 32).decode() if changed == "secret" else secret
        try:
            library(key).verify(body, headers)
            theirs = True
        except standardwebhooks.WebhookVerificationError:
            theirs = False
        assert (refused("webhook", Request("POST", "", headers, body), [{"secret": key}], now) == "") is theirs
