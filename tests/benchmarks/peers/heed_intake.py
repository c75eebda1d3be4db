"""Heed's intake behind the same front: its own handler, each request as API Gateway would hand it over.

With a port as argument its real botocore client talks to a table there over HTTP; without, the table is a dictionary in
this process. The channel's secret is at hand, as it is in a running function but once in five minutes. Log lines are
written, to nowhere.
"""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).parents[3]
HERE = str(Path(__file__).parent)
SECRET = {"channel_secret": "0123456789abcdef0123456789abcdef"}
os.environ |= {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "TABLE_NAME": "heed",
    "RECOVERY_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/recovery",
    "PULLS_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/pulls",
    "SECRETS_PREFIX": "/heed/channels",
}
if len(sys.argv) > 1:
    os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = f"http://127.0.0.1:{int(sys.argv[1])}"
sys.path[:0] = [HERE, str(ROOT / "functions/intake")]

from front import serve  # noqa: E402 - found by the line above
from table import Dictionary, Refused  # noqa: E402

from heed.policy.build import compile_policy  # noqa: E402

module = type(sys)("heed_policy")
module.POLICY = compile_policy((ROOT / "layers/policy/policy.yaml").read_text(encoding="utf-8"))  # type: ignore[attr-defined]
sys.modules["heed_policy"] = module
import app  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

app.INTAKE._vault.secrets = lambda *_: (SECRET,)
app.INTAKE._vault.reread = lambda *_: None


class InProcess(Dictionary):
    """Refuses as a client of botocore does."""

    def transact_write_items(self, **given: Any) -> dict[str, Any]:
        try:
            return super().transact_write_items(**given)
        except Refused as refused:
            reasons = [{"Code": code} for code in refused.args[0]]
            answer = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(answer, "TransactWriteItems") from None  # type: ignore[arg-type]


if len(sys.argv) == 1:
    app.INTAKE._table._client = InProcess()

CONTEXT = SimpleNamespace(aws_request_id="r1")
NOWHERE = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    platform, account = environ["PATH_INFO"].split("/")[2:4]
    headers = {name[5:].lower().replace("_", "-"): value for name, value in environ.items() if name[:5] == "HTTP_"}
    event = {
        "requestContext": {"http": {"method": "POST"}},
        "rawQueryString": environ["QUERY_STRING"],
        "headers": headers | {"content-type": environ["CONTENT_TYPE"]},
        "body": base64.b64encode(environ["wsgi.input"].read()).decode(),
        "isBase64Encoded": True,
        "pathParameters": {"platform": platform, "account": account},
    }
    with redirect_stdout(NOWHERE):
        answer = app.handler(event, CONTEXT)
    start(f"{answer['statusCode']} x", list(answer["headers"].items()))
    return [(answer.get("body") or "").encode()]


serve(application)
