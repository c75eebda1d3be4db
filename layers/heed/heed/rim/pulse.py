"""Noticing a channel that falls silent: intake notes that it hears it, watch learns its rhythm and compares.

A channel's item is `CHANNEL#<channel>`, `RHYTHM`: when it was last heard, a counter for each hour not yet learnt from
(`n2026112122`), and the rhythm as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from heed import codec, rhythm
from heed.rhythm import Rhythm, floor
from heed.rim import items
from heed.rim.dynamo import Unavailable
from heed.rim.items import Item, Undecodable
from heed.rim.store import Table
from heed.values import Value

# One write per channel in so long, however much it delivers and wherever: a pulse must not cost each message a call.
EVERY = timedelta(minutes=5)
FORGOTTEN = timedelta(days=90)


class Heard(Value):
    """What is known of a channel's deliveries: the last one, those not yet learnt from by their hour, what is usual."""

    channel: str
    last_at: datetime
    counts: Mapping[datetime, int]
    rhythm: Rhythm | None


class Rhythms(Table):
    """A table that also knows how often each channel delivers. Every method may raise Unavailable."""

    def hear(self, channel: str, count: int, at: datetime) -> None:
        """Note that a channel delivered so often until `at`."""
        self._call(
            self._client.update_item,
            TableName=self._name,
            Key=_key(channel),
            UpdateExpression="SET last_at = :at, expires_at = :expires ADD #hour :count",
            ExpressionAttributeNames={"#hour": _hour_name(floor(at))},
            ExpressionAttributeValues={
                ":at": {"S": items.stamp(at)},
                ":expires": items.epoch(at + FORGOTTEN),
                ":count": {"N": str(count)},
            },
        )

    def heard(self, channels: Iterable[str]) -> list[Heard]:
        """What is known of the deliveries of these channels; one that was never heard is not among them."""
        left = [_key(channel) for channel in sorted(set(channels))]
        found: list[Heard] = []
        while left:
            wanted = {self._name: {"Keys": left[:100]}}
            answer = self._call(self._client.batch_get_item, RequestItems=wanted)
            found += [read_heard(item) for item in answer["Responses"].get(self._name, ())]
            left = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", []) + left[100:]
        return found

    def learn(self, heard: Heard, rhythm: Rhythm) -> None:
        """Keep what was learnt of a channel and drop the hours it was learnt from; another watch may be first."""
        done = [_hour_name(hour) for hour in heard.counts if hour < rhythm.until]
        names = {f"#h{index}": name for index, name in enumerate(done)}
        known = {":before": {"S": codec.dumps(heard.rhythm)}} if heard.rhythm else {}
        try:
            self._call(
                self._client.update_item,
                TableName=self._name,
                Key=_key(heard.channel),
                UpdateExpression="SET rhythm = :after" + (f" REMOVE {', '.join(names)}" if names else ""),
                ConditionExpression="rhythm = :before" if known else "attribute_not_exists(rhythm)",
                ExpressionAttributeValues={":after": {"S": codec.dumps(rhythm)}, **known},
                **({"ExpressionAttributeNames": names} if names else {}),
            )
        except Unavailable as why:
            if why.args != ("ConditionalCheckFailedException",):
                raise


def read_heard(item: Item) -> Heard:
    """Raises Undecodable."""
    counters = {name[1:]: value for name, value in item.items() if re.fullmatch(r"n[0-9]{10}", name)}
    try:
        return Heard(
            channel=item["pk"]["S"].removeprefix("CHANNEL#"),
            last_at=datetime.fromisoformat(item["last_at"]["S"]),
            counts={_hour(name): int(value["N"]) for name, value in counters.items()},
            rhythm=codec.loads(Rhythm, item["rhythm"]["S"]) if "rhythm" in item else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Undecodable(f"rhythm: {type(error).__name__}") from None


def _key(channel: str) -> Item:
    return {"pk": {"S": f"CHANNEL#{channel}"}, "sk": {"S": "RHYTHM"}}


def _hour_name(hour: datetime) -> str:
    return f"n{hour:%Y%m%d%H}"


def _hour(name: str) -> datetime:
    return datetime.strptime(name, "%Y%m%d%H").replace(tzinfo=UTC)


class _Unnoted:
    """How often a channel was heard since it was last noted."""

    __slots__ = ("count", "noted_at")

    def __init__(self) -> None:
        self.count = 0
        self.noted_at: datetime | None = None


class Pulse:
    """What one running function has heard of each channel since it last noted it."""

    def __init__(self, table: Rhythms) -> None:
        self._table = table
        self._heard: dict[str, _Unnoted] = {}

    def heard(self, channel: str, now: datetime) -> None:
        """A genuine delivery came. What cannot be noted now is noted with the next one."""
        known = self._heard.get(channel)
        if known is None:
            known = self._heard[channel] = _Unnoted()
        known.count += 1
        if known.noted_at is not None and now - known.noted_at < EVERY:
            return
        known.noted_at = now
        try:
            self._table.hear(channel, known.count, now)
        except Unavailable:
            return
        known.count = 0


def silent(table: Rhythms, channels: Iterable[str], now: datetime) -> list[str]:
    """The channels that are quieter than they ever are by chance; learns what was heard. Raises Unavailable."""
    found = []
    for heard in table.heard(channels):
        before = heard.rhythm or rhythm.begun(heard.last_at)
        after = rhythm.learnt(before, heard.counts, heard.last_at, now)
        if after != heard.rhythm:
            table.learn(heard, after)
        if rhythm.silent(after, heard.last_at, now):
            found.append(heard.channel)
    return found
