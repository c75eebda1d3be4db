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
from heed.platforms import Forged, Reading, Request, Response, Secret, Unreadable, Verified, fields, signatures

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

_BLOCK = 32


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
        found = _fields(verified.content)
        return fields.one(lambda: _message(found, channel, received_at))


def _handshake(query: dict[str, str], secret: Secret) -> Verified:
    _check_signature(query, secret)
    return Verified(b"", signatures.echo(query.get("echostr", "")))


def _check_signature(query: dict[str, str], secret: Secret) -> None:
    expected = signatures.sorted_sha1(secret["token"], query.get("timestamp", ""), query.get("nonce", ""))
    if not signatures.same(expected, query.get("signature", "")):
        raise Forged("signature")


def _delivery(query: dict[str, str], body: bytes, secret: Secret) -> Verified:
    if "encoding_aes_key" in secret:
        return Verified(_decrypted(query, body, secret))
    if query.get("encrypt_type", "raw") != "raw" or "msg_signature" in query:
        raise Forged("unconfigured")
    _check_signature(query, secret)
    return Verified(body)


def _decrypted(query: dict[str, str], body: bytes, secret: Secret) -> bytes:
    """The message inside a safe or compatible body: msg_signature first, then the key, then the appid."""
    key = signatures.from_base64(secret["encoding_aes_key"] + "=")
    if key is None or len(key) != 32 or "appid" not in secret:
        raise Forged("unconfigured")
    if "msg_signature" not in query:
        raise Forged("unencrypted")
    sealed = _sealed(body)
    expected = signatures.sorted_sha1(secret["token"], query.get("timestamp", ""), query.get("nonce", ""), sealed)
    if not signatures.same(expected, query["msg_signature"]):
        raise Forged("signature")
    return _opened(sealed, key, secret["appid"])


def _sealed(body: bytes) -> str:
    """The Encrypt field of a body that nothing vouches for yet."""
    try:
        sealed = _fields(body).get("encrypt")
    except Unreadable as error:
        raise Forged("malformed") from error
    if not isinstance(sealed, str):
        raise Forged("unencrypted")
    return sealed


def _opened(sealed: str, key: bytes, appid: str) -> bytes:
    """random(16), length(4, big-endian), message, appid, PKCS7 to 32; AES-256-CBC, iv = key[:16]."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    secret_text = signatures.from_base64(sealed)
    if not secret_text or len(secret_text) % 16:
        raise Forged("encryption")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    padded = decryptor.update(secret_text) + decryptor.finalize()
    pad = padded[-1]
    # A sealed text signed with our token, so a wrong pad means a wrong key and tells a stranger nothing.
    if not 1 <= pad <= _BLOCK or padded[-pad:] != bytes([pad]) * pad:
        raise Forged("encryption")
    plain = padded[16:-pad]
    end = 4 + int.from_bytes(plain[:4], "big")
    if not signatures.same(plain[end:].decode("utf-8", "replace"), appid):
        raise Forged("appid")
    return plain[4:end]


def _fields(content: bytes) -> dict[str, object]:
    """The body's fields by lower-case name (the documents spell both MsgId and MsgID), from XML or JSON.

    The first byte decides, since the Content-Type does not. Raises Unreadable.
    """
    if content.lstrip()[:1] == b"<":
        return _xml_fields(content)
    return {name.lower(): value for name, value in fields.json_object(content).items()}


def _xml_fields(content: bytes) -> dict[str, object]:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        # As str: a declared encoding other than UTF-8 is then without effect.
        root = fromstring(content.decode(), forbid_dtd=True)
    except UnicodeDecodeError as error:
        raise Unreadable("encoding") from error
    except DefusedXmlException as error:
        raise Unreadable("dtd") from error
    except (ParseError, ValueError) as error:
        raise Unreadable("xml") from error
    found: dict[str, object] = {}
    for child in root:
        found.setdefault(child.tag.lower(), child.text or "")
    return found


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
