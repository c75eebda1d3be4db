"""The world in one process: virtual time, one queue of events, faults, and the shipped handlers on doubles of AWS.

Time stands still while code runs and moves while it waits: each AWS call takes a few milliseconds, in which every event
that falls due runs first. So invocations overlap wherever two of them could, between any two calls, and one seed
always overlaps them in the same way.
"""

from __future__ import annotations

import gc
import hashlib
import importlib.util
import logging
import os
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from heed import codec, judge
from heed.policy import Policy, build, load
from heed.rim import items, recording, runtime, wecom_api
from heed.rim.dynamo import Unavailable
from tests.simulation import stack

START = datetime(2026, 3, 11, 2, 0, 0, tzinfo=UTC)
OVERLAPS = 5


class Killed(BaseException):
    """The sandbox of a function is gone: no handler of exceptions may see it, as none would."""


@dataclass
class Clocks:
    """By how many milliseconds each function's clock is wrong."""

    skews: dict[str, int] = field(default_factory=dict)

    @property
    def slow_ms(self) -> int:
        """By how much a message can seem to have been received before it was sent."""
        return max(0, *(-self.skews.get(name, 0) for name in ("intake", "pull", "desk")))

    @property
    def fast_ms(self) -> int:
        """By how much a promise can seem broken before it is."""
        return max(0, *(skew for name, skew in self.skews.items() if name != "watch"))

    @property
    def wrong_ms(self) -> int:
        """By how much the desk's clock is wrong, either way."""
        return abs(self.skews.get("desk", 0))


@dataclass
class Frame:
    """One invocation under way."""

    function: str
    ends_ms: int


class World:
    """Virtual milliseconds since START, the events to come, and the functions that run in them."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a simulation must repeat
        self.quiet = seed % 2 == 0  # every other seed is under the policy's measures against noise
        self.ms = 0
        self.digest = hashlib.blake2b(digest_size=16)
        self.counts: Counter[str] = Counter()
        self.bugs: list[str] = []
        self.clocks = Clocks()
        self.functions: dict[str, ModuleType] = {}
        self._events: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._scheduled = 0
        self._frames: list[Frame] = []
        self._overlaps = 0
        self._broken: Exception | None = None
        self._requests = 0

    # -- time

    def at(self, ms: int) -> datetime:
        return START + timedelta(milliseconds=ms)

    def now(self) -> datetime:
        """The time as the running function's clock has it."""
        skew = self.clocks.skews.get(self._frames[-1].function, 0) if self._frames else 0
        return START + timedelta(milliseconds=self.ms + skew)

    def schedule(self, after_ms: int, event: Callable[..., None], *arguments: Any) -> None:
        self._scheduled += 1
        heappush(self._events, (self.ms + max(int(after_ms), 0), self._scheduled, event, arguments))

    def run(self, until_ms: int) -> None:
        """Let time pass until then."""
        while self._events and self._events[0][0] <= until_ms:
            self._step()
        self.ms = max(self.ms, until_ms)

    @property
    def pending(self) -> int:
        return len(self._events)

    def _step(self) -> None:
        ms, _, event, arguments = heappop(self._events)
        self.ms = max(self.ms, ms)
        try:
            event(*arguments)
        except Exception as mistake:
            # Of the simulation itself. A handler around us would swallow it, so it is kept for the end of the run.
            self._broken = self._broken or mistake
        if self._broken and not self._frames:
            raise self._broken

    def spend(self, ms: int) -> None:
        """A running function waits so long; what falls due meanwhile happens first."""
        until = self.ms + ms
        if self._overlaps < OVERLAPS:
            self._overlaps += 1
            try:
                while self._events and self._events[0][0] <= until:
                    self._step()
            finally:
                self._overlaps -= 1
        self.ms = max(self.ms, until)
        if self._frames and self.ms > self._frames[-1].ends_ms:
            self.counts["function timed out"] += 1
            raise Killed

    # -- functions

    def invoke(self, function: str, event: Any) -> tuple[Any, str]:
        """Run a handler as Lambda does: its answer, and how it failed if it did (`killed`, or an exception's name)."""
        self._requests += 1
        frame = Frame(function, self.ms + stack.timeout_ms(function))
        context = SimpleNamespace(
            aws_request_id=f"request-{self._requests}",
            get_remaining_time_in_millis=lambda: frame.ends_ms - self.ms,
        )
        self._frames.append(frame)
        try:
            return self.functions[function].handler(event, context), ""
        except Killed:
            return None, "killed"
        except Unavailable:
            return None, "Unavailable"
        except Exception as error:
            self.bug(f"{function} raised {runtime.where(error)}")
            return None, type(error).__name__
        finally:
            self._frames.pop()

    @property
    def running(self) -> str:
        """The function whose code runs now; empty between invocations."""
        return self._frames[-1].function if self._frames else ""

    def log(self, *words: object) -> None:
        """One line of the event log. Only its digest is kept."""
        self.digest.update(f"{self.ms} {' '.join(map(str, words))}\n".encode())

    def bug(self, what: str) -> None:
        self.bugs.append(what)
        self.log("bug", what)


@cache
def policy(quiet: bool) -> Policy:
    """policy.yaml, with its measures against noise or without."""
    text = (Path(__file__).parent / "policy.yaml").read_text(encoding="utf-8")
    compiled = build.compile_policy(text)
    if not quiet:
        compiled["noise"] |= {"incident_seconds": 0, "most": 0}
        compiled["teams"] = {name: team | {"calendar": ""} for name, team in compiled["teams"].items()}
    return load(compiled)


class Lines(logging.Handler):
    """All that functions log and count, by the logging module or on standard output, handed on line by line."""

    def __init__(self, line: Callable[[str], None]) -> None:
        super().__init__()
        self._line = line

    def emit(self, record: logging.LogRecord) -> None:
        self._line(self.format(record))

    def write(self, text: str) -> None:
        if text != "\n":
            self._line(text)

    def flush(self) -> None:
        """Nothing is held back."""


class Metrics:
    """A line per flush, in place of powertools' own format, which would take a tenth of a run."""

    def __init__(self, **_: str) -> None:
        self.metric_set: dict[str, object] = {}

    def add_dimension(self, name: str, value: str) -> None:
        self.metric_set[name] = value

    def add_metric(self, name: str, unit: object, value: object) -> None:
        self.metric_set[name] = value

    def flush_metrics(self) -> None:
        print(self.metric_set)


@contextmanager
def functions(
    world: World,
    client: Callable[[str, Any], Any],
    connection: Callable[..., Any],
    line: Callable[[str], None],
    names: Mapping[str, str],
) -> Iterator[None]:
    """Within the block the shipped handlers run in `world`: `client(service, config)` makes their clients of AWS.

    `connection(address, timeout)` leads to an API elsewhere. `names` are variables of theirs that are not what the
    doubles call things.
    """
    instead: dict[str, Any] = {
        "client": client,
        "now": world.now,
        "policy": lambda: policy(world.quiet),
        "ready": lambda: None,
        "EphemeralMetrics": Metrics,
        "os": SimpleNamespace(environ={**stack.environment(), **names}, path=os.path),
    }
    waiting = SimpleNamespace(sleep=lambda seconds: world.spend(round(seconds * 1000)))
    unpacked_once = SimpleNamespace(**{**vars(zlib), "decompress": lru_cache(4096)(zlib.decompress)})
    with (
        patch.multiple(runtime, **instead),
        patch.multiple(recording, time=waiting, random=world.random),
        patch.multiple(wecom_api, HTTPSConnection=connection, time=SimpleNamespace(monotonic=lambda: world.ms / 1000)),
        # All are pure and what they make is immutable: remembering spares half of a run's time.
        patch.object(codec, "loads", lru_cache(4096)(codec.loads)),
        patch.object(judge, "assess", lru_cache(64)(judge.assess)),
        patch.object(items, "zlib", unpacked_once),
        patch.dict(os.environ, {"HEED_STACK": "heed"}),
        patch.object(sys, "stdout", Lines(line)),
    ):
        gc.enable()
        world.functions = {name: _loaded(name) for name in stack.FUNCTIONS}
        heed, handler = logging.getLogger("heed"), Lines(line)
        heed.addHandler(handler)
        with patch.object(heed, "propagate", False):
            yield
        heed.removeHandler(handler)


def _loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"simulated_{name}", stack.ROOT / "functions" / name / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
