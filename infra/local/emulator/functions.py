"""Functions run on a bare interpreter, log as in Lambda, and their metric lines become metrics."""

import json
import os
from collections.abc import Iterator
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-not-found]
from ministack.services import cloudwatch, lambda_svc  # type: ignore[import-not-found]

# The runtime's root logger prints through a handler of its own; the worker has none.
ROOT_LOGGER = """
import logging as _logging, sys as _sys, time as _time
_handler = _logging.StreamHandler(_sys.stderr)
_line = "[%(levelname)s]\\t%(asctime)s.%(msecs)03dZ\\t%(message)s"
_handler.setFormatter(_logging.Formatter(_line, "%Y-%m-%dT%H:%M:%S"))
_handler.formatter.converter = _time.gmtime
_logging.getLogger().addHandler(_handler)
"""


def run_on_a_bare_interpreter() -> None:
    """As shipped, functions see the server's own packages, so that a forgotten dependency would pass."""
    detect = lambda_runtime._detect_runtime_binary

    def detect_bare(runtime: str) -> tuple[str, str]:
        binary, script = detect(runtime)
        if runtime.startswith("python"):
            return os.environ["HEED_FUNCTION_PYTHON"], ROOT_LOGGER + script
        return binary, script

    lambda_runtime._detect_runtime_binary = detect_bare


def metrics_in(line: str) -> Iterator[tuple[str, str, float, str, dict[str, str]]]:
    """The (namespace, name, value, unit, dimensions) of one line in CloudWatch's embedded metric format."""
    document = json.loads(line)
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for names in directive.get("Dimensions") or [[]]:
            dimensions = {name: str(document[name]) for name in names}
            for metric in directive.get("Metrics", []):
                values = document[metric["Name"]]
                for value in values if isinstance(values, list) else [values]:
                    yield directive["Namespace"], metric["Name"], value, metric.get("Unit", "None"), dimensions


def record_metric_lines() -> None:
    emit = lambda_svc._emit_lambda_logs

    def record_and_emit(function: Any, request_id: str, text: str | None, *args: Any, **more: Any) -> Any:
        for line in (text or "").splitlines():
            if '"_aws"' in line:
                try:
                    for metric in metrics_in(line):
                        cloudwatch.record_metric(*metric)
                except (KeyError, TypeError, ValueError):
                    continue  # as in AWS: a line that is no valid metric stays a log line
        return emit(function, request_id, text, *args, **more)

    lambda_svc._emit_lambda_logs = record_and_emit


def install() -> None:
    run_on_a_bare_interpreter()
    record_metric_lines()
