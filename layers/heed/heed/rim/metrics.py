"""Metrics as CloudWatch's embedded metric format: a line of JSON on standard output, which costs no call.

The class takes the place of powertools' own, whose every line builds and checks its lists of units anew: 60 us of a
message's, here 6.
"""

from __future__ import annotations

import json
import time

_ENCODE = json.JSONEncoder(separators=(",", ":")).encode


class EphemeralMetrics:
    """One line: its dimensions in the order they were added, the service last."""

    def __init__(self, namespace: str, service: str) -> None:
        self._namespace = namespace
        self._service = service
        self._dimensions: dict[str, str] = {}
        self._units: dict[str, str] = {}
        self.metric_set: dict[str, list[float]] = {}

    def add_dimension(self, name: str, value: str) -> None:
        self._dimensions[name] = value

    def add_metric(self, name: str, unit: str, value: float) -> None:
        self._units[name] = unit
        self.metric_set[name] = [float(value)]

    def flush_metrics(self) -> None:
        dimensions = {**self._dimensions, "service": self._service}
        metrics = [{"Name": name, "Unit": unit} for name, unit in self._units.items()]
        directive = {"Namespace": self._namespace, "Dimensions": [[*dimensions]], "Metrics": metrics}
        about = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
        print(_ENCODE({"_aws": about, **dimensions, **self.metric_set}))
