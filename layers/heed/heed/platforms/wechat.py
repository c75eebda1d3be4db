"""WeChat Official Account: messages pushed by the platform (微信公众号 · 消息推送).

A channel's secret holds `token` and, for the encrypted modes, `encoding_aes_key` and `appid`. The plain signature
covers no byte of the body, so whoever saw one URL could replay it with another body: a secret that holds an
`encoding_aes_key` therefore refuses every body that is not encrypted under it, the clear copy of compatible mode
is never read, and plain mode exists only for a secret without a key.

Rules: WeChat's documents 消息推送, 消息加解密说明 (msg_signature, AES-256-CBC, PKCS7 to 32), 接收普通消息,
接收事件推送.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Surface
from heed.platforms import Forged, Reading, Request, Response, Secret, Verified, fields, signatures, wechat_envelope

_EVENTS = frozenset(
    {
        "subscribe",
        "unsubscribe",
        "scan",
        "location",
        "click",
        "view",
        "view_miniprogram",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
        "masssendjobfinish",
        "templatesendjobfinish",
        "card_pass_check",
        "card_not_pass_check",
        "user_get_card",
        "user_gifting_card",
        "user_del_card",
        "user_consume_card",
        "user_pay_from_pay_cell",
        "user_view_card",
        "user_enter_session_from_card",
        "update_member_card",
        "submit_membercard_user_info",
        "card_sku_remind",
        "card_pay_order",
        "qualification_verify_success",
        "qualification_verify_fail",
        "naming_verify_success",
        "naming_verify_fail",
        "annual_renew",
        "verify_expired",
        "wxa_media_check",
        "kf_create_session",
        "kf_close_session",
        "kf_switch_session",
        "user_enter_tempsession",
    }
)


class WeChat:
    """The adapter. Identity is MsgId, the conversation and the customer are the OpenID."""

    body_limit_bytes = 256 * 1024
    secret_fields = ("token",)
    optional_fields = ("encoding_aes_key", "appid")

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged. WeChat documents no replay window; a replayed message meets its own identity in the table."""
        query = signatures.parameters(request)
        encrypted = self.optional_fields
        if request.method == "GET":
            return signatures.any_of(secrets, self.secret_fields, lambda secret: _handshake(query, secret), encrypted)
        if request.method != "POST":
            raise Forged("method")
        return signatures.any_of(
            secrets, self.secret_fields, lambda secret: _delivery(query, request.body, secret), encrypted
        )

    def answer(self, verified: Verified) -> Response:
        """Anything but the challenge or `success` shows the customer an error (该公众号暂时无法提供服务)."""
        return Response(200, "success" if verified.challenge is None else verified.challenge)

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Raises Unreadable."""
        found = wechat_envelope.read(verified.content)
        return fields.one(lambda: _message(found, channel, received_at))


def _handshake(query: dict[str, str], secret: Secret) -> Verified:
    signatures.check_query(query, secret["token"])
    return Verified(b"", signatures.echo(query.get("echostr", "")))


def _delivery(query: dict[str, str], body: bytes, secret: Secret) -> Verified:
    if "encoding_aes_key" in secret:
        return Verified(wechat_envelope.opened_body(query, body, secret, "appid"))
    if query.get("encrypt_type", "raw") != "raw" or "msg_signature" in query:
        raise Forged("unconfigured")
    signatures.check_query(query, secret["token"])
    return Verified(body)


def _message(found: dict[str, object], channel: Channel, received_at: datetime) -> Message | str:
    kind = found.get("msgtype")
    if kind == "event":
        name = found.get("event")
        return fields.known(name.lower() if isinstance(name, str) else name, _EVENTS)
    if not isinstance(kind, str):
        raise fields.Misread("msgtype")
    if kind not in _KINDS:
        return "unknown"
    customer = fields.identity(found.get("fromusername"), "customer")
    return Message(
        channel=channel.name,
        id=fields.identity(found.get("msgid"), "id"),
        conversation=customer,
        customer=customer,
        author=Author.CUSTOMER,
        surface=Surface.DIRECT,
        text=_text(kind, found),
        sent_at=fields.moment(found.get("createtime")),
        received_at=received_at,
        attachments=_attachments(kind, found),
    )


# The field that holds what the customer said in words; a voice message has them if recognition is switched on.
_KINDS = {
    "text": "content",
    "image": None,
    "voice": "recognition",
    "video": None,
    "shortvideo": None,
    "location": None,
    "link": "description",
    "miniprogrampage": None,
}


def _text(kind: str, found: dict[str, object]) -> str:
    name = _KINDS[kind]
    return fields.text(found.get(name)) if name else ""


def _attachments(kind: str, found: dict[str, object]) -> tuple[Attachment, ...]:
    title = fields.line(found.get("title"))
    media = fields.reference(found.get("mediaid"))
    match kind:
        case "image":
            return (Attachment(AttachmentKind.IMAGE, fields.url(found.get("picurl")) or media),)
        case "voice":
            return (Attachment(AttachmentKind.VOICE, media),)
        case "video" | "shortvideo":
            return (Attachment(AttachmentKind.VIDEO, media),)
        case "location":
            return (fields.place(found.get("location_x"), found.get("location_y"), found.get("label")),)
        case "link":
            return (Attachment(AttachmentKind.LINK, fields.url(found.get("url")), title),)
        case "miniprogrampage":
            return (Attachment(AttachmentKind.CARD, fields.line(found.get("pagepath")), title),)
    return ()


ADAPTER = WeChat()
