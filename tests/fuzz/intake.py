"""Coverage-guided fuzzing of intake, platform by platform: `make fuzz PLATFORM=line SECONDS=60`, or every one in turn.

Each input becomes one request: an event of events/<platform>/ whose bytes, JSON values, headers or query were changed,
signed again by its platform's sender (so that it reaches the readers) or not (so that verification meets it), or bytes
from nothing at all. It goes through the whole of `Intake.take` over a table in memory. The only outcomes allowed are
the rows of the README's table: 200 or 204 with every message storable, 401, 404, 413. Whatever raises is a finding:
the input is written to `crash-*` in the working directory and the run ends with 77.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from copy import copy
from dataclasses import fields as fields_of
from datetime import UTC, datetime
from typing import Any

import atheris

with atheris.instrument_imports(include=["heed.platforms"]):
    from heed import platforms

    for _name in platforms.NAMES:
        platforms.get(_name)

from heed import codec
from heed.model import Case, Channel, Message, Report
from heed.platforms import Request
from heed.policy import Policy, load
from heed.policy.build import compile_policy
from heed.rim.intake import Intake
from heed.rim.items import Raw, Stored
from heed.rim.store import Change
from infra.heedctl import events, senders

AT = datetime(2026, 3, 12, 3, 0, tzinfo=UTC)
ALLOWED = frozenset({200, 204, 401, 413})
POLICY_TEXT = (events.FOLDER.parent / "layers" / "policy" / "policy.yaml").read_text("utf-8")


class Findings(Exception):
    """What came out is not what may come out."""


class Table:
    """Takes everything, and looks at it."""

    def load(self, key: str) -> None:
        return None

    def load_with(self, key: str, message_id: str) -> tuple[None, None]:
        return None, None

    def record(self, change: Change, stored: Stored) -> Case:
        check(stored.message)
        if codec.loads(Stored, codec.dumps(stored)) != stored:
            raise Findings("a message does not come back from its JSON as it was")
        return change.after

    def bury(self, report: Report) -> None:
        check(report)

    def quarantine(self, raw: Raw, at: datetime, keep_days: int) -> None:
        if not raw.reason.replace("_", "").replace(".", "").isalnum():
            raise Findings(f"reason {raw.reason!r}")

    def hear(self, channel: str, count: int, at: datetime) -> None: ...


class Vault:
    def __init__(self, secrets: Mapping[str, Any]) -> None:
        self._secrets = secrets

    def secrets(self, channel: str, now: datetime) -> list[Any]:
        return [self._secrets[channel.partition("/")[0]]]

    def reread(self, channel: str, now: datetime) -> None:
        return None


def check(said: Message | Report) -> None:
    """Fit to be stored and shown: valid UTF-8 without NUL, bounded identities, times in UTC."""
    for name in (one.name for one in fields_of(said)):
        value = getattr(said, name)
        if isinstance(value, str):
            value.encode()
            if "\x00" in value or len(value) > 20_000:
                raise Findings(name)
        if isinstance(value, datetime) and value.tzinfo is not UTC:
            raise Findings(name)
    identity = said.id if isinstance(said, Message) else said.message
    if not 0 < len(identity.encode()) <= 256:
        raise Findings("id")


def policy() -> Policy:
    found = load(json.loads(json.dumps(compile_policy(POLICY_TEXT))))
    every = {f"{name}/fuzz": Channel(name, "fuzz", "qinghe", "care-global") for name in platforms.NAMES}
    object.__setattr__(found, "channels", {**found.channels, **every})
    return found


class Fuzzer:
    """One platform's requests, made from bytes."""

    def __init__(self, names: list[str]) -> None:
        self._secrets = {name: senders.sender(name).secret(True) for name in platforms.NAMES}
        self._intake = Intake(
            policy=policy(),
            table=Table(),  # type: ignore[arg-type]
            vault=Vault(self._secrets),  # type: ignore[arg-type]
            send_recovery=lambda entries: [],
            send_pulls=lambda entries: [],
            clock=lambda: AT,
        )
        self._events = {name: [one for one in events.every() if one.platform == name] for name in names}
        self._names = names
        self._header_names = sorted({name for one in names for name in self._signed(one, b"{}").headers})

    def once(self, data: bytes) -> None:
        given = atheris.FuzzedDataProvider(data)
        platform = given.PickValueInList(self._names)
        request = self._request(platform, given)
        outcome = self._intake.take(platform, "fuzz", request)
        if outcome.answer.status not in ALLOWED:
            raise Findings(f"answered {outcome.answer.status}")

    def _request(self, platform: str, given: atheris.FuzzedDataProvider) -> Request:
        if given.ConsumeProbability() < 0.1:
            return Request(_text(given, 6), _text(given, 80), self._headers(given), given.ConsumeBytes(400))
        event = given.PickValueInList(self._events[platform])
        body = self._changed(events.filled(event, AT, given.ConsumeIntInRange(0, 3)), given)
        request = self._signed(platform, body)
        if given.ConsumeProbability() < 0.7:
            return Request(event.method, request.query, request.headers, request.body)
        headers = {**request.headers, **self._headers(given)}
        return Request(_text(given, 6) or "POST", request.query + _text(given, 40), headers, request.body)

    def _signed(self, platform: str, body: bytes) -> Request:
        """Signed, or, where nobody but the platform can sign such a body, as it is."""
        try:
            return senders.sign(platform, self._secrets[platform], body, at=AT, delivery_id="4150707")
        except ValueError:
            return Request("POST", "", {"content-type": "application/json"}, body)

    def _changed(self, body: bytes, given: atheris.FuzzedDataProvider) -> bytes:
        """The body with a value of its JSON exchanged, or some bytes replaced."""
        if given.ConsumeBool():
            try:
                root = json.loads(body)
            except ValueError:
                root = None
            if isinstance(root, dict):
                for _ in range(given.ConsumeIntInRange(1, 3)):
                    _exchange(root, given)
                return json.dumps(root, ensure_ascii=given.ConsumeBool()).encode("utf-8", "surrogatepass")
        at = given.ConsumeIntInRange(0, len(body))
        return body[:at] + given.ConsumeBytes(24) + body[at + given.ConsumeIntInRange(0, 24) :]

    def _headers(self, given: atheris.FuzzedDataProvider) -> dict[str, str]:
        count = given.ConsumeIntInRange(0, 3)
        return {given.PickValueInList(self._header_names): _text(given, 60) for _ in range(count)}


_HOSTILE = (None, True, 0, -1, 2**63, 2**200, 1e300, 10**11, "", "\x00", "\ud800", "x" * 300, "a:b", "{0}", [], {})
_DEEP = "[" * 400 + "]" * 400


def _exchange(root: Any, given: atheris.FuzzedDataProvider) -> None:
    """Replace or drop one value somewhere inside."""
    spots = list(_spots(root))
    if not spots:
        return
    node, key = given.PickValueInList(spots)
    kind = given.ConsumeIntInRange(0, 5)
    if kind == 0 and isinstance(node, dict):
        del node[key]
    elif kind == 1:
        node[key] = _text(given, 40)
    elif kind == 2:
        node[key] = given.ConsumeInt(8)
    elif kind == 3:
        node[key] = json.loads(_DEEP)
    elif kind == 4:
        node[key] = [node[key]] * given.ConsumeIntInRange(0, 3)
    else:
        node[key] = copy(given.PickValueInList(list(_HOSTILE)))


def _spots(node: Any, depth: int = 0) -> Any:
    if depth > 30:
        return
    for key in range(len(node)) if isinstance(node, list) else list(node):
        yield node, key
        if isinstance(node[key], list | dict):
            yield from _spots(node[key], depth + 1)


def _text(given: atheris.FuzzedDataProvider, limit: int) -> str:
    found: str = given.ConsumeUnicode(given.ConsumeIntInRange(0, limit))
    return found


def main() -> None:
    names = [part.partition("=")[2] for part in sys.argv if part.startswith("--platform=")]
    sys.argv = [part for part in sys.argv if not part.startswith("--platform=")]
    chosen = [name for name in names if name] or list(platforms.NAMES)
    fuzzer = Fuzzer(chosen)
    atheris.Setup(sys.argv, fuzzer.once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
