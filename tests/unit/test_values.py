"""A value is what a frozen dataclass is: each behaviour is asked of both."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import pytest

from heed.values import Value, replace


class Place(Value):
    """Where something is."""

    town: str
    street: str = ""
    number: int = 0


class Other(Value):
    town: str
    street: str = ""
    number: int = 0


@dataclasses.dataclass(frozen=True)
class Plain:
    """The same as a dataclass."""

    town: str
    street: str = ""
    number: int = 0


class Drawn(Value):
    """A value with something worked out of it, and a default that cannot be hashed."""

    town: str
    streets: Mapping[str, int] = MappingProxyType({})

    @cached_property
    def sign(self) -> str:
        return self.town.upper()


KINDS: tuple[Any, ...] = (Place, Plain)
both = pytest.mark.parametrize("kind", KINDS)


@both
def test_fields_are_given_in_order_or_by_name_and_the_rest_is_at_its_default(kind: Any) -> None:
    found = kind("Bonn", number=7)
    assert (found.town, found.street, found.number) == ("Bonn", "", 7)
    assert repr(found) == f"{kind.__name__}(town='Bonn', street='', number=7)"


WRONG: dict[str, Callable[[Any], object]] = {
    "one is missing": lambda kind: kind(street="Am Hof"),
    "one is unknown": lambda kind: kind("Bonn", land="DE"),
    "one is unknown in the place of a missing one": lambda kind: kind(land="DE"),
    "one is given twice": lambda kind: kind("Bonn", town="Köln"),
    "there are too many": lambda kind: kind("Bonn", "Am Hof", 7, "DE"),
}


@both
@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
def test_fields_that_do_not_fit_are_refused(kind: Any, make: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError):
        make(kind)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Place(street="Am Hof"), "Place lacks town"),  # type: ignore[call-arg]
        (lambda: Place("Bonn", land="DE"), "Place has no field land"),  # type: ignore[call-arg]
        (lambda: Place("Bonn", town="Köln"), "Place is given town twice"),  # type: ignore[misc]
        (lambda: Place("Bonn", "Am Hof", 7, "DE"), "Place has 3 fields, 4 are given"),  # type: ignore[call-arg]
        (lambda: replace(Place("Bonn"), land="DE"), "Place has no field 'land'"),  # type: ignore[call-arg]
    ],
)
def test_what_does_not_fit_is_named(make: Callable[[], object], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        make()


@both
def test_nothing_of_it_can_be_changed(kind: Any) -> None:
    found = kind("Bonn")
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.town = "Köln"
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.land = "DE"
    with pytest.raises(dataclasses.FrozenInstanceError):
        del found.town
    assert found == kind("Bonn")


@both
def test_equal_are_those_of_one_class_with_equal_fields(kind: Any) -> None:
    assert kind("Bonn", number=7) == kind("Bonn", "", 7)
    assert kind("Bonn") != kind("Köln")
    assert kind("Bonn") != Other("Bonn")
    assert kind("Bonn") != "Bonn"
    assert len({kind("Bonn"), kind("Bonn", ""), kind("Köln")}) == 2


@both
@pytest.mark.parametrize("change", [replace, dataclasses.replace])
def test_a_copy_with_other_fields_leaves_the_first_as_it_was(kind: Any, change: Any) -> None:
    first = kind("Bonn", "Am Hof", 7)
    second = change(first, number=8, street="")
    assert (first, second) == (kind("Bonn", "Am Hof", 7), kind("Bonn", "", 8))
    assert change(first) == first


def test_a_cached_property_is_worked_out_once_and_is_no_field() -> None:
    found, fresh = Drawn("Bonn"), Drawn("Bonn")
    assert found.sign is found.sign
    assert found == fresh
    assert fresh == found
    assert found != Drawn("Köln")
    assert repr(found) == repr(fresh)


@pytest.mark.parametrize("change", [replace, dataclasses.replace])
def test_a_copy_works_a_cached_property_out_anew(change: Any) -> None:
    found = Drawn("Bonn")
    assert (found.sign, change(found, town="Köln").sign) == ("BONN", "KÖLN")
    with pytest.raises(TypeError):
        change(found, sign="KÖLN")


def test_a_default_that_cannot_be_hashed_is_one_to_dataclasses_too() -> None:
    assert Drawn("Bonn").streets == {}
    assert [field.default for field in dataclasses.fields(Drawn)] == [dataclasses.MISSING, {}]


@both
def test_it_is_copied_and_pickled_whole(kind: Any) -> None:
    found = kind("Bonn", number=7)
    again = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own
    assert copy.copy(found) == copy.deepcopy(found) == again == found


@both
def test_it_is_matched_by_the_order_of_its_fields(kind: Any) -> None:
    match kind("Bonn", "Am Hof", 7):
        case Place(town, _, number) | Plain(town, _, number):
            assert (town, number) == ("Bonn", 7)


def test_to_tools_that_know_dataclasses_it_is_one() -> None:
    assert dataclasses.is_dataclass(Place)
    assert [(field.name, field.type, field.default) for field in dataclasses.fields(Place)] == [
        (field.name, field.type, field.default) for field in dataclasses.fields(Plain)
    ]
    assert inspect.signature(Place).parameters == inspect.signature(Plain).parameters


def test_the_model_loads_neither_dataclasses_nor_inspect() -> None:
    code = "import sys, heed.model; print({'dataclasses', 'inspect', 'typing'} & {*sys.modules})"
    found = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, cwd="layers/heed")
    assert found.stdout.strip() == "set()", found.stderr
