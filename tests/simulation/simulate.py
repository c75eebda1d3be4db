"""One run of the whole system from a seed: `python -m tests.simulation.simulate --seed 1 --messages 20000`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from infra.local import paths
from tests import dynamodb_local
from tests.simulation import stack, wecom
from tests.simulation.dynamo import Dynamo
from tests.simulation.engine import ENGINES, Engine, EngineServices, opened, retries_take_virtual_time
from tests.simulation.faults import HEALED, USUAL, Faults, Rates
from tests.simulation.oracle import Oracle
from tests.simulation.people import MINUTE, People
from tests.simulation.platforms import SECRETS, Platforms
from tests.simulation.services import Entry, Services
from tests.simulation.visitors import Visitors
from tests.simulation.world import World, functions

ENGINE_FOLDER = paths.HOME / "simulation"
REST_WITHIN_MS = 72 * 60 * MINUTE


@dataclass(frozen=True)
class Report:
    """What a run did and what the oracle found. `digest` is the same for the same seed, to the byte.

    `lags_ms` is how long after its deadline each broken promise was told, `fetched_ms` how long what was said on a
    platform that only rings took to be stored.
    """

    seed: int
    messages: int
    digest: str
    counts: Counter[str]
    findings: Counter[str]
    examples: dict[str, str]
    virtual_hours: float
    seconds: float
    lags_ms: list[int]
    fetched_ms: list[int]


def run(
    seed: int,
    messages: int,
    rates: Rates = USUAL,
    mutant: Callable[[], AbstractContextManager[object]] = nullcontext,
    engine: Engine | None = None,
) -> Report:
    """Play so many customer messages and their faults, heal the world, wait until it rests, and judge it.

    With an engine the functions talk to that, by botocore, and the doubles are held to its answers.
    """
    started = time.perf_counter()
    world = World(seed)
    faults = Faults(world, rates)
    oracle = Oracle(world, world.clocks)
    table = Dynamo(faults, oracle.written)
    secrets = {f"/heed/channels/{name}": json.dumps({"current": secret}) for name, secret in SECRETS.items()}
    platforms = Platforms(faults, oracle.answered)
    people = People(world, platforms, oracle.case_of)
    visitors = Visitors(
        world, oracle.links, lambda case_id: people.by_customer.get(oracle.customer_of(case_id)), people.act
    )

    def noticed(notice: Entry) -> None:
        oracle.noticed(notice)
        visitors.noticed(notice)

    def unread() -> bool:
        return platforms.wecom.unread(lambda said: (said.channel, said.id) in oracle.stored_ms)

    def nothing_due() -> bool:
        return table.earliest("due") > world.at(world.ms + 5 * MINUTE)

    if engine is None:
        services, names = Services(faults, table, secrets, oracle.escalated, noticed), {}
    else:
        names = engine.begin(secrets)
        services = EngineServices(faults, table, secrets, oracle.escalated, noticed, engine, oracle.find)
    _skew(world, faults)
    span_ms = max(20 * MINUTE, messages * 700)
    connection = platforms.wecom.connection
    with mutant(), retries_take_virtual_time(world), functions(world, services.client, connection, oracle.line, names):
        Schedule(faults, "watch", nothing_due)
        Schedule(faults, "pull", lambda: not unread())
        people.open_talks(messages, span_ms)
        world.run(span_ms + 60 * MINUTE)
        faults.heal()
        while not (rested := _at_rest(world, table) and not unread()) and world.ms < span_ms + REST_WITHIN_MS:
            world.run(world.ms + 10 * MINUTE)
        if not rested:
            oracle.find("the world never came to rest", world.pending)
    if isinstance(services, EngineServices):
        services.compare()
    _lost(oracle, services)
    oracle.broken_bodies |= platforms.wecom.unreadable()
    oracle.judge(people.talks, table.items)
    world.counts += oracle.judged
    world.log("end", len(table.items), dict(oracle.findings))
    return Report(
        seed=seed,
        messages=people.messages,
        digest=world.digest.hexdigest(),
        counts=world.counts,
        findings=oracle.findings,
        examples=oracle.examples,
        virtual_hours=world.ms / 3_600_000,
        seconds=time.perf_counter() - started,
        lags_ms=sorted(oracle.lags_ms),
        fetched_ms=sorted(_fetched(people, oracle)),
    )


class Schedule:
    """Runs a function as often as the template says: seldom not at all, seldom twice.

    Once all is healed, not while it is `idle`: it would find nothing, and days of that would take their time.
    """

    def __init__(self, faults: Faults, function: str, idle: Callable[[], bool]) -> None:
        self._faults, self._world = faults, faults.world
        self._function = function
        self._idle = idle
        self._every_ms = stack.every_ms(function)
        self._world.schedule(self._world.random.randint(0, self._every_ms), self._again)

    def _again(self) -> None:
        self._world.schedule(self._every_ms, self._again)
        if self._faults.rates is HEALED and self._idle():
            return
        if self._faults.strikes(self._faults.rates.sweep_skipped, "sweeps skipped"):
            return
        for _ in range(1 + self._faults.strikes(self._faults.rates.sweep_twice, "sweeps run twice")):
            self._world.schedule(self._world.random.randint(0, 2000), self._sweep)

    def _sweep(self) -> None:
        share = self._faults.rates.fault if self._function == "watch" else 0.0  # which writes no time of its own
        if self._faults.strikes(share, "sweeps on a clock an hour off"):
            skews = self._world.clocks.skews
            before = skews["watch"]
            skews["watch"] = self._world.random.choice((-1, 1)) * 60 * MINUTE
            self._world.invoke("watch", {})
            skews["watch"] = before
        else:
            self._world.invoke(self._function, {})


def _skew(world: World, faults: Faults) -> None:
    """Clocks that go right, or fast, or, in one run of four, wrong either way. A right clock proves to the instant."""
    kind = world.random.choice(("right", "right", "fast", "any"))
    low, high = {"right": (0, 0), "fast": (0, 2000), "any": (-2000, 2000)}[kind]
    for name in stack.FUNCTIONS:
        world.clocks.skews[name] = world.random.randint(low, high)
    world.counts[f"runs with clocks: {kind}"] += 1


def _at_rest(world: World, table: Dynamo) -> bool:
    """Nothing under way but the next run of each schedule, and nothing that will ever fall due."""
    return world.pending <= 2 and not table.indexes["due"].standing


def _lost(oracle: Oracle, services: Services) -> None:
    for queue in services.queues.values():
        oracle.world.counts[f"{queue.name} messages moved aside"] += len(queue.dead)
    recovery = services.queues["recovery"]
    if recovery.dead or recovery.expired:
        oracle.find("a message was lost on the recovery queue", len(recovery.dead))


def _fetched(people: People, oracle: Oracle) -> Iterator[int]:
    for said in (said for talk in people.talks if talk.channel == wecom.CHANNEL for said in talk.said):
        stored_ms = oracle.stored_ms.get((said.channel, said.id))
        if stored_ms is not None and said.accepted_ms is not None:
            yield stored_ms - said.said_ms


def print_report(report: Report) -> None:
    rate = report.messages / report.seconds
    print(f"seed {report.seed}: {report.messages} messages, {report.virtual_hours:.1f} h in {report.seconds:.1f} s")
    print(f"  {rate:.0f} messages a second; digest {report.digest}")
    for name, count in sorted(report.counts.items()):
        print(f"  {count:8}  {name}")
    _print_lags("breaches told, seconds after the deadline", report.lags_ms)
    _print_lags("messages fetched, seconds after they were said", report.fetched_ms)
    for what, count in report.findings.most_common():
        print(f"  FOUND {count}: {what}; first {report.examples[what]}")
    print("  nothing found" if not report.findings else "")


def _print_lags(what: str, lags_ms: list[int]) -> None:
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "all": 1.0}
    lags = {name: lags_ms[int((len(lags_ms) - 1) * share)] / 1000 for name, share in shares.items() if lags_ms}
    print(f"  {len(lags_ms)} {what}: {lags}")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.simulate", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, from --seed on")
    parser.add_argument("--healthy", action="store_true", help="inject no faults")
    parser.add_argument("--engine", choices=ENGINES, help="behind botocore, a real engine instead of the doubles")
    options = parser.parse_args(arguments)
    if os.environ.get("PYTHONHASHSEED") != "0":  # sets come in the order of their hashes: a seed repeats in any process
        os.execve(sys.executable, [*sys.orig_argv], {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606
    if options.engine == "dynamodb-local":
        code = dynamodb_local.alone("tests.simulation.simulate", arguments)
        if code is not None:
            return code
    with opened(options.engine, ENGINE_FOLDER) if options.engine else nullcontext() as engine:
        return _play(options, engine)


def _play(options: argparse.Namespace, engine: Engine | None) -> int:
    found = False
    for seed in range(options.seed, options.seed + options.seeds):
        report = run(seed, options.messages, HEALED if options.healthy else USUAL, engine=engine)
        print_report(report)
        sys.stdout.flush()
        found = found or bool(report.findings)
    return int(found)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
