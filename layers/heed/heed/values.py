"""Immutable values: what a frozen dataclass is, without its cost.

A dataclass compiles six methods per class, which was a fifth of a function's start, and copies one of forty fields
through forty keyword arguments, 47 us where a dictionary takes one. A value has its fields in its `__dict__`; nothing
is compiled. To `dataclasses` (`fields`, `replace`, `is_dataclass`) and to mypy a value is a frozen dataclass.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` need not be imported for it
if TYPE_CHECKING:
    from collections.abc import Mapping
    from dataclasses import replace as replace
    from typing import Any, ClassVar, dataclass_transform
else:

    def dataclass_transform(**_):
        return lambda cls: cls

    def replace(value, /, **changes):
        """The value with other fields. Raises TypeError for a name that is none of its fields."""
        if not isinstance(value, Value):
            return _replace_dataclass(value, **changes)
        held, names = {**value.__dict__, **changes}, value.field_types
        if len(held) != len(names):
            if unknown := changes.keys() - names.keys():
                raise TypeError(f"{type(value).__name__} has no field {min(unknown)!r}")
            held = {name: held[name] for name in names}  # a cached property is worked out anew
        copy = _new(type(value))
        _set(copy, "__dict__", held)
        return copy


_new, _set = object.__new__, object.__setattr__


class _Fields:
    """`__dataclass_fields__`, drawn up when something first asks for it."""

    def __get__(self, _: object, kind: type[Value]) -> Any:
        from dataclasses import make_dataclass

        found = make_dataclass(kind.__name__, kind.__annotations__.items()).__dataclass_fields__  # type: ignore[attr-defined]
        for name, default in kind.field_defaults.items():
            found[name].default = default
        type.__setattr__(kind, "__dataclass_fields__", found)
        return found


class _Signature:
    """`__signature__`, for `inspect`: what a value is made of."""

    def __get__(self, _: object, kind: type[Value]) -> Any:
        from inspect import Parameter, Signature

        held = kind.field_defaults
        return Signature(
            [
                Parameter(
                    name, Parameter.POSITIONAL_OR_KEYWORD, default=held.get(name, Parameter.empty), annotation=said
                )
                for name, said in kind.__annotations__.items()
            ]
        )


@dataclass_transform(frozen_default=True)
class Value:
    """Base of a class whose annotated names are its fields, in order; those without a default first.

    Equal are two values of one class with equal fields. Defaults must be immutable. A `functools.cached_property` is no
    field, though kept beside them. A subclass of a value is none of this: no value has fields beside its own.
    """

    if TYPE_CHECKING:
        field_types: ClassVar[Mapping[str, str]]
        field_defaults: ClassVar[Mapping[str, Any]]
    else:
        __dataclass_fields__ = _Fields()
        __signature__ = _Signature()

        def __init__(self, *given, **named):
            names = self.field_types
            if given:
                placed = dict(zip(names, given, strict=False))
                if len(placed) < len(given) or not placed.keys().isdisjoint(named):
                    raise TypeError(_mistake(type(self), given, named))
                named.update(placed)
            held = {**self.field_defaults, **named}
            if len(held) != len(names) or not named.keys() <= names.keys():
                raise TypeError(_mistake(type(self), given, named))
            _set(self, "__dict__", held)

    @classmethod
    def __init_subclass__(cls) -> None:
        own = vars(cls)
        cls.field_types = names = cls.__annotations__
        cls.field_defaults = {name: own[name] for name in names if name in own}
        type.__setattr__(cls, "__match_args__", tuple(names))  # which mypy thinks it has
        for name in cls.field_defaults:
            delattr(cls, name)  # found on the class too, a field is read half as fast

    def __setattr__(self, name: str, _: object) -> None:
        raise _frozen(f"cannot assign to {name!r} of {type(self).__name__}")

    def __delattr__(self, name: str) -> None:
        raise _frozen(f"cannot delete {name!r} of {type(self).__name__}")

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        mine, its, names = self.__dict__, other.__dict__, self.field_types
        if len(mine) == len(its) == len(names):
            return mine == its
        return [mine[name] for name in names] == [its[name] for name in names]

    def __hash__(self) -> int:
        held = self.__dict__
        return hash(tuple([held[name] for name in self.field_types]))

    def __repr__(self) -> str:
        held = self.__dict__
        return f"{type(self).__qualname__}({', '.join([f'{name}={held[name]!r}' for name in self.field_types])})"


def _replace_dataclass(value: Any, **changes: Any) -> Any:
    import dataclasses

    return dataclasses.replace(value, **changes)


def _mistake(kind: type[Value], given: tuple[Any, ...], named: dict[str, Any]) -> str:
    """Why these do not make a value of a class."""
    names = list(kind.field_types)
    placed, known = names[: len(given)], {*names[: len(given)], *named, *kind.field_defaults}
    if len(given) > len(names):
        return f"{kind.__name__} has {len(names)} fields, {len(given)} are given"
    if unknown := [name for name in named if name not in names]:
        return f"{kind.__name__} has no field {', '.join(unknown)}"
    if twice := [name for name in named if name in placed]:
        return f"{kind.__name__} is given {', '.join(twice)} twice"
    return f"{kind.__name__} lacks {', '.join(name for name in names if name not in known)}"


def _frozen(why: str) -> Exception:
    from dataclasses import FrozenInstanceError

    return FrozenInstanceError(why)
