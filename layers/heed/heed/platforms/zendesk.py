"""Zendesk: the public comments of tickets, whatever channel they came by.

A channel's secret holds `signing_secret`, the webhook's. Zendesk signs time and body and documents neither a window
nor whether a retry is signed anew, so the window is an hour: wide enough for any retry of its, narrow enough that what
somebody copied is soon worthless; within it a replayed comment meets its own identity in the table.

Two kinds of webhook are read. One that is subscribed to events: ticket.comment_added, whose author is staff or not; a
private comment is no answer. One that triggers call, with this body (a trigger for "comment is public, by an end user"
and one for "by an agent"; `author` is "customer", "agent" or "bot"):

    {"type": "heed.comment", "account_id": "12345", "ticket_id": "{{ticket.id}}", "author": "customer",
     "author_id": "{{current_user.id}}", "author_name"?: "{{current_user.name}}",
     "requester_id"?: "{{ticket.requester.id}}", "time": "{{ticket.updated_at_with_timestamp}}",
     "text": "{{ticket.latest_public_comment}}" or "html": "{{ticket.latest_public_comment_html}}"}

Placeholders have no id of a comment: without a `comment_id` it is a hash of ticket, author, time (to the minute, as
Zendesk writes it) and words. A conversation is `account:ticket`. An agent's public comment is a reply; Zendesk's own
(author -1) and those of authors in the policy's `bots` are a bot's. That a comment was redacted or made private is
ignored: neither takes back what the customer needs.

Rules: Zendesk's documents Verifying webhook authenticity, Ticket events (webhooks), Placeholders reference.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from heed.model import Attachment, Author, Channel, Message, Surface
from heed.platforms import Forged, Reading, Request, Response, Secret, Verified, fields, signatures

_WINDOW_SECONDS = 3600
_PREFIX = "zen:event-type:"
# fmt: off
_EVENTS = frozenset({
    "ticket.agent_assignment_changed", "ticket.attachment_linked_to_comment", "ticket.attachment_redacted_from_comment",
    "ticket.brand_changed", "ticket.comment_made_private", "ticket.comment_redacted", "ticket.created",
    "ticket.csat_received", "ticket.csat_requested", "ticket.custom_field_changed", "ticket.custom_status_changed",
    "ticket.description_changed", "ticket.email_ccs_changed", "ticket.external_id_changed", "ticket.followers_changed",
    "ticket.form_changed", "ticket.group_assignment_changed", "ticket.marked_as_spam", "ticket.merged",
    "ticket.next_sla_breach_changed", "ticket.ola_policy_changed", "ticket.organization_changed",
    "ticket.permanently_deleted", "ticket.priority_changed", "ticket.problem_link_changed", "ticket.requester_changed",
    "ticket.schedule_changed", "ticket.sla_policy_changed", "ticket.soft_deleted", "ticket.status_changed",
    "ticket.subject_changed", "ticket.submitter_changed", "ticket.tags_changed", "ticket.task_due_at_changed",
    "ticket.type_changed", "ticket.undeleted",
})
# fmt: on
_FAMILIES = ("article", "agent", "community_post", "messaging_ticket", "omnichannel_config", "organization", "user")
_AUTHORS = {"customer": Author.CUSTOMER, "agent": Author.AGENT, "bot": Author.BOT}
_SYSTEM = "-1"


class Zendesk:
    """The adapter."""

    body_limit_bytes = 1024 * 1024
    secret_fields = ("signing_secret",)
    optional_fields = ()

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged. Nothing stands between the time (ISO 8601) and the body."""
        names = ("x-zendesk-webhook-signature-timestamp", "x-zendesk-webhook-signature")
        timestamp, signed = signatures.posted(request, *names)
        content = signatures.octets(timestamp) + request.body

        def check(secret: Secret) -> None:
            key = signatures.octets(secret["signing_secret"])
            if not signatures.same(signatures.hmac_base64(key, content), signed):
                raise Forged("signature")

        signatures.any_of(secrets, self.secret_fields, check)
        if not _fresh(timestamp, now):
            raise Forged("stale")
        return Verified(request.body)

    def answer(self, verified: Verified) -> Response:
        return Response(200, "")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Raises Unreadable."""
        body = fields.json_object(verified.content)
        return fields.one(lambda: _found(body, channel, received_at))


def _fresh(timestamp: str, now: datetime) -> bool:
    try:
        return abs((now - fields.moment(timestamp)).total_seconds()) <= _WINDOW_SECONDS
    except fields.Misread:
        return False


def _found(body: dict[str, object], channel: Channel, received_at: datetime) -> Message | str:
    kind = body.get("type")
    if not isinstance(kind, str):
        raise fields.Misread("type")
    if kind == "heed.comment":
        return _triggered(body, channel, received_at)
    name = kind.removeprefix(_PREFIX)
    if name != "ticket.comment_added":
        family = name.partition(".")[0]
        return family if family in _FAMILIES else fields.known(name, _EVENTS)
    comment = fields.mapping(fields.mapping(body.get("event"), "event").get("comment"), "comment")
    # Whether it is an answer hangs on these two: absent, they are not guessed.
    if not _sure(comment.get("is_public"), "is_public"):
        return "private_comment"
    return _comment(body, comment, channel, received_at)


def _sure(value: object, reason: str) -> bool:
    if not isinstance(value, bool):
        raise fields.Misread(reason)
    return value


def _comment(body: dict[str, object], comment: dict[str, object], channel: Channel, received_at: datetime) -> Message:
    ticket = fields.mapping(body.get("detail"), "detail")
    person = fields.mapping(comment.get("author"), "author")
    by = fields.identity(person.get("id"), "author")
    author = Author.AGENT if _sure(person.get("is_staff"), "is_staff") else Author.CUSTOMER
    if by == _SYSTEM or by in channel.bots:
        author = Author.BOT
    files = fields.files(comment.get("attachments"), "content_type", "content_url", "filename")
    words, images = _words(comment.get("body"), comment.get("html_body"))
    return Message(
        channel=channel.name,
        id=fields.identity(comment.get("id"), "id"),
        conversation=_conversation(body, ticket.get("id")),
        customer=by if author is Author.CUSTOMER else fields.reference(ticket.get("requester_id")),
        author=author,
        surface=Surface.DIRECT,
        text=words,
        sent_at=fields.moment(body.get("time")),
        received_at=received_at,
        attachments=(*files, *images)[: fields.ATTACHMENT_LIMIT],
        author_name=fields.line(person.get("name")),
    )


def _triggered(body: dict[str, object], channel: Channel, received_at: datetime) -> Message:
    named = body.get("author")
    author = _AUTHORS.get(named) if isinstance(named, str) else None
    if author is None:
        raise fields.Misread("author")
    by = fields.identity(body.get("author_id"), "author_id")
    words, images = _words(body.get("text"), body.get("html"))
    sent_at = fields.moment(body.get("time"))
    conversation = _conversation(body, body.get("ticket_id"))
    parts = "\0".join((conversation, by, sent_at.isoformat(), words))
    digest = hashlib.sha256(parts.encode()).hexdigest()
    return Message(
        channel=channel.name,
        id=fields.identity(body.get("comment_id") or digest, "id"),
        conversation=conversation,
        customer=by if author is Author.CUSTOMER else fields.reference(body.get("requester_id")),
        author=Author.BOT if author is not Author.CUSTOMER and by in channel.bots else author,
        surface=Surface.DIRECT,
        text=words,
        sent_at=sent_at,
        received_at=received_at,
        attachments=images,
        author_name=fields.line(body.get("author_name")),
    )


def _conversation(body: dict[str, object], ticket: object) -> str:
    return fields.thread(fields.identity(body.get("account_id"), "account_id"), fields.identity(ticket, "ticket_id"))


def _words(plain: object, html: object) -> tuple[str, tuple[Attachment, ...]]:
    """The words, and the images that stand between them; HTML only where there is no plain text."""
    if plain or not html:
        return fields.text(plain), ()
    from heed.platforms import markup

    return markup.read(html)


ADAPTER = Zendesk()
