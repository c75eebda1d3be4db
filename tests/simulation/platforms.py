"""The platforms' side: real requests, really signed; sent twice, late, out of order, and again until they give up.

Forged, broken and idle requests go among them. Each platform holds on as long as the real one does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from heed.platforms import Request
from infra.heedctl import senders
from tests.simulation import wecom
from tests.simulation.faults import Faults

SECRETS = {
    "wechat/flagship": {"token": "Br4ndCallbackTok3n"},
    "facebook/page": {"app_secret": "5e1a9b0c7d3f4e2a8b6c1d0e9f8a7b6c", "verify_token": "verify-me"},
    "webhook/form": {"secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="},
    wecom.CHANNEL: wecom.SECRET,
}
WRONG = {
    "wechat": {"token": "guessed"},
    "facebook": {"app_secret": "0" * 32, "verify_token": "guessed"},
    "webhook": {"secret": "whsec_" + "Z3Vlc3NlZCBieSBzb21lYm9keSBlbHNlIQ=="},
    "wecom": {**wecom.SECRET, "token": "guessed"},
}
# Seconds from one try to the next. WeChat: 5 s, three tries in all. Meta: falling off over hours.
# Standard Webhooks: the schedule its specification proposes. WeCom: 5 s, three tries after the first.
RETRIES = {
    "wechat": (5, 5),
    "facebook": (5, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 14400, 14400),
    "webhook": (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400),
    "wecom": (5, 5, 5),
}
PATIENCE_MS = 5_000
PAGE = "102938475610293"


@dataclass
class Said:
    """One thing a customer or the brand said on a platform, and what became of it as seen from outside."""

    channel: str
    customer: str
    id: str
    by_brand: bool
    text: str
    said_ms: int
    accepted_ms: int | None = None
    gave_up: bool = False


@dataclass
class Delivery:
    """One body on its way, with what it says; `attempts` is how many tries were made.

    WeCom's says nothing: it rings for a `source` at which that lies.
    """

    channel: str
    said: list[Said]
    id: str
    body: bytes
    source: str = ""
    attempts: int = 0
    delivered: bool = False
    idle: bool = False
    forged: bool = False
    broken: bool = False
    statuses: list[int] = field(default_factory=list)


class Platforms:
    """Everything that posts webhooks. `answered(delivery, success)` hears each answer that a handler gave."""

    def __init__(self, faults: Faults, answered: Callable[[Delivery, int, bool], None]) -> None:
        self._faults = faults
        self._world = faults.world
        self._answered = answered
        self._numbers = 0
        self.wecom = wecom.WeCom(faults)

    def send(self, said: Sequence[Said], *, disturbed: bool) -> None:
        """Carry what was said at one moment on one channel: in one body if the platform batches, else in several."""
        platform, random = said[0].channel.split("/")[0], self._world.random
        if platform == "wecom":
            late = disturbed and random.random() < 0.05
            self._world.schedule(random.randint(0, 60_000 if late else 200), self._lay, list(said), disturbed)
            return
        for group in [list(said)] if platform == "facebook" else [[one] for one in said]:
            self._carry(group, disturbed)

    def _lay(self, said: list[Said], disturbed: bool) -> None:
        """It lies at WeCom, which rings for it, unless that callback is lost."""
        self.wecom.lay(said, disturbed=disturbed)
        if self.wecom.silent(_source(said[0])):
            for one in said:
                one.gave_up = True
            return
        self._carry(said, disturbed)

    def _carry(self, said: list[Said], disturbed: bool) -> None:
        random, source = self._world.random, _source(said[0])
        delivery = Delivery(said[0].channel, said, self._new_id(), self._body(said), source)
        delay = random.randint(20, 400)
        if disturbed and random.random() < 0.1:
            delay = random.randint(1_000, 1_800_000)
            self._world.counts["deliveries delayed"] += 1
        self._world.schedule(delay, self._try, delivery)
        if disturbed and random.random() < 0.12:
            self._world.counts["deliveries sent twice"] += 1
            again = delay + random.choice((0, 1, random.randint(2, 50), random.randint(1_000, 600_000)))
            self._world.schedule(again, self._try_once, delivery)

    def disturb(self, channel: str) -> None:
        """A forgery, a genuine body nobody can read, or an event of no use."""
        random = self._world.random
        platform = channel.split("/")[0]
        kind = random.choice(("forged", "forged", "broken", "idle"))
        customer, number = "mallory", self._new_id()
        if platform == "wecom":
            self.wecom.lay_junk(number)
        if kind == "idle":
            body = self._ring(wecom.IDLE_SOURCE) if platform == "wecom" else _IDLE[platform](number)
        elif kind == "broken":
            body = b'{"unfinished": "' + number.encode()
        else:
            body = self._body(
                [Said(channel, customer, f"forged-{number}", False, "Where is my order?", self._world.ms)]
            )
        delivery = Delivery(channel, [], number, body, idle=True, forged=kind == "forged", broken=kind == "broken")
        self._world.counts[f"{kind} deliveries"] += 1
        self._world.schedule(random.randint(20, 400), self._try_once if delivery.forged else self._try, delivery)

    # -- one try

    def _try_once(self, delivery: Delivery) -> None:
        self._post(delivery)

    def _try(self, delivery: Delivery) -> None:
        if delivery.delivered:
            return
        delivery.attempts += 1
        if self._post(delivery):
            delivery.delivered = True
            return
        waits = RETRIES[delivery.channel.split("/")[0]]
        if delivery.attempts > len(waits):
            for said in delivery.said:
                said.gave_up = True
            self._world.counts["deliveries given up"] += 1
            return
        self._world.counts["deliveries retried"] += 1
        wait = waits[delivery.attempts - 1] * 1000
        self._world.schedule(wait + self._world.random.randint(0, wait // 10), self._try, delivery)

    def _post(self, delivery: Delivery) -> bool:
        """Whether the platform saw success."""
        world, started = self._world, self._world.ms
        platform, account = delivery.channel.split("/")
        request = self._signed(delivery, platform)
        answer, failure = world.invoke("intake", event(request, {"platform": platform, "account": account}))
        status = 500 if failure else answer["statusCode"]
        success = status in (200, 204) and (platform != "wechat" or answer["body"] == "success")
        world.log("webhook", delivery.id, status, failure)
        delivery.statuses.append(status)
        if success and delivery.source:
            self.wecom.rung(delivery.source)
        self._answered(delivery, status, success)
        lost = self._faults.strikes(self._faults.rates.entry_lost, "answers lost on the way")
        return success and not lost and world.ms - started <= PATIENCE_MS

    def _signed(self, delivery: Delivery, platform: str) -> Request:
        """Signed at this very try; a forger knows no secret, or leaves the signature out, or changes the body."""
        at, random = self._world.at(self._world.ms), self._world.random
        secret = SECRETS[delivery.channel]
        if not delivery.forged:
            return senders.sign(platform, secret, delivery.body, at=at, delivery_id=delivery.id)
        way = random.randrange(3)
        if way == 0 or platform == "wechat":  # a plain WeChat signature covers no body: nothing to tamper with
            return senders.sign(platform, WRONG[platform], delivery.body, at=at, delivery_id=delivery.id)
        if way == 1:
            return Request("POST", "", {"content-type": "application/json"}, delivery.body)
        genuine = senders.sign(platform, secret, b"{}", at=at, delivery_id=delivery.id)
        return Request("POST", genuine.query, genuine.headers, delivery.body)

    def _body(self, said: Sequence[Said]) -> bytes:
        one, at = said[0], self._world.at(said[0].said_ms)
        if one.channel.startswith("wechat"):
            return senders.wechat_xml(one.customer, at, "text", Content=one.text, MsgId=one.id)
        if one.channel.startswith("wecom"):
            return self._ring(wecom.source_of(one.customer))
        if one.channel.startswith("facebook"):
            return _facebook(
                [_facebook_event(each, round(self._world.at(each.said_ms).timestamp() * 1000)) for each in said]
            )
        person, brand = {"id": one.customer}, {"id": "desk", "name": "Support"}
        data = {
            "external_id": one.id,
            "sender": brand if one.by_brand else person,
            "direction": "outbound" if one.by_brand else "inbound",
            "sent_at": at.isoformat(),
            "text": one.text,
            **({"recipient": person} if one.by_brand else {}),
        }
        return json.dumps({"type": "message.created", "timestamp": at.isoformat(), "data": data}).encode()

    def _ring(self, source: str) -> bytes:
        at = self._world.at(self._world.ms)
        return senders.wechat_xml(
            "sys", at, "event", Event="kf_msg_or_event", Token=self.wecom.token(), OpenKfId=source
        )

    def _new_id(self) -> str:
        self._numbers += 1
        return f"delivery-{self._numbers}"


def _source(one: Said) -> str:
    return wecom.source_of(one.customer) if one.channel.startswith("wecom") else ""


def event(request: Request, parameters: dict[str, str], **context: Any) -> dict[str, Any]:
    """A request as API Gateway hands it to a function, payload 2.0."""
    return {
        "requestContext": {"http": {"method": request.method}, **context},
        "rawQueryString": request.query,
        "headers": dict(request.headers),
        "body": request.body.decode(),
        "isBase64Encoded": False,
        "pathParameters": parameters,
    }


def _facebook_event(said: Said, milliseconds: int) -> dict[str, Any]:
    ends = {"sender": {"id": said.customer}, "recipient": {"id": PAGE}}
    words: dict[str, Any] = {"mid": said.id, "text": said.text}
    if said.by_brand:
        ends = {"sender": {"id": PAGE}, "recipient": {"id": said.customer}}
        words |= {"is_echo": True, "app_id": 263902037430900}
    return {**ends, "timestamp": milliseconds, "message": words}


def _facebook(events: list[dict[str, Any]]) -> bytes:
    entry = {"id": PAGE, "time": events[0]["timestamp"], "messaging": events}
    return json.dumps({"object": "page", "entry": [entry]}).encode()


_IDLE: dict[str, Callable[[str], bytes]] = {
    "wechat": lambda number: (
        f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{number}</FromUserName><CreateTime>1773194400</CreateTime>"
        "<MsgType>event</MsgType><Event>subscribe</Event></xml>"
    ).encode(),
    "facebook": lambda number: _facebook(
        [{"sender": {"id": number}, "recipient": {"id": PAGE}, "timestamp": 1773194400000, "read": {"watermark": 1}}]
    ),
    "webhook": lambda number: json.dumps({"type": "ping", "data": {"id": number}}).encode(),
}
