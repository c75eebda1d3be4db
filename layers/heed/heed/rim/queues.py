"""Batches to SQS and SNS: ten entries a call, and a plain answer to which of them did not arrive."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from math import floor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

LOG = logging.getLogger(__name__)

BATCH = 10
LONGEST_DELAY_SECONDS = 900

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wake:
    """Look at this case at `at`: a clock may have run out."""

    case: str
    at: datetime

    def entry(self, now: datetime) -> Entry:
        """Delayed to the second after `at`, because a promise kept at the very deadline is kept."""
        wait = floor((self.at - now).total_seconds()) + 1
        body = json.dumps({"case": self.case, "due_at": self.at.isoformat()})
        return {"MessageBody": body, "DelaySeconds": min(max(wait, 0), LONGEST_DELAY_SECONDS)}


@dataclass(frozen=True, slots=True)
class Receipt:
    """These effects of a case were told at `at`; None if there was no more need to."""

    case: str
    keys: tuple[str, ...]
    at: datetime | None

    def entry(self) -> Entry:
        at = self.at.isoformat() if self.at else None
        return {"MessageBody": json.dumps({"case": self.case, "told": self.keys, "at": at})}


def send(client: Any, queue_url: str, entries: Iterable[Entry]) -> list[int]:
    """Send to SQS; returns the positions of the entries that did not arrive."""
    return _batches(entries, lambda batch: client.send_message_batch(QueueUrl=queue_url, Entries=batch))


def publish(client: Any, topic_arn: str, entries: Iterable[Entry]) -> list[int]:
    """Publish to SNS; returns the positions of the entries that were not accepted."""
    return _batches(entries, lambda batch: client.publish_batch(TopicArn=topic_arn, PublishBatchRequestEntries=batch))


def _batches(entries: Iterable[Entry], call: Callable[[Sequence[Entry]], dict[str, Any]]) -> list[int]:
    failed: list[int] = []
    numbered = ({"Id": str(number), **entry} for number, entry in enumerate(entries))
    while batch := list(islice(numbered, BATCH)):
        try:
            refused = call(batch).get("Failed", ())
            codes = {entry["Code"] for entry in refused}
        except ClientError as error:
            refused, codes = batch, {error.response["Error"]["Code"]}
        except BotoCoreError as error:
            refused, codes = batch, {type(error).__name__}
        if refused:
            LOG.warning("%d of a batch of %d refused: %s", len(refused), len(batch), ", ".join(sorted(codes)))
        failed += [int(entry["Id"]) for entry in refused]
    return failed
