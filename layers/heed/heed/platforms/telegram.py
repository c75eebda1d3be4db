"""Telegram: what is said to a bot, in its groups, and to a business account that a bot helps.

A channel's secret holds `secret_token`, which every request shows in a header (Telegram signs nothing: whoever learns
the token can forge, so it belongs in no URL), and may hold `bot_id` for people to look up. One URL serves one bot: a
conversation is the chat, in a forum with its topic, of a business account after the connection's id. Identity is
`<chat>:<message_id>`, as message_id alone counts anew in each chat; a pressed button has its own id, its label (else
its data) for words, and no time but that of receipt. An album is as many messages.

Of the brand: a business account's own messages are an agent's, or a bot's where a bot or an automatic answer wrote
them. In groups an administrator who stays anonymous is the brand; a named one cannot be told from a member, nor is
anything pushed that the bot itself sends: for both the desk's record is the only proof. Posts of channels, and their
copies in a discussion group, answer nobody and are ignored; a comment under such a copy is a comment.

Edits are reported, withdrawals of a business account's chats only. Rules: Telegram Bot API (setWebhook, Update,
Message, CallbackQuery, BusinessMessagesDeleted).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Report, ReportKind, Surface
from heed.platforms import Reading, Request, Response, Secret, Verified, fields, signatures

_SAID = ("message", "business_message")
_EDITED = ("edited_message", "edited_business_message")
_EVENTS = (
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
)
# Messages that nobody wrote: the app tells what happened in the chat.
_SERVICE = (
    "new_chat_members",
    "left_chat_member",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
    "message_auto_delete_timer_changed",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
    "successful_payment",
    "refunded_payment",
    "users_shared",
    "chat_shared",
    "connected_website",
    "write_access_allowed",
    "passport_data",
    "proximity_alert_triggered",
    "boost_added",
    "chat_background_set",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "giveaway_created",
    "giveaway",
    "giveaway_winners",
    "giveaway_completed",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_participants_invited",
    "is_automatic_forward",
)
_MEDIA = {
    "animation": AttachmentKind.VIDEO,
    "audio": AttachmentKind.FILE,
    "document": AttachmentKind.FILE,
    "sticker": AttachmentKind.STICKER,
    "video": AttachmentKind.VIDEO,
    "video_note": AttachmentKind.VIDEO,
    "voice": AttachmentKind.VOICE,
}


class Telegram:
    """The adapter."""

    body_limit_bytes = 1024 * 1024
    secret_fields = ("secret_token",)
    optional_fields = ("bot_id",)

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged. The token is shown, not signed with; a replayed update meets its own identity in the table."""
        return signatures.signed_post(
            request,
            secrets,
            self.secret_fields,
            "x-telegram-bot-api-secret-token",
            lambda secret: secret["secret_token"],
            self.optional_fields,
        )

    def answer(self, verified: Verified) -> Response:
        """Nothing: JSON would be taken for a method to call."""
        return Response(200, "")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Raises Unreadable."""
        update = fields.json_object(verified.content)
        return fields.whole(lambda: _update(update, channel, received_at))


def _update(update: dict[str, object], channel: Channel, received_at: datetime) -> Sequence[fields.Found]:
    for name in _SAID:
        if name in update:
            return [_message(fields.mapping(update[name], name), channel, received_at)]
    for name in _EDITED:
        if name in update:
            return [_edit(fields.mapping(update[name], name), channel, received_at)]
    if "deleted_business_messages" in update:
        return _deletions(fields.mapping(update["deleted_business_messages"], "deleted"), channel, received_at)
    if "callback_query" in update:
        return [_pressed(fields.mapping(update["callback_query"], "callback_query"), channel, received_at)]
    return [next((name for name in _EVENTS if name in update), "unknown")]


def _chat(said: dict[str, object]) -> str:
    return fields.identity(fields.mapping(said.get("chat"), "chat").get("id"), "chat")


def _conversation(said: dict[str, object]) -> str:
    """The chat, after the connection of a business account, before the topic of a forum."""
    parts = [_chat(said)]
    if "business_connection_id" in said:
        parts.insert(0, fields.identity(said["business_connection_id"], "connection"))
    if fields.flag(said.get("is_topic_message"), "topic"):
        parts.append(fields.identity(said.get("message_thread_id"), "topic"))
    return fields.thread(*parts)


def _name(said: dict[str, object]) -> str:
    return fields.identity(f"{_chat(said)}:{fields.identity(said.get('message_id'), 'id')}", "id")


def _message(said: dict[str, object], channel: Channel, received_at: datetime) -> Message | str:
    silent = next((name for name in _SERVICE if name in said), "")
    if silent:
        return silent
    author, writer = _author(said, channel)
    answered = fields.optional(said.get("reply_to_message"), "reply_to")
    under_post = fields.flag(answered.get("is_automatic_forward"), "reply_to")
    mine = author is not Author.CUSTOMER
    return Message(
        channel=channel.name,
        id=_name(said),
        conversation=_conversation(said),
        customer=_chat(said) if mine and "business_connection_id" in said else "" if mine else writer,
        author=author,
        surface=Surface.COMMENT if under_post else Surface.DIRECT,
        text=_text(said),
        sent_at=fields.moment(said.get("date")),
        received_at=received_at,
        attachments=_attachments(said),
        # What is answered may lie in another chat, then it comes as external_reply.
        reply_to=_name({**answered, "chat": said["chat"]}) if answered else None,
        author_name=_full_name(said),
    )


def _author(said: dict[str, object], channel: Channel) -> tuple[Author, str]:
    """Who wrote it, and the id. A chat may write in place of a person: the group itself is its anonymous admin."""
    chat, speaker = _chat(said), fields.optional(said.get("sender_chat"), "sender")
    if speaker:
        writer = fields.identity(speaker.get("id"), "sender")
        return (Author.AGENT if writer == chat else Author.CUSTOMER), writer
    sender = fields.mapping(said.get("from"), "sender")
    writer = fields.identity(sender.get("id"), "sender")
    automatic = "sender_business_bot" in said or fields.flag(sender.get("is_bot"), "sender")
    if automatic or writer in channel.bots:
        return Author.BOT, writer
    if "business_connection_id" in said and writer != chat:
        # Sent while the owner was away: a greeting, an absence note, a scheduled message.
        return (Author.BOT if fields.flag(said.get("is_from_offline"), "sender") else Author.AGENT), writer
    return Author.CUSTOMER, writer


def _full_name(said: dict[str, object]) -> str:
    speaker = fields.optional(said.get("sender_chat"), "sender")
    sender = fields.optional(said.get("from"), "sender")
    names = [speaker.get("title")] if speaker else [sender.get("first_name"), sender.get("last_name")]
    return fields.line(" ".join(filter(None, map(fields.line, names))))


def _text(said: dict[str, object]) -> str:
    """The words, a caption, the title of a poll or the emoji of a thrown die."""
    for name, inner in (("poll", "question"), ("dice", "emoji"), ("game", "title")):
        if name in said:
            return fields.text(fields.mapping(said[name], name).get(inner))
    return fields.text(said.get("text", said.get("caption")))


def _edit(said: dict[str, object], channel: Channel, received_at: datetime) -> Report | str:
    if "location" in said:
        return "live_location"  # moves on by itself: nobody changed a word
    return Report(
        channel=channel.name,
        kind=ReportKind.EDITED,
        message=_name(said),
        conversation=_conversation(said),
        at=fields.moment(said.get("edit_date", said.get("date"))),
        received_at=received_at,
        text=_text(said),
    )


def _deletions(gone: dict[str, object], channel: Channel, received_at: datetime) -> Sequence[fields.Found]:
    conversation = _conversation(gone)
    return [
        Report(
            channel=channel.name,
            kind=ReportKind.WITHDRAWN,
            message=_name({**gone, "message_id": number}),
            conversation=conversation,
            at=received_at,
            received_at=received_at,
        )
        for number in fields.items(gone.get("message_ids"), "id")
    ]


def _pressed(query: dict[str, object], channel: Channel, received_at: datetime) -> Message | str:
    sender = fields.mapping(query.get("from"), "sender")
    shown = fields.optional(query.get("message"), "message")
    if not shown:
        return "callback_query"  # under a message the bot sent in somebody else's chat
    return Message(
        channel=channel.name,
        id=fields.identity(f"callback:{fields.identity(query.get('id'), 'id')}", "id"),
        conversation=_conversation(shown),
        customer=fields.identity(sender.get("id"), "sender"),
        author=Author.CUSTOMER,
        surface=Surface.DIRECT,
        text=_label(shown, query.get("data")),
        sent_at=received_at,
        received_at=received_at,
        reply_to=_name(shown),
        author_name=_full_name({"from": sender}),
    )


def _label(shown: dict[str, object], data: object) -> str:
    """What stood on the pressed button, or, unseen, what it stands for."""
    rows = fields.items(fields.optional(shown.get("reply_markup"), "markup").get("inline_keyboard"), "markup")
    buttons = [fields.mapping(item, "markup") for row in rows for item in fields.items(row, "markup")]
    pressed = next((one for one in buttons if data is not None and one.get("callback_data") == data), None)
    return fields.text(pressed.get("text") if pressed else data)


def _attachments(said: dict[str, object]) -> tuple[Attachment, ...]:
    """What the message shows beside words; a type of tomorrow is a message all the same."""
    found: list[Attachment] = []
    sizes = fields.items(said.get("photo"), "photo")
    if sizes:  # the same picture in several sizes, the largest last
        found.append(Attachment(AttachmentKind.IMAGE, _file(sizes[-1])))
    for name, kind in _MEDIA.items():
        # An animation comes as a document too, for older apps.
        if name in said and not (name == "document" and "animation" in said):
            title = fields.line(fields.mapping(said[name], name).get("file_name"))
            found.append(Attachment(kind, _file(said[name]), title))
    if "location" in said or "venue" in said:
        venue = fields.optional(said.get("venue"), "venue")
        where = fields.mapping(said.get("location", venue.get("location")), "location")
        found.append(fields.place(where.get("latitude"), where.get("longitude"), venue.get("title")))
    if "contact" in said:
        person = fields.mapping(said["contact"], "contact")
        found.append(Attachment(AttachmentKind.CARD, "", fields.line(person.get("first_name"))))
    return tuple(found)


def _file(value: object) -> str:
    return fields.reference(fields.mapping(value, "file").get("file_id"))


ADAPTER = Telegram()
