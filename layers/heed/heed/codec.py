"""Values of the model to JSON and back, without loss: what the table and the queues hold.

Fields at their default are left out, so an item stays small and an older item reads under a newer model.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache, lru_cache
from typing import Any, TypeVar

from heed.values import Value

T = TypeVar("T")


def dumps(value: Any) -> str:
    """A value, or a list of them, as compact JSON. Raises TypeError for what JSON has no form of."""
    return _ENCODE(value)


def loads(kind: type[T], text: str) -> T:
    """The value `kind` from its JSON. Raises ValueError, KeyError or TypeError if it is none."""
    try:
        return from_plain(kind, json.loads(text))
    except RecursionError:
        raise ValueError("nested too deep") from None


def to_plain(value: Any) -> Any:
    """A value as plain JSON values, its defaults left out."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, Value):
        return {name: to_plain(item) for name, item in _said(value).items()}
    return value


def instant(at: datetime) -> str:
    """ISO 8601 as short as it can be without loss."""
    return _utc(at) if at.tzinfo is UTC else _written(at)


def _written(at: datetime) -> str:
    return at.isoformat("T", "microseconds" if at.microsecond % 1000 else "milliseconds").replace("+00:00", "Z")


# A case names the same few times again and again; to write one takes longer than all else of a field.
_utc = lru_cache(256)(_written)


def from_plain(kind: type[T], plain: Any) -> T:
    """The value `kind` from plain JSON values. Raises ValueError, KeyError or TypeError if it is none."""
    return typing.cast(T, _reader(typing.cast(Any, kind))(plain))


def _said(value: Any) -> dict[str, Any]:
    """The fields of a value that are not at their default. Raises TypeError if it is none."""
    required, optional = _fields(typing.cast(Any, type(value)))
    said = {name: getattr(value, name) for name in required}
    for name, default in optional:
        item = getattr(value, name)
        if item is not default and item != default:
            said[name] = item
    return said


def _json(value: Any) -> Any:
    """What the encoder knows nothing of; it writes enums of text as they are."""
    return instant(value) if isinstance(value, datetime) else _said(value)


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_json, check_circular=False).encode


@cache
def _fields(kind: Any) -> tuple[tuple[str, ...], tuple[tuple[str, Any], ...]]:
    """The names of the fields without a default, and the others with theirs: in this order they are declared."""
    if not issubclass(kind, Value):
        raise TypeError(f"{kind.__name__} is no value")
    defaults = kind.field_defaults
    return tuple(name for name in kind.field_types if name not in defaults), tuple(defaults.items())


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """What reads values of a type; `_same` for those that JSON has itself."""
    if kind is datetime:
        return datetime.fromisoformat
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if isinstance(kind, type) and issubclass(kind, Value):
        return _fields_reader(kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        item = _reader(arguments[0])
        return tuple if item is _same else lambda plain: tuple([item(value) for value in plain])
    if origin in (types.UnionType, typing.Union):
        inner = _reader(next(argument for argument in arguments if argument is not type(None)))
        return _same if inner is _same else lambda plain: None if plain is None else inner(plain)
    return _same


def _same(plain: Any) -> Any:
    return plain


def _fields_reader(kind: Any) -> Callable[[Mapping[str, Any]], Any]:
    hints = typing.get_type_hints(kind)
    required, optional = _fields(kind)
    readers = {name: _reader(hints[name]) for name in (*required, *dict(optional))}

    def read(plain: Mapping[str, Any]) -> Any:
        if not isinstance(plain, dict):
            raise TypeError("not an object")
        missing = [name for name in required if name not in plain]
        if missing:
            raise KeyError(", ".join(sorted(missing)))
        return kind(**{name: readers[name](item) for name, item in plain.items() if name in readers})

    return read
