"""Kuaishou: what its open platform tells an application (快手开放平台 · WebHook).

A channel's secret holds `app_secret`. The signature is plain MD5 over body and secret and covers no time.

No document names a private message or a comment under a video, so none is read here: tests, authorisations, payments
and the live rooms' interactions are verified, answered and passed over. Own replies: none are told.

Rules: Kuaishou's documents WebHook 接入指南, 测试事件, 授权事件, 解除授权事件. The answer is asked for as
`{"result":1,"message_id":...}` with the push's own id; any other result makes Kuaishou push again, three times, five
seconds apart.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from heed.model import Channel
from heed.platforms import Reading, Request, Response, Secret, Unreadable, Verified, fields, signatures

# The documents print TEST and AUTHORIZE; of the third they print the name in Chinese only, so either word is known.
_EVENTS = frozenset({"test", "authorize", "unauthorize", "deauthorize"})


class Kuaishou:
    """The adapter."""

    body_limit_bytes = 256 * 1024
    secret_fields = ("app_secret",)
    optional_fields = ()

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged."""

        def expected(secret: Secret) -> str:
            return signatures.keyed_hex("md5", request.body, signatures.octets(secret["app_secret"]))

        return signatures.signed_post(request, secrets, self.secret_fields, "kwaisign", expected)

    def answer(self, verified: Verified) -> Response:
        """The agreed words, with the id of what was pushed where it can be read."""
        said: dict[str, object] = {"result": 1}
        with suppress(Unreadable, fields.Misread):
            said["message_id"] = fields.identity(fields.json_object(verified.content).get("message_id"), "id")
        return Response(200, json.dumps(said, ensure_ascii=False, separators=(",", ":")), "application/json")

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Nothing but names of events. Raises Unreadable."""
        event = fields.json_object(verified.content).get("event")
        return Reading(ignored=(fields.known(event.lower() if isinstance(event, str) else event, _EVENTS),))


ADAPTER = Kuaishou()
