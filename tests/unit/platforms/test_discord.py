"""Discord: Ed25519, pings, what a person fills in, and what they are shown."""

import contextlib
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord_interactions
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from heed.model import Attachment, AttachmentKind, Author, Surface
from heed.platforms import Verified
from infra.heedctl.senders import discord
from tests.unit.platforms.given import AT, DISCORD, adapter, only, read, refused, unreadable, with_header

OTHER = discord.keys(b"o" * 32)
PUBLIC = {"public_key": DISCORD["public_key"]}
NAMES = {"name": "support", "type": 1}


def interaction(kind, data, **part):
    return discord.interaction(DISCORD, kind, {"data": data, **part}, customer="53908232506183680", at=AT, id="i1")


def command(*options, **data):
    return interaction(2, {**NAMES, "options": list(options), **data})


def text(value):
    return {"name": "text", "type": 3, "value": value}


def pressed(data, components):
    return interaction(3, data, message={"id": "555", "components": components})


def form(*components):
    return interaction(5, {"custom_id": "f", "components": list(components)})


def signed(body):
    return discord.sign("discord", DISCORD, json.dumps(body).encode(), at=AT)


def answered(request):
    return adapter("discord").answer(adapter("discord").verify(request, [DISCORD], AT))


class TestSignature:
    @pytest.mark.parametrize("used", [DISCORD, OTHER])
    def test_both_the_current_and_the_previous_secret_are_right(self, used):
        request = discord.sign("discord", used, b"{}", at=AT)
        assert refused("discord", request, [OTHER, PUBLIC]) == ""
        assert refused("discord", request, [PUBLIC]) == ("" if used is DISCORD else "signature")

    @pytest.mark.parametrize("name", ["x_signature_ed25519", "x_signature_timestamp"])
    def test_a_missing_header_is_refused(self, name):
        assert refused("discord", with_header(command(), **{name: ""})) == "unsigned"

    @pytest.mark.parametrize("value", ["00" * 64, "x", "ñ", "\udcff", "00" * 63, "😡"])
    def test_a_false_signature_is_refused_as_discords_probe_wants_it(self, value):
        assert refused("discord", with_header(command(), x_signature_ed25519=value)) == "signature"

    def test_the_time_is_signed_and_has_no_window(self):
        assert refused("discord", with_header(command(), x_signature_timestamp="1767240213")) == "signature"
        assert refused("discord", command(), now=AT + timedelta(days=30)) == ""

    @pytest.mark.parametrize("key", ["", "00", "zz" * 32, "00" * 33, "é", ["00" * 32]])
    def test_an_incomplete_secret_lets_nothing_in(self, key):
        assert refused("discord", command(), [{"public_key": key}]) == "unconfigured"

    def test_there_is_no_other_method(self):
        assert refused("discord", replace(command(), method="GET")) == "method"

    def test_a_public_key_signs_nothing(self):
        with pytest.raises(ValueError, match="public key"):
            discord.sign("discord", PUBLIC, b"", at=AT)


class TestOracle:
    """discord-interactions 0.4, the vendor's own verifier, on PyNaCl."""

    @staticmethod
    def judges(request, key):
        headers = request.headers
        with contextlib.redirect_stdout(io.StringIO()):  # it prints why it refuses
            return discord_interactions.verify_key(
                request.body, headers["x-signature-ed25519"], headers["x-signature-timestamp"], key
            )

    @given(st.binary(min_size=32, max_size=32), st.binary(max_size=99))
    def test_what_pynacl_signs_is_genuine(self, seed, body):
        key = SigningKey(seed)
        signature = key.sign(b"1767225600" + body).signature.hex()
        request = with_header(command(), x_signature_ed25519=signature, x_signature_timestamp="1767225600")
        public = {"public_key": key.verify_key.encode().hex()}
        assert refused("discord", replace(request, body=body), [public]) == ""

    @given(
        st.binary(max_size=99),
        st.sampled_from(["", "body", "x-signature-ed25519", "x-signature-timestamp", "key"]),
        st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=9),
    )
    @example(b"{}", "", "x")
    def test_both_judge_a_delivery_alike(self, body, changed, junk):
        request = discord.sign("discord", DISCORD, body, at=AT)
        secret = OTHER if changed == "key" else PUBLIC
        if changed == "body":
            request = replace(request, body=body + junk.encode())
        elif changed.startswith("x-"):
            request = replace(request, headers={**request.headers, changed: junk})
        assert self.judges(request, secret["public_key"]) is (refused("discord", request, [secret]) == "")


class TestAnswers:
    def test_a_ping_is_answered_with_a_pong(self):
        answer = answered(discord.handshake("discord", DISCORD, "", at=AT))
        assert (answer.status, answer.body, answer.content_type) == (200, '{"type":1}', "application/json")

    def test_the_ping_of_webhook_events_is_answered_with_204(self):
        answer = answered(signed({"version": 1, "application_id": "1", "type": 0}))
        assert (answer.status, answer.body) == (204, "")

    def test_a_webhook_event_is_answered_with_204(self):
        request = signed({"version": 1, "type": 1, "event": {"type": "ENTITLEMENT_CREATE", "data": {}}})
        assert (answered(request).status, read("discord", request).ignored) == (204, ("entitlement_create",))

    @pytest.mark.parametrize(
        ("locale", "words"),
        [("en-GB", "We have received"), ("zh-CN", "已收到"), ("zh-TW", "已收到"), ("fr", "We have"), (None, "We have")],
    )
    @pytest.mark.parametrize("kind", [2, 3, 5])
    def test_the_person_who_acted_is_told_to_them_alone_in_their_language(self, locale, words, kind):
        answer = answered(interaction(kind, {}, locale=locale))
        said = json.loads(answer.body)
        assert (answer.status, answer.content_type) == (200, "application/json")
        assert (said["type"], said["data"]["flags"]) == (4, 64)
        assert said["data"]["content"].startswith(words)

    def test_who_is_still_typing_gets_no_suggestions(self):
        answer = answered(interaction(4, NAMES))
        assert json.loads(answer.body) == {"type": 8, "data": {"choices": []}}

    @pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{}", b'{"type":true}', b'{"type":[]}'])
    def test_whatever_is_genuine_is_answered(self, body):
        answer = answered(discord.sign("discord", DISCORD, body, at=AT))
        assert (answer.status, answer.content_type) == (200, "application/json")
        assert adapter("discord").answer(Verified(body)) == answer


class TestMessages:
    def test_a_command_is_read(self):
        message = only(read("discord", command(text("зависло 😶"))))
        assert (message.customer, message.author, message.surface) == (
            "53908232506183680",
            Author.CUSTOMER,
            Surface.DIRECT,
        )
        assert message.conversation == f"{discord.APPLICATION}:{discord.CHANNEL}:53908232506183680"
        assert (message.text, message.reply_to, message.author_name) == ("зависло 😶", None, "customer")
        assert message.sent_at == AT

    def test_the_time_is_the_snowflakes(self):
        request = interaction(2, NAMES, id="846462639134605312")
        assert only(read("discord", request)).sent_at == datetime(2021, 5, 24, 19, 0, 19, 685000, UTC)

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ([], "/support"),
            ([text("a"), text("b")], "a\nb"),
            ([{"name": "n", "type": 4, "value": 7}, {"name": "x", "type": 10, "value": 1.5}, text("z")], "7\n1.5\nz"),
            ([{"name": "who", "type": 6, "value": "1"}, {"name": "yes", "type": 5, "value": True}], "/support"),
            ([{"name": "g", "type": 2, "options": [{"name": "s", "type": 1, "options": [text("deep")]}]}], "deep"),
            ([{"name": "s", "type": 1, "options": [text("a"), text("b")]}, text("c")], "a\nb\nc"),
        ],
    )
    def test_the_options_of_a_command_are_its_words(self, options, expected):
        assert only(read("discord", command(*options))).text == expected

    def test_a_command_of_the_context_menu_says_what_it_points_at(self):
        known = {"999": {"id": "999", "content": "My parcel came open"}}
        request = command(type=3, target_id="999", resolved={"messages": known})
        message = only(read("discord", request))
        assert (message.text, message.reply_to) == ("My parcel came open", "999")

    def test_attachments_are_read(self):
        files = {
            "1": {"id": "1", "filename": "a.mp4", "content_type": "video/mp4", "url": "https://cdn.example/a.mp4"},
            "2": {"id": "2", "url": "javascript:alert(1)"},
        }
        assert only(read("discord", command(resolved={"attachments": files}))).attachments == (
            Attachment(AttachmentKind.VIDEO, "https://cdn.example/a.mp4", "a.mp4"),
            Attachment(AttachmentKind.FILE, "2"),
        )

    @pytest.mark.parametrize(
        ("data", "expected"),
        [
            ({"custom_id": "human"}, "Talk to a person"),
            ({"custom_id": "aside"}, "Aside"),
            ({"custom_id": "gone"}, "gone"),
            ({"custom_id": "topic", "values": ["r", "d", "x"]}, "Refund\nDelivery\nx"),
        ],
    )
    def test_what_was_pressed_or_chosen_is_read_as_it_was_shown(self, data, expected):
        choices = [{"label": "Refund", "value": "r"}, {"label": "Delivery", "value": "d"}]
        shown = [
            {"type": 1, "components": [{"type": 2, "custom_id": "human", "label": "Talk to a person"}]},
            {"type": 9, "components": [], "accessory": {"type": 2, "custom_id": "aside", "label": "Aside"}},
            {"type": 1, "components": [{"type": 3, "custom_id": "topic", "options": choices}]},
        ]
        message = only(read("discord", pressed(data, shown)))
        assert (message.text, message.reply_to) == (expected, "555")

    def test_the_fields_of_a_form_are_read_in_order(self):
        request = form(
            {"type": 18, "component": {"type": 3, "values": ["a", "b"]}},
            {"type": 1, "components": [{"type": 4, "value": "c"}, {"type": 4, "value": ""}]},
            {"type": 10, "id": 3},
            {"type": 18, "component": {"type": 4, "value": "d"}},
        )
        assert only(read("discord", request)).text == "a\nb\nc\nd"

    def test_a_person_alone_with_the_app_is_read(self):
        request = interaction(2, NAMES, member=None, user={"id": "7", "username": "m", "global_name": "Marta"})
        body = json.loads(request.body)
        del body["member"]
        message = only(read("discord", signed(body)))
        assert (message.customer, message.author_name) == ("7", "Marta")

    def test_the_same_interaction_has_the_same_identity(self):
        first, second = (only(read("discord", command(text("x")))) for _ in range(2))
        assert first.id == second.id


class TestIgnored:
    @pytest.mark.parametrize(
        ("body", "name"),
        [
            ({"type": 1}, "ping"),
            ({"type": 4}, "autocomplete"),
            ({"type": 0}, "unknown"),
            ({"type": 99}, "unknown"),
            ({"type": 1, "event": {"type": "APPLICATION_AUTHORIZED"}}, "application_authorized"),
            ({"type": 1, "event": {"type": "A\nB"}}, "unknown"),
            ({"type": 1, "event": {"type": [1]}}, "unknown"),
        ],
    )
    def test_an_event_of_no_use_has_a_safe_name(self, body, name):
        assert read("discord", signed(body)).ignored == (name,)


class TestUnreadable:
    @pytest.mark.parametrize(
        ("part", "reason"),
        [
            ({"id": None}, "id"),
            ({"id": "x"}, "id"),
            ({"id": "٣" * 18}, "id"),
            ({"id": "9" * 21}, "id"),
            ({"id": "9" * 20}, "time"),
            ({"member": {}}, "user"),
            ({"member": {"user": {}}}, "user"),
            ({"member": []}, "member"),
            ({"application_id": None}, "application_id"),
            ({"channel_id": None}, "channel_id"),
            ({"channel_id": "1:2"}, "thread"),
            ({"data": None}, "data"),
            ({"data": {"options": {}}}, "options"),
            ({"data": {"options": [1]}}, "options"),
            ({"data": {"resolved": {"attachments": []}}}, "attachments"),
            ({"data": {"resolved": {"attachments": {"1": 1}}}}, "attachments"),
            ({"message": {"id": []}}, "reply_to"),
        ],
    )
    def test_a_field_of_a_wrong_shape_says_why(self, part, reason):
        assert unreadable("discord", interaction(2, part.pop("data", NAMES), **part)) == reason

    @pytest.mark.parametrize("kind", [None, "2", True, 2.0])
    def test_a_type_that_is_no_number_says_so(self, kind):
        assert unreadable("discord", signed({"type": kind})) == "type"

    @pytest.mark.parametrize("component", [7, {"components": 7}, {"components": [7]}, {"component": 7}])
    def test_components_of_a_wrong_shape_say_so(self, component):
        assert unreadable("discord", form(component)) == "components"


def test_the_sender_and_the_reader_agree():
    message = only(read("discord", discord.text("discord", DISCORD, "hello", customer="7", at=AT)))
    assert (message.text, message.customer, message.sent_at) == ("hello", "7", AT)
