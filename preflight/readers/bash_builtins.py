"""What the shell's own commands do to its scope, and what simple commands print."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.readers.scope import joined

if TYPE_CHECKING:
    from preflight.readers.scope import Scope, Surroundings, Value
    from preflight.readers.shell import Command, Word

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "\n": ""}
_ESCAPE = re.compile(r"\\([ntr\\])")
_DIRECTIVE = re.compile(r"%[sdb%]")


def apply(name: str, words: tuple[Word, ...], scope: Scope, surroundings: Surroundings) -> None:
    """Change the scope the way `cd`, `pushd`, `popd`, `read`, `set --`, `shift`, … do; other commands leave it."""
    match name:
        case "cd" | "chdir":
            scope.enter(_target(words, scope, surroundings))
        case "pushd":
            scope.folders = (*scope.folders[-63:], scope.cwd)
            scope.enter(_target(words, scope, surroundings) if len(words) > 1 else None)
        case "popd":
            scope.enter(scope.folders[-1] if scope.folders else None)
            scope.folders = scope.folders[:-1]
        case "read" | "mapfile" | "readarray" | "getopts":
            for word in words[1:]:
                if not word.text.startswith("-"):
                    scope.assign(word.text, None)
        case "printf" if len(words) > 2 and words[1].text == "-v":
            scope.assign(words[2].text, None)
        case "set":
            for at, word in enumerate(words):
                if word.text == "--":
                    scope.assign("@", words[at + 1 :])
        case "shift":
            scope.assign("@", _shifted(scope.variables.get("@"), words))
        case "source" | "." if len(words) > 1 and words[1].text.rpartition("/")[2].startswith(".env"):
            # A file of settings is made to replace whatever was set before.
            for variable in scope.variables:
                scope.assign(variable, None)
        case _:
            pass


def _shifted(value: Value, words: tuple[Word, ...]) -> Value:
    count = words[1].text if len(words) > 1 else "1"
    return value[int(count) :] if isinstance(value, tuple) and count in {"1", "2", "3"} else None


def _target(words: tuple[Word, ...], scope: Scope, surroundings: Surroundings) -> str | None:
    for word in words[1:]:
        if word.text == "-":
            return scope.previous
        if word.text == "--" or (word.text.startswith("-") and word.known):
            continue
        return joined(scope.cwd, word.text if word.known else None, surroundings)
    return None


def printed(command: Command, surroundings: Surroundings) -> str | None:
    """Return what a command writes to its standard output, where that can be told without running it.

    Unknown parts of an `echo` keep their spelling only where a script is piped on; callers that need certainty look at
    the words.
    """
    if not command.words or any(redirect.operator in {">", ">>", "1>"} for redirect in command.redirects):
        return None
    arguments = command.words[1:]
    match command.words[0].text:
        case "echo":
            return _echoed(arguments)
        case "printf":
            return _formatted(arguments)
        case "cat" if not arguments or (len(arguments) == 1 and arguments[0].text == "-"):
            return command.stdin
        case "pwd":
            return surroundings.absolute(command.cwd)
        case "git" if [word.text for word in arguments] == ["rev-parse", "--show-toplevel"]:
            return surroundings.roots[0] if surroundings.roots else None
        case "dirname" if len(arguments) == 1 and arguments[0].known:
            return arguments[0].text.rstrip("/").rpartition("/")[0] or "."
        case "basename" if len(arguments) == 1 and arguments[0].known:
            return arguments[0].text.rstrip("/").rpartition("/")[2]
        case _:
            return None


def _echoed(words: tuple[Word, ...]) -> str:
    ending, escapes, at = "\n", False, 0
    while at < len(words) and words[at].text in {"-n", "-e", "-ne", "-en", "-E"}:
        ending = "" if "n" in words[at].text else ending
        escapes = escapes or "e" in words[at].text
        at += 1
    text = " ".join(word.text for word in words[at:])
    return (_ESCAPE.sub(_control, text) if escapes else text) + ending


def _formatted(words: tuple[Word, ...]) -> str | None:
    if not words or words[0].text == "-v" or len(words[0].text) > 4096:
        return None
    template = _ESCAPE.sub(_control, words[0].text)
    values = iter(words[1:])

    def value(found: re.Match[str]) -> str:
        word = None if found[0] == "%%" else next(values, None)
        return "%" if found[0] == "%%" else word.text if word else ""

    text = _DIRECTIVE.sub(value, template)
    return text if next(values, None) is None else None


def _control(found: re.Match[str]) -> str:
    return _ESCAPES[found[1]]
