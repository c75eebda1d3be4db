"""What people at the desk say that the judge should have understood, kept as an export to measure and train it with."""

from __future__ import annotations

from datetime import datetime

from heed import cases
from heed.model import Author, Case, Entry, EntryKind
from heed.rim import desk_payloads as payloads
from heed.rim import desk_views as views
from heed.rim import http
from heed.rim.corrections import Correction
from heed.rim.desk_changing import Answer, Asked, Changing
from heed.rim.desk_errors import Refused
from heed.rim.items import Stored
from heed.rim.store import Change


class Correcting(Changing):
    """Corrections of the judge: each kept with a line in the timeline of its case. None changes a promise."""

    def _correct(self, asked: Asked) -> Answer:
        """The last correction of a message counts, whole; the same again changes nothing."""
        given = payloads.body(payloads.Correction, asked.request)
        line = views.reassessed(given.message_id, given.labels())

        def step(case: Case, now: datetime) -> tuple[Case, tuple[Entry, ...]]:
            return cases.note(case, now), (Entry(now, EntryKind.REASSESSED, asked.caller.name, line),)

        def save(change: Change) -> bool:
            case = change.after
            stored = self._said(case, given.message_id)
            message = stored.message
            correction = Correction(
                conversation=cases.conversation_key(message.channel, message.conversation),
                message=message.id,
                received_at=message.received_at,
                labels=given.labels(),
                case_id=case.id,
                team=case.team,
                by=asked.caller.name,
                at=case.updated_at,
                wording=stored.reported_at,
            )
            return self._table.correct(change, correction)

        return self._change(asked, step, save)

    def _said(self, case: Case, message_id: str) -> Stored:
        """A customer's message of the case, with words that can be judged."""
        _, stored = self._table.load_with(case.key, message_id)
        if stored is None or stored.message.author is not Author.CUSTOMER or not stored.message.text.strip():
            raise Refused(409, "no_such_message", "Name a customer message of this case that has words, by its id.")
        return stored

    def _corrections(self, asked: Asked) -> Answer:
        """A page of a month's corrections, of the caller's teams."""
        query = payloads.query(payloads.CorrectionsQuery, asked.request)
        month, start = query.month or f"{self._clock():%Y-%m}", None
        if query.next is not None:
            place = payloads.unseal(payloads.CorrectionPlace, query.next)
            if place.month != month:
                raise payloads.invalid_next()
            start = place.after
        page = self._table.corrections(month, start, asked.caller.may_see)
        found: Answer = {"corrections": [views.correction_view(*each) for each in page.found]}
        if page.next:
            found["next"] = payloads.seal(payloads.CorrectionPlace(month=month, after=page.next))
        return http.as_json(200, found)
