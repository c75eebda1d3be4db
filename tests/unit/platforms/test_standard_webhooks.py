"""Standard Webhooks: the brand's own senders."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from heed.model import Attachment, AttachmentKind, Author, Surface
from heed.platforms import Request, Verified
from infra.heedctl import senders
from tests.unit.platforms.given import AT, BOT, WEBHOOK, adapter, only, read, refused, unreadable, with_header

OTHER = {"secret": "whsec_" + base64.b64encode(b"o" * 24).decode()}
DATA = {"external_id": "e1", "sender": {"id": "li", "name": "Li"}, "direction": "inbound", "text": "发票抬头开错了"}


def post(body, secret=WEBHOOK, at=AT, id="msg_1"):
    return senders.sign("webhook", secret, json.dumps(body).encode(), at=at, delivery_id=id)


def created(**changes):
    data = {name: part for name, part in {**DATA, **changes}.items() if part is not None}
    return post({"type": "message.created", "timestamp": "2026-01-01T12:03:32+08:00", "data": data})


def svix(request):
    return replace(request, headers={name.replace("webhook-", "svix-"): v for name, v in request.headers.items()})


class TestSignature:
    def test_both_families_of_header_names_are_read(self):
        assert refused("webhook", created()) == ""
        assert refused("webhook", svix(created())) == ""

    def test_the_two_families_are_never_mixed(self):
        request = created()
        mixed = {**request.headers, "svix-id": request.headers["webhook-id"]}
        del mixed["webhook-id"]
        assert refused("webhook", replace(request, headers=mixed)) == "unsigned"

    @pytest.mark.parametrize("header", ["webhook_id", "webhook_timestamp", "webhook_signature"])
    def test_a_missing_header_is_refused(self, header):
        assert refused("webhook", with_header(created(), **{header: ""})) == "unsigned"

    @pytest.mark.parametrize("header", ["webhook_id", "webhook_timestamp", "webhook_signature"])
    @pytest.mark.parametrize("value", ["x", "ñ", "😡", "\udcff", "v1", "v1,", "v1,ñ", " ", "v2,AAAA v3,BBBB"])
    def test_a_changed_header_is_refused(self, header, value):
        assert refused("webhook", with_header(created(), **{header: value})) == "signature"

    def test_any_of_several_signatures_passes_and_unknown_versions_are_skipped(self):
        request = created()
        right = request.headers["webhook-signature"]
        assert refused("webhook", with_header(request, webhook_signature=f"v9,x v1,AAAA v1a,BBBB  {right}")) == ""

    def test_a_right_signature_under_another_version_is_refused(self):
        request = created()
        relabelled = request.headers["webhook-signature"].replace("v1,", "v2,")
        assert refused("webhook", with_header(request, webhook_signature=relabelled)) == "signature"

    @pytest.mark.parametrize("used", [WEBHOOK, OTHER])
    def test_both_the_current_and_the_previous_secret_are_right(self, used):
        assert refused("webhook", post({}, used), [OTHER, WEBHOOK]) == ""

    def test_a_secret_may_come_without_its_prefix(self):
        bare = {"secret": WEBHOOK["secret"].removeprefix("whsec_")}
        assert refused("webhook", created(), [bare]) == ""

    @pytest.mark.parametrize(
        ("seconds", "reason"), [(-301, "stale"), (-300, ""), (0, ""), (300, ""), (301, "stale"), (10**9, "stale")]
    )
    def test_five_minutes_to_both_sides_are_tolerated(self, seconds, reason):
        assert refused("webhook", created(), now=AT + timedelta(seconds=seconds)) == reason

    @pytest.mark.parametrize("timestamp", ["1767240212.0", " 1767240212", "+1767240212", "१७६७२४०२१२", "nan", "1" * 13])
    def test_a_signed_timestamp_that_is_no_plain_number_is_stale(self, timestamp):
        from heed.platforms import signatures

        key = base64.b64decode(WEBHOOK["secret"].removeprefix("whsec_"))
        signed = signatures.hmac_base64(key, f"msg_1.{timestamp}.{{}}".encode())
        headers = {"webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signed}"}
        assert refused("webhook", Request("POST", "", headers, b"{}")) == "stale"

    @pytest.mark.parametrize(
        "secret",
        [
            {},
            {"secret": ""},
            {"secret": "whsec_"},
            {"secret": "whsec_!!"},
            {"secret": "whsec_" + base64.b64encode(b"k" * 23).decode()},
            {"secret": "whsec_" + base64.b64encode(b"k" * 65).decode()},
            {"secret": "whpk_"},
            {"secret": "whpk_AAAA"},
        ],
    )
    def test_an_incomplete_secret_lets_nothing_in(self, secret):
        assert refused("webhook", created(), [secret]) == "unconfigured"

    def test_no_secret_lets_nothing_in(self):
        assert refused("webhook", created(), []) == "unconfigured"

    def test_there_is_no_handshake(self):
        assert refused("webhook", replace(created(), method="GET")) == "method"

    def test_the_success_answer_is_204(self):
        response = adapter("webhook").answer(Verified(b""))
        assert (response.status, response.body) == (204, "")


class TestAsymmetric:
    KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    SECRET: ClassVar = {"secret": "whpk_" + base64.b64encode(KEY.public_key().public_bytes_raw()).decode()}

    def signed(self, **headers):
        request = created()
        content = b".".join(
            [request.headers["webhook-id"].encode(), request.headers["webhook-timestamp"].encode(), request.body]
        )
        signature = "v1a," + base64.b64encode(self.KEY.sign(content)).decode()
        return with_header(request, **{"webhook_signature": signature, **headers})

    def test_an_ed25519_signature_is_right_under_its_public_key(self):
        request = self.signed()
        assert refused("webhook", request, [self.SECRET]) == ""
        several = f"v1,AAAA v1a,AAAA v1a,! {request.headers['webhook-signature']}"
        assert refused("webhook", with_header(request, webhook_signature=several), [self.SECRET]) == ""

    @pytest.mark.parametrize("label", ["", "v1,", "v1b,", "V1A,"])
    def test_an_ed25519_signature_under_another_label_is_refused(self, label):
        request = self.signed()
        relabelled = request.headers["webhook-signature"].replace("v1a,", label)
        assert refused("webhook", with_header(request, webhook_signature=relabelled), [self.SECRET]) == "signature"

    def test_an_hmac_keyed_with_the_public_key_is_refused(self):
        key = {"secret": self.SECRET["secret"].replace("whpk_", "whsec_")}
        assert refused("webhook", post({}, key), [self.SECRET]) == "signature"

    def test_a_changed_body_is_refused(self):
        assert refused("webhook", replace(self.signed(), body=b"{}"), [self.SECRET]) == "signature"


class TestMessages:
    def test_an_inbound_message_is_read(self):
        message = only(read("webhook", created(thread_id="t1", sent_at="2026-01-01T04:00:00Z", reply_to="e0")))
        assert (message.id, message.conversation, message.customer) == ("e1", "t1", "li")
        assert (message.author, message.surface, message.author_name) == (Author.CUSTOMER, Surface.DIRECT, "Li")
        assert (message.text, message.reply_to) == ("发票抬头开错了", "e0")
        assert message.sent_at == datetime(2026, 1, 1, 4, tzinfo=UTC)

    def test_what_is_left_out_has_a_default(self):
        message = only(read("webhook", created(external_id=None, text=None)))
        assert (message.id, message.conversation, message.text, message.reply_to) == ("msg_1", "li", "", None)
        assert message.sent_at == AT

    def test_every_retry_has_the_same_identity(self):
        body = {"type": "message.created", "timestamp": "2026-01-01T04:03:32Z", "data": {**DATA}}
        del body["data"]["external_id"]
        tries = [
            read("webhook", post(body, at=AT + timedelta(seconds=s)), now=AT + timedelta(seconds=s)) for s in (0, 60)
        ]
        assert {only(found).id for found in tries} == {"msg_1"}

    @pytest.mark.parametrize(
        ("changes", "author"),
        [
            ({}, Author.AGENT),
            ({"bot": False}, Author.AGENT),
            ({"bot": True}, Author.BOT),
            ({"sender": {"id": BOT}}, Author.BOT),
            ({"sender": {}}, Author.AGENT),
        ],
    )
    def test_an_outbound_message_is_an_agents_or_a_bots(self, changes, author):
        found = only(read("webhook", created(direction="outbound", recipient={"id": "li"}, **changes)))
        assert (found.author, found.customer, found.conversation) == (author, "li", "li")

    def test_an_outbound_message_may_name_its_thread_alone(self):
        found = only(read("webhook", created(direction="outbound", thread_id="t1")))
        assert (found.customer, found.conversation) == ("", "t1")

    @pytest.mark.parametrize("surface", list(Surface))
    def test_the_surface_may_be_told(self, surface):
        assert only(read("webhook", created(surface=surface.value))).surface is surface

    def test_attachments_are_read(self):
        sent = [
            {"kind": "image", "url": "https://a/1", "title": "t"},
            {"kind": "file", "id": "f7"},
            {"kind": "link", "url": "javascript:alert(1)"},
        ]
        assert only(read("webhook", created(attachments=sent))).attachments == (
            Attachment(AttachmentKind.IMAGE, "https://a/1", "t"),
            Attachment(AttachmentKind.FILE, "f7"),
            Attachment(AttachmentKind.LINK, ""),
        )

    @pytest.mark.parametrize(
        ("name", "kind", "text"),
        [
            ("message.updated", "edited", "now"),
            ("message.deleted", "withdrawn", ""),
            ("message.failed", "rejected", ""),
        ],
    )
    @pytest.mark.parametrize("named", [{"thread_id": "t1"}, {"sender": {"id": "c1"}, "direction": "inbound"}])
    def test_what_becomes_of_a_message_is_reported_in_its_conversation(self, name, kind, text, named):
        data = {"external_id": "m1", "text": "now", **named}
        (report,) = read("webhook", post({"type": name, "timestamp": AT.isoformat(), "data": data})).reports
        assert (report.kind, report.message, report.text, report.at) == (kind, "m1", text, AT)
        assert report.conversation == named.get("thread_id", "c1")

    def test_a_report_that_names_no_conversation_is_unreadable(self):
        event = {"type": "message.deleted", "timestamp": AT.isoformat(), "data": {"external_id": "m1"}}
        assert unreadable("webhook", post(event)) == "direction"

    @pytest.mark.parametrize(
        ("name", "kept"), [("conversation.closed", "conversation.closed"), ("a\nb", "unknown"), ("x" * 9999, "unknown")]
    )
    def test_another_type_is_ignored_under_a_safe_name(self, name, kept):
        assert read("webhook", post({"type": name})).ignored == (kept,)

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"external_id": 1.5}, "id"),
            ({"external_id": "x" * 257}, "id"),
            ({"sender": None}, "sender"),
            ({"sender": {}}, "sender"),
            ({"sender": {"id": []}}, "sender"),
            ({"sender": {"id": "a\nb"}}, "sender"),
            ({"sender": {"id": []}, "direction": "outbound", "thread_id": "t"}, "sender"),
            ({"sender": {"id": "li", "name": 7}}, "text"),
            ({"direction": None}, "direction"),
            ({"direction": "sideways"}, "direction"),
            ({"direction": ["inbound"]}, "direction"),
            ({"direction": "outbound"}, "thread_id"),
            ({"direction": "outbound", "recipient": []}, "recipient"),
            ({"direction": "outbound", "recipient": {"id": None}}, "recipient"),
            ({"thread_id": {}}, "thread_id"),
            ({"bot": "true"}, "bot"),
            ({"surface": "billboard"}, "surface"),
            ({"surface": []}, "surface"),
            ({"sent_at": "yesterday"}, "time"),
            ({"sent_at": "2026-01-01T04:00:00"}, "time"),
            ({"sent_at": "0001-01-01T00:00:00+14:00"}, "time"),
            ({"sent_at": 1.5}, "time"),
            ({"text": 7}, "text"),
            ({"reply_to": []}, "reply_to"),
            ({"attachments": {}}, "attachments"),
            ({"attachments": [1]}, "attachments"),
            ({"attachments": [{"kind": "hologram"}]}, "attachments"),
            ({"attachments": [{"kind": "file", "id": [1]}]}, "media"),
        ],
    )
    def test_a_field_of_a_wrong_shape_says_why(self, changes, reason):
        assert unreadable("webhook", created(**changes)) == reason

    @pytest.mark.parametrize(
        ("body", "reason"), [({}, "type"), ({"type": []}, "type"), ({"type": "message.created"}, "data"), ([], "shape")]
    )
    def test_a_body_of_a_wrong_shape_says_why(self, body, reason):
        assert unreadable("webhook", post(body)) == reason

    def test_the_sender_and_the_reader_agree(self):
        inbound = senders.webhook_message(WEBHOOK, "hello", customer="li", at=AT, id="e7", thread="t7")
        outbound = senders.webhook_message(WEBHOOK, "hi", customer="li", at=AT, outbound=True, bot=True)
        assert (only(read("webhook", inbound)).id, only(read("webhook", inbound)).conversation) == ("e7", "t7")
        assert (only(read("webhook", outbound)).author, only(read("webhook", outbound)).customer) == (Author.BOT, "li")
