"""Dataclasses of the model to JSON and back, without loss: what the table and the queues hold.

Fields at their default are left out, so an item stays small and an older item reads under a newer model.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def dumps(value: Any) -> str:
    """A dataclass, or a list of them, as compact JSON."""
    return json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"))


def loads(kind: type[T], text: str) -> T:
    """The dataclass `kind` from its JSON. Raises ValueError, KeyError or TypeError if it is none."""
    try:
        return typing.cast(T, _reader(typing.cast(Any, kind))(json.loads(text)))
    except RecursionError:
        raise ValueError("nested too deep") from None


def to_plain(value: Any) -> Any:
    """A dataclass as plain JSON values, its defaults left out."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if is_dataclass(value):
        found = ((name, getattr(value, name), default) for name, default in _defaults(typing.cast(Any, type(value))))
        return {name: to_plain(item) for name, item, default in found if item is not default and item != default}
    return value


def instant(at: datetime) -> str:
    """ISO 8601 as short as it can be without loss."""
    return at.isoformat(timespec="microseconds" if at.microsecond % 1000 else "milliseconds").replace("+00:00", "Z")


def from_plain(kind: type[T], plain: Any) -> T:
    return typing.cast(T, _reader(typing.cast(Any, kind))(plain))


@cache
def _defaults(kind: type) -> tuple[tuple[str, Any], ...]:
    return tuple((field.name, field.default) for field in fields(kind))


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    if kind is datetime:
        return datetime.fromisoformat
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        item = _reader(arguments[0])
        return lambda plain: tuple(item(value) for value in plain)
    if origin in (types.UnionType, typing.Union):
        inner = _reader(next(argument for argument in arguments if argument is not type(None)))
        return lambda plain: None if plain is None else inner(plain)
    return lambda plain: plain


def _dataclass_reader(kind: Any) -> Callable[[Mapping[str, Any]], Any]:
    hints = typing.get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    required = {field.name for field in fields(kind) if field.default is MISSING}

    def read(plain: Mapping[str, Any]) -> Any:
        if not isinstance(plain, dict):
            raise TypeError("not an object")
        missing = required - plain.keys()
        if missing:
            raise KeyError(", ".join(sorted(missing)))
        return kind(**{name: readers[name](value) for name, value in plain.items() if name in readers})

    return read
