"""Standard Webhooks: the brand's own web form, e-mail gateway or hotline; Svix header names too.

A channel's secret holds `secret`: `whsec_` + base64 of 24 to 64 bytes (v1, HMAC-SHA256) or `whpk_` + base64 of an
ed25519 public key (v1a). The body Heed reads:

    {"type": "message.created", "timestamp": ISO 8601,
     "data": {"external_id"?, "thread_id"?, "sender": {"id", "name"?}, "recipient"?: {"id"}, "direction":
              "inbound" | "outbound", "bot"?: true, "surface"?: "direct" | "comment" | "mention" | "review",
              "sent_at"?: ISO 8601, "text", "reply_to"?, "attachments"?: [{"kind", "url" | "id", "title"?}]}}

Without `external_id` the delivery's webhook-id is the identity, without `sent_at` the timestamp is the time,
without `thread_id` the customer's id is the conversation. An outbound message names its customer in `recipient`
or its conversation in `thread_id`. What becomes of a message later has the types `message.updated` (with the new
`text`), `message.deleted` and `message.failed`; its data name the message by `external_id` and its conversation by
`thread_id` or by the same parties as before. The tolerance of five minutes to both sides is the specification's and
fixed.

Rules: the Standard Webhooks specification, spec/standard-webhooks.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Report, ReportKind, Surface
from heed.platforms import Forged, Reading, Request, Response, Secret, Verified, fields, signatures

E = TypeVar("E", bound=StrEnum)

_TYPES = frozenset({"conversation.created", "conversation.closed", "ping"})
_REPORTS = {
    "message.updated": ReportKind.EDITED,
    "message.deleted": ReportKind.WITHDRAWN,
    "message.failed": ReportKind.REJECTED,
}


class StandardWebhooks:
    """The adapter."""

    body_limit_bytes = 256 * 1024
    secret_fields = ("secret",)
    optional_fields = ()

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged."""
        if request.method != "POST":
            raise Forged("method")
        name, timestamp, signed = _headers(request.headers)
        content = b".".join((signatures.octets(name), signatures.octets(timestamp), request.body))

        def check(secret: Secret) -> None:
            if not _signs(secret["secret"], content, signed.split(" ")):
                raise Forged("signature")

        signatures.any_of(secrets, self.secret_fields, check)
        # Signed, so an honest sender's: "stale" tells an operator of a wrong clock, not of an attack.
        if not signatures.fresh(timestamp, now):
            raise Forged("stale")
        return Verified(request.body, delivery_id=name)

    def answer(self, verified: Verified) -> Response:
        """Any 2xx is success; there is nothing to say."""
        return Response(204, "")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Raises Unreadable."""
        event = fields.json_object(verified.content)
        return fields.one(lambda: _found(event, verified.delivery_id, channel, received_at))


def _headers(headers: Mapping[str, str]) -> tuple[str, str, str]:
    """Id, timestamp and signatures of one family; the two are never mixed."""
    for family in ("webhook", "svix"):
        name, timestamp, signed = (headers.get(f"{family}-{part}", "") for part in ("id", "timestamp", "signature"))
        if name and timestamp and signed:
            return name, timestamp, signed
    raise Forged("unsigned")


def _signs(secret: str, content: bytes, signed: Sequence[str]) -> bool:
    """Whether any signature of a version this secret speaks is right; others are skipped (rotation)."""
    if secret.startswith("whpk_"):
        return _ed25519(secret.removeprefix("whpk_"), content, signed)
    key = signatures.from_base64(secret.removeprefix("whsec_"))
    if key is None or not 24 <= len(key) <= 64:
        raise Forged("unconfigured")
    expected = "v1," + signatures.hmac_base64(key, content)
    return any(signatures.same(expected, candidate) for candidate in signed)


def _ed25519(secret: str, content: bytes, signed: Sequence[str]) -> bool:
    key = signatures.from_base64(secret)
    given = (one.removeprefix("v1a,") if one.startswith("v1a,") else "" for one in signed)
    return any(signatures.ed25519(key, signatures.from_base64(one), content) for one in given)


def _found(event: dict[str, object], delivery_id: str, channel: Channel, received_at: datetime) -> fields.Found:
    kind = event.get("type")
    if not isinstance(kind, str):
        raise fields.Misread("type")
    if kind == "message.created":
        return _message(event, delivery_id, channel, received_at)
    if kind in _REPORTS:
        return _report(_REPORTS[kind], event, channel, received_at)
    return fields.known(kind, _TYPES)


def _report(kind: ReportKind, event: dict[str, object], channel: Channel, received_at: datetime) -> Report:
    data = fields.mapping(event.get("data"), "data")
    sender = fields.optional(data.get("sender"), "sender")
    thread = data.get("thread_id")
    if thread is None:
        thread, _ = _parties(data, sender, _author(data, sender, channel))
    return Report(
        channel=channel.name,
        kind=kind,
        message=fields.identity(data.get("external_id"), "id"),
        conversation=fields.identity(thread, "thread_id"),
        at=fields.moment(event.get("timestamp")),
        received_at=received_at,
        text=fields.text(data.get("text")) if kind is ReportKind.EDITED else "",
    )


def _message(event: dict[str, object], delivery_id: str, channel: Channel, received_at: datetime) -> Message:
    data = fields.mapping(event.get("data"), "data")
    sender = fields.mapping(data.get("sender"), "sender")
    author = _author(data, sender, channel)
    conversation, customer = _parties(data, sender, author)
    sent_at, reply_to = data.get("sent_at"), data.get("reply_to")
    return Message(
        channel=channel.name,
        id=fields.identity(data.get("external_id", delivery_id), "id"),
        conversation=conversation,
        customer=customer,
        author=author,
        surface=_choice(Surface, data.get("surface", "direct"), "surface"),
        text=fields.text(data.get("text")),
        sent_at=fields.moment(event.get("timestamp") if sent_at is None else sent_at),
        received_at=received_at,
        attachments=_attachments(data),
        reply_to=None if reply_to is None else fields.identity(reply_to, "reply_to"),
        author_name=fields.line(sender.get("name")),
    )


def _author(data: dict[str, object], sender: dict[str, object], channel: Channel) -> Author:
    automatic = fields.flag(data.get("bot"), "bot")
    match data.get("direction"):
        case "inbound":
            return Author.CUSTOMER
        case "outbound":
            by = fields.identity(sender["id"], "sender") if "id" in sender else ""
            return Author.BOT if automatic or by in channel.bots else Author.AGENT
    raise fields.Misread("direction")


def _parties(data: dict[str, object], sender: dict[str, object], author: Author) -> tuple[str, str]:
    """Conversation and customer. Of an outbound message that names only its thread the customer is unknown: ""."""
    if author is Author.CUSTOMER:
        customer = fields.identity(sender.get("id"), "sender")
    else:
        recipient = fields.optional(data.get("recipient"), "recipient")
        customer = fields.identity(recipient["id"], "recipient") if "id" in recipient else ""
    thread = data.get("thread_id")
    return fields.identity(customer if thread is None else thread, "thread_id"), customer


def _choice(kinds: type[E], value: object, reason: str) -> E:
    found = next((kind for kind in kinds if kind == value), None)
    if found is None:
        raise fields.Misread(reason)
    return found


def _attachments(data: dict[str, object]) -> tuple[Attachment, ...]:
    found = [fields.mapping(item, "attachments") for item in fields.items(data.get("attachments"), "attachments")]
    return tuple(
        Attachment(
            _choice(AttachmentKind, item.get("kind"), "attachments"),
            fields.url(item.get("url")) or fields.reference(item.get("id")),
            fields.line(item.get("title")),
        )
        for item in found[: fields.ATTACHMENT_LIMIT]
    )


ADAPTER = StandardWebhooks()
