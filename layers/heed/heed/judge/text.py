"""What a customer typed, brought to one form, with the way back to their own words.

Unicode forms: NFKC (UAX #15), lower case, simplified Chinese, no invisible characters; `soooo` becomes `soo`,
`r e f u n d` becomes `refund`. Every character remembers where it came from, so that evidence is quoted
as it was written.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from unicodedata import is_normalized, normalize

from heed.judge.traditional import SIMPLIFIED, TRADITIONAL

LIMIT = 2_000
"""Characters read of a message. The point of a message is on its first page; texts of any length cost the same."""

# Invisible characters (format and variation marks) become U+200B, which the careful way then drops.
_INVISIBLE = (
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2065),
    0xAD,
    0xFE0F,
    0xFE0E,
    0xFEFF,
    0x180E,
)
_FOLD = str.maketrans(TRADITIONAL, SIMPLIFIED) | dict.fromkeys(_INVISIBLE, "\u200b") | {0xFF61: "。"}
_TO_FOLD = frozenset(map(chr, _FOLD))
# Full-width marks are in nearly every Chinese message; replaced here, the rest is mostly in NFKC already.
_TYPESET = (
    ("\u2026", "。"), ("\u2019", "'"), ("\u2018", "'"), ("\uff0c", ","), ("\uff01", "!"), ("\uff1f", "?"),
    ("\uff1a", ":"), ("\uff1b", ";"), ("\uff08", "("), ("\uff09", ")"), ("\uff5e", "~"),
)  # fmt: skip
# Letters that join the one before them, so that as many characters need not stand at the same places.
_JOINING = re.compile("[\u0300-\u036f\u3099\u309a]")
# Greek and Cyrillic letters in a Latin word, put there to dodge filters.
_LOOKALIKES = str.maketrans("аеорсухіјѕԁһкмтвнαερονικτυ", "aeopcyxijsdhkmtbhaepovikty")
_TOUCHING = re.compile("[\u0370-\u052f](?:(?=[a-z])|(?<=[a-z].))")
_MIXED = "[a-z]+[\u0370-\u052f][a-z\u0370-\u052f]*|[\u0370-\u052f]+[a-z][a-z\u0370-\u052f]*"  # compiled if needed
# A run of three, or at least three single characters kept apart; `soo`, not `so`, because `good` has two as well.
_RUN = re.compile(r"(.)\1\1")
_ALONE = re.compile(r"[ ._*-][^\W\d_][ ._*-]")  # is in all that is kept apart, and found in a tenth of the time
_APART = r"(?<![^\W_])[a-z](?:[ ._*-][a-z]){3,}(?![^\W_])|[^\W\d_a-z](?:[ ._*-]+[^\W\d_a-z]){2,}"
_GAP = r"[ ._*-]+"


class Text(NamedTuple):
    """`plain` is what the lists are matched on; `origin[i]` is where plain[i] stands in `written` (None: at i)."""

    written: str
    plain: str
    origin: list[int] | None

    def quote(self, start: int, end: int) -> str:
        """The customer's own words for plain[start:end]."""
        if self.origin is None:
            return self.written[start:end]
        return self.written[self.origin[start] : self.origin[end - 1] + 1]


def read(written: str) -> Text:
    """Bring the first LIMIT characters to one form. Any str will do, lone surrogates too."""
    written = written[:LIMIT]
    if written.isascii():
        plain = written.lower()
    else:
        plain = _one_form(written)
        joined = len(plain) != len(written) or (_JOINING.search(written) and not is_normalized("NFKC", written))
        if joined or "\u200b" in plain or _TOUCHING.search(plain):
            return _careful(written)
    if any(map(_is_letter, _RUN.findall(plain))) or (_ALONE.search(plain) and re.search(_APART, plain)):
        return _careful(written)
    return Text(written, plain, None)


def _is_letter(character: str) -> bool:
    return character.isalnum() and not character.isdecimal()


def _one_form(written: str) -> str:
    for typeset, typed in _TYPESET:
        written = written.replace(typeset, typed)
    plain = normalize("NFKC", written).lower()
    return plain if _TO_FOLD.isdisjoint(plain) else plain.translate(_FOLD)


def _careful(written: str) -> Text:
    """The same, a character at a time."""
    letters: list[str] = []
    origin: list[int] = []
    for at, character in enumerate(written):
        for letter in _one_form(character):
            if letter != "\u200b" and not _thrice(letters, letter):
                letters.append(letter)
                origin.append(at)
    plain = re.sub(_MIXED, _as_latin, "".join(letters))
    kept = sorted(set(range(len(plain))) - _gaps(plain))
    return Text(written, "".join([plain[at] for at in kept]), [origin[at] for at in kept])


def _as_latin(mixed: re.Match[str]) -> str:
    return mixed.group().translate(_LOOKALIKES)


def _thrice(letters: list[str], letter: str) -> bool:
    return letter.isalpha() and letters[-2:] == [letter, letter]


def _gaps(plain: str) -> set[int]:
    """Where a word's letters are kept apart by spaces or dots."""
    found: set[int] = set()
    for word in re.finditer(_APART, plain):
        for gap in re.compile(_GAP).finditer(plain, word.start(), word.end()):
            found.update(range(gap.start(), gap.end()))
    return found
