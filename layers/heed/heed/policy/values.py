"""The values of a policy file: text in, compiled value or a sentence out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from heed.platforms import NAMES as PLATFORMS
from heed.policy.source import quoted

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_SECONDS = 400 * 86400
_LISTED = 30

_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_INTERVAL = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)")
_DURATION = re.compile(r"(\d{1,8})([smhd])", re.ASCII)
_NUMBER = re.compile(r"\d{1,8}", re.ASCII)
_SHARE = re.compile(r"0|0?\.\d{1,4}|0\.0{1,4}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2}")
_HEARD_LANGUAGE = re.compile(r"[a-z]{2}|und")


class Wrong(ValueError):
    """What is wrong with a value, as a sentence; `under` leads from the validated value to the very place."""

    def __init__(self, sentence: str, *under: str | int) -> None:
        super().__init__(sentence)
        self.under = under


def listed(allowed: Iterable[str], value: object = "") -> str:
    """The allowed values for a message; of very many, the ones most like `value`."""
    names = list(allowed)
    if len(names) > _LISTED:
        names = [*get_close_matches(str(value)[:60], names, n=5, cutoff=0.0), f"... ({len(names)} in all)"]
    return ", ".join(names)


def one_of(noun: str, allowed: Iterable[str]) -> AfterValidator:
    names = tuple(allowed)

    def check(value: str) -> str:
        if value not in names:
            raise Wrong(f"{quoted(value)} is not a {noun}; choose from {listed(names, value)}")
        return value

    return AfterValidator(check)


def name_of(noun: str, optional: bool = False) -> AfterValidator:
    """A name that the file's own section gives, such as a team.

    A section that is missing is a mistake of its own, unless it is `optional`.
    """

    def check(value: str, info: ValidationInfo) -> str:
        names: tuple[str, ...] = (info.context or {}).get(noun, ())
        if optional and not names:
            raise Wrong(f"{quoted(value)} is not a {noun}; the file gives none, under {noun}s")
        if names and value not in names:
            raise Wrong(f"{quoted(value)} is not a {noun}; choose from {listed(names, value)}")
        return value

    return AfterValidator(check)


def _matches(pattern: re.Pattern[str], rule: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise Wrong(f"{quoted(value)} {rule}")
        return value

    return AfterValidator(check)


def printable(most: int) -> AfterValidator:
    def check(value: str) -> str:
        if not (value.strip() and value.isprintable() and len(value) <= most):
            raise Wrong(f"{quoted(value)} must be 1 to {most} printable characters on one line")
        return value

    return AfterValidator(check)


def whole(least: int, most: int) -> BeforeValidator:
    def read(value: object) -> int:
        if not (isinstance(value, str) and _NUMBER.fullmatch(value) and least <= int(value) <= most):
            raise Wrong(f"{quoted(value)} must be a whole number from {least} to {most}")
        return int(value)

    return BeforeValidator(read)


def _share(value: object) -> float:
    if not (isinstance(value, str) and _SHARE.fullmatch(value)):
        raise Wrong(f"{quoted(value)} must be a share from 0 (no warning) to less than 1, such as 0.75")
    return float(value)


def _truth(value: object) -> bool:
    if value not in ("true", "false"):
        raise Wrong(f"{quoted(value)} is neither true nor false; choose from true, false")
    return value == "true"


def _duration(value: object) -> int:
    """`15m` -> 900 seconds."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 1 <= seconds <= _LONGEST_SECONDS:
        raise Wrong(f"{quoted(value)} is not a duration; write a number and s, m, h or d, such as 15m, from 1s to 400d")
    return seconds


def _delay(value: object) -> int:
    return 0 if value in ("0s", "0m", "0h") else _duration(value)


def _patience(value: object) -> int | None:
    return None if value == "never" else _duration(value)


def _interval(value: object) -> tuple[str, str]:
    found = _INTERVAL.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise Wrong(f"{quoted(value)} is not an interval; write opening and closing such as 09:00-18:00, up to 24:00")
    if found[1] == found[2]:
        raise Wrong(f"{quoted(value)} opens and closes at the same minute; a whole day is 00:00-24:00")
    return found[1], found[2]


def _zone(value: str) -> str:
    zones = sorted(available_timezones() - {"localtime", "Factory"})
    if value not in zones:
        near = get_close_matches(value[:60], zones, n=1)
        hint = f"did you mean {near[0]}?" if near else "choose an IANA name such as Asia/Shanghai or UTC"
        raise Wrong(f"{quoted(value)} is not a time zone; {hint}")
    return value


def _channel_name(value: str) -> str:
    platform, slash, account = value.partition("/")
    if platform not in PLATFORMS or not slash:
        raise Wrong(f"{quoted(value)} is not platform/account; choose the platform from {', '.join(PLATFORMS)}")
    if not _IDENTIFIER.fullmatch(account):
        raise Wrong(f"{quoted(account)} is not an account; it must be 1 to 63 of a-z, 0-9 and -, and not start with -")
    return value


Identifier = Annotated[str, _matches(_IDENTIFIER, "must be 1 to 63 of a-z, 0-9 and -, and not start with -")]
Language = Annotated[str, _matches(_LANGUAGE, "is not a language; write its ISO 639-1 code such as zh or en")]
HeardLanguage = Annotated[
    str, _matches(_HEARD_LANGUAGE, "is not a language; write its ISO 639-1 code such as zh or en, or und for unknown")
]
Duration = Annotated[int, BeforeValidator(_duration)]
Delay = Annotated[int, BeforeValidator(_delay)]
Truth = Annotated[bool, BeforeValidator(_truth)]
Patience = Annotated[int | None, BeforeValidator(_patience)]
Share = Annotated[float, BeforeValidator(_share)]
Interval = Annotated[tuple[str, str], BeforeValidator(_interval)]
Zone = Annotated[str, AfterValidator(_zone)]
ChannelName = Annotated[str, AfterValidator(_channel_name)]
