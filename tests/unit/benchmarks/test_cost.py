"""The sums of the bill, each against one done by hand."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from heed.rim import items
from tests.benchmarks import cost, prices, quotas
from tests.benchmarks.cost import Bill
from tests.benchmarks.metering import Usage
from tests.benchmarks.mix import Played

ONE = dict.fromkeys(prices.PRICES, 1.0)
NONE = dict.fromkeys(prices.PRICES, 0.0)


def played(**usage: Usage) -> Played:
    names = ("intake", "announce", "watch", "expire", "desk")
    return Played({name: usage.get(name, Usage()) for name in names}, 250, 0, 3, 5, 4_000_000, frozenset(), {})


@pytest.mark.parametrize(
    ("usage", "price", "usd"),
    [
        (Usage(requests=7), "api_request", 7),
        (Usage(invocations=7), "lambda_request", 7),
        (Usage(units=Counter({"case": 5, "index due": 2})), "dynamodb_write", 7),
        (Usage(read_units=7.5), "dynamodb_read", 7.5),
        (Usage(queue_requests=7), "sqs_request", 7),
        (Usage(published=7), "sns_publish", 7),
        (Usage(log_bytes=7_000_000_000), "log_gb", 7),
        (Usage(answer_bytes=7_000_000_000), "traffic_gb", 7),
    ],
)
def test_each_thing_that_is_used_is_charged_once(usage: Usage, price: str, usd: float) -> None:
    assert cost.bill("intake", usage, 1024, NONE | {price: 1.0}, 30, 0).total == pytest.approx(usd)


def test_a_function_runs_as_long_as_its_share_of_a_cpu_and_its_waits_make_it() -> None:
    used = Usage(invocations=100, cpu_seconds=0.1, calls=Counter(GetItem=100))
    waits, starts, rounding = 100 * 0.004, 100 * 0.005 * 1.0, 100 * 0.0005
    assert cost.seconds(used, 1769) == pytest.approx(0.1 + 100 * 0.0003 + waits + starts + rounding)
    assert cost.seconds(used, 3538) == cost.seconds(used, 1769)
    half = cost.seconds(used, 1769 // 2)
    assert half == pytest.approx(2 * 0.13 + waits + starts + rounding, rel=1e-3)


def test_memory_is_charged_by_the_second() -> None:
    used = Usage(invocations=100, cpu_seconds=0.1)
    usd = NONE | {"lambda_gb_second": 1.0}
    assert cost.bill("intake", used, 512, usd, 30, 0).total == pytest.approx(cost.seconds(used, 512) / 2)


def test_a_queue_is_charged_for_what_is_taken_off_it_and_mail_for_what_it_tells() -> None:
    found = played(expire=Usage(invocations=2), announce=Usage(published=4))
    parts = {
        each.part: each.total for each in cost.bills(found, NONE | {"sqs_request": 1.0}, cost.in_memory.template())
    }
    assert parts["queues read"] == 2 * 2 + 2 * 3
    parts = {each.part: each.total for each in cost.bills(found, NONE | {"sns_email": 1.0}, cost.in_memory.template())}
    assert parts == {"mail to one": 4, **dict.fromkeys(parts.keys() - {"mail to one"}, 0)}


def test_a_bill_is_brought_to_a_million_messages() -> None:
    (bill,) = cost.per_million(played(), [Bill("intake", {"API": 0.001})])
    assert bill.usd == {"API": 1.0}


def test_keeping_is_charged_in_the_table_and_in_its_backup() -> None:
    # 4 MB for a thousand messages are 4 GB for a million.
    assert cost.storage(played(), ONE) == pytest.approx(4 * 2)


def test_an_access_log_line_weighs_its_variables_as_twelve_characters() -> None:
    assert cost.access_log_bytes('{"id":"$context.requestId"}') == len('{"id":""}') + 12 + 26


def test_a_quiet_month_is_charged_for_what_the_template_declares() -> None:
    found = cost.monthly(ONE, cost.in_memory.template(), 8, Usage())
    text = (cost.in_memory.ROOT / "template.yaml").read_text("utf-8")
    assert found["alarms"] == len(re.findall(r"^    Type: AWS::CloudWatch::Alarm$", text, re.M))
    assert found["polling empty queues"] == 3 * 5 * 3 * cost.MONTH_MINUTES
    assert found["schedules"] == pytest.approx(cost.MONTH_MINUTES * (1 + 1 / 5))
    assert found["custom metrics"] == 8
    assert (found["dashboard"], found["secret"]) == (1, 1)


@pytest.mark.parametrize(("detailed", "usd"), [(True, 6 * 5), (False, 0)])
def test_metrics_of_each_route_are_charged_only_while_they_are_asked_for(detailed: bool, usd: int) -> None:
    template = cost.in_memory.template()
    template["Resources"]["ApiStage"]["Properties"]["DefaultRouteSettings"]["DetailedMetricsEnabled"] = detailed
    assert cost.monthly(ONE, template, 0, Usage())["metrics of each route"] == usd


@pytest.mark.parametrize(
    ("handled", "kept", "fixed", "rival", "messages"),
    [(10, 0, 20, 120, 10e6), (8, 1, 20, 120, 5e6), (10, 0, 130, 120, 0)],
)
def test_servers_are_cheaper_from_so_many_messages_a_month(
    handled: float, kept: float, fixed: float, rival: float, messages: float
) -> None:
    assert cost.break_even(handled, kept, fixed, rival, 12) == pytest.approx(messages)


def test_a_price_can_be_set_by_its_name() -> None:
    usd = prices.chosen(["sqs_request=0.5", "alarm=0"])
    assert (usd["sqs_request"], usd["alarm"], usd["secret"]) == (0.5, 0.0, prices.PRICES["secret"].usd)


@pytest.mark.parametrize("text", ["sqs=1", "alarm", "alarm=much", "alarm=-1", "alarm=nan"])
def test_a_price_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        prices.chosen([text])


# -- the paper


def counted(units: dict[str, int]) -> dict[str, Any]:
    usage = {name: Usage().plain() for name in ("intake", "announce", "watch", "expire", "desk")}
    usage["intake"] |= {"units": units, "requests": 100}
    return {"messages": 100, "busy": {"usage": usage, "seconds": dict.fromkeys(usage, 0.001)}}


def test_the_lowest_bound_comes_first_and_says_what_moves_it() -> None:
    bounds = quotas.load(counted({"index desk": 400, "case": 400}))
    rates = [bound.messages_a_second for bound in bounds]
    assert rates == sorted(rates)
    assert (bounds[0].what, rates[0]) == ("one list of the index desk: a team, a status", 500)
    assert "more teams" in quotas.table(bounds)


def test_what_a_message_does_not_need_bounds_nothing() -> None:
    (mail,) = (bound for bound in quotas.load(counted({})) if bound.what.startswith("mails"))
    assert mail.messages_a_second == float("inf")


def test_at_a_low_rate_nothing_breaks_and_at_a_high_one_it_is_named() -> None:
    said = quotas.table(quotas.load(counted({"index desk": 400})))
    assert "at 10 messages a second: nothing breaks" in said
    assert "at 1,000 messages a second: one list of the index desk" in said


def test_the_paper_has_as_many_shards_as_the_table() -> None:
    assert len(items.SHARDS) == quotas.SHARDS
