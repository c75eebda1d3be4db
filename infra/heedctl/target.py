"""The stack a command talks to: the local one that runs now, or a real one by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from infra.local.stack import Stack

NOT_RUNNING = (
    "no local stack is running: start one with `make run` in another terminal, or name a real one with --stack"
)


class Failed(Exception):
    """A command cannot do what it was asked; the message is for the person at the terminal."""


@dataclass(frozen=True)
class Target:
    """A deployed stack. `base` is the address of its HTTP API; `mails` the local stack's file of sent e-mails."""

    name: str
    region: str
    base: str
    outputs: Mapping[str, str]
    client: Callable[[str], Any]
    credentials: Callable[[], Credentials]
    local: bool = False
    mails: str = ""

    def output(self, name: str) -> str:
        """Raises Failed when the stack has no such output: it is not Heed, or an older one."""
        try:
            return self.outputs[name]
        except KeyError:
            raise Failed(f"stack {self.name} has no output {name}: is it Heed, and up to date?") from None


def running() -> Target:
    """The local stack that runs now. Raises Failed if none does."""
    from infra.local.stack import running as state_of_running

    state = state_of_running()
    if state is None:
        raise Failed(NOT_RUNNING)
    return _local(state)


def of(stack: Stack) -> Target:
    """A local stack of this process, whatever other stack may be running."""
    from infra.local import paths

    return _local(
        {
            "endpoint": stack.endpoint,
            "region": paths.REGION,
            "access_key": paths.KEY,
            "secret_key": paths.SECRET,
            "stack": stack.name,
            "agent": stack.agent(stack.outputs["ApiId"]),
            "outputs": stack.outputs,
            "mails": str(stack.server.mails),
        }
    )


def _local(state: Mapping[str, Any]) -> Target:
    session = boto3.Session(state["access_key"], state["secret_key"], region_name=state["region"])
    config = Config(retries={"total_max_attempts": 2, "mode": "standard"})
    return Target(
        name=state["stack"],
        region=state["region"],
        base=f"{state['endpoint']}/_aws/execute-api/{state['outputs']['ApiId']}",
        outputs=state["outputs"],
        client=cache(lambda service: cast(Any, session).client(service, endpoint_url=state["endpoint"], config=config)),
        credentials=lambda: Credentials(*state["agent"]),
        local=True,
        mails=state["mails"],
    )


def deployed(name: str, region: str | None = None) -> Target:
    """A real stack, found through CloudFormation with your own AWS credentials. Raises Failed."""
    try:
        session = boto3.Session(region_name=region)
        described = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        raise Failed(f"stack {name}: {error.response['Error'].get('Message', 'not found')}") from None
    except BotoCoreError as error:
        raise Failed(f"stack {name}: {error}") from None
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    if "Webhooks" not in outputs:
        raise Failed(f"stack {name} has no output Webhooks: it is not Heed")

    def credentials() -> Credentials:
        found = session.get_credentials()
        if found is None:
            raise Failed("no AWS credentials: log in, or give --token")
        return found

    return Target(
        name=name,
        region=session.region_name or "",
        base=outputs["Webhooks"].removesuffix("/webhooks"),
        outputs=outputs,
        client=cache(lambda service: cast(Any, session).client(service)),
        credentials=credentials,
    )


def who() -> str:
    """A name for what belongs to this person, such as a queue of their own."""
    import getpass

    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "me"
    return "".join(char if char.isalnum() else "-" for char in name)[:30]
