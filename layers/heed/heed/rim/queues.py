"""Batches to SQS and SNS: up to ten entries a call, and a plain answer to which of them did not arrive."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from math import floor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from heed.values import Value

LOG = logging.getLogger(__name__)

BATCH = 10
BATCH_BYTES = 250_000  # of the 262,144 that every region grants
LONGEST_DELAY_SECONDS = 900

Entry = dict[str, Any]


class Lost(Value):
    """An entry that did not arrive, by its position; `again` if the same entry may be taken another time."""

    position: int
    again: bool


class Wake(Value):
    """Look at this case at `at`: a clock may have run out."""

    case: str
    at: datetime

    def entry(self, now: datetime) -> Entry:
        """Delayed to the second after `at`, because a promise kept at the very deadline is kept."""
        wait = floor((self.at - now).total_seconds()) + 1
        body = json.dumps({"case": self.case, "due_at": self.at.isoformat()})
        return {"MessageBody": body, "DelaySeconds": min(max(wait, 0), LONGEST_DELAY_SECONDS)}


class Receipt(Value):
    """These effects of a case were told at `at`; None if there was no more need to."""

    case: str
    keys: tuple[str, ...]
    at: datetime | None

    def entry(self) -> Entry:
        at = self.at.isoformat() if self.at else None
        return {"MessageBody": json.dumps({"case": self.case, "told": self.keys, "at": at})}


class Withheld(Value):
    """These effects of a case wait in a bundle's `window` until `until`, when a digest tells them."""

    case: str
    keys: tuple[str, ...]
    window: str
    until: datetime

    def entry(self) -> Entry:
        body = {"case": self.case, "held": self.keys, "window": self.window, "until": self.until.isoformat()}
        return {"MessageBody": json.dumps(body)}


def send(client: Any, queue_url: str, entries: Iterable[Entry]) -> list[Lost]:
    """Send to SQS; returns the entries that did not arrive."""
    return _batches(entries, lambda batch: client.send_message_batch(QueueUrl=queue_url, Entries=batch))


def publish(client: Any, topic_arn: str, entries: Iterable[Entry]) -> list[Lost]:
    """Publish to SNS; returns the entries that were not accepted."""
    return _batches(entries, lambda batch: client.publish_batch(TopicArn=topic_arn, PublishBatchRequestEntries=batch))


def wait(client: Any, queue_url: str, receipt_handle: str, seconds: int) -> None:
    """Let a message that was received come again after so long, and not after the queue's own time."""
    try:
        client.change_message_visibility(QueueUrl=queue_url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds)
    except (ClientError, BotoCoreError) as error:
        LOG.warning("a message comes again only after the queue's own time: %s", type(error).__name__)


def _batches(entries: Iterable[Entry], call: Callable[[Sequence[Entry]], dict[str, Any]]) -> list[Lost]:
    lost: list[Lost] = []
    for batch in _cut({"Id": str(number), **entry} for number, entry in enumerate(entries)):
        try:
            refused = call(batch).get("Failed", ())
        except ClientError as error:
            refused = [{"Id": entry["Id"], "Code": error.response["Error"]["Code"]} for entry in batch]
        except BotoCoreError as error:
            refused = [{"Id": entry["Id"], "Code": type(error).__name__} for entry in batch]
        if refused:
            codes = ", ".join(sorted({entry["Code"] for entry in refused}))
            LOG.warning("%d of a batch of %d refused: %s", len(refused), len(batch), codes)
        lost += [Lost(int(entry["Id"]), again=not entry.get("SenderFault", False)) for entry in refused]
    return lost


def _cut(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Batches of at most ten entries that together stay below what one call may weigh."""
    batch: list[Entry] = []
    weight = 0
    for entry in entries:
        own = len(json.dumps(entry, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        if batch and (len(batch) == BATCH or weight + own > BATCH_BYTES):
            yield batch
            batch, weight = [], 0
        batch.append(entry)
        weight += own
    if batch:
        yield batch
