"""Each function's role is exactly what its handler needs: with it nothing is missing, without any part of it it fails
closed, and nothing of it is never used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from heed.rim import runtime
from infra.local import wecom_api
from infra.local.wecom_api import WecomApi
from tests.in_memory import template as read_template
from tests.security import day as days
from tests.security.day import Day
from tests.security.roles import FUNCTIONS, Call, Grant, Guard, by_lambda, grants
from tests.security.world import Time

DENIED_MINUTES, MINUTES = 6, 12

# What a day comes to, whichever function lacks whatever for its first half.
OUTCOME = {
    "texts": {
        days.LATE: [days.FIRE],
        "c-late2": [days.FIRE],
        "c-late3": [days.FIRE],
        days.HANDLED: ["", "It comes tomorrow", "Thank you", "Where is my parcel?"],
        days.PARKED: ["Mended"],
        f"{days.SOURCE}:{days.PULLED}": ["", "发票没收到"],
    },
    "acknowledged": {
        days.LATE: "Lin (link)",
        "c-late2": "",
        "c-late3": "",
        days.HANDLED: "ann",
        days.PARKED: "",
        f"{days.SOURCE}:{days.PULLED}": "",
    },
    "breached": {days.LATE, "c-late2", "c-late3", days.PARKED},
    "escalated": {days.LATE, "c-late2", "c-late3", days.PARKED},
    "quarantined": 2,
    "learnt": 1,
    "adopted": 1,
    "corrected": 1,
}


def _statements() -> Iterator[tuple[str, int, str, str]]:
    """Every grant of every function's role as (function, place, action, a name of its resource)."""
    resources = read_template()["Resources"]
    for function in FUNCTIONS:
        place = 0
        for policy in resources[f"{function}Role"]["Properties"]["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                listed = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
                for action in statement["Action"]:
                    for resource in listed:
                        yield function, place, action, _named(resource)
                        place += 1


def _named(resource: Any) -> str:
    names = re.findall(r"[A-Z][A-Za-z]+(?:\.Arn\}/[a-z/]+)?", json.dumps(resource).replace("Fn::", ""))
    return "/".join(name for name in names if name not in ("GetAtt", "Arn", "Ref", "Sub", "Id", "AWS", "Partition"))


def _is_lambdas_own(action: str, resource: str) -> bool:
    """Granted for the Lambda service's work in the role's name: no handler can be seen to do it."""
    reads_source = action.startswith("sqs:") and action.endswith(
        ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
    )
    return action.startswith("logs:") or reads_source or "tream" in resource or resource.endswith("Dead")


HANDLERS = [each for each in _statements() if not _is_lambdas_own(each[2], each[3])]


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(days.policy_text(), "utf-8")
    return path


@pytest.fixture
def day(stack: Any, load_function: Any, table: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    time = Time()
    monkeypatch.setattr(runtime, "now", time)
    monkeypatch.setattr(wecom_api, "READABLE_SECONDS", 10**9)  # WeCom forgets by the real clock
    with WecomApi() as api:
        stack.refs["WecomApi"] = api.url
        yield Day(Guard(stack), load_function, api, time, table)


def test_a_role_allows_exactly_what_its_function_does(day: Day) -> None:
    """Nothing missing: not one call of the day is refused. Nothing superfluous: each grant, and each pattern of keys
    in it, is needed by a call that a handler made, or by what Lambda does in the role's name."""
    day.run(MINUTES)
    assert day.guard.met == []
    assert day.outcome() == OUTCOME
    for function in FUNCTIONS:
        needed = day.guard.made[function] | by_lambda(day.guard.stack, function)
        allowed = grants(day.guard.stack, function)
        assert [call for call in needed if not any(grant.allows(call) for grant in allowed)] == [], function
        assert [grant for grant in allowed if not any(grant.allows(call) for call in needed)] == [], function
        assert [key for grant in allowed for key in _idle(grant, needed)] == [], function


def _idle(grant: Grant, needed: set[Call]) -> list[str]:
    """Patterns of keys in a grant that no call asked for."""
    used = [call for call in needed if grant.allows(call)]
    return [
        key for key in grant.keys if not any(Grant(grant.action, grant.resource, (key,)).allows(call) for call in used)
    ]


@pytest.mark.parametrize(
    ("function", "place"), [each[:2] for each in HANDLERS], ids=["-".join((f, a, r)) for f, _, a, r in HANDLERS]
)
def test_without_an_action_a_function_fails_closed_and_with_it_all_is_made_good(
    function: str, place: int, day: Day
) -> None:
    """The action is missing for six minutes. It was really asked for; nobody outside is told that something is done
    which is not (or it could not be made good); and nothing in the table is half done."""
    lost = grants(day.guard.stack, function)[place]
    day.guard.lose(function, lost)
    day.run(DENIED_MINUTES)
    assert [call for name, call in day.guard.met if name == function]
    assert {name for name, _ in day.guard.met} == {function}
    assert day.torn() == []
    day.guard.regain()
    met = len(day.guard.met)
    day.run(MINUTES - DENIED_MINUTES)
    assert len(day.guard.met) == met
    assert day.pending == []
    assert day.outcome() == OUTCOME
    assert day.torn() == []
