"""Viber: what is said to a bot.

A channel's secret holds `auth_token`, the bot's own: one URL serves one bot. Identity is message_token, the
conversation the chat or, alone with the bot, the user, whose id is the bot's own name for them. What the brand answers
is not pushed, only receipts of it: `failed` takes back what the desk recorded under that message_token, `delivered`
and `seen` change nothing. Viber reports neither edits nor withdrawals.

Rules: Viber REST Bot API (Callbacks; X-Viber-Content-Signature). Viber signs no time. What is answered to
`conversation_started` would be sent to the user as a welcome, so nothing is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Report, ReportKind, Surface
from heed.platforms import Reading, Request, Response, Secret, Verified, fields, signatures

_EVENTS = frozenset(
    {"webhook", "subscribed", "unsubscribed", "conversation_started", "delivered", "seen", "client_status", "action"}
)
_MEDIA = {
    "picture": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "file": AttachmentKind.FILE,
    "url": AttachmentKind.LINK,
}


class Viber:
    """The adapter."""

    body_limit_bytes = 256 * 1024
    secret_fields = ("auth_token",)
    optional_fields = ()

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged."""

        def expected(secret: Secret) -> str:
            return signatures.hmac_hex(secret["auth_token"], request.body)

        return signatures.signed_post(request, secrets, self.secret_fields, "x-viber-content-signature", expected)

    def answer(self, verified: Verified) -> Response:
        return Response(200, "")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Raises Unreadable."""
        event = fields.json_object(verified.content)
        return fields.one(lambda: _event(event, channel, received_at))


def _event(event: dict[str, object], channel: Channel, received_at: datetime) -> fields.Found:
    match event.get("event"):
        case "message":
            return _message(event, channel, received_at)
        case "failed":
            return Report(
                channel=channel.name,
                kind=ReportKind.REJECTED,
                message=fields.identity(event.get("message_token"), "id"),
                conversation=fields.identity(event.get("user_id"), "user"),
                at=fields.moment(event.get("timestamp")),
                received_at=received_at,
            )
        case str(name):
            return fields.known(name, _EVENTS)
    raise fields.Misread("event")


def _message(event: dict[str, object], channel: Channel, received_at: datetime) -> Message:
    sender = fields.mapping(event.get("sender"), "sender")
    said = fields.mapping(event.get("message"), "message")
    customer = fields.identity(sender.get("id"), "sender")
    return Message(
        channel=channel.name,
        id=fields.identity(event.get("message_token"), "id"),
        conversation=fields.identity(event.get("chat_id") or customer, "chat"),
        customer=customer,
        author=Author.CUSTOMER,
        surface=Surface.DIRECT,
        text=fields.text(said.get("text")),
        sent_at=fields.moment(event.get("timestamp")),
        received_at=received_at,
        attachments=_attachments(said),
        author_name=fields.line(sender.get("name")),
    )


def _attachments(said: dict[str, object]) -> tuple[Attachment, ...]:
    """What the message shows beside words; a type of tomorrow is a message all the same."""
    kind = said.get("type")
    match kind:
        case "picture" | "video" | "file" | "url":
            return (Attachment(_MEDIA[kind], fields.url(said.get("media")), fields.line(said.get("file_name"))),)
        case "location":
            where = fields.mapping(said.get("location"), "location")
            return (fields.place(where.get("lat"), where.get("lon")),)
        case "contact":
            person = fields.mapping(said.get("contact"), "contact")
            return (Attachment(AttachmentKind.CARD, "", fields.line(person.get("name"))),)
        case "sticker":
            return (Attachment(AttachmentKind.STICKER, fields.reference(said.get("sticker_id"))),)
        case str():
            return ()
    raise fields.Misread("message_type")


ADAPTER = Viber()
