from __future__ import annotations

from typing import Any

import pytest

from heed.rim.desk_callers import identify
from heed.rim.desk_errors import Refused


def by(authorizer: Any) -> dict[str, Any]:
    return {"requestContext": {"authorizer": authorizer}}


def claims(**given: Any) -> dict[str, Any]:
    return by({"jwt": {"claims": given}})


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:iam::123456789012:user/ann", "ann"),
        ("arn:aws:iam::123456789012:user/care/ann", "ann"),
        ("arn:aws:sts::123456789012:assumed-role/Desk/ann@example.com", "ann@example.com"),
        ("arn:aws-cn:sts::123456789012:assumed-role/Desk/ann", "ann"),
        ("arn:aws:sts::123456789012:federated-user/bob", "bob"),
        ("arn:aws:iam::123456789012:root", "root"),
    ],
)
def test_a_signer_is_known_by_user_or_session(arn: str, name: str) -> None:
    caller = identify(by({"iam": {"userArn": arn}}))
    assert (caller.name, caller.teams) == (name, None)


@pytest.mark.parametrize("arn", ["", None, 7, "ann", "arn:aws:iam::1", "arn:aws:iam::1:user/", "x:aws:iam::1:user/ann"])
def test_a_signer_without_a_name_is_nobody(arn: Any) -> None:
    with pytest.raises(Refused) as refused:
        identify(by({"iam": {"userArn": arn}}))
    assert refused.value.status == 401


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"email": "ann@example.com", "sub": "u1"}, "u1"),
        ({"email": "ann@example.com", "email_verified": True, "sub": "u1"}, "ann@example.com"),
        ({"email": "ann@example.com", "email_verified": "true", "sub": "u1"}, "ann@example.com"),
        ({"email": "ann@example.com", "email_verified": "false", "sub": "u1"}, "u1"),
        ({"email": "ann@example.com", "email_verified": False, "sub": "u1"}, "u1"),
        ({"sub": "u1"}, "u1"),
        ({"email": "", "sub": "u1"}, "u1"),
        ({"email": ["ann"], "sub": "u1"}, "u1"),
    ],
)
def test_a_token_names_its_holder_by_an_address_nobody_doubts_else_by_subject(given: Any, name: str) -> None:
    assert identify(claims(**given)).name == name


@pytest.mark.parametrize(
    "given", [{"name": "Ann"}, {"email": "a@b", "email_verified": "false"}, {"sub": " \n"}, {"sub": 7}]
)
def test_a_token_without_a_holder_is_nobodys(given: Any) -> None:
    with pytest.raises(Refused):
        identify(claims(**given))


@pytest.mark.parametrize(
    ("claim", "teams"),
    [
        (["care-cn", "safety"], {"care-cn", "safety"}),
        ("care-cn safety", {"care-cn", "safety"}),
        ("[care-cn safety]", {"care-cn", "safety"}),
        ("care-cn,safety", {"care-cn", "safety"}),
        ("care-cn", {"care-cn"}),
        ("", set()),
        ("[]", set()),
        ([], set()),
        ([7, None, "safety", ""], {"safety"}),
        (None, set()),
        (True, set()),
        ({"safety": 1}, set()),
    ],
)
def test_a_claim_of_teams_confines_its_holder_to_them_whatever_its_shape(claim: Any, teams: set[str]) -> None:
    assert identify(claims(sub="u1", heed_teams=claim)).teams == teams


def test_without_that_claim_no_team_is_open() -> None:
    assert not identify(claims(sub="u1")).may_see("any")
    assert not identify(claims(sub="u1", heed_teams="one")).may_see("any")


@pytest.mark.parametrize("claim", ["*", ["*"], "[care-cn *]"])
def test_a_star_opens_every_team(claim: Any) -> None:
    assert identify(claims(sub="u1", heed_teams=claim)).may_see("any")


def test_a_token_counts_more_than_a_signature_beside_it() -> None:
    both = {"jwt": {"claims": {"sub": "u1", "heed_teams": "one"}}, "iam": {"userArn": "arn:aws:iam::1:user/root"}}
    assert identify(by(both)).teams == {"one"}


def test_a_name_cannot_forge_a_line_nor_grow_without_end() -> None:
    assert identify(claims(sub="ann\nheed resolved\u202e it")).name == "ann heed resolved it"
    assert len(identify(claims(sub="a" * 5_000)).name) == 100
