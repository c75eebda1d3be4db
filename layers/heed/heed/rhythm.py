"""A channel's usual rhythm, and when its silence is unusual.

A platform that stops delivering says nothing, so silence has to be told from a quiet hour. A rhythm holds how many
deliveries each hour of the week usually brings, learnt from the weeks before. Deliveries that come by chance at a known
rate miss a stretch in which n are expected with probability e^-n (the Poisson distribution); customers come in bursts,
so far more than a coincidence's worth is asked for before silence counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from heed.values import Value

HOUR = timedelta(hours=1)
WEEK_HOURS = 168

# How many usual deliveries have to be missed, and for how long at least.
MISSED = 20.0
SHORTEST = timedelta(minutes=30)
# Before a rhythm has seen every hour of the week twice it is no rhythm.
LEARNING = timedelta(weeks=2)
# The newest week's share, and how much a burst may teach: a campaign's peak is nobody's usual hour.
_SHARE = 0.3
_BURST = 3.0
_BURST_LEAST = 10.0


class Rhythm(Value):
    """What is usual on a channel: `usual[h]` deliveries in hour h of the week, Monday 00:00 UTC being 0.

    Whole hours from `since` to `until` have been learnt from.
    """

    since: datetime
    until: datetime
    usual: tuple[float, ...] = (0.0,) * WEEK_HOURS


def begun(at: datetime) -> Rhythm:
    """The rhythm of a channel first heard of at `at`: nothing is usual yet."""
    first = floor(at) + HOUR
    return Rhythm(first, first)


def learnt(rhythm: Rhythm, counts: Mapping[datetime, int], last_at: datetime, now: datetime) -> Rhythm:
    """The rhythm with every whole hour up to `now`; `counts` holds deliveries by the hour they came in.

    An unusual silence teaches nothing: the hours since the last delivery are learnt once it is over, or found usual.
    """
    until = floor(last_at) if silent(rhythm, last_at, now) else floor(now)
    usual = list(rhythm.usual)
    for hour in _hours(rhythm.until, until):
        at = _of_week(hour)
        weeks = (hour - rhythm.since) // timedelta(weeks=1)
        count = float(counts.get(hour, 0))
        if weeks:
            count = min(count, max(_BURST * usual[at], usual[at] + _BURST_LEAST))
        usual[at] += max(_SHARE, 1 / (weeks + 1)) * (count - usual[at])
    return Rhythm(rhythm.since, max(until, rhythm.until), tuple(round(value, 3) for value in usual))


def expected(rhythm: Rhythm, start: datetime, end: datetime) -> float:
    """How many deliveries are usual from `start` to `end`."""
    found = 0.0
    for hour in _hours(floor(start), end):
        share = (min(hour + HOUR, end) - max(hour, start)) / HOUR
        found += rhythm.usual[_of_week(hour)] * share
        if found >= MISSED:
            break
    return found


def silent(rhythm: Rhythm, last_at: datetime, now: datetime) -> bool:
    """Whether a channel last heard at `last_at` is quieter than it ever is by chance."""
    if rhythm.until - rhythm.since < LEARNING or now - last_at < SHORTEST:
        return False
    return expected(rhythm, last_at, now) >= MISSED


def floor(at: datetime) -> datetime:
    """The beginning of an instant's hour, in UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _hours(start: datetime, end: datetime) -> Iterator[datetime]:
    hour = start
    while hour < end:
        yield hour
        hour += HOUR


def _of_week(hour: datetime) -> int:
    return hour.weekday() * 24 + hour.hour
