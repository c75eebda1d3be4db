"""An inbox of notices is looked into and stays; a queue that is taken from is empty after."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.heedctl import queues
from infra.heedctl.target import Failed, Target

NOTICE = {"key": "k", "case_id": "7K3Q-9MXA", "deadline_at": "2026-03-12T03:00:00.000Z"}


def publish(target: Target, **more: Any) -> None:
    message = json.dumps({"default": json.dumps({**NOTICE, **more}), "email": "words"})
    topic = target.output("NoticesTopicArn")
    target.client("sns").publish(TopicArn=topic, Message=message, MessageStructure="json")


def test_an_inbox_gets_the_machine_readable_notice_as_it_is(target: Target) -> None:
    url = queues.subscribe(target, "mine")
    publish(target)
    (letter,) = queues.look(target, url)
    assert letter.body == NOTICE
    assert letter.lag_seconds == pytest.approx(letter.at.timestamp() - 1773284400)


def test_only_the_topic_of_notices_may_write_to_an_inbox(target: Target) -> None:
    url = queues.subscribe(target, "mine")
    found = target.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    (statement,) = json.loads(found["Policy"])["Statement"]
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": target.output("NoticesTopicArn")}}


def test_subscribing_again_changes_nothing(target: Target) -> None:
    assert queues.subscribe(target, "mine") == queues.subscribe(target, "mine")
    assert len(target.client("sns").list_subscriptions()["Subscriptions"]) == 1


def test_a_notice_that_was_looked_at_is_still_there(target: Target) -> None:
    url = queues.subscribe(target, "mine")
    publish(target, key="1")
    publish(target, key="2")
    seen = [{letter.body["key"] for letter in queues.look(target, url)} for _ in range(2)]
    assert seen == [{"1", "2"}, {"1", "2"}]


def test_what_is_taken_is_gone(target: Target) -> None:
    url = queues.subscribe(target, "mine")
    for number in range(12):
        publish(target, key=str(number))
    assert len(queues.take(target, url)) == 12
    assert queues.take(target, url) == []


def test_an_inbox_that_is_given_up_leaves_nothing_behind(target: Target) -> None:
    queues.subscribe(target, "mine")
    queues.unsubscribe(target, "mine")
    queues.unsubscribe(target, "mine")
    assert queues.find(target, "mine") is None
    assert target.client("sns").list_subscriptions()["Subscriptions"] == []


def test_a_real_queue_cannot_be_peeked_at(target: Target) -> None:
    with pytest.raises(Failed, match="only to who takes it"):
        queues.peek(target, target.output("EscalationsQueueUrl"))
