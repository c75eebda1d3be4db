"""What goes wrong with a call of AWS, and when: single faults at any time, storms in which a service hardly answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tests.simulation.world import Killed, World

LATENCY_MS = 10
_KINDS = ("throttled", "unreachable", "timed out before", "timed out after", "killed before", "killed after", "refused")
_ADDRESS = "https://aws.invalid"


@dataclass(frozen=True)
class Rates:
    """Shares of calls that meet a fault, and how the rest of the world misbehaves; all 0 in a world that is healed."""

    fault: float = 0.0
    conflict: float = 0.0
    entry_lost: float = 0.0
    delivered_twice: float = 0.0
    storms_an_hour: float = 0.0
    ring_lost: float = 0.0
    sweep_skipped: float = 0.0
    sweep_twice: float = 0.0


HEALED = Rates(delivered_twice=0.02)
USUAL = Rates(
    fault=0.01,
    conflict=0.005,
    entry_lost=0.01,
    delivered_twice=0.03,
    storms_an_hour=8.0,
    ring_lost=0.05,
    sweep_skipped=0.05,
    sweep_twice=0.05,
)
# Hardly a minute without trouble: where a planted bug has no place to hide.
ROUGH = Rates(
    fault=0.03,
    conflict=0.02,
    entry_lost=0.05,
    delivered_twice=0.3,
    storms_an_hour=60.0,
    ring_lost=0.2,
    sweep_skipped=0.2,
    sweep_twice=0.1,
)


def error(operation: str, code: str, **more: Any) -> ClientError:
    """An error as a service answers it."""
    answer: Any = {"Error": {"Code": code, "Message": "simulated"}, **more}
    return ClientError(answer, operation)


class Faults:
    """Stands between a double's client and its work."""

    def __init__(self, world: World, rates: Rates) -> None:
        self.world = world
        self.rates = rates
        self._storms: dict[str, tuple[int, float]] = {}
        if rates.storms_an_hour:
            self._expect_storm()

    def heal(self) -> None:
        self.rates = HEALED
        self._storms.clear()

    def strikes(self, share: float, name: str) -> bool:
        """Whether something of this share happens now; counted by its name."""
        if not share or self.world.random.random() >= share:
            return False
        self.world.counts[name] += 1
        return True

    def call(self, service: str, operation: str, config: Any, work: Callable[[], Any]) -> Any:
        """Do a call's work, or have it fail before or after."""
        random = self.world.random
        self.world.spend(2 + int(random.random() * LATENCY_MS))
        level = self.level(service)
        if random.random() >= level:
            return work()
        kind = random.choice(_KINDS)
        self.world.counts[f"{service} {kind}"] += 1
        self.world.log(self.world.running, service, operation, kind)
        if kind.startswith("killed"):
            if kind == "killed after":
                work()
            raise Killed
        if kind == "throttled":
            raise error(operation, "ThrottlingException")
        if kind == "refused":
            raise error(operation, "InternalServerError")
        if kind == "unreachable":
            self.world.spend(100)
            raise EndpointConnectionError(endpoint_url=_ADDRESS)
        if kind == "timed out after":
            work()
        attempts = config.retries["total_max_attempts"]
        self.world.spend(round(config.read_timeout * 1000) * attempts)
        raise ReadTimeoutError(endpoint_url=_ADDRESS)

    def level(self, service: str) -> float:
        """The share of calls of a service that fail now."""
        until, level = self._storms.get(service, (0, 0.0))
        return level if self.world.ms < until else self.rates.fault

    def _expect_storm(self) -> None:
        hours = self.world.random.expovariate(self.rates.storms_an_hour)
        self.world.schedule(round(hours * 3_600_000), self._storm)

    def _storm(self) -> None:
        if not self.rates.storms_an_hour:
            return
        random = self.world.random
        service = random.choice(("dynamodb", "dynamodb", "sqs", "sns", "ssm", "wecom"))
        seconds, level = random.choice((5, 20, 60, 180, 600)), random.choice((0.3, 0.7, 1.0))
        self._storms[service] = (self.world.ms + seconds * 1000, level)
        self.world.counts[f"storms of {service}"] += 1
        self.world.log("storm", service, seconds, level)
        self._expect_storm()
