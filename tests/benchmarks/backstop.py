"""What happens to promises while the machinery is broken: `make bench-backstop`, about a quarter of an hour.

Promises fall due within five minutes on the local stack. Before the first does, watch's schedule is switched off, the
queue of wakes is emptied and expire is made to fail on every message (its table's name is wrong). Ten minutes later all
is put right, and nothing else is done: the index still holds every promise, so the next sweeps find them. Each broken
promise has to be told, and told once.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.heedctl import channels, queues, target
from infra.heedctl.target import Target
from infra.local import paths
from infra.local.stack import Stack, ended_by_signals
from tests.benchmarks.lag import CHANNEL, FIRST, at_share, burst, policy_text

CLOCKS = 60
SPREAD = timedelta(minutes=5)
OUTAGE_SECONDS = 600.0
RECOVERY_SECONDS = 240.0


def schedule(to: Target, state: str) -> None:
    """Switch watch's schedule off or on."""
    scheduler = to.client("scheduler")
    for found in scheduler.list_schedules()["Schedules"]:
        given = scheduler.get_schedule(Name=found["Name"], GroupName=found["GroupName"])
        if "watch" not in given["Target"]["Arn"].lower():
            continue
        passed = ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")
        scheduler.update_schedule(**{name: given[name] for name in passed}, State=state)


def break_expire(to: Target, broken: bool) -> None:
    """Give expire a table that does not exist, or its own again."""
    functions = to.client("lambda")
    name = to.output("ExpireFunction")
    held: dict[str, str] = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    table = held["TABLE_NAME"].removesuffix("-gone") + ("-gone" if broken else "")
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": {**held, "TABLE_NAME": table}})


def empty(to: Target) -> None:
    url = to.client("sqs").get_queue_url(QueueName=_queue_name(to))["QueueUrl"]
    to.client("sqs").purge_queue(QueueUrl=url)


def _queue_name(to: Target) -> str:
    urls = to.client("sqs").list_queues().get("QueueUrls", [])
    names = [url.rsplit("/", 1)[-1] for url in urls]
    return next(name for name in names if "Due" in name and "Dead" not in name)


def told(to: Target, inbox: str, until: float) -> tuple[dict[str, float], Counter[str]]:
    """The lag of each breach's first notice, and how often each was told."""
    lags: dict[str, float] = {}
    times: Counter[str] = Counter()
    while time.monotonic() < until and len(lags) < CLOCKS:
        _take(to, inbox, lags, times)
        print(f"\r{len(lags)} of {CLOCKS} notices", end="", file=sys.stderr)
    settle = time.monotonic() + 30
    while time.monotonic() < settle:
        _take(to, inbox, lags, times)
    print(file=sys.stderr)
    return lags, times


def _take(to: Target, inbox: str, lags: dict[str, float], times: Counter[str]) -> None:
    for letter in queues.take(to, inbox, wait_seconds=1):
        body: dict[str, Any] = letter.body
        if body["kind"] == "breach" and body["metric"] == "first_response" and body.get("level", 1) == 1:
            lags.setdefault(body["key"], letter.lag_seconds)
            times[body["key"]] += 1


def main() -> int:
    policy = paths.HOME / "bench-policy.yaml"
    policy.parent.mkdir(exist_ok=True)
    policy.write_text(policy_text(), encoding="utf-8")
    with ended_by_signals(), Stack.start(paths.HOME / "bench") as stack:
        stack.deploy({"ProtectTable": "false"}, print, policy=policy)
        to = target.of(stack)
        channels.put(to, CHANNEL, channels.generate("facebook"))
        inbox = queues.subscribe(to, "bench-notices")
        due = burst(to, CLOCKS, SPREAD)
        print(f"{CLOCKS} promises fall due within {SPREAD}, the first in about {FIRST.seconds} s", flush=True)
        schedule(to, "DISABLED")
        break_expire(to, broken=True)
        empty(to)
        began = datetime.now(UTC)
        print(f"watch is off, its queue emptied and expire fails, for {OUTAGE_SECONDS:.0f} s", flush=True)
        while (datetime.now(UTC) - began).total_seconds() < OUTAGE_SECONDS:
            time.sleep(30)
            empty(to)
        early, _ = told(to, inbox, time.monotonic())
        break_expire(to, broken=False)
        schedule(to, "ENABLED")
        restored = datetime.now(UTC)
        lags, times = told(to, inbox, time.monotonic() + RECOVERY_SECONDS)
    back = [
        lag - (restored - at).total_seconds()
        for lag, at in zip(sorted(lags.values()), sorted(due.values(), reverse=True), strict=False)
    ]
    figures = {
        "clocks": CLOCKS,
        "told_during_the_outage": len(early),
        "told": len(lags),
        "repeats": sum(times.values()) - len(times),
        "last_seconds_after_recovery": round(max(back), 1) if back else None,
        "lag_p50_seconds": round(at_share(sorted(lags.values()), 0.5), 1) if lags else None,
    }
    print(json.dumps(figures))
    kept = len(lags) == CLOCKS and figures["repeats"] == 0
    print("every one was told, once" if kept else "NOT every one was told once")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
