"""Channel secrets: one SSM SecureString per channel, `<prefix>/<platform>/<account>`, holding JSON
`{"current": {...}, "previous": {...}}`, so that a secret can be changed without a gap.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from heed.platforms import Secret
from heed.values import Value

LOG = logging.getLogger(__name__)

KEEP = timedelta(minutes=5)
REREAD_AFTER = timedelta(minutes=1)


class Sealed(Exception):
    """The secrets cannot be read now and none are known from before."""


class _Read(Value):
    secrets: tuple[Secret, ...]
    at: datetime


class Vault:
    """Secrets of channels, kept for five minutes.

    Calls are bounded whatever the traffic: one a minute per channel, in each running function.
    """

    def __init__(self, client: Callable[[], Any], prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._known: dict[str, _Read] = {}

    def secrets(self, channel: str, now: datetime) -> tuple[Secret, ...]:
        """Current first, then previous; empty if none is configured. Raises Sealed."""
        known = self._known.get(channel)
        fresh = KEEP if known and known.secrets else REREAD_AFTER
        if known is None or now - known.at >= fresh:
            known = self._read(channel, now)
        return known.secrets

    def reread(self, channel: str, now: datetime) -> tuple[Secret, ...] | None:
        """After a signature failed: the secrets anew, or None if they were read less than a minute ago."""
        known = self._known.get(channel)
        if known is not None and now - known.at < REREAD_AFTER:
            return None
        before = known.secrets if known else ()
        after = self._read(channel, now).secrets
        return after if after != before else None

    def _read(self, channel: str, now: datetime) -> _Read:
        try:
            answer = self._client().get_parameter(Name=f"{self._prefix}/{channel}", WithDecryption=True)
            secrets = parse(answer["Parameter"]["Value"])
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code != "ParameterNotFound":
                return self._stale(channel, now, code)
            secrets = ()
        except BotoCoreError as error:
            return self._stale(channel, now, type(error).__name__)
        read = self._known[channel] = _Read(secrets, now)
        return read

    def _stale(self, channel: str, now: datetime, code: str) -> _Read:
        """SSM cannot answer: go on with what we know rather than refuse genuine traffic."""
        LOG.warning("the secret of %s cannot be read: %s", channel, code)
        known = self._known.get(channel)
        if known is None:
            raise Sealed
        read = self._known[channel] = _Read(known.secrets, now)
        return read


def parse(value: str) -> tuple[Secret, ...]:
    """The secrets in a parameter's value; a value of any other shape counts as none, so it can verify nothing."""
    try:
        held = json.loads(value)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(held, dict):
        return ()
    versions = (held.get("current"), held.get("previous"))
    return tuple(
        {name: text for name, text in version.items() if isinstance(text, str)}
        for version in versions
        if isinstance(version, dict)
    )
