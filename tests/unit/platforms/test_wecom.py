"""WeCom customer service: a callback that rings, and the items that then lie at WeCom.

Oracle: wechatpy's crypto for enterprises, which seals and opens for another implementation's corp.
"""

import base64
import json
import string
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.enterprise.crypto import WeChatCrypto

from heed.model import AttachmentKind, Author, Message, Report, ReportKind, Surface
from heed.platforms import Pull, Request, Unreadable, fields, wechat_envelope
from heed.platforms.wecom import pulled
from heed.rim import pulling
from infra.heedctl import senders
from infra.heedctl.senders import wecom
from tests.unit.platforms.given import AT, BOT, WECOM, adapter, channel, read, refused, unreadable

CHANNEL = channel("wecom")
EXAMPLE = {
    "msgid": "7f3aK2",
    "open_kfid": "wkAJ2GCAAAmadeUpKf01",
    "external_userid": "wmAJ2GCAAAcust01",
    "send_time": 1767240099,
    "origin": 3,
    "msgtype": "text",
    "text": {"content": "发票没收到"},
}


def of(item, **changes):
    return pulled({**item, **changes}, CHANNEL, AT)


def said(kind, content, **more):
    return pulled(wecom.item(kind, content, customer="wm1", at=AT, **more), CHANNEL, AT)


def happened(name, **more):
    return pulled(wecom.event(name, customer="wm1", at=AT, **more), CHANNEL, AT)


class TestHandshake:
    def test_the_opened_echo_is_answered_alone(self):
        request = senders.handshake("wecom", WECOM, "8043219876501234567", at=AT)
        answer = adapter("wecom").answer(adapter("wecom").verify(request, [WECOM], AT))
        assert (answer.status, answer.body) == (200, "8043219876501234567")
        assert answer.content_type.startswith("text/plain")

    def test_an_echo_is_percent_decoded_once_so_that_a_plus_stays_a_plus(self):
        found = (senders.handshake("wecom", WECOM, "x" * size, at=AT) for size in range(1, 200))
        assert all(refused("wecom", request) == "" for request in found if "%2B" in request.query)

    def test_a_stranger_gets_nothing(self):
        other = wecom.secret()
        assert refused("wecom", senders.handshake("wecom", other, "1", at=AT)) == "signature"
        assert refused("wecom", Request("GET", "echostr=1&signature=2", {}, b"")) == "signature"
        assert refused("wecom", Request("GET", "", {}, b"")) == "signature"

    @pytest.mark.parametrize("challenge", ["", "a\nb", "a\x00b"])
    def test_an_echo_that_is_no_line_of_text_is_not_sent_back(self, challenge):
        assert refused("wecom", senders.handshake("wecom", WECOM, challenge, at=AT)) == "malformed"

    def test_an_echo_that_is_no_utf_8_is_not_sent_back(self):
        sealed = senders.sign("wecom", WECOM, b"\xff\xfe", at=AT, delivery_id="4150707")
        query = dict(parse_qsl(sealed.query))
        echo = wechat_envelope.read(sealed.body)["encrypt"]
        assert refused("wecom", Request("GET", urlencode({**query, "echostr": echo}), {}, b"")) == "malformed"


class TestCallback:
    def test_it_rings_for_an_account(self):
        reading = read("wecom", wecom.ring(WECOM, at=AT, source="wk1", token="ENC1"))
        assert reading.pulls == (Pull("wecom/flagship", "wk1", "ENC1", AT),)
        assert (reading.messages, reading.ignored, reading.broken) == ((), (), ())

    def test_it_is_answered_success(self):
        found = adapter("wecom")
        assert found.answer(found.verify(wecom.ring(WECOM, at=AT), [WECOM], AT)).body == "success"

    def test_the_documents_example_rings(self):
        body = (
            "<xml><ToUserName><![CDATA[ww8c2b1f00d4a6e9c7]]></ToUserName><CreateTime>1767240101</CreateTime>"
            "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event>"
            "<Token><![CDATA[ENCmadeUpSyncToken9NR]]></Token><OpenKfId><![CDATA[wkAJ2GCAAAmadeUpKf01]]></OpenKfId></xml>"
        )
        (pull,) = read("wecom", senders.sign("wecom", WECOM, body.encode(), at=AT)).pulls
        assert (pull.source, pull.token) == ("wkAJ2GCAAAmadeUpKf01", "ENCmadeUpSyncToken9NR")

    def test_one_that_names_no_account_rings_for_all_of_them(self):
        body = b"<xml><MsgType>event</MsgType><Event>kf_msg_or_event</Event><Token>ENC1</Token></xml>"
        (pull,) = read("wecom", senders.sign("wecom", WECOM, body, at=AT)).pulls
        assert pull.source == ""

    @pytest.mark.parametrize(
        ("kind", "event", "name"),
        [
            ("event", "kf_account_auth_change", "kf_account_auth_change"),
            ("event", "change_external_contact", "change_external_contact"),
            ("event", "brand_new <b>", "unknown"),
            ("text", "", "unknown"),
            ("text", "kf_msg_or_event", "unknown"),
        ],
    )
    def test_any_other_is_ignored_by_a_safe_name(self, kind, event, name):
        body = f"<xml><MsgType>{kind}</MsgType><Event><![CDATA[{event}]]></Event></xml>".encode()
        reading = read("wecom", senders.sign("wecom", WECOM, body, at=AT))
        assert (reading.ignored, reading.pulls) == ((name,), ())

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"<xml></xml>", "msgtype"),
            (b"<xml", "xml"),
            (b"hello", "json"),
            (b'<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>', "dtd"),
            (b"\xff<xml/>", "encoding"),
            (
                b"<xml><MsgType>event</MsgType><Event>kf_msg_or_event</Event><OpenKfId>"
                + b"k" * 257
                + b"</OpenKfId></xml>",
                "open_kfid",
            ),
        ],
    )
    def test_one_that_cannot_be_read_says_why(self, body, reason):
        assert unreadable("wecom", senders.sign("wecom", WECOM, body, at=AT)) == reason

    def test_a_clear_body_is_refused_whatever_signs_it(self):
        ring = wecom.ring(WECOM, at=AT)
        clear = b"<xml><MsgType>event</MsgType><Event>kf_msg_or_event</Event></xml>"
        assert refused("wecom", replace(ring, body=clear)) == "unencrypted"
        assert refused("wecom", replace(ring, query="signature=1&timestamp=2&nonce=3")) == "unencrypted"
        assert refused("wecom", replace(ring, body=b"<xml")) == "malformed"

    @pytest.mark.parametrize(
        ("field", "reason"), [("token", "signature"), ("encoding_aes_key", "encryption"), ("corpid", "corpid")]
    )
    def test_another_corps_callback_is_refused(self, field, reason):
        other = {**WECOM, field: wecom.secret()[field]}
        assert refused("wecom", wecom.ring(WECOM, at=AT), [other]) in (reason, "corpid")

    def test_the_previous_secret_is_good_beside_the_current_one(self):
        assert refused("wecom", wecom.ring(WECOM, at=AT), [wecom.secret(), WECOM]) == ""

    def test_the_applications_secret_verifies_nothing(self):
        without = {name: text for name, text in WECOM.items() if name != "secret"}
        assert refused("wecom", wecom.ring(WECOM, at=AT), [without]) == ""

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "get", ""])
    def test_any_other_method_is_refused(self, method):
        assert refused("wecom", replace(wecom.ring(WECOM, at=AT), method=method)) == "method"


class TestMessages:
    def test_the_documents_example_is_read(self):
        message = of(EXAMPLE)
        assert message == Message(
            channel="wecom/flagship",
            id="7f3aK2",
            conversation="wkAJ2GCAAAmadeUpKf01:wmAJ2GCAAAcust01",
            customer="wmAJ2GCAAAcust01",
            author=Author.CUSTOMER,
            surface=Surface.DIRECT,
            text="发票没收到",
            sent_at=fields.moment(1767240099),
            received_at=AT,
        )

    def test_staff_answer_in_the_same_conversation(self):
        answer = of(EXAMPLE, origin=5, servicer_userid="zhang", msgid="2")
        assert (answer.author, answer.conversation) == (Author.AGENT, of(EXAMPLE).conversation)
        assert answer.customer == "wmAJ2GCAAAcust01"

    @pytest.mark.parametrize(("by", "author"), [(BOT, Author.BOT), ("zhang", Author.AGENT), (None, Author.AGENT)])
    def test_a_servicer_that_the_channel_calls_a_bot_is_one(self, by, author):
        assert of(EXAMPLE, origin=5, servicer_userid=by).author is author

    @pytest.mark.parametrize("by", [[], {}, 5])
    def test_a_servicer_of_another_type_is_no_bot(self, by):
        assert of(EXAMPLE, origin=5, servicer_userid=by).author is Author.AGENT

    def test_a_customer_is_never_a_bot(self):
        assert of(EXAMPLE, servicer_userid=BOT).author is Author.CUSTOMER

    def test_two_accounts_of_a_corp_are_two_conversations(self):
        assert of(EXAMPLE).conversation != of(EXAMPLE, open_kfid="wk2").conversation

    @pytest.mark.parametrize(
        ("kind", "content", "text", "attached"),
        [
            ("text", {"content": "hi", "menu_id": "101"}, "hi", None),
            ("image", {"media_id": "m1"}, "", (AttachmentKind.IMAGE, "m1", "")),
            ("voice", {"media_id": "m1"}, "", (AttachmentKind.VOICE, "m1", "")),
            ("video", {"media_id": "m1"}, "", (AttachmentKind.VIDEO, "m1", "")),
            ("file", {"media_id": "m1"}, "", (AttachmentKind.FILE, "m1", "")),
            (
                "location",
                {"latitude": 31.2, "longitude": 121.5, "name": "人民广场"},
                "",
                (AttachmentKind.LOCATION, "31.2,121.5", "人民广场"),
            ),
            (
                "link",
                {"title": "t", "desc": "d", "url": "https://a.example/b"},
                "d",
                (AttachmentKind.LINK, "https://a.example/b", "t"),
            ),
            ("link", {"title": "t", "url": "javascript:alert(1)"}, "", (AttachmentKind.LINK, "", "t")),
            ("business_card", {"userid": "zhang"}, "", (AttachmentKind.CARD, "zhang", "")),
            (
                "miniprogram",
                {"title": "t", "pagepath": "p?id=" + "1" * 260},
                "",
                (AttachmentKind.CARD, "p?id=" + "1" * 260, "t"),
            ),
            ("channels_shop_product", {"product_id": 17, "title": "t"}, "", (AttachmentKind.CARD, "17", "t")),
            ("channels_shop_order", {"order_id": "o1", "product_titles": "t"}, "", (AttachmentKind.CARD, "o1", "t")),
            ("channels", {"nickname": "n", "title": "t", "sub_type": 1}, "", (AttachmentKind.CARD, "", "t")),
            ("merged_msg", {"title": "t", "item": []}, "", (AttachmentKind.CARD, "", "t")),
            ("msgmenu", {"head_content": "a", "list": [], "tail_content": "b"}, "a\nb", None),
            ("msgmenu", {"list": []}, "", None),
            ("meeting", {"title": "t"}, "", (AttachmentKind.CARD, "", "t")),
            ("note", None, "", (AttachmentKind.CARD, "", "")),
            ("schedule", "whatever", "", (AttachmentKind.CARD, "", "")),
        ],
    )
    def test_every_kind_is_a_message(self, kind, content, text, attached):
        message = said(kind, content)
        found = [(part.kind, part.reference, part.title) for part in message.attachments]
        assert (message.text, found) == (text, [attached] if attached else [])

    @pytest.mark.parametrize(("origin", "name"), [(4, "system"), (31, "unknown"), (0, "unknown"), (10**30, "unknown")])
    def test_what_nobody_said_is_ignored(self, origin, name):
        assert of(EXAMPLE, origin=origin) == name

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"msgid": ""}, "id"),
            ({"msgid": None}, "id"),
            ({"open_kfid": None}, "open_kfid"),
            ({"open_kfid": "a:b"}, "thread"),
            ({"external_userid": None}, "customer"),
            ({"send_time": None}, "time"),
            ({"send_time": 17}, "time"),
            ({"send_time": "soon"}, "time"),
            ({"origin": "3"}, "origin"),
            ({"origin": None}, "origin"),
            ({"msgtype": 7}, "msgtype"),
            ({"text": "发票"}, "text"),
            ({"text": {"content": 7}}, "text"),
            ({"msgtype": "image", "image": {"media_id": 1.5}}, "media"),
            ({"msgtype": "location", "location": {"latitude": 91, "longitude": 0}}, "location"),
            ({"msgtype": "location"}, "location"),
            ({"msgtype": "event"}, "event"),
        ],
    )
    def test_a_part_that_cannot_be_read_says_why(self, changes, reason):
        with pytest.raises(fields.Misread) as error:
            of(EXAMPLE, **changes)
        assert error.value.reason == reason

    def test_an_unreadable_item_breaks_none_beside_it_and_is_kept_whole(self):
        bad = {**EXAMPLE, "msgid": None}
        reading = pulling.read((bad, EXAMPLE, 7), CHANNEL, AT)
        assert [message.id for message in reading.messages] == ["7f3aK2"]
        assert [part.reason for part in reading.broken] == ["id", "item"]
        assert json.loads(reading.broken[0].raw) == bad


class TestEvents:
    @pytest.mark.parametrize(
        ("name", "field", "kind"),
        [
            ("user_recall_msg", "recall_msgid", ReportKind.WITHDRAWN),
            ("servicer_recall_msg", "recall_msgid", ReportKind.WITHDRAWN),
            ("msg_send_fail", "fail_msgid", ReportKind.REJECTED),
        ],
    )
    def test_what_became_of_a_message_is_reported_in_its_conversation(self, name, field, kind):
        report = happened(name, **{field: "m1"}, servicer_userid="zhang")
        message = said("text", {"content": "hi"}, id="m1")
        assert report == Report("wecom/flagship", kind, "m1", message.conversation, AT, AT)

    def test_a_report_without_a_time_is_of_now(self):
        event = wecom.event("user_recall_msg", customer="wm1", at=AT, recall_msgid="m1")
        del event["send_time"], event["msgid"], event["origin"]
        assert pulled(event, CHANNEL, AT).at == AT

    @pytest.mark.parametrize("name", ["user_recall_msg", "msg_send_fail"])
    def test_a_report_that_names_no_message_is_broken(self, name):
        with pytest.raises(fields.Misread):
            happened(name)

    @pytest.mark.parametrize(
        ("event", "name"),
        [
            ("enter_session", "enter_session"),
            ("session_status_change", "session_status_change"),
            ("servicer_status_change", "servicer_status_change"),
            ("reject_customer_msg_switch_change", "reject_customer_msg_switch_change"),
            ("<script>", "unknown"),
            (None, "unknown"),
            (["user_recall_msg"], "unknown"),
        ],
    )
    def test_any_other_is_ignored_by_a_safe_name(self, event, name):
        assert happened(event) == name


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
KINDS = [*["text", "image", "location", "link", "event", "msgmenu", "miniprogram", "note", "channels_shop_order"]]
items = st.fixed_dictionaries(
    {},
    optional={
        "msgid": ANY | st.just("m1"),
        "open_kfid": ANY | st.just("wk1"),
        "external_userid": ANY | st.just("wm1"),
        "send_time": ANY | st.just(1767240099),
        "origin": ANY | st.sampled_from([3, 4, 5]),
        "msgtype": ANY | st.sampled_from(KINDS),
        "servicer_userid": ANY,
        **{
            kind: ANY | st.dictionaries(st.sampled_from(["content", "media_id", "url", "title"]), ANY) for kind in KINDS
        },
        "event": ANY
        | st.fixed_dictionaries(
            {"event_type": st.sampled_from(["user_recall_msg", "msg_send_fail", "enter_session"])},
            optional={name: ANY | st.just("1") for name in ("recall_msgid", "fail_msgid", "open_kfid")},
        ),
    },
)


@given(st.lists(items | ANY, max_size=4))
def test_any_items_are_read_or_kept_aside(lying):
    reading = pulling.read(tuple(lying), CHANNEL, AT)
    count = len(reading.messages) + len(reading.reports) + len(reading.ignored) + len(reading.broken)
    assert count == len(lying)
    for name in (*reading.ignored, *(part.reason for part in reading.broken)):
        assert 0 < len(name) <= 40
    for message in reading.messages:
        "".join([message.id, message.text, message.conversation, *(a.reference for a in message.attachments)]).encode()


ALPHANUMERIC = string.ascii_letters + string.digits
secrets = st.fixed_dictionaries(
    {
        "token": st.text(ALPHANUMERIC, min_size=3, max_size=32),
        "encoding_aes_key": st.binary(min_size=32, max_size=32).map(lambda key: base64.b64encode(key).decode()[:43]),
        "corpid": st.text(ALPHANUMERIC, min_size=1, max_size=32).map("ww".__add__),
    }
)


def theirs(secret):
    return WeChatCrypto(secret["token"], secret["encoding_aes_key"], secret["corpid"])


class TestWeChatPy:
    @given(secrets, st.text(ALPHANUMERIC, min_size=1, max_size=60))
    def test_what_it_seals_rings(self, secret, account):
        body = f"<xml><MsgType>event</MsgType><Event>kf_msg_or_event</Event><OpenKfId>{account}</OpenKfId></xml>"
        envelope = theirs(secret).encrypt_message(body, "4150707", "1767240212")
        signature = envelope.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
        query = urlencode({"msg_signature": signature, "timestamp": "1767240212", "nonce": "4150707"})
        (pull,) = read("wecom", Request("POST", query, {}, envelope.encode()), secret).pulls
        assert pull.source == account

    @given(secrets, st.text(ALPHANUMERIC, min_size=1, max_size=60))
    def test_what_the_sender_seals_it_opens(self, secret, account):
        request = wecom.ring(secret, at=AT, source=account)
        query = dict(parse_qsl(request.query))
        opened = theirs(secret).decrypt_message(
            request.body, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        assert f"<OpenKfId>{account}</OpenKfId>" in opened

    @given(
        secrets,
        secrets,
        st.sampled_from(["token", "encoding_aes_key", "corpid", ""]),
        st.text(ALPHANUMERIC, min_size=1),
    )
    def test_both_judge_a_handshake_alike(self, secret, other, field, challenge):
        mine = {**secret, field: other[field]} if field else secret
        request = senders.handshake("wecom", secret, challenge, at=AT)
        query = dict(parse_qsl(request.query))
        try:
            echo = theirs(mine).check_signature(
                query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
            )
        except Exception:  # under a wrong key wechatpy stumbles in many ways over what it decrypted
            echo = None
        assert (refused("wecom", request, [mine]) == "") is (echo is not None)
        if echo is not None:
            opened = adapter("wecom").verify(request, [mine], AT).challenge
            assert opened == (echo.decode() if isinstance(echo, bytes) else echo) == challenge


def test_a_body_of_json_rings_as_well():
    body = json.dumps({"MsgType": "event", "Event": "kf_msg_or_event", "Token": "t", "OpenKfId": "wk1"}).encode()
    assert read("wecom", senders.sign("wecom", WECOM, body, at=AT)).pulls[0].source == "wk1"
    with pytest.raises(Unreadable):
        read("wecom", senders.sign("wecom", WECOM, b"[]", at=AT))
