"""Answering a platform: verify, read, record, and lose nothing that was verified.

Size cap, then signature over the raw bytes, then parse. What the table cannot take now goes to the recovery queue
before the platform is told `success`; only if that fails too is the platform asked to try again.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from heed import codec, platforms
from heed.model import Channel, Message, Report
from heed.platforms import Adapter, Broken, Forged, Pull, Reading, Request, Response, Unreadable, Verified
from heed.policy import Policy
from heed.rim import queues
from heed.rim.dynamo import Unavailable
from heed.rim.items import Raw
from heed.rim.pulse import Pulse, Rhythms
from heed.rim.recording import keep, record, record_report
from heed.rim.store import Table
from heed.rim.vault import Sealed, Vault
from heed.values import Value, replace

# Platforms give up at five seconds. What is not begun this long after a request came goes to the recovery queue, so
# that even a call that then takes its whole time leaves enough to send it there.
INLINE = timedelta(seconds=1.5)
PARCEL_BYTES = 180_000
# Of how many broken parts of one delivery each is kept aside by itself; beyond that they cost a write each for nothing.
BROKEN_PARTS = 100

NOT_FOUND = Response(404, "not found")
FORGED = Response(401, "not verified")
TOO_LARGE = Response(413, "too large")
UNAVAILABLE = Response(503, "try again")


class Outcome(Value):
    """The answer, and what happened, as counters. `rejected` is the reason code of a refusal."""

    answer: Response
    counts: Counter[str]
    rejected: str = ""


class Intake:
    """The way from a platform's request to stored messages."""

    def __init__(
        self,
        policy: Policy,
        table: Rhythms,
        vault: Vault,
        send_recovery: Callable[[Sequence[queues.Entry]], Sequence[queues.Lost]],
        send_pulls: Callable[[Sequence[queues.Entry]], Sequence[queues.Lost]],
        clock: Callable[[], datetime],
    ) -> None:
        self._policy = policy
        self._table = table
        self._vault = vault
        self._send_recovery = send_recovery
        self._send_pulls = send_pulls
        self._clock = clock
        self._pulse = Pulse(table)

    def take(self, platform: str, account: str, request: Request) -> Outcome:
        """Handle one request to `/webhooks/{platform}/{account}`."""
        channel = self._policy.channels.get(f"{platform}/{account}")
        adapter = platforms.get(platform)
        if channel is None or adapter is None:
            return Outcome(NOT_FOUND, Counter(), "unknown_channel")
        if len(request.body) > adapter.body_limit_bytes:
            return Outcome(TOO_LARGE, Counter(), "too_large")
        now = self._clock()
        try:
            verified = self._verify(adapter, channel, request, now)
        except Forged as forged:
            return Outcome(FORGED, Counter(), forged.reason)
        except Sealed:
            return Outcome(UNAVAILABLE, Counter(), "secrets_unavailable")
        if verified.challenge is not None:
            return Outcome(adapter.answer(verified), Counter())
        return self._keep(adapter, channel, verified, now)

    def _verify(self, adapter: Adapter, channel: Channel, request: Request, now: datetime) -> Verified:
        try:
            return adapter.verify(request, self._vault.secrets(channel.name, now), now)
        except Forged:
            changed = self._vault.reread(channel.name, now)
            if changed is None:
                raise
            return adapter.verify(request, changed, now)

    def _keep(self, adapter: Adapter, channel: Channel, verified: Verified, now: datetime) -> Outcome:
        try:
            reading = adapter.messages(verified, channel, now)
        except Unreadable as unreadable:
            reading = Reading(broken=(Broken(unreadable.reason, verified.content),))
        if len(reading.broken) > BROKEN_PARTS:
            reading = replace(reading, broken=(Broken("many", verified.content),))
        counts = Counter(
            Received=len(reading.messages),
            Reports=len(reading.reports),
            Ignored=len(reading.ignored),
            Quarantined=len(reading.broken),
            Rings=len(reading.pulls),
        )
        until = now + INLINE
        left = self._record((*reading.messages, *reading.reports), counts, until)
        parcels = [parcel(said) for said in left] + list(self._quarantine(reading.broken, channel, until))
        if parcels and self._send_recovery([{"MessageBody": body} for body in parcels]):
            return Outcome(UNAVAILABLE, counts, "nowhere_to_keep")
        if reading.pulls and self._send_pulls([pull_entry(pull) for pull in reading.pulls]):
            return Outcome(UNAVAILABLE, counts, "nowhere_to_pull")
        counts["Recovering"] = len(parcels)
        if self._clock() <= until:
            self._pulse.heard(channel.name, now)
        return Outcome(adapter.answer(verified), counts)

    def _record(
        self, said: Sequence[Message | Report], counts: Counter[str], until: datetime
    ) -> Sequence[Message | Report]:
        """Record what there is time for; returns what is left once the table fails or the time is spent."""
        for index, one in enumerate(said):
            try:
                keep(self._table, self._policy, one, self._clock(), counts, lambda: self._clock() <= until)
            except Unavailable:
                return said[index:]
        return ()

    def _quarantine(self, broken: Sequence[Broken], channel: Channel, until: datetime) -> Iterator[str]:
        for index, part in enumerate(broken):
            raw, now = Raw.of(channel.name, part.reason, part.raw), self._clock()
            try:
                if now > until:
                    raise Unavailable("Time")
                self._table.quarantine(raw, now, self._policy.quarantine_days)
            except Unavailable:
                for left in broken[index:]:
                    yield broken_parcel(Raw.of(channel.name, left.reason, left.raw), now)
                return


def parcel(said: Message | Report) -> str:
    """A verified message, or report of one, as the recovery queue carries it."""
    name = "message" if isinstance(said, Message) else "report"
    return _sendable(json.dumps({name: codec.to_plain(said)}, ensure_ascii=False))


def pull_entry(pull: Pull) -> queues.Entry:
    """What a platform rang for, as the queue of pulls carries it."""
    return {"MessageBody": _sendable(json.dumps(codec.to_plain(pull), ensure_ascii=False))}


def broken_parcel(raw: Raw, at: datetime) -> str:
    """An unreadable delivery as the recovery queue carries it, cut to what a queue takes."""
    kept = codec.to_plain(replace(raw, content=b""))
    content = base64.b64encode(raw.content[:PARCEL_BYTES]).decode()
    return _sendable(json.dumps({"broken": kept | {"content": content}, "at": at.isoformat()}, ensure_ascii=False))


def _sendable(body: str) -> str:
    """The two characters that JSON leaves as they are and SQS refuses, escaped."""
    return body.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


def recover(table: Table, policy: Policy, body: str, now: datetime) -> None:
    """Keep what a parcel of the recovery queue holds. Raises Unavailable if the table still cannot."""
    held: dict[str, Any] = json.loads(body)
    if "message" in held:
        record(table, policy, codec.from_plain(Message, held["message"]), now)
        return
    if "report" in held:
        record_report(table, policy, codec.from_plain(Report, held["report"]), now)
        return
    broken = held["broken"]
    raw = codec.from_plain(Raw, broken | {"content": base64.b64decode(broken["content"])})
    table.quarantine(raw, datetime.fromisoformat(held["at"]), policy.quarantine_days)
