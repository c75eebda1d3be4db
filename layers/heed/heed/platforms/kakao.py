"""KakaoTalk channel: what customers write to the channel's chatbot, and, ignored by name, who adds or blocks it.

Two senders share one URL and are told apart by their shape. Kakao's channel webhook has `Authorization: KakaoAK
<service app admin key>`; a skill of the chatbot builder sends whatever headers are entered for it there, so enter
`Authorization: Bearer <skill_key>`. A channel's secret holds `admin_key` and, if the chatbot is connected, `skill_key`,
which must be another: whoever edits the bot sees it. Neither signs the body.

A skill request has no identity and no time: both are made of when it came, so an identity is user, words and minute
(a customer who repeats the same words within one is heard once, a retry across the turn of a minute twice).
Conversation is bot and user. What the brand answers is not pushed, whether the bot or a person in the channel's
chat wrote it: the desk's record is the only proof. Consultations by people (상담톡) reach licensed dealers only.

Rules: Kakao Developers, KakaoTalk Channel webhook; Kakao chatbot builder, SkillPayload and SkillResponse 2.0.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Surface
from heed.platforms import Forged, Reading, Request, Response, Secret, Unreadable, Verified, fields, signatures

_EVENTS = frozenset({"added", "blocked"})
# The bot says nothing of itself: an answer is people's business.
_SILENCE = '{"version":"2.0","template":{"outputs":[]}}'
_MEDIA = {"image": AttachmentKind.IMAGE, "video": AttachmentKind.VIDEO, "audio": AttachmentKind.VOICE}


class Kakao:
    """The adapter."""

    body_limit_bytes = 256 * 1024
    secret_fields = ("admin_key",)
    optional_fields = ("skill_key",)

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged. Kakao signs no time."""
        if request.method != "POST":
            raise Forged("method")
        shown = request.headers.get("authorization")
        if shown is None:
            raise Forged("unsigned")

        def check(secret: Secret) -> Verified:
            right = [f"KakaoAK {secret['admin_key']}"]
            right += [f"Bearer {secret[name]}" for name in self.optional_fields if name in secret]
            if not any(signatures.same(one, shown) for one in right):
                raise Forged("signature")
            return Verified(request.body, delivery_id=request.headers.get("x-kakao-resource-id", ""))

        return signatures.any_of(secrets, self.secret_fields, check, self.optional_fields)

    def answer(self, verified: Verified) -> Response:
        """A skill must be answered in its own format, the channel webhook with any 2xx."""
        if _is_skill(verified.content):
            return Response(200, _SILENCE, "application/json; charset=utf-8")
        return Response(200, "")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Raises Unreadable."""
        body = fields.json_object(verified.content)
        return fields.one(lambda: _found(body, channel, received_at))


def _is_skill(content: bytes) -> bool:
    try:
        return "userRequest" in fields.json_object(content)
    except Unreadable:
        return False


def _found(body: dict[str, object], channel: Channel, received_at: datetime) -> Message | str:
    if "userRequest" not in body:
        return fields.known(body.get("event"), _EVENTS)
    asked = fields.mapping(body["userRequest"], "request")
    user = fields.identity(fields.mapping(asked.get("user"), "user").get("id"), "user")
    bot = fields.optional(body.get("bot"), "bot")
    around = (fields.identity(bot["id"], "bot"),) if "id" in bot else ()
    words = fields.text(asked.get("utterance"))
    return Message(
        channel=channel.name,
        id=_identity(*around, user, words, received_at.isoformat(timespec="minutes")),
        conversation=fields.thread(*around, user),
        customer=user,
        author=Author.CUSTOMER,
        surface=Surface.DIRECT,
        text=words.strip(),
        sent_at=received_at,
        received_at=received_at,
        attachments=_attachments(asked),
    )


def _identity(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _attachments(asked: dict[str, object]) -> tuple[Attachment, ...]:
    """A picture or film: its address stands in the words, what it is beside them."""
    media = fields.optional(fields.optional(asked.get("params"), "params").get("media"), "media")
    kind = media.get("type")
    if not isinstance(kind, str):
        return ()
    return (Attachment(_MEDIA.get(kind, AttachmentKind.FILE), fields.url(media.get("url"))),)


ADAPTER = Kakao()
