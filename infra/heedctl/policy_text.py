"""Holidays written into a policy file's text: only the lines that change, everything else byte for byte as it was.

`off` and `makeup` belong to the import, one entry a line; `years` says which years they hold. What a brand decides by
hand stands under `days`, which decides before them, and is never touched.
"""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from heed.policy.opening import dates
from infra.heedctl.almanac import Span
from infra.heedctl.target import Failed

# Where a new key goes: behind the last of these that is there.
_BEFORE = {"years": ("week",), "off": ("week", "years"), "makeup": ("week", "years", "off")}
_STEP = "  "

Pair = tuple[yaml.Node, yaml.Node]


def with_year(text: str, calendar: str, year: int, off: Sequence[Span], makeup: Sequence[Span]) -> str:
    """A valid policy's text in which `calendar` knows `year`, with exactly these days off and make-up workdays.

    Idempotent. Raises Failed if the calendar is not written so that lines of it can be changed.
    """
    text = _with_years(_ended(text), calendar, year, known=True)
    text = _with_entries(text, calendar, "off", year, off)
    return _with_entries(text, calendar, "makeup", year, makeup)


def without_year(text: str, calendar: str, year: int) -> str:
    """The way back: `year` is not known, and has neither days off nor make-up workdays. Raises Failed."""
    text = _with_entries(_ended(text), calendar, "makeup", year, ())
    text = _with_entries(text, calendar, "off", year, ())
    return _with_years(text, calendar, year, known=False)


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _with_years(text: str, calendar: str, year: int, known: bool) -> str:
    keys = _keys(text, calendar)
    node = keys["years"][1] if "years" in keys else None
    before = [int(item.value) for item in node.value] if isinstance(node, yaml.SequenceNode) else []
    after = sorted({*before, year} if known else {*before} - {year})
    if after == sorted(before):
        return text
    if node is None:
        return _with_key(text, keys, "years", _flow(after))
    if not after:
        return _without_key(text, *keys["years"])
    if not getattr(node, "flow_style", True):
        raise Failed(f"write the years of {calendar} as {_flow(sorted(before))}, so that one can be added")
    return text[: node.start_mark.index] + _flow(after) + text[node.end_mark.index :]


def _flow(years: Sequence[int]) -> str:
    return f"[{', '.join(map(str, years))}]"


def _with_entries(text: str, calendar: str, key: str, year: int, spans: Sequence[Span]) -> str:
    """`calendar`'s list `key` with exactly `spans` in `year`."""
    keys = _keys(text, calendar)
    node = keys[key][1] if key in keys else None
    items = _items(text, calendar, key, node)
    ours = [item for item in items if _year(item, calendar) == year]
    wanted = [day.isoformat() for span in spans for day in span.days()]
    if sorted(day for item in ours for day in dates(item.value)) == sorted(wanted):
        return text
    if node is None:
        return _with_key(text, keys, key, spans)
    if not spans and len(ours) == len(items):
        return _without_key(text, *keys[key])
    at = _place(text, items, year)
    begin, _ = _line(text, items[0].start_mark.index)
    indent = text[begin : text.index("-", begin)]
    edits = [(*_line(text, item.start_mark.index), "") for item in ours]
    edits.append((at, at, _entries(text, indent, spans)))
    for first, last, lines in sorted(edits, reverse=True):
        text = text[:first] + lines + text[last:]
    return text


def _items(text: str, calendar: str, key: str, node: yaml.Node | None) -> list[yaml.Node]:
    """The entries of a list, refused unless each has a line of its own."""
    items: list[yaml.Node] = node.value if isinstance(node, yaml.SequenceNode) else []
    lines = [_line(text, item.start_mark.index) for item in items]
    alone = all(text[begin:end].lstrip().startswith("- ") for begin, end in lines)
    if isinstance(node, yaml.SequenceNode) and (node.flow_style or not alone):
        raise Failed(f"write {key} of {calendar} with one entry a line, such as `- 2026-01-01`")
    return items


def _entries(text: str, indent: str, spans: Sequence[Span]) -> str:
    return "".join(f"{indent}- {span} # {span.name}{_newline(text)}" for span in spans)


def _place(text: str, items: Sequence[yaml.Node], year: int) -> int:
    """Where entries of `year` begin: before the first of a later year, else behind the last."""
    later = [item for item in items if int(item.value[:4]) > year]
    return _line(text, later[0].start_mark.index)[0] if later else _line(text, items[-1].start_mark.index)[1]


def _year(item: yaml.Node, calendar: str) -> int:
    days = dates(item.value)
    if days[0][:4] != days[-1][:4]:
        raise Failed(f"split {item.value} of {calendar} at New Year, so that each year can be imported by itself")
    return int(days[0][:4])


def _keys(text: str, calendar: str) -> dict[str, Pair]:
    """The keys of a calendar, each with its value. Raises Failed unless they stand on lines of their own."""
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    found = _under(_under(root, "calendars"), calendar)
    if not isinstance(found, yaml.MappingNode) or found.flow_style:
        raise Failed(f"write the calendar {calendar} over several lines, `zone: ...` and `week: ...` each on its own")
    for key, value in found.value:
        if key.value in _BEFORE and value.start_mark.index < key.start_mark.index:
            raise Failed(f"{key.value} of {calendar} is an alias of another calendar's: import into that one")
    return {key.value: (key, value) for key, value in found.value}


def _under(node: yaml.Node | None, name: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == name), None)


def _with_key(text: str, keys: dict[str, Pair], key: str, value: str | Sequence[Span]) -> str:
    """The text with a new key, behind those it follows."""
    behind = max((keys[name] for name in _BEFORE[key] if name in keys), key=lambda pair: pair[0].start_mark.index)
    _, at = _line(text, _end(behind[1]))
    indent = " " * behind[0].start_mark.column
    lines = (
        f" {value}{_newline(text)}"
        if isinstance(value, str)
        else _newline(text) + _entries(text, indent + _STEP, value)
    )
    return f"{text[:at]}{indent}{key}:{lines}{text[at:]}"


def _without_key(text: str, key: yaml.Node, value: yaml.Node) -> str:
    return text[: _line(text, key.start_mark.index)[0]] + text[_line(text, _end(value))[1] :]


def _end(node: yaml.Node) -> int:
    """Just behind a node's last character; a block collection's own mark lies beyond the comments that follow it."""
    if isinstance(node, yaml.ScalarNode) or getattr(node, "flow_style", False) or not node.value:
        return node.end_mark.index
    last = node.value[-1]
    return _end(last[1] if isinstance(node, yaml.MappingNode) else last)


def _line(text: str, index: int) -> tuple[int, int]:
    """Where the line around `index` begins, and where the next one does."""
    return text.rfind("\n", 0, index) + 1, text.index("\n", index) + 1


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
