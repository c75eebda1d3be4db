"""A quarter of an hour of a brand in memory, in which every function makes every kind of call it ever makes.

The world around the functions does what it does in earnest: platforms send again until they hear 2xx, queues and the
stream bring again what was not done, the schedule comes each minute, people press again. Delays of the queue are not
kept, so wakes come early too.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from heed import links
from heed.cases import conversation_key
from infra.heedctl import senders
from infra.heedctl.senders import wecom
from tests.in_memory import ROOT, client
from tests.integration import faults
from tests.security.world import SECRET, WEB, WECOM, World

FIRE = "The heater exploded and burned my child"
SOURCE = "wkAJ2GCAAAHeedKf0001"
LATE, HANDLED, PARKED, PULLED = "c-late", "c-handled", "c-parked", "c-pulled"


def policy_text() -> str:
    """The shipped policy, hurried: a first response within two minutes, a digest after three."""
    text = (ROOT / "layers/policy/policy.yaml").read_text("utf-8")
    hurried = text.replace("first_response: {within: 15m", "first_response: {within: 2m")
    hurried = hurried.replace("incident_window: 10m", "incident_window: 3m")
    assert hurried.count("2m") > 0
    assert hurried.count("3m") > 0
    return hurried


class Day(World):
    """What happens, and what is left of it."""

    def happens(self, minute: int) -> None:
        for stimulus in STIMULI.get(minute, ()):
            stimulus(self)

    def delivered(self, channel: str, body: bytes) -> Callable[[], bool]:
        """A delivery that a platform repeats, signed anew, until it hears 2xx."""
        platform, account = channel.split("/")
        secret = self._wecom if channel == WECOM else SECRET

        def deliver() -> bool:
            request = senders.sign(platform, secret, body, at=self.time.at)
            answer = self.http(
                "intake",
                request.method,
                f"/webhooks/{channel}",
                rawQueryString=request.query,
                headers=dict(request.headers),
                body=request.body,
                pathParameters={"platform": platform, "account": account},
            )
            assert answer["statusCode"] in (200, 204, 500, 503)
            return answer["statusCode"] < 300

        return deliver

    def says(self, customer: str, text: str = FIRE, id: str = "") -> Callable[[], bool]:
        name = id or f"m-{customer}"
        said = senders.webhook_message(SECRET, text, customer=customer, at=self.time.at, id=name, thread=customer)
        return self.delivered(WEB, said.body)

    def while_the_table_is_out(self, operation: str, call: Callable[[], bool]) -> None:
        """A delivery at a moment when the table cannot: it goes to the recovery queue, or has to come again."""
        with faults.failing(self.apps["intake"].INTAKE._table._client, "dynamodb", operation, faults.unreachable):
            if call():
                return
        self.pending.append(call)

    def case(self, customer: str, channel: str = WEB) -> str:
        return conversation_key(channel, customer)

    def asked(self, method: str, path: str, body: Any = None) -> Callable[[], bool]:
        """A request at the desk that a person repeats while it fails; `{id}` is the case of who was handled."""

        def ask() -> bool:
            found = self.table.load(self.case(HANDLED))
            if found is None:
                return False
            authorizer = {"iam": {"userArn": "arn:aws:iam::123456789012:user/ann", "accountId": "123456789012"}}
            address, _, query = f"/desk{path.replace('{id}', found.id)}".partition("?")
            answer = self.http(
                "desk",
                method,
                address,
                rawQueryString=query,
                headers={"content-type": "application/json", "idempotency-key": "k1"},
                body=json.dumps(body).encode() if body is not None else b"",
                requestContext={"authorizer": authorizer},
                pathParameters={"proxy": address.removeprefix("/desk/")},
            )
            assert answer["statusCode"] == 200 or answer["statusCode"] >= 500, answer
            return bool(answer["statusCode"] == 200)

        return ask

    def pressed(self) -> bool:
        """Somebody on call opens the link of a notice and presses the button."""
        found = self.table.load(self.case(LATE))
        if found is None:
            return False
        secret = client("secretsmanager").get_secret_value(SecretId=self.guard.stack.attributes["LinkKey", "Id"])
        token = links.sign(found.id, self.time.at + timedelta(hours=1), secret["SecretString"].encode())
        where: dict[str, Any] = {"pathParameters": {"token": token}}
        shown = self.http("page", "GET", f"/case/{token}", **where)
        headers = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
        answer = self.http(
            "page", "POST", f"/case/{token}", headers=headers, body=urlencode({"name": "Lin"}).encode(), **where
        )
        assert {shown["statusCode"], answer["statusCode"]} <= {200, 303, 500, 503}
        return bool(answer["statusCode"] == 303)

    def rung(self) -> None:
        """A customer writes to WeCom and takes another message back; WeCom rings, and is out of order once."""
        kept = wecom.item("text", {"content": "发票没收到"}, customer=PULLED, at=self.time.at, id="w1", source=SOURCE)
        gone = wecom.item("text", {"content": "在吗"}, customer=PULLED, at=self.time.at, id="w2", source=SOURCE)
        recall = {
            "event_type": "user_recall_msg",
            "open_kfid": SOURCE,
            "external_userid": PULLED,
            "recall_msgid": "w2",
        }
        taken = {
            "msgid": "w3",
            "send_time": int(self.time.at.timestamp()),
            "origin": 4,
            "msgtype": "event",
            "event": recall,
        }
        self.api.corps[self._wecom["corpid"]] = self._wecom["secret"]
        self.api.lay(SOURCE, [kept, gone, taken])
        self.api.faults.append(lambda path: {"errcode": 45009, "errmsg": "too often"})
        fields = {"Event": "kf_msg_or_event", "Token": "ENC1", "OpenKfId": SOURCE}
        self.pending.append(self.delivered(WECOM, senders.wechat_xml("sys", self.time.at, "event", **fields)))

    # -- what is left of it

    def outcome(self) -> dict[str, Any]:
        """What a person could find out afterwards, whatever the order in which it came about."""
        texts: dict[str, list[str]] = {}
        acknowledged: dict[str, str] = {}
        names: dict[str, str] = {}
        conversations = [(WEB, name) for name in (LATE, "c-late2", "c-late3", HANDLED, PARKED)]
        for channel, customer in [*conversations, (WECOM, f"{SOURCE}:{PULLED}")]:
            key = self.case(customer, channel)
            messages, _ = self.table.timeline(key)
            texts[customer] = sorted(stored.message.text for stored in messages)
            case = self.table.load(key)
            acknowledged[customer] = case.acknowledged_by if case else "no case"
            names[case.id if case else ""] = customer
        notices = [json.loads(body) for body in self.told]
        breached = {n["case_id"] for n in notices if n.get("kind") == "breach"}
        for notice in notices:
            breached |= {key.partition("/")[0] for key in notice.get("tells", ()) if key.endswith("/breach")}
        escalated = {json.loads(body)["case_id"] for body in self.queues["Escalations"]}
        return {
            "texts": texts,
            "acknowledged": acknowledged,
            "breached": {names[case_id] for case_id in breached},
            "escalated": {names[case_id] for case_id in escalated},
            "quarantined": self._count("RAW#"),
            "learnt": self._count(f"CHANNEL#{WEB}", "rhythm"),
            "adopted": self._count("POLICY"),
            "corrected": self._count("CORRECTIONS#"),
        }

    def items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client("dynamodb").scan(TableName=self.guard.stack.refs["Table"])["Items"]
        return found

    def _count(self, prefix: str, attribute: str = "pk") -> int:
        return sum(item["pk"]["S"].startswith(prefix) and attribute in item for item in self.items())

    def torn(self) -> list[str]:
        """What is half done in the table: a message without its case, a case without its id or its message."""
        items = self.items()
        keys: dict[str, set[str]] = defaultdict(set)
        for item in items:
            keys[item["pk"]["S"]].add(item["sk"]["S"][:2])
        named = {item["case"]["S"] for item in items if item["sk"]["S"] == "ID"}
        cases = {item["pk"]["S"] for item in items if item["sk"]["S"] == "CASE"}
        conversations = {key for key, kinds in keys.items() if kinds & {"M#", "E#", "CA"}}
        return [key for key in conversations | named if key not in cases or key not in named or "M#" not in keys[key]]


def _morning(day: Day) -> None:
    day.pending += [day.says(name) for name in (LATE, "c-late2", "c-late3")]
    day.pending += [day.says(HANDLED, "Where is my parcel?"), day.says(HANDLED, "Never mind", id="m-gone")]
    day.pending.append(day.delivered(WEB, b"no json"))
    day.while_the_table_is_out("GetItem", day.says(PARKED))
    day.while_the_table_is_out("PutItem", day.delivered(WEB, b"no json either"))
    day.rung()


def _taken_back(day: Day) -> None:
    gone = senders.webhook_report(SECRET, "deleted", message="m-gone", thread=HANDLED, at=day.time.at)
    day.pending.append(day.delivered(WEB, gone.body))
    parked = senders.webhook_report(
        SECRET, "updated", message=f"m-{PARKED}", thread=PARKED, at=day.time.at, text="Mended"
    )
    day.while_the_table_is_out("BatchGetItem", day.delivered(WEB, parked.body))


def _people(day: Day) -> None:
    day.pending += [
        day.pressed,
        day.asked("GET", "/cases?team=care-global"),
        day.asked("GET", "/cases/{id}"),
        day.asked("POST", "/cases/{id}/note", {"text": "called back"}),
        day.asked("POST", "/cases/{id}/reply", {"text": "It comes tomorrow"}),
        day.asked("POST", "/cases/{id}/acknowledge"),
        day.asked("POST", "/cases/{id}/correct", {"message_id": f"m-{HANDLED}", "kind": "question"}),
        day.asked("GET", f"/corrections?month={day.time.at:%Y-%m}"),
    ]


def _later(day: Day) -> None:
    day.pending.append(day.says(HANDLED, "Thank you", id="m-thanks"))


STIMULI: dict[int, tuple[Callable[[Day], None], ...]] = {
    0: (_morning,),
    1: (_taken_back,),
    2: (_people,),
    7: (_later,),
}
