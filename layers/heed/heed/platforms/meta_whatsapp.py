"""WhatsApp Cloud: messages, echoes of what people wrote in the WhatsApp Business app, and what became of either.

What the brand sends through the API comes back only as statuses, which name no words and no author: whoever sends it
records it, and of the statuses only `failed` counts, which takes the record back.

Rules: WhatsApp Cloud API webhook reference (messages, revoke, edit, statuses, smb_message_echoes), business-scoped
user ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Report, ReportKind, Surface
from heed.platforms import fields

_LISTS = ("messages", "message_echoes", "statuses")
# Types that nobody said.
_EVENTS = frozenset({"reaction", "system", "request_welcome"})
_REPORTS = {"revoke": ReportKind.WITHDRAWN, "edit": ReportKind.EDITED}
_MEDIA = {
    "image": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "audio": AttachmentKind.VOICE,
    "document": AttachmentKind.FILE,
    "sticker": AttachmentKind.STICKER,
}
# Where the words are in each type that has words alone.
_WORDS = {"text": "body", "button": "text", "order": "text"}


def split(change: object) -> Iterator[object]:
    """The change once for each message, echo and status in it, so that each is read by itself."""
    value = change.get("value") if isinstance(change, dict) else None
    if not isinstance(change, dict) or not isinstance(value, dict) or not any(value.get(key) for key in _LISTS):
        yield change
        return
    common = {key: part for key, part in value.items() if key not in _LISTS}
    for key in _LISTS:
        said = value.get(key, [])
        for item in said if isinstance(said, list) else [said]:
            yield {**change, "value": {**common, key: [item]}}


def received(
    value: dict[str, object], entry: dict[str, object], channel: Channel, received_at: datetime
) -> fields.Found:
    """What a customer wrote, or what became of something the brand sent."""
    if "statuses" in value:
        return _status(value, _only(value["statuses"]), channel, received_at)
    if "messages" not in value:
        return "errors" if "errors" in value else "unknown"
    said = _only(value["messages"])
    return _message(value, said, ("from", "from_user_id"), Author.CUSTOMER, channel, received_at)


def echoed(value: dict[str, object], entry: dict[str, object], channel: Channel, received_at: datetime) -> fields.Found:
    """What a person of the brand wrote in the WhatsApp Business app."""
    said = _only(value.get("message_echoes"))
    return _message(value, said, ("to", "to_user_id"), Author.AGENT, channel, received_at)


def _only(value: object) -> dict[str, object]:
    said = fields.items(value, "messages")
    return fields.mapping(said[0] if said else None, "message")


def _account(value: dict[str, object]) -> str:
    return fields.identity(fields.mapping(value.get("metadata"), "metadata").get("phone_number_id"), "account")


def _status(value: dict[str, object], said: dict[str, object], channel: Channel, received_at: datetime) -> Report | str:
    """A message of the brand that was never delivered; every other status changes nothing."""
    if said.get("status") != "failed":
        return "statuses"
    customer, _ = _customer(value, said, ("recipient_id", "recipient_user_id"))
    return Report(
        channel=channel.name,
        kind=ReportKind.REJECTED,
        message=fields.identity(said.get("id"), "id"),
        conversation=fields.thread(_account(value), customer),
        at=fields.moment(said.get("timestamp")),
        received_at=received_at,
    )


def _report(
    value: dict[str, object], said: dict[str, object], keys: tuple[str, str], channel: Channel, received_at: datetime
) -> Report:
    """A message revoked or edited by whoever wrote it."""
    name = str(said["type"])
    kind, told = _REPORTS[name], fields.mapping(said.get(name), name)
    words: object = None
    if kind is ReportKind.EDITED:
        content = _content(fields.mapping(told.get("message"), "edit"))
        words = content[0] if content else None
    customer, _ = _customer(value, said, keys)
    return Report(
        channel=channel.name,
        kind=kind,
        message=fields.identity(told.get("original_message_id"), "id"),
        conversation=fields.thread(_account(value), customer),
        at=fields.moment(said.get("timestamp")),
        received_at=received_at,
        text=fields.text(words),
    )


def _message(
    value: dict[str, object],
    said: dict[str, object],
    keys: tuple[str, str],
    author: Author,
    channel: Channel,
    received_at: datetime,
) -> fields.Found:
    if said.get("type") in ("revoke", "edit"):
        return _report(value, said, keys, channel, received_at)
    content = _content(said)
    if content is None:
        return fields.known(said.get("type"), _EVENTS)
    account = _account(value)
    customer, name = _customer(value, said, keys)
    text, attachments = content
    context = fields.optional(said.get("context"), "context")
    return Message(
        channel=channel.name,
        id=fields.identity(said.get("id"), "id"),
        conversation=fields.thread(account, customer),
        customer=customer,
        author=author,
        surface=Surface.DIRECT,
        text=fields.text(text),
        sent_at=fields.moment(said.get("timestamp")),
        received_at=received_at,
        attachments=attachments,
        reply_to=fields.identity(context["id"], "context") if "id" in context else None,
        author_name=name if author is Author.CUSTOMER else "",
    )


def _customer(value: dict[str, object], said: dict[str, object], keys: tuple[str, str]) -> tuple[str, str]:
    """The customer's id and name. The business-scoped id comes first: a phone number may be hidden or change.

    contacts[] holds the people of the whole change, so a contact belongs to a message only by its ids; a message
    that names nobody belongs to the only contact there is.
    """
    phone, user = said.get(keys[0]), said.get(keys[1])
    contacts = [fields.mapping(item, "contacts") for item in fields.items(value.get("contacts"), "contacts")]
    named = [part for part in (user, phone) if part is not None]
    if named:
        mine = [one for one in contacts if one.get("user_id") in named or one.get("wa_id") in named]
    else:
        mine = contacts if len(contacts) == 1 else []
    contact = mine[0] if mine else {}
    found = next((part for part in (user, contact.get("user_id"), phone, contact.get("wa_id")) if part), None)
    profile = fields.optional(contact.get("profile"), "contacts")
    return fields.identity(found, "customer"), fields.line(profile.get("name"))


def _content(said: dict[str, object]) -> tuple[object, tuple[Attachment, ...]] | None:
    """The words and attachments of a message, None for a type that is no message."""
    kind = said.get("type")
    if not isinstance(kind, str):
        raise fields.Misread("type")
    if kind == "unsupported":
        return "", ()  # the customer did write something, and waits
    if kind not in _MEDIA and kind not in _WORDS and kind not in ("location", "contacts", "interactive"):
        return None
    if kind == "contacts":
        return "", _cards(said)
    part = fields.mapping(said.get(kind), kind)
    if kind in _WORDS:
        return part.get(_WORDS[kind]), ()
    if kind == "location":
        return "", (fields.place(part.get("latitude"), part.get("longitude"), part.get("name")),)
    if kind == "interactive":
        return _choice(part), ()
    media = Attachment(_MEDIA[kind], fields.reference(part.get("id")), fields.line(part.get("filename")))
    return part.get("caption"), (media,)


def _choice(part: dict[str, object]) -> object:
    """What the customer chose: the button's or the row's title, or the body of a filled form."""
    for name, words in (("button_reply", "title"), ("list_reply", "title"), ("nfm_reply", "body")):
        if name in part:
            return fields.mapping(part[name], "interactive").get(words)
    return None


def _cards(said: dict[str, object]) -> tuple[Attachment, ...]:
    people = [fields.mapping(item, "contacts") for item in fields.items(said.get("contacts"), "contacts")]
    names = [fields.line(fields.optional(one.get("name"), "contacts").get("formatted_name")) for one in people]
    return tuple(Attachment(AttachmentKind.CARD, "", name) for name in names[: fields.ATTACHMENT_LIMIT])
