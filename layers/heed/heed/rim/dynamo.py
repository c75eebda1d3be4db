"""One DynamoDB table and the calls to it, which tell apart a race, a table that cannot now, and a bug of ours."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from heed.rim.items import Item

LOG = logging.getLogger(__name__)

_BUGS = frozenset({"ValidationException", "SerializationException"})
_RACES = frozenset({"ConditionalCheckFailed", "TransactionConflict", "DuplicateItem"})

GROUPS = 40  # in a transaction, which takes a hundred writes


class Unavailable(Exception):
    """The table cannot do it now: throttled, slow, out of reach or closed to us. Try again later."""


class Conflict(Exception):
    """Somebody else changed it first. Read it again."""


class Dynamo:
    """A table, by its calls. Every method may raise Unavailable."""

    def __init__(self, client: Any, name: str, keep_days: int) -> None:
        self._client = client
        self._name = name
        self._keep = timedelta(days=keep_days)

    def _put(self, item: Item, condition: str = "", values: Item | None = None) -> dict[str, Any]:
        put: dict[str, Any] = {"TableName": self._name, "Item": item}
        if condition:
            put["ConditionExpression"] = condition
        if values:
            put["ExpressionAttributeValues"] = values
        return {"Put": put}

    def _get(self, key: Item) -> Item | None:
        found = self._call(self._client.get_item, TableName=self._name, Key=key, ConsistentRead=True)
        return found.get("Item")

    def _fetch(self, left: Sequence[Item]) -> Iterator[Item]:
        """The items that exist under these keys, as they are now, up to 100 a call."""
        while left:
            wanted = {self._name: {"Keys": left[:100], "ConsistentRead": True}}
            answer = self._call(self._client.batch_get_item, RequestItems=wanted)
            yield from answer["Responses"].get(self._name, ())
            again = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
            if len(again) == len(left[:100]):
                raise Unavailable("UnprocessedKeys")
            left = [*again, *left[100:]]

    def _transact(self, writes: list[dict[str, Any]]) -> list[str]:
        """Write all or nothing: empty when written, else the reason per item. Raises Unavailable."""
        try:
            self._call(self._client.transact_write_items, TransactItems=writes)
        except _Cancelled as cancelled:
            return cancelled.codes
        return []

    def _transact_apart(self, groups: Mapping[str, list[dict[str, Any]]]) -> set[str]:
        """Write groups of at most two together, each whole or not at all; returns those that lost a race."""
        lost: set[str] = set()
        left = list(groups.items())
        while left:
            batch, left = left[:GROUPS], left[GROUPS:]
            failed = iter(self._transact([write for _, group in batch for write in group]))
            codes = {name: [next(failed, "None") for _ in group] for name, group in batch}
            beaten = {name for name, reasons in codes.items() if any(code != "None" for code in reasons)}
            lost |= beaten
            left = [(name, group) for name, group in batch if beaten and name not in beaten] + left
        return lost

    def _query(self, **arguments: Any) -> Iterator[Item]:
        start: Mapping[str, Any] = {}
        while True:
            answer = self._call(self._client.query, TableName=self._name, **arguments, **start)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _call(self, operation: Callable[..., dict[str, Any]], **arguments: Any) -> dict[str, Any]:
        """One call, its failures told apart: a race, a table that cannot now, or a bug of ours."""
        try:
            return operation(**arguments)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            reasons = [reason.get("Code", "None") for reason in error.response.get("CancellationReasons", ())]
            if reasons and all(reason in _RACES or reason == "None" for reason in reasons):
                raise _Cancelled(reasons) from None
            if code in _BUGS or "ValidationError" in reasons:
                raise
            raise _unavailable(code) from None
        except BotoCoreError as error:
            raise _unavailable(type(error).__name__) from None


def _unavailable(code: str) -> Unavailable:
    """Logged where it is met, because who meets it goes on without the table."""
    LOG.warning("table unavailable: %s", code)
    return Unavailable(code)


class _Cancelled(Exception):
    def __init__(self, codes: list[str]) -> None:
        super().__init__()
        self.codes = codes
