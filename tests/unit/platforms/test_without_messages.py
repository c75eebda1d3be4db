"""Kuaishou, Xiaohongshu and Bilibili: verified as far as a public protocol goes, and no message made up beyond it.

Oracles: wechatpy for Xiaohongshu's handshake and WeChat's envelope; hashlib for Kuaishou, which has no SDK on PyPI.
"""

import hashlib
import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from heed.platforms import Forged, Request
from infra.heedctl import senders
from infra.heedctl.senders import bilibili, kuaishou, wechat, xiaohongshu
from tests.unit.platforms.given import (
    AT,
    BILIBILI,
    KUAISHOU,
    PLAIN,
    SAFE,
    adapter,
    read,
    refused,
    unreadable,
    with_header,
)

PUSH = {"app_id": "ks70", "event": "AUTHORIZE", "timestamp": 1767242700000, "message_id": "ChFvYXV0aC5h", "data": {}}
EVENT = b'{"MsgType":"event","Event":"example","CreateTime":1767240212}'


def answered(platform, request):
    secret = {"kuaishou": KUAISHOU, "xiaohongshu": SAFE, "bilibili": BILIBILI}[platform]
    return adapter(platform).answer(adapter(platform).verify(request, [secret], AT))


def push(**fields):
    return kuaishou.sign("kuaishou", KUAISHOU, json.dumps({**PUSH, **fields}).encode(), at=AT)


class TestKuaishou:
    def test_a_push_is_answered_by_the_agreed_words_and_its_own_id(self):
        answer = answered("kuaishou", push(event="TEST"))
        assert (answer.status, answer.content_type) == (200, "application/json")
        assert answer.body == '{"result":1,"message_id":"ChFvYXV0aC5h"}'

    @pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"{}", b'{"message_id":[]}'])
    def test_a_push_without_a_readable_id_is_answered_all_the_same(self, body):
        assert answered("kuaishou", kuaishou.sign("kuaishou", KUAISHOU, body, at=AT)).body == '{"result":1}'

    @pytest.mark.parametrize(
        ("event", "name"),
        [("TEST", "test"), ("AUTHORIZE", "authorize"), ("LIVE_COMMENT", "unknown"), (None, "unknown"), ([], "unknown")],
    )
    def test_every_event_is_ignored(self, event, name):
        assert read("kuaishou", push(event=event)).ignored == (name,)

    def test_what_is_no_json_is_kept_in_quarantine(self):
        assert unreadable("kuaishou", kuaishou.sign("kuaishou", KUAISHOU, b'{"event":', at=AT)) == "json"

    @given(st.binary(max_size=200), st.text("abcXYZ019-_", min_size=1, max_size=40))
    def test_the_secret_stands_after_the_body(self, body, secret):
        signed = hashlib.md5(body + secret.encode(), usedforsecurity=False).hexdigest()
        assert refused("kuaishou", Request("POST", "", {"kwaisign": signed}, body), [{"app_secret": secret}]) == ""
        before = hashlib.md5(secret.encode() + body + b"x", usedforsecurity=False).hexdigest()
        assert refused("kuaishou", Request("POST", "", {"kwaisign": before}, body + b"x"), [{"app_secret": secret}])

    @pytest.mark.parametrize(
        ("request_", "reason"),
        [
            (replace(push(), headers={}), "unsigned"),
            (replace(push(), body=push().body + b" "), "signature"),
            (with_header(push(), kwaisign="ñ😡"), "signature"),
            (replace(push(), method="GET"), "method"),
        ],
        ids=["unsigned", "another body", "no signature", "another method"],
    )
    def test_anything_else_is_refused(self, request_, reason):
        assert refused("kuaishou", request_) == reason

    def test_the_previous_secret_is_tried_after_the_current_one(self):
        assert refused("kuaishou", push(), [{"app_secret": "new"}, KUAISHOU]) == ""


def sealed(body=EVENT, secret=SAFE):
    return xiaohongshu.sign("xiaohongshu", secret, body, at=AT)


class TestXiaohongshu:
    def test_the_check_of_a_url_needs_the_token_alone(self):
        request = xiaohongshu.handshake("xiaohongshu", PLAIN, "xhsEcho1", at=AT)
        verified = adapter("xiaohongshu").verify(request, [PLAIN], AT)
        assert adapter("xiaohongshu").answer(verified).body == "xhsEcho1"
        query = dict(parse_qsl(request.query))
        check_signature(PLAIN["token"], query["signature"], query["timestamp"], query["nonce"])

    def test_a_false_check_is_refused(self):
        request = xiaohongshu.handshake("xiaohongshu", SAFE, "c", at=AT)
        assert (
            refused("xiaohongshu", replace(request, query=request.query.replace("nonce=4", "nonce=5"))) == "signature"
        )
        assert refused("xiaohongshu", xiaohongshu.handshake("xiaohongshu", SAFE, "", at=AT)) == "malformed"

    def test_a_push_without_a_key_to_open_it_is_refused(self):
        assert refused("xiaohongshu", sealed(), [PLAIN]) == "unconfigured"
        keyed = {name: SAFE[name] for name in ("token", "encoding_aes_key")}
        assert refused("xiaohongshu", sealed(), [keyed]) == "unconfigured"

    def test_a_push_in_clear_is_refused_though_its_query_is_right(self):
        clear = wechat.sign("wechat", PLAIN, EVENT, at=AT)
        check_signature(PLAIN["token"], *(dict(parse_qsl(clear.query))[n] for n in ("signature", "timestamp", "nonce")))
        assert refused("xiaohongshu", clear) == "unencrypted"

    @pytest.mark.parametrize(
        ("other", "reason"),
        [
            ({"token": "T"}, "signature"),
            ({"encoding_aes_key": "A" * 43}, "encryption"),
            ({"appid": "xhsOther"}, "appid"),
        ],
    )
    def test_a_layout_that_does_not_open_is_refused(self, other, reason):
        assert refused("xiaohongshu", sealed(), [{**SAFE, **other}]) == reason

    def test_what_wechatpy_seals_opens(self):
        crypto = WeChatCrypto(SAFE["token"], SAFE["encoding_aes_key"], SAFE["appid"])
        envelope = crypto.encrypt_message(EVENT.decode(), "n1", "1767240212")
        sealed_text = envelope.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
        signature = envelope.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
        query = urlencode({"timestamp": "1767240212", "nonce": "n1", "msg_signature": signature})
        request = Request("POST", query, {}, json.dumps({"Encrypt": sealed_text}).encode())
        assert adapter("xiaohongshu").verify(request, [SAFE], AT).content == EVENT

    def test_an_event_is_ignored_and_answered(self):
        assert read("xiaohongshu", sealed()).ignored == ("event",)
        assert read("xiaohongshu", sealed(b"{}")).ignored == ("event",)
        assert answered("xiaohongshu", sealed()).body == "success"

    @pytest.mark.parametrize("kind", ["text", "image", None, 5, []])
    def test_what_may_be_a_message_is_kept_and_not_guessed_at(self, kind):
        for name in ("MsgType", "msgType"):
            assert (
                unreadable("xiaohongshu", sealed(json.dumps({name: kind, "Content": "在吗"}).encode()))
                == "undocumented"
            )

    def test_what_is_no_json_is_kept_in_quarantine(self):
        assert unreadable("xiaohongshu", sealed(b"<xml></xml>")) == "json"

    def test_no_other_method_is_known(self):
        assert refused("xiaohongshu", replace(sealed(), method="PUT")) == "method"


class TestBilibili:
    def test_the_check_of_a_url_is_answered_by_its_number(self):
        answer = answered("bilibili", bilibili.handshake("bilibili", BILIBILI, "1371848576", at=AT))
        assert (answer.status, answer.content_type) == (200, "application/json")
        assert answer.body == '{"data":1371848576}'

    @pytest.mark.parametrize("event", ["authorize", "deauthorize", "video_open", "video_fail", "message", None, []])
    def test_nothing_else_can_be_told_from_a_forgery_and_so_it_is_refused(self, event):
        body = {"event": event, "content": {"data": 1}, "timestamp": "2021-01-01 12:01:01"}
        assert refused("bilibili", Request("POST", "", {}, json.dumps(body).encode())) == "unsigned"

    @pytest.mark.parametrize("content", [None, [], {}, {"data": "text"}, {"data": True}, {"data": 1.5}, {"data": {}}])
    def test_a_check_gives_back_a_number_and_nothing_of_a_strangers_words(self, content):
        body = {"event": "verify_webhooks", "content": content}
        assert refused("bilibili", Request("POST", "", {}, json.dumps(body).encode())) == "malformed"

    @pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"[" * 100_000])
    def test_what_is_no_json_is_refused(self, body):
        assert refused("bilibili", Request("POST", "", {}, body)) == "malformed"

    def test_a_channel_that_is_not_set_up_answers_nobody(self):
        request = bilibili.handshake("bilibili", BILIBILI, "1", at=AT)
        with pytest.raises(Forged, match="unconfigured"):
            adapter("bilibili").verify(request, [], AT)

    def test_no_other_method_is_known(self):
        request = bilibili.handshake("bilibili", BILIBILI, "1", at=AT)
        assert refused("bilibili", replace(request, method="GET")) == "method"

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"event":"authorize"}'])
    def test_nobody_can_sign_for_it(self, body):
        with pytest.raises(ValueError, match="published nowhere"):
            senders.sign("bilibili", BILIBILI, body, at=AT)
