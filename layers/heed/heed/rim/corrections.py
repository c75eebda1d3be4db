"""The table as the desk needs it: cases, and beside them what people say that the judge should have understood.

A correction's item is `CORRECTIONS#<month>`, `<digest>`: the month in which its message was received, and the message's
identity, so that a message has one correction, the last. It holds labels and no words. Those are read from the message
when they are asked for: what was withdrawn, edited after it was corrected, or has expired is in no list.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from heed import codec
from heed.model import Kind, RiskName, Sentiment, Topic
from heed.rim import items
from heed.rim.dynamo import Conflict
from heed.rim.items import Item, Stored, Undecodable
from heed.rim.store import Change, Table
from heed.values import Value

LOG = logging.getLogger(__name__)

PREFIX = "CORRECTIONS#"
PAGE = 40  # messages have at most 20,000 characters, of at most 6 bytes in JSON, and Lambda takes 6 MB of answer


class Labels(Value):
    """What a message is, as a person understands it; a field they said nothing of is None. No risks is `()`."""

    kind: Kind | None = None
    sentiment: Sentiment | None = None
    topic: Topic | None = None
    risks: tuple[RiskName, ...] | None = None
    language: str | None = None


class Correction(Value):
    """One message's labels, and who gave them. `team` had the case `case_id` then.

    `conversation` is the key of the one its message belongs to, where a platform's reports reach it. `wording` is when
    that was last edited before: it tells the words that were read from later ones.
    """

    conversation: str
    message: str
    received_at: datetime
    labels: Labels
    case_id: str
    team: str
    by: str
    at: datetime
    wording: datetime | None = None


class Listed(Value):
    """Corrections of one page, each with its message as it is now, and after which item more follow, if they do."""

    found: tuple[tuple[Correction, Stored], ...]
    next: str | None


class Corrections(Table):
    """A table that also keeps corrections. Every method may raise Unavailable."""

    def correct(self, change: Change, correction: Correction) -> bool:
        """Save a correction with its case. False if it says what the last one of the message said. Raises Conflict."""
        item = correction_item(correction, self._keep)
        another = "attribute_not_exists(pk) OR labels <> :labels"
        put = self._put(item, another, {":labels": item["labels"]})
        failed = self._transact([*self._case_writes(change), put])
        if failed and failed[-1] != "ConditionalCheckFailed":
            raise Conflict
        return not failed

    def corrections(self, month: str, start: str | None, may_see: Callable[[str], bool]) -> Listed:
        """A page of a month's corrections, of the teams that the reader may see.

        One Query and at most one BatchGet, whatever is left out: a page may hold fewer, even none, while more follow.
        """
        from_here = {"ExclusiveStartKey": _key(month, start)} if start else {}
        answer = self._call(
            self._client.query,
            TableName=self._name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": _key(month, "")["pk"]},
            ConsistentRead=True,
            Limit=PAGE,
            **from_here,
        )
        wanted = [one for one in map(_correction, answer["Items"]) if one and may_see(one.team)]
        keys = [items.message_key(one.conversation, one.message) for one in wanted]
        messages = {(item["pk"]["S"], item["sk"]["S"]): _message(item) for item in self._fetch(keys)}
        both = [(one, messages.get((key["pk"]["S"], key["sk"]["S"]))) for one, key in zip(wanted, keys, strict=True)]
        found = tuple((one, stored) for one, stored in both if stored and stored.reported_at == one.wording)
        last = answer.get("LastEvaluatedKey")
        return Listed(found, last["sk"]["S"] if last else None)


def labelled(correction: Correction, stored: Stored) -> dict[str, Any]:
    """The message with its labels, as a line of the export that `heed judge eval` reads.

    Its language is what the judge understood, unless that was corrected too.
    """
    line = {"text": stored.message.text, **codec.to_plain(correction.labels)}
    understood = stored.assessment.language if stored.assessment else "und"
    return line if "language" in line or understood == "und" else {**line, "language": understood}


def correction_item(correction: Correction, keep: timedelta) -> Item:
    """It goes when its message goes."""
    message = items.message_key(correction.conversation, correction.message)
    digest = hashlib.sha256(f"{message['pk']['S']}{message['sk']['S']}".encode()).hexdigest()[:32]
    return {
        **_key(f"{correction.received_at:%Y-%m}", digest),
        "correction": {"S": codec.dumps(correction)},
        "labels": {"S": codec.dumps((correction.labels, correction.wording))},
        "expires_at": items.epoch(correction.received_at + keep),
    }


def _key(month: str, digest: str) -> Item:
    return {"pk": {"S": f"{PREFIX}{month}"}, "sk": {"S": digest}}


def _correction(item: Item) -> Correction | None:
    """None if it cannot be read: it stands in nobody's way."""
    try:
        return codec.loads(Correction, item["correction"]["S"])
    except (KeyError, TypeError, ValueError) as error:
        LOG.error("correction %s cannot be read: %s", item["sk"]["S"], type(error).__name__)
        return None


def _message(item: Item) -> Stored | None:
    try:
        return items.read_message(item)
    except Undecodable as why:
        LOG.error("a message of %s cannot be read: %s", item["pk"]["S"], why)
        return None
