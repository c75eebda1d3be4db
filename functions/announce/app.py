"""Announce: follows the table's stream and tells the world what changed. The only function that speaks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from heed.rim import queues, runtime
from heed.rim.bundles import Bundles
from heed.rim.dynamo import Unavailable
from heed.rim.link_keys import LinkKeys
from heed.rim.linking import Linker
from heed.rim.speaking import Speaker
from heed.values import Value


class Settings(Value):
    table_name: str
    due_queue_url: str
    escalations_queue_url: str
    notices_topic_arn: str
    case_url: str
    page_url: str
    link_hours: str
    link_key: str


SETTINGS = runtime.settings(Settings)
POLICY = runtime.policy()
LOGGER = runtime.logger()
SQS = runtime.client("sqs", runtime.PATIENT)


@cache
def _secrets() -> Any:
    """Made for the first notice. Hurried: while the key cannot be read, notices go out with the plain link."""
    return runtime.client("secretsmanager", runtime.HURRIED)


SPEAKER = Speaker(
    policy=POLICY,
    table=Bundles(runtime.client("dynamodb", runtime.PATIENT), SETTINGS.table_name, POLICY.retention_days),
    clock=runtime.now,
    escalate=partial(queues.send, SQS, SETTINGS.escalations_queue_url),
    publish=partial(queues.publish, runtime.client("sns", runtime.PATIENT), SETTINGS.notices_topic_arn),
    wake=partial(queues.send, SQS, SETTINGS.due_queue_url),
    case_url=SETTINGS.case_url,
    link=Linker(
        keys=LinkKeys(_secrets, SETTINGS.link_key),
        page_url=SETTINGS.page_url,
        case_url=SETTINGS.case_url,
        lasts=timedelta(hours=int(SETTINGS.link_hours)),
        plain=lambda: runtime.count({"PlainLinks": 1}),
    ),
)
runtime.ready()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    try:
        said = SPEAKER.say(event["Records"])
    except Unavailable:
        return runtime.failures(record["dynamodb"]["SequenceNumber"] for record in event["Records"])
    for bug in said.bugs:
        LOGGER.error("bug", extra=runtime.where(bug))
    runtime.count({**said.counts, "AnnounceBugs": len(said.bugs)})
    for lag_seconds in said.lags_seconds:
        runtime.count({"BreachLagSeconds": lag_seconds}, MetricUnit.Seconds)
    return runtime.failures(said.failed)
