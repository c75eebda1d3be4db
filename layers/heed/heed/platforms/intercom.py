"""Intercom: conversations of contacts with the brand's team, whatever channel they came by.

A channel's secret holds `client_secret`, the app's. Intercom signs no time; a replayed notification meets its message's
own identity in the table. A message is a conversation's part, the one that began it its source; a conversation is
`workspace:conversation`. A notification may hold older parts: the newest of its topic's own authors counts.

A teammate's reply is an answer, also the message by which a teammate begins a conversation; Fin, bots, teammates in
the policy's `bots` and a part that an AI agent wrote for a teammate are a bot's. Notes are nobody's message. Words
are HTML, so tags go and images become attachments. A part that is redacted is withdrawn. That a conversation was
deleted names no message, and tickets have shapes of their own: ignored.

Rules: Intercom's documents Setting up webhooks (X-Hub-Signature), Webhook topics, Conversation model.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from heed.model import Author, Channel, Message, Report, ReportKind, Surface
from heed.platforms import Reading, Request, Response, Secret, Verified, fields, markup, signatures

_CONTACTS = frozenset({"user", "lead", "contact", "visitor"})
_TEAM = frozenset({"admin", "team", "teammate", "bot", "operator"})
_BOTS = ("bot", "operator")
# What a topic tells of: the message that began the conversation or a part of it, and by whom.
_SOURCES = {"conversation.user.created": _CONTACTS, "conversation.admin.single.created": _TEAM}
_PARTS = {
    "conversation.user.replied": _CONTACTS,
    "conversation.admin.replied": _TEAM,
    "conversation.operator.replied": _TEAM,
}
# fmt: off
_TOPICS = frozenset({
    "company.created", "company.deleted", "company.updated", "contact.archived", "contact.attribute_archived",
    "contact.deleted", "contact.email.updated", "contact.lead.added_email", "contact.lead.created",
    "contact.lead.signed_up", "contact.lead.updated", "contact.merged", "contact.subscribed", "contact.unsubscribed",
    "contact.user.created", "contact.user.updated", "conversation.admin.assigned", "conversation.admin.closed",
    "conversation.admin.noted", "conversation.admin.open.assigned", "conversation.admin.opened",
    "conversation.admin.snoozed", "conversation.admin.unsnoozed", "conversation.company.updated",
    "conversation.contact.attached", "conversation.contact.detached", "conversation.deleted",
    "conversation.priority.updated", "conversation.rating.added", "conversation.read", "conversation_part.tag.created",
    "event.created", "ping", "ticket.admin.assigned", "ticket.admin.replied", "ticket.attribute.updated",
    "ticket.contact.replied", "ticket.created", "ticket.note.created", "ticket.state.updated", "ticket.team.assigned",
    "visitor.signed_up",
})
# fmt: on


class Intercom:
    """The adapter."""

    body_limit_bytes = 2 * 1024 * 1024
    secret_fields = ("client_secret",)
    optional_fields = ()

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged."""

        def expected(secret: Secret) -> str:
            return "sha1=" + signatures.hmac_hex(secret["client_secret"], request.body, "sha1")

        return signatures.signed_post(request, secrets, self.secret_fields, "x-hub-signature", expected)

    def answer(self, verified: Verified) -> Response:
        return Response(200, "")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Raises Unreadable."""
        body = fields.json_object(verified.content)
        return fields.whole(lambda: _found(body, channel, received_at))


def _found(body: dict[str, object], channel: Channel, received_at: datetime) -> Sequence[fields.Found]:
    topic = body.get("topic")
    if not isinstance(topic, str):
        raise fields.Misread("topic")
    if topic not in _SOURCES and topic not in _PARTS and topic != "conversation_part.redacted":
        return [fields.known(topic, _TOPICS)]
    item = fields.mapping(fields.mapping(body.get("data"), "data").get("item"), "item")
    conversation = fields.thread(fields.identity(body.get("app_id"), "app_id"), fields.identity(item.get("id"), "id"))
    if topic in _SOURCES or topic in _PARTS:
        said = _begun(item, _SOURCES[topic]) if topic in _SOURCES else _newest(item, _PARTS[topic])
        return [_message(said, item, conversation, channel, received_at)]
    at = fields.moment(body.get("created_at"))
    return [
        Report(
            channel.name, ReportKind.WITHDRAWN, fields.identity(part.get("id"), "part"), conversation, at, received_at
        )
        for part in _redacted(item)
    ]


def _begun(item: dict[str, object], authors: frozenset[str]) -> dict[str, object]:
    """The message that began a conversation; after another's, such as a greeting, the first answer to it."""
    source = fields.mapping(item.get("source"), "source")
    return {"created_at": item.get("created_at"), **source} if _kind(source) in authors else _newest(item, authors)


def _parts(item: dict[str, object]) -> list[dict[str, object]]:
    listed = fields.optional(item.get("conversation_parts"), "conversation_parts").get("conversation_parts")
    return [fields.mapping(part, "part") for part in fields.items(listed, "conversation_parts")]


def _newest(item: dict[str, object], authors: frozenset[str]) -> dict[str, object]:
    """The last part that one of these said; of several at one time the later in the list."""
    said = [part for part in _parts(item) if part.get("part_type") != "note" and _kind(part) in authors]
    if not said:
        raise fields.Misread("part")
    return max(reversed(said), key=lambda part: fields.moment(part.get("created_at")))


def _redacted(item: dict[str, object]) -> list[dict[str, object]]:
    """The parts that are marked as redacted, the source among them; where none is, the notification is of its one."""
    source = fields.optional(item.get("source"), "source")
    parts = _parts(item)
    marked = [part for part in (source, *parts) if fields.flag(part.get("redacted"), "redacted")]
    if not marked and len(parts) != 1:
        raise fields.Misread("part")
    return marked or parts


def _kind(said: dict[str, object]) -> str:
    kind = fields.mapping(said.get("author"), "author").get("type")
    return kind if isinstance(kind, str) else ""


def _message(
    said: dict[str, object], item: dict[str, object], conversation: str, channel: Channel, received_at: datetime
) -> Message:
    person = fields.mapping(said.get("author"), "author")
    by = fields.identity(person.get("id"), "author")
    words = markup.read(said.get("body"))
    files = fields.files(said.get("attachments"), "content_type", "url", "name")
    contact = _kind(said) in _CONTACTS
    return Message(
        channel=channel.name,
        id=fields.identity(said.get("id"), "id"),
        conversation=conversation,
        customer=by if contact else _customer(item),
        author=Author.CUSTOMER if contact else _author(person, by, channel),
        surface=Surface.DIRECT,
        text=words.text,
        sent_at=fields.moment(said.get("created_at")),
        received_at=received_at,
        attachments=(*files, *words.images)[: fields.ATTACHMENT_LIMIT],
        author_name=fields.line(person.get("name")),
    )


def _author(person: dict[str, object], by: str, channel: Channel) -> Author:
    automatic = person.get("type") in _BOTS or by in channel.bots
    return Author.BOT if automatic or fields.flag(person.get("from_ai_agent"), "from_ai_agent") else Author.AGENT


def _customer(item: dict[str, object]) -> str:
    """Whom a teammate wrote to: the conversation's first contact, unknown where none is named."""
    listed = fields.optional(item.get("contacts"), "contacts").get("contacts")
    found = fields.items(listed, "contacts") or [item.get("user")]
    return fields.reference(fields.optional(found[0], "contacts").get("id"))


ADAPTER = Intercom()
