"""Under its own role on the local AWS, which enforces IAM, a function can do its work and nothing else.

A probe is deployed under each role, with the layers of the function it stands for: whoever got into the function could
do what the probe can. What the roles say of partition keys (LeadingKeys) this AWS does not know, and its default policy
of a topic lets everybody in the account publish; tests/security holds both to the calls of every handler.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore
import pytest

from layers.vendor import prune
from tests.e2e.conftest import Played

pytestmark = pytest.mark.e2e

CODE = """
import os
os.environ["AWS_DATA_PATH"] = os.path.dirname(os.path.abspath(__file__))
import botocore.session
from botocore.exceptions import ClientError

def handler(event, context):
    done = []
    for service, operation, given in event["calls"]:
        try:
            getattr(botocore.session.get_session().create_client(service), operation)(**given)
            done.append("done")
        except ClientError as error:
            done.append(error.response["Error"]["Code"])
    return done
"""

MODELS = Path(botocore.__file__).with_name("data")
Probe = Callable[[str, list[Any]], list[str]]


@pytest.fixture(scope="module")
def probe(played: Played) -> Probe:
    """`probe("Announce", [(service, operation, arguments), ...])`: what became of each call under that role."""
    found = played.stack.client("lambda")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as folder:
        folder.writestr("probe.py", CODE)
        # Whoever got in would not stop at the operations that the layer's botocore knows.
        for model in (model for service in prune.OPERATIONS for model in MODELS.glob(f"{service}/*/service-2.json.gz")):
            folder.write(model, model.relative_to(MODELS))

    def probed(function: str, calls: list[Any]) -> list[str]:
        given = found.get_function_configuration(FunctionName=played.stack.resource(function))
        name = f"probe-{function.lower()}"
        found.create_function(
            FunctionName=name,
            Runtime=given["Runtime"],
            Handler="probe.handler",
            Role=given["Role"],
            Layers=[layer["Arn"] for layer in given["Layers"]],
            Timeout=60,
            MemorySize=256,
            Code={"ZipFile": archive.getvalue()},
        )
        try:
            answer = found.invoke(FunctionName=name, Payload=json.dumps({"calls": calls}).encode())
            told = json.loads(answer["Payload"].read())
            assert "FunctionError" not in answer, told
            done: list[str] = told
            return done
        finally:
            found.delete_function(FunctionName=name)

    return probed


def world(played: Played) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """One call of each kind that somebody inside would like to make. None of them changes what other tests look at."""
    stack = played.stack
    table, key = stack.resource("Table"), {"pk": {"S": "nobody"}, "sk": {"S": "CASE"}}
    index = {"TableName": table, "KeyConditionExpression": "due_shard = :s", "IndexName": "due"}
    index["ExpressionAttributeValues"] = {":s": {"S": "none"}}
    desk = {"TableName": table, "KeyConditionExpression": "desk = :d", "IndexName": "desk"}
    desk["ExpressionAttributeValues"] = {":d": {"S": "none"}}
    secret = f"{played.target.output('SecretsPrefix')}/wechat/flagship-cn"
    batch = {"RequestItems": {table: {"Keys": [key]}}}
    return {
        "read one": ("dynamodb", "get_item", {"TableName": table, "Key": key}),
        "read some": ("dynamodb", "batch_get_item", batch),
        "read all": ("dynamodb", "scan", {"TableName": table}),
        "list due": ("dynamodb", "query", index),
        "list desk": ("dynamodb", "query", desk),
        "delete": ("dynamodb", "delete_item", {"TableName": table, "Key": key}),
        "drop": ("dynamodb", "delete_table", {"TableName": f"{table}-none"}),
        "channel's secret": ("ssm", "get_parameter", {"Name": secret, "WithDecryption": True}),
        "another secret": ("ssm", "get_parameter", {"Name": "/somebody/else", "WithDecryption": True}),
        "set a secret": ("ssm", "put_parameter", {"Name": secret + "x", "Value": "x", "Type": "String"}),
        "link key": ("secretsmanager", "get_secret_value", {"SecretId": stack.resource("LinkKey")}),
        "take escalations": ("sqs", "receive_message", {"QueueUrl": stack.resource("Escalations")}),
        "empty recovery": ("sqs", "purge_queue", {"QueueUrl": stack.resource("RecoveryDead")}),
        "tell others": ("sns", "list_subscriptions_by_topic", {"TopicArn": stack.resource("Notices")}),
    }


MAY = {
    "Intake": {"read one", "read some", "channel's secret"},
    "Recover": {"read one", "read some"},
    "Pull": {"read one", "read some"},
    "Watch": {"list due", "list desk"},
    "Expire": {"read some"},
    "Announce": {"read some", "link key"},
    "Desk": {"read one", "read some", "list desk"},
    "Page": {"read one", "link key"},
}
# Watch may on other keys than these, which only AWS itself can tell.
NOT_TRIED = {"Watch": {"read one", "read some"}}


@pytest.mark.parametrize("function", MAY)
def test_a_function_can_do_its_own_and_nothing_else(function: str, played: Played, probe: Probe) -> None:
    calls = {name: call for name, call in world(played).items() if name not in NOT_TRIED.get(function, ())}
    became = dict(zip(calls, probe(function, list(calls.values())), strict=True))
    assert {name for name, code in became.items() if code == "done"} == MAY[function]
    refused = {code for code in became.values() if code != "done"}
    assert refused <= {"AccessDenied", "AccessDeniedException", "AuthorizationError"}, became
