"""Zalo Official Account: direct messages in both directions.

A channel's secret holds `app_id` and `oa_secret_key` (the OA secret key of the app's webhook page, not the app
secret). The signature is a plain SHA-256, no HMAC, over app id, body, timestamp and key. Which timestamp is hashed is
not certain: the body's own is tried first, then the header X-ZEvent-Timestamp. It is the time of the event and the
same in a retry, so no window is put on it; a replayed message meets its own identity in the table.

One app may serve many official accounts: a conversation is account and user. Identity is msg_id. The brand's own
messages come back as oa_send_* and are an agent's: Zalo does not say which of them a program wrote. Messages in groups
are ignored by name, as their account and customer are not documented; Zalo reports no edits, withdrawals or failures.

Rules: Zalo's document Official Account API, Webhook (Xác thực request; Sự kiện), as implementations report it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Surface
from heed.platforms import Forged, Reading, Request, Response, Secret, Verified, fields, signatures

_TIMESTAMP = re.compile(rb'"timestamp"\s*:\s*"?([0-9]{10,16})\b')
_TIMESTAMPS_TRIED = 8
_INBOUND = ("user_send_", "anonymous_send_")
_OUTBOUND = "oa_send_"
_EVENTS = frozenset(
    {
        "follow",
        "unfollow",
        "user_seen_message",
        "user_received_message",
        "user_reacted_message",
        "oa_reacted_message",
        "oa_send_consent",
        "oa_send_zns",
        "user_click_chatnow",
        "user_click_button",
        "user_click_menu",
        "user_submit_info",
        "user_asking_product",
        "user_feedback",
        "user_call_oa",
        "oa_call_user",
        "user_reply_consent",
        "shop_has_order",
        "add_user_to_tag",
        "update_user_info",
        "change_oa_daily_quota",
        "change_oa_template_tags",
        "change_template_status",
        "change_template_quality",
        "extension_purchased",
    }
)
_KINDS = {
    "image": AttachmentKind.IMAGE,
    "gif": AttachmentKind.IMAGE,
    "audio": AttachmentKind.VOICE,
    "voice": AttachmentKind.VOICE,
    "video": AttachmentKind.VIDEO,
    "file": AttachmentKind.FILE,
    "sticker": AttachmentKind.STICKER,
    "link": AttachmentKind.LINK,
    "links": AttachmentKind.LINK,
    "business_card": AttachmentKind.CARD,
}


class Zalo:
    """The adapter."""

    body_limit_bytes = 256 * 1024
    secret_fields = ("app_id", "oa_secret_key")
    optional_fields = ()

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged."""
        if request.method != "POST":
            raise Forged("method")
        signed = request.headers.get("x-zevent-signature")
        if signed is None:
            raise Forged("unsigned")
        tried = tuple(_timestamps(request))

        def check(secret: Secret) -> Verified:
            macs = ["mac=" + _digest(secret, request.body, timestamp) for timestamp in tried]
            if not any(signatures.same(mac, signed) for mac in macs):
                raise Forged("signature")
            return Verified(request.body)

        return signatures.any_of(secrets, self.secret_fields, check)

    def answer(self, verified: Verified) -> Response:
        return Response(200, "")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Raises Unreadable."""
        event = fields.json_object(verified.content)
        return fields.one(lambda: _event(event, channel, received_at))


def _timestamps(request: Request) -> Iterator[bytes]:
    """What may have been hashed. Digits only: the hash has no seams, and digits after the last brace are no JSON."""
    found = islice(_TIMESTAMP.finditer(request.body), _TIMESTAMPS_TRIED)
    yield from dict.fromkeys(match[1] for match in found)
    header = request.headers.get("x-zevent-timestamp", "")
    if re.fullmatch("[0-9]{10,16}", header):
        yield header.encode()


def _digest(secret: Secret, body: bytes, timestamp: bytes) -> str:
    parts = (signatures.octets(secret["app_id"]), body, timestamp, signatures.octets(secret["oa_secret_key"]))
    return signatures.keyed_hex("sha256", *parts)


def _event(event: dict[str, object], channel: Channel, received_at: datetime) -> Message | str:
    name = event.get("event_name")
    if not isinstance(name, str):
        raise fields.Misread("event_name")
    inbound = name.startswith(_INBOUND)
    if name in _EVENTS or not (inbound or name.startswith(_OUTBOUND)):
        return fields.known(name, _EVENTS)
    if "_group_" in name:
        return "group_message"
    sender = fields.identity(fields.mapping(event.get("sender"), "sender").get("id"), "sender")
    recipient = fields.identity(fields.mapping(event.get("recipient"), "recipient").get("id"), "recipient")
    customer, account = (sender, recipient) if inbound else (recipient, sender)
    said = fields.mapping(event.get("message"), "message")
    quoted = said.get("quote_msg_id")
    return Message(
        channel=channel.name,
        id=fields.identity(said.get("msg_id"), "id"),
        conversation=fields.thread(account, customer),
        customer=customer,
        author=Author.CUSTOMER if inbound else Author.AGENT,
        surface=Surface.DIRECT,
        text=fields.text(said.get("text")),
        sent_at=fields.moment(event.get("timestamp")),
        received_at=received_at,
        attachments=_attachments(said),
        reply_to=fields.identity(quoted, "quoted") if quoted else None,
    )


def _attachments(said: dict[str, object]) -> tuple[Attachment, ...]:
    found = [_attachment(item) for item in fields.items(said.get("attachments"), "attachments")]
    return tuple(found[: fields.ATTACHMENT_LIMIT])


def _attachment(item: object) -> Attachment:
    part = fields.mapping(item, "attachments")
    kind, payload = part.get("type"), fields.optional(part.get("payload"), "attachments")
    if kind == "location":
        where = fields.mapping(payload.get("coordinates"), "location")
        return fields.place(where.get("latitude"), where.get("longitude"))
    found = _KINDS.get(kind, AttachmentKind.LINK) if isinstance(kind, str) else AttachmentKind.LINK
    reference = fields.url(payload.get("url")) or fields.reference(payload.get("id"))
    return Attachment(found, reference, fields.line(payload.get("name", payload.get("title"))))


ADAPTER = Zalo()
