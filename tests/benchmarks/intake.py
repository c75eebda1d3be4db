"""What intake costs beside a bare boto3 client: `make bench`.

Starts are counted in instructions, by `tests.benchmarks.init`; without valgrind they are left out. Warm work is CPU
time of the process for the same signed message, against the same two DynamoDB calls made bare, in turns, so that both
see the same machine. Ratios hold on any machine; microseconds are this one's.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from infra.heedctl import senders
from tests.benchmarks import init
from tests.benchmarks.init import ENVIRONMENT, FAKE, ROOT

SECRET = {"token": "Br4ndCallbackTok3n"}
ROUNDS, MESSAGES = 15, 100
METHOD = (
    "starts: instructions counted by valgrind above the runtime client's imports; "
    f"warm: CPU of a message, medians of {MESSAGES} in {ROUNDS} rounds, whole and bare by turns"
)
Call = tuple[Callable[..., Any], dict[str, Any]]


@dataclass(frozen=True)
class Warm:
    """CPU microseconds per message: the whole of intake, the same AWS calls made bare, and their ratio by rounds."""

    aws_calls_per_message: int
    whole_us: float
    bare_calls_us: float
    beyond_calls_us: float
    ratio: float
    ratio_min: float
    ratio_max: float


WANTED = {"aws_calls_per_message": 2, "beyond_calls_us": 150, "ratio": 1.25}


def warm() -> Warm:
    """Once in a process: intake's clients keep the address they were made with."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.answering"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        port = int(server.stdout.readline())
        os.environ.update(FAKE | ENVIRONMENT | {"AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{port}"})
        return _in_turns()
    finally:
        server.communicate("")


def _in_turns() -> Warm:
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        app, context, events = _intake()
        calls = _recorded_calls(app, events[0], context)
        rounds = [_round(app, context, events, calls) for _ in range(ROUNDS)]
    whole, bare = zip(*rounds, strict=True)
    ratios = [one / other for one, other in rounds]
    return Warm(
        aws_calls_per_message=len(calls),
        whole_us=statistics.median(whole),
        bare_calls_us=statistics.median(bare),
        beyond_calls_us=statistics.median(w - b for w, b in zip(whole, bare, strict=True)),
        ratio=statistics.median(ratios),
        ratio_min=min(ratios),
        ratio_max=max(ratios),
    )


def _intake() -> tuple[Any, Any, list[dict[str, Any]]]:
    """Intake's own module, its secrets at hand, and signed events of a hundred customers."""
    from heed.policy.build import compile_policy

    module = type(sys)("heed_policy")
    module.POLICY = compile_policy((ROOT / "layers/policy/policy.yaml").read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    sys.modules["heed_policy"] = module
    sys.path.insert(0, str(ROOT / "functions/intake"))
    import app  # type: ignore[import-not-found]

    vault = app.INTAKE._vault
    vault.secrets = lambda *_: (SECRET,)
    sys.stdout.flush()
    now = datetime.now(UTC)
    text = "你好，我三天前买的充电器还没有发货，物流信息一直不更新，客服也没有人回复，请帮我查一下订单，谢谢"
    events = []
    for number in range(MESSAGES):
        request = senders.wechat_text(SECRET, f"{text}{number}", customer=f"oVq8e6HkT2n0pXc{number}", at=now)
        events.append(
            {
                "requestContext": {"http": {"method": "POST"}},
                "rawQueryString": request.query,
                "headers": dict(request.headers),
                "body": base64.b64encode(request.body).decode(),
                "isBase64Encoded": True,
                "pathParameters": {"platform": "wechat", "account": "flagship-cn"},
            }
        )
    return app, None, events


def _recorded_calls(app: Any, event: dict[str, Any], context: Any) -> list[Call]:
    """The AWS calls that one message makes, to be made again bare on a client of boto3."""
    import boto3

    client, calls = boto3.client("dynamodb"), []
    names = {"GetItem": "get_item", "TransactWriteItems": "transact_write_items"}

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        calls.append(
            (getattr(client, names[model.name]), {k: v for k, v in params.items() if k != "ClientRequestToken"})
        )

    app.handler(event, context)  # notes the channel's rhythm, which happens once in five minutes
    emitter = app.INTAKE._table._client.meta.events
    emitter.register("provide-client-params.dynamodb.*", note)
    app.handler(event, context)
    emitter.unregister("provide-client-params.dynamodb.*", note)
    return calls


def _round(app: Any, context: Any, events: Sequence[dict[str, Any]], calls: Sequence[Call]) -> tuple[float, float]:
    """CPU microseconds of a message and of its calls made bare: medians of messages, the two by turns."""
    whole, bare = [], []
    for event in events:
        began = time.process_time_ns()
        app.handler(event, context)
        answered = time.process_time_ns()
        for operation, arguments in calls:
            operation(**arguments)
        whole.append(answered - began)
        bare.append(time.process_time_ns() - answered)
    return statistics.median(whole) / 1e3, statistics.median(bare) / 1e3


def table(found: Warm) -> str:
    lines = [f"{'warm intake, per message':26}{'measured':>10}{'wanted':>9}"]
    for name, value in asdict(found).items():
        lines.append(f"{name:26}{value:10.2f}{WANTED.get(name, ''):>9}")
    return "\n".join(lines)


def main() -> None:
    packages = {name: version(name) for name in ("botocore", "boto3")}
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"Python {platform.python_version()}, botocore {packages['botocore']}, {machine}\n{METHOD}\n")
    report: dict[str, Any] = {"python": platform.python_version(), **packages, "machine": machine, "method": METHOD}
    if init.can_count():
        starts = init.rows(init.built())
        report["init"] = [asdict(row) for row in starts]
        print(init.table(starts) + "\n")
    else:
        print("starts are not counted: valgrind or sam is not installed\n")
    found = warm()
    report["warm"] = asdict(found)
    print(table(found) + "\n\n" + json.dumps(report))


if __name__ == "__main__":
    main()
