"""Which link a notice carries: one that opens the page of its case for a while, or, should that fail, the plain one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from heed.rim.link_keys import Keyless, LinkKeys
from heed.values import Value


class Linker(Value):
    """`page_url` and `case_url` are addresses that a token, or a case id, is appended to; `plain` hears of failures."""

    keys: LinkKeys
    page_url: str
    case_url: str
    lasts: timedelta
    plain: Callable[[], None]

    def __call__(self, case_id: str, now: datetime) -> str:
        """The link to the case. Never fails: a notice without a button is better than none."""
        try:
            return f"{self.page_url}{self.keys.sign(case_id, now + self.lasts, now)}"
        except Keyless:
            self.plain()
            return f"{self.case_url}{case_id}"
