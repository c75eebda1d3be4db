"""Channel secrets as the vault reads them: one SecureString per channel, `{"current": {...}, "previous": {...}}`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from botocore.exceptions import ClientError

from heed import platforms
from heed.platforms import Secret
from heed.rim.vault import parse
from infra.heedctl import senders
from infra.heedctl.target import Failed, Target


def fields_of(platform: str) -> tuple[str, ...]:
    """The names a channel's secret may hold. Raises Failed for a platform Heed does not know."""
    adapter = platforms.get(platform)
    if adapter is None:
        raise Failed(f"{platform} is not a platform; choose from {', '.join(platforms.NAMES)}")
    return (*adapter.secret_fields, *adapter.optional_fields)


def stored(target: Target, channel: str) -> tuple[Secret, ...]:
    """The channel's secrets, the current one first; empty if there are none. Raises Failed."""
    try:
        found = target.client("ssm").get_parameter(Name=_name(target, channel), WithDecryption=True)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return ()
        raise Failed(f"the secret of {channel} cannot be read: {error.response['Error']['Code']}") from None
    return parse(found["Parameter"]["Value"])


def current(target: Target, channel: str) -> Secret:
    """What the platform signs with now. Raises Failed, telling how to set one."""
    found = stored(target, channel)
    if not found:
        names = " ".join(f"--field {name}=..." for name in fields_of(channel.partition("/")[0]))
        raise Failed(f"{channel} has no secret: heed secret set {channel} {names}")
    return found[0]


def put(target: Target, channel: str, secret: Mapping[str, str]) -> bool:
    """Make `secret` the current one; the one before stays valid as previous. False if it is current already.

    Raises Failed for a field the platform does not have, or one that it needs and lacks.
    """
    platform = channel.partition("/")[0]
    known, adapter = fields_of(platform), platforms.get(platform)
    needed = adapter.secret_fields if adapter else ()
    unknown, missing = sorted(set(secret) - set(known)), [name for name in needed if not secret.get(name)]
    if unknown:
        raise Failed(f"{platform} has no field {', '.join(unknown)}; choose from {', '.join(known)}")
    if missing:
        raise Failed(f"{platform} also needs {', '.join(missing)}")
    before = stored(target, channel)
    if before and before[0] == secret:
        return False
    value = {"current": dict(secret), **({"previous": dict(before[0])} if before else {})}
    try:
        target.client("ssm").put_parameter(
            Name=_name(target, channel), Value=json.dumps(value), Type="SecureString", Overwrite=True
        )
    except ClientError as error:
        raise Failed(f"the secret of {channel} cannot be written: {error.response['Error']['Code']}") from None
    return True


def generate(platform: str, safe: bool = True) -> Secret:
    """A fresh secret such as the platform would give out; `safe` gives WeChat's encrypted mode its key."""
    return senders.sender(platform).secret(safe)


def _name(target: Target, channel: str) -> str:
    return f"{target.output('SecretsPrefix')}/{channel}"
