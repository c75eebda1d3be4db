"""The key that signs links to cases: one secret of Secrets Manager, which CloudFormation draws at the first deployment.

Its versions are the rotation: put a new value, and links signed with the one before (AWSPREVIOUS) stay good.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from heed import links
from heed.links import Link

KEEP = timedelta(minutes=5)
# After a failure, and for a link that no known key fits: a stranger's links cannot make us ask more often than this.
REREAD_AFTER = timedelta(seconds=10)
SHORTEST_BYTES = 32


class Keyless(Exception):
    """The key cannot be read now and none is known from before."""


class LinkKeys:
    """The current key and the one before, kept for five minutes; what is known stays good while they cannot be read."""

    def __init__(self, client: Callable[[], Any], secret: str) -> None:
        self._client = client
        self._secret = secret
        self._keys: tuple[bytes, ...] = ()
        self._read_at: datetime | None = None
        self._failed = False

    def sign(self, case_id: str, ends_at: datetime, now: datetime) -> str:
        """A token under the current key. Raises Keyless."""
        return links.sign(case_id, ends_at, self._known(now)[0])

    def open(self, token: str, now: datetime) -> Link | None:
        """What a token opens, or None. Raises Keyless."""
        link = links.read(token, self._known(now), now)
        if link is None and self._age(now) >= REREAD_AFTER:
            self._read(now)
            link = links.read(token, self._known(now), now)
        return link

    def _known(self, now: datetime) -> tuple[bytes, ...]:
        if self._age(now) >= (REREAD_AFTER if self._failed else KEEP):
            self._read(now)
        if not self._keys:
            raise Keyless
        return self._keys

    def _age(self, now: datetime) -> timedelta:
        return now - self._read_at if self._read_at else KEEP

    def _read(self, now: datetime) -> None:
        self._read_at = now
        try:
            current = self._version("AWSCURRENT")
            self._keys = (*current, *self._version("AWSPREVIOUS")) if current else ()
            self._failed = not current
        except (BotoCoreError, ClientError):
            self._failed = True

    def _version(self, stage: str) -> tuple[bytes, ...]:
        """The key of a stage; none if there is no such version, or one too short to be a key."""
        try:
            answer = self._client().get_secret_value(SecretId=self._secret, VersionStage=stage)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return ()
        key = str(answer.get("SecretString", "")).encode()
        return (key,) if len(key) >= SHORTEST_BYTES else ()
