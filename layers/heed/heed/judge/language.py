"""Which language a message is in: by script, then, for Latin script, by the commonest short words.

Codes are ISO 639-1; `und` (ISO 639-2) where nothing tells. Hangul, kana, Thai, ... belong to one language each;
Cyrillic, Arabic and Devanagari are reported as their most written one (ru, ar, hi), with less confidence.
"""

from __future__ import annotations

import re
from collections import Counter

UNKNOWN = "und"
_ENOUGH = 0.6
_HINT = re.compile(r"[a-z]{2}(?![a-z])")
_WORD = re.compile(r"[^\W\d_]+")

# Unicode's blocks in steps of 64 code points.
_BLOCKS = {
    "latin": (1, 3, 4, 5, 6, 7, 8, 9, 120, 121, 122, 123),
    "el": (13, 14, 15),
    "ru": (16, 17, 18, 19),
    "hy": (21,),
    "he": (23,),
    "ar": (24, 25, 26, 27, 29),
    "hi": (36, 37),
    "bn": (38, 39),
    "ta": (46, 47),
    "te": (48, 49),
    "th": (56, 57),
    "my": (64, 65),
    "ka": (66, 67),
    "km": (94, 95),
    "kana": (193, 194, 195),
    "zh": tuple(range(208, 640)),
    "ko": (68, 69, 70, 71, *range(688, 863)),
}
_SCRIPT = {block: script for script, blocks in _BLOCKS.items() for block in blocks}
_CONFIDENCE = {"ru": 0.7, "ar": 0.8, "hi": 0.7}

_COMMON = {
    "en": (
        "the and is you to my it of for not have this that with are was i your on can please what how do me we "
        "they but be so at from when order refund service hi hello thanks thank help good great love bad why "
        "where does just now no all been has will would still get got don didn doesn isn won it's an or if had "
        "there their out up who which ok"
    ),
    "es": (
        "el la los las que de no es mi un una por para con muy pero como está gracias hola pedido cuando donde y "
        "en se lo su yo me al del qué quiero todavía"
    ),
    "pt": (
        "o os as que de não é meu minha um uma por para com muito mas como está obrigado obrigada olá pedido "
        "quando onde e em eu do da no na você ainda quero"
    ),
    "fr": (
        "le la les des que de ne pas est mon ma un une pour avec très mais comme merci bonjour commande quand où "
        "et en je vous du au ce cette sur j'ai ai reçu toujours c"
    ),
    "de": (
        "der die das und ist nicht ich sie mein meine ein eine für mit sehr aber wie danke hallo bestellung wann "
        "wo zu auf den im es habe wurde noch kein keine immer"
    ),
    "it": (
        "il lo la gli le che di non è mio mia un una per con molto ma come grazie ciao ordine quando dove e in "
        "sono ho del della ancora mi si questo"
    ),
    "nl": (
        "de het een en is niet ik mijn jullie voor met heel maar hoe dank hallo bestelling wanneer waar van op te "
        "dat die heb nog geen wat er aan"
    ),
}
_LANGUAGES: dict[str, list[str]] = {}
for _code, _words in _COMMON.items():
    for _word in _words.split():
        _LANGUAGES.setdefault(_word, []).append(_code)


def detect(plain: str, hint: str | None = None) -> tuple[str, float]:
    """The language and how sure that is, 0 to 1. A hint (`zh-CN`, `pt`) decides where the text is too short to."""
    code, confidence = _by_script(plain)
    if confidence < _ENOUGH and hint and (known := _HINT.match(hint.lower())):
        return known.group(), max(confidence, 0.5)
    return code, confidence


def _by_script(plain: str) -> tuple[str, float]:
    if plain.isascii():
        return _by_words(plain)
    counts: Counter[str | None] = Counter(map(_SCRIPT.get, [ord(character) >> 6 for character in plain]))
    counts[None] = 0
    kana, han = counts.pop("kana", 0), counts["zh"]
    if kana > 1 and kana * 5 > han:
        return "ja", 0.95
    counts["latin"] //= 4  # a word of Latin letters says about as much as one or two ideographs
    script, count = counts.most_common(1)[0]
    if not count or script is None or script == "latin":
        return _by_words(plain)
    sure = _CONFIDENCE.get(script, 0.95)
    return script, sure if count > 3 else 0.5


def _by_words(plain: str) -> tuple[str, float]:
    """Latin script: whose common words are there."""
    words = _WORD.findall(plain)
    votes = Counter(code for word in words for code in _LANGUAGES.get(word, ()))
    if not votes:
        return UNKNOWN, 0.2
    (code, most), (_, second) = (*votes.most_common(2), ("", 0))[:2]
    return code, min(0.95, 0.35 + 0.15 * (most - second) + 0.2 * most / len(words))
