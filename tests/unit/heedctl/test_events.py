"""Every file in events/ is read as it says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from heed import platforms
from heed.model import Author, Message
from heed.platforms import Forged, Reading, Unreadable
from infra.heedctl import channels, events, posting, senders
from infra.heedctl.events import Event
from infra.heedctl.target import Failed

AT = datetime(2026, 3, 12, 3, 0, 0, 250000, UTC)
EVERY = events.every()
# These tell an account nothing of what its own people answer.
NO_OWN_REPLIES = {"discord", "kakao", "line", "viber", "wechat", "weibo"}


def read(event: Event) -> Reading:
    secret = channels.generate(event.platform)
    request = events.request(event, secret, AT)
    try:
        return posting.reading(f"{event.platform}/{event.account}", request, secret, AT, events.lying(event, AT))
    except Unreadable as error:
        return Reading(broken=(platforms.Broken(error.reason, b""),))


def said(message: Message) -> dict[str, object]:
    kinds = [str(part.kind) for part in message.attachments]
    found = {"author": str(message.author), "surface": str(message.surface), "text": message.text}
    return {**found, **({"attachments": kinds} if kinds else {})}


@pytest.mark.parametrize("event", EVERY, ids=lambda event: event.name)
def test_an_event_is_read_as_its_file_says(event: Event) -> None:
    reading = read(event)
    assert [said(message) for message in reading.messages] == event.reads["messages"]
    assert [str(report.kind) for report in reading.reports] == event.reads.get("reports", [])
    assert list(reading.ignored) == event.reads.get("ignored", [])
    assert [part.reason for part in reading.broken] == event.reads.get("broken", [])
    assert reading.messages or reading.reports or reading.ignored or reading.broken


@pytest.mark.parametrize(
    "event", [one for one in EVERY if one.platform not in senders.HANDSHAKE_ONLY], ids=lambda event: event.name
)
def test_an_event_signed_with_another_secret_is_refused(event: Event) -> None:
    request = events.request(event, channels.generate(event.platform), AT)
    with pytest.raises(Forged):
        posting.reading(f"{event.platform}/{event.account}", request, channels.generate(event.platform), AT)


def test_every_platform_has_a_message_a_reply_and_an_event_of_no_use() -> None:
    told = set(platforms.NAMES) - senders.WITHOUT_MESSAGES
    authors = {(event.platform, said["author"]) for event in EVERY for said in event.reads["messages"]}
    wanted = {(platform, str(Author.CUSTOMER)) for platform in told}
    assert authors >= wanted | {(platform, str(Author.AGENT)) for platform in told - NO_OWN_REPLIES}
    assert not {platform for platform, _ in authors} & senders.WITHOUT_MESSAGES
    assert {event.platform for event in EVERY if event.reads.get("ignored")} == set(platforms.NAMES)


def test_a_message_is_said_when_it_is_sent() -> None:
    messages = [message for event in EVERY for message in read(event).messages]
    assert {(AT - message.sent_at).total_seconds() for message in messages} <= {0.0, 0.25}


def test_an_event_is_a_new_message_each_time_it_is_sent() -> None:
    event = events.named("whatsapp/question")
    (first,), (second,) = read(event).messages, read(event).messages
    assert first.id != second.id
    assert first.conversation == second.conversation


def test_a_given_number_makes_the_very_same_message_again() -> None:
    event = events.named("whatsapp/question")
    assert events.filled(event, AT, 7) == events.filled(event, AT, 7)
    assert b'"wamid.7"' in events.filled(event, AT, 7)


def test_a_number_stands_without_quotes_and_text_with_them() -> None:
    body = json.loads(events.filled(events.named("wechat/question-json"), AT, 12))
    assert (body["CreateTime"], body["MsgId"]) == (1773284400, 12)
    whatsapp = json.loads(events.filled(events.named("whatsapp/question"), AT, 12))
    assert whatsapp["entry"][0]["changes"][0]["value"]["messages"][0]["timestamp"] == "1773284400"


MISTAKES = {
    "nothing": ("{", "not JSON"),
    "a-list": ("[]", "needs describe, account and body"),
    "no-body": ('{"describe": "x", "account": "a"}', "needs describe, account and body"),
    "unknown-field": ('{"describe": "x", "account": "a", "body": "", "boddy": ""}', "needs describe, account and body"),
}


@pytest.mark.parametrize(("text", "complaint"), MISTAKES.values(), ids=MISTAKES)
def test_a_file_that_is_no_event_is_told(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "facebook" / "event.json"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(Failed, match=complaint):
        events.load(path)


def test_a_folder_that_is_no_platform_is_told(tmp_path: Path) -> None:
    path = tmp_path / "myspace.json"
    path.write_text('{"describe": "x", "account": "a", "body": ""}')
    with pytest.raises(Failed, match="must be named after a platform"):
        events.load(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="No such file"):
        events.load(tmp_path / "facebook" / "none.json")


def test_a_placeholder_that_nobody_fills_is_told(tmp_path: Path) -> None:
    path = tmp_path / "facebook" / "event.json"
    path.parent.mkdir()
    path.write_text('{"describe": "x", "account": "a", "body": "{{when}}"}')
    with pytest.raises(Failed, match="is no placeholder"):
        events.filled(events.load(path), AT)
