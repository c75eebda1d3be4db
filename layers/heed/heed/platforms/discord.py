"""Discord: what customers say to the brand's app by command, button, menu or form (interactions).

A channel's secret holds `public_key`, the application's, 64 hex digits; only one made for tests and demos holds the
`private_key` too, by which `heed send` can stand in for Discord. Discord signs a time and documents no window, and an
interaction's id, a snowflake that holds its time, is its identity in every retry: a replayed one meets itself.
It probes an address with false signatures and removes one that does not refuse them.

A conversation is `application:channel:person`. Text is what the person filled in: a command's options, the label of a
pressed button or chosen entries, a form's fields, or the message that a command of the context menu points at; a
command without words is its name, as typed. Discord waits three seconds for an answer and shows the person an error
without one, so the answer says in their language, to them alone, that the message came in.

What people write in channels, and so the brand's own replies, come over the gateway (a websocket) and never here: the
desk records replies. Webhook Events (an app authorised, an entitlement) are answered as they want it and ignored.

Rules: Discord's documents Interactions overview (security, PING), Receiving and responding, Webhook events, Snowflakes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from heed.model import Attachment, Author, Channel, Message, Surface
from heed.platforms import Forged, Reading, Request, Response, Secret, Unreadable, Verified, fields, signatures

_PING, _COMMAND, _COMPONENT, _AUTOCOMPLETE, _FORM = range(1, 6)
_SILENT = {_PING: "ping", _AUTOCOMPLETE: "autocomplete"}
_PONG = '{"type":1}'
_NO_CHOICES = '{"type":8,"data":{"choices":[]}}'
_EPHEMERAL = 64
_TAKEN = {"zh": "已收到您的消息。"}
_TAKEN_EN = "We have received your message."
# fmt: off
_EVENTS = frozenset({
    "application_authorized", "application_deauthorized", "entitlement_create", "entitlement_delete",
    "entitlement_update", "game_direct_message_create", "game_direct_message_delete", "game_direct_message_update",
    "lobby_message_create", "lobby_message_delete", "lobby_message_update", "quest_user_enrollment",
})
# fmt: on
_EPOCH_MILLISECONDS = 1_420_070_400_000


class Discord:
    """The adapter."""

    body_limit_bytes = 256 * 1024
    secret_fields = ("public_key",)
    optional_fields = ("private_key",)

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged."""
        timestamp, signed = signatures.posted(request, "x-signature-timestamp", "x-signature-ed25519")
        signature, content = signatures.from_hex(signed), signatures.octets(timestamp) + request.body

        def check(secret: Secret) -> Verified:
            if not signatures.ed25519(signatures.from_hex(secret["public_key"]), signature, content):
                raise Forged("signature")
            return Verified(request.body, _challenge(request.body))

        return signatures.any_of(secrets, self.secret_fields, check)

    def answer(self, verified: Verified) -> Response:
        """A ping's exact answer; of a Webhook Event 204; else what the person who acted is shown."""
        body = _loose(verified.content)
        if verified.challenge == "" or "event" in body:
            return Response(204, "")
        if verified.challenge is None:
            said = _NO_CHOICES if body.get("type") == _AUTOCOMPLETE else _taken(body.get("locale"))
        return Response(200, verified.challenge or said, "application/json")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Raises Unreadable."""
        body = fields.json_object(verified.content)
        return fields.one(lambda: _found(body, channel, received_at))


def _loose(content: bytes) -> dict[str, object]:
    try:
        return fields.json_object(content)
    except Unreadable:
        return {}


def _challenge(content: bytes) -> str | None:
    """The answer to a ping: JSON to that of interactions (type 1), nothing but 204 to that of Webhook Events (0)."""
    body = _loose(content)
    kind = body.get("type")
    if isinstance(kind, bool) or "event" in body:
        return None
    return _PONG if kind == _PING else "" if kind == 0 else None


def _taken(locale: object) -> str:
    words = _TAKEN.get(locale[:2], _TAKEN_EN) if isinstance(locale, str) else _TAKEN_EN
    return json.dumps({"type": 4, "data": {"content": words, "flags": _EPHEMERAL}})


def _found(body: dict[str, object], channel: Channel, received_at: datetime) -> Message | str:
    kind = body.get("type")
    if "event" in body:
        name = fields.mapping(body["event"], "event").get("type")
        return fields.known(name.lower() if isinstance(name, str) else name, _EVENTS)
    if isinstance(kind, bool) or not isinstance(kind, int):
        raise fields.Misread("type")
    if kind not in (_COMMAND, _COMPONENT, _FORM):
        return _SILENT.get(kind, "unknown")
    data = fields.mapping(body.get("data"), "data")
    member = fields.optional(body.get("member"), "member")
    person = fields.mapping(member.get("user", body.get("user")), "user")
    customer = fields.identity(person.get("id"), "user")
    place = (fields.identity(body.get(name), name) for name in ("application_id", "channel_id"))
    about = fields.optional(body.get("message"), "message").get("id", data.get("target_id"))
    return Message(
        channel=channel.name,
        id=fields.identity(body.get("id"), "id"),
        conversation=fields.thread(*place, customer),
        customer=customer,
        author=Author.CUSTOMER,
        surface=Surface.DIRECT,
        text=fields.text(_words(kind, data, body)),
        sent_at=_moment(body.get("id")),
        received_at=received_at,
        attachments=_attachments(data),
        reply_to=None if about is None else fields.identity(about, "reply_to"),
        author_name=fields.line(person.get("global_name") or person.get("username")),
    )


def _words(kind: int, data: dict[str, object], body: dict[str, object]) -> str:
    if kind == _COMMAND:
        return "\n".join(_filled(data)) or _pointed_at(data) or "/" + fields.line(data.get("name"))
    if kind == _FORM:
        return "\n".join(text for part in _parts(data) for text in _values(part))
    custom_id = data.get("custom_id")
    shown = fields.optional(body.get("message"), "message")
    pressed = next((part for part in _parts(shown) if part.get("custom_id") == custom_id), {})
    options = [fields.mapping(item, "options") for item in fields.items(pressed.get("options"), "options")]
    labels = {value: fields.line(one.get("label")) for one in options if isinstance(value := one.get("value"), str)}
    chosen = [labels.get(value) or value for value in _values(data)]
    return "\n".join(chosen) or fields.line(pressed.get("label")) or fields.line(custom_id)


def _filled(data: dict[str, object]) -> Iterator[str]:
    """What was typed into a command's options, also into those of its subcommands, in order."""
    waiting = [data]
    while waiting:
        option = waiting.pop()
        inner = [fields.mapping(item, "options") for item in fields.items(option.get("options"), "options")]
        waiting.extend(reversed(inner))
        # 3 is text, 4 an integer, 10 a number; the rest are ids, switches and attachments.
        if option is not data and option.get("type") in (3, 4, 10) and option.get("value") is not None:
            yield fields.text(str(option["value"]))


def _pointed_at(data: dict[str, object]) -> str:
    """The message that a command of the context menu was called on."""
    known = fields.optional(fields.optional(data.get("resolved"), "resolved").get("messages"), "messages")
    target = data.get("target_id")
    found = known.get(target) if isinstance(target, str) else None
    return fields.text(fields.optional(found, "messages").get("content"))


def _parts(root: dict[str, object]) -> Iterator[dict[str, object]]:
    """The components of a message or a form, rows, sections and labels opened, in order."""
    waiting: list[object] = [root]
    while waiting:
        part = fields.mapping(waiting.pop(), "components")
        inner = [*fields.items(part.get("components"), "components")]
        inner += [part[name] for name in ("component", "accessory") if part.get(name) is not None]
        waiting.extend(reversed(inner))
        if part is not root:
            yield part


def _values(part: dict[str, object]) -> list[str]:
    """What was typed into a component or chosen in it."""
    several = fields.items(part.get("values"), "values")
    return [text for text in (fields.text(value) for value in (part.get("value"), *several)) if text]


def _attachments(data: dict[str, object]) -> tuple[Attachment, ...]:
    resolved = fields.optional(data.get("resolved"), "resolved")
    found = fields.optional(resolved.get("attachments"), "attachments")
    return fields.files(list(found.values()), "content_type", "url", "filename")


def _moment(snowflake: object) -> datetime:
    digits = fields.identity(snowflake, "id")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 20):
        raise fields.Misread("id")
    return fields.moment((int(digits) >> 22) + _EPOCH_MILLISECONDS)


ADAPTER = Discord()
