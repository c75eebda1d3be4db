"""TikTok: direct messages of a business account, and comments under its videos.

A channel's secret holds `client_secret`, the app's, and may hold `unique_identifier`: the business account's own as
comments name their author, without which the brand's own comments cannot be told from a customer's. One URL serves
every account that authorised the app: a conversation begins with `user_openid`. Direct messages go by
`conversation_id`, comments by video and first comment; identity is message_id or comment_id.

Own messages come as im_send_msg, an agent's unless `message_tag.source` is among the channel's `bots`. A deleted
comment is reported as withdrawn, from hiding and showing follows nothing. In the European region the event names
neither words nor customer: somebody wrote, who must be looked up in the inbox. Such messages without text share one
conversation, `<user_openid>:eu`, unless the event names one.

The signed time must lie within five minutes: a genuine but older delivery is refused as `stale`, which the alarm on
refusals tells apart. The query `challenge` that one SDK echoes is undocumented and unsigned, so it is refused.

Rules: TikTok for Developers, Webhooks (overview, verification); TikTok API for Business, webhook event schemas.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Report, ReportKind, Surface
from heed.platforms import Forged, Reading, Request, Response, Secret, Verified, fields, signatures
from heed.values import Value

_DIRECT = frozenset({"im_receive_msg", "im_send_msg"})
_STRIPPED = "im_receive_msg_eu"
_EVENTS = frozenset(
    {
        "im_send_msg_eu",
        "im_referral_msg",
        "im_mark_read_msg",
        "im_receive_high_intent_comment",
        "im_auto_message_create",
        "im_auto_message_update",
        "im_auto_message_delete",
        "im_auto_message_audit",
        "post.publish.complete",
        "post.publish.failed",
        "post.publish.publicly_available",
        "post.publish.no_longer_publicaly_available",
        "post.publish.inbox_delivered",
        "authorization.removed",
        "portability.download.ready",
        "video.publish.completed",
        "video.upload.failed",
    }
)
_ACTIONS = frozenset({"set_to_hidden", "set_to_friends_only", "set_to_public"})


class _Event(Value):
    """One event: its envelope with the content opened; `own` is the brand's name as an author of comments."""

    name: str
    account: str
    at: object
    content: dict[str, object]
    own: str


class TikTok:
    """The adapter."""

    body_limit_bytes = 512 * 1024
    secret_fields = ("client_secret",)
    optional_fields = ("unique_identifier",)

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged."""
        if request.method != "POST":
            raise Forged("method")
        timestamp, signed = _signature(request.headers.get("tiktok-signature", ""))
        content = signatures.octets(timestamp) + b"." + request.body

        def check(secret: Secret) -> Verified:
            if not signatures.same(signatures.hmac_hex(secret["client_secret"], content), signed):
                raise Forged("signature")
            return Verified(request.body, account=secret.get("unique_identifier", ""))

        verified = signatures.any_of(secrets, self.secret_fields, check, self.optional_fields)
        # Signed, so TikTok's own: "stale" tells an operator of a late retry or a wrong clock, not of an attack.
        if not signatures.fresh(timestamp, now):
            raise Forged("stale")
        return verified

    def answer(self, verified: Verified) -> Response:
        return Response(200, "")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Each event is read by itself. Raises Unreadable."""
        return fields.each(
            _envelopes(fields.json_object(verified.content)),
            lambda envelope: _read(envelope, verified.account, channel, received_at),
            lambda envelope: fields.delivery(envelope, verified.content),
        )


def _signature(header: str) -> tuple[str, str]:
    """`t=<seconds>,s=<hex>`, read by name; the first of a name counts."""
    parts: dict[str, str] = {}
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        parts.setdefault(name, value)
    if not parts.get("t") or not parts.get("s"):
        raise Forged("unsigned")
    return parts["t"], parts["s"]


def _envelopes(body: dict[str, object]) -> Iterator[object]:
    """The body, or, as some report, several events inside one envelope."""
    if isinstance(body.get("events"), list):
        head = {name: value for name, value in body.items() if name != "events"}
        for item in fields.items(body["events"], "events"):
            yield {**head, **item} if isinstance(item, dict) else item
    elif "event" not in body and isinstance(body.get("data"), dict):
        yield body["data"]
    else:
        yield body


def _read(item: object, own: str, channel: Channel, received_at: datetime) -> fields.Found:
    envelope = fields.mapping(item, "event")
    name = envelope.get("event")
    if not isinstance(name, str):
        raise fields.Misread("event")
    if name not in {*_DIRECT, _STRIPPED, "comment.update"}:
        return fields.known(name, _EVENTS)
    event = _Event(
        name=name,
        account=fields.identity(envelope.get("user_openid"), "account"),
        at=envelope.get("create_time"),
        content=fields.embedded(envelope.get("content", envelope.get("data")), "content"),
        own=own,
    )
    if name in _DIRECT:
        return _direct(event, channel, received_at)
    return (_comment if name == "comment.update" else _stripped)(event, channel, received_at)


def _direct(event: _Event, channel: Channel, received_at: datetime) -> Message:
    said = event.content
    sender, recipient = (fields.mapping(said.get(end), end).get("id") for end in ("from_user", "to_user"))
    own = event.name == "im_send_msg" or sender == event.account
    answered = fields.optional(said.get("referenced_message_info"), "referenced").get("referenced_message_id")
    return Message(
        channel=channel.name,
        id=fields.identity(said.get("message_id"), "id"),
        conversation=fields.thread(event.account, fields.identity(said.get("conversation_id"), "conversation")),
        customer=fields.identity(recipient if own else sender, "customer"),
        author=_author(said, channel) if own else Author.CUSTOMER,
        surface=Surface.DIRECT,
        text=fields.text(fields.optional(said.get("text"), "text").get("body")),
        sent_at=fields.moment(said.get("timestamp")),
        received_at=received_at,
        attachments=_attachments(said),
        reply_to=fields.identity(answered, "referenced") if answered else None,
        author_name=fields.line(said.get("from")),
    )


def _author(said: dict[str, object], channel: Channel) -> Author:
    source = fields.optional(said.get("message_tag"), "message_tag").get("source")
    return Author.BOT if isinstance(source, str) and source in channel.bots else Author.AGENT


def _attachments(said: dict[str, object]) -> tuple[Attachment, ...]:
    """What the message shows beside words; a type of tomorrow is a message all the same."""
    kind = said.get("type")
    if not isinstance(kind, str):
        raise fields.Misread("message_type")
    part = fields.optional(said.get(kind), kind) if kind in ("image", "video", "share_post", "sticker") else {}
    match kind:
        case "image" | "video":
            found = AttachmentKind.IMAGE if kind == "image" else AttachmentKind.VIDEO
            return (Attachment(found, fields.reference(part.get("media_id"))),)
        case "share_post":
            return (Attachment(AttachmentKind.LINK, fields.url(part.get("embed_url"))),)
        case "sticker":
            return (Attachment(AttachmentKind.STICKER, fields.reference(part.get("media_id"))),)
        case "emoji":
            return (Attachment(AttachmentKind.STICKER, ""),)
    return ()


def _stripped(event: _Event, channel: Channel, received_at: datetime) -> Message:
    """Somebody in Europe wrote: who and what is not told. Its identity is made of all that is."""
    said = event.content
    named = said.get("conversation_id")
    sent_at = fields.moment(said.get("timestamp", event.at))
    drawn = hashlib.sha256(f"{event.account}\n{sent_at.isoformat()}".encode()).hexdigest()[:32]
    sender = fields.optional(said.get("from_user"), "from_user").get("id")
    where = "eu" if named is None else fields.identity(named, "conversation")
    return Message(
        channel=channel.name,
        id=fields.identity(said.get("message_id", f"eu-{drawn}"), "id"),
        conversation=fields.thread(event.account, where),
        customer=where if sender is None else fields.identity(sender, "customer"),
        author=Author.CUSTOMER,
        surface=Surface.DIRECT,
        text="",
        sent_at=sent_at,
        received_at=received_at,
    )


def _comment(event: _Event, channel: Channel, received_at: datetime) -> fields.Found:
    said = event.content
    action = said.get("comment_action")
    if action not in ("insert", "delete"):
        return fields.known(action, _ACTIONS)
    identity = fields.identity(said.get("comment_id"), "id")
    video, parent = fields.identity(said.get("video_id"), "video"), said.get("parent_comment_id")
    above = fields.identity(parent, "parent") if parent not in (None, "", 0, "0") else ""
    conversation = fields.thread(event.account, video, above or identity)
    at = fields.moment(said.get("timestamp", event.at))
    if action == "delete":
        return Report(channel.name, ReportKind.WITHDRAWN, identity, conversation, at, received_at)
    author = fields.identity(said.get("unique_identifier"), "author")
    own = author in (event.account, event.own)
    return Message(
        channel=channel.name,
        id=identity,
        conversation=conversation,
        customer="" if own else author,
        author=Author.AGENT if own else Author.CUSTOMER,
        surface=Surface.COMMENT,
        text=fields.text(said.get("text")),
        sent_at=at,
        received_at=received_at,
        reply_to=above or video,
    )


ADAPTER = TikTok()
