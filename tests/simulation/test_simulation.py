"""Nothing lost, nothing doubled, nothing let in, every promise told: by simulation, and proof that it would notice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest
from botocore.exceptions import ClientError

from heed.rim.runtime import PATIENT
from tests.simulation.dynamo import Dynamo
from tests.simulation.engine import Engine, EngineServices, opened
from tests.simulation.faults import HEALED, ROUGH, Faults
from tests.simulation.mutants import MUTANTS, Mutant, forgets_that_a_message_is_kept
from tests.simulation.simulate import Report, run
from tests.simulation.world import World

# Coverage is measured where a line has a test of its own; tracing would double the time of every run here.
pytestmark = pytest.mark.no_cover

SEEDS = (1, 2, 3, 4)
MESSAGES = 5_000
BUG_HUNTS = ((1, 600), (8, 600), (4, 1_500), (6, 1_500), (16, 1_500))

FAULTS = {f"{service} {kind}" for service in ("dynamodb", "sqs", "sns") for kind in ("throttled", "unreachable")}
FAULTS |= {f"dynamodb {kind}" for kind in ("timed out before", "timed out after", "killed before", "killed after")}
FAULTS |= {
    "transactions cancelled by a conflict",
    "batch reads cut short",
    "function timed out",
    "answers lost on the way",
}
FAULTS |= {"queue messages delivered twice", "queue deletions lost", "stream batches delivered twice"}
FAULTS |= {"entries to due refused", "entries to notices refused", "batches to notices sent twice"}
FAULTS |= {"sweeps skipped", "sweeps run twice", "storms of dynamodb", "storms of sns", "storms of sqs"}
FAULTS |= {
    "deliveries delayed",
    "deliveries sent twice",
    "deliveries retried",
    "forged deliveries",
    "broken deliveries",
}
FAULTS |= {f"wecom {kind}" for kind in ("busy", "revoked", "timed out", "cut short", "slow", "killed")}
FAULTS |= {"callbacks lost", "two of pull at once", "storms of wecom", "wecom tokens shown too late"}
FAULTS |= {"messages that lie at wecom twice", "pages of wecom behind which lies more", "items at wecom: unreadable"}
FAULTS |= {"visits: prefetch, answered 200", "visits: foreign, answered 400", "visits: press, answered 503"}
FAULTS |= {"visits: forged, answered 404", "visits: ended, answered 404"}


@cache
def played(seed: int) -> Report:
    return run(seed, MESSAGES)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_fails_nothing_is_lost_doubled_let_in_or_left_untold(seed: int) -> None:
    report = played(seed)
    assert report.findings == {}, report.examples
    assert report.messages >= MESSAGES


def test_the_faults_it_withstood_were_really_there() -> None:
    met: Counter[str] = Counter()
    for seed in SEEDS:
        met += played(seed).counts
    assert not FAULTS - met.keys()


def test_a_seed_repeats_a_run_to_the_byte_and_another_does_not() -> None:
    first, again, other = run(7, 300, ROUGH), run(7, 300, ROUGH), run(8, 300, ROUGH)
    assert first.digest == again.digest
    assert first.counts == again.counts
    assert first.digest != other.digest


def test_while_all_is_well_messages_are_fetched_and_broken_promises_told_within_seconds() -> None:
    report = run(1, 1_000, HEALED)
    assert report.findings == {}, report.examples
    for lags_ms in (report.lags_ms, report.fetched_ms):
        assert len(lags_ms) > 50
        assert lags_ms[int(len(lags_ms) * 0.95)] < 5_000


def test_people_on_call_take_cases_by_the_links_of_their_notices() -> None:
    met = sum((played(seed).counts for seed in SEEDS), Counter())
    assert met["visits: press, answered 303"] > 1_000
    assert met["acknowledgements held to their limit"] > 1_000


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_planted_bug_is_found(mutant: Mutant) -> None:
    """Within runs that find nothing in the code as it is; most in the first."""
    assert any(run(seed, messages, ROUGH, mutant).findings for seed, messages in BUG_HUNTS)


@pytest.mark.parametrize(("seed", "messages"), BUG_HUNTS)
def test_the_code_as_it_is_stands_where_planted_bugs_are_found(seed: int, messages: int) -> None:
    report = run(seed, messages, ROUGH)
    assert report.findings == {}, report.examples


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The local AWS, without a stack."""
    with opened("local-aws", tmp_path_factory.mktemp("engine")) as found:
        yield found


def test_on_a_real_engine_beneath_botocore_the_same_holds_and_the_doubles_do_what_it_does(engine: Engine) -> None:
    report = run(2, 100, ROUGH, engine=engine)
    assert report.findings == {}, report.examples
    assert report.counts["calls compared with the engine"] > 500
    assert report.counts["items held alike by the engine"] > 200
    assert {f"dynamodb {kind}" for kind in ("throttled", "timed out after", "killed after")} <= report.counts.keys()


def test_a_double_that_does_what_no_engine_does_is_found(engine: Engine) -> None:
    found: list[str] = []
    world = World(1)
    faults = Faults(world, HEALED)
    double = Dynamo(faults, lambda key, item: None)
    engine.begin({})
    services = EngineServices(
        faults, double, {}, found.append, found.append, engine, lambda what, _: found.append(what)
    )
    table = services.client("dynamodb", PATIENT)
    item = {"pk": {"S": "a"}, "sk": {"S": "M#1"}}
    puts = [{"Put": {"TableName": "table", "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}]
    table.transact_write_items(TransactItems=puts)
    assert found == []
    with forgets_that_a_message_is_kept(), pytest.raises(ClientError):
        table.transact_write_items(TransactItems=puts)
    assert found == ["the engine and the double disagree"]
