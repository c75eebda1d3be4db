"""Looking into queues: notices through an inbox of one's own, escalations as the team's consumer."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.heedctl.target import Failed, Target

HIDDEN_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of a queue: its JSON body and when the queue got it."""

    id: str
    body: dict[str, Any]
    at: datetime
    receipt: str = ""

    @property
    def lag_seconds(self) -> float:
        """From the deadline, or the end of what a digest gathered, to the inbox."""
        due = self.body.get("deadline_at") or self.body["until"]
        return (self.at - datetime.fromisoformat(due)).total_seconds()


def subscribe(target: Target, name: str) -> str:
    """A queue that gets every notice as it is (raw delivery); its URL. Made once, found again. Raises Failed."""
    sqs, topic = target.client("sqs"), target.output("NoticesTopicArn")
    try:
        url = str(sqs.create_queue(QueueName=name)["QueueUrl"])
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy, "SqsManagedSseEnabled": "true"})
        raw = {"RawMessageDelivery": "true"}
        target.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=raw)
    except ClientError as error:
        raise Failed(f"no inbox {name}: {error.response['Error'].get('Message', error)}") from None
    return url


def unsubscribe(target: Target, name: str) -> None:
    """Remove the inbox and its subscription."""
    url = find(target, name)
    if url is None:
        return
    sqs, sns = target.client("sqs"), target.client("sns")
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=target.output("NoticesTopicArn"))
    for subscription in [found for page in pages for found in page["Subscriptions"]]:
        if subscription["Endpoint"] == arn:
            sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    sqs.delete_queue(QueueUrl=url)


def find(target: Target, name: str) -> str | None:
    """The URL of a queue, None if there is none."""
    try:
        return str(target.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])
    except ClientError:
        return None


def look(target: Target, url: str) -> list[Letter]:
    """What lies in an inbox, oldest first; it stays there. Only for a queue that redrives nothing."""
    sqs = target.client("sqs")
    letters = list(_received(target, url, HIDDEN_SECONDS, wait_seconds=0))
    for letter in letters:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)
    return sorted(letters, key=lambda letter: letter.at)


def take(target: Target, url: str, wait_seconds: int = 0) -> list[Letter]:
    """What lies in a queue, oldest first, taken out of it."""
    sqs = target.client("sqs")
    letters = list(_received(target, url, HIDDEN_SECONDS, wait_seconds))
    for letter in letters:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=letter.receipt)
    return sorted(letters, key=lambda letter: letter.at)


def peek(target: Target, url: str) -> list[Letter]:
    """What lies in any queue of the local stack, untouched: the emulator shows it. SQS itself cannot be peeked at."""
    if not target.local:
        raise Failed("SQS shows a message only to who takes it")
    address = urllib.parse.urlsplit(target.base)
    query = urllib.parse.urlencode({"QueueUrl": url})
    asked = f"{address.scheme}://{address.netloc}/_ministack/sqs/messages?{query}"
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 # nosec B310
        found = json.loads(answer.read())
    queues = [queue for regions in found["messages"].values() for held in regions.values() for queue in held.values()]
    letters = [
        Letter(one["MessageId"], json.loads(one["Body"]), _moment(one["Attributes"]["SentTimestamp"]))
        for queue in queues
        for one in queue
    ]
    return sorted(letters, key=lambda letter: letter.at)


def _moment(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def _received(target: Target, url: str, hidden_seconds: int, wait_seconds: int) -> Iterator[Letter]:
    while True:
        answer = target.client("sqs").receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=hidden_seconds,
            WaitTimeSeconds=wait_seconds,
            AttributeNames=["SentTimestamp"],
        )
        if not answer.get("Messages"):
            return
        for message in answer["Messages"]:
            sent = _moment(message["Attributes"]["SentTimestamp"])
            yield Letter(message["MessageId"], json.loads(message["Body"]), sent, message["ReceiptHandle"])
        wait_seconds = 0


def mail_of(target: Target, letter: Letter) -> dict[str, Any] | None:
    """The e-mail that went out with a notice, from the local stack's file: of the same case, nearest in time."""
    if not target.mails:
        return None
    try:
        lines = Path(target.mails).read_text("utf-8").splitlines()
    except OSError:
        return None
    mails: list[dict[str, Any]] = [json.loads(line) for line in lines]
    worst = [line["link"] for line in letter.body.get("worst", ())[:1]]
    mine = [
        mail
        for mail in mails
        if (worst[0] in mail["text"] if worst else letter.body["case_id"] in (mail["subject"] or ""))
    ]
    return min(mine, key=lambda mail: abs(mail["at"] - letter.at.timestamp()), default=None)
