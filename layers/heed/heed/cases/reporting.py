"""What a platform says later of a message: withdrawn, edited, or, of the brand's own, never delivered."""

from __future__ import annotations

from datetime import datetime

from heed.cases.change import changed
from heed.cases.hearing import reworded
from heed.cases.reshaping import fail_reply, withdraw
from heed.model import Assessment, Author, Case, Message, Report, ReportKind
from heed.policy import Policy
from heed.values import replace


def report(case: Case, message: Message, report: Report, assessment: Assessment, policy: Policy, now: datetime) -> Case:
    """The case after a report about `message`, always one version later: the message itself changes with it.

    What a customer withdrew needs no answer (rule 15); an answer withdrawn or not delivered was none (rule 9); what a
    customer edited is understood anew by the `assessment` of the new words.
    """
    after = case
    match message.author, report.kind:
        case Author.CUSTOMER, ReportKind.WITHDRAWN:
            after = withdraw(case, message, policy, now)
        case Author.CUSTOMER, ReportKind.EDITED:
            after = reworded(case, revised(message, report), assessment, policy, now)
        case Author.AGENT, ReportKind.WITHDRAWN | ReportKind.REJECTED:
            after = fail_reply(case, min(message.sent_at, message.received_at), policy, now)
    return changed(case, now) if after is case else after


def revised(message: Message, report: Report) -> Message:
    """The message as it may be kept: with its new words, or, withdrawn, without any."""
    if report.kind is ReportKind.EDITED:
        return replace(message, text=report.text)
    if report.kind is ReportKind.WITHDRAWN:
        return replace(message, text="", attachments=(), author_name="")
    return message
