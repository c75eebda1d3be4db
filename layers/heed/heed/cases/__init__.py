"""What happens next: pure transitions of a case.

Every public transition takes the case as it is and returns the case as it becomes, one version later, or the very same
object when nothing changes. What the world has to hear of goes into the case's outbox; `announce` speaks it and
`confirm` takes it out again, so an effect is stored in the same write as its cause and cannot be lost between them.

`hearing` is how messages change a case, `answering` how the people who answer do, `falling_due` how time does;
`promises` starts and ends the clocks for all three, `change` makes the next version.
"""

from heed.cases.answering import acknowledge, assign, note, reopen, reply, resolve, set_status
from heed.cases.falling_due import clock_named, confirm, due_at, expire, next_deadline, to_announce
from heed.cases.hearing import conversation_key, receive, renamed, short_id

__all__ = [
    "acknowledge",
    "assign",
    "clock_named",
    "confirm",
    "conversation_key",
    "due_at",
    "expire",
    "next_deadline",
    "note",
    "receive",
    "renamed",
    "reopen",
    "reply",
    "resolve",
    "set_status",
    "short_id",
    "to_announce",
]
