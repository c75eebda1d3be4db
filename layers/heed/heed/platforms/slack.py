"""Slack: what is said in a workspace that customers share with the brand, or in messages to the brand's app.

A channel's secret holds `signing_secret` and may hold `staff`: ids, with commas between, of the brand's people (U...,
W...), of a workspace whose every member is one (T...), or of an app through which people answer (B..., A...). Slack
itself tells nobody apart, so without `staff` every person is a customer, and only the desk can record a reply. What
any other app posted is a bot's; so is what a person in the policy's `bots` did.

A message is `channel:ts`. In channels a conversation is a thread, `team:channel:ts of its first message`, so that one
customer's matter stays apart from the next and an answer in the thread finds it; what is said beside every thread
begins one. A message to the app, or a group of people, is one conversation, `team:channel`. A channel shared between
organisations (Slack Connect) comes once from each workspace that has the app: its conversation leaves the team out,
so that both are one. Where an app hears of `app_mention` and `message`, the one that comes first counts.

Edits and deletions come as subtypes message_changed (without `edited` it is a preview being added) and
message_deleted; the deleted first message of a thread as one changed into a tombstone. Interactivity and slash
commands come form-encoded, are verified alike and of no use here. Slack's retry headers are never read: a retry may
be the first that arrives.

Rules: Slack's documents Verifying requests from Slack, Events API, message event and its subtypes, Formatting text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qsl

from heed.model import Author, Channel, Message, Report, ReportKind, Surface
from heed.platforms import Forged, Reading, Request, Response, Secret, Unreadable, Verified, fields, signatures
from heed.values import Value

_OUTER = frozenset({"app_rate_limited", "event_callback", "url_verification"})
# fmt: off
_EVENTS = frozenset({
    "app_home_opened", "app_uninstalled", "channel_archive", "channel_created", "channel_deleted", "channel_left",
    "channel_rename", "channel_shared", "channel_unarchive", "channel_unshared", "emoji_changed", "file_created",
    "file_deleted", "file_shared", "file_unshared", "group_left", "im_close", "im_created", "im_open", "link_shared",
    "member_joined_channel", "member_left_channel", "message_metadata_posted", "pin_added", "pin_removed",
    "reaction_added", "reaction_removed", "team_join", "tokens_revoked", "user_change",
})
# fmt: on
_SAID = frozenset({"bot_message", "file_share", "me_message", "thread_broadcast"})
# fmt: off
_SUBTYPES = frozenset({
    "assistant_app_thread", "bot_add", "bot_remove", "channel_archive", "channel_convert_to_private", "channel_join",
    "channel_leave", "channel_name", "channel_posting_permissions", "channel_purpose", "channel_topic",
    "channel_unarchive", "ekm_access_denied", "file_comment", "file_mention", "group_archive", "group_join",
    "group_leave", "group_name", "group_purpose", "group_topic", "group_unarchive", "huddle_thread",
    "joiner_notification", "message_replied", "pinned_item", "reminder_add", "reply_broadcast", "tombstone",
    "unpinned_item",
})
_INTERACTIONS = frozenset({
    "block_actions", "block_suggestion", "interactive_message", "message_action", "shortcut", "view_closed",
    "view_submission",
})
# fmt: on
_WHOLE = ("im", "mpim", "app_home")

_TS = re.compile(r"[0-9]{10}\.[0-9]{1,6}")
# <@U123|name>, <#C123|name>, <!here>, <https://...|label>
_LINK = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")


class Slack:
    """The adapter."""

    body_limit_bytes = 1024 * 1024
    secret_fields = ("signing_secret",)
    optional_fields = ("staff",)

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged. Slack signs each retry anew, so five minutes to both sides lose none."""
        timestamp, signed = signatures.posted(request, "x-slack-request-timestamp", "x-slack-signature")
        content = b":".join((b"v0", signatures.octets(timestamp), request.body))

        def check(secret: Secret) -> Secret:
            if not signatures.same("v0=" + signatures.hmac_hex(secret["signing_secret"], content), signed):
                raise Forged("signature")
            return secret

        secret = signatures.any_of(secrets, self.secret_fields, check, self.optional_fields)
        if not signatures.fresh(timestamp, now):
            raise Forged("stale")
        staff = frozenset(name.strip() for name in secret.get("staff", "").split(",")) - {""}
        return Verified(request.body, _challenge(request.body), staff=staff)

    def answer(self, verified: Verified) -> Response:
        return Response(200, verified.challenge or "")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Raises Unreadable."""
        if verified.content[:1] != b"{" and b"=" in verified.content:
            return fields.one(lambda: _form(verified.content))
        body = fields.json_object(verified.content)
        return fields.one(lambda: _found(body, verified.staff, channel, received_at))


def _challenge(body: bytes) -> str | None:
    if b"url_verification" not in body:
        return None
    try:
        found = fields.json_object(body)
    except Unreadable:
        return None
    if found.get("type") != "url_verification":
        return None
    challenge = found.get("challenge")
    return signatures.echo(challenge if isinstance(challenge, str) else "")


def _form(content: bytes) -> str:
    try:
        form = dict(parse_qsl(content.decode(), keep_blank_values=True, max_num_fields=50))
    except ValueError as error:
        raise fields.Misread("form") from error
    if "payload" in form:
        return fields.known(fields.embedded(form["payload"], "payload").get("type"), _INTERACTIONS)
    return "slash_command" if "command" in form else "unknown"


class _Event(Value):
    """Where a message event happened, and for whom it is read."""

    ids: tuple[str, ...]
    whole: bool
    staff: frozenset[str]
    channel: Channel
    received_at: datetime

    def conversation(self, said: dict[str, object], ts: str) -> str:
        """That of a message of `ts`: its thread, or all of a direct conversation."""
        return fields.thread(*self.ids) if self.whole else fields.thread(*self.ids, _ts(said.get("thread_ts") or ts))

    def id(self, ts: str) -> str:
        return fields.identity(f"{self.ids[-1]}:{ts}", "id")

    def report(self, kind: ReportKind, ts: object, said: dict[str, object], at: datetime, text: str = "") -> Report:
        name = _ts(ts)
        conversation = self.conversation(said, name)
        return Report(self.channel.name, kind, self.id(name), conversation, at, self.received_at, text)


def _found(body: dict[str, object], staff: frozenset[str], channel: Channel, received_at: datetime) -> fields.Found:
    if not isinstance(body.get("type"), str):
        raise fields.Misread("type")
    if body["type"] != "event_callback":
        return fields.known(body["type"], _OUTER)
    event = fields.mapping(body.get("event"), "event")
    name, subtype = event.get("type"), event.get("subtype")
    if name not in ("message", "app_mention"):
        return fields.known(name, _EVENTS)
    place = fields.identity(event.get("channel"), "channel")
    shared = fields.flag(body.get("is_ext_shared_channel"), "is_ext_shared_channel")
    where = _Event(
        ids=(place,) if shared else (fields.identity(body.get("team_id"), "team"), place),
        whole=event.get("channel_type") in _WHOLE or place.startswith("D"),
        staff=staff,
        channel=channel,
        received_at=received_at,
    )
    if subtype == "message_deleted":
        return _deleted(event, where)
    if subtype == "message_changed":
        return _changed(event, where)
    if subtype is not None and not (isinstance(subtype, str) and subtype in _SAID):
        return fields.known(subtype, _SUBTYPES)
    return _message(event, where)


def _deleted(event: dict[str, object], where: _Event) -> Report:
    before = fields.optional(event.get("previous_message"), "previous_message")
    return where.report(ReportKind.WITHDRAWN, event.get("deleted_ts"), before, _happened(event))


def _changed(event: dict[str, object], where: _Event) -> Report | str:
    said = fields.mapping(event.get("message"), "message")
    if said.get("subtype") == "tombstone":
        return where.report(ReportKind.WITHDRAWN, said.get("ts"), said, _happened(event))
    if said.get("edited") is None:
        return "message_changed"
    at = _moment(_ts(fields.mapping(said["edited"], "edited").get("ts")))
    return where.report(ReportKind.EDITED, said.get("ts"), said, at, _words(said.get("text")))


def _message(event: dict[str, object], where: _Event) -> Message:
    ts, above = _ts(event.get("ts")), event.get("thread_ts") or None
    author = _author(event, where)
    begun_by = event.get("user" if author is Author.CUSTOMER else "parent_user_id")
    customer = "" if begun_by is None and author is not Author.CUSTOMER else fields.identity(begun_by, "user")
    return Message(
        channel=where.channel.name,
        id=where.id(ts),
        conversation=where.conversation(event, ts),
        customer="" if customer in where.staff else customer,
        author=author,
        surface=Surface.MENTION if event["type"] == "app_mention" else Surface.DIRECT,
        text=_words(event.get("text")),
        sent_at=_moment(ts),
        received_at=where.received_at,
        attachments=fields.files(event.get("files"), "mimetype", "url_private", "name"),
        reply_to=None if above is None or above == ts else where.id(_ts(above)),
        author_name=fields.line(event.get("username")),
    )


def _author(event: dict[str, object], where: _Event) -> Author:
    """An app posts under a bot_id; of people, `team` is the workspace they belong to."""

    def ours(*names: object) -> bool:
        return any(isinstance(name, str) and name in where.staff for name in names)

    if event.get("bot_id") is not None or event.get("subtype") == "bot_message":
        return Author.AGENT if ours(event.get("bot_id"), event.get("app_id")) else Author.BOT
    user = fields.identity(event.get("user"), "user")
    if user == "USLACKBOT" or user in where.channel.bots:
        return Author.BOT
    return Author.AGENT if ours(user, event.get("user_team", event.get("team"))) else Author.CUSTOMER


def _words(value: object) -> str:
    """Slack's markup as a person reads it: `<https://...|label>` is its label, `&lt;` is `<`."""
    shown = _LINK.sub(_shown, fields.text(value))
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _shown(link: re.Match[str]) -> str:
    sigil, name, label = link.groups()
    if sigil == "!":
        return label or f"@{name}"
    return f"{sigil}{label or name}"


def _ts(value: object) -> str:
    if not isinstance(value, str) or not _TS.fullmatch(value):
        raise fields.Misread("ts")
    return value


def _happened(event: dict[str, object]) -> datetime:
    return _moment(_ts(event.get("event_ts") or event.get("ts")))


def _moment(ts: str) -> datetime:
    """Seconds and milliseconds; the digits after them only tell messages of one moment apart."""
    seconds, _, fraction = ts.partition(".")
    return fields.moment(seconds + fraction.ljust(3, "0")[:3])


ADAPTER = Slack()
