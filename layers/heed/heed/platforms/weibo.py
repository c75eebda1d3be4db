"""Weibo: private messages and mentions pushed by the fans' service (微博 · 消息推送服务).

A channel's secret holds `app_secret`, the AppSecret of the application the account's developer mode names. The
signature covers no byte of the body: whoever saw one URL could send another body under it, and nothing in the protocol
tells the two apart. So keep the URL to yourself, as one keeps a password.

Weibo gives a message no id: its identity is made of sender, time, type and a hash of what was said, so that a retry is
the same message. A private message's conversation is `receiver:sender`; a mention stands in one of its own,
`receiver:sender:status`. What the brand answers is never pushed: only the desk's record stops the clock.

Rules: the Weibo wiki's 消息推送服务, 接收普通消息, 接收事件推送 and 微信XML格式兼容 (an account may be switched to a
body like WeChat's, in which times are unix seconds and MsgId is empty).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Surface
from heed.platforms import Forged, Reading, Request, Response, Secret, Verified, fields, signatures, wechat_envelope

_EVENTS = frozenset({"follow", "unfollow", "subscribe", "unsubscribe", "scan", "scan_follow", "click", "view"})
_MENTIONED = frozenset({"status", "comment"})

# Fixed English names: the platform writes them whatever the locale of this process is.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME = re.compile(
    rf"[A-Z][a-z]{{2}} ({'|'.join(_MONTHS)}) ([0-9]{{2}}) ([0-9]{{2}}):([0-9]{{2}}):([0-9]{{2}}) "
    r"([+-])([0-9]{2})([0-9]{2}) ([0-9]{4})"
)

# Of these the text is the platform's own wording ("sent a picture"), nothing that the customer wrote.
_MEDIA = {"image": AttachmentKind.IMAGE, "voice": AttachmentKind.VOICE}
_KINDS = frozenset({"text", "position", "mention", *_MEDIA})


class Weibo:
    """The adapter, for both formats: the body's first byte tells XML from JSON."""

    body_limit_bytes = 256 * 1024
    secret_fields = ("app_secret",)
    optional_fields = ()

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged. Weibo documents no replay window; a replayed message meets its own identity in the table."""
        query = signatures.parameters(request)
        if request.method not in ("GET", "POST"):
            raise Forged("method")

        def check(secret: Secret) -> Verified:
            signatures.check_query(query, secret["app_secret"])
            if request.method == "GET":
                return Verified(b"", signatures.echo(query.get("echostr", "")))
            return Verified(request.body)

        return signatures.any_of(secrets, self.secret_fields, check)

    def answer(self, verified: Verified) -> Response:
        """An empty body is "no reply, and do not try again"; any other would be sent to the customer."""
        return Response(200, verified.challenge or "")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Raises Unreadable."""
        push = _as_json(wechat_envelope.read(verified.content))
        return fields.one(lambda: _message(push, channel, received_at))


def _as_json(found: dict[str, object]) -> dict[str, object]:
    """A push under the names of the JSON format, whichever it came in."""
    if "msgtype" not in found:
        return found
    kind = found["msgtype"]
    data = {
        "subtype": found.get("event"),
        "key": found.get("eventkey"),
        "tovfid": found.get("mediaid"),
        "latitude": found.get("location_x"),
        "longitude": found.get("location_y"),
        "label": found.get("label"),
    }
    return {
        "type": "position" if kind == "location" else kind,
        "receiver_id": found.get("tousername"),
        "sender_id": found.get("fromusername"),
        "created_at": found.get("createtime"),
        "text": found.get("content"),
        "data": data,
    }


def _message(push: dict[str, object], channel: Channel, received_at: datetime) -> Message | str:
    kind = push.get("type")
    if not isinstance(kind, str):
        raise fields.Misread("type")
    data = {} if kind == "text" else _data(push)
    if kind == "event":
        subtype = data.get("subtype")
        return fields.known(subtype.lower() if isinstance(subtype, str) else subtype, _EVENTS)
    if kind not in _KINDS:
        return "unknown"
    brand, customer = (
        fields.identity(push.get("receiver_id"), "receiver"),
        fields.identity(push.get("sender_id"), "sender"),
    )
    sent_at = _moment(push.get("created_at"))
    text = fields.text(push.get("text")) if kind in ("text", "mention") else ""
    attachments = _attachments(kind, data)
    mentioned = (attachments[0].reference if attachments else "mention",) if kind == "mention" else ()
    return Message(
        channel=channel.name,
        id=_identity(customer, sent_at, kind, text, *(part.reference for part in attachments)),
        conversation=fields.thread(brand, customer, *mentioned),
        customer=customer,
        author=Author.CUSTOMER,
        surface=Surface.MENTION if kind == "mention" else Surface.DIRECT,
        text=text,
        sent_at=sent_at,
        received_at=received_at,
        attachments=attachments,
    )


def _data(push: dict[str, object]) -> dict[str, object]:
    """The type's own fields; some pushes hold them as text, or hold none."""
    data = push.get("data")
    return {} if data is None or data == "" else fields.embedded(data, "data")


def _attachments(kind: str, data: Mapping[str, object]) -> tuple[Attachment, ...]:
    if kind == "position":
        return (fields.place(data.get("latitude"), data.get("longitude"), data.get("label")),)
    if kind in _MEDIA:
        # The receiver's own copy of the file is the one its access token may fetch.
        return (Attachment(_MEDIA[kind], fields.reference(data.get("tovfid") or data.get("vfid"))),)
    if kind == "mention" and data.get("key"):
        # Where it was said: the id of the status or the comment.
        named = fields.known(data.get("subtype"), _MENTIONED)
        return (Attachment(AttachmentKind.CARD, fields.reference(data["key"]), named.replace("unknown", "")),)
    return ()


def _identity(sender: str, sent_at: datetime, kind: str, *said: str) -> str:
    """The clock shows whole seconds, so two quick messages differ by what they say alone."""
    digest = hashlib.sha256(b"\0".join(map(signatures.octets, (sender, *said)))).hexdigest()
    return f"{int(sent_at.timestamp())}:{kind}:{digest}"


def _moment(value: object) -> datetime:
    """`Thu Jan 01 12:03:32 +0800 2026`, or the XML format's unix seconds."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return fields.moment(value)
    month, sign = _MONTHS.index(found[1]) + 1, -1 if found[6] == "-" else 1
    day, hour, minute, second, ahead_hours, ahead_minutes, year = (int(found[n]) for n in (2, 3, 4, 5, 7, 8, 9))
    try:
        zone = timezone(sign * timedelta(hours=ahead_hours, minutes=ahead_minutes))
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise fields.Misread("time") from error


ADAPTER = Weibo()
