"""What happens next: pure transitions of a case.

Every public transition takes the case as it is and returns the case as it becomes, one version later, or the very same
object when nothing changes. What the world has to hear of goes into the case's outbox; `announce` speaks it and
`confirm` takes it out again, so an effect is stored in the same write as its cause and cannot be lost between them.

`hearing` is how messages change a case, `answering` how the people who answer do, `falling_due` how time does;
`reshaping` how a case as a whole is merged, split, taken for spam or contained, `reporting` how what becomes of a
message does. `promises` starts and ends the clocks
for all of them, with `windows` for the platforms' reply windows, `chains` for the levels of escalation and `waiting`
for who waits; `change` makes the next version.
"""

from heed.cases.answering import acknowledge, adopt, assign, note, prioritise, reopen, reply, resolve, set_status
from heed.cases.falling_due import clock_named, confirm, due_at, expire, hold, next_deadline, next_promise, to_announce
from heed.cases.hearing import conversation_key, receive, renamed, short_id, went_into
from heed.cases.reporting import report, revised
from heed.cases.reshaping import contain, fail_reply, mark_spam, merge, split, unmark_spam, withdraw

__all__ = [
    "acknowledge",
    "adopt",
    "assign",
    "clock_named",
    "confirm",
    "contain",
    "conversation_key",
    "due_at",
    "expire",
    "fail_reply",
    "hold",
    "mark_spam",
    "merge",
    "next_deadline",
    "next_promise",
    "note",
    "prioritise",
    "receive",
    "renamed",
    "reopen",
    "reply",
    "report",
    "resolve",
    "revised",
    "set_status",
    "short_id",
    "split",
    "to_announce",
    "unmark_spam",
    "went_into",
    "withdraw",
]
