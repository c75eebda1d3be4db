"""AWS calls per record of the functions that work in batches, at full batches: `make bench-cost` prints them first.

The real handlers on an AWS account in memory, the template's own batch sizes, botocore's hooks as counter. All cases of
a batch are different ones, which is the dearest it can be: two records of one case share their read and their write.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from infra.heedctl import senders
from infra.local import paths
from tests.benchmarks import mix
from tests.benchmarks.world import World, world
from tests.in_memory import client

CHANNEL, SECRET = "line/qinghe", {"channel_secret": "0123456789abcdef0123456789abcdef"}
ANGRY = "I am furious, three days and still nothing, answer me now"
BREACH = timedelta(minutes=30, seconds=1)
WARNING = 0.75 * timedelta(minutes=30) + timedelta(seconds=1)


@dataclass(frozen=True)
class Batch:
    """What one invocation did with a full batch."""

    function: str
    condition: str
    records: int
    calls: Mapping[str, int]

    @property
    def per_record(self) -> float:
        return sum(self.calls.values()) / self.records


def measured() -> list[Batch]:
    """Every path, with the policy's measures against noise and without."""
    found: list[Batch] = []
    with mix.policy() as shipped, mix.policy(noise=False) as loud:
        with world(shipped) as within:
            found += escalations(within) + breaches(within, "noise on")
        with world(loud) as within:
            found += breaches(within, "noise off")
        with world(loud) as within:
            found += both(within)
        with world(shipped) as within:
            found += sweeps(within)
    return found


def hear(within: World, count: int, first: int = 0) -> None:
    """So many customers write at once, each a case."""
    name = f"{within.stack.environment('Intake')['SECRETS_PREFIX']}/{CHANNEL}"
    client("ssm").put_parameter(Name=name, Value=json.dumps({"current": SECRET}), Type="SecureString", Overwrite=True)
    for number in range(first, first + count):
        within.post(CHANNEL, senders.text("line", SECRET, ANGRY, customer=f"U{number}", at=within.at))


def calls_of(within: World, function: str, work: Callable[[], object]) -> Counter[str]:
    """The calls that a function makes in `work`."""
    before = Counter(within.meter.usage[function].calls)
    work()
    return within.meter.usage[function].calls - before


def _path(within: World, function: str, condition: str, records: int, work: Callable[[], object]) -> Batch:
    return Batch(function, condition, records, dict(calls_of(within, function, work)))


def escalations(within: World) -> list[Batch]:
    """A hundred new cases that need people; then the receipts of ten of them."""
    hear(within, 100)
    assert len(within.records) == 100
    told = _path(within, "announce", "100 escalations", 100, within.speak)
    receipts = _ready(within)
    filed = _path(within, "expire", "10 receipts", 10, lambda: within.expire(receipts[:10]))
    within.expire(receipts[10:])
    return [told, filed]


def breaches(within: World, noise: str) -> list[Batch]:
    """A hundred promises break at once, after their warnings."""
    if not within.meter.items:
        hear(within, 100)
    within.settle()
    within.at += WARNING
    within.expire(_wakes(within))
    within.settle()
    within.at += BREACH - WARNING
    wakes = _wakes(within)
    expired = _path(within, "expire", f"10 breaches, {noise}", 10, lambda: within.expire(wakes[:10]))
    within.expire(wakes[10:])
    assert len(within.records) == 100
    told = _path(within, "announce", f"100 breaches, {noise}", 100, within.speak)
    bundles = [key for key, _ in within.meter.items if key.startswith("BUNDLE#")]
    if not bundles:
        return [expired, told]
    within.at += timedelta(minutes=10, seconds=1)
    mixed = [*_ready(within)[:9], json.dumps({"case": bundles[-1], "due_at": within.at.isoformat()})]
    beside = _path(within, "expire", "9 receipts and a bundle to be told", 10, lambda: within.expire(mixed))
    return [expired, told, beside]


def both(within: World) -> list[Batch]:
    """Announce was away for half an hour: each case has an escalation, a warning and a breach to be told."""
    hear(within, 100)
    within.records.clear()
    within.at += BREACH
    within.expire(_wakes(within))
    told = _path(within, "announce", "an escalation and a breach of each, noise off", 100, within.speak)
    return [told]


def sweeps(within: World) -> list[Batch]:
    """Sweeps that find 0, 100 and 500 cases about to fall due."""
    within.sweep()  # the first of all begins the walk of the policy
    found = [_path(within, "watch", "an empty sweep", 1, within.sweep)]
    heard = 0
    for count in (100, 500):
        hear(within, count - heard, first=heard)
        heard = count
        later, within.at = within.at, within.at + WARNING - timedelta(seconds=30)
        found.append(_path(within, "watch", f"{count:,} fall due", count, within.sweep))
        within.at = later
    return found


def _ready(within: World) -> list[str]:
    """What lies on the queue now, taken off it."""
    found = [body for at, body in within.waiting if at <= within.at]
    within.waiting.clear()
    return found


def _wakes(within: World) -> list[str]:
    """A wake for each case, as watch sends it."""
    return [
        json.dumps({"case": pk, "due_at": item["due_at"]["S"]})
        for (pk, sk), item in within.meter.items.items()
        if sk == "CASE" and "due_at" in item
    ]


def table(found: Sequence[Batch]) -> str:
    lines = [f"{'function':10}{'batch':44}{'calls':>6}{'per record':>12}"]
    for path in found:
        what = ", ".join(f"{count} {name}" for name, count in sorted(path.calls.items()))
        total = sum(path.calls.values())
        lines.append(f"{path.function:10}{path.condition:44}{total:>6}{path.per_record:>12.2f}   {what}")
    return "\n".join(lines)


def main() -> int:
    found = measured()
    print("AWS calls per record at full batches of different cases\n" + table(found))
    kept = paths.HOME / "bench" / "batches.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps([asdict(path) | {"per_record": path.per_record} for path in found], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
