"""What template.yaml says of functions, queues, indexes and the stream: the world takes its figures from there."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import cfn_flip  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
FUNCTIONS = tuple(sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py")))
PAGE_URL = "https://heed.example.com/case/"
LINK_HOURS = 1  # of 24: so that links end within a run
# What the doubles and the people in the simulation call things.
_NAMES = {
    "HEED_STACK": "heed",
    "TABLE_NAME": "table",
    "DUE_QUEUE_URL": "due",
    "RECOVERY_QUEUE_URL": "recovery",
    "PULLS_QUEUE_URL": "pulls",
    "ESCALATIONS_QUEUE_URL": "escalations",
    "NOTICES_TOPIC_ARN": "notices",
    "SECRETS_PREFIX": "/heed/channels",
    "CASE_URL": "https://desk.example.com/cases/",
    "PAGE_URL": PAGE_URL,
    "LINK_HOURS": str(LINK_HOURS),
    "AWS_LAMBDA_FUNCTION_NAME": "heed-simulated",
}


@cache
def template() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cfn_flip.to_json((ROOT / "template.yaml").read_text(encoding="utf-8")))
    return found


def properties(name: str) -> dict[str, Any]:
    """The properties of a resource, by its name in the template."""
    found: dict[str, Any] = template()["Resources"][name]["Properties"]
    return found


@cache
def timeout_ms(function: str) -> int:
    return 1000 * int(properties(function.capitalize())["Timeout"])


@cache
def mapping(function: str, source: str) -> dict[str, Any]:
    """The event source mapping of a function: `Queue` or `Stream`."""
    found: dict[str, Any] = properties(function.capitalize())["Events"][source]["Properties"]
    return found


@cache
def every_ms(function: str) -> int:
    """How often the schedule runs a function."""
    events = properties(function.capitalize())["Events"].values()
    (schedule,) = (event["Properties"] for event in events if event["Type"] == "ScheduleV2")
    found = re.fullmatch(r"rate\((\d+) minutes?\)", schedule["ScheduleExpression"])
    assert found is not None, schedule
    return 60_000 * int(found[1])


@cache
def announced() -> tuple[str, ...]:
    """The attributes that announce's filter lets through, any one of them."""
    patterns = [json.loads(rule["Pattern"]) for rule in mapping("announce", "Stream")["FilterCriteria"]["Filters"]]
    return tuple(name for pattern in patterns for name in pattern["dynamodb"]["NewImage"])


@cache
def indexes() -> dict[str, tuple[str, str]]:
    """The two key attributes of each index."""
    found = properties("Table")["GlobalSecondaryIndexes"]
    return {index["IndexName"]: tuple(key["AttributeName"] for key in index["KeySchema"]) for index in found}


def environment() -> dict[str, str]:
    """Every variable that any function is given: by the simulation's name for it, else a parameter's default."""
    given: dict[str, Any] = {}
    for name in FUNCTIONS:
        given |= properties(name.capitalize()).get("Environment", {}).get("Variables", {})
    return {name: _default(name, value) for name, value in given.items()} | _NAMES


def _default(name: str, value: Any) -> str:
    parameter = template()["Parameters"].get(value.get("Ref"), {}) if isinstance(value, dict) else {}
    return str(parameter.get("Default") or name.lower())
