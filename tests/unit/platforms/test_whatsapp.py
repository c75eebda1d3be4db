"""WhatsApp Cloud: what a customer writes, in every type, and what the brand writes in the Business app."""

import json

import pytest

from heed.model import Attachment, AttachmentKind, Author, Surface
from infra.heedctl import senders
from tests.unit.platforms.given import AT, META, only, read

PHONE, CUSTOMER, BSUID = "106540352242922", "34600111222", "US.13491208655302741918"
CONTACT = {"profile": {"name": "Marta"}, "wa_id": CUSTOMER}


def deliver(field="messages", phone=PHONE, metadata=None, **value):
    metadata = metadata if metadata is not None else {"phone_number_id": phone}
    change = {"field": field, "value": {"metadata": metadata, **value}}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "w", "changes": [change]}]})
    return read("whatsapp", senders.sign("whatsapp", META, body.encode(), at=AT))


def message(kind="text", **more):
    more = {"from": CUSTOMER, **more}
    return {
        "id": "wamid.1",
        "timestamp": "1767240212",
        "type": kind,
        **{k: v for k, v in more.items() if v is not None},
    }


def said(kind, content):
    return only(deliver(contacts=[CONTACT], messages=[message(kind, **{kind: content})]))


def test_a_text_is_read():
    found = only(read("whatsapp", senders.whatsapp_text(META, "¿Dónde está?", customer=CUSTOMER, at=AT, id="wamid.7")))
    assert (found.id, found.text, found.author_name) == ("wamid.7", "¿Dónde está?", "Marta")
    assert (found.customer, found.conversation) == (CUSTOMER, f"{PHONE}:{CUSTOMER}")
    assert (found.author, found.surface, found.sent_at) == (Author.CUSTOMER, Surface.DIRECT, AT)


def test_two_numbers_behind_one_url_never_mix():
    one, other = (only(deliver(phone=phone, messages=[message("unsupported")])) for phone in ("111", "222"))
    assert (one.conversation, other.conversation) == (f"111:{CUSTOMER}", f"222:{CUSTOMER}")


def test_an_answer_names_what_it_answers():
    found = message("text", text={"body": "yes"}, context={"from": PHONE, "id": "wamid.0"})
    assert only(deliver(messages=[found])).reply_to == "wamid.0"
    forwarded = message("text", text={"body": "yes"}, context={"forwarded": True})
    assert only(deliver(messages=[forwarded])).reply_to is None


def card(name):
    return Attachment(AttachmentKind.CARD, "", name)


@pytest.mark.parametrize(
    ("kind", "content", "text", "attachments"),
    [
        ("text", {"body": "hola"}, "hola", ()),
        ("button", {"text": "Yes", "payload": "Y"}, "Yes", ()),
        ("order", {"text": "two please", "product_items": []}, "two please", ()),
        ("interactive", {"type": "button_reply", "button_reply": {"id": "1", "title": "Refund"}}, "Refund", ()),
        ("interactive", {"type": "list_reply", "list_reply": {"id": "1", "title": "Row"}}, "Row", ()),
        ("interactive", {"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": "{}"}}, "Sent", ()),
        ("interactive", {"type": "new"}, "", ()),
        ("unsupported", [], "", ()),
        ("image", {"id": "7", "caption": "broken"}, "broken", (Attachment(AttachmentKind.IMAGE, "7"),)),
        ("video", {"id": "7"}, "", (Attachment(AttachmentKind.VIDEO, "7"),)),
        ("audio", {"id": "7", "voice": True}, "", (Attachment(AttachmentKind.VOICE, "7"),)),
        ("sticker", {"id": "7"}, "", (Attachment(AttachmentKind.STICKER, "7"),)),
        ("document", {"id": 7, "filename": "a\nb.pdf"}, "", (Attachment(AttachmentKind.FILE, "7", "a b.pdf"),)),
        ("document", {}, "", (Attachment(AttachmentKind.FILE, ""),)),
        (
            "location",
            {"latitude": 40.4, "longitude": -3.7, "name": "Sol"},
            "",
            (Attachment(AttachmentKind.LOCATION, "40.4,-3.7", "Sol"),),
        ),
        ("contacts", [{"name": {"formatted_name": "Ana"}}, {}], "", (card("Ana"), card(""))),
    ],
)
def test_a_message_of_each_type_is_read(kind, content, text, attachments):
    found = said(kind, content)
    assert (found.text, found.attachments) == (text, attachments)


@pytest.mark.parametrize("kind", ["reaction", "system"])
def test_what_nobody_said_is_ignored_by_name(kind):
    assert deliver(messages=[message(kind)]).ignored == (kind,)


def test_an_unknown_type_has_no_name_of_its_own():
    assert deliver(messages=[message("a\nb")]).ignored == ("unknown",)


@pytest.mark.parametrize(
    ("field", "value", "names"),
    [
        ("messages", {"statuses": [{"status": "sent"}, {"status": "read"}]}, ("statuses", "statuses")),
        ("messages", {"errors": [{"code": 1}]}, ("errors",)),
        ("messages", {}, ("unknown",)),
        ("history", {"history": [{"threads": []}]}, ("history",)),
        ("smb_app_state_sync", {}, ("smb_app_state_sync",)),
        ("message_template_status_update", {"event": "APPROVED"}, ("message_template_status_update",)),
    ],
)
def test_statuses_and_backfill_are_ignored_by_name(field, value, names):
    assert deliver(field, **value).ignored == names


def test_statuses_beside_messages_hide_none():
    reading = deliver(messages=[message("unsupported")], statuses=[{"status": "sent"}])
    assert (len(reading.messages), reading.ignored) == (1, ("statuses",))


def told(kind, **changes):
    """A revoke or an edit, as the one who wrote the message sends it."""
    new = {"message": {"type": "text", "text": {"body": "now"}}} if kind == "edit" else {}
    return {**message(kind), kind: {"original_message_id": "wamid.1", **new}, **changes}


@pytest.mark.parametrize(("kind", "became", "text"), [("revoke", "withdrawn", ""), ("edit", "edited", "now")])
@pytest.mark.parametrize(("field", "key"), [("messages", "messages"), ("smb_message_echoes", "message_echoes")])
def test_what_becomes_of_a_message_is_reported_in_its_conversation(kind, became, text, field, key):
    original = only(deliver(messages=[message("unsupported")]))
    (report,) = deliver(field, **{key: [told(kind, to=CUSTOMER)]}).reports
    assert (report.kind, report.text, report.message) == (became, text, "wamid.1")
    assert report.conversation == original.conversation


def test_an_edit_of_a_caption_has_its_new_words():
    new = {"message": {"type": "image", "image": {"id": "7", "caption": "broken"}}, "original_message_id": "wamid.1"}
    (report,) = deliver(messages=[told("edit", edit=new)]).reports
    assert report.text == "broken"


def test_a_failed_message_of_the_brand_is_reported_in_the_customers_conversation():
    status = {"id": "wamid.2", "status": "failed", "timestamp": "1767241000", "recipient_id": CUSTOMER}
    (report,) = deliver(statuses=[status]).reports
    assert (report.kind, report.message, report.conversation) == ("rejected", "wamid.2", f"{PHONE}:{CUSTOMER}")


class TestEchoes:
    def test_what_the_brand_wrote_in_the_app_is_an_agents_in_the_customers_conversation(self):
        found = only(read("whatsapp", senders.whatsapp_echo(META, "Ya sale", customer=CUSTOMER, at=AT)))
        assert (found.author, found.customer, found.text) == (Author.AGENT, CUSTOMER, "Ya sale")
        assert (found.conversation, found.author_name) == (f"{PHONE}:{CUSTOMER}", "")

    def test_an_echo_meets_the_conversation_of_a_customer_known_by_scoped_id(self):
        contact = {**CONTACT, "user_id": BSUID}
        inbound = only(deliver(contacts=[contact], messages=[message("unsupported", from_user_id=BSUID)]))
        echo = {**message("unsupported", **{"from": "155"}), "to": CUSTOMER, "to_user_id": BSUID}
        outbound = only(deliver("smb_message_echoes", message_echoes=[echo]))
        assert inbound.conversation == outbound.conversation == f"{PHONE}:{BSUID}"

    def test_the_customers_name_is_not_put_under_the_brands_words(self):
        echo = {**message("unsupported", **{"from": "155"}), "to": CUSTOMER}
        found = only(deliver("smb_message_echoes", contacts=[CONTACT], message_echoes=[echo]))
        assert (found.customer, found.author_name) == (CUSTOMER, "")

    def test_an_echo_field_without_echoes_is_broken(self):
        assert [part.reason for part in deliver("smb_message_echoes").broken] == ["message"]


class TestCustomer:
    @pytest.mark.parametrize(
        ("contacts", "sender", "customer", "name"),
        [
            ([], {}, CUSTOMER, ""),
            ([CONTACT], {}, CUSTOMER, "Marta"),
            ([{**CONTACT, "user_id": BSUID}], {}, BSUID, "Marta"),
            ([{"profile": {"name": "M"}, "user_id": BSUID}], {"from": None}, BSUID, "M"),
            ([{"profile": {"name": "M"}, "user_id": BSUID}], {"from": None, "from_user_id": BSUID}, BSUID, "M"),
            ([{"user_id": BSUID}], {"from": BSUID}, BSUID, ""),
            ([{"wa_id": "1", "user_id": "US.1"}, {**CONTACT, "user_id": BSUID}], {}, BSUID, "Marta"),
            ([{"wa_id": "1", "user_id": "US.1"}], {}, CUSTOMER, ""),
            ([CONTACT], {"from_user_id": BSUID}, BSUID, "Marta"),
        ],
    )
    def test_the_scoped_id_comes_first_and_a_contact_belongs_by_its_ids(self, contacts, sender, customer, name):
        found = only(deliver(contacts=contacts, messages=[message("unsupported", **sender)]))
        assert (found.customer, found.author_name) == (customer, name)

    def test_a_message_that_names_nobody_among_several_contacts_is_broken(self):
        contacts = [{"user_id": "US.1"}, {"user_id": "US.2"}]
        reading = deliver(contacts=contacts, messages=[message("unsupported", **{"from": None})])
        assert [part.reason for part in reading.broken] == ["customer"]

    def test_each_message_of_a_change_finds_its_own_contact(self):
        contacts = [{"wa_id": "1", "profile": {"name": "A"}}, {"wa_id": "2", "profile": {"name": "B"}}]
        sent = [message("unsupported", **{"from": "2"}), message("unsupported", **{"from": "1"})]
        assert [found.author_name for found in deliver(contacts=contacts, messages=sent).messages] == ["B", "A"]


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("x", "message"),
        ({}, "type"),
        (message(["text"]), "type"),
        (message("text", text="x"), "text"),
        (message("text", text={"body": 7}), "text"),
        (message("image", image={"id": {}}), "media"),
        (message("location", location={"latitude": "x", "longitude": 1}), "location"),
        (message("location", location={"latitude": 10**400, "longitude": 1}), "location"),
        (message("contacts", contacts=[1]), "contacts"),
        (message("contacts", contacts={}), "contacts"),
        (message("interactive", interactive={"list_reply": 1}), "interactive"),
        (message("unsupported", **{"from": None}), "customer"),
        (message("unsupported", **{"from": [1]}), "customer"),
        (message("unsupported", context=[]), "context"),
        (message("unsupported", context={"id": None}), "context"),
        (message("unsupported", timestamp="later"), "time"),
        (message("unsupported", id=1.5), "id"),
    ],
)
def test_a_malformed_message_breaks_alone(sent, reason):
    reading = deliver(messages=[sent, message("unsupported")])
    assert ([part.reason for part in reading.broken], len(reading.messages)) == ([reason], 1)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"metadata": [], "messages": [message("unsupported")]}, "metadata"),
        ({"metadata": {}, "messages": [message("unsupported")]}, "account"),
        ({"contacts": {}, "messages": [message("unsupported")]}, "contacts"),
        ({"messages": {}}, "messages"),
        ({"messages": []}, "message"),
        ({"messages": {"x": 1}}, "type"),
    ],
)
def test_a_malformed_change_is_broken(value, reason):
    assert [part.reason for part in deliver(**value).broken] == [reason]
