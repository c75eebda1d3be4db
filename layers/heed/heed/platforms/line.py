"""LINE Messaging API: what is said to an official account, alone or in a group.

A channel's secret holds `channel_secret`. One URL may serve many official accounts: a conversation begins with
`destination`, and ends with the group, the room or the user. In a group whose member shares no profile the user is
missing: then the group is the customer, so that the message still has somebody who waits. Identity is the message's
id (of a postback, webhookEventId), the same in every redelivery. A pressed button is what the customer said: the text
it shows, else its data.

LINE pushes nothing of what the brand answers, neither by the API nor in the Official Account Manager: the desk's
record is the only proof. Events of standby mode, when another module holds the conversation, are recorded like any
other. An unsent message is reported as withdrawn; LINE knows no edits.

Rules: LINE's documents Receive messages (webhook), Verify webhook signature, Webhook event objects. LINE signs no
time; the console's Verify sends an empty list of events and wants 200.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Report, ReportKind, Surface
from heed.platforms import Reading, Request, Response, Secret, Unreadable, Verified, fields, signatures

_EVENTS = frozenset(
    {
        "follow",
        "unfollow",
        "join",
        "leave",
        "memberjoined",
        "memberleft",
        "videoplaycomplete",
        "beacon",
        "accountlink",
        "things",
        "membership",
        "module",
        "activated",
        "deactivated",
        "botsuspended",
        "botresumed",
        "delivery",
    }
)
_MEDIA = {"image": AttachmentKind.IMAGE, "video": AttachmentKind.VIDEO, "audio": AttachmentKind.VOICE}


class Line:
    """The adapter."""

    body_limit_bytes = 1024 * 1024
    secret_fields = ("channel_secret",)
    optional_fields = ()

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged."""

        def expected(secret: Secret) -> str:
            return signatures.hmac_base64(signatures.octets(secret["channel_secret"]), request.body)

        return signatures.signed_post(request, secrets, self.secret_fields, "x-line-signature", expected)

    def answer(self, verified: Verified) -> Response:
        return Response(200, "")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Each event is read by itself. Raises Unreadable."""
        body = fields.json_object(verified.content)
        events = body.get("events")
        if not isinstance(events, list):
            raise Unreadable("events")
        destination = body.get("destination")
        return fields.each(
            events,
            lambda event: _event(event, destination, channel, received_at),
            lambda event: fields.delivery({"destination": destination, "events": [event]}, verified.content),
        )


def _event(item: object, destination: object, channel: Channel, received_at: datetime) -> fields.Found:
    event = fields.mapping(item, "event")
    match event.get("type"):
        case "message":
            return _said(event, destination, channel, received_at)
        case "postback":
            return _pressed(event, destination, channel, received_at)
        case "unsend":
            unsent = fields.mapping(event.get("unsend"), "unsend")
            return Report(
                channel=channel.name,
                kind=ReportKind.WITHDRAWN,
                message=fields.identity(unsent.get("messageId"), "id"),
                conversation=_parties(event, destination)[0],
                at=fields.moment(event.get("timestamp")),
                received_at=received_at,
            )
        case str(name):
            return fields.known(name.lower(), _EVENTS)
    raise fields.Misread("type")


def _parties(event: dict[str, object], destination: object) -> tuple[str, str]:
    """Conversation and customer."""
    source = fields.mapping(event.get("source"), "source")
    place = next((source[name] for name in ("groupId", "roomId", "userId") if name in source), None)
    where = fields.identity(place, "source")
    conversation = fields.thread(fields.identity(destination, "destination"), where)
    return conversation, fields.identity(source.get("userId", where), "source")


def _said(event: dict[str, object], destination: object, channel: Channel, received_at: datetime) -> Message:
    said = fields.mapping(event.get("message"), "message")
    conversation, customer = _parties(event, destination)
    quoted = said.get("quotedMessageId")
    return Message(
        channel=channel.name,
        id=fields.identity(said.get("id"), "id"),
        conversation=conversation,
        customer=customer,
        author=Author.CUSTOMER,
        surface=Surface.DIRECT,
        text=fields.text(said.get("text")),
        sent_at=fields.moment(event.get("timestamp")),
        received_at=received_at,
        attachments=_attachments(said),
        reply_to=None if quoted is None else fields.identity(quoted, "quoted"),
    )


def _pressed(event: dict[str, object], destination: object, channel: Channel, received_at: datetime) -> fields.Found:
    postback = fields.mapping(event.get("postback"), "postback")
    if "newRichMenuAliasId" in fields.optional(postback.get("params"), "params"):
        return "richmenuswitch"  # another page of the menu: nothing said, nobody waits
    conversation, customer = _parties(event, destination)
    return Message(
        channel=channel.name,
        id=fields.identity(event.get("webhookEventId"), "id"),
        conversation=conversation,
        customer=customer,
        author=Author.CUSTOMER,
        surface=Surface.DIRECT,
        text=fields.text(postback.get("displayText", postback.get("data"))),
        sent_at=fields.moment(event.get("timestamp")),
        received_at=received_at,
    )


def _attachments(said: dict[str, object]) -> tuple[Attachment, ...]:
    """What the message shows beside words; a type of tomorrow is a message all the same."""
    kind = said.get("type")
    match kind:
        case "image" | "video" | "audio":
            provider = fields.optional(said.get("contentProvider"), "provider")
            outside = fields.url(provider.get("originalContentUrl"))
            return (Attachment(_MEDIA[kind], outside or fields.identity(said.get("id"), "id")),)
        case "file":
            name = fields.line(said.get("fileName"))
            return (Attachment(AttachmentKind.FILE, fields.identity(said.get("id"), "id"), name),)
        case "location":
            title = said.get("title", said.get("address"))
            return (fields.place(said.get("latitude"), said.get("longitude"), title),)
        case "sticker":
            return (Attachment(AttachmentKind.STICKER, fields.reference(said.get("stickerId"))),)
        case str():
            return ()
    raise fields.Misread("message_type")


ADAPTER = Line()
