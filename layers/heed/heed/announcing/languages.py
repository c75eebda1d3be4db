"""Which words a team reads. A new language is one module with these functions and one line in `_WORDS`."""

from __future__ import annotations

from typing import Protocol

from heed.announcing import en, zh
from heed.announcing.facts import Facts
from heed.announcing.gathered import Gathered
from heed.policy import Policy


class Words(Protocol):
    """One language's words."""

    def reason(self, code: str) -> str: ...

    def subject(self, facts: Facts) -> str: ...

    def sms(self, facts: Facts) -> str: ...

    def email(self, facts: Facts) -> str: ...

    def digest_subject(self, gathered: Gathered) -> str: ...

    def digest_sms(self, gathered: Gathered) -> str: ...

    def digest_email(self, gathered: Gathered) -> str: ...


_WORDS: dict[str, Words] = {"en": en, "zh": zh}


def words_of(policy: Policy, team: str) -> Words:
    """The team's language; English for a language Heed does not write, and for a team a newer policy has dropped."""
    known = policy.teams.get(team)
    return _WORDS.get(known.language, en) if known else en
