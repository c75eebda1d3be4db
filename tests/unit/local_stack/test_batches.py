"""Queues and topics in batches: the gaps of ministack that only a whole template meets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.local import paths
from infra.local.stack import Stack
from tests.unit.local_stack.pieces import eventually, function

Create = Callable[[dict[str, Any]], dict[str, str]]


def caller(stack: Stack, service: str, action: str) -> Any:
    """A client of a new IAM user who may do this one thing."""
    iam, name = stack.client("iam"), f"only-{action.replace(':', '-')}"
    iam.create_user(UserName=name)
    document = (
        f'{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}]}}'
    )
    iam.put_user_policy(UserName=name, PolicyName="only", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=paths.REGION)
    return session.client(service, endpoint_url=stack.endpoint)  # type: ignore[call-overload]


def test_a_batch_to_a_queue_needs_the_permission_to_send(stack: Stack) -> None:
    queue = stack.client("sqs").create_queue(QueueName="batches")["QueueUrl"]
    entries = [{"Id": "1", "MessageBody": "hello"}]
    sender = caller(stack, "sqs", "sqs:SendMessage")
    assert [sent["Id"] for sent in sender.send_message_batch(QueueUrl=queue, Entries=entries)["Successful"]] == ["1"]
    with pytest.raises(ClientError, match="AccessDenied"):
        caller(stack, "sqs", "sqs:ReceiveMessage").send_message_batch(QueueUrl=queue, Entries=entries)


def test_a_batch_to_a_topic_needs_the_permission_to_publish(stack: Stack) -> None:
    topic = stack.client("sns").create_topic(Name="batches")["TopicArn"]
    entries = [{"Id": "1", "Message": "hello"}]
    sender = caller(stack, "sns", "sns:Publish")
    published = sender.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    assert [sent["Id"] for sent in published["Successful"]] == ["1"]


def test_a_concurrency_that_comes_as_text_does_not_stop_the_poller(stack: Stack, create: Create) -> None:
    made = create(
        {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Function": function("def handler(event, context): return {}"),
            "Mapping": {
                "Type": "AWS::Lambda::EventSourceMapping",
                "Properties": {
                    "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
                    "FunctionName": {"Ref": "Function"},
                    "ScalingConfig": {"MaximumConcurrency": "5"},
                },
            },
        }
    )
    queue = stack.client("sqs")
    queue.send_message(QueueUrl=made["Queue"], MessageBody="hello")

    def emptied() -> bool:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        left = queue.get_queue_attributes(QueueUrl=made["Queue"], AttributeNames=names)["Attributes"]
        return set(left.values()) == {"0"}

    assert eventually(emptied)
