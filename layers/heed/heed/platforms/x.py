"""X: direct messages, and replies, mentions and quotes in public; both envelopes on one URL.

A channel's secret holds `consumer_secret`, the app's API secret key. One app may serve many accounts: a conversation
begins with the brand's user id (`for_user_id`, XAA's `filter.user_id`) and goes on with the customer's; what is said
in public ends with `public`, so that it stays apart from direct messages, and a reply of the brand, which names whom
it answers, finds it. Identity is the id of message or post, which the conversation makes unique even where one
message reaches two brands; an edited post has a new id and is a message of its own.

Own messages and replies come back: an agent's, unless the channel's `bots` name the app (of a direct message its id,
of a post its name). Posts of the brand that answer nobody, and retweets, are ignored. An encrypted chat is a message
without text. A post that a customer deletes is withdrawn; of a deleted post of the brand nobody says whom it answered,
so it is ignored by name.

The CRC check signs whatever it is asked to, with the key of the deliveries: a token that could be a delivery is
refused, or anybody could have one signed.

Rules: X API, Webhooks (CRC, x-twitter-webhooks-signature), V2 Account Activity API, X Activity API event payloads. X
signs no time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Surface
from heed.platforms import Forged, Reading, Request, Response, Secret, Unreadable, Verified, fields, signatures
from heed.platforms import x_posts as posts
from heed.values import Value

_HEADER = "x-twitter-webhooks-signature"
_HEAD = ("for_user_id", "users", "apps", "user_has_blocked", "is_blocked_by")
_EVENTS = frozenset(
    {
        "favorite_events",
        "follow_events",
        "unfollow_events",
        "block_events",
        "unblock_events",
        "mute_events",
        "unmute_events",
        "spaces_events",
        "direct_message_indicate_typing_events",
        "direct_message_mark_read_events",
        "user_event",
        "replay_job_status",
        "dm.read",
        "dm.indicate_typing",
        "chat.conversation_join",
        "like.create",
        "follow.follow",
        "follow.unfollow",
        "post.repost.create",
    }
)


class _Part(Value):
    """One event of a delivery. `kind` is the list (AAA) or the type (XAA) it came under, `raw` it alone as sent."""

    kind: str
    brand: object
    item: object
    beside: object
    raw: dict[str, object]


class X:
    """The adapter."""

    body_limit_bytes = 1024 * 1024
    secret_fields = ("consumer_secret",)
    optional_fields = ()

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged."""
        if request.method == "GET":
            return signatures.any_of(secrets, self.secret_fields, lambda secret: _challenge(request, secret))
        return signatures.signed_post(
            request, secrets, self.secret_fields, _HEADER, lambda secret: _signature(secret, request.body)
        )

    def answer(self, verified: Verified) -> Response:
        if verified.challenge is None:
            return Response(200, "")
        return Response(200, verified.challenge, "application/json; charset=utf-8")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Each event is read by itself. Raises Unreadable."""
        return fields.each(
            _parts(fields.json_object(verified.content)),
            lambda part: _read(part, channel, received_at),
            lambda part: fields.delivery(part.raw, verified.content),
        )


def _signature(secret: Secret, content: bytes) -> str:
    return "sha256=" + signatures.hmac_base64(signatures.octets(secret["consumer_secret"]), content)


def _challenge(request: Request, secret: Secret) -> Verified:
    """The answer to a CRC check. A signature beside it, if there is one, is over the query as sent."""
    signed = request.headers.get(_HEADER)
    if signed is not None and not signatures.same(_signature(secret, signatures.octets(request.query)), signed):
        raise Forged("signature")
    token = signatures.echo(signatures.parameters(request).get("crc_token", ""))
    if "{" in token:
        raise Forged("malformed")
    return Verified(b"", f'{{"response_token":"{_signature(secret, token.encode())}"}}')


def _parts(body: dict[str, object]) -> Iterator[_Part]:
    if "data" in body:
        found = body["data"]
        for event in found if isinstance(found, list) else [found]:
            yield from _activity(event)
        return
    head = {name: body[name] for name in _HEAD if name in body}
    lists = [name for name in body if name not in head]
    if not lists:
        raise Unreadable("event")
    for name in lists:
        held = body[name]
        for item in held if isinstance(held, list) else [held]:
            yield _Part(name, body.get("for_user_id"), item, body.get("users"), {**head, name: [item]})


def _activity(event: object) -> Iterator[_Part]:
    """The parts of one event of the X Activity API, whose direct messages come in a list of their own."""
    if not isinstance(event, dict):
        yield _Part("", None, event, None, {"data": event})
        return
    chosen, kind, payload = event.get("filter"), event.get("event_type"), event.get("payload")
    brand = chosen.get("user_id") if isinstance(chosen, dict) else None
    name = kind if isinstance(kind, str) else ""
    items = payload.get("direct_message_events") if isinstance(payload, dict) else None
    if not isinstance(payload, dict) or not isinstance(items, list):
        yield _Part(name, brand, payload, event.get("includes"), {"data": event})
        return
    for item in items:
        alone = {**payload, "direct_message_events": [item]}
        yield _Part(name, brand, item, payload.get("users"), {"data": {**event, "payload": alone}})


def _read(part: _Part, channel: Channel, received_at: datetime) -> fields.Found:
    if not part.kind:
        raise fields.Misread("event")
    if part.kind in ("direct_message_events", "dm.received", "dm.sent"):
        return _direct(part, channel, received_at)
    if part.kind in ("chat.received", "chat.sent"):
        return _chat(part, channel, received_at)
    reader = posts.READERS.get(part.kind)
    if reader is None:
        return fields.known(part.kind, _EVENTS)
    brand = fields.identity(part.brand, "account")
    return reader(fields.mapping(part.item, part.kind), brand, part.beside, channel, received_at)


def _direct(part: _Part, channel: Channel, received_at: datetime) -> Message | str:
    event = fields.mapping(part.item, "direct_message")
    if event.get("type") != "message_create":
        return "unknown"
    brand = fields.identity(part.brand, "account")
    created = fields.mapping(event.get("message_create"), "message_create")
    sender = fields.identity(created.get("sender_id"), "sender")
    recipient = fields.identity(fields.mapping(created.get("target"), "target").get("recipient_id"), "recipient")
    if sender == recipient:
        return "message_self"
    own = sender == brand
    customer = recipient if own else sender
    said = fields.mapping(created.get("message_data"), "message_data")
    return Message(
        channel=channel.name,
        id=fields.identity(event.get("id"), "id"),
        conversation=fields.thread(brand, customer),
        customer=customer,
        author=_author(created.get("source_app_id"), channel) if own else Author.CUSTOMER,
        surface=Surface.DIRECT,
        text=fields.text(said.get("text")),
        sent_at=fields.moment(event.get("created_timestamp")),
        received_at=received_at,
        attachments=_attachments(said),
        author_name=posts.name_of(sender, part.beside),
    )


def _author(app: object, channel: Channel) -> Author:
    return Author.BOT if app is not None and fields.identity(app, "app") in channel.bots else Author.AGENT


def _attachments(said: dict[str, object]) -> tuple[Attachment, ...]:
    part = fields.optional(said.get("attachment"), "attachment")
    match part.get("type"):
        case "media":
            return (posts.medium(part.get("media")),)
        case "location":
            where = fields.mapping(part.get("location"), "location")
            shared = fields.mapping(where.get("shared_coordinate", where.get("shared_place")), "location")
            point = fields.optional(shared.get("coordinates"), "location").get("coordinates")
            if isinstance(point, list) and len(point) == 2:
                return (fields.place(point[1], point[0]),)  # GeoJSON: longitude first
            return (Attachment(AttachmentKind.LOCATION, ""),)
    return ()


def _chat(part: _Part, channel: Channel, received_at: datetime) -> Message:
    """An end-to-end encrypted message: that it was said is known, what was said is not.

    `conversation_id` is the two user ids joined by a colon, or the id of a group.
    """
    said = fields.mapping(part.item, "chat")
    brand, sender = fields.identity(part.brand, "account"), fields.identity(said.get("sender_id"), "sender")
    others = [user for user in fields.identity(said.get("conversation_id"), "chat").split(":") if user != brand]
    if len(others) != 1:
        raise fields.Misread("chat")
    own = sender == brand
    return Message(
        channel=channel.name,
        id=fields.identity(said.get("id"), "id"),
        conversation=fields.thread(brand, others[0]),
        customer=others[0] if own else sender,
        author=Author.AGENT if own else Author.CUSTOMER,
        surface=Surface.DIRECT,
        text="",
        sent_at=fields.moment(said.get("created_at_msec")),
        received_at=received_at,
    )


ADAPTER = X()
