"""One test for each gap of ministack that infra/local/emulator closes."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from infra.local.stack import Stack
from tests.unit.local_stack.pieces import eventually, function

Create = Callable[[dict[str, Any]], dict[str, str]]
Answer = tuple[int, Any]

TABLE = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
}
ECHO = "import json\ndef handler(event, context): return {'statusCode': 200, 'body': json.dumps(event)}"


def table(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::DynamoDB::Table", "Properties": {**TABLE, **properties}}


def api(code: str, route: str = "ANY /{proxy+}", authorization: str = "NONE") -> dict[str, Any]:
    """An HTTP API of one route and the function behind it."""
    of_api = {"ApiId": {"Ref": "Api"}}
    integration = {"IntegrationType": "AWS_PROXY", "IntegrationUri": {"Fn::GetAtt": ["Function", "Arn"]}}
    target = {"Fn::Sub": "integrations/${Integration}"}
    return {
        "Function": function(code),
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "api", "ProtocolType": "HTTP"}},
        "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {**of_api, "StageName": "$default"}},
        "Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {**of_api, **integration, "PayloadFormatVersion": "2.0"},
        },
        "Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {**of_api, "RouteKey": route, "AuthorizationType": authorization, "Target": target},
        },
    }


def ask(url: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Answer:
    asked = urllib.request.Request(url, body, headers or {})  # noqa: S310 - the emulator's address
    try:
        with urllib.request.urlopen(asked) as response:  # noqa: S310
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def address(stack: Stack, ids: dict[str, str], path: str) -> str:
    return f"{stack.endpoint}/_aws/execute-api/{ids['Api']}/{path}"


def lines(stack: Stack, name: str) -> list[str]:
    logs = stack.client("logs")
    try:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [event["message"] for event in events]


# resources


def test_ttl_encryption_and_recovery_of_a_table_are_kept(stack: Stack, create: Create) -> None:
    ids = create(
        {
            "Table": table(
                TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True},
                SSESpecification={"SSEEnabled": True},
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
            )
        }
    )
    dynamodb, name = stack.client("dynamodb"), {"TableName": ids["Table"]}
    backups = dynamodb.describe_continuous_backups(**name)["ContinuousBackupsDescription"]
    assert dynamodb.describe_time_to_live(**name)["TimeToLiveDescription"]["AttributeName"] == "expires"
    assert dynamodb.describe_table(**name)["Table"]["SSEDescription"]["Status"] == "ENABLED"
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_concurrency_and_dead_letters_of_a_function_are_kept(stack: Stack, create: Create) -> None:
    letters = {"TargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}}
    ids = create(
        {
            "Dead": {"Type": "AWS::SQS::Queue"},
            "Function": function(ECHO, ReservedConcurrentExecutions=2, DeadLetterConfig=letters),
        }
    )
    described = stack.client("lambda").get_function(FunctionName=ids["Function"])
    assert described["Concurrency"]["ReservedConcurrentExecutions"] == 2
    assert described["Configuration"]["DeadLetterConfig"]["TargetArn"].startswith("arn:aws:sqs:")


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::CodeDeploy::Application", {"ComputePlatform": "Lambda"}),
        ("AWS::CodeDeploy::DeploymentGroup", {"ApplicationName": "a"}),
        ("AWS::CloudWatch::CompositeAlarm", {"AlarmRule": "FALSE"}),
        ("AWS::Logs::QueryDefinition", {"Name": "q", "QueryString": "fields @message"}),
        (
            "AWS::CloudWatch::Alarm",
            {
                "ComparisonOperator": "GreaterThanThreshold",
                "EvaluationPeriods": 1,
                "Threshold": 0,
                "Metrics": [{"Id": "e", "Expression": "1 + 1"}],
            },
        ),
    ],
)
def test_a_resource_without_local_behaviour_is_accepted(create: Create, kind: str, properties: dict[str, Any]) -> None:
    assert create({"Thing": {"Type": kind, "Properties": properties}})["Thing"]


# http_api


def test_an_event_has_the_headers_and_cookies_of_an_http_api(stack: Stack, create: Create) -> None:
    ids = create(api(ECHO, route="$default"))
    status, event = ask(address(stack, ids, "x?a=%2B"), {"Cookie": "a=1; b=2"})
    assert status == 200
    assert event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in event["headers"]
    assert event["headers"]["x-forwarded-proto"] == "https"
    assert "pathParameters" not in event
    assert event["rawQueryString"] == "a=%2B"


def test_what_a_function_raised_does_not_reach_the_caller(stack: Stack, create: Create) -> None:
    ids = create(api("def handler(event, context): raise ValueError('a secret')"))
    assert ask(address(stack, ids, "x")) == (500, {"message": "Internal Server Error"})


def signed(url: str, keys: tuple[str, str], body: bytes, service: str = "execute-api") -> dict[str, str]:
    request = AWSRequest("POST", url, headers={"Content-Type": "application/json"}, data=body)
    SigV4Auth(Credentials(*keys), service, "us-east-1").add_auth(request)
    return dict(request.headers)


def test_the_signature_of_an_iam_user_is_enforced_and_names_the_user(stack: Stack, create: Create) -> None:
    ids = create(api(ECHO, authorization="AWS_IAM"))
    url, keys = address(stack, ids, "cases/1"), stack.agent(ids["Api"])
    status, event = ask(url, signed(url, keys, b"{}"), b"{}")
    assert status == 200
    assert event["requestContext"]["authorizer"]["iam"]["userArn"].endswith(":user/agent")
    assert ask(url, body=b"{}")[0] == 403
    assert ask(url, signed(url, keys, b"{}"), b"[]")[0] == 403
    assert ask(url, signed(url, (keys[0], "wrong"), b"{}"), b"{}")[0] == 403
    assert ask(url, signed(url, ("AKIAIOSFODNN7EXAMPLE", keys[1]), b"{}"), b"{}")[0] == 403


# functions


def test_a_function_sees_no_package_but_its_own(stack: Stack, create: Create) -> None:
    code = (
        "import importlib.util as u\n"
        "def handler(event, context): return [n for n in ('ministack', 'boto3', 'pip', 'pytest') if u.find_spec(n)]"
    )
    ids = create({"Function": function(code)})
    answer = stack.client("lambda").invoke(FunctionName=ids["Function"])
    assert json.load(answer["Payload"]) == []


def test_a_log_line_and_a_metric_line_arrive(stack: Stack, create: Create) -> None:
    metric = {
        "_aws": {
            "Timestamp": 0,
            "CloudWatchMetrics": [
                {"Namespace": "Test", "Dimensions": [["service"]], "Metrics": [{"Name": "Lag", "Unit": "Seconds"}]}
            ],
        },
        "service": "watch",
        "Lag": [1.5, 2.5],
    }
    code = f"""
import logging
def handler(event, context):
    logging.warning("hello")
    print({json.dumps(metric)!r})
    print('{{"_aws": "no metric"}}')
"""
    name = create({"Function": function(code)})["Function"]
    stack.client("lambda").invoke(FunctionName=name)
    assert any(line.startswith("[WARNING]") and line.endswith("hello") for line in lines(stack, name))
    now = datetime.now(UTC)
    found = stack.client("cloudwatch").get_metric_statistics(
        Namespace="Test",
        MetricName="Lag",
        Dimensions=[{"Name": "service", "Value": "watch"}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=600,
        Statistics=["Sum"],
    )
    assert sum(point["Sum"] for point in found["Datapoints"]) == 4.0


# notices


def test_an_email_and_an_sms_can_be_read_as_the_receiver_would(stack: Stack) -> None:
    sns = stack.client("sns")
    topic = sns.create_topic(Name="notices")["TopicArn"]
    only = {"FilterPolicy": json.dumps({"team": ["care"]})}
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="on-call@example.com", Attributes=only)
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+861000000")
    text = json.dumps({"default": "{}", "email": "A tired person reads this", "sms": "Short"})
    for team in ("care", "sales"):
        attributes = {"team": {"DataType": "String", "StringValue": team}}
        sns.publish(TopicArn=topic, Subject=team, Message=text, MessageStructure="json", MessageAttributes=attributes)
    mails = [(mail["to"], mail["subject"], mail["text"]) for mail in stack.mails()]
    assert mails == [
        ("on-call@example.com", "care", "A tired person reads this"),
        ("+861000000", "care", "Short"),
        ("+861000000", "sales", "Short"),
    ]


# clocks


def test_delayed_messages_reach_their_function_within_half_a_second(stack: Stack, create: Create) -> None:
    code = "import time\ndef handler(event, context): print('at', time.time())"
    queue = {"Type": "AWS::SQS::Queue"}
    arns = {"EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}, "FunctionName": {"Ref": "Function"}}
    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": arns}
    ids = create({"Queue": queue, "Function": function(code), "Mapping": mapping})
    stack.client("lambda").invoke(FunctionName=ids["Function"])  # warm
    due = []
    for _ in range(3):  # spread over a second, which is how often ministack looks by itself
        stack.client("sqs").send_message(QueueUrl=ids["Queue"], MessageBody="x", DelaySeconds=2)
        due.append(time.time() + 2)
        time.sleep(0.3)
    eventually(lambda: len(times(stack, ids["Function"])) == 4)
    late = [seen - wanted for seen, wanted in zip(times(stack, ids["Function"])[1:], due, strict=True)]
    assert all(-0.1 <= seconds <= 0.4 for seconds in late), late


def test_a_schedule_is_punctual_to_two_seconds(stack: Stack, create: Create) -> None:
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    code = "import time\ndef handler(event, context): print('at', time.time())"
    target = {"Arn": {"Fn::GetAtt": ["Function", "Arn"]}, "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}
    schedule = {
        "ScheduleExpression": f"at({due:%Y-%m-%dT%H:%M:%S})",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target,
    }
    ids = create({"Function": function(code), "Schedule": {"Type": "AWS::Scheduler::Schedule", "Properties": schedule}})
    seen = eventually(lambda: times(stack, ids["Function"]))
    assert 0 <= seen[0] - due.timestamp() <= 2


def times(stack: Stack, name: str) -> list[float]:
    return [float(line.split()[1]) for line in lines(stack, name) if line.startswith("at ")]


# streams

FOLLOW = """
def handler(event, context):
    keys = [record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]]
    print("batch", *keys)
    bad = [r["dynamodb"]["SequenceNumber"] for r in event["Records"] if "bad" in r["dynamodb"]["NewImage"]]
    if event["Records"][0]["dynamodb"]["NewImage"].get("raise"):
        raise RuntimeError("poison")
    return {"batchItemFailures": [{"itemIdentifier": number} for number in bad]}
"""


def following(size: int = 1, **mapping: Any) -> dict[str, Any]:
    """A table, and a function that gets its records `size` at a time, or what has come in 3 seconds."""
    properties = {
        "BatchSize": size,
        "MaximumBatchingWindowInSeconds": 3,
        "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
        "FunctionName": {"Ref": "Function"},
        "StartingPosition": "TRIM_HORIZON",
        "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Dead", "Arn"]}}},
        **mapping,
    }
    return {
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Table": table(StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"}),
        "Function": function(FOLLOW),
        "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties},
    }


def batches(stack: Stack, name: str) -> list[str]:
    return [line[6:] for line in lines(stack, name) if line.startswith("batch ")]


def put(stack: Stack, name: str, *items: str) -> None:
    """`a` or `a:bad`: an item of this key, with this attribute."""
    rows = [{"pk": {"S": item[0]}, **({item[2:]: {"S": "x"}} if item[2:] else {})} for item in items]
    actions = [{"Put": {"TableName": name, "Item": row}} for row in rows]
    stack.client("dynamodb").transact_write_items(TransactItems=actions)


def letters(stack: Stack, queue: str) -> list[dict[str, Any]]:
    found = stack.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def test_records_before_the_first_failed_one_are_done(stack: Stack, create: Create) -> None:
    ids = create(following(3, MaximumRetryAttempts=1, FunctionResponseTypes=["ReportBatchItemFailures"]))
    put(stack, ids["Table"], "a", "b:bad", "c")
    letter = eventually(lambda: letters(stack, ids["Dead"]))[0]
    assert batches(stack, ids["Function"]) == ["a b c", "b c"]
    assert letter["DDBStreamBatchInfo"]["batchSize"] == 2
    put(stack, ids["Table"], "d", "e", "f")
    eventually(lambda: batches(stack, ids["Function"])[-1] == "d e f")


def test_a_failed_batch_is_tried_again_and_then_given_up(stack: Stack, create: Create) -> None:
    ids = create(following(MaximumRetryAttempts=2))
    put(stack, ids["Table"], "a:raise")
    letter = eventually(lambda: letters(stack, ids["Dead"]))[0]
    assert batches(stack, ids["Function"]) == ["a", "a", "a"]
    assert letter["requestContext"]["condition"] == "RetryAttemptsExhausted"


def test_a_failing_batch_is_halved_until_the_poison_is_alone(stack: Stack, create: Create) -> None:
    ids = create(following(4, MaximumRetryAttempts=0, BisectBatchOnFunctionError=True))
    put(stack, ids["Table"], "a:raise", "b", "c", "d")
    eventually(lambda: letters(stack, ids["Dead"]))
    eventually(lambda: len(batches(stack, ids["Function"])) == 5)
    assert batches(stack, ids["Function"]) == ["a b c d", "a b", "a", "b", "c d"]


def test_without_a_limit_a_young_record_is_tried_on(stack: Stack, create: Create) -> None:
    ids = create(following(MaximumRecordAgeInSeconds=60, MaximumRetryAttempts=-1))
    put(stack, ids["Table"], "a:raise")
    eventually(lambda: len(batches(stack, ids["Function"])) >= 3)
    assert letters(stack, ids["Dead"]) == []  # young: without limit it is tried again and again


def test_only_records_of_the_filter_reach_the_function(stack: Stack, create: Create) -> None:
    pattern = json.dumps({"dynamodb": {"NewImage": {"outbox": {"S": [{"exists": True}]}}}})
    ids = create(following(FilterCriteria={"Filters": [{"Pattern": pattern}]}))
    put(stack, ids["Table"], "a")
    put(stack, ids["Table"], "b:outbox", "c")
    put(stack, ids["Table"], "d:outbox")
    eventually(lambda: "d" in " ".join(batches(stack, ids["Function"])))
    assert set(" ".join(batches(stack, ids["Function"])).split()) == {"b", "d"}


def test_a_batching_window_gathers_records(stack: Stack, create: Create) -> None:
    ids = create(following(10))
    for key in "abc":
        put(stack, ids["Table"], key)
    eventually(lambda: batches(stack, ids["Function"]))
    assert batches(stack, ids["Function"]) == ["a b c"]
