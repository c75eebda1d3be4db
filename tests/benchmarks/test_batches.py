"""A full batch costs few calls, whatever it holds. `make bench-cost` prints every path."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.benchmarks import batches, mix
from tests.benchmarks.batches import Batch
from tests.benchmarks.world import world

AT_MOST = 0.3


@pytest.fixture(scope="module")
def found() -> Iterator[dict[str, Batch]]:
    with mix.policy() as policy, world(policy) as within:
        paths = [*batches.escalations(within), *batches.breaches(within, "noise on")]
        yield {f"{path.function}: {path.condition}": path for path in paths}


@pytest.mark.parametrize(
    "path",
    [
        "announce: 100 escalations",
        "announce: 100 breaches, noise on",
        "expire: 10 receipts",
        "expire: 10 breaches, noise on",
    ],
)
def test_a_full_batch_of_different_cases_takes_at_most_three_calls_for_ten_records(
    found: dict[str, Batch], path: str
) -> None:
    assert 0 < found[path].per_record <= AT_MOST, found[path].calls


def test_a_batch_that_holds_a_bundle_besides_takes_two_calls_more(found: dict[str, Batch]) -> None:
    receipts, mixed = found["expire: 10 receipts"], found["expire: 9 receipts and a bundle to be told"]
    assert sum(mixed.calls.values()) <= sum(receipts.calls.values()) + 2
