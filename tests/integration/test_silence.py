"""A channel that falls silent: intake notes what it hears, watch knows each rhythm and says who is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from heed import rhythm
from heed.rim import pulse
from heed.rim.items import Undecodable
from heed.rim.pulse import Pulse, Rhythms
from tests.integration import faults
from tests.integration.test_intake import intake, post, said

__all__ = ["intake", "post"]

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
CHANNEL = "wechat/flagship-cn"


@pytest.fixture
def table(table: Any) -> Rhythms:
    """The table, as intake and watch see it."""
    return Rhythms(table._client, table._name, 365)


def lived(table: Rhythms, weeks: int, until: datetime = MONDAY) -> None:
    """A channel that delivered 30 times an hour, noted and learnt each day."""
    start = until - timedelta(weeks=weeks)
    for hours in range(weeks * 168):
        at = start + timedelta(hours=hours, minutes=59)
        table.hear(CHANNEL, 30, at)
        if at.hour == 23:
            pulse.silent(table, [CHANNEL], at + timedelta(minutes=1))


def test_what_intake_hears_of_a_channel_is_noted(post: Any, table: Rhythms) -> None:
    post(CHANNEL, said())
    (heard,) = table.heard([CHANNEL, "facebook/qinghe"])
    assert (heard.channel, sum(heard.counts.values()), heard.rhythm) == (CHANNEL, 1, None)
    assert datetime.now(UTC) - heard.last_at < timedelta(minutes=1)


def test_a_busy_channel_is_noted_once_in_five_minutes_and_nothing_is_lost_of_its_count(table: Rhythms) -> None:
    listening = Pulse(table)
    for seconds in range(0, 600, 10):
        listening.heard(CHANNEL, MONDAY + timedelta(seconds=seconds))
    (heard,) = table.heard([CHANNEL])
    assert (heard.counts, heard.last_at) == ({MONDAY: 31}, MONDAY + timedelta(minutes=5))


def test_what_cannot_be_noted_is_noted_later(table: Rhythms) -> None:
    listening = Pulse(table)
    with faults.failing(table._client, "dynamodb", "UpdateItem", faults.unreachable):
        listening.heard(CHANNEL, MONDAY)
    listening.heard(CHANNEL, MONDAY + timedelta(minutes=5))
    (heard,) = table.heard([CHANNEL])
    assert heard.counts == {MONDAY: 2}


def test_a_channel_is_missed_after_what_would_be_unusual_for_it(table: Rhythms) -> None:
    lived(table, weeks=3)
    last = MONDAY - timedelta(minutes=1)
    assert pulse.silent(table, [CHANNEL], last + timedelta(minutes=38)) == []
    assert pulse.silent(table, [CHANNEL], last + timedelta(minutes=41)) == [CHANNEL]
    table.hear(CHANNEL, 1, last + timedelta(minutes=42))
    assert pulse.silent(table, [CHANNEL], last + timedelta(minutes=43)) == []


def test_what_was_learnt_is_not_kept_twice(table: Rhythms) -> None:
    lived(table, weeks=1)
    (heard,) = table.heard([CHANNEL])
    assert heard.counts == {}
    assert heard.rhythm is not None
    assert heard.rhythm.until == MONDAY


def test_of_two_watches_that_learn_at_once_one_counts(table: Rhythms) -> None:
    table.hear(CHANNEL, 7, MONDAY)
    (first,), (second,) = table.heard([CHANNEL]), table.heard([CHANNEL])
    learnt = rhythm.begun(MONDAY)
    table.learn(first, learnt)
    table.learn(second, rhythm.begun(MONDAY + timedelta(days=1)))
    (heard,) = table.heard([CHANNEL])
    assert heard.rhythm == learnt


def test_an_item_that_is_no_rhythm_is_undecodable(table: Rhythms) -> None:
    key = {"pk": {"S": f"CHANNEL#{CHANNEL}"}, "sk": {"S": "RHYTHM"}}
    table._client.put_item(TableName=table._name, Item=key)
    with pytest.raises(Undecodable):
        table.heard([CHANNEL])


@pytest.mark.parametrize(("minute", "asked"), [(0, True), (5, False), (50, True)])
def test_watch_names_the_silent_channel_every_ten_minutes(
    load_function: Any,
    context: Any,
    table: Rhythms,
    capsys: Any,
    monkeypatch: Any,
    minute: int,
    asked: bool,
) -> None:
    lived(table, weeks=3)
    watch: ModuleType = load_function("watch")
    monkeypatch.setattr(watch.runtime, "now", lambda: MONDAY + timedelta(hours=2, minutes=minute))
    watch.handler({}, context)
    out = capsys.readouterr().out
    assert ('"SilentChannels":[1.0]' in out) is asked
    assert (CHANNEL in out) is asked


def test_a_table_out_of_reach_says_nothing_of_silence(
    load_function: Any, context: Any, table: Rhythms, capsys: Any, monkeypatch: Any
) -> None:
    lived(table, weeks=3)
    watch: ModuleType = load_function("watch")
    monkeypatch.setattr(watch.runtime, "now", lambda: MONDAY + timedelta(hours=2))
    with faults.failing(watch.TABLE._client, "dynamodb", "BatchGetItem", faults.unreachable):
        watch.handler({}, context)
    assert "SilentChannels" not in capsys.readouterr().out
