"""The one door that stands open to the world: the real intake handler with two channels of every platform.

`ours` and `theirs` have secrets of their own; `bare` has none. The clock is moved by hand.
"""

from __future__ import annotations

import base64
import gc
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from heed import platforms
from heed.platforms import Adapter, Request, Secret
from heed.rim import runtime
from infra.heedctl import events, senders
from tests import in_memory
from tests.in_memory import ROOT

AT = datetime(2026, 3, 12, 3, 0, tzinfo=UTC)
MARK = "qzx-hostile"


@dataclass
class Door:
    intake: ModuleType
    stack: in_memory.Deployed
    secrets: Mapping[str, Secret]
    at: datetime = AT

    def knock(self, channel: str, request: Request) -> dict[str, Any]:
        """What the world is answered."""
        platform, account = channel.split("/")
        self.intake.INTAKE._clock = lambda: self.at
        event = {
            "requestContext": {"http": {"method": request.method}},
            "rawQueryString": request.query,
            "headers": dict(request.headers),
            "body": base64.b64encode(request.body).decode(),
            "isBase64Encoded": True,
            "pathParameters": {"platform": platform, "account": account},
        }
        answer: dict[str, Any] = self.intake.handler(event, SimpleNamespace(aws_request_id="r1"))
        return answer

    def status(self, channel: str, request: Request) -> int:
        return int(self.knock(channel, request)["statusCode"])

    def kept(self) -> list[dict[str, Any]]:
        """Everything in the table but what is noted of channels."""
        pages = in_memory.client("dynamodb").get_paginator("scan").paginate(TableName=self.stack.refs["Table"])
        return [item for page in pages for item in page["Items"] if not item["pk"]["S"].startswith("CHANNEL#")]

    def messages(self) -> int:
        return sum(item["sk"]["S"].startswith("M#") for item in self.kept())

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)


def adapter(platform: str) -> Adapter:
    found = platforms.get(platform)
    assert found is not None
    return found


def genuine(platform: str, secret: Secret, at: datetime = AT, number: int = 7, text: str = "hello") -> Request:
    """A real request of this platform: a customer's text, of those that carry none an event, of Bilibili its check."""
    if platform in senders.HANDSHAKE_ONLY:
        return senders.handshake(platform, secret, "42", at=at)
    if platform in senders.WITHOUT_MESSAGES:
        event = next(each for each in events.every() if each.platform == platform)
        return events.request(event, secret, at, number)
    return senders.text(platform, secret, text, customer="34600111222", at=at, id=str(10**17 + number))


@contextmanager
def opened(folder: Path) -> Iterator[Door]:
    """The door in an account of its own. Whoever opens two at once opens one account."""
    channels = [f"{platform}/{account}" for platform in platforms.NAMES for account in ("ours", "theirs", "bare")]
    text = (ROOT / "layers/policy/policy.yaml").read_text("utf-8")
    lines = "".join(f"  {channel}: {{brand: qinghe, team: care-global}}\n" for channel in channels)
    file = folder / "policy.yaml"
    file.write_text(re.sub(r"(?m)^channels:\n(?:[ #].*\n|\n)*", lambda _: f"channels:\n{lines}\n", text), "utf-8")
    runtime._session.cache_clear()
    with in_memory.account(), in_memory.policy(file):
        stack = in_memory.deployed(in_memory.template())
        secrets = {name: senders.sender(name.partition("/")[0]).secret(True) for name in channels}
        for name, secret in secrets.items():
            if not name.endswith("/bare"):
                value = json.dumps({"current": secret})
                in_memory.client("ssm").put_parameter(Name=f"/heed/channels/{name}", Value=value, Type="SecureString")
        yield Door(in_memory.load_function(stack, "intake"), stack, secrets)
        gc.unfreeze()
    runtime._session.cache_clear()
