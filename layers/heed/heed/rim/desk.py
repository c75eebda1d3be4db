"""The HTTP API of the people who answer, as functions/desk/openapi.yaml describes it.

The desk changes the table and tells nobody: announce follows the table. Every change says who made it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from heed import cases
from heed.model import Author, Case, Entry, EntryKind, Message, Priority, Status
from heed.platforms import Request
from heed.rim import desk_payloads as payloads
from heed.rim import desk_views as views
from heed.rim import http
from heed.rim.desk_callers import Caller, identify
from heed.rim.desk_changing import Answer, Asked, Together, etag
from heed.rim.desk_correcting import Correcting
from heed.rim.desk_errors import Refused, unavailable
from heed.rim.dynamo import Unavailable
from heed.rim.recording import record
from heed.rim.store import Position
from heed.values import replace

LINES_A_PAGE = 500
COPIES = 40
CLOCK_SKEW = timedelta(minutes=5)
REPORTED_WITHIN = timedelta(days=7)


class Desk(Correcting):
    """The way from a request to its answer."""

    routes: ClassVar[Mapping[str, Mapping[str, Callable[[Desk, Asked], Answer]]]]

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """Answer one event of `ANY /desk/{proxy+}`, payload 2.0."""
        try:
            return http.shortened(self._dispatch(event), event)
        except Refused as refused:
            return refused.response()
        except Unavailable:
            return unavailable().response()

    def _dispatch(self, event: Mapping[str, Any]) -> Answer:
        caller = identify(event)
        request = http.request(event)
        if len(request.body) > payloads.BODY_LIMIT_BYTES:
            raise Refused(413, "too_large", f"A body may hold {payloads.BODY_LIMIT_BYTES} bytes.")
        parts = ((event.get("pathParameters") or {}).get("proxy") or "").split("/")
        methods = self.routes.get("/".join([*parts[:1], *["{id}"][: len(parts) - 1], *parts[2:]]))
        if methods is None:
            raise Refused(404, "not_found", "There is nothing at this address.")
        if request.method not in methods:
            allowed = ", ".join(methods)
            raise Refused(405, "method_not_allowed", f"This address answers to {allowed}.", {"allow": allowed})
        return methods[request.method](self, Asked(caller, request, "".join(parts[1:2])))

    # -- reading

    def _list(self, asked: Asked) -> Answer:
        query = payloads.query(payloads.ListQuery, asked.request)
        team = self._team(asked.caller, query.team)
        page = self._table.desk(team, query.status, query.limit, *_start(query, f"{team}#{query.status}"))
        if not page.cases and query.next is None and team not in self._policy.teams:
            raise self._unknown_team(asked.caller)
        now = self._clock()
        found: dict[str, Any] = {"cases": [views.case_view(case, self._policy, now) for case in page.cases]}
        if page.next:
            place = payloads.ListPlace(desk=f"{team}#{query.status}", deadline=page.next.deadline, case=page.next.case)
            found["next"] = payloads.seal(place)
        return http.as_json(200, found)

    def _team(self, caller: Caller, wanted: str | None) -> str:
        """The team to list: a caller who sees only one need not name it."""
        if wanted is None:
            seen = sorted(self._policy.teams if caller.teams is None else caller.teams)
            if len(seen) != 1:
                raise self._unknown_team(caller)
            return seen[0]
        if not caller.may_see(wanted):
            raise _forbidden()
        return wanted

    def _unknown_team(self, caller: Caller) -> Refused:
        names = ", ".join(sorted(filter(caller.may_see, self._policy.teams)))
        if not names:
            return _forbidden()
        return Refused(400, "unknown_team", f"Name one team: {names}.")

    def _read(self, asked: Asked) -> Answer:
        query = payloads.query(payloads.ReadQuery, asked.request)
        case = self._case(asked)
        after = None
        if query.next is not None:
            place = payloads.unseal(payloads.LinePlace, query.next)
            if place.case != case.id:
                raise payloads.invalid_next()
            after = (place.at, place.given)
        lines = views.page(views.timeline(*self._table.timeline(case.key)), after, LINES_A_PAGE)
        found = {"case": views.case_view(case, self._policy, self._clock()), "timeline": lines.views}
        if lines.next:
            at, given = lines.next
            found["next"] = payloads.seal(payloads.LinePlace(case=case.id, at=at, given=given))
        return http.as_json(200, found, etag(case))

    # -- changing

    def _acknowledge(self, asked: Asked) -> Answer:
        _nothing(asked)
        who = asked.caller.name

        def step(case: Case, now: datetime) -> tuple[Case, tuple[Entry, ...]]:
            _must_not_be_resolved(case)
            if case.acknowledged_by not in ("", who):
                raise Refused(409, "already_acknowledged", "Somebody else has acknowledged this case already.")
            return cases.acknowledge(case, who, now), ()

        return self._change(asked, step)

    def _reply(self, asked: Asked) -> Answer:
        said = payloads.body(payloads.Reply, asked.request)
        payloads.query(payloads.Nothing, asked.request)
        if "if-match" in asked.request.headers:
            raise Refused(400, "invalid_header", "A reply was said whatever the case's version: leave If-Match out.")
        now = self._clock()
        identity = said.message_id or _own_identity(asked.request)
        case = self._case(asked)
        message = Message(
            channel=case.channel,
            id=identity,
            conversation=case.conversation,
            customer=case.customer,
            author=Author.AGENT,
            surface=case.surface,
            text=said.text,
            sent_at=_said_at(said.sent_at, now),
            received_at=now,
            author_name=asked.caller.name,
        )
        after = record(self._table, self._policy, message, now, about=case.key)
        if after is not None:
            return self._changed(after, True)
        self._must_be_the_same(message, by_key=said.message_id is None)
        return self._changed(self._table.load(case.key) or case, False)

    def _must_be_the_same(self, message: Message, by_key: bool) -> None:
        """An identity that stands for something else is a mistake of the sender's: that answer is not recorded yet."""
        stored = self._table.message(cases.conversation_key(message.channel, message.conversation), message.id)
        if stored is not None and stored.author is Author.CUSTOMER:
            raise Refused(409, "not_a_reply", "This message_id is the customer's; send the id of the reply.")
        if by_key and stored is not None and stored.text != message.text:
            raise Refused(409, "key_reused", "This Idempotency-Key recorded another reply; send a new key.")

    def _note(self, asked: Asked) -> Answer:
        noted = payloads.body(payloads.Note, asked.request)

        def step(case: Case, now: datetime) -> tuple[Case, tuple[Entry, ...]]:
            return cases.note(case, now), (Entry(now, EntryKind.NOTED, asked.caller.name, text=noted.text),)

        return self._change(asked, step)

    def _assign(self, asked: Asked) -> Answer:
        """Any team may be handed a case, also one the caller does not see: that is what handing over is."""
        given = payloads.body(payloads.Assignment, asked.request)
        if given.team not in self._policy.teams:
            raise Refused(400, "unknown_team", f"Assign to one of: {', '.join(sorted(self._policy.teams))}.")
        return self._change(asked, lambda case, now: (cases.assign(case, given.team, given.assignee, now), ()))

    def _status(self, asked: Asked) -> Answer:
        wanted = Status(payloads.body(payloads.NewStatus, asked.request).status)

        def step(case: Case, now: datetime) -> tuple[Case, tuple[Entry, ...]]:
            _must_not_be_resolved(case)
            return cases.set_status(case, wanted, self._policy, now), ()

        return self._change(asked, step)

    def _resolve(self, asked: Asked) -> Answer:
        _nothing(asked)
        return self._change(asked, lambda case, now: (cases.resolve(case, now), ()))

    def _reopen(self, asked: Asked) -> Answer:
        _nothing(asked)
        return self._change(asked, lambda case, now: (cases.reopen(case, self._policy, now), ()))

    def _prioritise(self, asked: Asked) -> Answer:
        wanted = payloads.body(payloads.NewPriority, asked.request).priority

        def step(case: Case, now: datetime) -> tuple[Case, tuple[Entry, ...]]:
            _must_not_be_resolved(case)
            return cases.prioritise(case, wanted, self._policy, now), ()

        return self._change(asked, step)

    def _spam(self, asked: Asked) -> Answer:
        _nothing(asked)
        return self._change(asked, lambda case, now: (cases.mark_spam(case, now), ()))

    def _not_spam(self, asked: Asked) -> Answer:
        _nothing(asked)
        return self._change(asked, lambda case, now: (cases.unmark_spam(case, self._policy, now), ()))

    def _contain(self, asked: Asked) -> Answer:
        _nothing(asked)
        return self._change(asked, lambda case, now: (cases.contain(case, now), ()))

    def _merge(self, asked: Asked) -> Answer:
        """This case goes into another, with its newest messages."""
        wanted = payloads.body(payloads.Merge, asked.request).into

        def step(source: Case, now: datetime) -> Together:
            into = self._case(replace(asked, case_id=wanted))
            if into.key == source.key:
                raise Refused(409, "same_case", "A case cannot be merged into itself.")
            if source.merged_into == into.key:
                return Together(source, source, into, into)
            if source.merged_into or into.merged_into:
                raise Refused(409, "merged", "One of the two was merged into another case; merge that one.")
            survivor, gone = cases.merge(into, source, self._policy, now)
            return Together(source, gone, into, survivor, self._table.timeline(source.key)[0][-COPIES:])

        return self._change_both(asked, step)

    def _split(self, asked: Asked) -> Answer:
        """Messages of this case become a case of their own."""
        wanted = frozenset(payloads.body(payloads.Split, asked.request).messages)

        def step(case: Case, now: datetime) -> Together:
            _must_not_be_resolved(case)
            moved = [one for one in self._table.timeline(case.key)[0] if one.message.id in wanted]
            if {one.message.id for one in moved if one.message.author is Author.CUSTOMER} != wanted:
                raise Refused(409, "no_such_message", "Name customer messages of this case by their ids.")
            left, new = cases.split(case, [one.message for one in moved], self._policy, now)
            return Together(case, left, None, new, moved)

        return self._change_both(asked, step)


Desk.routes = {
    "cases": {"GET": Desk._list},
    "cases/{id}": {"GET": Desk._read},
    "cases/{id}/acknowledge": {"POST": Desk._acknowledge},
    "cases/{id}/reply": {"POST": Desk._reply},
    "cases/{id}/note": {"POST": Desk._note},
    "cases/{id}/assign": {"POST": Desk._assign},
    "cases/{id}/status": {"POST": Desk._status},
    "cases/{id}/resolve": {"POST": Desk._resolve},
    "cases/{id}/reopen": {"POST": Desk._reopen},
    "cases/{id}/priority": {"POST": Desk._prioritise},
    "cases/{id}/spam": {"POST": Desk._spam, "DELETE": Desk._not_spam},
    "cases/{id}/contain": {"POST": Desk._contain},
    "cases/{id}/merge": {"POST": Desk._merge},
    "cases/{id}/split": {"POST": Desk._split},
    "cases/{id}/correct": {"POST": Desk._correct},
    "corrections": {"GET": Desk._corrections},
}


def _start(query: payloads.ListQuery, desk: str) -> tuple[Position | None, Callable[[Case], bool] | None]:
    """Where the list goes on, and which cases it wants."""
    wanted: frozenset[Priority] = frozenset(query.priority)
    keep = (lambda case: case.priority in wanted) if wanted else None
    if query.next is None:
        return None, keep
    place = payloads.unseal(payloads.ListPlace, query.next)
    if place.desk != desk:
        raise payloads.invalid_next()
    return Position(place.deadline, place.case), keep


def _own_identity(request: Request) -> str:
    """An identity for a reply the platform gave none: it can be no platform's, for it names the desk."""
    key = payloads.idempotency_key(request)
    if key is None:
        sentence = "Send message_id, the platform's id of the reply, or an Idempotency-Key: a reply counts once."
        raise Refused(400, "identity_required", sentence)
    return f"heed-desk:{key}"


def _said_at(sent_at: datetime | None, now: datetime) -> datetime:
    if sent_at is None:
        return now
    if not now - REPORTED_WITHIN <= sent_at <= now + CLOCK_SKEW:
        raise Refused(400, "invalid_body", "sent_at: must lie in the last seven days.")
    return sent_at.astimezone(UTC)


def _nothing(asked: Asked) -> None:
    payloads.body(payloads.Nothing, asked.request)


def _forbidden() -> Refused:
    return Refused(403, "forbidden", "Your token does not open this team's cases.")


def _must_not_be_resolved(case: Case) -> None:
    if case.status is Status.RESOLVED:
        raise Refused(409, "resolved", "The case is resolved; reopen it first.")
