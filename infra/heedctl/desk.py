"""The desk from the command line: requests signed with AWS credentials (SigV4), or carrying a token."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from infra.heedctl.target import Failed, Target

PATIENCE_SECONDS = 30

View = dict[str, Any]


class Refused(Failed):
    """The desk said no; `code` is its error code."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(f"the desk refuses ({status} {code}): {sentence}")
        self.status = status
        self.code = code
        self.sentence = sentence


class Desk:
    """The API of the people who answer, as functions/desk/openapi.yaml describes it. Raises Refused or Failed."""

    def __init__(self, target: Target, token: str | None = None) -> None:
        self._target = target
        self._token = token

    def cases(self, team: str | None, status: str, priorities: tuple[str, ...] = ()) -> list[View]:
        """The cases of a team, or of every team, in a status: broken promises, then the soonest deadline first."""
        return sorted(self._of_teams(team, status, priorities), key=_soonest)

    def _of_teams(self, team: str | None, status: str, priorities: tuple[str, ...]) -> list[View]:
        try:
            return list(self._listed(team, status, priorities))
        except Refused as refused:
            # The desk lists one team at a time, and names those there are.
            found = re.fullmatch(r"Name one team: (.+)\.", refused.sentence)
            if team is not None or refused.code != "unknown_team" or found is None:
                raise
            return [case for name in found[1].split(", ") for case in self._listed(name, status, priorities)]

    def case(self, case_id: str) -> tuple[View, list[View]]:
        """A case and its whole timeline."""
        pages = list(self._pages(_path(case_id), {}))
        return pages[0]["case"], [line for page in pages for line in page["timeline"]]

    def reply(self, case_id: str, text: str) -> View:
        """Record a reply that was just given. It counts once, however often the network makes us send it."""
        headers = {"idempotency-key": uuid.uuid4().hex}
        return self._call("POST", f"{_path(case_id)}/reply", body={"text": text}, headers=headers)

    def acknowledge(self, case_id: str) -> View:
        return self._call("POST", f"{_path(case_id)}/acknowledge")

    def resolve(self, case_id: str) -> View:
        return self._call("POST", f"{_path(case_id)}/resolve")

    def correct(self, case_id: str, correction: View) -> View:
        """Say what a message of the case really is: its `message_id`, and labels."""
        return self._call("POST", f"{_path(case_id)}/correct", body=correction)

    def corrections(self, month: str) -> Iterator[View]:
        """The corrections of a month, YYYY-MM, as far as the caller may see them."""
        for page in self._pages("corrections", {"month": month}):
            yield from page["corrections"]

    def _listed(self, team: str | None, status: str, priorities: tuple[str, ...]) -> Iterator[View]:
        query = {"status": status, "limit": "100"}
        query |= {"team": team} if team else {}
        query |= {"priority": ",".join(priorities)} if priorities else {}
        for page in self._pages("cases", query):
            yield from page["cases"]

    def _pages(self, path: str, query: Mapping[str, str]) -> Iterator[View]:
        page = self._call("GET", path, query)
        yield page
        while page.get("next"):
            page = self._call("GET", path, {**query, "next": page["next"]})
            yield page

    def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: View | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> View:
        address = f"{self._target.base}/desk/{path}"
        if query:
            address += "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
        content = None if body is None else json.dumps(body).encode()
        signed = self._signed(method, address, content, headers or {})
        request = urllib.request.Request(address, content, signed, method=method)  # noqa: S310 - the stack's own address
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 # nosec B310
                found: View = json.loads(answer.read())
                return found
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(error.code, error.read()) from None
        except OSError as error:
            raise Failed(f"{self._target.base} does not answer: {getattr(error, 'reason', error)}") from None

    def _signed(self, method: str, address: str, content: bytes | None, headers: Mapping[str, str]) -> dict[str, str]:
        sent = {**headers, **({"content-type": "application/json"} if content is not None else {})}
        if self._token:
            return {**sent, "authorization": f"Bearer {self._token}"}
        request = AWSRequest(method, address, sent, content or b"")
        SigV4Auth(self._target.credentials(), "execute-api", self._target.region).add_auth(request)
        return dict(request.headers.items())


def _path(case_id: str) -> str:
    return f"cases/{urllib.parse.quote(case_id, safe='')}"


def _refused(status: int, content: bytes) -> Refused:
    """The desk's own error, or what API Gateway answers before the desk is asked."""
    try:
        document = json.loads(content)
    except ValueError:
        document = {}
    error = document.get("error") if isinstance(document, dict) else None
    if isinstance(error, dict):
        return Refused(status, str(error.get("code", "")), str(error.get("message", "")))
    said = document.get("message") if isinstance(document, dict) else None
    return Refused(status, "not_allowed" if status in (401, 403) else "failed", str(said or "no reason given"))


def _soonest(case: View) -> str:
    """The deadline that matters most, as ISO text, whose order is that of time."""
    open_promises = [clock["deadline_at"] for clock in case["clocks"] if clock["state"] in ("running", "breached")]
    return min(filter(None, open_promises), default="9999")
