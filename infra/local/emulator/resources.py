"""What CloudFormation drops or refuses in ministack, of the resources this template uses."""

from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region  # type: ignore[import-not-found]
from ministack.services import dynamodb, lambda_svc  # type: ignore[import-not-found]
from ministack.services.cloudformation import provisioners  # type: ignore[import-not-found]

Properties = dict[str, Any]

# Accepted, recorded, without behaviour: gradual deployment and alarms over alarms.
ACCEPTED = (
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Logs::QueryDefinition",
)


def after_change(kind: str, then: Callable[[str, Properties], None]) -> None:
    """Call then(physical_id, properties) once CloudFormation has made or changed a resource of this kind."""
    handler = provisioners._RESOURCE_HANDLERS[kind]
    create, update = handler["create"], handler["update"]

    def create_then(logical_id: str, properties: Properties, stack: str) -> Any:
        physical_id, attributes = create(logical_id, properties, stack)
        then(physical_id, properties)
        return physical_id, attributes

    def update_then(physical_id: str, old: Properties, new: Properties, stack: str, **more: Any) -> Any:
        physical_id, attributes = update(physical_id, old, new, stack, **more)
        then(physical_id, new)
        return physical_id, attributes

    handler.update(create=create_then, update=update_then)


def keep_table_settings(name: str, properties: Properties) -> None:
    """TTL, encryption and point-in-time recovery."""
    if ttl := properties.get("TimeToLiveSpecification"):
        enabled = str(ttl.get("Enabled")).lower() == "true"
        specification = {"Enabled": enabled, "AttributeName": ttl.get("AttributeName")}
        dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": specification})
    if sse := properties.get("SSESpecification"):
        specification = {"Enabled": sse.get("SSEEnabled"), "SSEType": sse.get("SSEType")}
        specification["KMSMasterKeyId"] = sse.get("KMSMasterKeyId")
        dynamodb._tables[name]["SSEDescription"] = dynamodb._sse_description_from_spec(specification)
    if recovery := properties.get("PointInTimeRecoverySpecification"):
        dynamodb._update_continuous_backups({"TableName": name, "PointInTimeRecoverySpecification": recovery})


def keep_function_settings(name: str, properties: Properties) -> None:
    """Reserved concurrency and the dead-letter queue of asynchronous calls."""
    function = lambda_svc._functions[name]
    reserved = properties.get("ReservedConcurrentExecutions")
    function["concurrency"] = None if reserved is None else int(reserved)
    function["config"].pop("DeadLetterConfig", None)
    if letters := properties.get("DeadLetterConfig"):
        function["config"]["DeadLetterConfig"] = letters


def keep_mapping_settings(uuid: str, properties: Properties) -> None:
    """A number that comes from a parameter arrives as text, with which the poller cannot count."""
    if scaling := properties.get("ScalingConfig"):
        limits = {name: int(value) for name, value in scaling.items()}
        lambda_svc._esms[uuid]["ScalingConfig"] = limits


def accept(kind: str) -> dict[str, Any]:
    service = kind.split("::")[1].lower()

    def made(physical_id: str) -> Any:
        arn = f"arn:aws:{service}:{get_region()}:{get_account_id()}:{physical_id}"
        return physical_id, {"Arn": arn, "Id": physical_id}

    return {
        "create": lambda logical_id, properties, stack: made(f"{stack}-{logical_id}"),
        "update": lambda physical_id, old, new, stack, logical_id=None: made(physical_id),
        "update_with_logical_id": True,
        "delete": lambda physical_id, properties: None,
    }


def accept_alarms_with_metric_math() -> None:
    """An alarm over an expression is recorded only; an alarm over one metric acts."""
    kind = "AWS::CloudWatch::Alarm"
    acting, recorded = dict(provisioners._RESOURCE_HANDLERS[kind]), accept(kind)

    def create(logical_id: str, properties: Properties, stack: str) -> Any:
        return (recorded if properties.get("Metrics") else acting)["create"](logical_id, properties, stack)

    def update(physical_id: str, old: Properties, new: Properties, stack: str, logical_id: Any = None) -> Any:
        handler = recorded if new.get("Metrics") else acting
        return handler["update"](physical_id, old, new, stack, logical_id=logical_id)

    provisioners._RESOURCE_HANDLERS[kind].update(create=create, update=update)


def install() -> None:
    after_change("AWS::DynamoDB::Table", keep_table_settings)
    after_change("AWS::Lambda::Function", keep_function_settings)
    after_change("AWS::Lambda::EventSourceMapping", keep_mapping_settings)
    for kind in ACCEPTED:
        provisioners._RESOURCE_HANDLERS.setdefault(kind, accept(kind))
    accept_alarms_with_metric_math()
