"""What platforms say later of a message: withdrawn, edited, never delivered (rules 9 and 15)."""

from __future__ import annotations

import pytest

from heed import cases
from heed.model import Author, ClockState, EffectKind, Message, Priority, Report, ReportKind, RiskName, Status
from tests.unit.builders import a_message, a_policy, an_assessment, at, people
from tests.unit.cases.story import FR, Story

BURNS = an_assessment(risks=(RiskName.SAFETY,))


def reported(story: Story, kind: ReportKind, message: Message, moment: str, text: str = "") -> Story:
    report = Report(message.channel, kind, message.id, message.conversation, at(moment), at(moment), text)
    assessment = BURNS if text else an_assessment()
    story._case = cases.report(story.case, message, report, assessment, story.policy, at(moment))
    return story


def test_t65_a_message_the_customer_takes_back_needs_no_answer() -> None:
    story = Story().customer("10:00")
    reported(story, ReportKind.WITHDRAWN, a_message(at=at("10:00")), "10:15")
    assert (story.clock(FR).state, story.clock(FR).reason) == (ClockState.CANCELLED, "withdrawn")
    assert story.expire("10:31").effects(EffectKind.BREACH) == []


@pytest.mark.parametrize("kind", [ReportKind.WITHDRAWN, ReportKind.REJECTED])
def test_an_answer_that_is_gone_was_none(kind: ReportKind) -> None:
    story = Story().customer("10:00").agent("10:10")
    reported(story, kind, a_message(author=Author.AGENT, at=at("10:10")), "10:12")
    assert story.case.waiting_since == at("10:00")
    assert story.expire("10:31").effects(EffectKind.BREACH) == ["1.first_response.2"]


@pytest.mark.parametrize(
    ("author", "kind"),
    [
        (Author.CUSTOMER, ReportKind.REJECTED),
        (Author.BOT, ReportKind.WITHDRAWN),
        (Author.AGENT, ReportKind.EDITED),
    ],
)
def test_other_reports_change_the_message_and_no_promise(author: Author, kind: ReportKind) -> None:
    story = Story().customer("10:00").agent("10:10")
    before = story.case
    reported(story, kind, a_message(author=author, at=at("10:10")), "10:12", text="x")
    assert story.case.version == before.version + 1
    assert (story.case.clocks, story.case.outbox, story.case.priority) == (
        before.clocks,
        before.outbox,
        before.priority,
    )


def test_an_edit_with_graver_words_is_handed_to_people_and_keeps_its_start() -> None:
    story = Story(a_policy(changes={"people": people(risks={RiskName.SAFETY})})).customer("10:00")
    started = story.clock(FR).started_at
    reported(story, ReportKind.EDITED, a_message(at=at("10:00")), "10:05", text="it burns")
    assert story.escalated() == [("risk:safety",)]
    assert story.case.priority is Priority.P1
    assert {clock.started_at for clock in story.clocks(FR)} == {started}


def test_an_edit_opens_no_closed_case() -> None:
    story = Story().customer("10:00").agent("10:05").resolve("10:06")
    reported(story, ReportKind.EDITED, a_message(at=at("10:00")), "10:07", text="thanks")
    assert story.case.status is Status.RESOLVED
    assert story.case.waiting_since is None


def test_what_is_kept_of_a_message() -> None:
    message = a_message(at=at("10:00"), text="secret", author_name="Li")
    withdrawn = Report("c", ReportKind.WITHDRAWN, "m", "v", at("10:01"), at("10:01"))
    edited = Report("c", ReportKind.EDITED, "m", "v", at("10:01"), at("10:01"), "other")
    rejected = Report("c", ReportKind.REJECTED, "m", "v", at("10:01"), at("10:01"))
    assert (cases.revised(message, withdrawn).text, cases.revised(message, withdrawn).author_name) == ("", "")
    assert cases.revised(message, edited).text == "other"
    assert cases.revised(message, rejected) == message
