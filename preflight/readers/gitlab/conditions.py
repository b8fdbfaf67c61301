"""What an `if` of a rule comes to, as far as the variables in it are known (docs.gitlab.com, "Job rules")."""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 4_000
TOKENS = 400
DEPTH = 30
NULL = "null"


class Held(Enum):
    """What a variable holds whose text is not known."""

    NOTHING = "nothing"
    """It is not set."""
    SOMETHING = "something"
    BRANCH = "branch"
    """The name of a branch."""
    TAG = "tag"
    """The name of a tag."""
    ANY = "any"
    """Something, or nothing."""


Value = str | Held


def holds(condition: str, value_of: Callable[[str], Value]) -> bool | None:
    """Tell whether a condition is met, given what its variables hold; None where that cannot be told."""
    tokens = _tokens(condition)
    return _Reading(tokens, value_of).whole() if tokens else None


def readable(condition: str) -> bool:
    """Tell whether a condition is one that this reads at all."""
    return bool(_tokens(condition))


def variables(condition: str) -> tuple[str, ...]:
    """Return the names of the variables that a condition looks at."""
    return tuple(dict.fromkeys(_variable().findall(condition[:LONGEST])))


class _Reading:
    """One condition, read from left to right: `!` binds closest, then comparisons, `&&`, `||`."""

    def __init__(self, tokens: tuple[str, ...], value_of: Callable[[str], Value]) -> None:
        self._tokens = tokens
        self._value_of = value_of
        self._at = 0
        self._depth = 0
        self._wrong = False

    def whole(self) -> bool | None:
        found = self._either()
        return None if self._wrong or self._at < len(self._tokens) else found

    def _next(self, *wanted: str) -> str | None:
        if self._at < len(self._tokens) and self._tokens[self._at] in wanted:
            self._at += 1
            return self._tokens[self._at - 1]
        return None

    def _either(self) -> bool | None:
        found = self._both()
        while self._next("||"):
            other = self._both()
            found = True if found or other else None if found is None or other is None else False
        return found

    def _both(self) -> bool | None:
        found = self._compared()
        while self._next("&&"):
            other = self._compared()
            found = False if found is False or other is False else None if found is None or other is None else True
        return found

    def _compared(self) -> bool | None:
        if self._next("!"):
            inner = self._one()
            return None if inner is None or self._next("==", "!=", "=~", "!~") else not inner
        if self._at < len(self._tokens) and self._tokens[self._at] == "(":
            return self._one()
        left = self._value()
        match self._next("==", "!=", "=~", "!~"):
            case None:
                return _truth(left)
            case "==":
                return _same(left, self._value())
            case "!=":
                return _not(_same(left, self._value()))
            case operator:
                found = self._matches(left)
                return found if operator == "=~" else _not(found)

    def _one(self) -> bool | None:
        self._depth += 1
        if self._depth > DEPTH:
            self._wrong = True
            return None
        if self._next("!"):
            return _not(self._one())
        if self._next("("):
            found = self._either()
            self._wrong = self._wrong or self._next(")") is None
            self._depth -= 1
            return found
        return _truth(self._value())

    def _value(self) -> Value:
        token = self._tokens[self._at] if self._at < len(self._tokens) else ""
        self._at += 1
        match token[:1]:
            case "$":
                return self._value_of(token.strip("${}"))
            case '"' | "'":
                return token[1:-1]
            case _:
                self._wrong = self._wrong or token != NULL
                return Held.NOTHING

    def _matches(self, value: Value) -> bool | None:
        token = self._tokens[self._at] if self._at < len(self._tokens) else ""
        self._at += 1
        if value is Held.NOTHING:
            return False
        if not token.startswith("/"):
            return None
        body = token[1:].rpartition("/")[0]
        if body in {".*", "^.*$", ".*?", "^.*"}:
            return None if value is Held.ANY else True
        # The pattern is a stranger's: only alternatives of plain words are compared, nothing is run.
        words = body.removeprefix("^").removesuffix("$").removeprefix("(").removesuffix(")").split("|")
        whole = body.startswith("^") and body.endswith("$") and (len(words) == 1 or body[1:2] == "(")
        if not isinstance(value, str) or not whole or not all(_plain().fullmatch(word) for word in words):
            return None
        return value in words


def _truth(value: Value) -> bool | None:
    match value:
        case str():
            return bool(value)
        case Held.NOTHING:
            return False
        case Held.ANY:
            return None
        case _:
            return True


def _same(left: Value, right: Value) -> bool | None:
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if Held.ANY in (left, right):
        return None
    if Held.NOTHING in (left, right):
        return left is right
    if "" in (left, right) or {left, right} == {Held.TAG, Held.BRANCH}:
        return False
    if Held.TAG in (left, right):
        # `$CI_COMMIT_REF_NAME == "main"` means a branch: the name of a release's tag has a number.
        name = right if left is Held.TAG else left
        return False if isinstance(name, str) and not any(char.isdigit() for char in name) else None
    return None


def _not(found: bool | None) -> bool | None:
    return None if found is None else not found


def _tokens(condition: str) -> tuple[str, ...]:
    """Return the tokens of a condition; none where it is no condition that GitLab reads."""
    found: list[str] = []
    at = 0
    body = condition.strip()
    if len(body) > LONGEST:
        return ()
    while at < len(body):
        token = _token().match(body, at)
        if token is None or len(found) >= TOKENS:
            return ()
        found.append(token[0].strip())
        at = token.end()
    return tuple(found)


@cache
def _token() -> re.Pattern[str]:
    return re.compile(
        r"\s*(?:\$\w+|\$\{\w+\}|\"[^\"]*\"|'[^']*'|/(?:[^/\\]|\\.)*/[a-z]*|==|!=|=~|!~|&&|\|\||!|\(|\)|null\b)\s*"
    )


@cache
def _variable() -> re.Pattern[str]:
    return re.compile(r"\$\{?([A-Za-z_]\w*)")


@cache
def _plain() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z0-9_-]+")
