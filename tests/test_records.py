"""preflight's light dataclasses behave as the standard library's do."""

from __future__ import annotations

import dataclasses
import sys
from types import ModuleType

import pytest

from preflight import records

CODE = """
from __future__ import annotations

from {module} import KW_ONLY, dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 2
    _: KW_ONLY
    name: str = "here"

    @property
    def total(self) -> int:
        return self.x + self.y


@dataclass(slots=True)
class Bag:
    items: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Box(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    a: int
    b: int = 1
"""


def classes(module):
    """Make the same classes with one of the two kinds of dataclass."""
    made = ModuleType(f"made_with_{module.replace('.', '_')}")
    sys.modules[made.__name__] = made
    exec(compile(CODE.format(module=module), made.__name__, "exec"), made.__dict__)
    return made.Point, made.Bag, made.Box, made.Named


LIGHT = classes("preflight.records")
HEAVY = classes("dataclasses")
BOTH = pytest.mark.parametrize("made", [pytest.param(LIGHT, id="ours"), pytest.param(HEAVY, id="the library's")])


@BOTH
def test_fields_are_filled_by_position_name_and_default(made):
    """Every fact is made this way."""
    point = made[0](1, name="there")

    assert (point.x, point.y, point.name, point.total) == (1, 2, "there", 3)


@BOTH
@pytest.mark.parametrize(
    ("values", "named"),
    [
        pytest.param((), {}, id="a field is missing"),
        pytest.param((1, 2, "a"), {}, id="a named field by position"),
        pytest.param((1,), {"z": 1}, id="an unknown field"),
        pytest.param((1,), {"x": 1}, id="a field twice"),
    ],
)
def test_wrong_fields_are_refused(made, values, named):
    """A slip shows where it is made."""
    with pytest.raises(TypeError):
        made[0](*values, **named)


@BOTH
def test_a_frozen_one_cannot_be_changed(made):
    """Facts are shared by all rules."""
    point = made[0](1)

    with pytest.raises(AttributeError):
        point.x = 3


@BOTH
def test_a_frozen_one_loses_no_field(made):
    """Facts are shared by all rules."""
    point = made[0](1)

    with pytest.raises(AttributeError):
        del point.x


@BOTH
def test_equality_and_hash_go_by_value(made):
    """Findings that say the same are one."""
    first, same, other = made[0](1), made[0](1, 2), made[0](1, 3)

    assert (first == same, hash(first) == hash(same), first == other, first == (1, 2, "here")) == (
        True,
        True,
        False,
        False,
    )


@BOTH
def test_defaults_are_made_anew(made):
    """A list is not shared between two walks."""
    first, second = made[1](), made[1]()

    first.items.append(1)

    assert second.items == []


@BOTH
def test_a_match_reads_positional_fields(made):
    """Rules are one `match`."""
    assert (made[0].__match_args__, made[2].__match_args__, made[3].__match_args__) == (("x", "y"), ("value",), ())


@BOTH
def test_slots_leave_no_room_for_more(made):
    """A misspelt field is an error, not a new one."""
    with pytest.raises(AttributeError):
        made[1]().itmes = []


@BOTH
def test_the_text_names_the_fields(made):
    """A failing test should be readable."""
    assert repr(made[3](a=1)).endswith("Named(a=1, b=1)")


def test_a_copy_with_changes_is_like_the_library_s():
    """A fact is changed by making another one."""
    ours, theirs = records.replace(LIGHT[0](1), y=5), dataclasses.replace(HEAVY[0](1), y=5)

    assert (ours.x, ours.y, ours.name) == (theirs.x, theirs.y, theirs.name)


def test_a_child_has_its_parent_s_fields():
    """A field stands where it was said first."""

    @records.dataclass(frozen=True)
    class Parent:
        a: int
        b: int = 2

    @records.dataclass(frozen=True)
    class Child(Parent):
        c: int = 3

    assert (Child(1, 5).c, Child.__match_args__) == (3, ("a", "b", "c"))
