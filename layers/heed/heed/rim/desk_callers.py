"""Who uses the desk. API Gateway has checked the signature or the token before; without its word there is nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from heed.announcing.wire import one_line
from heed.rim.desk_errors import Refused
from heed.values import Value

NAME_LIMIT = 100
TEAMS_CLAIM = "heed_teams"
EVERY_TEAM = "*"


class Caller(Value):
    """A person or a system by the name that the timeline shows; `teams` are all it may see, None for every team."""

    name: str
    teams: frozenset[str] | None = None

    def may_see(self, team: str) -> bool:
        return self.teams is None or team in self.teams


def identify(event: Mapping[str, Any]) -> Caller:
    """The caller of an event of an HTTP API, payload 2.0. Raises Refused 401 unless API Gateway names one."""
    authorizer = _mapping(event["requestContext"].get("authorizer"))
    claims = _mapping(_mapping(authorizer.get("jwt")).get("claims"))
    if claims:
        name, teams = _claimed_name(claims), _claimed_teams(claims)
    else:
        name, teams = _arn_name(_mapping(authorizer.get("iam")).get("userArn")), None
    cleaned = one_line(name, NAME_LIMIT)
    if not cleaned:
        raise Refused(401, "unauthenticated", "Sign the request, or send a token.", {"www-authenticate": "Bearer"})
    return Caller(cleaned, teams)


def _claimed_name(claims: Mapping[str, Any]) -> str:
    """The e-mail address if its issuer says that it was verified, else the subject."""
    verified = str(claims.get("email_verified")).lower() == "true"
    return _text(claims.get("email") if verified else None) or _text(claims.get("sub"))


def _claimed_teams(claims: Mapping[str, Any]) -> frozenset[str] | None:
    """The teams a token opens: those it names, every team for `*`, none without the claim or in another shape.

    An HTTP API passes a list on as text in brackets, `[care-cn safety]`.
    """
    claim = claims.get(TEAMS_CLAIM)
    named = re.split(r"[\s,]+", claim.strip("[] ")) if isinstance(claim, str) else claim
    teams = frozenset(filter(None, map(_text, named))) if isinstance(named, list) else frozenset()
    return None if EVERY_TEAM in teams else teams


def _arn_name(arn: Any) -> str:
    """The user of `arn:aws:iam::1:user/team/ann`, the session of `arn:aws:sts::1:assumed-role/Desk/ann`."""
    parts = _text(arn).split(":", 5)
    return parts[5].rsplit("/", 1)[-1] if len(parts) == 6 and parts[0] == "arn" else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
