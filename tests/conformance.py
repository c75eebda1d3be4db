"""Hold Heed's intake to a file of requests: `python -m tests.conformance FILE [--platform NAME]`.

FILE is a JSON list of vectors, each one HTTP request of a platform and what must become of it:

    {"id": "line-01", "platform": "line", "secrets": {...}, "now": unix seconds or null,
     "method": "POST", "query": "", "headers": {...}, "body_b64": base64 (or "body": text),
     "expect": "valid" | anything else: the request must be refused,
     "strict": false where the platform's rule is not certain: then either answer passes, but no failure of ours,
     "expect_response": {"status", "content_type", "body"},          every field optional
     "expect_plaintext": text                                         what an encrypted body opens to
     "expect_parse": {"kind", "direction", "external_id", "thread_id", "sender_id", "brand_id", "ref_id", "ts_ms",
                      "text"} or a list of them}                      what must be stored

Each vector goes through the real intake handler, at its own `now`, on an AWS account in memory made from template.yaml,
to a channel of its own. `expect_parse` is compared with the messages in the table: `direction` ignore, and every kind
that is not a message, comment, mention or review, mean that no message may be stored. A vector without `now` runs at
the present. `delivery_id` is the platform's name of a delivery, which Heed does not store, so it is not compared; nor
is `thread_id` where a conversation is named by its two ends (Douyin, whose recalls name nothing else).

Prints a line for each failure and a closing count per platform. Exits 0 if all hold, 1 if not, 2 if FILE cannot be
read.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType, SimpleNamespace
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "layers" / "heed")]

from heed import codec, platforms  # noqa: E402 - found by the line above, whatever the working directory
from heed.model import Author, Message, Surface  # noqa: E402
from heed.platforms import Request, Secret  # noqa: E402
from heed.rim.items import Stored  # noqa: E402
from tests import in_memory  # noqa: E402

# The vectors' names of protocols whose channels Heed names otherwise.
CHANNELS = {
    "facebook_page": "facebook",
    "kakao_channel": "kakao",
    "messenger": "facebook",
    "standard_webhooks": "webhook",
    "svix": "webhook",
    "wechat_oa": "wechat",
    "wecom_kf": "wecom",
    "xiaohongshu_miniapp": "xiaohongshu",
    "zalo_oa": "zalo",
}
_NAMED_BY_ENDS = frozenset({"douyin"})
_SURFACES = {
    "message": Surface.DIRECT,
    "comment": Surface.COMMENT,
    "mention": Surface.MENTION,
    "review": Surface.REVIEW,
}

Vector = Mapping[str, Any]


class Bench:
    """The intake handler over a table that holds nothing but what the vectors bring."""

    def __init__(self, stack: in_memory.Deployed, intake: ModuleType, channels: Mapping[str, str]) -> None:
        self._intake = intake
        self._table = stack.refs["Table"]
        self._channels = channels
        self._prefix = stack.environment("Intake")["SECRETS_PREFIX"]

    def failures(self, vector: Vector) -> Iterator[str]:
        """What is wrong with what became of a vector, a sentence each."""
        channel = self._channels[vector["id"]]
        answer = self._answer(vector, channel)
        refused = answer["statusCode"] in (400, 401, 403, 404, 413)
        if not refused and not 200 <= answer["statusCode"] < 300:
            yield f"answered {answer['statusCode']}: {answer.get('body', '')[:100]}"
            return
        wanted = vector.get("expect") == "valid"
        if refused is wanted:
            if vector.get("strict", True):
                yield f"answered {answer['statusCode']}, but the request is {'genuine' if wanted else 'to be refused'}"
            return
        stored = self._stored(channel)
        if refused:
            yield from (["stored a message of a refused request"] if stored else [])
            return
        yield from _response(vector.get("expect_response") or {}, answer)
        yield from _plaintext(vector, channel.partition("/")[0], _moment(vector))
        yield from _parse(vector, stored)

    def _answer(self, vector: Vector, channel: str) -> dict[str, Any]:
        platform, _, account = channel.partition("/")
        secret = json.dumps({"current": vector["secrets"]})
        in_memory.client("ssm").put_parameter(Name=f"{self._prefix}/{channel}", Value=secret, Type="SecureString")
        moment = _moment(vector)
        self._intake.INTAKE._clock = lambda: moment
        event = {
            "requestContext": {"http": {"method": vector["method"]}},
            "rawQueryString": vector["query"],
            # An HTTP API hands on header names in lower case.
            "headers": {name.lower(): value for name, value in vector["headers"].items()},
            "body": base64.b64encode(_body(vector)).decode(),
            "isBase64Encoded": True,
            "pathParameters": {"platform": platform, "account": account},
        }
        with redirect_stdout(io.StringIO()):
            answer: dict[str, Any] = self._intake.handler(event, SimpleNamespace(aws_request_id=vector["id"]))
        return answer

    def _stored(self, channel: str) -> list[Message]:
        pages = in_memory.client("dynamodb").get_paginator("scan").paginate(TableName=self._table)
        found = [item["message"]["S"] for page in pages for item in page["Items"] if "message" in item]
        messages = [codec.loads(Stored, text).message for text in found]
        return [message for message in messages if message.channel == channel]


def _body(vector: Vector) -> bytes:
    if vector.get("body_b64"):
        return base64.b64decode(vector["body_b64"])
    return str(vector.get("body") or "").encode("utf-8", "surrogatepass")


def _moment(vector: Vector) -> datetime:
    return datetime.now(UTC) if vector.get("now") is None else datetime.fromtimestamp(vector["now"], UTC)


def _response(expected: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[str]:
    if expected.get("status", answer["statusCode"]) != answer["statusCode"]:
        yield f"answered {answer['statusCode']}, expected {expected['status']}"
    said, wanted = answer.get("body", ""), expected.get("body")
    if wanted is not None and not _same_body(said, wanted):
        yield f"answered the body {said!r}, expected {wanted!r}"
    kind = answer.get("headers", {}).get("content-type", "")
    if not kind.startswith(expected.get("content_type", "")):
        yield f"answered as {kind or 'nothing'}, expected {expected['content_type']}"


def _same_body(said: str, wanted: object) -> bool:
    """The same text; a body that is expected as an object may be written with any spaces."""
    if isinstance(wanted, str) and not wanted.startswith("{"):
        return said == wanted
    try:
        return bool(json.loads(said) == (json.loads(wanted) if isinstance(wanted, str) else wanted))
    except ValueError:
        return False


def _plaintext(vector: Vector, platform: str, now: datetime) -> Iterator[str]:
    """The one thing the handler keeps to itself: what it decrypted."""
    if "expect_plaintext" not in vector:
        return
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    request = Request(vector["method"], vector["query"], headers, _body(vector))
    secret: Secret = vector["secrets"]
    adapter = platforms.get(platform)
    opened = adapter.verify(request, [secret], now).content if adapter else b""
    if opened != vector["expect_plaintext"].encode():
        yield "decrypted to another text"


def _parse(vector: Vector, stored: Sequence[Message]) -> Iterator[str]:
    expected = vector.get("expect_parse")
    if expected is None:
        return
    wanted = [one for one in (expected if isinstance(expected, list) else [expected]) if _is_message(one)]
    if len(wanted) != len(stored):
        yield f"stored {len(stored)} messages, expected {len(wanted)}"
        return
    for one in wanted:
        if vector["platform"] in _NAMED_BY_ENDS:
            one = {name: value for name, value in one.items() if name != "thread_id"}
        wrong = [list(_differences(one, message, vector["secrets"])) for message in stored]
        yield from min(wrong, key=len)


def _is_message(expected: Mapping[str, Any]) -> bool:
    named = any(expected.get(name) is not None for name in ("external_id", "text", "sender_id", "thread_id"))
    if "kind" not in expected and "direction" not in expected:
        return named
    return expected.get("direction") != "ignore" and expected.get("kind", "message") in _SURFACES


def _differences(expected: Mapping[str, Any], message: Message, secret: Secret) -> Iterator[str]:
    places = [*message.conversation.split(":"), *(str(value) for value in secret.values())]
    inbound = message.author is Author.CUSTOMER
    found: dict[str, tuple[object, bool]] = {
        "kind": (message.surface, message.surface is _SURFACES.get(str(expected.get("kind")))),
        "direction": (message.author, inbound is (expected.get("direction") == "inbound")),
        "external_id": (message.id, message.id == expected.get("external_id")),
        "thread_id": (message.conversation, str(expected.get("thread_id")) in [*places, message.conversation]),
        "sender_id": (message.customer, not inbound or message.customer == expected.get("sender_id")),
        "brand_id": (message.conversation, str(expected.get("brand_id")) in places),
        "ref_id": (message.reply_to, message.reply_to == expected.get("ref_id")),
        "ts_ms": (message.sent_at, round(message.sent_at.timestamp() * 1000) == expected.get("ts_ms")),
        "text": (message.text, message.text == expected.get("text")),
    }
    for name, (kept, right) in found.items():
        if expected.get(name) is not None and not right:
            yield f"{name}: kept {str(kept)!r}, expected {expected[name]!r}"


@contextmanager
def bench(vectors: Sequence[Vector]) -> Iterator[Bench]:
    """A bench with one channel for each vector."""
    channels = {vector["id"]: f"{_platform(vector)}/v{index}" for index, vector in enumerate(vectors)}
    with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()), in_memory.account():
        file = Path(folder) / "policy.yaml"
        file.write_text(_policy(channels.values()), "utf-8")
        with in_memory.policy(file):
            stack = in_memory.deployed(in_memory.template())
            yield Bench(stack, in_memory.load_function(stack, "intake"), channels)


def _platform(vector: Vector) -> str:
    return CHANNELS.get(vector["platform"], vector["platform"])


def _policy(channels: Iterable[str]) -> str:
    """The project's own policy with these channels instead of its own."""
    text = (ROOT / "layers" / "policy" / "policy.yaml").read_text("utf-8")
    lines = "".join(f"  {channel}: {{brand: qinghe, team: care-global}}\n" for channel in channels)
    return re.sub(r"(?m)^channels:\n(?:[ #].*\n|\n)*", lambda _: f"channels:\n{lines}\n", text)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, help="a JSON list of vectors")
    parser.add_argument("--platform", help="only the vectors of one platform, by the file's name of it")
    options = parser.parse_args(arguments)
    try:
        vectors: list[Vector] = json.loads(options.file.read_text("utf-8"))
        chosen = [vector for vector in vectors if options.platform in (None, vector["platform"])]
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{options.file}: cannot be read: {type(error).__name__}", file=sys.stderr)
        return 2
    if not chosen:
        names = ", ".join(sorted({vector["platform"] for vector in vectors}))
        print(f"{options.file}: no vector of {options.platform}; it has {names}", file=sys.stderr)
        return 2
    known = [vector for vector in chosen if _platform(vector) in platforms.NAMES]
    held, total = Counter[str](), Counter(vector["platform"] for vector in chosen)
    for vector in chosen:
        if vector not in known:
            print(f"{vector['id']}: {vector['platform']} is no platform of Heed")
    for vector, wrong in _run(known):
        for sentence in wrong:
            print(f"{vector['id']}: {sentence}")
        held[vector["platform"]] += not wrong
    for platform in sorted(total):
        print(f"{platform:<20} {held[platform]:>4} of {total[platform]:>4} hold")
    print(f"{'in all':<20} {sum(held.values()):>4} of {sum(total.values()):>4} hold")
    return 0 if held == total else 1


def _run(vectors: Sequence[Vector]) -> Iterator[tuple[Vector, list[str]]]:
    if not vectors:
        return
    with bench(vectors) as running:
        results = []
        for vector in vectors:
            try:
                wrong = list(running.failures(vector))
            except Exception as error:  # a vector that cannot be run has failed like any other
                wrong = [f"{type(error).__name__}: {error}"]
            results.append((vector, wrong))
    yield from results


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
