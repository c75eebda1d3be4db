"""Bodies made to cost: genuinely signed, as large as the platform's limit allows, through the real intake handler.

Each is answered as an unreadable delivery is, and kept aside once. What it costs is counted in this process's CPU
time, not in time that passes: a few hundred milliseconds at most, and no more than in proportion to its size.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from heed import platforms
from heed.platforms import Request, Unreadable, wechat_envelope
from heed.platforms.signatures import keyed_hex
from infra.heedctl import senders
from tests.integration import faults
from tests.security.door import MARK, Door, adapter

SIGNED = tuple(name for name in platforms.NAMES if name not in senders.HANDSHAKE_ONLY)
# Four of them seal a body in base64 of itself: what goes in is smaller than what comes out.
SEALED = {"wechat", "wecom", "xiaohongshu"}
CPU_SECONDS = 2.0

Bomb = Callable[[int], bytes]


def laughs(size: int) -> bytes:
    names = "abcdefghij"
    entities = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    return f'<!DOCTYPE x [<!ENTITY a "{MARK}">{entities}]><xml><Content>&j;</Content></xml>'.encode()


def quadratic(size: int) -> bytes:
    entity = "x" * (size // 2)
    return f'<!DOCTYPE x [<!ENTITY a "{entity}">]><xml><Content>{"&a;" * (size // 8)}</Content></xml>'.encode()


def external(size: int) -> bytes:
    return b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>'


def remote_dtd(size: int) -> bytes:
    return b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><xml><MsgType>text</MsgType></xml>'


def parameter_entity(size: int) -> bytes:
    return b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;]><xml/>'


def deep_xml(size: int) -> bytes:
    return b"<xml>" + b"<a>" * (size // 8) + b"</a>" * (size // 8) + b"</xml>"


def attributes(size: int) -> bytes:
    return ("<xml " + " ".join(f'a{n}="1"' for n in range(size // 14)) + "/>").encode()


def brackets(size: int) -> bytes:
    return b"[" * size


def braces(size: int) -> bytes:
    return b'{"a":' * (size // 5)


def balanced(size: int) -> bytes:
    return b'{"entry":' + b"[" * (size // 2 - 20) + b"]" * (size // 2 - 20) + b"}"


def one_integer(size: int) -> bytes:
    return b'{"entry":' + b"9" * (size - 20) + b"}"


def integers(size: int) -> bytes:
    return b'{"entry":{"a":[' + b",".join([b"9" * 4_200] * (size // 4_201 - 1)) + b"]}}"


def exponents(size: int) -> bytes:
    return b'{"entry":{"a":[' + b",".join([b"1e999999999"] * (size // 12 - 4)) + b"]}}"


def twins(size: int) -> bytes:
    return b'{"entry":{' + b",".join([b'"a":1'] * (size // 6 - 4)) + b"}}"


def names(size: int) -> bytes:
    return ("{" + ",".join(f'"k{n}":0' for n in range(size // 14)) + "}").encode()


def escapes(size: int) -> bytes:
    return b'{"event":"' + rb"\ud800" * (size // 6 - 4) + b'"}'


def ampersands(size: int) -> bytes:
    return b"a=1&" * (size // 4)


XML: tuple[Bomb, ...] = (laughs, quadratic, external, remote_dtd, parameter_entity, deep_xml, attributes)
JSON: tuple[Bomb, ...] = (
    brackets,
    braces,
    balanced,
    one_integer,
    integers,
    exponents,
    twins,
    names,
    escapes,
    ampersands,
)


def largest(platform: str) -> int:
    limit = adapter(platform).body_limit_bytes
    return limit * 5 // 8 - 2_000 if platform in SEALED else limit


def spent(work: Callable[[], Any]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


@pytest.fixture
def written(door: Door) -> Iterator[list[str]]:
    """The names of intake's writes, of which none is really made: only what they cost before the call is looked at."""
    found: list[str] = []
    client = door.intake.INTAKE._table._client
    done = SimpleNamespace(status_code=200), {"Attributes": {}}

    def write(model: Any, **_: Any) -> Any:
        found.append(model.name)
        return done

    names = [f"before-call.dynamodb.{name}" for name in ("PutItem", "TransactWriteItems", "UpdateItem")]
    for name in names:
        client.meta.events.register_first(name, write)
    yield found
    for name in names:
        client.meta.events.unregister(name, write)


@pytest.mark.parametrize("platform", SIGNED)
def test_a_bomb_is_kept_aside_once_and_costs_what_its_size_does(platform: str, door: Door, written: list[str]) -> None:
    channel, size = f"{platform}/ours", largest(platform)
    for bomb in (*XML, *JSON):
        request = signed(door, channel, bomb(size))
        started = time.process_time()
        status = door.status(channel, request)
        cost = time.process_time() - started
        assert status in (200, 204, 401), bomb.__name__
        assert cost < CPU_SECONDS, f"{bomb.__name__} of {size} bytes took {cost:.1f} s of CPU"
        assert [name for name in written if name != "UpdateItem"] in ([], ["PutItem"]), bomb.__name__
        written.clear()


def signed(door: Door, channel: str, body: bytes) -> Request:
    if channel.startswith("zalo/"):  # whose sender reads the body
        secret = door.secrets[channel]
        parts = (secret["app_id"].encode(), body, b"1773284400000", secret["oa_secret_key"].encode())
        headers = {"x-zevent-timestamp": "1773284400000", "x-zevent-signature": f"mac={keyed_hex('sha256', *parts)}"}
        return Request("POST", "", headers, body)
    request = senders.sign(channel.partition("/")[0], door.secrets[channel], body, at=door.at)
    assert len(request.body) <= adapter(channel.partition("/")[0]).body_limit_bytes
    return request


GROWING = (deep_xml, attributes, balanced, integers, exponents, twins, names, escapes)


@pytest.mark.parametrize("bomb", GROWING, ids=lambda bomb: bomb.__name__)
def test_four_times_the_size_costs_no_more_than_four_times_as_much(bomb: Bomb) -> None:
    """Of the readers alone; what grows with the square would cost sixteen times as much. The best of five runs."""

    def read(body: bytes) -> None:
        with contextlib.suppress(Unreadable):
            wechat_envelope.read(body)

    small, large = bomb(250_000), bomb(1_000_000)
    little, much = (min(spent(lambda body=body: read(body)) for _ in range(5)) for body in (small, large))  # type: ignore[misc]
    assert much < 9 * little + 0.02


EXTERNAL = (external, remote_dtd, parameter_entity)


@pytest.mark.parametrize("bomb", EXTERNAL, ids=lambda bomb: bomb.__name__)
@pytest.mark.parametrize("platform", ["wechat", "wecom", "weibo", "xiaohongshu"])
def test_nothing_outside_is_opened_for_an_entity(
    platform: str, bomb: Bomb, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr("builtins.open", lambda *given, **_: opened.append(given))
    monkeypatch.setattr("socket.socket.connect", lambda *given: opened.append(given))
    assert door.status(f"{platform}/ours", signed(door, f"{platform}/ours", bomb(0))) == 200
    assert opened == []


def test_a_delivery_of_very_many_broken_parts_costs_a_bounded_number_of_calls(door: Door) -> None:
    """Meta's limit lets a third of a million parts through, each of which is kept aside by itself."""
    body = b'{"object":"page","entry":[' + b",".join([b"1"] * 5_000) + b"]}"
    calls: list[str] = []
    client, sqs = door.intake.INTAKE._table._client, door.intake._sqs()
    for one in (client, sqs):
        one.meta.events.register("before-call.*.*", lambda model, **_: calls.append(model.name))
    request = signed(door, "facebook/ours", body)
    with faults.failing(client, "dynamodb", "PutItem", faults.unreachable):
        assert door.status("facebook/ours", request) == 200
    assert len(calls) <= 100
