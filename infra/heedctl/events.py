"""Events from files: webhooks as the platforms write them, made fresh and signed when they are sent.

events/README.md says what a file holds. Times and identities are placeholders, because Heed counts its promises from
the message's own time and keeps every identity once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import randbelow
from typing import Any

from heed import platforms
from heed.platforms import Request, Secret
from infra.heedctl import senders
from infra.heedctl.senders import discord, slack, weibo
from infra.heedctl.target import Failed

FOLDER = Path(__file__).resolve().parents[2] / "events"
FIELDS = frozenset({"describe", "method", "query", "headers", "account", "body", "waiting", "reads"})

_NUMBER = re.compile(r'"\{\{#(\w+)\}\}"')
_TEXT = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Event:
    """One webhook of a platform as its file holds it; `reads` is what Heed reads in it.

    Of a platform that only rings, `waiting` is the JSON of what then lies there.
    """

    path: Path
    platform: str
    account: str
    describe: str
    method: str
    query: str
    headers: Mapping[str, str]
    body: str
    reads: Mapping[str, Any]
    waiting: str = "[]"

    @property
    def name(self) -> str:
        return f"{self.platform}/{self.path.stem}"


def load(path: Path) -> Event:
    """The event of a file in `<platform>/`. Raises Failed naming what is wrong with it."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Failed(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise Failed(f"{path}: not JSON: {error}") from None
    if not isinstance(document, dict) or not {"describe", "account", "body"} <= document.keys() <= FIELDS:
        raise Failed(f"{path}: needs describe, account and body, and may have {', '.join(sorted(FIELDS))}")
    platform = path.resolve().parent.name
    if platforms.get(platform) is None:
        raise Failed(f"{path}: its folder must be named after a platform: {', '.join(platforms.NAMES)}")
    return Event(
        path=path,
        platform=platform,
        account=document["account"],
        describe=document["describe"],
        method=document.get("method", "POST"),
        query=document.get("query", ""),
        headers=document.get("headers", {}),
        body=_body(document["body"], platform),
        reads=document.get("reads", {}),
        waiting=json.dumps(document.get("waiting", []), ensure_ascii=False),
    )


def named(name: str) -> Event:
    """The event `<platform>/<name>` of the folder events."""
    return load(FOLDER / f"{name}.json")


def every() -> list[Event]:
    return [load(path) for path in sorted(FOLDER.glob("*/*.json"))]


def filled(event: Event, at: datetime, number: int | None = None) -> bytes:
    """The body with its placeholders filled: `at` is when it is said, `number` its identity, new unless given."""
    return _filled(event, event.body, at, number).encode()


def lying(event: Event, at: datetime, number: int | None = None) -> list[Any]:
    """What lies at a platform that only rings, its placeholders filled."""
    found: list[Any] = json.loads(_filled(event, event.waiting, at, number))
    return found


def _filled(event: Event, text: str, at: datetime, number: int | None) -> str:
    said = at.astimezone(UTC)
    number = 10**17 + randbelow(9 * 10**17) if number is None else number
    values = {
        "id": str(number),
        "seconds": str(int(said.timestamp())),
        "milliseconds": str(int(said.timestamp() * 1000)),
        "iso": said.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "ctime": weibo.clock(said),
        "ts": slack.ts_of(said, str(number)),
        "snowflake": discord.snowflake(said, f"-{number}"),
    }

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise Failed(f"{event.path}: {{{{{found[1]}}}}} is no placeholder; choose from {', '.join(values)}")
        return values[found[1]]

    return _TEXT.sub(value, _NUMBER.sub(value, text))


def request(event: Event, secret: Secret, at: datetime, number: int | None = None) -> Request:
    """The event as a genuine request, signed at `at`."""
    signed = senders.sign(event.platform, secret, filled(event, at, number), at=at)
    query = "&".join(part for part in (event.query, signed.query) if part)
    headers = {**signed.headers, **{name.lower(): text for name, text in event.headers.items()}}
    return Request(event.method, query, headers, signed.body)


def _body(body: object, platform: str) -> str:
    """An object as the platform writes its JSON, a list as lines of text, text as it is."""
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        return "\n".join(map(str, body))
    return senders.sender(platform).written(body)
