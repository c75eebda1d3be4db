"""WeCom customer service: what is said to a brand's service accounts in WeChat (企业微信 · 微信客服).

The callback carries no message: it rings for an account (`OpenKfId`), and Heed pulls what lies there
(`heed.rim.pulling`), each item of which `pulled` reads. A channel's secret holds `token`, `encoding_aes_key` and
`corpid`, which verify the callback, and `secret`, the application's key to the API. One URL serves all accounts of a
corp, so a conversation is account and customer, `<open_kfid>:<external_userid>`; identity is msgid. Staff who answer
in the WeCom client are seen (origin 5), as a bot if the channel names their `servicer_userid`; what a system of the
brand sends through the API is not, and the desk's record is its only proof. A message that is taken back, and one
that could not be delivered, is reported.

Rules: WeCom's documents 回调和回复的加解密方案 (path/101033), 接收消息和事件 (path/94670).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Report, ReportKind, Surface
from heed.platforms import (
    Forged,
    Pull,
    Reading,
    Request,
    Response,
    Secret,
    Verified,
    fields,
    signatures,
    wechat_envelope,
)

_RING = "kf_msg_or_event"
_CALLBACKS = frozenset(
    {
        "kf_account_auth_change",
        "subscribe",
        "unsubscribe",
        "enter_agent",
        "change_contact",
        "change_external_contact",
        "change_external_chat",
        "change_external_tag",
    }
)
_EVENTS = frozenset(
    {
        "enter_session",
        "servicer_status_change",
        "session_status_change",
        "reject_customer_msg_switch_change",
    }
)
# What became of a message, and the field that names it.
_REPORTS = {
    "user_recall_msg": (ReportKind.WITHDRAWN, "recall_msgid"),
    "servicer_recall_msg": (ReportKind.WITHDRAWN, "recall_msgid"),
    "msg_send_fail": (ReportKind.REJECTED, "fail_msgid"),
}
_CUSTOMER, _SYSTEM, _STAFF = 3, 4, 5


class WeCom:
    """The adapter. Identity is msgid, the conversation is account and customer."""

    body_limit_bytes = 64 * 1024
    secret_fields = ("token", "encoding_aes_key", "corpid", "secret")
    optional_fields = ()

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged. WeCom documents no replay window; a replayed callback rings once more and brings nothing."""
        query = signatures.parameters(request)
        needed = self.secret_fields[:3]  # the fourth opens the API and verifies nothing
        if request.method == "GET":
            return signatures.any_of(secrets, needed, lambda secret: _handshake(query, secret))
        if request.method != "POST":
            raise Forged("method")
        return signatures.any_of(
            secrets,
            needed,
            lambda secret: Verified(wechat_envelope.opened_body(query, request.body, secret, "corpid")),
        )

    def answer(self, verified: Verified) -> Response:
        """The opened echostr alone, within a second: no quotes, no line break. Any 200 is success to a callback."""
        return Response(200, "success" if verified.challenge is None else verified.challenge)

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Raises Unreadable."""
        found = wechat_envelope.read(verified.content)
        return fields.one(lambda: _callback(found, channel, received_at))


def _handshake(query: dict[str, str], secret: Secret) -> Verified:
    opened = wechat_envelope.opened(query, query.get("echostr", ""), secret, "corpid")
    return Verified(b"", signatures.echo(opened.decode("utf-8", "surrogateescape")))


def _callback(found: dict[str, object], channel: Channel, received_at: datetime) -> fields.Found:
    kind = found.get("msgtype")
    if not isinstance(kind, str):
        raise fields.Misread("msgtype")
    event = found.get("event")
    if kind != "event" or event != _RING:
        return fields.known(event, _CALLBACKS)
    # Without an OpenKfId, as the interface was at first, it rings for all accounts together.
    source = fields.identity(found["openkfid"], "open_kfid") if found.get("openkfid") else ""
    token = fields.identity(found["token"], "token") if found.get("token") else ""
    return Pull(channel.name, source, token, received_at)


def pulled(item: object, channel: Channel, received_at: datetime) -> fields.Found:
    """What one item of sync_msg's msg_list comes to. Raises Misread."""
    found = fields.mapping(item, "item")
    kind, origin = found.get("msgtype"), found.get("origin")
    if not isinstance(kind, str):
        raise fields.Misread("msgtype")
    if kind == "event":
        return _event(found, channel, received_at)
    if not isinstance(origin, int):
        raise fields.Misread("origin")
    if origin not in (_CUSTOMER, _STAFF):
        return "system" if origin == _SYSTEM else "unknown"
    return _message(found, kind, _author(found, origin, channel), channel, received_at)


def _event(found: dict[str, object], channel: Channel, received_at: datetime) -> Report | str:
    """An event names account and customer inside itself."""
    event = fields.mapping(found.get("event"), "event")
    name = event.get("event_type")
    if not isinstance(name, str) or name not in _REPORTS:
        return fields.known(name, _EVENTS)
    kind, field = _REPORTS[name]
    sent_at = found.get("send_time")
    return Report(
        channel=channel.name,
        kind=kind,
        message=fields.identity(event.get(field), "id"),
        conversation=_conversation(event),
        at=received_at if sent_at is None else fields.moment(sent_at),
        received_at=received_at,
    )


def _message(
    found: dict[str, object], kind: str, author: Author, channel: Channel, received_at: datetime
) -> Message | str:
    content = found.get(kind)
    said = fields.optional(content, kind) if kind in _KINDS or isinstance(content, dict) else {}
    return Message(
        channel=channel.name,
        id=fields.identity(found.get("msgid"), "id"),
        conversation=_conversation(found),
        customer=fields.identity(found.get("external_userid"), "customer"),
        author=author,
        surface=Surface.DIRECT,
        text=_text(kind, said),
        sent_at=fields.moment(found.get("send_time")),
        received_at=received_at,
        attachments=_attachments(kind, said),
    )


def _conversation(found: dict[str, object]) -> str:
    return fields.thread(
        fields.identity(found.get("open_kfid"), "open_kfid"), fields.identity(found.get("external_userid"), "customer")
    )


def _author(found: dict[str, object], origin: int, channel: Channel) -> Author:
    if origin == _CUSTOMER:
        return Author.CUSTOMER
    by = found.get("servicer_userid")
    return Author.BOT if isinstance(by, str) and by in channel.bots else Author.AGENT


# What is attached by msgtype, and the fields that refer to it and name it. The interface has more kinds than its
# document spells (meetings, notes, schedules): those are cards without a reference.
_KINDS: dict[str, tuple[AttachmentKind | None, str, str]] = {
    "text": (None, "", ""),
    "msgmenu": (None, "", ""),
    "image": (AttachmentKind.IMAGE, "media_id", ""),
    "voice": (AttachmentKind.VOICE, "media_id", ""),
    "video": (AttachmentKind.VIDEO, "media_id", ""),
    "file": (AttachmentKind.FILE, "media_id", ""),
    "location": (AttachmentKind.LOCATION, "", ""),
    "link": (AttachmentKind.LINK, "url", "title"),
    "business_card": (AttachmentKind.CARD, "userid", ""),
    "miniprogram": (AttachmentKind.CARD, "pagepath", "title"),
    "channels_shop_product": (AttachmentKind.CARD, "product_id", "title"),
    "channels_shop_order": (AttachmentKind.CARD, "order_id", "product_titles"),
    "channels": (AttachmentKind.CARD, "", "title"),
    "merged_msg": (AttachmentKind.CARD, "", "title"),
}
_OTHER = (AttachmentKind.CARD, "", "title")


def _text(kind: str, said: dict[str, object]) -> str:
    match kind:
        case "text":
            return fields.text(said.get("content"))
        case "link":
            return fields.text(said.get("desc"))
        case "msgmenu":
            parts = (fields.text(said.get(name)) for name in ("head_content", "tail_content"))
            return fields.text("\n".join(part for part in parts if part))
    return ""


def _attachments(kind: str, said: dict[str, object]) -> tuple[Attachment, ...]:
    attached, reference, title = _KINDS.get(kind, _OTHER)
    match attached:
        case None:
            return ()
        case AttachmentKind.LOCATION:
            return (fields.place(said.get("latitude"), said.get("longitude"), said.get("name") or said.get("address")),)
        case AttachmentKind.LINK:
            return (Attachment(attached, fields.url(said.get(reference)), fields.line(said.get(title))),)
    named = said.get(reference)
    # A page of a mini program may be longer than an identity.
    refers = (
        fields.line(named) if attached is AttachmentKind.CARD and isinstance(named, str) else fields.reference(named)
    )
    return (Attachment(attached, refers, fields.line(said.get(title))),)


ADAPTER = WeCom()
