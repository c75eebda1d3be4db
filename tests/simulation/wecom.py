"""WeCom's customer service as a platform: messages lie there until they are fetched, and its callback only rings.

Its API is asked by Heed's real client; this stands where the connection would. It answers by cursor, page after page,
of which any may be short or empty while more lies behind it. It fails as a service on the internet does: busy, too
often asked, out of reach, silent, cut short, slow to the end, and its access tokens may end before their time.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import IncompleteRead
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from heed.platforms import Secret
from infra.heedctl.senders import wecom as items
from tests.simulation.faults import Faults
from tests.simulation.world import Killed

if TYPE_CHECKING:
    from tests.simulation.platforms import Said

Answer = dict[str, Any]

CHANNEL = "wecom/service"
SECRET: Secret = {
    "token": "R1ngT0kenOfWec0m",
    "encoding_aes_key": "SGVlZFNpbXVsYXRpb25TZWFsc0l0c0NhbGxiYWNrMDE",
    "corpid": "ww5d4e8f1a2b3c4d5e",
    "secret": "t0-the-Api-0nly",
}
SOURCES = ("wkAJ2GCAAASales", "wkAJ2GCAAACare", "wkAJ2GCAAAMute")
IDLE_SOURCE = "wkAJ2GCAAAIdle"
# None of the tokens may ever stand in a log: they begin with these.
TOKEN, ACCESS = "ENCr1ng", "acc3ss-"
TOKEN_MS, ACCESS_SECONDS = 600_000, 7200
OVERDUE_MS = 2 * 3_600_000
_BUSY, _REVOKED, _TOO_OFTEN, _NO_TOKEN, _NO_CURSOR, _NO_SECRET = -1, 42001, 45009, 95007, 40058, 40001
_FAULTS = ("busy", "too often", "revoked", "http 502", "unreachable", "timed out", "cut short", "slow", "killed")


def source_of(customer: str) -> str:
    """The account that a customer writes to."""
    return SOURCES[zlib.crc32(customer.encode()) % len(SOURCES)]


@dataclass
class _Account:
    """What lies at one account, oldest first: None takes a place of a page and is not shown."""

    lying: list[Answer | None] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    unreadable: list[bytes] = field(default_factory=list)
    rung: bool = False


class WeCom:
    """All accounts of one corp. `connection` is what Heed opens to the API."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._world = faults.world
        self._accounts = {source: _Account() for source in (*SOURCES, IDLE_SOURCE)}
        self._tokens: dict[str, int] = {}
        self._access: dict[str, int] = {}
        self._numbers = 0

    # -- what customers and staff do

    def lay(self, said: list[Said], *, disturbed: bool) -> None:
        """From now on it can be fetched; perhaps among things of no use, perhaps twice."""
        account, random = self._accounts[source_of(said[0].customer)], self._world.random
        for one in said:
            account.said.append(one)
            one.accepted_ms = self._world.ms if account.rung else None
            account.lying.append(self._item(one))
            if disturbed and random.random() < 0.2:
                account.lying += [None] * random.randint(1, 15)
            if disturbed and random.random() < 0.2:
                self._world.counts["messages that lie at wecom twice"] += 1
                account.lying.append(account.lying[random.randrange(len(account.lying))])

    def lay_junk(self, number: str) -> None:
        """An event of no use, what a system of the brand sent, or an item that nobody can read."""
        random = self._world.random
        account, at = self._accounts[random.choice(SOURCES)], self._world.at(self._world.ms)
        kind = random.choice(("event", "system", "unreadable"))
        self._world.counts[f"items at wecom: {kind}"] += 1
        if kind == "event":
            item = items.event("enter_session", customer="mallory", at=at, scene="menu")
        elif kind == "system":
            item = items.item("text", {"content": "?"}, customer="mallory", at=at, id=number, origin=items.SYSTEM)
        else:
            item = {"msgid": number, "open_kfid": source_of(number), "msgtype": "text", "origin": items.CUSTOMER}
            account.unreadable.append(json.dumps(item, ensure_ascii=False).encode())
        account.lying.append(item)

    def _item(self, one: Said) -> Answer:
        return items.item(
            "text",
            {"content": one.text},
            customer=one.customer,
            at=self._world.at(one.said_ms),
            id=one.id,
            origin=items.STAFF if one.by_brand else items.CUSTOMER,
            source=source_of(one.customer),
            by="LiWei" if one.by_brand else "",
        )

    # -- what is known of it outside

    def token(self) -> str:
        """A callback's token, good for ten minutes."""
        self._numbers += 1
        token = f"{TOKEN}{self._numbers}"
        self._tokens[token] = self._world.ms
        return token

    def silent(self, source: str) -> bool:
        """Whether a callback for this account is lost; while things go wrong the last one's are, but for the first."""
        share = self._faults.rates.ring_lost
        return self._faults.strikes(
            1.0 if share and source == SOURCES[-1] and self._accounts[source].rung else share, "callbacks lost"
        )

    def rung(self, source: str) -> None:
        """A callback for this account had success: what lies there, now or later, is Heed's to fetch."""
        account = self._accounts[source]
        if not account.rung:
            account.rung = True
            for one in account.said:
                one.accepted_ms = self._world.ms

    def unread(self, stored: Callable[[Said], bool]) -> bool:
        """Whether there is anything to fetch that has not been overdue for hours."""
        recent = self._world.ms - OVERDUE_MS
        return any(
            account.rung and not stored(one)
            for account in self._accounts.values()
            for one in account.said
            if one.said_ms > recent
        )

    def unreadable(self) -> set[bytes]:
        """Items nobody can read that Heed has been told of."""
        return {item for account in self._accounts.values() if account.rung for item in account.unreadable}

    # -- the API

    def connection(self, address: str, timeout: float) -> Connection:
        return Connection(self, self._faults, timeout)

    def answer(self, path: str, query: dict[str, str], question: Answer) -> Answer:
        found = self._gettoken(query) if path == "/cgi-bin/gettoken" else self._sync_msg(query, question)
        return {"errcode": 0, "errmsg": "ok", **found}

    def revoke(self) -> None:
        self._access.clear()

    def _gettoken(self, query: dict[str, str]) -> Answer:
        if (query["corpid"], query["corpsecret"]) != (SECRET["corpid"], SECRET["secret"]):
            return {"errcode": _NO_SECRET}
        self._numbers += 1
        token = f"{ACCESS}{self._numbers}"
        self._access[token] = self._world.ms + 1000 * ACCESS_SECONDS
        return {"access_token": token, "expires_in": ACCESS_SECONDS}

    def _sync_msg(self, query: dict[str, str], question: Answer) -> Answer:
        if self._access.get(query["access_token"], 0) < self._world.ms:
            return {"errcode": _REVOKED}
        token = question.get("token")
        if token is not None and self._world.ms - self._tokens[token] > TOKEN_MS:
            self._world.counts["wecom tokens shown too late"] += 1
            return {"errcode": _NO_TOKEN}
        lying = self._accounts[question["open_kfid"]].lying
        start = int(question.get("cursor", "0"))
        if start > len(lying):
            return {"errcode": _NO_CURSOR}
        end = min(len(lying), start + min(self._world.random.randint(1, 12), question["limit"]))
        shown = [item for item in lying[start:end] if item is not None]
        self._world.counts["pages of wecom behind which lies more"] += end < len(lying)
        # As wide as another, so that cursors can be compared as text.
        return {"next_cursor": f"{end:08}", "has_more": int(end < len(lying)), "msg_list": shown}


class Connection:
    """Stands for an HTTPSConnection of the standard library, and for its one answer."""

    def __init__(self, wecom: WeCom, faults: Faults, timeout: float) -> None:
        self._wecom = wecom
        self._faults = faults
        self._timeout_ms = round(1000 * timeout)
        self._parts: list[bytes] = []
        self._fault = ""
        self.status = 200

    def request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> None:
        world = self._faults.world
        world.spend(world.random.randint(20, 300))
        where = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(where.query).items()}
        if world.random.random() < self._faults.level("wecom"):
            self._fault = world.random.choice(_FAULTS)
            world.counts[f"wecom {self._fault}"] += 1
            world.log(world.running, where.path, self._fault)
        answer = self._failed() or self._wecom.answer(where.path, query, json.loads(body) if body else {})
        content = json.dumps(answer, ensure_ascii=False).encode()
        half = len(content) // 2
        self._parts = [content[:half], content[half:], b""]

    def _failed(self) -> Answer | None:
        """What is answered instead, or raised, if the fault is one that leaves the question unanswered."""
        match self._fault:
            case "busy":
                return {"errcode": _BUSY}
            case "too often":
                return {"errcode": _TOO_OFTEN}
            case "revoked":
                self._wecom.revoke()
            case "http 502":
                self.status = 502
            case "unreachable":
                raise ConnectionRefusedError
            case "timed out":
                self._faults.world.spend(self._timeout_ms)
                raise TimeoutError
            case "killed":
                raise Killed
        return None

    def getresponse(self) -> Connection:
        return self

    def read1(self, size: int) -> bytes:
        if self._fault == "slow":
            self._faults.world.spend(self._timeout_ms - 1)
        if self._fault == "cut short" and len(self._parts) == 1:
            raise IncompleteRead(b"")
        return self._parts.pop(0)

    def close(self) -> None:
        """Nothing is held open."""
