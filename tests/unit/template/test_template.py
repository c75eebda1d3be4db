"""Rules of template.yaml: what it names exists, what can fail is seen, nobody may do more than needed."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cfn_flip
import pytest

ROOT = Path(__file__).parents[3]
TEMPLATE: dict[str, Any] = json.loads(cfn_flip.to_json((ROOT / "template.yaml").read_text(encoding="utf-8")))
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
FUNCTIONS = ("Intake", "Recover", "Pull", "Watch", "Expire", "Announce", "Desk", "Page")


def of_type(kind: str) -> dict[str, Any]:
    return {name: found.get("Properties", {}) for name, found in RESOURCES.items() if found["Type"] == kind}


def walk(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from walk(item)


def names_in(value: Any) -> set[str]:
    """Resources that a value points at, by Ref, GetAtt or Sub."""
    found: set[str] = set()
    for node in walk(value):
        if not isinstance(node, dict):
            continue
        if "Ref" in node:
            found.add(node["Ref"].split(".")[0])
        if "Fn::GetAtt" in node:
            target = node["Fn::GetAtt"]
            found.add((target if isinstance(target, list) else target.split("."))[0])
        if "Fn::Sub" in node:
            found |= {name.split(".")[0] for name in re.findall(r"\$\{([^}!]+)\}", node["Fn::Sub"])}
    return found


def emitted_metrics() -> set[str]:
    """Names that can be metrics in the code: keys of `Counter(...)`, of dicts and of subscripts."""
    found: set[str] = set()
    for path in [*ROOT.glob("functions/*/app.py"), *ROOT.glob("layers/heed/heed/rim/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Counter"):
                found |= {keyword.arg for keyword in node.keywords if keyword.arg}
            if isinstance(node, ast.Dict | ast.Subscript):
                keys = node.keys if isinstance(node, ast.Dict) else [node.slice]
                found |= {k.value for k in keys if isinstance(k, ast.Constant) and isinstance(k.value, str)}
            if isinstance(node, ast.Dict):
                found |= {v.value for v in node.values if isinstance(v, ast.Constant) and isinstance(v.value, str)}
    return found


ALARMS = of_type("AWS::CloudWatch::Alarm")
QUEUES = of_type("AWS::SQS::Queue")


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_every_alarm_watches_something_that_exists_and_tells_somebody(name: str) -> None:
    alarm = ALARMS[name]
    assert names_in(alarm["Dimensions"]) <= {*RESOURCES, "AWS::StackName"}
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "Operations"}]
    assert len(alarm["AlarmDescription"]) > 30
    dimensions = {dimension["Name"]: names_in(dimension["Value"]) for dimension in alarm["Dimensions"]}
    kinds = {
        "AWS/SQS": ("QueueName", "AWS::SQS::Queue"),
        "AWS/Lambda": ("FunctionName", "AWS::Serverless::Function"),
        "AWS/ApiGateway": ("ApiId", "AWS::ApiGatewayV2::Api"),
        "AWS/DynamoDB": ("TableName", "AWS::DynamoDB::Table"),
    }
    if alarm["Namespace"] == "Heed":
        assert dimensions == {"service": {"AWS::StackName"}}
        assert alarm["MetricName"] in emitted_metrics()
    else:
        dimension, kind = kinds[alarm["Namespace"]]
        (target,) = dimensions[dimension]
        assert RESOURCES[target]["Type"] == kind


@pytest.mark.parametrize("name", sorted(QUEUES))
def test_every_queue_has_a_dead_letter_queue_or_is_one_and_is_alarmed(name: str) -> None:
    alarmed = {next(iter(names_in(a["Dimensions"]))) for a in ALARMS.values() if a["Namespace"] == "AWS/SQS"}
    dead = names_in(QUEUES[name].get("RedrivePolicy", {}))
    if dead:
        assert dead <= QUEUES.keys()
        assert QUEUES[name]["RedrivePolicy"]["maxReceiveCount"] >= 5
    assert alarmed & {name, *dead}
    assert QUEUES[name]["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_queue_outwaits_the_function_that_reads_it_sixfold(name: str) -> None:
    function = RESOURCES[name]["Properties"]
    for event in function.get("Events", {}).values():
        if event["Type"] == "SQS":
            (queue,) = names_in(event["Properties"]["Queue"])
            assert QUEUES[queue]["VisibilityTimeout"] >= 6 * function["Timeout"]
            assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_reads_exactly_the_environment_it_is_given(name: str) -> None:
    given = {
        *TEMPLATE["Globals"]["Function"]["Environment"]["Variables"],
        *RESOURCES[name]["Properties"].get("Environment", {}).get("Variables", {}),
    } - {"HEED_STACK", "PYTHONTZPATH"}  # read by metrics and by zoneinfo
    tree = ast.parse((ROOT / "functions" / name.lower() / "app.py").read_text(encoding="utf-8"))
    settings = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    read = {node.target.id.upper() for node in settings.body if isinstance(node, ast.AnnAssign)}  # type: ignore[union-attr]
    assert read == given


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_a_role_a_log_group_and_an_alarm_of_its_own(name: str) -> None:
    function = RESOURCES[name]["Properties"]
    assert function["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
    assert function["LoggingConfig"]["LogGroup"] == {"Ref": f"{name}Logs"}
    assert "RetentionInDays" in RESOURCES[f"{name}Logs"]["Properties"]
    assert names_in(ALARMS[f"{name}ErrorsAlarm"]["Dimensions"]) == {name}
    path = ROOT / "functions" / name.lower() / "app.py"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 80


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, role in of_type("AWS::IAM::Role").items():
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


@pytest.mark.parametrize(("role", "statement"), list(statements()))
def test_every_permission_is_a_named_action_on_a_named_resource(role: str, statement: dict[str, Any]) -> None:
    resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    assert all("*" not in action for action in statement["Action"])
    assert all(names_in(resource) & {*RESOURCES, "SecretsPrefix"} for resource in resources)


MANAGED = re.compile(r"^(AWS::(Region|AccountId|Partition|StackName|NoValue))$")


def test_every_name_that_is_used_is_defined() -> None:
    defined = {*RESOURCES, *TEMPLATE["Parameters"]}
    used = {name for name in names_in(TEMPLATE["Resources"]) | names_in(TEMPLATE["Outputs"]) if not MANAGED.match(name)}
    assert used <= defined


def test_every_parameter_and_condition_is_used() -> None:
    body = json.dumps({key: TEMPLATE[key] for key in ("Conditions", "Globals", "Resources", "Outputs")})
    assert [name for name in TEMPLATE["Parameters"] if name not in names_in(json.loads(body))] == []
    assert [name for name in TEMPLATE["Conditions"] if body.count(f'"{name}"') < 2] == []


def test_no_region_account_or_partition_is_written_down() -> None:
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert re.findall(r"\b(?:us|eu|ap|cn)-[a-z]+-\d\b|\b\d{12}\b|arn:aws", text) == []


def test_the_indexes_of_the_table_are_those_the_store_reads() -> None:
    store = (ROOT / "layers/heed/heed/rim/store.py").read_text(encoding="utf-8")
    items = (ROOT / "layers/heed/heed/rim/items.py").read_text(encoding="utf-8")
    indexes = {index["IndexName"]: index for index in RESOURCES["Table"]["Properties"]["GlobalSecondaryIndexes"]}
    assert set(re.findall(r'IndexName="(\w+)"', store)) == set(indexes)
    for index in indexes.values():
        assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}
        assert all(f'"{key["AttributeName"]}"' in items for key in index["KeySchema"])


def test_the_table_is_protected_encrypted_recoverable_and_forgets() -> None:
    table = RESOURCES["Table"]["Properties"]
    assert table["DeletionProtectionEnabled"] == {"Ref": "ProtectTable"}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_the_stream_reaches_announce_only_when_a_case_has_something_to_say() -> None:
    stream = RESOURCES["Announce"]["Properties"]["Events"]["Stream"]["Properties"]
    patterns = [json.loads(chosen["Pattern"]) for chosen in stream["FilterCriteria"]["Filters"]]
    items = (ROOT / "layers/heed/heed/rim/items.py").read_text(encoding="utf-8")
    for pattern in patterns:
        (attribute,) = pattern["dynamodb"]["NewImage"]
        assert f'item["{attribute}"]' in items
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "DestinationConfig" in stream


def test_every_suppressed_check_says_why() -> None:
    skips = [skip for node in walk(TEMPLATE) if isinstance(node, dict) for skip in node.get("skip", [])]
    assert skips
    assert all(len(skip["comment"]) > 20 for skip in skips)


def test_the_desk_is_never_open_to_the_world() -> None:
    assert RESOURCES["DeskRoute"]["Properties"]["AuthorizationType"] == {"Fn::If": ["UsesJwt", "JWT", "AWS_IAM"]}


def test_only_what_signs_and_what_opens_a_link_may_read_its_key() -> None:
    readers = {role for role, said in statements() if "LinkKey" in names_in(said["Resource"])}
    assert readers == {"AnnounceRole", "PageRole"}
    assert all(
        said["Action"] == ["secretsmanager:GetSecretValue"]
        for _, said in statements()
        if "LinkKey" in names_in(said["Resource"])
    )


def test_only_webhooks_and_the_page_are_open_to_the_world() -> None:
    open_routes = {
        route["RouteKey"]
        for route in of_type("AWS::ApiGatewayV2::Route").values()
        if route["AuthorizationType"] == "NONE"
    }
    path = "/webhooks/{platform}/{account}"
    assert open_routes == {f"GET {path}", f"POST {path}", "GET /case/{token}", "POST /case/{token}"}


def test_the_dashboard_shows_metrics_that_are_written() -> None:
    body = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    shown = [
        metric
        for widget in json.loads(re.sub(r"\$\{[^}]+\}", "x", body))["widgets"]
        for metric in widget["properties"]["metrics"]
    ]
    own = {metric[1] for metric in shown if metric[0] in ("Heed", ".")}
    assert own
    assert own <= emitted_metrics()


def test_the_readme_says_what_to_do_about_every_alarm() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in ALARMS if f"`{name}`" not in readme] == []


def test_every_metric_of_a_bug_has_an_alarm() -> None:
    watched = {alarm["MetricName"] for alarm in ALARMS.values() if alarm["Namespace"] == "Heed"}
    assert {name for name in emitted_metrics() if name.endswith("Bugs")} <= watched
