"""What HTML says, for the desks that write messages in it: Intercom, Zendesk.

No tag, script or style comes out, blocks become lines. Every pattern is linear in what it reads: `html.parser` of
Python 3.11 takes minutes over 100 kB of `<a `, and `html.unescape` raises over a reference of many digits, so neither
sees what a stranger wrote.
"""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

from heed.model import Attachment, AttachmentKind
from heed.platforms import fields

# Far more than a message that is kept whole.
LIMIT = 200_000

_ATTRIBUTES = r"""(?:[^<>"']|"[^"]*"|'[^']*')*+"""
# What is never closed hides the rest, as it does on a screen.
_TOKEN = re.compile(
    rf"""<!--(?:.*?-->|.*)
    |<(?P<unseen>script|style|template|title)\b{_ATTRIBUTES}>(?:.*?</(?P=unseen)\s*>|.*)
    |</?(?P<tag>[a-z][a-z0-9]*)(?P<attributes>{_ATTRIBUTES})>
    |<[!?/][^<>]*>""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_SOURCE = re.compile(r"""\ssrc=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});?", re.IGNORECASE)
# fmt: off
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul",
})
# fmt: on


class Said(NamedTuple):
    """The words, and the images between them."""

    text: str
    images: tuple[Attachment, ...]


def read(html: object) -> Said:
    """What a person sees of a piece of HTML; nothing where it is absent. Raises Misread("text") if it is no text."""
    images: list[Attachment] = []

    def shown(token: re.Match[str]) -> str:
        tag = (token["tag"] or "").lower()
        source = _SOURCE.search(token["attributes"]) if tag == "img" else None
        address = fields.url(_words(source[1] or source[2] or source[3] or "")) if source else ""
        if address and len(images) < fields.ATTACHMENT_LIMIT:
            images.append(Attachment(AttachmentKind.IMAGE, address))
        return "\n" if tag in _BLOCKS else ""

    # A line break in the source is a space on the screen, and a block is a line.
    marked = _TOKEN.sub(shown, " ".join(fields.text(html, LIMIT).split()))
    lines = (" ".join(_words(line).split()) for line in marked.split("\n"))
    return Said(fields.text("\n".join(line for line in lines if line)), tuple(images))


def _words(text: str) -> str:
    return _REFERENCE.sub(lambda found: unescape(found[0]), text)
