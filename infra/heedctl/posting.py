"""Sending a webhook as a platform does, and looking up what became of the messages in it."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from heed import cases, platforms
from heed.model import Case, Channel, Message
from heed.platforms import Reading, Request, Secret
from heed.rim import pulling
from heed.rim.dynamo import Unavailable
from heed.rim.items import Stored
from heed.rim.store import Table
from infra.heedctl.target import Failed, Target

PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform got back, and after how long."""

    status: int
    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message: how it is stored, and its case. `copies` counts it in its conversation."""

    message: Message
    stored: Stored | None
    case: Case | None
    copies: int


def post(target: Target, channel: str, request: Request) -> Answer:
    """Send one request to the webhook address of a channel. Raises Failed when nothing answers."""
    return call(target, f"webhooks/{channel}", request)


def call(target: Target, path: str, request: Request) -> Answer:
    """Send one request to the stack's HTTP API; redirects are followed. Raises Failed when nothing answers."""
    address = f"{target.base}/{path}" + (f"?{request.query}" if request.query else "")
    body = None if request.method == "GET" else request.body
    outgoing = urllib.request.Request(address, body, dict(request.headers), method=request.method)  # noqa: S310
    started = time.monotonic()
    try:
        with urllib.request.urlopen(outgoing, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 # nosec B310
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            status, text = error.code, error.read()
    except OSError as error:
        raise Failed(f"{target.base} does not answer: {getattr(error, 'reason', error)}") from None
    return Answer(status, text.decode("utf-8", "replace"), time.monotonic() - started)


def lay(target: Target, items: Sequence[Any]) -> None:
    """Lay items at the local stack's WeCom, so that a callback has something to ring for. Raises Failed elsewhere."""
    address = target.output("WecomApi")
    if not address.startswith("http://127.0.0.1:"):
        raise Failed(
            f"WeCom's callback carries no message: Heed fetches it from {address}, where only WeCom can lay one. "
            "Write to the customer service account in WeChat instead; this command works on a local stack"
        )
    body = json.dumps({"items": list(items)}).encode()
    try:
        urllib.request.urlopen(f"{address}/lay", body, timeout=PATIENCE_SECONDS).close()  # noqa: S310 # nosec B310
    except OSError as error:
        raise Failed(f"{address} does not answer: {getattr(error, 'reason', error)}") from None


def reading(channel: str, request: Request, secret: Secret, at: datetime, waiting: Sequence[Any] = ()) -> Reading:
    """What Heed reads in a genuine request, and in what lies `waiting` where it rings.

    Raises Forged or Unreadable as the platform's adapter does.
    """
    platform, _, account = channel.partition("/")
    adapter = platforms.get(platform)
    if adapter is None:
        raise Failed(f"{platform} is not a platform; choose from {', '.join(platforms.NAMES)}")
    verified = adapter.verify(request, [secret], at)
    served = Channel(platform, account, brand="", team="")
    found = adapter.messages(verified, served, at)
    return replace(pulling.read(tuple(waiting), served, at), pulls=found.pulls) if found.pulls else found


def fates(target: Target, messages: Sequence[Message]) -> list[Fate]:
    """What the table holds of these messages now. Raises Failed if it may not be read."""
    table = table_of(target)
    found = []
    for message in messages:
        key = cases.conversation_key(message.channel, message.conversation)
        try:
            case, (stored, _) = table.load(key), table.timeline(key)
        except Unavailable as error:
            raise Failed(f"the table cannot be read: {error}") from None
        mine = [one for one in stored if one.message.id == message.id]
        found.append(Fate(message, mine[0] if mine else None, case, len(mine)))
    return found


def table_of(target: Target) -> Table:
    """The table, for reading."""
    return Table(target.client("dynamodb"), target.output("TableName"), keep_days=0)
