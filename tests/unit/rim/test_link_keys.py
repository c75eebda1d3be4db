"""The key of the links: read once, kept while it cannot be read, and changed without breaking a link."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from heed.links import Link
from heed.rim.link_keys import KEEP, REREAD_AFTER, Keyless, LinkKeys

NOW = datetime(2026, 3, 12, 3, 17, tzinfo=UTC)
END = NOW + timedelta(hours=24)
CASE = "7K3Q-9MXA"
A, B, C = ("a" * 64, "b" * 64, "c" * 64)


class Secrets:
    """Secrets Manager with one secret, its versions by stage; `down` is the error it meets."""

    def __init__(self, current: str | None = A, previous: str | None = None) -> None:
        self.versions = {"AWSCURRENT": current, "AWSPREVIOUS": previous}
        self.down: Exception | None = None
        self.calls = 0

    def get_secret_value(self, SecretId: str, VersionStage: str) -> dict[str, Any]:
        self.calls += 1
        if self.down:
            raise self.down
        value = self.versions[VersionStage]
        if value is None:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetSecretValue")
        return {"SecretString": value}

    def rotate(self, value: str) -> None:
        self.versions = {"AWSCURRENT": value, "AWSPREVIOUS": self.versions["AWSCURRENT"]}


def keys(secrets: Secrets) -> LinkKeys:
    return LinkKeys(lambda: secrets, "links")


FAULTS = [
    EndpointConnectionError(endpoint_url="https://aws.invalid"),
    ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetSecretValue"),
    ClientError({"Error": {"Code": "ThrottlingException"}}, "GetSecretValue"),
]


def test_what_one_signs_another_opens() -> None:
    secrets = Secrets()
    assert keys(secrets).open(keys(secrets).sign(CASE, END, NOW), NOW) == Link(CASE, END)


def test_the_key_is_read_once_in_five_minutes() -> None:
    secrets = Secrets()
    ours = keys(secrets)
    for seconds in range(0, int(KEEP.total_seconds()), 30):
        ours.sign(CASE, END, NOW + timedelta(seconds=seconds))
    assert secrets.calls == 2
    ours.sign(CASE, END, NOW + KEEP)
    assert secrets.calls == 4


def test_a_link_stays_good_when_the_key_is_changed_once() -> None:
    secrets = Secrets()
    token = keys(secrets).sign(CASE, END, NOW)
    secrets.rotate(B)
    assert keys(secrets).open(token, NOW) == Link(CASE, END)
    secrets.rotate(C)
    assert keys(secrets).open(token, NOW) is None


def test_a_link_under_a_key_that_is_newer_than_the_known_ones_opens_at_once() -> None:
    secrets = Secrets()
    reader = keys(secrets)
    reader.open("x", NOW)
    secrets.rotate(B)
    assert reader.open(keys(secrets).sign(CASE, END, NOW), NOW + REREAD_AFTER) == Link(CASE, END)


def test_strangers_links_make_no_more_than_one_reading_in_ten_seconds() -> None:
    secrets = Secrets()
    reader = keys(secrets)
    for tenths in range(100):
        assert reader.open("0" * 34, NOW + timedelta(seconds=tenths / 10)) is None
    assert secrets.calls == 2


@pytest.mark.parametrize("fault", FAULTS)
def test_a_known_key_stays_good_while_it_cannot_be_read(fault: Exception) -> None:
    secrets = Secrets()
    ours = keys(secrets)
    token = ours.sign(CASE, END, NOW)
    secrets.down = fault
    later = NOW + timedelta(hours=2)
    assert ours.open(token, later) == Link(CASE, END)
    assert ours.sign(CASE, END, later) == token


@pytest.mark.parametrize("fault", FAULTS)
def test_without_any_key_nothing_is_signed_or_opened_and_it_is_tried_again_soon(fault: Exception) -> None:
    secrets = Secrets()
    ours = keys(secrets)
    token = ours.sign(CASE, END, NOW)
    fresh, secrets.down = keys(secrets), fault
    for use in (lambda: fresh.sign(CASE, END, NOW), lambda: fresh.open(token, NOW)):
        with pytest.raises(Keyless):
            use()
    assert secrets.calls == 3
    secrets.down = None
    assert fresh.open(token, NOW + REREAD_AFTER) == Link(CASE, END)


@pytest.mark.parametrize("value", [None, "", "short", "x" * 31])
def test_a_secret_that_is_no_key_signs_and_opens_nothing(value: str | None) -> None:
    ours = keys(Secrets(current=value, previous=A))
    with pytest.raises(Keyless):
        ours.sign(CASE, END, NOW)
    with pytest.raises(Keyless):
        ours.open("0" * 34, NOW)
