"""How far was read what lies at a platform that only rings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from heed.rim import items
from heed.rim.dynamo import Conflict
from heed.rim.items import Bookmark
from heed.rim.store import Table


class Bookmarks(Table):
    """The table, with a bookmark for each source of a channel. Every method may raise Unavailable."""

    def bookmark(self, channel: str, source: str, now: datetime) -> Bookmark:
        """The bookmark of a source, put at its beginning when it is first asked for. Raises Undecodable."""
        found = self._get(items.bookmark_key(channel, source))
        if found:
            return items.read_bookmark(found)
        first = Bookmark(channel, source)
        # So that the schedule knows the source even if nothing of it can be read for long. A rival's is as good.
        self._transact([self._put(items.bookmark_item(first, now, self._keep), "attribute_not_exists(pk)")])
        return first

    def turn(self, before: Bookmark, after: Bookmark, now: datetime) -> None:
        """Move a bookmark, once all before it is stored. Raises Conflict if somebody else moved it first."""
        item = items.bookmark_item(after, now, self._keep)
        if self._transact([self._put(item, "pulled_to = :before", {":before": {"S": before.cursor}})]):
            raise Conflict

    def bookmarks(self, channel: str) -> Iterator[Bookmark]:
        """Every source of a channel that ever rang."""
        pk = items.bookmark_key(channel, "")["pk"]
        for item in self._query(KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": pk}):
            yield items.read_bookmark(item)
