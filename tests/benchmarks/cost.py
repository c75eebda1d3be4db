"""What Heed costs: USD for a million messages by part, USD a month while nobody writes, and when servers are cheaper.

`make bench-cost` plays the mix of `mix.py` twice to the real handlers on an AWS account in memory: quiet, when each
record and each message of a queue comes alone, and busy, when batches are full. Calls, request units, log lines and CPU
are counted; memory and batch sizes are the template's; prices are in `prices.py` and can be set with
`--price name=USD`. Writes .heed/bench/cost.json.

How long a function runs is computed: its CPU here over the share of a CPU its memory buys, and the wait for each call.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from infra.local import paths
from tests import in_memory
from tests.benchmarks import batches, mix, prices
from tests.benchmarks.metering import Usage
from tests.benchmarks.mix import Played
from tests.benchmarks.world import LOG_EVENT_BYTES, world

Usd = Mapping[str, float]

CPU_MEGABYTES = 1769  # of memory for one whole CPU, as Lambda documents it
MACHINE = 1.0  # Lambda's CPU to this machine's
CALL_CPU_SECONDS = 0.0003  # socket and TLS of one call, which the emulator has not
WAIT_SECONDS = {
    "GetItem": 0.004,
    "BatchGetItem": 0.005,
    "Query": 0.005,
    "PutItem": 0.006,
    "UpdateItem": 0.006,
    "TransactWriteItems": 0.015,
    "SendMessageBatch": 0.012,
    "PublishBatch": 0.020,
    "GetParameter": 0.015,
    "GetSecretValue": 0.015,
}
COLD_SHARE, COLD_SECONDS = 0.005, 1.0  # of invocations that start a function, and what a start is charged
BILLED_SECONDS = 0.001
MONTH_MINUTES = 365 * 24 * 60 / 12
POLLS_MONTH = 5 * 3 * MONTH_MINUTES  # five pollers of a Lambda queue mapping, twenty seconds each
SECRET_MINUTES = 5
GIGABYTE = 1e9
ROUTE_METRICS = 6  # 4xx, 5xx, Count, DataProcessed, IntegrationLatency, Latency
DISK_GB, KEEP_MONTHS = 50, 12


@dataclass(frozen=True)
class Bill:
    """USD of one part, by what is charged."""

    part: str
    usd: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.usd.values())


def seconds(used: Usage, megabytes: int) -> float:
    """Billed seconds of all invocations of a function."""
    calls = sum(used.calls.values())
    cpu = (used.cpu_seconds * MACHINE + calls * CALL_CPU_SECONDS) / min(1.0, megabytes / CPU_MEGABYTES)
    waits = sum(WAIT_SECONDS[name] * count for name, count in used.calls.items())
    cold = used.invocations * COLD_SHARE * COLD_SECONDS
    return cpu + waits + cold + used.invocations * BILLED_SECONDS / 2


def bill(name: str, used: Usage, megabytes: int, usd: Usd, log_days: int, line_bytes: int) -> Bill:
    """What one function cost, the API before it and the log lines of both included."""
    months = log_days * 24 * 60 / MONTH_MINUTES
    logged = used.log_bytes + used.requests * line_bytes
    charged = seconds(used, megabytes) * megabytes / 1024
    return Bill(
        name,
        {
            "API": used.requests * usd["api_request"],
            "Lambda": used.invocations * usd["lambda_request"] + charged * usd["lambda_gb_second"],
            "DynamoDB": used.write_units * usd["dynamodb_write"] + used.read_units * usd["dynamodb_read"],
            "SQS, SNS": used.queue_requests * usd["sqs_request"] + used.published * usd["sns_publish"],
            "logs": logged / GIGABYTE * (usd["log_gb"] + months * usd["log_gb_month"]),
            "traffic": used.answer_bytes / GIGABYTE * usd["traffic_gb"],
        },
    )


def memory(function: str) -> int:
    """Megabytes that the template gives a function."""
    return int(in_memory.template()["Resources"][function.capitalize()]["Properties"]["MemorySize"])


def bills(found: Played, usd: Usd, template: Mapping[str, Any]) -> list[Bill]:
    """Every part of what was played."""
    log_days = template["Parameters"]["LogDays"]["Default"]
    resources = template["Resources"]
    line = access_log_bytes(resources["ApiStage"]["Properties"]["AccessLogSettings"]["Format"])
    parts = [
        bill(name, found.usage[name], memory(name), usd, log_days, line)
        for name in ("intake", "announce", "watch", "expire", "desk")
    ]
    # Each batch that a function takes from its queue was received and deleted; an escalation's team takes it alone.
    taken = (2 * found.usage["expire"].invocations + 2 * found.escalations) * usd["sqs_request"]
    mailed = found.usage["announce"].published * usd["sns_email"]
    return [*parts, Bill("queues read", {"SQS, SNS": taken}), Bill("mail to one", {"SQS, SNS": mailed})]


def access_log_bytes(text: str) -> int:
    """A line of the API's log, each variable taken as twelve characters."""
    return len(re.sub(r"\$context[.\w]+", "x" * 12, text)) + LOG_EVENT_BYTES


def storage(found: Played, usd: Usd) -> float:
    """USD a month for keeping a million messages and their cases."""
    gigabytes = found.item_bytes / found.messages * 1e6 / GIGABYTE
    return gigabytes * (usd["dynamodb_gb_month"] + usd["dynamodb_backup_gb_month"])


def monthly(usd: Usd, template: Mapping[str, Any], metrics: int, sweep: Usage) -> dict[str, float]:
    """USD a month while nobody writes. `metrics` are the custom ones with data in each hour, as in a busy month."""
    kinds = Counter(resource["Type"] for resource in template["Resources"].values())
    events = [
        event
        for resource in template["Resources"].values()
        for event in resource.get("Properties", {}).get("Events", {}).values()
    ]
    queues = sum(event["Type"] == "SQS" for event in events)
    schedules = [event["Properties"]["ScheduleExpression"] for event in events if event["Type"] == "ScheduleV2"]
    detailed = template["Resources"]["ApiStage"]["Properties"]["DefaultRouteSettings"].get("DetailedMetricsEnabled")
    runs = sum(MONTH_MINUTES / int(re.findall(r"\d+", text)[0]) for text in schedules)
    return {
        "alarms": kinds["AWS::CloudWatch::Alarm"] * usd["alarm"],
        "custom metrics": metrics * usd["custom_metric"],
        "metrics of each route": kinds["AWS::ApiGatewayV2::Route"]
        * ROUTE_METRICS
        * usd["route_metric"]
        * bool(detailed),
        "dashboard": kinds["AWS::CloudWatch::Dashboard"] * usd["dashboard"],
        "secret": kinds["AWS::SecretsManager::Secret"] * usd["secret"],
        "polling empty queues": queues * POLLS_MONTH * usd["sqs_request"],
        "sweeps": MONTH_MINUTES * bill("watch", sweep, memory("watch"), usd, 30, 0).total,
        # What a running function reads again: intake a channel's secret, announce the two keys of links.
        "secrets read again": MONTH_MINUTES / SECRET_MINUTES * (usd["kms_request"] + 2 * usd["secret_call"]),
        "schedules": runs * usd["schedule"],
    }


def servers(usd: Usd) -> float:
    """USD a month of the least one would run instead: two small servers, their disks, a load balancer."""
    return 2 * (usd["small_server"] + DISK_GB * usd["server_disk_gb_month"]) + usd["load_balancer"]


def break_even(handled: float, kept: float, fixed: float, rival: float, keep_months: float) -> float:
    """Messages a month at which both cost the same once what is kept has reached its full age; 0 if never less."""
    return max(0.0, (rival - fixed) / (handled + kept * keep_months) * 1e6)


def per_million(found: Played, parts: Sequence[Bill]) -> list[Bill]:
    scale = 1e6 / found.messages
    return [Bill(each.part, {name: usd * scale for name, usd in each.usd.items()}) for each in parts]


def table(parts: Sequence[Bill]) -> str:
    names = ["API", "Lambda", "DynamoDB", "SQS, SNS", "logs", "traffic"]
    rows = [*parts, Bill("all", {name: sum(each.usd.get(name, 0.0) for each in parts) for name in names})]
    lines = [f"  {'part':14}" + "".join(f"{name:>10}" for name in names) + f"{'all':>9}"]
    for row in rows:
        lines.append(
            f"  {row.part:14}" + "".join(f"{row.usd.get(name, 0.0):>10.3f}" for name in names) + f"{row.total:>9.2f}"
        )
    return "\n".join(lines)


def counted(found: Played) -> str:
    """What the bills are computed from, for one message."""
    lines = [
        f"  {'a message':10}{'runs':>7}{'calls':>7}{'read units':>12}{'CPU ms':>8}{'log bytes':>11}{'write units':>13}"
    ]
    for name, used in found.usage.items():
        runs, calls, reads, cpu, logged, writes = (
            value / found.messages
            for value in (
                used.invocations,
                sum(used.calls.values()),
                used.read_units,
                used.cpu_seconds * 1000,
                used.log_bytes,
                used.write_units,
            )
        )
        units = ", ".join(f"{kind} {count / found.messages:.2f}" for kind, count in used.units.most_common() if count)
        lines.append(
            f"  {name:10}{runs:>7.2f}{calls:>7.2f}{reads:>12.2f}{cpu:>8.2f}{logged:>11.0f}{writes:>13.2f}: {units}"
        )
    return "\n".join(lines)


def play(cases: int) -> tuple[Played, Played, Usage]:
    """The mix quiet and busy, and what an empty sweep uses."""
    with mix.policy() as policy:
        with world(policy) as quiet:
            found = mix.played(quiet, cases, timedelta(minutes=50), timedelta(seconds=1))
        with world(policy) as busy:
            together = mix.played(busy, cases, timedelta(minutes=1), timedelta(minutes=1))
        with world(policy) as empty:
            sweep = mix.empty_sweep(empty)
    return found, together, sweep


def summed(found: Played, usd: Usd, title: str) -> dict[str, Any]:
    """Print what a million messages cost; returns it for the file."""
    parts = per_million(found, bills(found, usd, in_memory.template()))
    whole = sum(each.total for each in parts)
    desk = next(each.total for each in parts if each.part == "desk")
    print(f"\n{title}: USD for a million messages\n{table(parts)}\n  without people at the desk: {whole - desk:.2f}")
    print(f"\n{counted(found)}")
    usage = {name: used.plain() for name, used in found.usage.items()}
    return {
        "total": whole,
        "without_desk": whole - desk,
        "parts": [asdict(each) for each in parts],
        "usage": usage,
        "seconds": {name: seconds(used, memory(name)) for name, used in found.usage.items()},
    }


def report(quiet: Played, busy: Played, sweep: Usage, usd: Usd) -> dict[str, Any]:
    """Print everything; returns it for the file."""
    print(f"\n{mix.__doc__}")
    made = {
        "quiet": summed(quiet, usd, "quiet, each record alone"),
        "busy": summed(busy, usd, "busy, full batches"),
    }
    kept, rival = storage(quiet, usd), servers(usd)
    fixed = monthly(usd, in_memory.template(), len(quiet.metrics), sweep)
    even = break_even(made["quiet"]["total"], kept, sum(fixed.values()), rival, KEEP_MONTHS)
    print(f"\nitem bytes, mean: {quiet.mean_bytes}")
    print(f"keeping a million messages and their cases: {kept:.2f} USD a month, backups included")
    print("\na month, whatever is written, USD")
    for name, value in [*fixed.items(), ("all", sum(fixed.values()))]:
        print(f"  {name:24}{value:>8.2f}")
    print(
        f"\ntwo t4g.medium, {DISK_GB} GB each, a load balancer: {rival:.2f} USD a month, before anybody patches them;"
        f"\nHeed costs less below {even:,.0f} messages a month, kept for a year"
    )
    return {
        "prices_as_of": prices.AS_OF,
        "prices": dict(usd),
        "messages": quiet.messages,
        **made,
        "item_bytes": quiet.mean_bytes,
        "kept_month": kept,
        "fixed_month": fixed,
        "servers_month": rival,
        "break_even_messages": even,
    }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cost", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--price", action="append", default=[], metavar="NAME=USD", help="another price than the list's"
    )
    parser.add_argument("--cases", type=int, default=160, help="cases of the mix")
    parser.add_argument("--no-batches", action="store_true", help="do not count the batch paths first")
    options = parser.parse_args(arguments)
    try:
        usd = prices.chosen(options.price)
    except ValueError as wrong:
        parser.error(str(wrong))
    if not options.no_batches:
        batches.main()
    print(f"\n{prices.table(usd)}")
    made = report(*play(options.cases), usd)
    kept = paths.HOME / "bench" / "cost.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(made, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
