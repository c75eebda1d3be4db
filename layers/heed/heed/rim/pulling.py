"""Fetching what a platform only rings for: WeCom's customer service.

A page is stored, and only then its bookmark moved, on the condition that nobody moved it since: so a callback that is
lost or repeated, two pulls at once and a crash between any two steps lose nothing, and the messages' own identities
double nothing.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from heed import codec
from heed.model import Channel, Message, Report
from heed.platforms import Pull, Reading, fields, wecom
from heed.policy import Policy
from heed.rim.bookmarks import Bookmarks
from heed.rim.dynamo import Conflict
from heed.rim.items import Bookmark, Raw
from heed.rim.recording import keep
from heed.rim.vault import Sealed, Vault
from heed.rim.wecom_api import Page, Refused, WecomApi
from heed.values import Value, replace

LOG = logging.getLogger(__name__)

PLATFORM = "wecom"
# A callback's token is good for ten minutes; to ask without one is allowed, less often.
TOKEN_LIFE = timedelta(minutes=9)
# Between the clocks of two functions.
SKEW = timedelta(seconds=2)


class Ring(Value):
    """One source to pull, and the queue's messages that rang for it."""

    pull: Pull
    message_ids: tuple[str, ...]


def gathered(bodies: Mapping[str, str]) -> tuple[list[Ring], list[str]]:
    """Each source once, by its latest ring, from queue messages by id; and the ids of those that cannot be read."""
    rings: dict[tuple[str, str], Ring] = {}
    unreadable: list[str] = []
    for message_id, body in bodies.items():
        try:
            pull = codec.loads(Pull, body)
        except (ValueError, KeyError, TypeError) as error:
            LOG.error("message %s cannot be read: %s", message_id, type(error).__name__)
            unreadable.append(message_id)
            continue
        known = rings.get((pull.channel, pull.source))
        if known is not None:
            pull = max(known.pull, pull, key=lambda one: (one.received_at, one.token))
        rings[pull.channel, pull.source] = Ring(pull, (*(known.message_ids if known else ()), message_id))
    return list(rings.values()), unreadable


class Pulling:
    """The way from a ring to stored messages."""

    def __init__(
        self, policy: Policy, table: Bookmarks, vault: Vault, api: WecomApi, clock: Callable[[], datetime]
    ) -> None:
        self._policy = policy
        self._table = table
        self._vault = vault
        self._api = api
        self._clock = clock

    def every(self) -> Iterator[Pull]:
        """A ring for every source that ever rang, as if its last callback had been lost. Raises Unavailable."""
        for channel in self._policy.channels.values():
            if channel.platform == PLATFORM:
                for mark in self._table.bookmarks(channel.name):
                    yield Pull(channel.name, mark.source, "", self._clock())

    def pull(self, pull: Pull, counts: Counter[str], in_time: Callable[[], bool]) -> bool:
        """Store all that lies at a source; False if there was no time for another page.

        Raises Refused if the platform does not answer as asked, Unavailable if the table cannot take it now.
        """
        channel = self._policy.channels.get(pull.channel)
        if channel is None:
            LOG.warning("%s is in the policy no more", pull.channel)
            return True
        mark = self._table.bookmark(channel.name, pull.source, self._clock())
        while not _served(mark, pull, self._clock()):
            if not in_time():
                return False
            asked_at = self._clock()
            page = self._page(mark, pull, asked_at)
            self._keep(page, channel, counts)
            after = replace(
                mark, cursor=page.cursor or mark.cursor, emptied_at=mark.emptied_at if page.more else asked_at
            )
            try:
                self._table.turn(mark, after, self._clock())
            except Conflict:
                # Another pull was faster: go on from where it is.
                mark = self._table.bookmark(channel.name, pull.source, self._clock())
                continue
            if not page.more:
                return True
            mark = after
        return True

    def _page(self, mark: Bookmark, pull: Pull, now: datetime) -> Page:
        try:
            secrets = self._vault.secrets(pull.channel, now)
        except Sealed:
            raise Refused("secrets_unavailable") from None
        token = pull.token if now - pull.received_at < TOKEN_LIFE else ""
        return self._api.page(secrets, pull.source, mark.cursor, token)

    def _keep(self, page: Page, channel: Channel, counts: Counter[str]) -> None:
        now = self._clock()
        reading = read(page.items, channel, now)
        found: tuple[Message | Report, ...] = (*reading.messages, *reading.reports)
        for said in found:
            keep(self._table, self._policy, said, self._clock(), counts)
        for part in reading.broken:
            self._table.quarantine(Raw.of(channel.name, part.reason, part.raw), now, self._policy.quarantine_days)
        counts.update(
            Received=len(reading.messages),
            Reports=len(reading.reports),
            Ignored=len(reading.ignored),
            Quarantined=len(reading.broken),
        )


def read(items: Iterable[object], channel: Channel, received_at: datetime) -> Reading:
    """What lies at a platform, each item read by itself.

    WeCom tells times by the second: of what was said within one, its own order counts, so each item is received a
    microsecond after the one before.
    """
    return fields.each(
        enumerate(items),
        lambda part: wecom.pulled(part[1], channel, received_at + timedelta(microseconds=part[0])),
        lambda part: json.dumps(part[1], ensure_ascii=False).encode("utf-8", "surrogatepass"),
    )


def _served(mark: Bookmark, pull: Pull, now: datetime) -> bool:
    """Whether the source was emptied since it rang, so that this ring has had its answer.

    One emptied in the future was emptied by somebody whose clock is wrong, nobody knows when.
    """
    return mark.emptied_at is not None and pull.received_at + SKEW < mark.emptied_at <= now + SKEW
