"""The table as announce and expire need it: cases, and beside them the bundles of notices that are told together.

A bundle's item is `BUNDLE#<key>`, `BUNDLE`. It is in the index `due` while a window of it holds something or a digest
is to be told, carries `says` in the version that has a digest to tell, and is written on the condition of its version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from heed import codec, noise
from heed.model import Bundle, Case
from heed.rim import items
from heed.rim.items import HORIZON, Item, Undecodable
from heed.rim.store import Change, Table

PREFIX = "BUNDLE#"
KEEP = timedelta(days=14)  # after its last change; a digest that is not told changes its bundle every hour


class Bundles(Table):
    """A table that also knows bundles. Every method may raise Unavailable."""

    def load_bundles(self, keys: Iterable[str]) -> tuple[dict[str, Bundle], frozenset[str]]:
        """The bundles that exist among `keys`, and the keys of those that are there but cannot be read."""
        found, unreadable = self._read([_key(key) for key in sorted(set(keys))], read_bundle)
        bundles = {bundle.key: bundle for bundle in found.values()}
        return bundles, frozenset(name.removeprefix(PREFIX) for name in unreadable)

    def save_bundles(self, changes: Sequence[tuple[Bundle | None, Bundle]]) -> set[str]:
        """Save each bundle as it becomes, all in one transaction; returns their keys if that lost a race."""
        lost: set[str] = set()
        changed = [(before, after) for before, after in changes if after is not before]
        for start in range(0, len(changed), 100):
            batch = changed[start : start + 100]
            if self._transact([self._bundle_put(before, after) for before, after in batch]):
                lost |= {after.key for _, after in batch}
        return lost

    def load_both(self, names: Iterable[str]) -> tuple[dict[str, Case | Bundle], frozenset[str]]:
        """Cases and bundles that exist, by case key or `BUNDLE#` and a bundle's key, and what cannot be read."""
        keys = [_key(name[len(PREFIX) :]) if name.startswith(PREFIX) else items.case_key(name) for name in names]
        return self._read(keys, lambda item: read_bundle(item) if "bundle" in item else items.read_case(item))

    def save_both(self, changes: Iterable[Change], bundles: Iterable[tuple[Bundle, Bundle]]) -> set[str]:
        """Save different cases and bundles together; returns the names, as above, of those that lost a race."""
        writes = {each.after.key: self._case_writes(each) for each in changes if each.after is not each.before}
        for before, after in bundles:
            if after is not before:
                writes[f"{PREFIX}{after.key}"] = [self._bundle_put(before, after)]
        return self._transact_apart(writes)

    def _bundle_put(self, before: Bundle | None, after: Bundle) -> Item:
        item = bundle_item(before, after)
        if before is None:
            return self._put(item, "attribute_not_exists(pk)")
        return self._put(item, "version = :version", {":version": {"N": str(before.version)}})


def bundle_item(before: Bundle | None, after: Bundle) -> Item:
    """A bundle with its place in the index of what falls due."""
    due = noise.due_at(after)
    lasts = max([after.updated_at, *([after.window.until] if after.window else [])]) + KEEP
    item: Item = {
        **_key(after.key),
        "version": {"N": str(after.version)},
        "bundle": {"S": codec.dumps(after)},
        "expires_at": items.epoch(lasts),
    }
    if due is not None:
        shard = hashlib.sha256(after.key.encode()).hexdigest()[0]
        item |= {"due_shard": {"S": shard}, "due_at": {"S": items.stamp(due)}}
        if due <= after.updated_at + HORIZON and (before is None or noise.due_at(before) != due):
            item["wake"] = {"S": items.stamp(due)}
    if noise.to_announce(after):
        item["says"] = {"S": "1"}
    return item


def read_bundle(item: Item) -> Bundle:
    """Raises Undecodable."""
    try:
        return codec.loads(Bundle, item["bundle"]["S"])
    except (KeyError, TypeError, ValueError) as error:
        raise Undecodable(f"bundle: {type(error).__name__}") from None


def from_stream(image: Item) -> tuple[Case | Bundle, datetime | None]:
    """The case or bundle in a stream record's new image, and when it wants to be woken if before the next sweep.

    Raises Undecodable.
    """
    if not image["pk"]["S"].startswith(PREFIX):
        return items.from_stream(image)
    wake = image.get("wake")
    return read_bundle(image), datetime.fromisoformat(wake["S"]) if wake else None


def _key(key: str) -> Item:
    return {"pk": {"S": f"{PREFIX}{key}"}, "sk": {"S": "BUNDLE"}}
