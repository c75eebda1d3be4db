"""What intake costs beside a bare boto3 client: `make bench`.

Init is counted in instructions (callgrind repeats them exactly, milliseconds it does not) on the layers sam built.
Warm work is CPU time of the process for the same signed message, against the same two DynamoDB calls made bare, in
turns, so that both see the same machine. Needs valgrind for the first half; says so and goes on without it.
"""

from __future__ import annotations

import base64
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.heedctl import senders
from infra.local import paths
from infra.local.build import build

ROOT = Path(__file__).parents[2]
SECRET = {"token": "Br4ndCallbackTok3n"}
ROUNDS, MESSAGES = 15, 100
FAKE = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}
ENVIRONMENT = {
    "TABLE_NAME": "heed",
    "RECOVERY_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/recovery",
    "WECOM_API_URL": "https://qyapi.weixin.qq.com",
    "PULLS_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/pulls",
    "SECRETS_PREFIX": "/heed/channels",
    "HEED_STACK": "heed",
}
CASES = {
    "python alone": "pass",
    "the runtime client's imports": "import json, logging, decimal, importlib, traceback, re, http.client",
    "boto3.client('dynamodb')": "import boto3; boto3.client('dynamodb')",
    "heed core": "import heed.cases, heed.policy, heed.judge, heed.timeline, heed.platforms, heed.codec",
    "intake": "import app",
    "recover": "import app",
    "pull": "import app",
    "watch": "import app",
    "expire": "import app",
    "announce": "import app",
    "desk": "import app",
    "page": "import app",
}


def built() -> Path:
    """The template as sam builds it for this machine, layers with bytecode."""
    return build(ROOT / "template.yaml", lambda step: print(step, file=sys.stderr))


def instructions(name: str, code: str, folder: Path) -> int:
    """Instructions of a fresh interpreter that runs `code` on the built layers, in millions."""
    layers = [folder / layer / "python" for layer in ("Heed", "Vendor", "Policy")]
    path = [folder / name.capitalize()] if code == "import app" else []
    names = ("DUE_QUEUE_URL", "ESCALATIONS_QUEUE_URL", "NOTICES_TOPIC_ARN", "CASE_URL", "PAGE_URL", "LINK_KEY")
    environment = FAKE | ENVIRONMENT | dict.fromkeys(names, "https://x") | {"LINK_HOURS": "24"}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, [*path, *layers]))
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(paths.FUNCTION_PYTHON), "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found is not None
    return int(found[1]) // 1_000_000


def init(folder: Path) -> dict[str, int]:
    """Millions of instructions per case, those of a bare interpreter taken off."""
    counted = {name: instructions(name, code, folder) for name, code in CASES.items()}
    floor = counted["the runtime client's imports"]
    return {name: count - floor for name, count in counted.items()}


def warm() -> dict[str, float]:
    """CPU microseconds per message: the whole of intake, the same AWS calls made bare, and their ratio by rounds."""
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


def _in_turns() -> dict[str, float]:
    app, context, events = _intake()
    calls = _recorded_calls(app, events[0], context)
    whole, bare, ratios = [], [], []
    for _ in range(ROUNDS):
        whole.append(_cpu_us(lambda: [app.handler(event, context) for event in events]))
        bare.append(_cpu_us(lambda: [operation(**arguments) for _ in events for operation, arguments in calls]))
        ratios.append(whole[-1] / bare[-1])
    return {
        "aws_calls_per_message": len(calls),
        "whole_us": statistics.median(whole),
        "bare_calls_us": statistics.median(bare),
        "beyond_calls_us": statistics.median(w - b for w, b in zip(whole, bare, strict=True)),
        "ratio": statistics.median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
    }


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


def _recorded_calls(app: Any, event: dict[str, Any], context: Any) -> list[tuple[Any, dict[str, Any]]]:
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


def _cpu_us(work: Any) -> float:
    """CPU microseconds of this process per message."""
    output, sys.stdout = sys.stdout, open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    try:
        before = time.process_time()
        work()
        return (time.process_time() - before) / MESSAGES * 1e6
    finally:
        sys.stdout.close()
        sys.stdout = output


def main() -> None:
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"Python {platform.python_version()}, {machine}")
    report: dict[str, Any] = {"python": platform.python_version(), "machine": platform.machine()}
    if shutil.which("valgrind"):
        report["init_million_instructions"] = counted = init(built())
        base = counted["boto3.client('dynamodb')"]
        print("\ninit, million instructions above the runtime client's own imports")
        for name, count in counted.items():
            print(f"  {name:30} {count:6}   {count / base:5.2f} x bare boto3 client")
    else:
        print("init: skipped, valgrind is not installed")
    report["warm"] = found = warm()
    print("\nwarm intake, CPU per message (median of rounds in turns)")
    for name, value in found.items():
        print(f"  {name:30} {value:10.2f}")
    print("\n" + json.dumps(report))


if __name__ == "__main__":
    main()
