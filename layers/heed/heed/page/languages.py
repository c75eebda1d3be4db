"""Which language the page speaks: the reader's browser says it, else the team's."""

from __future__ import annotations

from collections.abc import Iterator

LANGUAGES = ("en", "zh")


def language_of(accept_language: str, otherwise: str) -> str:
    """The language of LANGUAGES that `Accept-Language` (RFC 9110, section 12.5.4) likes best, else `otherwise`.

    Of two it likes alike the one named first; English for an `otherwise` that the page does not speak.
    """
    liked = max(_liked(accept_language), key=lambda found: found[0], default=None)
    wanted = liked[1] if liked else otherwise
    return wanted if wanted in LANGUAGES else "en"


def _liked(accept_language: str) -> Iterator[tuple[float, str]]:
    for part in accept_language[:500].split(","):
        tag, _, weight = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        quality = _quality(weight)
        if language in LANGUAGES and quality > 0:
            yield quality, language


def _quality(weight: str) -> float:
    name, _, value = weight.strip().lower().partition("=")
    if not name:
        return 1.0
    digits = value.strip()
    valid = name.strip() == "q" and digits.replace(".", "", 1).isdigit() and digits.isascii()
    return float(digits) if valid and float(digits) <= 1 else 0.0
