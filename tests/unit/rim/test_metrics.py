"""Metric lines, beside those of powertools, whose place they take."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from heed.rim import metrics, runtime


@pytest.mark.parametrize("dimensions", [{}, {"reason": "bad_signature"}, {"reason": "x", "zone": 'a "b"\n'}])
@pytest.mark.parametrize("unit", [MetricUnit.Count, MetricUnit.Seconds])
def test_a_line_is_the_one_that_powertools_writes(unit: MetricUnit, dimensions: dict[str, str], capsys: Any) -> None:
    theirs, ours = EphemeralMetrics(namespace="Heed", service="s"), metrics.EphemeralMetrics("Heed", "s")
    written = []
    for line, said in ((theirs, unit), (ours, unit.value)):
        for name, value in dimensions.items():
            line.add_dimension(name, value)
        line.add_metric("Received", said, 3)
        line.add_metric("Lag", said, 1.5)
        line.flush_metrics()
        written.append(json.loads(capsys.readouterr().out))
    for found in written:
        assert found["_aws"].pop("Timestamp") == pytest.approx(runtime.now().timestamp() * 1000, abs=60_000)
    assert written[0] == written[1]


def test_what_was_counted_is_one_line_without_zeros(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEED_STACK", "shop")
    runtime.count({"Received": 2, "Ignored": 0}, reason="r")
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert (found["service"], found["reason"], found["Received"]) == ("shop", "r", [2.0])
    assert "Ignored" not in found


def test_nothing_counted_is_no_line(capsys: Any) -> None:
    runtime.count({"Received": 0})
    assert capsys.readouterr().out == ""
