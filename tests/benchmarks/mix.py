"""A mix of care, played to Heed's own handlers: what a million messages are counted from.

A case is three messages of a customer and one answer of the brand, seen as the platform's echo. People look at it twice
at the desk, list and case, and resolve it there. One case in twenty needs people at once, one in thirty-three is
answered after its promise broke, one delivery in a hundred comes twice.
"""

from __future__ import annotations

import heapq
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.heedctl import senders
from tests.benchmarks.metering import Usage, item_bytes, kind_of
from tests.benchmarks.world import POLICY, World
from tests.in_memory import client

CHANNEL, SECRET = "whatsapp/support", {"app_secret": "0123456789abcdef0123456789abcdef", "verify_token": "t"}
MESSAGES_PER_CASE = 4
URGENT_EVERY, LATE_EVERY, TWICE_EVERY = 20, 33, 100

ASKED = (
    "Hello, where is my parcel? The tracking has shown nothing new since Monday.",
    "Hi! Is the blue kettle available again, and do you ship to Ireland?",
    "I would like to return the headphones, they do not fit. How do I get a label?",
    "My invoice has the wrong address on it, can you send me a corrected one please?",
    "The lid of the bottle does not close properly. Can I exchange it? Order 4471902.",
    "How long does the battery of the small model last, and can it be replaced?",
    "Thank you for the quick delivery, everything arrived in one piece.",
    "I paid twice for the same order, please check and refund one of the payments.",
)
ADDED = "Here is my order number again: 4471902, delivered to Dublin 8."
URGENT = "The heater exploded and burned my child, somebody call me now"
ANSWER = "Hello, thank you for writing. I have looked at your order and will send you the details within the hour."
THANKS = "Great, thanks a lot!"


@dataclass(frozen=True)
class Played:
    """What was counted: usage by function, how many messages and cases it was, and what else is paid for."""

    usage: dict[str, Usage]
    cases: int
    sweeps: int
    escalations: int
    notices: int
    item_bytes: int
    metrics: frozenset[tuple[str, ...]]
    mean_bytes: dict[str, int]

    @property
    def messages(self) -> int:
        return self.cases * MESSAGES_PER_CASE


@contextmanager
def policy(noise: bool = True) -> Iterator[Path]:
    """The shipped policy with the team at work in the hours in which its promises run, so that notices go out; without
    `noise`, its measures against that are taken out."""
    text = POLICY.read_text(encoding="utf-8")
    changed = text.replace("calendar: office-global, zone: Europe/London}", "calendar: office-cn, zone: Asia/Shanghai}")
    assert changed != text
    if not noise:
        changed = changed[: changed.index("noise:\n")] + changed[changed.index("resolution_pauses_in") :]
    with TemporaryDirectory() as folder:
        (Path(folder) / "policy.yaml").write_text(changed, encoding="utf-8")
        yield Path(folder) / "policy.yaml"


def played(within: World, cases: int, spread: timedelta, tick: timedelta) -> Played:
    """Play the mix: cases begin within `spread`, streams and queues are worked off every `tick`."""
    name = f"{within.stack.environment('Intake')['SECRETS_PREFIX']}/{CHANNEL}"
    client("ssm").put_parameter(Name=name, Value=json.dumps({"current": SECRET}), Type="SecureString")
    empty = empty_sweep(within)
    order = count()
    begun = within.at
    plan = [
        (begun + at, next(order), act) for number in range(cases) for at, act in _case(within, number, cases, spread)
    ]
    heapq.heapify(plan)
    sweeps = 0
    while plan:
        within.at += tick
        while plan and plan[0][0] <= within.at:
            heapq.heappop(plan)[2]()
            if tick <= timedelta(seconds=1):
                within.settle()
        within.settle()
        if within.at.second < tick.total_seconds() and within.falls_due():
            within.sweep()
            sweeps += 1
    usage = dict(within.meter.usage)
    usage["watch"] = usage["watch"].less(empty, sweeps)
    return _counted(within, usage, cases, sweeps)


def empty_sweep(within: World) -> Usage:
    """What a sweep costs that finds nothing; the first one also begins the walk of the policy."""
    within.sweep()
    within.meter.usage.clear()
    within.sweep()
    return within.meter.usage.pop("watch")


def _counted(within: World, usage: dict[str, Usage], cases: int, sweeps: int) -> Played:
    kept = within.meter.items
    sizes: dict[str, list[int]] = {}
    for item in kept.values():
        sizes.setdefault(kind_of(item), []).append(item_bytes(item))
    return Played(
        usage=usage,
        cases=cases,
        sweeps=sweeps,
        escalations=within.escalations,
        notices=usage["announce"].published,
        # What AWS adds to each item for its keeping, and the entries of two indexes.
        item_bytes=sum(item_bytes(item) + 100 for item in kept.values()),
        metrics=frozenset(within.metrics),
        mean_bytes={kind: round(sum(found) / len(found)) for kind, found in sizes.items()},
    )


def _case(
    within: World, number: int, cases: int, spread: timedelta
) -> Iterator[tuple[timedelta, Callable[[], object]]]:
    """What happens in one case, each with its time after the beginning."""
    at = spread * number / cases
    customer = f"3538{number:08}"
    urgent, late = number % URGENT_EVERY == 7, number % LATE_EVERY == 11
    first = URGENT if urgent else ASKED[number % len(ASKED)]
    answered = timedelta(hours=5) if late else timedelta(minutes=5 if urgent else 40)

    opened: list[str] = []

    def said(text: str, id: str) -> Callable[[], object]:
        return lambda: within.post(
            CHANNEL, senders.whatsapp_text(SECRET, text, customer=customer, at=within.at, id=f"wamid.{number}.{id}")
        )

    def opens() -> None:
        said(first, "1")()
        opened.append(next(pk for pk, sk in reversed(within.meter.items) if sk == "CASE"))

    def replied() -> None:
        echo = senders.whatsapp_echo(SECRET, ANSWER, customer=customer, at=within.at, id=f"wamid.{number}.r")
        within.post(CHANNEL, echo)

    def looked_at() -> None:
        within.ask("GET", "cases?team=care-global&status=open&limit=20")
        within.ask("GET", f"cases/{_id(within, opened[0])}")

    yield at, opens
    if number % (TWICE_EVERY // MESSAGES_PER_CASE) == 3:
        yield at + timedelta(seconds=20), said(first, "1")
    yield at + timedelta(minutes=2), said(ADDED, "2")
    yield at + answered - timedelta(minutes=1), looked_at
    yield at + answered, replied
    yield at + answered + timedelta(minutes=6), said(THANKS, "3")
    yield (
        at + answered + timedelta(minutes=9),
        lambda: within.ask("POST", f"cases/{_id(within, opened[0])}/resolve", b"{}"),
    )


def _id(within: World, key: str) -> str:
    """A person has it from the list or a notice."""
    return str(json.loads(zlib.decompress(within.meter.items[key, "CASE"]["case"]["B"]))["id"])
