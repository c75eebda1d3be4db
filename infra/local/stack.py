"""The product's own local AWS: the real template, built and deployed by the real sam CLI to an emulator.

    with Stack.start(folder) as stack:
        outputs = stack.deploy(progress=print)
        stack.client("sqs").receive_message(QueueUrl=outputs["EscalationsUrl"])

Used by `make run`, by the demo and by the end-to-end tests. `python -m infra.local.stack` runs it until Ctrl-C.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.local import paths
from infra.local.build import MACHINE, CommandFailed, Progress, build, overrides, sam
from infra.local.server import NotStarted, Server
from infra.local.wecom_api import WecomApi

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
BUCKET = "heed-artifacts"
DEPLOY_SECONDS = 120


class DeployFailed(RuntimeError):
    """CloudFormation refused the template or a resource; the message holds its reasons."""


class Stack:
    """A server and the stack deployed to it. Stops with its `with` block, on every way out."""

    def __init__(self, server: Server, name: str = "heed") -> None:
        self.server = server
        self.wecom = WecomApi()
        self.name = name
        self.outputs: dict[str, str] = {}
        self._agent: tuple[str, str] | None = None
        self._clients: dict[str, Any] = {}

    @classmethod
    def start(cls, folder: Path, port: int = 0, name: str = "heed") -> Stack:
        """Start a server on a free port of 127.0.0.1, or on `port`. Raises NotStarted."""
        return cls(Server(Path(folder), port), name)

    def __enter__(self) -> Stack:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server and its functions. Safe to call again."""
        self.server.stop()
        self.wecom.stop()
        if _state().get("pid") == self.server.process.pid:
            paths.STATE.unlink(missing_ok=True)

    # Talking to it

    @property
    def endpoint(self) -> str:
        return self.server.endpoint

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator's root, kept for the life of the stack."""
        if service not in self._clients:
            self._clients[service] = boto3.client(  # type: ignore[call-overload]
                service,
                endpoint_url=self.endpoint,
                region_name=paths.REGION,
                aws_access_key_id=paths.KEY,
                aws_secret_access_key=paths.SECRET,
                config=Config(retries={"max_attempts": 1}),
            )
        return self._clients[service]

    def url(self, path: str) -> str:
        """The address of a path of the HTTP API; the template names the API in its output `ApiId`."""
        return f"{self.endpoint}/_aws/execute-api/{self.outputs['ApiId']}/{path.lstrip('/')}"

    def agent(self, api_id: str) -> tuple[str, str]:
        """The access key and secret of the IAM user `agent`, who may call this HTTP API and nothing else.

        The emulator checks no signature of its root; it checks this user's, and events name this user.
        """
        iam = self.client("iam")
        if not self._agent:
            iam.create_user(UserName="agent")
            key = iam.create_access_key(UserName="agent")["AccessKey"]
            self._agent = (key["AccessKeyId"], key["SecretAccessKey"])
        allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"arn:*:execute-api:*:*:{api_id}/*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        iam.put_user_policy(UserName="agent", PolicyName=f"call-{api_id}", PolicyDocument=document)
        return self._agent

    def resource(self, logical_id: str) -> str:
        """The physical id of a resource of the template."""
        found = self.client("cloudformation").describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def logs(self, logical_id: str) -> list[str]:
        """Every log line of a function so far, by its logical id, oldest first."""
        function = self.client("lambda").get_function_configuration(FunctionName=self.resource(logical_id))
        group = function.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function['FunctionName']}"
        logs = self.client("logs")
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            return [event["message"] for page in pages for event in page["events"]]
        return []

    def mails(self) -> list[dict[str, Any]]:
        """E-mails and SMS sent so far: to, protocol, subject, text, at (Unix seconds)."""
        if not self.server.mails.exists():
            return []
        return [json.loads(line) for line in self.server.mails.read_text("utf-8").splitlines()]

    # Deploying to it

    def deploy(
        self,
        parameters: Mapping[str, str] | None = None,
        progress: Progress = print,
        template: Path = paths.ROOT / "template.yaml",
        with_sam: bool = False,
        policy: Path | None = None,
    ) -> dict[str, str]:
        """Build, package and create or update the stack; its outputs. Again with changed code or parameters updates it.

        `with_sam` deploys by `sam deploy` as in production, which takes some ten seconds more. Otherwise
        CloudFormation is called directly. `policy` is a policy file other than layers/policy/policy.yaml. Raises
        CommandFailed or DeployFailed.
        """
        values = {**MACHINE, "WecomApi": self.wecom.url, **(parameters or {})}
        folder = build(template.resolve(), progress, policy and policy.resolve())
        with contextlib.suppress(self.client("s3").exceptions.BucketAlreadyOwnedByYou):
            self.client("s3").create_bucket(Bucket=BUCKET)
        if with_sam:
            progress("deploy: sam deploy")
            self._sam_deploy(folder, values)
        else:
            progress("deploy: sam package, then CloudFormation")
            self._deploy_directly(folder, values)
        described = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
        self.write_state()
        progress(f"deploy: {self.name} is up at {self.endpoint}")
        return self.outputs

    def _sam(self, *arguments: str) -> None:
        # A user's own samconfig.toml, with a real account's profile in it, must not reach a local deploy.
        nobody = self.server.folder / "samconfig.toml"
        nobody.write_text("version = 0.1\n")
        where = ("--region", paths.REGION, "--s3-bucket", BUCKET, "--config-file", str(nobody))
        sam(*arguments, *where, cwd=self.server.folder, AWS_ENDPOINT_URL=self.endpoint)

    def _sam_deploy(self, folder: Path, parameters: Mapping[str, str]) -> None:
        quiet = ("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar")
        template = ("--template-file", str(folder / "template.yaml"), "--stack-name", self.name)
        self._sam("deploy", *template, *quiet, "--capabilities", *CAPABILITIES, *overrides(parameters))

    def _deploy_directly(self, folder: Path, parameters: Mapping[str, str]) -> None:
        packaged = self.server.folder / "packaged.yaml"
        template = ("--template-file", str(folder / "template.yaml"), "--output-template-file", str(packaged))
        self._sam("package", *template, "--no-progressbar")
        # CloudFormation takes no more than 51,200 bytes in the call itself.
        self.client("s3").put_object(Bucket=BUCKET, Key=f"{self.name}.template", Body=packaged.read_bytes())
        cloudformation = self.client("cloudformation")
        change = {
            "StackName": self.name,
            "TemplateURL": f"{self.endpoint}/{BUCKET}/{self.name}.template",
            "Capabilities": CAPABILITIES,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        }
        try:
            cloudformation.create_stack(**change)
        except cloudformation.exceptions.AlreadyExistsException:
            with _nothing_to_update(cloudformation):
                cloudformation.update_stack(**change)
        self._wait_for_stack()

    def _wait_for_stack(self) -> None:
        deadline = time.monotonic() + DEPLOY_SECONDS
        while time.monotonic() < deadline:
            status = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"]
            if not status.endswith("_IN_PROGRESS"):
                break
            time.sleep(0.1)
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            events = self.client("cloudformation").describe_stack_events(StackName=self.name)["StackEvents"]
            failed = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
            reasons = [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in failed]
            raise DeployFailed("\n".join([f"{self.name}: {status}", *reasons]))

    def write_state(self) -> None:
        """So that `heed` on the command line finds this stack. The keys are the emulator's own, not secrets."""
        state = {
            "endpoint": self.endpoint,
            "region": paths.REGION,
            "access_key": paths.KEY,
            "secret_key": paths.SECRET,
            "stack": self.name,
            "agent": self.agent(self.outputs["ApiId"]),
            "outputs": self.outputs,
            "pid": self.server.process.pid,
            "mails": str(self.server.mails),
        }
        paths.STATE.write_text(json.dumps(state, indent=2) + "\n", "utf-8")


def _state() -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        state: dict[str, Any] = json.loads(paths.STATE.read_text("utf-8"))
        return state
    return {}


def running() -> dict[str, Any] | None:
    """The state of the local stack that runs now (see `write_state`), or None."""
    state = _state()
    try:
        os.kill(state["pid"], 0)
    except (KeyError, OSError):
        return None
    return state


@contextlib.contextmanager
def _nothing_to_update(cloudformation: Any) -> Iterator[None]:
    try:
        yield
    except cloudformation.exceptions.ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP leave by the same way as Ctrl-C, so that every `with` block closes.

    A shell starts what it puts in the background with Ctrl-C ignored; here it counts all the same.
    """

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stay_up() -> None:
    """Deploy with sam, print the outputs and wait for Ctrl-C."""
    with Stack.start(paths.HOME / "run") as stack:
        stack.deploy(with_sam=True, progress=lambda line: print(line, flush=True))
        for name, value in stack.outputs.items():
            print(f"  {name} = {value}")
        print("Ctrl-C ends it.", flush=True)
        signal.pause()


def main() -> int:
    try:
        with ended_by_signals():
            stay_up()
    except KeyboardInterrupt:
        return 0
    except (NotStarted, CommandFailed, DeployFailed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
