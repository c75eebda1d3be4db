"""The policy file's YAML as mappings, lists and text, with the line of everything.

The subset is small on purpose: every scalar stays text until the schema gives it a type, so `no` is Norwegian,
`2026-01-04` a key and `0123` an id. Tags are refused, so nothing in the file can be run. Aliases are allowed (two
calendars may share their holidays) and count as what they stand for, so a file cannot unfold without bound.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import yaml

LIMIT_CHARACTERS = 262_144
LIMIT_NODES = 20_000
LIMIT_DEPTH = 20

_TAGS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:str")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake: its line (from 1), where in the file's structure, and what would be right."""

    line: int
    where: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.line}: {self.where}: {self.sentence}" if self.where else f"{self.line}: {self.sentence}"


class Invalid(Exception):
    """The policy file cannot be used. `problems` holds every mistake found, by line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


def quoted(value: object) -> str:
    """What the file says, on one line and without control characters."""
    if isinstance(value, str):
        shown = value if len(value) <= 60 else value[:59] + "…"
        return json.dumps(shown, ensure_ascii=not shown.isprintable())
    return "a list" if isinstance(value, list) else "a mapping"


def where(path: Path) -> str:
    """`targets.P1.within`; places in a list are told by the line, not counted."""
    names = [part for part in path if isinstance(part, str)]
    return ".".join(name if name.isprintable() and len(name) <= 60 else quoted(name) for name in names)


class _Loader(yaml.BaseLoader):
    """Composes nodes and constructs nothing; every scalar resolves to text."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if getattr(event, "tag", None) is not None:
            raise Invalid([Problem(line, "", "tags (!...) have no place in a policy file")])
        self.depth += 1
        if self.depth > LIMIT_DEPTH:
            raise Invalid([Problem(line, "", f"nested deeper than {LIMIT_DEPTH} levels")])
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


class Source:
    """A policy file as read: `tree` (mappings, lists, text), `lines` by path, and the `problems` of its mappings."""

    def __init__(self, text: str) -> None:
        """Raises Invalid when the text is not YAML, or more than a policy file may hold."""
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._nodes = 0
        node = _composed(text)
        self.tree = self._value(node, ())
        if not isinstance(self.tree, dict):
            raise Invalid([Problem(1, "", "a policy file is a mapping that starts with `brands:`")])

    def line(self, path: Path) -> int:
        """The line of what is at `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def _value(self, node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        self._nodes += 1
        if self._nodes > LIMIT_NODES:
            raise Invalid([Problem(line, "", f"the file unfolds to more than {LIMIT_NODES} entries")])
        if len(path) > LIMIT_DEPTH:
            raise Invalid([Problem(line, "", f"nested deeper than {LIMIT_DEPTH} levels")])
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        return node.value

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(Problem(line, where(path), "a key is text, not a list or a mapping"))
            elif key.value in found:
                first = self.lines[(*path, key.value)]
                self.problems.append(
                    Problem(line, where(path), f"{quoted(key.value)} is already given on line {first}")
                )
            else:
                self.lines[(*path, key.value)] = line
                found[key.value] = self._value(value, (*path, key.value))
        return found


def _composed(text: str) -> yaml.Node:
    if len(text) > LIMIT_CHARACTERS:
        raise Invalid([Problem(1, "", f"the file is longer than {LIMIT_CHARACTERS} characters")])
    try:
        node = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Invalid([Problem(mark.line + 1 if mark else 1, "", f"not YAML: {error.problem}")]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Invalid([Problem(line, "", f"the character U+{error.character:04X} is not allowed")]) from None
    except (ValueError, OverflowError):  # an escape or a version beyond what Python's chr and int take
        raise Invalid([Problem(1, "", "not YAML: a number in an escape or a directive is out of range")]) from None
    if node is None:
        raise Invalid([Problem(1, "", "the file is empty")])
    return node
