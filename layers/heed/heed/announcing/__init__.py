"""What Heed tells the world: escalations for the teams' queue, notices for people on call. Pure, standard library only.

The contracts these follow are `heed.contracts`; nothing here imports them, for pydantic costs a start.
"""

from heed.announcing.digests import Digest, digest
from heed.announcing.escalations import escalation
from heed.announcing.facts import Severity, moot, premature
from heed.announcing.notices import Notice, notice
from heed.announcing.wire import Outgoing

__all__ = ["Digest", "Notice", "Outgoing", "Severity", "digest", "escalation", "moot", "notice", "premature"]
