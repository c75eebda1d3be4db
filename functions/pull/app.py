"""Pull: fetches what a platform only rang for. Reads the queue of pulls; every few minutes rings for all itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from heed import judge
from heed.rim import queues, runtime
from heed.rim.bookmarks import Bookmarks
from heed.rim.dynamo import Unavailable
from heed.rim.intake import pull_entry
from heed.rim.pulling import Pulling, Ring, gathered
from heed.rim.vault import Vault
from heed.rim.wecom_api import Refused, WecomApi
from heed.values import Value

# Enough for another page to be asked for and stored.
SPARE_MILLISECONDS = 30_000
LONGEST_WAIT_SECONDS = 900


class Settings(Value):
    table_name: str
    pulls_queue_url: str
    secrets_prefix: str
    wecom_api_url: str


SETTINGS = runtime.settings(Settings)
POLICY = runtime.policy()
LOGGER = runtime.logger()
SQS = runtime.client("sqs", runtime.PATIENT)
SSM = runtime.client("ssm", runtime.PATIENT)
TABLE = Bookmarks(runtime.client("dynamodb", runtime.PATIENT), SETTINGS.table_name, POLICY.retention_days)
API = WecomApi(SETTINGS.wecom_api_url, runtime.now)
PULLING = Pulling(POLICY, TABLE, Vault(lambda: SSM, SETTINGS.secrets_prefix), API, runtime.now)
judge.ready()
runtime.ready()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    if "Records" not in event:
        lost = queues.send(SQS, SETTINGS.pulls_queue_url, map(pull_entry, PULLING.every()))
        runtime.count({"RingsLost": len(lost)})
        return {}
    records = {record["messageId"]: record for record in event["Records"]}
    counts: Counter[str] = Counter()
    rings, failed = gathered({message_id: record["body"] for message_id, record in records.items()})
    counts["PullBugs"] = len(failed)
    for ring in rings:
        if not _pulled(ring, records, counts, context):
            failed += ring.message_ids
    runtime.count(counts)
    return runtime.failures(failed)


def _pulled(ring: Ring, records: Mapping[str, Any], counts: Counter[str], context: Any) -> bool:
    """Whether the ring has had its answer; one that has not is heard again after a while, longer each time."""
    where = {"channel": ring.pull.channel, "source": ring.pull.source}
    try:
        if not PULLING.pull(ring.pull, counts, lambda: context.get_remaining_time_in_millis() > SPARE_MILLISECONDS):
            return not queues.send(SQS, SETTINGS.pulls_queue_url, [pull_entry(ring.pull)])
        return True
    except (Refused, Unavailable) as why:
        LOGGER.warning("not pulled", extra={**where, "reason": str(why)})
        counts["NotPulled"] += 1
        for message_id in ring.message_ids:
            record = records[message_id]
            wait = getattr(why, "wait_seconds", 15) << min(int(record["attributes"]["ApproximateReceiveCount"]) - 1, 6)
            queues.wait(SQS, SETTINGS.pulls_queue_url, record["receiptHandle"], min(wait, LONGEST_WAIT_SECONDS))
    except Exception as bug:
        LOGGER.error("bug", extra={**where, **runtime.where(bug)})
        counts["PullBugs"] += 1
    return False
