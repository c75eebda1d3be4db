"""WeChat Official Account: the handshake, the three modes, and every message type."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import pytest

from heed.model import Attachment, AttachmentKind, Author, Surface
from heed.platforms import Request, Verified, signatures
from infra.heedctl import senders
from tests.unit.platforms.given import AT, PLAIN, SAFE, adapter, channel, only, read, refused, unreadable

CUSTOMER = "oVq8e6HkT2n0pXcAfake_OpenId01"
NEXT_KEY = {**SAFE, "encoding_aes_key": "A" * 43}


def text(secret=SAFE, words="我的订单 <A&B> 三天没发货了😡 在吗?", **more):
    return senders.wechat_text(secret, words, customer=CUSTOMER, at=AT, **more)


def query_of(request, **changes):
    query = {**dict(parse_qsl(request.query)), **changes}
    return replace(request, query=urlencode({name: value for name, value in query.items() if value is not None}))


def body_of(kind, **extra):
    return senders.wechat_xml(CUSTOMER, AT, kind, **extra)


def plain(body):
    return senders.sign("wechat", PLAIN, body, at=AT)


def sealed(plaintext_and_pad, secret=SAFE):
    """A request whose plaintext, padding included, is exactly what is given."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = base64.b64decode(secret["encoding_aes_key"] + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return envelope(base64.b64encode(encryptor.update(plaintext_and_pad) + encryptor.finalize()).decode(), secret)


def envelope(encrypted, secret=SAFE, body=None):
    timestamp, nonce = str(int(AT.timestamp())), "n1"
    query = {
        "timestamp": timestamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": signatures.sorted_sha1(secret["token"], timestamp, nonce, encrypted),
    }
    return Request("POST", urlencode(query), {}, body or json.dumps({"Encrypt": encrypted}).encode())


class TestHandshake:
    def test_the_challenge_comes_back_as_it_was_sent(self):
        request = senders.handshake("wechat", SAFE, "abc+/=9 x", at=AT)
        verified = adapter("wechat").verify(request, [SAFE], AT)
        assert adapter("wechat").answer(verified).body == "abc+/=9 x"

    def test_the_first_of_a_repeated_parameter_counts(self):
        request = senders.handshake("wechat", SAFE, "mine", at=AT)
        request = replace(request, query=request.query + "&echostr=theirs")
        assert adapter("wechat").verify(request, [SAFE], AT).challenge == "mine"

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"signature": "0" * 40}, "signature"),
            ({"signature": None}, "signature"),
            ({"signature": "ñ😡"}, "signature"),
            ({"timestamp": "1"}, "signature"),
            ({"nonce": None}, "signature"),
            ({"echostr": None}, "malformed"),
            ({"echostr": ""}, "malformed"),
            ({"echostr": "two\nlines"}, "malformed"),
        ],
    )
    def test_a_false_handshake_is_refused(self, changes, reason):
        assert refused("wechat", query_of(senders.handshake("wechat", SAFE, "c", at=AT), **changes)) == reason

    @pytest.mark.parametrize("query", ["a=1&" * 60, "echostr=\ud800&signature=\udfff"])
    def test_a_query_that_is_no_query_is_refused(self, query):
        assert refused("wechat", Request("GET", query, {}, b"")) in ("malformed", "signature")

    def test_a_challenge_that_is_no_text_is_refused(self):
        request = senders.handshake("wechat", SAFE, "c", at=AT)
        request = replace(request, query=request.query.replace("echostr=c", "echostr=\ud800"))
        assert refused("wechat", request) == "malformed"

    def test_no_other_method_is_known(self):
        assert refused("wechat", replace(text(), method="PUT")) == "method"


class TestModes:
    def test_the_success_answer_is_the_word_success(self):
        response = adapter("wechat").answer(Verified(b""))
        assert (response.status, response.body) == (200, "success")

    def test_a_safe_xml_text_is_read(self):
        message = only(read("wechat", text(id="24893017465520193")))
        assert message.id == "24893017465520193"
        assert message.channel == "wechat/flagship"
        assert message.conversation == message.customer == CUSTOMER
        assert (message.author, message.surface) == (Author.CUSTOMER, Surface.DIRECT)
        assert message.text == "我的订单 <A&B> 三天没发货了😡 在吗?"
        assert (message.sent_at, message.received_at) == (AT, AT)

    def test_a_safe_json_text_is_read(self):
        body = json.dumps(
            {
                "FromUserName": CUSTOMER,
                "CreateTime": 1767240212,
                "MsgType": "text",
                "Content": "在吗",
                "MsgId": 2**63 + 1,
            }
        )
        message = only(read("wechat", senders.sign("wechat", SAFE, body.encode(), at=AT)))
        assert (message.id, message.text) == (str(2**63 + 1), "在吗")

    def test_plain_mode_is_read_under_a_secret_without_a_key(self):
        assert only(read("wechat", text(PLAIN, "hello"), PLAIN)).text == "hello"
        raw = query_of(text(PLAIN, "hello"), encrypt_type="raw")
        assert only(read("wechat", raw, PLAIN)).text == "hello"

    def test_the_content_type_says_nothing(self):
        request = replace(text(PLAIN, "hello"), headers={"content-type": "application/json"})
        assert only(read("wechat", request, PLAIN)).text == "hello"

    @pytest.mark.parametrize("encrypt_type", [None, "raw", "aes"])
    def test_a_plain_body_is_refused_under_a_secret_with_a_key(self, encrypt_type):
        forged = query_of(text(PLAIN), encrypt_type=encrypt_type)
        assert refused("wechat", forged, [SAFE]) == "unencrypted"

    def test_one_seen_url_does_not_carry_another_body_in(self):
        seen = text()
        assert refused("wechat", replace(seen, body=body_of("text", Content="refund me", MsgId="1"))) == "unencrypted"

    def test_msg_signature_counts_and_signature_does_not(self):
        assert refused("wechat", query_of(text(), signature="0" * 40)) == ""
        assert refused("wechat", query_of(text(), msg_signature="0" * 40)) == "signature"
        swapped = dict(parse_qsl(text().query))["signature"]
        assert refused("wechat", query_of(text(), msg_signature=swapped)) == "signature"

    def test_an_encrypted_body_without_msg_signature_is_refused(self):
        assert refused("wechat", query_of(text(), msg_signature=None)) == "unencrypted"

    def test_of_a_compatible_body_only_the_encrypted_copy_is_read(self):
        request = text(words="encrypted copy")
        clear = b"<Content>clear copy</Content><FromUserName>somebody</FromUserName><MsgId>1</MsgId>"
        request = replace(request, body=request.body.replace(b"</xml>", clear + b"</xml>"))
        message = only(read("wechat", request))
        assert (message.text, message.customer) == ("encrypted copy", CUSTOMER)

    def test_an_encrypted_body_under_a_secret_without_a_key_is_refused(self):
        assert refused("wechat", text(), [PLAIN]) == "unconfigured"
        assert refused("wechat", query_of(text(), encrypt_type=None), [PLAIN]) == "unconfigured"
        assert refused("wechat", query_of(text(), msg_signature=None), [PLAIN]) == "unconfigured"

    def test_the_openid_parameter_is_never_the_sender(self):
        assert only(read("wechat", query_of(text(), openid="somebody"))).customer == CUSTOMER


class TestEncryption:
    @pytest.mark.parametrize("length", range(33))
    def test_every_pad_from_1_to_32_is_accepted(self, length):
        message = only(read("wechat", text(words="x" * length)))
        assert message.text == "x" * length

    @pytest.mark.parametrize(
        "tail", [b"\x00" * 32, b"\x21" * 32, b"\x01" * 30 + b"\x03\x02", b"\x1f" + b"\x20" * 31, b"a" * 31 + b"\xff"]
    )
    def test_every_byte_of_the_pad_is_checked(self, tail):
        content = b"r" * 16 + (9).to_bytes(4, "big") + b"<xml/>..." + SAFE["appid"].encode()
        content += b"." * (-len(content) % 32)
        assert refused("wechat", sealed(content + tail)) == "encryption"

    def test_a_pad_of_more_than_a_block_is_refused(self):
        content = b"r" * 16 + (10).to_bytes(4, "big") + b"<xml/>...." + SAFE["appid"].encode()
        assert refused("wechat", sealed(content + b"\x10" * 16)) == ""
        assert refused("wechat", sealed(content + b"\x30" * 48)) == "encryption"

    def test_a_pad_longer_than_the_text_is_refused(self):
        assert refused("wechat", sealed(b"\x20" * 16)) == "encryption"

    @pytest.mark.parametrize("encrypted", ["", "!!!", "YWJj", "é"])
    def test_what_is_no_ciphertext_is_refused(self, encrypted):
        assert refused("wechat", envelope(encrypted)) == "encryption"

    @pytest.mark.parametrize("length", [0, 10, 2**32 - 1])
    def test_a_length_that_does_not_lead_to_the_appid_is_refused(self, length):
        content = b"r" * 16 + length.to_bytes(4, "big") + b"<xml/>..." + SAFE["appid"].encode()
        pad = 32 - len(content) % 32
        assert refused("wechat", sealed(content + bytes([pad]) * pad)) == "appid"

    def test_another_accounts_appid_is_refused(self):
        assert refused("wechat", text({**SAFE, "appid": "wx0000000000000000"})) == "appid"

    @pytest.mark.parametrize("body", [b"", b"<xml", b"{", b"[]", b"\xff", b"<!DOCTYPE x><xml/>", b"{" * 9])
    def test_an_envelope_that_is_none_is_refused(self, body):
        assert refused("wechat", replace(text(), body=body)) == "malformed"

    @pytest.mark.parametrize("body", [b"<xml/>", b"{}", b'{"Encrypt":[]}', b'{"Encrypt":1}'])
    def test_an_envelope_without_ciphertext_is_refused(self, body):
        assert refused("wechat", replace(text(), body=body)) == "unencrypted"


class TestRotation:
    @pytest.mark.parametrize("used", [SAFE, NEXT_KEY])
    def test_both_the_current_and_the_previous_key_open(self, used):
        assert refused("wechat", text(used), [NEXT_KEY, SAFE]) == ""

    def test_both_the_current_and_the_previous_token_are_right(self):
        assert refused("wechat", text(), [{**SAFE, "token": "next"}, SAFE]) == ""

    def test_a_retired_key_is_refused(self):
        assert refused("wechat", text(SAFE), [NEXT_KEY]) in ("encryption", "appid")

    def test_a_plain_previous_secret_bridges_the_switch_to_safe_mode(self):
        assert refused("wechat", text(PLAIN), [SAFE, PLAIN]) == ""
        assert refused("wechat", text(SAFE), [SAFE, PLAIN]) == ""

    @pytest.mark.parametrize(
        "secret",
        [
            {},
            {"token": ""},
            {"token": " "},
            {"token": None},
            {"token": 7},
            {**SAFE, "encoding_aes_key": ""},
            {**SAFE, "encoding_aes_key": "short"},
            {**SAFE, "encoding_aes_key": "é" * 43},
            {**SAFE, "appid": ""},
            {"token": SAFE["token"], "encoding_aes_key": SAFE["encoding_aes_key"]},
        ],
    )
    def test_an_incomplete_secret_lets_nothing_in(self, secret):
        assert refused("wechat", text(SAFE), [secret]) == "unconfigured"
        assert refused("wechat", text(PLAIN), [secret]) in ("unconfigured", "unencrypted")

    def test_no_secret_lets_nothing_in(self):
        assert refused("wechat", text(), []) == "unconfigured"


MEDIA = "media-id_1"
TYPES = [
    ("image", {"PicUrl": "https://a/b.jpg", "MediaId": MEDIA}, "", AttachmentKind.IMAGE, "https://a/b.jpg", ""),
    ("image", {"PicUrl": "javascript:1", "MediaId": MEDIA}, "", AttachmentKind.IMAGE, MEDIA, ""),
    ("voice", {"MediaId": MEDIA, "Recognition": "退款"}, "退款", AttachmentKind.VOICE, MEDIA, ""),
    ("voice", {"MediaId": MEDIA}, "", AttachmentKind.VOICE, MEDIA, ""),
    ("video", {"MediaId": MEDIA, "ThumbMediaId": "t"}, "", AttachmentKind.VIDEO, MEDIA, ""),
    ("shortvideo", {"MediaId": MEDIA}, "", AttachmentKind.VIDEO, MEDIA, ""),
    (
        "location",
        {"Location_X": "23.134521", "Location_Y": "-113.358803", "Label": "广州"},
        "",
        AttachmentKind.LOCATION,
        "23.134521,-113.358803",
        "广州",
    ),
    (
        "link",
        {"Title": "T", "Description": "D", "Url": "https://a"},
        "D",
        AttachmentKind.LINK,
        "https://a",
        "T",
    ),
    ("link", {"Title": "T", "Url": "javascript:alert(1)"}, "", AttachmentKind.LINK, "", "T"),
    ("miniprogrampage", {"Title": "T", "PagePath": "p/i"}, "", AttachmentKind.CARD, "p/i", "T"),
]


class TestTypes:
    @pytest.mark.parametrize(("kind", "extra", "words", "attachment", "reference", "title"), TYPES)
    def test_a_message_of_each_type_is_read(self, kind, extra, words, attachment, reference, title):
        message = only(read("wechat", plain(body_of(kind, MsgId="1", **extra)), PLAIN))
        assert message.text == words
        assert message.attachments == (Attachment(attachment, reference, title),)

    @pytest.mark.parametrize("name", ["MsgId", "MsgID", "msgid"])
    def test_the_identity_is_read_in_any_spelling(self, name):
        assert only(read("wechat", plain(body_of("text", **{name: "77"})), PLAIN)).id == "77"

    @pytest.mark.parametrize(
        ("event", "name"),
        [("subscribe", "subscribe"), ("SCAN", "scan"), ("CLICK", "click"), ("kf_close_session", "kf_close_session")],
    )
    def test_an_event_is_ignored_by_its_name(self, event, name):
        assert read("wechat", plain(body_of("event", Event=event, EventKey="k")), PLAIN).ignored == (name,)

    @pytest.mark.parametrize("event", ["debug_demo", "a\nb", "x" * 999, ""])
    def test_an_unknown_event_has_no_name_of_its_own(self, event):
        assert read("wechat", plain(body_of("event", Event=event)), PLAIN).ignored == ("unknown",)

    def test_an_event_without_a_name_is_ignored(self):
        assert read("wechat", plain(b'{"MsgType":"event","Event":[1]}'), PLAIN).ignored == ("unknown",)

    def test_an_unknown_type_is_ignored(self):
        assert read("wechat", plain(body_of("hologram", MsgId="1")), PLAIN).ignored == ("unknown",)

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"", "json"),
            (b"<xml>", "xml"),
            (b"<xml>\x00</xml>", "xml"),
            (b"<xml>\xff</xml>", "encoding"),
            (b'<!DOCTYPE x [<!ENTITY e "e">]><xml><Content>&e;</Content></xml>', "dtd"),
            (b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml/>', "dtd"),
            (b"<xml><Content>&nope;</Content></xml>", "xml"),
            (b"<xml/>", "msgtype"),
            (b'{"MsgType":["text"]}', "msgtype"),
            (b'{"MsgType":"text"}', "customer"),
            (body_of("text", Content="x"), "id"),
            (body_of("text", Content="x", MsgId="x" * 257), "id"),
            (body_of("location", MsgId="1", Location_X="91", Location_Y="0"), "location"),
            (body_of("location", MsgId="1", Location_X="nan", Location_Y="0"), "location"),
            (body_of("location", MsgId="1"), "location"),
            (body_of("image", MsgId="1", MediaId="a\nb"), "media"),
            (body_of("text", MsgId="1", Content="x").replace(b"1767240212", b"yesterday"), "time"),
            (b'{"MsgType":"text","FromUserName":"o","MsgId":1,"CreateTime":1767240212,"Content":{}}', "text"),
        ],
    )
    def test_what_cannot_be_read_says_why(self, body, reason):
        assert unreadable("wechat", plain(body), PLAIN) == reason

    def test_a_declared_encoding_is_without_effect(self):
        body = b'<?xml version="1.0" encoding="utf-7"?>' + body_of("text", MsgId="1", Content="+ADw- 在")
        assert only(read("wechat", plain(body), PLAIN)).text == "+ADw- 在"

    def test_a_body_nested_without_end_is_read_in_bounded_memory(self):
        body = b"<xml>" + b"<a>" * 40_000 + b"</a>" * 40_000 + b"</xml>"
        assert unreadable("wechat", plain(body), PLAIN) == "msgtype"

    def test_the_first_of_a_repeated_field_counts(self):
        body = body_of("text", Content="first", MsgId="1").replace(b"</xml>", b"<Content>second</Content></xml>")
        assert only(read("wechat", plain(body), PLAIN)).text == "first"

    def test_seconds_are_seconds(self):
        message = only(read("wechat", plain(body_of("text", MsgId="1", Content="x")), PLAIN))
        assert message.sent_at == datetime(2026, 1, 1, 4, 3, 32, tzinfo=UTC)

    def test_channel_is_the_channels_name(self):
        assert only(read("wechat", text())).channel == channel("wechat").name
