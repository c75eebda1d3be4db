"""What each function's role in template.yaml allows, held against the calls that its handler really makes.

`Guard` stands beneath every client of the functions: it writes down each call as IAM sees it (action, resource, leading
keys), answers AccessDenied to what the role does not allow, and can take single actions away from a role.

Rules: Service Authorization Reference (a batch needs the permission of its single call, DynamoDB's transactions those
of what they hold), IAM's policy evaluation (`*` and `?` in resources; ForAllValues of no value holds), the Lambda
Developer Guide (what an event source, a dead-letter queue and a log group ask of the function's role).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from heed.rim import runtime
from tests.in_memory import ACCOUNT, REGION, Deployed

FUNCTIONS = ("Intake", "Recover", "Pull", "Watch", "Expire", "Announce", "Desk", "Page")

# What the Lambda service does in the role's name.
_SQS_SOURCE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_STREAM_SOURCE = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")

_SINGLE = {
    "SendMessageBatch": "SendMessage",
    "PublishBatch": "Publish",
    "DeleteMessageBatch": "DeleteMessage",
    "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
    "TransactGetItems": "GetItem",
}
_IN_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_DENIED = {"sqs": "AccessDenied", "sns": "AuthorizationError"}


@dataclass(frozen=True, order=True)
class Call:
    """One call as IAM sees it. `keys` are the partition keys it touches, for DynamoDB's condition LeadingKeys."""

    action: str
    resource: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grant:
    """One action that a role allows on resources of one pattern; `keys` are patterns of LeadingKeys, if it has any."""

    action: str
    resource: str
    keys: tuple[str, ...] = ()

    def allows(self, call: Call) -> bool:
        return (
            call.action == self.action
            and _like(self.resource, call.resource)
            and (not self.keys or all(any(_like(pattern, key) for pattern in self.keys) for key in call.keys))
        )


def _like(pattern: str, text: str) -> bool:
    """IAM's wildcards."""
    return re.fullmatch("".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern), text) is not None


def grants(stack: Deployed, function: str) -> list[Grant]:
    """What the template allows a function's role."""
    found: list[Grant] = []
    for policy in _resolved(stack, stack.template["Resources"][f"{function}Role"]["Properties"]["Policies"]):
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            assert set(statement) <= {"Effect", "Action", "Resource", "Condition"}
            keys = _leading_keys(statement.get("Condition"))
            found += [
                Grant(action, one, keys) for action in statement["Action"] for one in _listed(statement["Resource"])
            ]
    return found


def _leading_keys(condition: Any) -> tuple[str, ...]:
    """The one kind of condition that this reads; any other would be a condition that nobody here has looked at."""
    if condition is None:
        return ()
    ((operator, about),) = condition.items()
    ((name, patterns),) = about.items()
    assert (operator, name) == ("ForAllValues:StringLike", "dynamodb:LeadingKeys")
    return tuple(patterns)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _resolved(stack: Deployed, value: Any) -> Any:
    """Log groups are not made in memory: their ARNs are said here."""
    logs = {
        (name, "Arn"): f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"
        for name, found in stack.template["Resources"].items()
        if found["Type"] == "AWS::Logs::LogGroup"
    }
    return Deployed(stack.template, stack.refs, {**stack.attributes, **logs}).resolve(value)


def by_lambda(stack: Deployed, function: str) -> set[Call]:
    """The calls that Lambda itself makes in the role's name, after the function's events, dead letters and logs."""
    properties = stack.template["Resources"][function]["Properties"]
    logs = _resolved(stack, {"Fn::GetAtt": [properties["LoggingConfig"]["LogGroup"]["Ref"], "Arn"]})
    found = {Call(action, logs) for action in _LOGS}
    if "DeadLetterQueue" in properties:
        found.add(Call("sqs:SendMessage", stack.resolve(properties["DeadLetterQueue"]["TargetArn"])))
    for event in properties.get("Events", {}).values():
        given = event["Properties"]
        if event["Type"] == "SQS":
            found |= {Call(action, stack.resolve(given["Queue"])) for action in _SQS_SOURCE}
        if event["Type"] == "DynamoDB":
            stream = stack.resolve(given["Stream"])
            found |= {Call(action, stream) for action in _STREAM_SOURCE}
            found.add(Call("dynamodb:ListStreams", stream))
            found.add(Call("sqs:SendMessage", stack.resolve(given["DestinationConfig"]["OnFailure"]["Destination"])))
    return found


def calls(stack: Deployed, service: str, operation: str, given: Mapping[str, Any]) -> Iterator[Call]:
    """What one call of the SDK asks IAM for."""
    if service == "dynamodb":
        yield from _dynamodb(stack.attributes["Table", "Arn"], operation, given)
        return
    resource = {
        "sqs": lambda: f"arn:aws:sqs:{REGION}:{ACCOUNT}:{given['QueueUrl'].rsplit('/', 1)[-1]}",
        "sns": lambda: given["TopicArn"],
        "ssm": lambda: f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{given['Name']}",
        "secretsmanager": lambda: given["SecretId"],
    }[service]()
    yield Call(f"{service}:{_SINGLE.get(operation, operation)}", resource)


def _dynamodb(table: str, operation: str, given: Mapping[str, Any]) -> Iterator[Call]:
    if operation == "TransactWriteItems":
        for ((kind, write),) in (item.items() for item in given["TransactItems"]):
            key = (write.get("Item") or write.get("Key"))["pk"]["S"]
            yield Call(f"dynamodb:{_IN_TRANSACTION[kind]}", table, (key,))
    elif operation == "BatchGetItem":
        (wanted,) = given["RequestItems"].values()
        yield Call("dynamodb:BatchGetItem", table, tuple(key["pk"]["S"] for key in wanted["Keys"]))
    elif operation == "Query":
        name = re.findall(r"\w+ = (:\w+)", given["KeyConditionExpression"])[0]
        index = f"/index/{given['IndexName']}" if "IndexName" in given else ""
        yield Call("dynamodb:Query", table + index, (given["ExpressionAttributeValues"][name]["S"],))
    else:
        key = (given.get("Item") or given.get("Key"))["pk"]["S"]
        yield Call(f"dynamodb:{operation}", table, (key,))


@dataclass
class Guard:
    """IAM beneath the functions' clients. `made` are the calls of each function, `met` those refused."""

    stack: Deployed
    made: dict[str, set[Call]] = field(default_factory=dict)
    met: list[tuple[str, Call]] = field(default_factory=list)
    heard: list[Callable[[str, str, Mapping[str, Any]], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._grants = {function: grants(self.stack, function) for function in FUNCTIONS}

    def lose(self, function: str, lost: Grant) -> None:
        """The role lacks this from now on."""
        self._grants[function] = [grant for grant in self._grants[function] if grant != lost]

    def regain(self) -> None:
        """Every role is as the template has it."""
        self.__post_init__()

    def allows(self, function: str, call: Call) -> bool:
        return any(grant.allows(call) for grant in self._grants[function])

    def check(self, function: str, service: str, operation: str, given: Mapping[str, Any]) -> None:
        """Raises ClientError as the service would."""
        for call in calls(self.stack, service, operation, given):
            self.made.setdefault(function, set()).add(call)
            if not self.allows(function, call):
                self.met.append((function, call))
                code = _DENIED.get(service, "AccessDeniedException")
                raise ClientError({"Error": {"Code": code, "Message": "not authorized"}}, operation)
        for hear in self.heard:
            hear(service, operation, given)

    @contextmanager
    def watching(self) -> Iterator[Guard]:
        """Every client that a function makes within the block is under its role, as long as the client lives."""
        make = runtime.client

        def made(service: str, config: Any) -> Any:
            # functions_intake_app, from wherever in it: some clients are made when they are first needed.
            function = sys._getframe(1).f_globals["__name__"].split("_")[1].capitalize()
            client = make(service, config)
            client.meta.events.register(
                f"provide-client-params.{service}.*",
                lambda params, model, **_: self.check(function, service, model.name, params),
            )
            return client

        with patch.object(runtime, "client", made):
            yield self
