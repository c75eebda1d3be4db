"""How things are written down on their way out: times, JSON, attributes, and text that is not ours."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from heed.values import Value

_ELLIPSIS = "…"


class Outgoing(Value):
    """A message ready to send: its JSON body and its attributes, each a non-empty string."""

    key: str
    body: str
    attributes: Mapping[str, str]

    @property
    def message_attributes(self) -> dict[str, dict[str, str]]:
        """The attributes in the shape that SQS and SNS share."""
        return typed(self.attributes)


Attributes = Mapping[str, str | tuple[str, ...]]


def typed(attributes: Attributes) -> dict[str, dict[str, str]]:
    """Attributes as the SDK takes them. An empty value is left out: SQS and SNS refuse it, and all else with it.

    Several values become SNS's String.Array, of which a subscription's filter needs to hold for any one.
    """
    return {name: _typed(value) for name, value in attributes.items() if value}


def _typed(value: str | tuple[str, ...]) -> dict[str, str]:
    if isinstance(value, str):
        return {"DataType": "String", "StringValue": value}
    if len(value) == 1:
        return _typed(value[0])
    return {"DataType": "String.Array", "StringValue": json.dumps(value)}


def instant(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: `2026-03-12T03:15:00.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant_or_none(at: datetime | None) -> str | None:
    return instant(at) if at is not None else None


def dumps(document: Mapping[str, Any]) -> str:
    """JSON in ASCII: SQS refuses a body with characters outside XML's set, and a refused escalation would be lost."""
    return json.dumps(document, separators=(",", ":"), allow_nan=False)


def one_line(text: str, limit: int) -> str:
    """Text that somebody else wrote, as at most `limit` characters of one line that cannot pass for ours.

    Control, format (bidirectional marks), private-use and unassigned characters and surrogates become spaces, so no
    line can be forged and nothing be reordered; a link's `://` is taken apart, so that no mail client makes it one.
    """
    cleaned = "".join(" " if unicodedata.category(char) in _UNSEEN else char for char in text.replace("://", "[:]//"))
    line = " ".join(cleaned.split())
    return line if len(line) <= limit else line[: max(limit - 1, 0)].rstrip() + _ELLIPSIS


def quoted(excerpt: str | None, limit: int) -> str | None:
    """The customer's words as far as the policy lets them out: None unless `limit` is above 0 and words remain."""
    if excerpt is None or limit <= 0:
        return None
    return one_line(excerpt, limit) or None


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
