"""How the desk changes cases: read, decide, save, and all again if somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from heed import timeline
from heed.model import Case, Entry
from heed.platforms import Request
from heed.policy import Policy
from heed.rim import desk_payloads as payloads
from heed.rim import desk_views as views
from heed.rim import http
from heed.rim.corrections import Corrections
from heed.rim.desk_callers import Caller
from heed.rim.desk_errors import Refused, no_such_case
from heed.rim.dynamo import Conflict, Unavailable
from heed.rim.items import Stored
from heed.rim.recording import ATTEMPTS, stand_back
from heed.rim.store import Change
from heed.values import Value

Answer = dict[str, Any]
Step = Callable[[Case, datetime], tuple[Case, tuple[Entry, ...]]]


class Asked(Value):
    """One request: who asks, what, and the case it is about as the path writes its id."""

    caller: Caller
    request: Request
    case_id: str


class Together(Value):
    """A change of two cases at once; `taken` are the messages that the other one takes over."""

    before: Case
    after: Case
    other_before: Case | None
    other: Case
    taken: Sequence[Stored] = ()


class Changing:
    """The way from a request to a case that has changed, and to its answer."""

    def __init__(self, policy: Policy, table: Corrections, clock: Callable[[], datetime]) -> None:
        self._policy = policy
        self._table = table
        self._clock = clock

    def _case(self, asked: Asked) -> Case:
        """The case of the path. One that the caller may not see is not there."""
        case_id = payloads.case_id(asked.case_id)
        case = self._table.find(case_id) if case_id else None
        if case is None or not asked.caller.may_see(case.team):
            raise no_such_case()
        return case

    def _change(self, asked: Asked, step: Step, save: Callable[[Change], bool] | None = None) -> Answer:
        """Save what `step` makes of the case; read it again and repeat if somebody else was faster.

        `save` keeps something else with it; False from it says that all was so already.
        """
        payloads.query(payloads.Nothing, asked.request)
        expected = payloads.expected_version(asked.request)
        for attempt in range(ATTEMPTS):
            before = self._case(asked)
            _must_be(before, expected)
            now = self._clock()
            after, entries = step(before, now)
            change = Change(before, after, timeline.entries(before, after, asked.caller.name, now) + entries)
            try:
                changed = (save or self._save)(change)
            except Conflict:
                stand_back(attempt)
            else:
                return self._changed(after if changed else before, changed)
        raise Unavailable("Conflict")

    def _save(self, change: Change) -> bool:
        self._table.save(change)
        return change.after is not change.before

    def _change_both(self, asked: Asked, step: Callable[[Case, datetime], Together]) -> Answer:
        """Save what `step` makes of the case and of another, both or neither."""
        payloads.query(payloads.Nothing, asked.request)
        expected = payloads.expected_version(asked.request)
        for attempt in range(ATTEMPTS):
            before = self._case(asked)
            _must_be(before, expected)
            now = self._clock()
            made = step(before, now)
            changes = [
                Change(was, case, timeline.entries(was, case, asked.caller.name, now))
                for was, case in ((made.before, made.after), (made.other_before, made.other))
            ]
            try:
                self._table.save(*changes, copies=[(made.other.key, stored) for stored in made.taken])
            except Conflict:
                stand_back(attempt)
            else:
                return self._changed(made.after, made.after is not before, made.other)
        raise Unavailable("Conflict")

    def _changed(self, case: Case, changed: bool, other: Case | None = None) -> Answer:
        now = self._clock()
        body = {"case": views.case_view(case, self._policy, now), "changed": changed}
        if other is not None:
            body["other"] = views.case_view(other, self._policy, now)
        return http.as_json(200, body, etag(case))


def etag(case: Case) -> dict[str, str]:
    return {"etag": f'"{case.version}"'}


def _must_be(case: Case, expected: int | None) -> None:
    if expected not in (None, case.version):
        raise Refused(412, "stale", "The case has changed since you read it; read it again.", etag(case))
