"""Stream mappings with partial batches, bisecting, retry limits, record age and a failure destination.

ministack drops a batch whose function failed. AWS retries it in order until it succeeds, its tries are used up or
it is too old, and honours ReportBatchItemFailures: what precedes the first failed record is done.
"""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import (  # type: ignore[import-not-found]
    _request_account_id,
    _request_region,
)
from ministack.services import dynamodb, lambda_svc  # type: ignore[import-not-found]


@dataclass
class Chunk:
    """Consecutive records that are handed to the function together."""

    length: int
    attempts: int = 0


@dataclass
class Progress:
    """Where one mapping stands in its stream, and the chunks it has begun."""

    position: int
    chunks: list[Chunk] = field(default_factory=list)

    def done(self, count: int) -> None:
        """The first `count` records of the first chunk need no more work."""
        self.position += count
        first = self.chunks.pop(0)
        if first.length > count:
            self.chunks.insert(0, Chunk(first.length - count))


progress_of: dict[str, Progress] = {}


def records_after(mapping: dict[str, Any], table: str, progress: Progress) -> list[dict[str, Any]]:
    """The records of the next chunk; a new chunk waits for its batching window."""
    if not progress.chunks:
        size = int(mapping.get("BatchSize", 100))
        window_seconds = float(mapping.get("MaximumBatchingWindowInSeconds") or 0)
        found = dynamodb.stream_records_since(table, progress.position, size)
        if not found or (len(found) < size and age_seconds(found) < window_seconds):
            return []
        progress.chunks.append(Chunk(len(found)))
    records: list[dict[str, Any]] = dynamodb.stream_records_since(table, progress.position, progress.chunks[0].length)
    return records


def age_seconds(records: list[dict[str, Any]]) -> float:
    return time.time() - float(records[0]["dynamodb"]["ApproximateCreationDateTime"])


def first_failure(result: dict[str, Any], records: list[dict[str, Any]], mapping: dict[str, Any]) -> int | None:
    """The index of the first record that failed; an identifier nobody knows fails the whole batch, as in AWS."""
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []):
        return None
    body = result.get("body")
    if isinstance(body, (str, bytes)):
        body = json.loads(body or "null")
    failures = (body or {}).get("batchItemFailures") or []
    failed = {failure.get("itemIdentifier") for failure in failures}
    if not failed:
        return None
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    return min((index for index, number in enumerate(numbers) if number in failed), default=0)


def given_up(mapping: dict[str, Any], records: list[dict[str, Any]], attempts: int) -> str | None:
    """Why no further try is made, if so. -1 means without limit."""
    max_age_seconds = int(mapping.get("MaximumRecordAgeInSeconds") or -1)
    limit = mapping.get("MaximumRetryAttempts")
    if 0 < max_age_seconds < age_seconds(records):
        return "RecordAgeExceeded"
    if limit is not None and 0 <= int(limit) <= attempts:
        return "RetryAttemptsExhausted"
    return None


def after_failure(
    mapping: dict[str, Any], progress: Progress, records: list[dict[str, Any]], function: Any, result: dict[str, Any]
) -> None:
    """Split, give up or wait for the next try. Splitting costs no try."""
    chunk = progress.chunks[0]
    reason = given_up(mapping, records, chunk.attempts)
    mapping["LastProcessingResult"] = "PROBLEM: Function call failed"
    if mapping.get("BisectBatchOnFunctionError") and chunk.length > 1 and reason != "RecordAgeExceeded":
        half = chunk.length // 2
        progress.chunks[0:1] = [Chunk(half, chunk.attempts), Chunk(chunk.length - half, chunk.attempts)]
    elif reason:
        batch = lambda_svc._apply_filter_criteria(records, mapping)
        lambda_svc._send_ddb_stream_failure_record(mapping, function, batch, mapping["EventSourceArn"], result, reason)
        progress.done(chunk.length)
    else:
        chunk.attempts += 1
        lambda_svc._esm_backoff_until[mapping["UUID"]] = time.time() + min(0.1 * 2**chunk.attempts, 5)


def process(mapping: dict[str, Any], table: str, function: Any, progress: Progress) -> bool:
    """Hand the next chunk to the function; whether there was one."""
    records = records_after(mapping, table, progress)
    if not records:
        return False
    batch = lambda_svc._apply_filter_criteria(records, mapping)
    if not batch:
        progress.done(len(records))
        return True
    result = lambda_svc._execute_function(function, {"Records": batch})
    failed_at = first_failure(result, records, mapping)
    if failed_at is None:
        mapping["LastProcessingResult"] = f"OK - {len(batch)} records"
        progress.done(len(records))
    elif failed_at > 0:
        attempts = progress.chunks[0].attempts
        progress.done(failed_at)
        progress.chunks[0].attempts = attempts + 1
    else:
        after_failure(mapping, progress, records, function, result)
    return True


def poll_mapping(mapping: dict[str, Any]) -> bool:
    arn, uuid = mapping.get("EventSourceArn", ""), mapping["UUID"]
    if not mapping.get("Enabled", True) or ":dynamodb:" not in arn or "/stream/" not in arn:
        return False
    name = arn.split("/stream/")[0].split("/")[-1]
    table = dynamodb._tables.get(name)
    function, _ = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
    if function is None or not table or table.get("LatestStreamArn") != arn:
        return False
    if lambda_svc._esm_backoff_until.get(uuid, 0) > time.time():
        return False
    horizon = dynamodb.stream_start_position(name)
    if uuid not in progress_of:
        lambda_svc._init_stream_position(uuid, arn, mapping.get("StartingPosition", "LATEST"))
        progress_of[uuid] = Progress(lambda_svc._dynamodb_stream_positions[uuid])
    progress = progress_of[uuid]
    progress.position = max(progress.position, horizon)
    return process(mapping, name, function, progress)


def poll_streams() -> bool:
    busy = False
    for account, region, mapping in lambda_svc._iter_all_esms():
        account_token, region_token = _request_account_id.set(account), _request_region.set(region)
        try:
            busy = poll_mapping(mapping) or busy
        finally:
            _request_account_id.reset(account_token)
            _request_region.reset(region_token)
    return busy


def install() -> None:
    lambda_svc._poll_dynamodb_streams = poll_streams
