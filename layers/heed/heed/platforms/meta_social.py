"""Messenger and Instagram: direct messages, postbacks, echoes, and comments under Page posts and media.

Rules: Messenger Platform webhook events (messages, message-echoes, postbacks, standby), Instagram webhooks
(comments, live_comments), Webhooks for Pages (feed).
"""

from __future__ import annotations

from datetime import datetime

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Report, ReportKind, Surface
from heed.platforms import fields
from heed.values import Value

# Events of entry[].messaging[] and standby[] that nobody said.
_EVENTS = (
    "read",
    "delivery",
    "reaction",
    "optin",
    "referral",
    "account_linking",
    "policy_enforcement",
    "pass_thread_control",
    "take_thread_control",
    "request_thread_control",
    "messaging_feedback",
)
_FEED = frozenset({"post", "status", "photo", "video", "reaction", "share", "like", "album", "event", "note"})
_VERBS = {verb: f"comment_{verb}" for verb in ("hide", "unhide")}
# A comment that is removed, by its author or by the brand, needs no answer any more.
_REPORTS = {"edit": ReportKind.EDITED, "edited": ReportKind.EDITED, "remove": ReportKind.WITHDRAWN}

_KINDS = {
    "image": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "audio": AttachmentKind.VOICE,
    "file": AttachmentKind.FILE,
    "template": AttachmentKind.CARD,
    "sticker": AttachmentKind.STICKER,
}


def direct(event: dict[str, object], entry: dict[str, object], channel: Channel, received_at: datetime) -> fields.Found:
    """One item of messaging[] or standby[]; a thread another app holds counts all the same."""
    edit = fields.optional(event.get("message_edit"), "message_edit")
    said = edit or fields.optional(event.get("message"), "message")
    silent = _silent(event, said)
    if silent:
        return silent
    account = fields.identity(entry.get("id"), "account")
    sender, recipient = _end(event, "sender"), _end(event, "recipient")
    if sender == recipient:
        return "message_self"
    echo = fields.flag(said.get("is_echo"), "is_echo") or sender == account
    customer = recipient if echo else sender
    if edit or fields.flag(said.get("is_deleted"), "is_deleted"):
        return Report(
            channel=channel.name,
            kind=ReportKind.EDITED if edit else ReportKind.WITHDRAWN,
            message=fields.identity(said.get("mid"), "id"),
            conversation=fields.thread(account, customer),
            at=fields.moment(event.get("timestamp")),
            received_at=received_at,
            text=fields.text(edit.get("text")),
        )
    identity, words = (said.get("mid"), said.get("text")) if said else _postback(event, sender)
    reply_to = fields.optional(said.get("reply_to"), "reply_to")
    return Message(
        channel=channel.name,
        id=fields.identity(identity, "id"),
        conversation=fields.thread(account, customer),
        customer=customer,
        author=_author(said, channel) if echo else Author.CUSTOMER,
        surface=Surface.DIRECT,
        text=fields.text(words),
        sent_at=fields.moment(event.get("timestamp")),
        received_at=received_at,
        attachments=_attachments(said, reply_to),
        reply_to=fields.identity(reply_to["mid"], "reply_to") if "mid" in reply_to else None,
    )


def _silent(event: dict[str, object], said: dict[str, object]) -> str:
    """The name of an event in which nobody said anything to anybody else."""
    if not any(name in event for name in ("message", "message_edit", "postback")):
        return next((name for name in _EVENTS if name in event), "unknown")
    return "message_self" if fields.flag(said.get("is_self"), "self") else ""


def _end(event: dict[str, object], side: str) -> str:
    return fields.identity(fields.mapping(event.get(side), side).get("id"), side)


def _postback(event: dict[str, object], sender: str) -> tuple[object, object]:
    """A pressed button: its title is what the customer said. Older versions send no mid."""
    postback = fields.mapping(event.get("postback"), "postback")
    title = postback.get("title", postback.get("payload"))
    if "mid" in postback:
        return postback["mid"], title
    return f"postback:{sender}:{fields.moment(event.get('timestamp')).timestamp():.3f}", title


def _author(said: dict[str, object], channel: Channel) -> Author:
    """The app that sent an echo tells a bot from a person: the Page inbox has Meta's own app id."""
    app = said.get("app_id")
    return Author.BOT if app is not None and fields.identity(app, "app_id") in channel.bots else Author.AGENT


def _attachments(said: dict[str, object], reply_to: dict[str, object]) -> tuple[Attachment, ...]:
    found = [_attachment(item) for item in fields.items(said.get("attachments"), "attachments")]
    if "story" in reply_to:
        story = fields.mapping(reply_to["story"], "reply_to")
        found.append(Attachment(AttachmentKind.LINK, fields.url(story.get("url")), "story"))
    return tuple(found[: fields.ATTACHMENT_LIMIT])


def _attachment(item: object) -> Attachment:
    part = fields.mapping(item, "attachments")
    kind = part.get("type")
    payload = fields.optional(part.get("payload"), "attachments")
    if kind == "location":
        where = fields.mapping(payload.get("coordinates"), "location")
        return fields.place(where.get("lat"), where.get("long"), part.get("title"))
    found = _KINDS.get(kind, AttachmentKind.LINK) if isinstance(kind, str) else AttachmentKind.LINK
    if "sticker_id" in payload:
        found = AttachmentKind.STICKER
    address = fields.url(payload.get("url")) or fields.url(part.get("url"))
    return Attachment(found, address, fields.line(payload.get("title", part.get("title"))))


def page_comment(
    value: dict[str, object], entry: dict[str, object], channel: Channel, received_at: datetime
) -> fields.Found:
    """A comment under a Page's post, or what became of one; posts, reactions and all else are ignored."""
    item, verb = value.get("item"), value.get("verb")
    if item != "comment":
        return fields.known(item, _FEED)
    if not isinstance(verb, str) or verb not in {"add", *_REPORTS}:
        return _VERBS.get(verb, "unknown") if isinstance(verb, str) else "unknown"
    if verb in _REPORTS:
        return _comment_report(_REPORTS[verb], value, entry, channel, received_at)
    photo = fields.url(value.get("photo"))
    return _comment(
        _Comment(
            id=fields.identity(value.get("comment_id"), "id"),
            post=fields.identity(value.get("post_id"), "post"),
            parent=value.get("parent_id"),
            by=value.get("from"),
            text=fields.text(value.get("message")),
            sent_at=fields.moment(value.get("created_time")),
            attachments=(Attachment(AttachmentKind.IMAGE, photo),) if photo else (),
        ),
        entry,
        channel,
        received_at,
    )


def instagram_comment(
    value: dict[str, object], entry: dict[str, object], channel: Channel, received_at: datetime
) -> Message | str:
    """A comment under a medium; the entry's time is the only one it has."""
    return _comment(
        _Comment(
            id=fields.identity(value.get("id"), "id"),
            post=fields.identity(fields.mapping(value.get("media"), "post").get("id"), "post"),
            parent=value.get("parent_id"),
            by=value.get("from"),
            text=fields.text(value.get("text")),
            sent_at=fields.moment(entry.get("time")),
        ),
        entry,
        channel,
        received_at,
    )


class _Comment(Value):
    """What Page and Instagram comments have in common; `by` and `parent` as sent."""

    id: str
    post: str
    parent: object
    by: object
    text: str
    sent_at: datetime
    attachments: tuple[Attachment, ...] = ()


def _comment(comment: _Comment, entry: dict[str, object], channel: Channel, received_at: datetime) -> Message:
    account = fields.identity(entry.get("id"), "account")
    # Missing without the right permission: of an unknown author no clock may start, so it goes to quarantine.
    by = fields.mapping(comment.by, "from")
    author = fields.identity(by.get("id"), "from")
    own = author == account
    above = comment.post if comment.parent is None else fields.identity(comment.parent, "parent")
    return Message(
        channel=channel.name,
        id=comment.id,
        conversation=_under(account, comment.post, above, comment.id),
        customer="" if own else author,
        author=Author.AGENT if own else Author.CUSTOMER,
        surface=Surface.COMMENT,
        text=comment.text,
        sent_at=comment.sent_at,
        received_at=received_at,
        attachments=comment.attachments,
        reply_to=above,
        author_name=fields.line(by.get("name", by.get("username"))),
    )


def _under(account: str, post: str, above: str, comment: str) -> str:
    """The conversation of a comment: that of the first one it stands under, or its own."""
    return fields.thread(account, post, comment if above == post else above)


def _comment_report(
    kind: ReportKind, value: dict[str, object], entry: dict[str, object], channel: Channel, received_at: datetime
) -> Report:
    comment, post = fields.identity(value.get("comment_id"), "id"), fields.identity(value.get("post_id"), "post")
    above = fields.identity(value.get("parent_id", post), "parent")
    return Report(
        channel=channel.name,
        kind=kind,
        message=comment,
        conversation=_under(fields.identity(entry.get("id"), "account"), post, above, comment),
        # The entry's time is that of the change; created_time may still be that of the comment.
        at=fields.moment(entry.get("time", value.get("created_time"))),
        received_at=received_at,
        text=fields.text(value.get("message")) if kind is ReportKind.EDITED else "",
    )
