"""The grammar of GitHub's expressions: text in, tree out."""

from __future__ import annotations

import re
from math import isnan
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from preflight.readers.github.contexts import OTHERWISE
from preflight.readers.github.values import number
from preflight.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_EXPRESSION = 21_000
"""In characters; GitHub refuses a longer one (`MaxLength` in the runner's `ExpressionConstants`)."""

DEEPEST_EXPRESSION = 50
"""Levels of the tree; GitHub refuses a deeper one (`MaxDepth`, same place). Here it bounds parentheses too."""

_MANY = 255
_ARITIES = {
    "contains": (2, 2),
    "startswith": (2, 2),
    "endswith": (2, 2),
    "format": (1, _MANY),
    "join": (1, 2),
    "tojson": (1, 1),
    "fromjson": (1, 1),
    "hashfiles": (1, _MANY),
    "case": (3, _MANY),
    "success": (0, _MANY),
    "failure": (0, _MANY),
    "always": (0, 0),
    "cancelled": (0, 0),
}

_BINDING = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}

_KEYWORDS: dict[str, float | bool | None] = {
    "null": None,
    "true": True,
    "false": False,
    "NaN": float("nan"),
    "Infinity": float("inf"),
}

_WORD = re.compile(r"[^\s()\[\],.!<>=&|]+")
_NUMERAL = re.compile(r"[^\s()\[\],!<>=&|]+")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_SPACE = re.compile(r"\s*")


class InvalidExpression(ValueError):  # noqa: N818 - it names what the text is
    """A text is no expression; the message completes "… is no valid expression: …"."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, number, boolean or null."""

    value: str | float | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A context: `github`; `name` is in lower case, `text` as spelt."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Index:
    """A part of a value: `.key`, `['key']`, `[0]`; `text` is the whole chain as spelt."""

    base: Node
    key: Node
    text: str


@dataclass(frozen=True, slots=True)
class Every:
    """All parts of a value: `.*` or `[*]`; `text` is the whole chain as spelt."""

    base: Node
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; `name` is in lower case, `text` the whole call as spelt."""

    name: str
    arguments: tuple[Node, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Not:
    """`!operand`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`, where the operator is one of `== != < <= > >=`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class And:
    """The first operand that is falsy, else the last."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """The first operand that is truthy, else the last."""

    operands: tuple[Node, ...]


Node: TypeAlias = Literal | Name | Index | Every | Call | Not | Comparison | And | Or


def parse(text: str) -> Node:
    """Return the tree of an expression without its `${{ }}`.

    Raises InvalidExpression for what GitHub refuses: a bad symbol, an unknown function or context, a wrong number of
    arguments, too much length or depth.
    """
    if len(text) > LONGEST_EXPRESSION:
        msg = f"it is longer than {LONGEST_EXPRESSION:,} characters"
        raise InvalidExpression(msg)
    node = _Parser(text).whole()
    if any(depth > DEEPEST_EXPRESSION for _, depth in _walk(node)):
        raise InvalidExpression(_TOO_DEEP)
    return node


def holes(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return start, end and inner expression of every `${{ … }}`; a `}}` in quotes does not close one.

    GitHub refuses a text with an unterminated one; it ends the search here.
    """
    found: list[tuple[int, int, str]] = []
    start = text.find("${{")
    while start >= 0:
        end = _closed(text, start + 3)
        if end < 0:
            break
        found.append((start, end, text[start + 3 : end - 2]))
        start = text.find("${{", end)
    return tuple(found)


def _closed(text: str, at: int) -> int:
    """Return where the hole ends whose expression starts at a place, or -1; time is linear in the text."""
    end = -1
    while True:
        if end < at:
            end = text.find("}}", at)
            if end < 0:
                return -1
        quote = text.find("'", at, end)
        if quote < 0:
            return end + 2
        at = text.find("'", quote + 1) + 1
        if not at:
            return -1


_TOO_DEEP = f"it is nested deeper than {DEEPEST_EXPRESSION} levels"


def _walk(node: Node) -> Iterator[tuple[Node, int]]:
    """Yield every node with its depth, without recursion: the tree may still be too deep for it."""
    waiting = [(node, 1)]
    while waiting:
        current, depth = waiting.pop()
        yield current, depth
        waiting += [(child, depth + 1) for child in _children(current)]


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case Literal() | Name():
            return ()
        case Every(base):
            return (base,)
        case Index(base, key):
            return (base, key)
        case Call(_, children) | And(children) | Or(children):
            return children
        case Not(operand):
            return (operand,)
        case Comparison(_, left, right):
            return (left, right)


class _Parser:
    """One pass over a text by precedence climbing; every method leaves `at` behind what it read."""

    __slots__ = ("at", "nesting", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.nesting = 0

    def whole(self) -> Node:
        node = self._nested()
        if self._next():
            self._refuse()
        return node

    def _nested(self) -> Node:
        self.nesting += 1
        if self.nesting > DEEPEST_EXPRESSION:
            raise InvalidExpression(_TOO_DEEP)
        node = self._binary(1)
        self.nesting -= 1
        return node

    def _binary(self, least: int) -> Node:
        node = self._unary()
        while (operator := self._operator()) and _BINDING[operator] >= least:
            self.at += len(operator)
            node = _joined(operator, node, self._binary(_BINDING[operator] + 1))
        return node

    def _unary(self) -> Node:
        negations = 0
        while self._next() == "!":
            negations += 1
            self.at += 1
        node = self._operand()
        for _ in range(negations):
            node = Not(node)
        return node

    def _operand(self) -> Node:
        character = self._next()
        if character == "'":
            return Literal(self._string())
        if character and character in "+-.0123456789":
            return Literal(self._number())
        start = self.at
        if character == "(":
            self.at += 1
            node = self._nested()
            self._expect(")")
            return self._chain(node, start)
        word = self._word()
        if word in _KEYWORDS:
            return Literal(_KEYWORDS[word])
        if self._next() == "(":
            return self._chain(self._call(word, start), start)
        if word.lower() not in OTHERWISE:
            msg = f"there is no context `{_brief(word)}`"
            raise InvalidExpression(msg)
        return self._chain(Name(word.lower(), word), start)

    def _call(self, word: str, start: int) -> Node:
        name = word.lower()
        if name not in _ARITIES:
            msg = f"there is no function `{_brief(word)}`"
            raise InvalidExpression(msg)
        self.at += 1
        arguments: list[Node] = []
        if self._next() != ")":
            arguments.append(self._nested())
            while self._next() == ",":
                self.at += 1
                arguments.append(self._nested())
        self._expect(")")
        fewest, most = _ARITIES[name]
        if not fewest <= len(arguments) <= most or (name == "case" and len(arguments) % 2 == 0):
            msg = f"`{word}` does not take {len(arguments)} argument{'' if len(arguments) == 1 else 's'}"
            raise InvalidExpression(msg)
        return Call(name, tuple(arguments), self.text[start : self.at])

    def _chain(self, node: Node, start: int) -> Node:
        steps = 0
        while (character := self._next()) and character in ".[":
            self.at += 1
            steps += 1
            if steps > DEEPEST_EXPRESSION:
                raise InvalidExpression(_TOO_DEEP)
            key: Node | None = None
            if self._next() == "*":
                self.at += 1
            elif character == ".":
                key = Literal(self._word())
            else:
                key = self._nested()
            if character == "[":
                self._expect("]")
            chain = self.text[start : self.at]
            node = Index(node, key, chain) if key else Every(node, chain)
        return node

    def _string(self) -> str:
        pieces: list[str] = []
        start = self.at + 1
        while True:
            end = self.text.find("'", start)
            if end < 0:
                msg = "a string is not closed"
                raise InvalidExpression(msg)
            pieces.append(self.text[start:end])
            if self.text[end + 1 : end + 2] != "'":
                break
            start = end + 2
        self.at = end + 1
        return "'".join(pieces)

    def _number(self) -> float:
        found = _NUMERAL.match(self.text, self.at)
        value = number(found[0]) if found else float("nan")
        if found is None or isnan(value):
            self._refuse()
        self.at = found.end()
        return value

    def _word(self) -> str:
        self._next()
        found = _WORD.match(self.text, self.at)
        if found is None or not _IDENTIFIER.fullmatch(found[0]):
            self._refuse()
        self.at = found.end()
        return found[0]

    def _operator(self) -> str:
        self._next()
        pair = self.text[self.at : self.at + 2]
        if pair in _BINDING:
            return pair
        return pair[:1] if pair[:1] in _BINDING else ""

    def _expect(self, character: str) -> None:
        if self._next() != character:
            self._refuse()
        self.at += 1

    def _next(self) -> str:
        """Skip white space and return the next character; empty at the end."""
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.text[self.at : self.at + 1]

    def _refuse(self) -> NoReturn:
        if not self._next():
            msg = "it ends too early" if self.text.strip() else "it is empty"
            raise InvalidExpression(msg)
        found = _WORD.match(self.text, self.at)
        symbol = found[0] if found else self.text[self.at]
        msg = f"unexpected `{_brief(symbol)}` at character {self.at + 1}"
        raise InvalidExpression(msg)


def _joined(operator: str, left: Node, right: Node) -> Node:
    match operator, left:
        case "&&", And(operands):
            return And((*operands, right))
        case "&&", _:
            return And((left, right))
        case "||", Or(operands):
            return Or((*operands, right))
        case "||", _:
            return Or((left, right))
        case _:
            return Comparison(operator, left, right)


def _brief(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
