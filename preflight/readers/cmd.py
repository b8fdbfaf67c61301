"""Scripts of cmd.exe, read line by line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.readers.bash_builtins import printed
from preflight.readers.drafts import Draft
from preflight.readers.nested import inside
from preflight.readers.scope import Allowance, Scope, Surroundings, joined
from preflight.readers.shell import Command, Word, unread
from preflight.readers.wrappers import program

if TYPE_CHECKING:
    from collections.abc import Callable

_VARIABLE = re.compile(r"[%!]([A-Za-z_]\w{0,99})[%!]")
_PARAMETER = re.compile(r"%{1,2}(?:~[a-z]{0,8})?[A-Za-z0-9*]")
_CONDITIONS = frozenset({"exist", "defined", "errorlevel", "cmdextversion"})
_COMPARISONS = frozenset({"==", "equ", "neq", "lss", "leq", "gtr", "geq"})
_OPTIONS_OF_START = re.compile(r"/[A-Za-z]+")
_MOST_GROUPS = 50


def commands(text: str, resolve: Callable[[str], str | None], depth: int = 0) -> tuple[Command, ...]:
    """Return the commands of a cmd script in the order of its text.

    The bodies of `if` and `for` count once; whatever they change is unknown afterwards. `depth` counts the scripts
    around.
    """
    run = _Run(text, Surroundings(resolve), depth)
    at = 0
    while at < len(text):
        at = run.statement(at)
    return tuple(run.found)


class _Run:
    """One pass through a script."""

    def __init__(self, text: str, surroundings: Surroundings, depth: int) -> None:
        self.found: list[Command] = []
        self._text = text
        self._surroundings = surroundings
        self._depth = depth
        self._scope = Scope()
        self._allowance = Allowance()
        self._groups: list[Scope | None] = []
        """For each open parenthesis the scope before it, where what it holds may not run."""
        self._over = False
        """Whether the script has ended, as far as the next label."""
        self._stdin: str | None = None
        self._spent = False

    def statement(self, at: int) -> int:
        """Read one command with the separator behind it and return where the next begins."""
        text = self._text
        if self._spent:
            return len(text)
        while at < len(text) and text[at] in " \t\r\n@":
            at += 1
        if text[at : at + 1] == ":":
            self._over = self._over and text[at + 1 : at + 2] == ":"
            return self._line_end(at)
        if text[at : at + 3].lower() == "rem" and not text[at + 3 : at + 4].strip():
            return self._line_end(at)
        draft, at = self._draft(at)
        first = draft.words[0].text.lower() if draft.words else ""
        if text[at : at + 1] == "(" and (not first or first in {"if", "else", "for"}):
            if len(self._groups) < _MOST_GROUPS:
                self._groups.append(self._scope.fork() if first else None)
            return at + 1
        separator = text[at : at + 2] if text[at : at + 2] in {"&&", "||"} else text[at : at + 1]
        self._perform(draft, separator)
        if separator == ")" and self._groups:
            before = self._groups.pop()
            if before is not None:
                self._scope.merge((before,))
        return at + max(1, len(separator))

    def _line_end(self, at: int) -> int:
        return self._text.find("\n", at) + 1 or len(self._text)

    def _draft(self, at: int) -> tuple[Draft, int]:
        """Read words up to a separator or a parenthesis."""
        text, draft, quoted = self._text, Draft(), False
        while at < len(text) and text[at] != "\n":
            character = text[at]
            if character == '"':
                quoted = not quoted
                draft.literal("", at)
            elif character in "%!":
                at = self._variable(draft, at, quoted=quoted)
                continue
            elif quoted:
                draft.literal(character, at)
            elif character == "^":
                at += 2 if text.startswith("\r\n", at + 1) else 1
                if text[at : at + 1] != "\n":
                    draft.literal(text[at : at + 1], at - 1)
            elif character.isspace():
                draft.finish(at)
            elif character in "<>":
                operator = ">>" if text.startswith(">>", at) else character
                draft.redirect(operator, at)
                at += len(operator) - 1
                if text[at + 1 : at + 2] == "&":
                    at += 1
            elif character == "(" and draft.words and draft.words[-1].text.lower() == "in":
                at = max(text.find(")", at), at)
                draft.unknown("(…)", at)
            elif character in "&|" or (character == "(" and not draft.begun) or (character == ")" and self._groups):
                break
            else:
                draft.literal(character, at)
            at += 1
        at = min(at, len(text))
        draft.finish(at)
        return draft, at

    def _variable(self, draft: Draft, at: int, *, quoted: bool) -> int:
        found = _VARIABLE.match(self._text, at)
        if found is None:
            found = _PARAMETER.match(self._text, at)
            if found is None or self._text[at] == "!":
                draft.literal(self._text[at], at)
                return at + 1
            draft.unknown(found[0], at)
            return found.end()
        value = self._value(found[1])
        if value is None:
            draft.unknown(found[0], at)
        elif quoted:
            draft.literal(value, at)
        else:
            draft.spread(value, at)
        return found.end()

    def _value(self, name: str) -> str | None:
        if name.upper() == "CD":
            return self._surroundings.absolute(self._scope.cwd)
        if name.upper() in self._scope.variables:
            value = self._scope.variables[name.upper()]
            return value if isinstance(value, str) else None
        value = self._surroundings.resolve(name)
        return self._surroundings.resolve(name.upper()) if value is None else value

    def _perform(self, draft: Draft, separator: str) -> None:
        stdin, self._stdin = self._stdin, None
        mark, possible = _body(draft.words)
        draft.drop(mark)
        command = draft.command(self._scope, stdin)
        if command is None or self._over:
            return
        self._allowance.steps -= 1 + (command.end - command.start + sum(len(word.text) for word in command.words)) // 16
        if self._allowance.steps <= 0:
            self.found.append(unread(command.start, len(self._text)))
            self._spent = True
            return
        before = self._scope.fork() if possible else None
        found, apart = inside(command, self._surroundings, self._depth)
        self.found += found
        if not apart:
            self._apply(found[0])
        self._stdin = printed(command, self._surroundings) if separator == "|" else None
        if before is not None or separator == "||":
            self._scope.merge((before,) if before is not None else ())
        elif program(command.words[0]).lower() in {"exit", "goto"} and all(group is None for group in self._groups):
            self._over = True

    def _apply(self, command: Command) -> None:
        scope, words = self._scope, command.words
        match program(words[0]).lower():
            case "cd" | "chdir" | "pushd" as name:
                if name == "pushd":
                    scope.folders = (*scope.folders[-63:], scope.cwd)
                target = next((word for word in words[1:] if word.text.lower() != "/d"), None)
                if target is not None:
                    path = target.text.replace("\\", "/") if target.known else None
                    scope.enter(joined(scope.cwd, path, self._surroundings))
            case "popd":
                scope.enter(scope.folders[-1] if scope.folders else None)
                scope.folders = scope.folders[:-1]
            case "set" if len(words) > 1:
                self._set(words[1:])
            case _:
                pass

    def _set(self, words: tuple[Word, ...]) -> None:
        text = " ".join(word.text for word in words)
        name, equals, value = text.partition("=")
        if name.startswith("/"):
            self._scope.assign(name.rpartition(" ")[2].upper(), None)
        elif equals and name:
            known = all(word.known for word in words)
            self._scope.assign(name.upper(), value if known else None)
            self._scope.export(name, Word(value, words[0].start, words[-1].end, known))


def _body(words: list[Word]) -> tuple[int, bool]:
    """Return where a command begins behind `if`, `else`, `for` and `call`, and whether it may not run."""
    texts = [word.text.lower() for word in words]
    at, possible = 0, False
    while at < len(texts):
        match texts[at]:
            case "else":
                at, possible = at + 1, True
            case "call":
                at += 1
            case "start":
                at += 1
                while at < len(texts) and (not texts[at] or _OPTIONS_OF_START.fullmatch(texts[at])):
                    at += 1
            case "for" if "do" in texts:
                at, possible = texts.index("do", at) + 1 if "do" in texts[at:] else len(texts), True
            case "if":
                at, possible = _behind_condition(texts, at + 1), True
            case _:
                break
    return at, possible


def _behind_condition(texts: list[str], at: int) -> int:
    while at < len(texts) and texts[at] in {"/i", "not"}:
        at += 1
    if at < len(texts) and texts[at] in _CONDITIONS:
        return at + 2
    if at + 1 < len(texts) and texts[at + 1] in _COMPARISONS:
        return at + 3
    return at + 2 if at < len(texts) and texts[at].endswith("==") else at + 1
