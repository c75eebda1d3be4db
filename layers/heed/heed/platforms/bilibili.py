"""Bilibili: the check of a webhook's URL, and nothing else (哔哩哔哩开放平台 · WebHooks).

How Bilibili signs is published nowhere, so whatever it sends beyond that check is refused: authorisations and the fate
of videos sent in by an application, by its own list of events. No private message and no comment is among them. The
check carries nothing and changes nothing; a channel without a secret does not answer even that. The secret,
`client_secret`, is kept for the day its use is known.

Rules: Bilibili's documents WebHooks 概述 (verify_webhooks) and 事件列表.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from heed.model import Channel
from heed.platforms import Forged, Reading, Request, Response, Secret, Unreadable, Verified, fields

_CHECK = "verify_webhooks"


class Bilibili:
    """The adapter."""

    body_limit_bytes = 64 * 1024
    secret_fields = ("client_secret",)
    optional_fields = ()

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged for everything but the check of a URL."""
        if request.method != "POST":
            raise Forged("method")
        if not secrets:
            raise Forged("unconfigured")
        try:
            found = fields.json_object(request.body)
            if found.get("event") != _CHECK:
                raise Forged("unsigned")
            data = fields.mapping(found.get("content"), "content").get("data")
            if not isinstance(data, int) or isinstance(data, bool):
                raise fields.Misread("data")
        except (Unreadable, fields.Misread) as error:
            raise Forged("malformed") from error
        return Verified(request.body, json.dumps({"data": data}, separators=(",", ":")))

    def answer(self, verified: Verified) -> Response:
        return Response(200, verified.challenge or "", "application/json")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Nothing. Raises Unreadable for what this adapter never verified."""
        event = fields.json_object(verified.content).get("event")
        return Reading(ignored=(fields.known(event, (_CHECK,)),))


ADAPTER = Bilibili()
