"""Planted bugs: each a mistake of one line, made where the shipped code meets a service or the core meets the rim.

The oracle must see every one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from botocore.exceptions import BotoCoreError, ClientError

from heed import cases, links, timeline
from heed.announcing import digests
from heed.cases import chains, falling_due
from heed.model import Bundle, Case, Clock, Effect, Message, Window
from heed.noise import bundles
from heed.platforms import signatures
from heed.rim import intake, recording, speaking
from heed.rim.bundles import Bundles
from heed.rim.dynamo import Conflict, Unavailable
from heed.rim.items import Bookmark
from heed.rim.page import Page
from heed.rim.pulling import Pulling
from heed.rim.store import LOG, Change
from heed.sla import clocks
from tests.simulation.dynamo import DynamoClient
from tests.simulation.promised import milliseconds
from tests.simulation.services import SnsClient, SqsClient
from tests.simulation.world import START

Mutant = Callable[[], AbstractContextManager[object]]
Answer = dict[str, Any]


def forgets_the_version() -> AbstractContextManager[object]:
    """A case is written whatever its version: the last of two writers wins."""
    return _unconditional("version = :version")


def forgets_that_a_message_is_kept() -> AbstractContextManager[object]:
    """A message is written, and heard, each time it is delivered."""
    return _unconditional("attribute_not_exists(pk)")


def _unconditional(forgotten: str) -> AbstractContextManager[object]:
    transact = DynamoClient.transact_write_items

    def mutant(self: DynamoClient, *, TransactItems: list[Answer]) -> Answer:
        puts = [dict(item["Put"]) for item in TransactItems]
        for put in puts:
            if put.get("ConditionExpression") == forgotten and not put["Item"]["pk"]["S"].startswith("ID#"):
                del put["ConditionExpression"]
        return transact(self, TransactItems=[{"Put": put} for put in puts])

    return patch.object(DynamoClient, "transact_write_items", mutant)


def takes_a_lost_race_for_won() -> AbstractContextManager[object]:
    """A transaction that was cancelled is believed to be written."""
    transact = DynamoClient.transact_write_items

    def mutant(self: DynamoClient, *, TransactItems: list[Answer]) -> Answer:
        try:
            return transact(self, TransactItems=TransactItems)
        except ClientError as error:
            if error.response["Error"]["Code"] == "TransactionCanceledException":
                return {}
            raise

    return patch.object(DynamoClient, "transact_write_items", mutant)


def announces_what_the_stream_says() -> AbstractContextManager[object]:
    """Announce tells what a record held when it was written, without reading the case once more."""
    read = DynamoClient.batch_get_item

    def mutant(self: DynamoClient, *, RequestItems: Answer) -> Answer:
        answer = read(self, RequestItems=RequestItems)
        if self.running == "announce":
            for name, found in answer["Responses"].items():
                held = self.table.announcing
                answer["Responses"][name] = [held.get((item["pk"]["S"], "CASE"), item) for item in found]
        return answer

    return patch.object(DynamoClient, "batch_get_item", mutant)


def sweeps_only_ahead() -> AbstractContextManager[object]:
    """Watch looks at what falls due from now on: what an earlier run missed stays missed."""
    query = DynamoClient.query

    def mutant(self: DynamoClient, **given: Any) -> Answer:
        answer = query(self, **given)
        if given.get("IndexName") == "due":
            until = milliseconds(given["ExpressionAttributeValues"][":until"]["S"])
            answer["Items"] = [item for item in answer["Items"] if milliseconds(item["due_at"]["S"]) > until - 90_000]
        return answer

    return patch.object(DynamoClient, "query", mutant)


@contextmanager
def ignores_lost_entries() -> Iterator[None]:
    """A batch is taken for one that arrived whole, whatever its answer says, and also if it failed."""
    send, publish = SqsClient.send_message_batch, SnsClient.publish_batch

    def deaf(call: Callable[..., Answer]) -> Callable[..., Answer]:
        def mutant(self: Any, **given: Any) -> Answer:
            with suppress(ClientError, BotoCoreError):
                call(self, **given)
            return {"Failed": []}

        return mutant

    with ExitStack() as patches:
        patches.enter_context(patch.object(SqsClient, "send_message_batch", deaf(send)))
        patches.enter_context(patch.object(SnsClient, "publish_batch", deaf(publish)))
        yield


def repeats_under_the_old_version() -> AbstractContextManager[object]:
    """What nobody confirmed is tried again, but no stream record carries it any more."""
    repeated = falling_due.repeated

    def mutant(entry: Effect, now: datetime) -> Effect:
        return replace(repeated(entry, now), version=entry.version)

    return patch.object(falling_due, "repeated", mutant)


def repeats_under_a_new_key() -> AbstractContextManager[object]:
    """Each repetition looks like another notice."""
    repeated = falling_due.repeated

    def mutant(entry: Effect, now: datetime) -> Effect:
        after = repeated(entry, now)
        return after if after is entry else replace(after, key=f"{entry.key}/{after.tries}")

    return patch.object(falling_due, "repeated", mutant)


def takes_parcels_for_recorded() -> AbstractContextManager[object]:
    """Recover takes a message off its queue without keeping it."""
    return patch.object(intake, "recover", lambda *_: None)


def answers_success_while_the_table_cannot() -> AbstractContextManager[object]:
    """Intake tells the platform `success` about a message that nothing holds."""
    record = recording.record

    def mutant(*arguments: Any) -> Case | None:
        try:
            return record(*arguments)
        except Unavailable:
            return None

    return patch.object(intake, "record", mutant)


def files_what_was_never_told() -> AbstractContextManager[object]:
    """Receipts say that everything was told, also what was not worth a try: confirmed is whatever was asked for."""
    flush = speaking._Batch.flush

    def mutant(self: speaking._Batch) -> Any:
        flush(self)
        return set(), [task for task in self.tasks if not isinstance(task, str)]

    return patch.object(speaking._Batch, "flush", mutant)


def breaks_promises_at_the_deadline() -> AbstractContextManager[object]:
    """A promise kept at its very deadline counts as broken."""

    def mutant(clock: Clock, at: datetime) -> bool:
        return clock.deadline_at is not None and at >= clock.deadline_at

    return patch.object(clocks, "late", mutant)


def breaks_promises_a_minute_early() -> AbstractContextManager[object]:
    """Expire counts what will be over in a minute as over."""
    expire: Callable[..., Case] = cases.expire

    def mutant(case: Case, now: datetime, *more: Any) -> Case:
        return expire(case, now + timedelta(minutes=1), *more)

    return patch.object(cases, "expire", mutant)


def confirms_without_being_told() -> AbstractContextManager[object]:
    """Expire takes what was tried before for told."""
    expire: Callable[..., Case] = cases.expire

    def mutant(case: Case, now: datetime, *more: Any) -> Case:
        after = expire(case, now, *more)
        told = [entry.key for entry in after.outbox if entry.tries > 1]
        return cases.confirm(after, told, now, now) if told else after

    return patch.object(cases, "expire", mutant)


def trusts_every_signature() -> AbstractContextManager[object]:
    return patch.object(signatures, "same", lambda *_: True)


def logs_who_is_waiting() -> AbstractContextManager[object]:
    """A helpful line about a message that has to wait, with the customer in it."""
    record = recording.record

    def mutant(*arguments: Any) -> Case | None:
        try:
            return record(*arguments)
        except Unavailable:
            customer = next(one.customer for one in arguments if isinstance(one, Message))
            LOG.warning("%s has to wait", customer)
            raise

    return patch.object(intake, "record", mutant)


def loses_the_time_of_a_message() -> AbstractContextManager[object]:
    """A message counts from when it was received, however early it was said."""
    receive: Callable[..., Case] = cases.receive

    def mutant(case: Any, message: Any, *more: Any) -> Case:
        return receive(case, replace(message, sent_at=max(message.sent_at, message.received_at, START)), *more)

    return patch.object(cases, "receive", mutant)


def forgets_some_of_a_digest() -> AbstractContextManager[object]:
    """Of what a window held, the first is left out."""
    sort = digests.sort

    def mutant(window: Window, *more: Any) -> Any:
        return sort(replace(window, held=window.held[1:]), *more)

    return patch.object(digests, "sort", mutant)


def acknowledging_holds_nothing() -> AbstractContextManager[object]:
    """The chain goes on though somebody has taken the case."""
    due = chains.level_due

    def mutant(case: Case, clock: Clock) -> datetime | None:
        return due(replace(case, acknowledged_at=None), clock)

    return patch.object(chains, "level_due", mutant)


def acknowledging_ends_the_chain() -> AbstractContextManager[object]:
    """Whoever takes a case and forgets it is never reminded."""
    due = chains.level_due

    def mutant(case: Case, clock: Clock) -> datetime | None:
        return due(case, clock) if case.acknowledged_at is None else None

    return patch.object(chains, "level_due", mutant)


def loses_the_level_under_way() -> AbstractContextManager[object]:
    """A level that is just being told when somebody takes the case counts as told."""
    return patch.object(chains, "taken_back", lambda case, now: case)


def takes_a_decision_for_written() -> AbstractContextManager[object]:
    """Announce acts on what it decided of a notice, though the bundle could not be written."""
    save = Bundles.save_bundles

    def mutant(self: Bundles, changes: Any) -> set[str]:
        with suppress(Unavailable):
            save(self, changes)
        return set()

    return patch.object(Bundles, "save_bundles", mutant)


def forgets_whom_it_let_pass() -> AbstractContextManager[object]:
    """The first of an incident goes out unrecorded: when it comes again, it is taken for another."""
    let_pass = bundles.let_pass

    def mutant(bundle: Bundle, key: str) -> Bundle:
        return replace(let_pass(bundle, key), passed=bundle.passed)

    return patch.object(bundles, "let_pass", mutant)


def stores_the_cursor_first() -> AbstractContextManager[object]:
    """Pull moves the bookmark behind a page, and only then stores what stands on it."""
    page = Pulling._page

    def mutant(self: Pulling, mark: Bookmark, *more: Any) -> Any:
        found = page(self, mark, *more)
        with suppress(Conflict):
            self._table.turn(mark, replace(mark, cursor=found.cursor), self._clock())
        return found

    return patch.object(Pulling, "_page", mutant)


def moves_a_bookmark_back() -> AbstractContextManager[object]:
    """A bookmark is written whatever another pull made of it meanwhile."""
    return _unconditional("pulled_to = :before")


def waits_to_be_rung_for() -> AbstractContextManager[object]:
    """Pull's schedule rings for no account: what no callback told of stays where it is."""
    return patch.object(Pulling, "every", lambda self: iter(()))


def takes_a_look_for_a_press() -> AbstractContextManager[object]:
    """The page acknowledges as soon as it is opened, by whatever follows links ahead of people."""
    show = Page._show

    def mutant(self: Page, case: Case, *more: Any) -> Answer:
        self._acknowledge(case, "")
        return show(self, case, *more)

    return patch.object(Page, "_show", mutant)


def loses_a_press_that_meets_another_write() -> AbstractContextManager[object]:
    """Whoever pressed is told that the case is theirs, though somebody else was writing it at that moment."""

    def mutant(self: Page, case: Case, who: str) -> None:
        now = self.clock()
        after = cases.acknowledge(case, who, now)
        with suppress(Conflict):
            self.table.save(Change(case, after, timeline.entries(case, after, who, now)))

    return patch.object(Page, "_acknowledge", mutant)


def opens_links_that_ended() -> AbstractContextManager[object]:
    """A link, once signed, is good for ever."""
    read = links.read
    return patch.object(links, "read", lambda token, keys, now: read(token, keys, START))


MUTANTS: tuple[Mutant, ...] = (
    forgets_the_version,
    forgets_that_a_message_is_kept,
    takes_a_lost_race_for_won,
    announces_what_the_stream_says,
    sweeps_only_ahead,
    ignores_lost_entries,
    repeats_under_the_old_version,
    repeats_under_a_new_key,
    takes_parcels_for_recorded,
    answers_success_while_the_table_cannot,
    files_what_was_never_told,
    breaks_promises_at_the_deadline,
    breaks_promises_a_minute_early,
    confirms_without_being_told,
    trusts_every_signature,
    logs_who_is_waiting,
    loses_the_time_of_a_message,
    forgets_some_of_a_digest,
    acknowledging_holds_nothing,
    acknowledging_ends_the_chain,
    loses_the_level_under_way,
    takes_a_decision_for_written,
    forgets_whom_it_let_pass,
    stores_the_cursor_first,
    moves_a_bookmark_back,
    waits_to_be_rung_for,
    takes_a_look_for_a_press,
    loses_a_press_that_meets_another_write,
    opens_links_that_ended,
)
