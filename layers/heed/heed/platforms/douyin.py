"""Douyin: messages and comments to the accounts that authorised an application (抖音开放平台 · Webhooks).

A channel's secret holds `client_secret`: of a website or mobile application its client secret, of a mini-program the
signing key that is shown when its webhooks are switched on. The signature is plain SHA-1 over secret and body: it
covers no time, so a replayed message meets its own identity in the table, and whoever saw one body can sign a longer
one, which begins with the seen body and hash padding and so is never JSON.

An application has one URL for all its accounts, so every conversation begins with the account's open_id. Where both
ends are accounts of the brand, one server_message_id comes twice, as received by the one and as sent by the other: in
two conversations, so both are kept. A private conversation is `account:customer` and not the platform's
conversation_short_id, because im_recall_msg names the two ends and the message and nothing else, not even which end is
the account: it is reported in both. A group's is `account:conversation_short_id`, a comment's `account:item:first
comment`.

Own replies come as im_send_msg and im_group_send_msg. `source` is empty for what a person typed in the app, else the
client_key of the application that sent it, which is a bot's if the policy lists it. What Douyin itself answered by
keyword or as a welcome (scene_type 1 and 2) is a bot's too. Recalls in a group name no conversation that Heed could
find, and are ignored.

Rules: Douyin's documents Webhooks 概述 and 事件列表, 接收私信消息事件, 接收私信消息撤回事件, 接收评论回复事件.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Report, ReportKind, Surface
from heed.platforms import Forged, Reading, Request, Response, Secret, Unreadable, Verified, fields, signatures
from heed.values import Value, replace

_EVENTS = frozenset(
    {
        "verify_webhook",
        "im_enter_direct_msg",
        "im_message_read",
        "im_recall_msg",
        "im_authorize",
        "new_follow_action",
        "new_video_digg",
        "create_video",
        "authorize",
        "unauthorize",
        "contract_authorize",
        "contract_unauthorize",
        "union_auth_info_for_b",
        "union_auth_info_for_c",
        "group_fans_event",
        "enter_group_audit_change",
        "receive_msg",
        "enter_im",
        "dial_phone",
        "website_contact",
        "personal_tab_contact",
    }
)
_SENT = frozenset({"im_send_msg", "im_group_send_msg"})
_GROUP = frozenset({"im_group_receive_msg", "im_group_send_msg"})
_SAID = _SENT | _GROUP | {"im_receive_msg"}
# 关键词自动回复, 欢迎语.
_AUTOMATIC_SCENES = (1, 2)

_MEDIA = {
    "image": AttachmentKind.IMAGE,
    "user_local_image": AttachmentKind.IMAGE,
    "emoji": AttachmentKind.STICKER,
    "video": AttachmentKind.VIDEO,
    "user_local_video": AttachmentKind.VIDEO,
}


class _Push(Value):
    """One event: its envelope, and its content as a mapping."""

    event: str
    envelope: Mapping[str, object]
    content: Mapping[str, object]

    def end(self, side: str) -> str:
        return fields.identity(self.envelope.get(side), side)


class Douyin:
    """The adapter. A message's identity is its server_message_id, a comment's its comment_id."""

    body_limit_bytes = 256 * 1024
    secret_fields = ("client_secret",)
    optional_fields = ()

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged. The check of a new URL is signed like every other push, and so verified before it is
        answered."""

        def expected(secret: Secret) -> str:
            return signatures.keyed_hex("sha1", signatures.octets(secret["client_secret"]), request.body)

        found = signatures.signed_post(request, secrets, self.secret_fields, "x-douyin-signature", expected)
        return replace(found, challenge=_challenge(found.content))

    def answer(self, verified: Verified) -> Response:
        if verified.challenge is None:
            return Response(200, "")
        return Response(200, verified.challenge, "application/json")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Raises Unreadable."""
        envelope = fields.json_object(verified.content)
        return fields.whole(lambda: _read(envelope, channel, received_at))


def _challenge(body: bytes) -> str | None:
    """The answer to the check of a URL, None for any other push. Its integer stays one."""
    if b"verify_webhook" not in body:
        return None
    try:
        found = fields.json_object(body)
    except Unreadable:
        return None
    if found.get("event") != "verify_webhook":
        return None
    try:
        challenge = fields.embedded(found.get("content"), "content").get("challenge")
        fields.identity(challenge, "challenge")
    except fields.Misread as error:
        raise Forged("malformed") from error
    return json.dumps({"challenge": challenge}, separators=(",", ":"))


def _read(envelope: dict[str, object], channel: Channel, received_at: datetime) -> Sequence[fields.Found]:
    event = envelope.get("event")
    if not isinstance(event, str):
        raise fields.Misread("event")
    if event not in _SAID | {"item_comment_reply", "im_recall_msg"}:
        return [fields.known(event, _EVENTS)]
    push = _Push(event, envelope, fields.embedded(envelope.get("content"), "content"))
    if event == "im_recall_msg":
        return _recalled(push, channel, received_at)
    read = _comment if event == "item_comment_reply" else _said
    return [read(push, channel, received_at)]


def _said(push: _Push, channel: Channel, received_at: datetime) -> Message:
    """A private or a group message; whoever is at the end that the event's name tells is the account."""
    content, sent, group = push.content, push.event in _SENT, push.event in _GROUP
    account = push.end("from_user_id" if sent else "to_user_id")
    # What the brand says in a group is said to nobody in particular.
    customer = "" if sent and group else push.end("to_user_id" if sent else "from_user_id")
    place = fields.identity(content.get("conversation_short_id"), "conversation") if group else customer
    return Message(
        channel=channel.name,
        id=fields.identity(content.get("server_message_id"), "id"),
        conversation=fields.thread(account, place),
        customer=customer,
        author=_author(content, channel) if sent else Author.CUSTOMER,
        surface=Surface.DIRECT,
        text=_text(content),
        sent_at=fields.moment(content.get("create_time")),
        received_at=received_at,
        attachments=_attachments(content),
        author_name=_name(push),
    )


def _author(content: Mapping[str, object], channel: Channel) -> Author:
    source, scene = content.get("source"), content.get("scene_type")
    automatic = type(scene) is int and scene in _AUTOMATIC_SCENES
    return Author.BOT if automatic or (isinstance(source, str) and source in channel.bots) else Author.AGENT


def _text(content: Mapping[str, object]) -> str:
    """What was typed, or what was filled into the brand's card: `label: value`, a line each."""
    if content.get("message_type") != "retain_consult_card":
        return fields.text(content.get("text"))
    filled = [fields.mapping(one, "card") for one in fields.items(content.get("card_data"), "card")]
    lines = [(fields.line(one.get("label")), fields.text(one.get("value"))) for one in filled]
    return fields.text("\n".join(f"{label}: {value}" if label else value for label, value in lines if value))


def _attachments(content: Mapping[str, object]) -> tuple[Attachment, ...]:
    kind = content.get("message_type")
    if not isinstance(kind, str):
        raise fields.Misread("message_type")
    if kind == "retain_consult_card":
        return (Attachment(AttachmentKind.CARD, fields.reference(content.get("card_id"))),)
    if kind not in _MEDIA:
        return ()
    # A picture sent to a website application has no address: it is seen in the app alone.
    reference = fields.url(content.get("resource_url")) or fields.reference(content.get("item_id"))
    return (Attachment(_MEDIA[kind], reference),)


def _name(push: _Push) -> str:
    """The nickname of whoever said it."""
    for one in fields.items(push.content.get("user_infos"), "user_infos"):
        user = fields.mapping(one, "user_infos")
        if user.get("open_id") == push.envelope.get("from_user_id"):
            return fields.line(user.get("nick_name"))
    return ""


def _recalled(push: _Push, channel: Channel, received_at: datetime) -> Sequence[fields.Found]:
    """One report for each end that may be the account; of a message Heed never had, a report is without effect."""
    if not push.envelope.get("to_user_id") or push.content.get("conversation_type") not in (None, 1):
        return ["im_recall_msg"]
    ends = push.end("from_user_id"), push.end("to_user_id")
    told = push.content.get("create_time")
    return [
        Report(
            channel=channel.name,
            kind=ReportKind.WITHDRAWN,
            message=fields.identity(push.content.get("server_message_id"), "id"),
            conversation=fields.thread(account, customer),
            at=received_at if told is None else fields.moment(told),
            received_at=received_at,
        )
        for account, customer in (ends, ends[::-1])
    ]


def _comment(push: _Push, channel: Channel, received_at: datetime) -> Message:
    """A comment under the account's video; `parent_id` is the first one it stands under, itself being none."""
    content, account = push.content, push.end("to_user_id")
    comment = fields.identity(content.get("comment_id"), "id")
    item = fields.identity(content.get("reply_to_item_id"), "item")
    answered = fields.reference(content.get("reply_to_comment_id"))
    by = fields.identity(content.get("comment_user_id"), "comment_user_id")
    return Message(
        channel=channel.name,
        id=comment,
        conversation=fields.thread(account, item, fields.reference(content.get("parent_id")) or answered or comment),
        customer="" if by == account else by,
        author=Author.AGENT if by == account else Author.CUSTOMER,
        surface=Surface.COMMENT,
        text=fields.text(content.get("content")),
        sent_at=fields.moment(content.get("create_time")),
        received_at=received_at,
        reply_to=answered or item,
        author_name=fields.line(content.get("nick_name")),
    )


ADAPTER = Douyin()
