"""Chatwoot: conversations of every inbox of the brand's own desk.

A channel's secret holds `secret`, the webhook's. Releases of before webhooks had one send no signature: what comes
from them is refused, whoever sent it. Chatwoot sends a webhook once and signs its time, so the window is five minutes.

A conversation is `account:inbox:conversation`. An outgoing message is an answer if a person sent it, in Chatwoot or
(`external_echo`) in the customer's own app; agent bots, automation rules, campaigns, templates and agents in the
policy's `bots` are a bot's. Private notes and activities are nobody's message, and one action fires several events, of
which message_created alone is a message.

message_updated says a message's present state and not what changed. One that is marked as deleted is withdrawn, an
answer that failed is rejected, and what a customer wrote has other words now, or the same; a change of an answer's
status is ignored. It has no time of its own, so the time it came in counts.

Rules: Chatwoot's documents Webhook events and its lib/webhooks/trigger.rb (X-Chatwoot-Signature).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Report, ReportKind, Surface
from heed.platforms import Forged, Reading, Request, Response, Secret, Verified, fields, signatures

# fmt: off
_EVENTS = frozenset({
    "contact_created", "contact_updated", "conversation_created", "conversation_resolved",
    "conversation_status_changed", "conversation_typing_off", "conversation_typing_on", "conversation_updated",
    "inbox_created", "inbox_updated", "webwidget_triggered",
})
# fmt: on
# As its number in some payloads: incoming 0, outgoing 1, activity 2, template 3.
_TYPES = ("incoming", "outgoing", "activity", "template")
_MEDIA = {
    "image": AttachmentKind.IMAGE,
    "audio": AttachmentKind.VOICE,
    "video": AttachmentKind.VIDEO,
    "file": AttachmentKind.FILE,
    "contact": AttachmentKind.CARD,
    "story_mention": AttachmentKind.LINK,
    "share": AttachmentKind.LINK,
    "fallback": AttachmentKind.LINK,
    "ig_reel": AttachmentKind.VIDEO,
}


class Chatwoot:
    """The adapter."""

    body_limit_bytes = 1024 * 1024
    secret_fields = ("secret",)
    optional_fields = ()

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged."""
        timestamp = request.headers.get("x-chatwoot-timestamp", "")
        content = signatures.octets(timestamp) + b"." + request.body

        def expected(secret: Secret) -> str:
            return "sha256=" + signatures.hmac_hex(secret["secret"], content)

        verified = signatures.signed_post(request, secrets, self.secret_fields, "x-chatwoot-signature", expected)
        if not signatures.fresh(timestamp, now):
            raise Forged("stale")
        return verified

    def answer(self, verified: Verified) -> Response:
        return Response(200, "")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Raises Unreadable."""
        body = fields.json_object(verified.content)
        return fields.one(lambda: _found(body, channel, received_at))


def _found(body: dict[str, object], channel: Channel, received_at: datetime) -> fields.Found:
    event = body.get("event")
    if not isinstance(event, str):
        raise fields.Misread("event")
    if event not in ("message_created", "message_updated"):
        return fields.known(event, _EVENTS)
    if fields.flag(body.get("private"), "private"):
        return "private_note"
    kind = _type(body.get("message_type"))
    if kind == "activity":
        return kind
    if event == "message_updated":
        return _updated(kind, body, channel, received_at)
    return _message(kind, body, channel, received_at)


def _type(value: object) -> str:
    found = next((name for number, name in enumerate(_TYPES) if value in (name, number)), None)
    if found is None or isinstance(value, bool):
        raise fields.Misread("message_type")
    return found


def _attributes(body: dict[str, object]) -> dict[str, object]:
    return fields.optional(body.get("content_attributes"), "content_attributes")


def _conversation(body: dict[str, object]) -> str:
    """Account and inbox outermost: one webhook may serve every inbox of an account."""
    conversation = fields.mapping(body.get("conversation"), "conversation")
    inbox = fields.optional(body.get("inbox"), "inbox").get("id", conversation.get("inbox_id"))
    account = fields.mapping(body.get("account"), "account").get("id")
    return fields.thread(
        fields.identity(account, "account"),
        fields.identity(inbox, "inbox"),
        fields.identity(conversation.get("id"), "conversation"),
    )


def _updated(kind: str, body: dict[str, object], channel: Channel, received_at: datetime) -> Report | str:
    became = _became(kind, body)
    if became is None:
        return "message_updated"
    return Report(
        channel=channel.name,
        kind=became,
        message=fields.identity(body.get("id"), "id"),
        conversation=_conversation(body),
        at=received_at,
        received_at=received_at,
        text=fields.text(body.get("content")) if became is ReportKind.EDITED else "",
    )


def _became(kind: str, body: dict[str, object]) -> ReportKind | None:
    attributes = _attributes(body)
    if fields.flag(attributes.get("deleted"), "deleted"):
        return ReportKind.WITHDRAWN
    if kind == "incoming":
        return ReportKind.EDITED if body.get("content") else None
    failed = body.get("status") in ("failed", 3) or attributes.get("external_error")
    return ReportKind.REJECTED if failed else None


def _message(kind: str, body: dict[str, object], channel: Channel, received_at: datetime) -> Message:
    person = fields.optional(body.get("sender"), "sender")
    above = _attributes(body).get("in_reply_to")
    author = Author.CUSTOMER if kind == "incoming" else _author(kind, body, person, channel)
    customer = fields.identity(person.get("id"), "sender") if author is Author.CUSTOMER else _customer(body)
    return Message(
        channel=channel.name,
        id=fields.identity(body.get("id"), "id"),
        conversation=_conversation(body),
        customer=customer,
        author=author,
        surface=Surface.DIRECT,
        text=fields.text(body.get("content")),
        sent_at=_moment(body.get("created_at")),
        received_at=received_at,
        attachments=_attachments(body),
        reply_to=None if above is None else fields.identity(above, "in_reply_to"),
        author_name=fields.line(person.get("name")),
    )


def _author(kind: str, body: dict[str, object], person: dict[str, object], channel: Channel) -> Author:
    """Who sent what went out: a person is a `user`, and has no name here if they wrote in the customer's own app."""
    attributes = _attributes(body)
    if kind == "template" or attributes.get("automation_rule_id") is not None:
        return Author.BOT
    if "id" not in person:
        return Author.AGENT if fields.flag(attributes.get("external_echo"), "external_echo") else Author.BOT
    by_bot = person.get("type") not in (None, "user") or fields.identity(person["id"], "sender") in channel.bots
    return Author.BOT if by_bot else Author.AGENT


def _customer(body: dict[str, object]) -> str:
    conversation = fields.mapping(body.get("conversation"), "conversation")
    meta = fields.optional(conversation.get("meta"), "meta")
    contact = fields.optional(conversation.get("contact_inbox"), "contact_inbox")
    return fields.reference(fields.optional(meta.get("sender"), "meta").get("id", contact.get("contact_id")))


def _attachments(body: dict[str, object]) -> tuple[Attachment, ...]:
    found = [fields.mapping(item, "attachments") for item in fields.items(body.get("attachments"), "attachments")]
    return tuple(_attachment(item) for item in found[: fields.ATTACHMENT_LIMIT])


def _attachment(item: dict[str, object]) -> Attachment:
    kind, title = item.get("file_type"), item.get("fallback_title")
    if kind == "location":
        return fields.place(item.get("coordinates_lat"), item.get("coordinates_long"), title)
    address = fields.url(item.get("data_url")) or fields.reference(item.get("id"))
    return Attachment(
        _MEDIA.get(kind, AttachmentKind.FILE) if isinstance(kind, str) else AttachmentKind.FILE,
        address,
        fields.line(title),
    )


def _moment(value: object) -> datetime:
    """ISO 8601, Unix seconds, or as older releases write it, `2020-03-03 13:05:57 UTC`."""
    return fields.moment(value.replace(" UTC", "+00:00") if isinstance(value, str) else value)


ADAPTER = Chatwoot()
