"""A new policy reaches the cases that are open: each is looked at once after a deployment that changed it (rule 16).

Whatever happens to a case it adopts the policy of the function that handles it. But a deadline that a new calendar or
target moves nearer must not wait until something happens, so watch walks through every list of the desk, a few pages a
minute, and wakes what is open; expire does the rest. How far it came is one item, `POLICY`, `ADOPTED`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from heed.model import Status
from heed.policy import Policy
from heed.rim import items
from heed.rim.dynamo import Conflict
from heed.rim.items import Item, Undecodable
from heed.rim.queues import Entry, Lost, Wake
from heed.rim.store import Position, Table
from heed.values import Value, replace

PAGE = 100
OPEN = (Status.OPEN, Status.PENDING_CUSTOMER, Status.ON_HOLD)

_KEY: Item = {"pk": {"S": "POLICY"}, "sk": {"S": "ADOPTED"}}


class Progress(Value):
    """How far the cases were walked for a policy's version: lists done, and the place in the next. `version` is the
    item's own."""

    policy: str
    version: int = 0
    lists: int = 0
    after: Position | None = None
    done: bool = False


class Adoption(Table):
    """A table whose open cases can be walked. Every method may raise Unavailable."""

    def progress(self) -> Progress | None:
        """Raises Undecodable."""
        found = self._get(_KEY)
        if found is None:
            return None
        try:
            held = json.loads(found["progress"]["S"])
            after = held.pop("after")
            return Progress(**held, version=int(found["version"]["N"]), after=Position(*after) if after else None)
        except (KeyError, TypeError, ValueError) as error:
            raise Undecodable(f"progress: {type(error).__name__}") from None

    def walked(self, progress: Progress) -> Progress:
        """Save how far the walk came; returns it as saved. Raises Conflict if somebody else walked too."""
        after = [progress.after.deadline, progress.after.case] if progress.after else None
        held = {"policy": progress.policy, "lists": progress.lists, "after": after, "done": progress.done}
        saved = replace(progress, version=progress.version + 1)
        item = {**_KEY, "version": {"N": str(saved.version)}, "progress": {"S": json.dumps(held)}}
        first = progress.version == 0
        condition = "attribute_not_exists(pk)" if first else "version = :version"
        values = None if first else {":version": {"N": str(progress.version)}}
        if self._transact([self._put(item, condition, values)]):
            raise Conflict
        return saved

    def listed(self, desk: str, after: Position | None) -> tuple[list[str], Position | None]:
        """Keys of one page of a desk's list, and the place it ends at, if more follow."""
        start = (
            {**items.case_key(after.case), "desk": {"S": desk}, "deadline": {"S": after.deadline}} if after else None
        )
        answer = self._call(
            self._client.query,
            TableName=self._name,
            IndexName="desk",
            KeyConditionExpression="desk = :desk",
            ExpressionAttributeValues={":desk": {"S": desk}},
            Limit=PAGE,
            **({"ExclusiveStartKey": start} if start else {}),
        )
        last = answer.get("LastEvaluatedKey")
        end = Position(last["deadline"]["S"], last["pk"]["S"]) if last else None
        return [item["pk"]["S"] for item in answer["Items"]], end


def walk(
    table: Adoption,
    policy: Policy,
    now: datetime,
    wake: Callable[[Sequence[Entry]], Sequence[Lost]],
    in_time: Callable[[], bool],
) -> int:
    """Wake open cases that may not have this policy yet, as many as there is time for; returns how many.

    A page counts as walked once all of it was sent, so what a crash or a lost entry left out is sent again. The first
    policy of all finds no case that has another.
    """
    progress = table.progress() or table.walked(Progress(policy.version, done=True))
    if progress.policy != policy.version:
        progress = Progress(policy.version, progress.version)
    desks = [f"{team}#{status}" for team in sorted(policy.teams) for status in OPEN]
    woken = 0
    while not progress.done and in_time():
        if progress.lists >= len(desks):
            table.walked(replace(progress, done=True))
            break
        keys, after = table.listed(desks[progress.lists], progress.after)
        if keys and wake([Wake(key, now).entry(now) for key in keys]):
            break
        woken += len(keys)
        progress = table.walked(replace(progress, after=after, lists=progress.lists + (after is None)))
    return woken
