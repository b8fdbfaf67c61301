"""The values of GitHub's expressions: their coercions, their comparisons, their functions.

How values turn into one another is the runner's `EvaluationResult` and `ExpressionUtility`; in outline it is
https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from math import isinf, isnan
from typing import TYPE_CHECKING, TypeAlias

from preflight.facts.fact import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.facts.fact import Fact

LONGEST_TEXT = 20_000
"""In characters; a text that an expression makes beyond that is not made."""

TOO_LONG = Unknown(f"an expression makes a text of more than {LONGEST_TEXT:,} characters")

MOST_ITEMS = 1_000
"""How long an array may be for a function to look through it."""

_DEEPEST_JSON = 100
_PIECES = r"\{\{|\}\}|\{[0-9]{1,9}\}|[{}]"
_ORDERS: Mapping[str, frozenset[int | None]] = {
    "==": frozenset({0}),
    "!=": frozenset({-1, 1, None}),
    "<": frozenset({-1}),
    "<=": frozenset({-1, 0}),
    ">": frozenset({1}),
    ">=": frozenset({0, 1}),
}
_DIGITS = {"0x": ("0123456789abcdefABCDEF", 16), "0o": ("01234567", 8)}


class Table(Mapping[str, "Value"]):
    """An object; a name is found whatever its case."""

    __slots__ = ("_names", "_values")

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)
        self._names = {fold(name): name for name in self._values}

    def __getitem__(self, name: str) -> Value:
        return self._values[self._names[fold(name)]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __repr__(self) -> str:
        return f"Table({self._values!r})"


class Filtered(tuple["Value", ...]):
    """What `*` gives: a key applies to each item, not to the array."""

    __slots__ = ()


Value: TypeAlias = "str | float | bool | tuple[Value, ...] | Mapping[str, Value] | None"
"""Null, boolean, number, string, array, object; an object that comes from an expression is a `Table`."""


def fold(string: str) -> str:
    """Return a text in the case that GitHub compares in: upper, character by character."""
    if string.isascii():
        return string.upper()
    return "".join(upper if len(upper := character.upper()) == 1 else character for character in string)


def truthy(value: Value) -> bool:
    """Tell whether a value counts as true: all but false, null, 0, NaN and the empty string do."""
    match value:
        case Mapping() | tuple():
            return True
        case float():
            return not isnan(value) and value != 0
        case _:
            return bool(value)


def text(value: Value) -> str:
    """Return the string that a value turns into; a number has at most 15 digits."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case tuple():
            return "Array"
        case Mapping():
            return "Object"
        case _:
            return _numeral(value)


def _numeral(value: float) -> str:
    match value:
        case 0:
            return "0"
        case _ if isnan(value):
            return "NaN"
        case _ if isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        case _:
            return format(value, ".15G")


def number(value: Value) -> float:
    """Return the number that a value turns into, as `Number()` of JavaScript does; NaN for an array or object."""
    match value:
        case None:
            return 0.0
        case str():
            return _parsed(value.strip())
        case tuple() | Mapping():
            return float("nan")
        case _:
            return float(value)


def _parsed(numeral: str) -> float:
    if not numeral:
        return 0.0
    if numeral in {"Infinity", "-Infinity"}:
        return float(numeral)
    alphabet, base = _DIGITS.get(numeral[:2], ("", 10))
    digits = numeral[2:]
    if digits and set(digits) <= set(alphabet):
        value = int(digits, base)
        # The runner reads 32 bits with a sign: 0xffffffff is -1, and more is no number.
        return float("nan") if value >= 1 << 32 else float(value - (1 << 32) if value >= 1 << 31 else value)
    if not set(numeral) <= set("0123456789+-.eE"):
        return float("nan")
    try:
        return float(numeral)
    except ValueError:
        return float("nan")


def compare(operator: str, left: Value, right: Value) -> bool:
    """Apply `==`, `!=`, `<`, `<=`, `>` or `>=`.

    Strings compare without regard to case, everything else as numbers; an array or object equals only itself.
    """
    return _order(left, right) in _ORDERS[operator]


def _order(left: Value, right: Value) -> int | None:
    """Return -1, 0 or 1 for less, equal or more; None for values that have no order."""
    match left, right:
        case str(), str():
            one, other = fold(left), fold(right)
            return (one > other) - (one < other)
        case (tuple() | Mapping(), _) | (_, tuple() | Mapping()):
            return 0 if left is right else None
        case _:
            first, second = number(left), number(right)
            return None if isnan(first) or isnan(second) else (first > second) - (first < second)


def item(value: Value, key: Value) -> Value:
    """Return the part of a value that a key names; null where there is none."""
    match value:
        case Filtered():
            # An absent part is left out here, while one that is null stays.
            return Filtered(found[0] for one in value if (found := _part(one, key)))
        case _:
            found = _part(value, key)
            return found[0] if found else None


def _part(value: Value, key: Value) -> tuple[Value] | tuple[()]:
    match value, key:
        case Mapping(), None | str() | bool() | float() | int():
            table, name = value if isinstance(value, Table) else Table(value), text(key)
            return (table[name],) if name in table else ()
        case tuple(), _:
            position = number(key)
            return (value[int(position)],) if 0 <= position < len(value) else ()
        case _:
            return ()


def items(value: Value) -> Filtered:
    """Return what `*` chooses: all items of an array, all values of an object, of a filtered array those of each."""
    match value:
        case Filtered():
            return Filtered(inner for one in value for inner in items(_plain(one)))
        case tuple():
            return Filtered(value)
        case Mapping():
            return Filtered(value.values())
        case _:
            return Filtered()


def _plain(value: Value) -> Value:
    return tuple(value) if isinstance(value, Filtered) else value


def call(name: str, arguments: tuple[Value, ...]) -> Fact[Value]:
    """Apply a function whose value follows from its arguments; the name is in lower case.

    The arguments are as many as the function takes.
    """
    match name, arguments:
        case "contains" | "join", (tuple() as many, *_) if len(many) > MOST_ITEMS:
            return Unknown(f"`{name}` is given more than {MOST_ITEMS:,} items")
        case "contains", (tuple() as where, what):
            return Known(any(compare("==", one, what) for one in where))
        case "contains" | "startswith" | "endswith", (Mapping() | tuple(), _) | (_, Mapping() | tuple()):
            return Known(value=False)
        case "contains", (where, what):
            return Known(fold(text(what)) in fold(text(where)))
        case "startswith", (where, what):
            return Known(fold(text(where)).startswith(fold(text(what))))
        case "endswith", (where, what):
            return Known(fold(text(where)).endswith(fold(text(what))))
        case "format", (template, *rest):
            return _formatted(text(template), rest)
        case "join", (values, *rest):
            return _joined(values, rest)
        case "tojson", (value,):
            return _assembled(_written(value, "\n"))
        case "fromjson", (value,):
            return _read(text(value))
        case _:
            return Unknown(f"the value of `{name}` is known only at run time")


def _formatted(template: str, arguments: list[Value]) -> Fact[str]:
    pieces: list[str] = []
    at = 0
    for found in re.finditer(_PIECES, template):
        pieces.append(template[at : found.start()])
        at = found.end()
        match found[0]:
            case "{{" | "}}" as brace:
                pieces.append(brace[0])
            case "{" | "}":
                return Unknown("`format` is given a brace that stands alone")
            case place if int(place[1:-1]) < len(arguments):
                pieces.append(text(arguments[int(place[1:-1])]))
            case place:
                return Unknown(f"`format` is given no argument `{place}`")
    return _assembled((*pieces, template[at:]))


def _joined(values: Value, separators: list[Value]) -> Fact[str]:
    match values, separators:
        case Mapping(), _:
            return Known("")
        case tuple(), [None | str() | bool() | float() | int() as separator]:
            between = text(separator)
        case tuple(), _:
            between = ","
        case _:
            return Known(text(values))
    return _assembled(f"{between if position else ''}{text(one)}" for position, one in enumerate(values))


def _written(value: Value, line: str) -> Iterator[str]:
    """Yield the pieces of a value as JSON, indented by two spaces as the runner does."""
    match value:
        case str():
            yield json.dumps(value, ensure_ascii=False)
        case None:
            yield "null"
        case tuple() | Mapping() if not value:
            yield "[]" if isinstance(value, tuple) else "{}"
        case tuple():
            for position, one in enumerate(value):
                yield f"{',' if position else '['}{line}  "
                yield from _written(one, line + "  ")
            yield f"{line}]"
        case Mapping():
            for position, (name, one) in enumerate(value.items()):
                yield f"{',' if position else '{'}{line}  {json.dumps(name, ensure_ascii=False)}: "
                yield from _written(one, line + "  ")
            yield f"{line}}}"
        case _:
            yield text(value)


def _read(string: str) -> Fact[Value]:
    try:
        parsed: object = json.loads(string, parse_int=float)
        return Known(_frozen(parsed, _DEEPEST_JSON))
    except (ValueError, RecursionError):
        return Unknown("`fromJSON` is given a text that is no JSON")


def _frozen(value: object, depth: int) -> Value:
    if not depth:
        raise RecursionError
    match value:
        case list():
            return tuple(_frozen(one, depth - 1) for one in value)
        case dict():
            return Table({str(name): _frozen(one, depth - 1) for name, one in value.items()})
        case str() | bool() | float():
            return value
        case _:
            return None


def _assembled(pieces: Iterable[str]) -> Fact[str]:
    """Return a text made of pieces, unless it gets too long: calls in calls would double it at every level."""
    taken: list[str] = []
    length = 0
    for piece in pieces:
        taken.append(piece)
        length += len(piece)
        if length > LONGEST_TEXT:
            return TOO_LONG
    return Known("".join(taken))
