"""Xiaohongshu: what a mini-program is told (小红书小程序 · 消息推送).

A channel's secret holds `token`, and for anything beyond the check of the URL `encoding_aes_key` and `appid`. The
document says that every POST is sealed under the EncodingAESKey, and leaves out how. Read here is WeChat's envelope,
which the rest of the protocol copies; what does not open by it is refused, and so nothing that is not sealed gets in.

No document describes a customer's message: private messages (私信) and comments under notes go to partners of the
advertising platform alone. An event is passed over; whatever says that it is anything else is kept in quarantine, for
somebody who then knows more than the documents do. Own replies: none are told.

Rules: Xiaohongshu's document 消息推送, WeChat's 消息加解密说明.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from heed.model import Channel
from heed.platforms import (
    Forged,
    Reading,
    Request,
    Response,
    Secret,
    Unreadable,
    Verified,
    fields,
    signatures,
    wechat_envelope,
)


class Xiaohongshu:
    """The adapter."""

    body_limit_bytes = 256 * 1024
    secret_fields = ("token",)
    optional_fields = ("encoding_aes_key", "appid")

    def verify(self, request: Request, secrets: Sequence[Secret], now: datetime) -> Verified:
        """Raises Forged."""
        query = signatures.parameters(request)
        if request.method not in ("GET", "POST"):
            raise Forged("method")

        def check(secret: Secret) -> Verified:
            if request.method == "POST":
                if "encoding_aes_key" not in secret:
                    raise Forged("unconfigured")
                return Verified(wechat_envelope.opened_body(query, request.body, secret, "appid"))
            signatures.check_query(query, secret["token"])
            return Verified(b"", signatures.echo(query.get("echostr", "")))

        return signatures.any_of(secrets, self.secret_fields, check, self.optional_fields)

    def answer(self, verified: Verified) -> Response:
        """What is to be answered to a push is not documented: the word that WeChat's family asks for."""
        return Response(200, "success" if verified.challenge is None else verified.challenge)

    def messages(self, verified: Verified, channel: Channel, received_at: datetime) -> Reading:
        """Nothing but that there was an event. Raises Unreadable."""
        found = fields.json_object(verified.content)
        kind = found.get("MsgType", found.get("msgType", "event"))
        if kind != "event":
            raise Unreadable("undocumented")
        return Reading(ignored=("event",))


ADAPTER = Xiaohongshu()
