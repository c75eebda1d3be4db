"""The page behind the link of a notice: GET shows a case's state, POST acknowledges it. The link is the permission.

A GET changes nothing, so what follows links ahead of people (previews, virus scanners, prefetch) acknowledges nothing.
A POST needs no further token against forgery from other sites: nobody who lacks the link can address it, and whoever
has it may acknowledge. What a browser says comes from another site is refused all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from heed import cases, timeline
from heed.links import Link
from heed.model import Case
from heed.page import CONTENT_SECURITY_POLICY, Trouble, language_of, page, shown, trouble_page
from heed.page.shown import signature
from heed.platforms import Request, Response
from heed.policy import Policy
from heed.rim import http
from heed.rim.dynamo import Conflict, Unavailable
from heed.rim.link_keys import Keyless, LinkKeys
from heed.rim.recording import ATTEMPTS, stand_back
from heed.rim.store import Change, Table
from heed.values import Value

BODY_LIMIT_BYTES = 2_000
FORM = "application/x-www-form-urlencoded"
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "vary": "Accept-Language",
}

Answer = dict[str, Any]


class Page(Value):
    """What the page answers with. `case_url` is the address a case id is appended to, empty for no button `open`."""

    policy: Policy
    table: Table
    keys: LinkKeys
    clock: Callable[[], datetime]
    acknowledged: Callable[[], None]
    case_url: str

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """Answer one event of `GET|POST /case/{token}`, payload 2.0."""
        token = (event.get("pathParameters") or {}).get("token", "")
        request = http.request(event)
        try:
            link = self.keys.open(token, self.clock())
            case = self.table.find(link.case_id) if link else None
            if link is None or case is None:
                return trouble(404, Trouble.GONE)
            if request.method != "POST":
                return self._show(case, link, request)
            if not _from_the_page(request):
                return trouble(400, Trouble.REFUSED)
            self._acknowledge(case, signature(_name(request)))
        except (Unavailable, Keyless):
            return trouble(503, Trouble.FAILED, {"retry-after": "1"})
        # Shown by a GET, so that reloading or going back sends nothing again. Relative: it holds behind any base path.
        return _html(303, "", {"location": token})

    def _show(self, case: Case, link: Link, request: Request) -> Answer:
        team = self.policy.teams.get(case.team)
        language = language_of(request.headers.get("accept-language", ""), team.language if team else "en")
        open_url = f"{self.case_url}{case.id}" if self.case_url else ""
        content = shown(case, self.policy, self.clock(), link.ends_at, open_url)
        return _html(200, page(content, language), {"content-language": language})

    def _acknowledge(self, case: Case, who: str) -> None:
        """Somebody took it. Whoever was first stays on record, and a resolved case stays as it is."""
        current: Case | None = case
        for attempt in range(ATTEMPTS):
            if current is None:
                return
            now = self.clock()
            after = cases.acknowledge(current, who, now)
            try:
                self.table.save(Change(current, after, timeline.entries(current, after, who, now)))
            except Conflict:
                stand_back(attempt)
                current = self.table.find(case.id)
            else:
                if after is not current:
                    self.acknowledged()
                return
        raise Unavailable("Conflict")


def trouble(status: int, why: Trouble, headers: Mapping[str, str] | None = None, request_id: str = "") -> Answer:
    """A page that tells nothing of any case."""
    return _html(status, trouble_page(why, request_id), headers or {})


def _html(status: int, body: str, headers: Mapping[str, str]) -> Answer:
    return http.response(Response(status, body, "text/html; charset=utf-8"), {**HEADERS, **headers})


def _from_the_page(request: Request) -> bool:
    """A form, small, and not from another site where the browser says so (Fetch Metadata, W3C)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    site = request.headers.get("sec-fetch-site", "same-origin")
    return kind == FORM and site == "same-origin" and len(request.body) <= BODY_LIMIT_BYTES


def _name(request: Request) -> str:
    """The name that was typed, if any."""
    try:
        form = parse_qs(request.body.decode("utf-8", "replace"), max_num_fields=10)
    except ValueError:
        return ""
    return form.get("name", [""])[0]
