"""A new policy reaches the cases that are open: every one is looked at once after a deployment (rule 16)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from heed import cases
from heed.model import Author, Case, ClockState, Message, Metric, Surface
from heed.policy import Policy
from heed.rim.adoption import PAGE, Adoption, Progress, walk
from heed.rim.dynamo import Conflict
from heed.rim.expiry import expire
from heed.rim.items import Undecodable
from heed.rim.recording import record
from heed.rim.store import Change
from tests.integration import faults

NOW = datetime.now(UTC).replace(microsecond=0)
CHANNEL = "webhook/web-form"


@pytest.fixture
def table(table: Any) -> Any:
    """The table, as watch and expire see it."""
    from heed.rim.bundles import Bundles

    class Both(Adoption, Bundles):
        pass

    return Both(table._client, table._name, 365)


@pytest.fixture
def new(policy: Policy) -> Policy:
    """The policy after a change: a first response of P3 is promised in half the time."""
    targets = {
        priority: {m: replace(t, seconds=t.seconds // 2) for m, t in promised.items()}
        for priority, promised in policy.targets.items()
    }
    return replace(policy, version="new", targets=targets)


def opened(table: Any, policy: Policy, count: int) -> list[str]:
    keys = []
    walk(table, policy, NOW, Queue(), always)
    for number in range(count):
        name = f"c{number}"
        said = Message(CHANNEL, "m", name, name, Author.CUSTOMER, Surface.DIRECT, "Where is my parcel?", NOW, NOW)
        case = record(table, policy, said, NOW)
        assert case is not None
        keys.append(case.key)
    return keys


class Queue:
    """Takes wakes; loses the first so many."""

    def __init__(self, losing: int = 0) -> None:
        self.bodies: list[str] = []
        self._losing = losing

    def __call__(self, entries: Any) -> Any:
        if self._losing:
            self._losing -= 1
            return [object()]
        self.bodies += [entry["MessageBody"] for entry in entries]
        return []


def always() -> bool:
    return True


def worked_off(table: Any, policy: Policy, queue: Queue, now: datetime = NOW) -> None:
    expire(table, policy, dict(enumerate(queue.bodies)), now)  # type: ignore[arg-type]


def first_response(case: Case | None) -> Any:
    assert case is not None
    return next(clock for clock in case.clocks if clock.metric is Metric.FIRST_RESPONSE)


def test_t68_every_open_case_has_the_new_policy_and_its_deadline_moves(table: Any, policy: Policy, new: Policy) -> None:
    keys, queue = opened(table, policy, 3), Queue()
    before = [first_response(table.load(key)) for key in keys]
    assert walk(table, new, NOW, queue, always) == 3
    worked_off(table, new, queue)
    after = [table.load(key) for key in keys]
    assert {case.policy for case in after} == {"new"}
    for was, case in zip(before, after, strict=True):
        assert first_response(case).target_seconds == was.target_seconds // 2
        assert first_response(case).deadline_at < was.deadline_at


def test_it_happens_once_for_each_version(table: Any, policy: Policy, new: Policy) -> None:
    opened(table, policy, 2)
    walk(table, new, NOW, Queue(), always)
    assert walk(table, new, NOW, Queue(), always) == 0
    assert walk(table, replace(new, version="newer"), NOW, Queue(), always) == 2


def test_what_is_settled_or_broken_stays_as_it_is(table: Any, policy: Policy, new: Policy) -> None:
    settled, broken = opened(table, policy, 2)
    case = table.load(settled)
    table.save(Change(case, cases.resolve(case, NOW)))
    late = NOW + timedelta(days=30)
    case = table.load(broken)
    table.save(Change(case, cases.expire(case, late, policy)))
    record_of = first_response(table.load(broken))
    queue = Queue()
    walk(table, new, late, queue, always)
    worked_off(table, new, queue, late)
    assert table.load(settled).policy == policy.version
    assert first_response(table.load(broken)) == record_of
    assert record_of.state is ClockState.BREACHED


@pytest.mark.parametrize("after", ["lost", "out of time"])
def test_a_walk_that_was_cut_short_goes_on_where_it_was(after: str, table: Any, policy: Policy, new: Policy) -> None:
    keys = opened(table, policy, PAGE + 3)
    looks = iter([True] * 4 + [False] * 9)
    cut: Callable[[], bool] = (lambda: next(looks)) if after == "out of time" else always
    queue = Queue(losing=1 if after == "lost" else 0)
    walk(table, new, NOW, queue, cut)
    walk(table, new, NOW, queue, always)
    worked = {body.split('"')[3] for body in queue.bodies}
    assert worked == set(keys)
    assert len(queue.bodies) == len(keys)


def test_the_first_policy_of_all_has_nobody_to_reach(table: Any, policy: Policy) -> None:
    assert walk(table, policy, NOW, Queue(), always) == 0
    assert table.progress().done


def test_of_two_walks_at_once_one_goes_on(table: Any, new: Policy) -> None:
    table.walked(Progress("new"))
    with pytest.raises(Conflict):
        table.walked(Progress("new"))
    progress = table.progress()
    assert (progress.policy, progress.version) == ("new", 1)


def test_progress_that_cannot_be_read_is_undecodable(table: Any) -> None:
    table._client.put_item(TableName=table._name, Item={"pk": {"S": "POLICY"}, "sk": {"S": "ADOPTED"}})
    with pytest.raises(Undecodable):
        table.progress()


def test_watch_walks_and_a_table_out_of_reach_stops_no_sweep(
    table: Any, policy: Policy, load_function: Any, context: Any, capsys: Any
) -> None:
    opened(table, replace(policy, version="old"), 2)
    watch = load_function("watch")
    with faults.failing(watch.TABLE._client, "dynamodb", "GetItem", faults.unreachable):
        watch.handler({}, context)
    assert "Adopting" not in capsys.readouterr().out
    watch.handler({}, context)
    assert '"Adopting":[2.0]' in capsys.readouterr().out
