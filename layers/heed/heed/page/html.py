"""The page as HTML: one file, no script, every text escaped by the one function that makes an element."""

from __future__ import annotations

import base64
import hashlib
import html
from enum import StrEnum
from pathlib import Path

from heed.announcing.facts import NAME_LIMIT
from heed.page.shown import Shown
from heed.page.words import WORDS, Words

STYLE = Path(__file__).with_name("page.css").read_text("utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

# Nothing is loaded, run or framed; forms go nowhere but here; the one style is named by its hash.
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Trouble(StrEnum):
    """Why there is nothing to show."""

    GONE = "gone"
    REFUSED = "refused"
    FAILED = "failed"


class Markup(str):
    """Text that is HTML already. Only `_element` and `_document` make it."""

    __slots__ = ()


def page(shown: Shown, language: str) -> str:
    """The page of a case in a language of `languages.LANGUAGES`."""
    words = WORDS[language]
    return _document(
        language,
        f"{shown.case_id} · {shown.priority}",
        _element("header", _element("b", "Heed"), _element("span", shown.case_id)),
        _hero(shown, words),
        _actions(shown, words),
        _element(
            "dl", *(_element("div", _element("dt", name), _element("dd", said)) for name, said in words.facts(shown))
        ),
        _element("footer", words.footer(shown)),
    )


def trouble_page(trouble: Trouble, request_id: str = "") -> str:
    """A page that tells nothing of any case, in every language: whose reader it is was not shown."""
    said = [_element("p", getattr(words, trouble), lang=language) for language, words in WORDS.items()]
    reference = [_element("footer", request_id)] if request_id else []
    return _document("en", "Heed", _element("header", _element("b", "Heed")), _element("section", *said), *reference)


def _hero(shown: Shown, words: Words) -> Markup:
    tags = (_element("span", shown.priority), _element("span", words.status(shown)))
    lines = [_element("p", *tags, class_="tags"), _element("h1", words.headline(shown))]
    if shown.promise and shown.resolved_at is None:
        lines.append(_element("p", words.promised(shown.promise)))
    return _element("section", *lines, class_=shown.standing)


def _actions(shown: Shown, words: Words) -> Markup:
    made: list[Markup] = []
    if shown.may_acknowledge:
        said = {"placeholder": words.name, "aria-label": words.name}
        field = _element("input", name="name", maxlength=str(NAME_LIMIT), autocomplete="name", **said)
        made.append(_element("form", field, _element("button", words.acknowledge), method="post"))
    elif shown.taken_by:
        made.append(_element("p", words.done(shown), class_="done", role="status"))
    if shown.open_url:
        made.append(_element("a", words.open, href=shown.open_url, rel="noopener noreferrer"))
    return _element("nav", *made)


def _document(language: str, title: str, *body: Markup) -> str:
    head = (
        Markup('<meta charset="utf-8">'),
        _element("title", title),
        _element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        _element("meta", name="color-scheme", content="light dark"),
        _element("style", Markup(STYLE)),
    )
    whole = _element("html", _element("head", *head), _element("body", _element("main", *body)), lang=language)
    return f"<!doctype html>{whole}\n"


_VOID = frozenset({"input", "meta"})


def _element(name: str, /, *content: str, **attributes: str) -> Markup:
    """An element; content that is not Markup, and every attribute's value, is escaped. `class_` stands for `class`."""
    told = "".join(f' {key.rstrip("_")}="{html.escape(value)}"' for key, value in attributes.items())
    inner = "".join(part if isinstance(part, Markup) else html.escape(part) for part in content)
    return Markup(f"<{name}{told}>" if name in _VOID else f"<{name}{told}>{inner}</{name}>")
