"""Meta: Messenger, Instagram messages and comments, Page comments, WhatsApp Cloud. One protocol, one adapter.

A channel's secret holds `app_secret` and `verify_token`. One app, so one URL, may serve many Pages, accounts and
phone numbers: every conversation begins with the id of the brand account its entry belongs to.

A comment's conversation is `account:post:first comment`, so that the brand's own answer, which does not name the
customer, still finds the thread it answers (its `customer` is then ""). `reply_to` is what the comment stands under.

Rules: Meta's Graph API webhooks (hub.*, X-Hub-Signature-256, batching), Messenger Platform webhook events,
Instagram webhooks, Page feed. X-Hub-Signature (SHA-1) is legacy and never read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from heed.model import Channel
from heed.platforms import Forged, Reading, Request, Response, Secret, Unreadable, Verified, fields, signatures
from heed.platforms import meta_social as social
from heed.platforms import meta_whatsapp as whatsapp
from heed.values import Value

_READERS = {
    ("page", "feed"): social.page_comment,
    ("instagram", "comments"): social.instagram_comment,
    ("instagram", "live_comments"): social.instagram_comment,
    ("instagram", "messages"): social.direct,
    ("whatsapp_business_account", "messages"): whatsapp.received,
    ("whatsapp_business_account", "smb_message_echoes"): whatsapp.echoed,
}
_FIELDS = frozenset(
    {
        "mentions",
        "story_insights",
        "message_reactions",
        "message_edit",
        "live_videos",
        "ratings",
        "mention",
        "messaging_handover",
        "messaging_seen",
        "messaging_referral",
        "messaging_optins",
        "history",
        "smb_app_state_sync",
        "account_update",
        "account_alerts",
        "message_template_status_update",
        "message_template_quality_update",
        "phone_number_quality_update",
        "phone_number_name_update",
        "template_category_update",
        "user_preferences",
        "user_id_update",
        "security",
        "business_capability_update",
        "flows",
        "calls",
    }
)


class _Part(Value):
    """One update of a batch: the item at `entry[].key[]` with what its entry says about it."""

    subject: object
    entry: dict[str, object]
    key: str
    item: object

    def raw(self, content: bytes) -> bytes:
        """This update as a delivery of its own, so that quarantine can be read again."""
        body = {"object": self.subject, "entry": [{**self.entry, self.key: [self.item]} if self.key else self.item]}
        try:
            return json.dumps(body, separators=(",", ":")).encode()
        except RecursionError:
            return content


class Meta:
    """The adapter, for every Meta channel: any of the three objects may arrive at any of them."""

    # WhatsApp documents bodies up to 3 MB.
    body_limit_bytes = 4 * 1024 * 1024
    secret_fields = ("app_secret", "verify_token")
    optional_fields = ()

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged. Meta signs no time; a replayed message meets its own identity in the table."""
        if request.method == "GET":
            query = signatures.parameters(request)
            return signatures.any_of(secrets, self.secret_fields, lambda secret: _handshake(query, secret))
        if request.method != "POST":
            raise Forged("method")
        signed = request.headers.get("x-hub-signature-256")
        if signed is None:
            raise Forged("unsigned")

        def check(secret: Secret) -> Verified:
            if not signatures.same("sha256=" + signatures.hmac_hex(secret["app_secret"], request.body), signed):
                raise Forged("signature")
            return Verified(request.body)

        return signatures.any_of(secrets, self.secret_fields, check)

    def answer(self, verified: Verified) -> Response:
        return Response(200, verified.challenge or "")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Each update is read by itself: one that cannot be read breaks none beside it. Raises Unreadable."""
        body = fields.json_object(verified.content)
        if not isinstance(body.get("entry"), list):
            raise Unreadable("entry")
        return fields.each(
            _parts(body), lambda part: _read(part, channel, received_at), lambda part: part.raw(verified.content)
        )


def _handshake(query: dict[str, str], secret: Secret) -> Verified:
    right = signatures.same(secret["verify_token"], query.get("hub.verify_token", ""))
    if not right or query.get("hub.mode") != "subscribe":
        raise Forged("verify_token")
    return Verified(b"", signatures.echo(query.get("hub.challenge", "")))


def _parts(body: dict[str, object]) -> Iterator[_Part]:
    subject = body.get("object")
    for entry in fields.items(body["entry"], "entry"):
        if not isinstance(entry, dict):
            yield _Part(subject, {}, "", entry)
            continue
        head = {name: entry[name] for name in ("id", "time") if name in entry}
        keys = [key for key in ("messaging", "standby", "changes") if key in entry]
        if not keys:
            yield _Part(subject, head, "", entry)
        for key in keys:
            updates = entry[key] if isinstance(entry[key], list) else [entry[key]]
            for update in updates:
                for item in whatsapp.split(update) if key == "changes" else (update,):
                    yield _Part(subject, head, key, item)


def _read(part: _Part, channel: Channel, received_at: datetime) -> fields.Found:
    item = fields.mapping(part.item, part.key or "entry")
    if part.key == "changes":
        field = item.get("field")
        if not isinstance(field, str) or not isinstance(part.subject, str):
            raise fields.Misread("field")
        reader = _READERS.get((part.subject, field))
        if reader is None:
            return fields.known(field, _FIELDS)
        return reader(fields.mapping(item.get("value"), "value"), part.entry, channel, received_at)
    if part.key and part.subject in ("page", "instagram"):
        return social.direct(item, part.entry, channel, received_at)
    return "unknown"


ADAPTER = Meta()
