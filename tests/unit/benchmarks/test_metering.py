"""Request units by DynamoDB's published rule, and what SQS bills."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.benchmarks.metering import (
    Usage,
    index_units,
    item_bytes,
    kind_of,
    query_units,
    queue_requests,
    read_units,
    write_units,
)

KEYS = ("pk", "sk", "due_shard", "due_at")


def weighing(size: int) -> dict[str, dict[str, Any]]:
    return {"a": {"S": "x" * (size - 1)}}


def entry(due_at: str | None) -> dict[str, dict[str, Any]]:
    item = {"pk": {"S": "k"}, "sk": {"S": "CASE"}, "due_shard": {"S": "k"}, "other": {"S": "x" * 5000}}
    return item | ({"due_at": {"S": due_at}} if due_at else {})


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "abc"}, 3),
        ({"S": "客服"}, 6),
        ({"S": "\ud83d"}, 3),
        ({"N": "7"}, 2),
        ({"N": "1234"}, 3),
        ({"N": "-12.5"}, 3),
        ({"B": b"12345"}, 5),
    ],
)
def test_an_item_weighs_its_names_and_its_values(value: dict[str, Any], size: int) -> None:
    assert item_bytes({"名": value}) == 3 + size


@pytest.mark.parametrize(
    ("before", "after", "once"), [(0, 1, 1), (0, 1024, 1), (0, 1025, 2), (2048, 10, 2), (10, 4097, 5)]
)
def test_a_write_costs_a_unit_a_kilobyte_of_the_larger_and_twice_that_in_a_transaction(
    before: int, after: int, once: int
) -> None:
    old = weighing(before) if before else None
    assert write_units(old, weighing(after), False) == once
    assert write_units(old, weighing(after), True) == 2 * once


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [(None, "1", 1), ("1", "1", 0), ("1", "2", 2), ("1", None, 1), (None, None, 0)],
)
def test_an_index_of_keys_costs_for_each_entry_that_comes_or_goes(
    before: str | None, after: str | None, units: int
) -> None:
    assert index_units(KEYS, entry(before), entry(after)) == units


def test_an_item_that_is_new_is_in_no_index_yet() -> None:
    assert index_units(KEYS, None, entry("1")) == 1


def test_what_is_read_by_its_key_is_rounded_alone_and_what_is_missing_costs_a_unit() -> None:
    assert read_units([weighing(10), weighing(4097)], 3) == 1 + 2 + 1


def test_a_query_is_rounded_once_and_half_as_dear_where_it_may_lag() -> None:
    found = [weighing(3000), weighing(3000)]
    assert query_units(found, True) == 2
    assert query_units(found, False) == 1
    assert query_units([], False) == 0.5


def test_sqs_bills_a_call_by_64_kilobytes() -> None:
    assert queue_requests(["x"]) == 1
    assert queue_requests(["x" * 65_536]) == 1
    assert queue_requests(["x" * 65_536, "y"]) == 2


@pytest.mark.parametrize(
    ("pk", "sk", "kind"),
    [
        ("k", "CASE", "case"),
        ("k", "M#1", "message"),
        ("k", "E#2", "entries"),
        ("ID#7K3Q-9MXA", "ID", "id"),
        ("BUNDLE#x", "BUNDLE", "bundle"),
        ("POLICY", "ADOPTED", "other"),
    ],
)
def test_an_item_is_told_by_its_keys(pk: str, sk: str, kind: str) -> None:
    assert kind_of({"pk": {"S": pk}, "sk": {"S": sk}}) == kind


def test_one_usage_is_taken_off_another_so_many_times() -> None:
    whole = Usage(10, 1.0, Counter(Query=40), Counter({"case": 4}), 20.0, 3, log_bytes=500)
    empty = Usage(1, 0.1, Counter(Query=4), Counter(), 2.0, log_bytes=50)
    left = whole.less(empty, 5)
    assert (left.invocations, left.calls["Query"], left.read_units, left.log_bytes) == (5, 20, 10.0, 250)
    assert (left.cpu_seconds, left.write_units, left.queue_requests) == (0.5, 4, 3)
