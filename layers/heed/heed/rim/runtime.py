"""What every function needs at start: settings from the environment, clients, a logger, metrics.

botocore is used without boto3's layer on top (a twentieth of the start-up instructions, nothing lost), with one session
for all clients and garbage collection off while modules load.
"""

from __future__ import annotations

import gc
import os
import traceback
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import botocore
import botocore.session
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config
from botocore.handlers import BUILTIN_HANDLERS

from heed.policy import Policy, load
from heed.rim.metrics import EphemeralMetrics

T = TypeVar("T")

SERVICES = frozenset({"dynamodb", "secrets-manager", "sns", "sqs", "ssm"})  # as botocore names them in its events

# What we send is built and typed here, and AWS checks it anyway; the name botocore would piece together twice a call.
_PLAIN = Config(parameter_validation=False, user_agent=f"Botocore/{botocore.__version__} Heed")
# A platform waits five seconds at most: two short tries of each call, then the recovery queue.
HURRIED = _PLAIN.merge(
    Config(connect_timeout=0.5, read_timeout=1, retries={"total_max_attempts": 2, "mode": "standard"})
)
PATIENT = _PLAIN.merge(Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 4, "mode": "standard"}))


class MissingSettings(Exception):
    """The function's environment lacks names it cannot do without."""


def settings(kind: type[T]) -> T:
    """Settings read from the environment: field `table_name` from `TABLE_NAME`.

    Raises MissingSettings naming all that is missing or empty at once.
    """
    names = {field: field.upper() for field in kind.__annotations__}
    missing = sorted(name for name in names.values() if not os.environ.get(name))
    if missing:
        raise MissingSettings(", ".join(missing))
    return kind(**{field: os.environ[name] for field, name in names.items()})


@cache
def _session() -> botocore.session.Session:
    """One for all clients, without botocore's special cases of services that we never call: a sixteenth of a start."""
    session = botocore.session.Session(include_builtin_handlers=False)
    for event, handler, *_ in BUILTIN_HANDLERS:
        _, _, rest = event.partition(".")
        if not rest or rest.partition(".")[0] in SERVICES:
            session.register(event, handler)
    return session


def client(service: str, config: Config) -> Any:
    """A client of one AWS service in this function's region."""
    made: Any = _session().create_client(service, config=config)
    if service == "dynamodb":
        # A table is at the address found when its client was made; the rules would find it anew at every call.
        vars(made)["_ruleset_resolver"] = None
    return made


@cache
def policy() -> Policy:
    """The brand's policy from the layer `heed_policy`."""
    import heed_policy

    return load(heed_policy.POLICY)


def now() -> datetime:
    """The time to the millisecond: as exact as any platform says it, and shorter to store."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def logger() -> Logger:
    """Structured logs: ids, reasons and counts; never a body, a header, a customer's word or id."""
    return Logger(service=os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "heed"))


def count(values: Mapping[str, float], unit: MetricUnit = MetricUnit.Count, **dimensions: str) -> None:
    """Write metrics of namespace Heed as one log line; the stack is always a dimension. Zero is not written."""
    line = EphemeralMetrics(namespace="Heed", service=os.environ.get("HEED_STACK", "heed"))
    for name, chosen in dimensions.items():
        line.add_dimension(name, chosen)
    for name, value in values.items():
        if value:
            line.add_metric(name, unit.value, value)
    if line.metric_set:
        line.flush_metrics()


def failures(message_ids: Iterable[str]) -> dict[str, Any]:
    """The answer of a batch handler: only these are to be delivered again."""
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in message_ids]}


def where(bug: BaseException) -> dict[str, str]:
    """Type and place of an exception for a log line, without its message, which may quote a customer."""
    frames = traceback.extract_tb(bug.__traceback__)[-4:]
    return {
        "exception": type(bug).__name__,
        "at": " < ".join(f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in reversed(frames)),
    }


def ready() -> None:
    """Call last at start: what was loaded stays, so the collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.enable()


gc.disable()
