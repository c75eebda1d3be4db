"""The storyline: what customers, platforms and agents do, and when. Every event is a file in events/."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Act(StrEnum):
    SEND = "send"
    STORM = "storm"
    FORGE = "forge"
    DESK_REPLY = "desk_reply"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens `at` so many seconds into the day.

    `event` is the file that is sent; for an answer given through the desk, the event it answers. `priority` is what
    the policy makes of the message, "" where there is nothing to judge.
    """

    at: float
    event: str
    priority: str = ""
    act: Act = Act.SEND
    text: str = ""


STORM_THREADS = 2
STORM_COPIES = 20

DAY = (
    Step(0.0, "wechat/praise", "P4"),
    Step(0.2, "whatsapp/question", "P3"),
    Step(0.4, "webhook/hotline-question", "P3"),
    Step(0.6, "instagram/comment", "P4"),
    Step(0.8, "wechat/question-json", "P3"),
    # Answered in time: one by a person in the Page inbox, whom the echo reports, one through the desk.
    Step(1.0, "facebook/complaint", "P2"),
    Step(1.6, "facebook/reply"),
    Step(2.0, "webhook/form-safety", "P1"),
    Step(
        2.4, "webhook/form-safety", act=Act.DESK_REPLY, text="We are on our way to help: please call 112 if it bleeds."
    ),
    # Nobody answers these in time.
    Step(3.0, "wechat/safety", "P1"),
    Step(3.2, "facebook/comment", "P2"),
    Step(3.4, "wechat/regulator", "P1"),
    # What must leave no trace, or only one.
    Step(4.0, "whatsapp/complaint", "P3", Act.STORM),
    Step(4.4, "instagram/message", act=Act.FORGE),
    Step(4.5, "wechat/voice", act=Act.FORGE),
    Step(4.6, "webhook/mail", act=Act.FORGE),
    Step(4.8, "facebook/unreadable"),
    Step(5.0, "facebook/read"),
    Step(5.2, "whatsapp/status"),
    Step(5.4, "wechat/subscribe"),
    Step(5.6, "facebook/batch", "P3"),
    # Still unanswered, one of them writes again; another gets an answer that comes too late.
    Step(8.0, "wechat/regulator-again", "P1"),
    Step(9.0, "wechat/safety", act=Act.DESK_REPLY, text="非常抱歉，我们的安全专员已经致电给您，并会承担医药费。"),
)

KEPT = ("facebook/complaint", "webhook/form-safety")
# On call opens this one's link, and takes it from the phone.
TAKEN = "facebook/comment"
BROKEN = ("wechat/safety", "facebook/comment", "wechat/regulator")
