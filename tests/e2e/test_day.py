"""A short day of a brand on the deployed template, with IAM enforced."""

from __future__ import annotations

import json

import pytest

from infra.demo.day import BROKEN
from infra.demo.expectations import EXPECTATIONS, Expectation
from tests.e2e.conftest import Played

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("expectation", EXPECTATIONS, ids=lambda expectation: expectation.__name__)
def test_in_a_short_day(played: Played, expectation: Expectation) -> None:
    finding = expectation(played.facts)
    assert finding.true, finding.measured


def test_the_terminal_tells_each_message_escalation_and_notice(played: Played) -> None:
    for case in played.facts.cases:
        assert case.id in played.shown
    assert played.shown.count("▲ escalated") == len(played.facts.escalations)
    assert played.shown.count("on call has mail") == len(played.facts.notices) >= len(BROKEN)


def test_the_terminal_shows_no_secret(played: Played) -> None:
    parameters = (
        played.stack.client("ssm")
        .get_paginator("get_parameters_by_path")
        .paginate(Path=played.target.output("SecretsPrefix"), Recursive=True, WithDecryption=True)
    )
    values = [json.loads(parameter["Value"])["current"] for page in parameters for parameter in page["Parameters"]]
    secrets = [secret for value in values for secret in value.values()]
    assert len(secrets) > len(values)
    assert not [secret for secret in secrets if secret in played.shown]
