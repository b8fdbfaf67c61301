"""Programs of Node.js, Deno and Bun, and the commands that they start."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.readers.javascript_tokens import Token, tokens
from preflight.readers.nested import inside
from preflight.readers.scope import Surroundings, joined
from preflight.readers.shell import Command, Redirect, Shell, Word, nested

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST = 128 * 1024
"""The characters of the longest program that is read."""

_STARTERS = re.compile(
    r"(?:async|try|safe|do)?(?:exec|execa|spawn|run|shell|sh|cmd|command|system|x|\$|\$\$)"
    r"(?:(?:[A-Z_]|[fF]ile|Sync|Async)\w{0,40})?"
)
_OTHERS = frozenset({"getExecOutput", "execaCommand", "execaCommandSync", "$sync", "invoke"})
_RECEIVERS = re.compile(
    r"child_?process|cp|shell|shelljs|sh|exec|execa|actions?_?exec|proc|Bun|Deno|utils?|this|\$", re.IGNORECASE
)
_PLAIN = re.compile(r"[\w@./:=,+^ -]*")
_OPEN = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(")]}")
_CONTROL = frozenset({"if", "for", "while", "switch", "catch", "with", "await"})
_MOST_WORDS = 64
_LONGEST_SIGNATURE = 128
_LONGEST_ARGUMENT = 512
_CONDITIONAL = frozenset({")", "&&", "||", "?", ":", "else", "??"})


def commands_in(text: str) -> tuple[Command, ...]:
    """Return the commands that a program starts, in the order of its text.

    A call counts whose function is named like those of `child_process`, execa, zx, tinyexec, shelljs or Bun, or like
    the usual wrappers around them (`run`, `exec`, `sh`, `$`), and whose first argument is a string or template with a
    command line, or a program with an array of arguments. A word that the program may leave out, because a condition
    decides it, is not known, but its text is the literal. Offsets are those of the program's text.
    """
    if len(text) > LONGEST:
        return ()
    return tuple(_Program(text).commands())


class _Program:
    """The tokens of a program, and what its variables hold for certain."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._closing = self._pairs()
        self._bound = self._bindings()
        self._pushes = self._pushing()
        self._arrays: dict[tuple[int, int], list[Word]] = {}
        self._surroundings = Surroundings(lambda _: None)
        self._cwd: str | None = "."
        self._env: dict[str, Word] = {}

    def commands(self) -> Iterator[Command]:
        """Go through the calls in the order of the text."""
        marks = self._tokens
        for at, token in enumerate(marks):
            if token.kind != "name":
                continue
            following = marks[at + 1] if at + 1 < len(marks) else None
            if following is None:
                return
            if token.text == "env" and following.text in {".", "["}:
                self._set_env(at)
            elif token.text in {"chdir", "cd"} and following.text == "(":
                self._change_folder(at)
            elif following.kind == "template" and self._starts(at):
                yield from self._line(following, self._cwd, (), ())
            elif following.text == "(" and self._starts(at) and not self._defines(at + 1):
                yield from self._call(at + 1)

    # -- what names mean ----------------------------------------------------------------------

    def _pairs(self) -> dict[int, int]:
        """Return where the bracket that opens at each token closes."""
        pairs: dict[int, int] = {}
        waiting: list[int] = []
        for at, token in enumerate(self._tokens):
            if token.kind != "mark":
                continue
            if token.text in _OPEN:
                waiting.append(at)
            elif token.text in _CLOSING and waiting:
                pairs[waiting.pop()] = at
        return pairs

    def _bindings(self) -> dict[str, int]:
        """Return the token that begins the value of each name that is assigned exactly once."""
        bound: dict[str, int] = {}
        twice = self._parameters()
        marks = self._tokens
        for at in range(1, len(marks) - 1):
            if marks[at].kind != "mark" or marks[at].text not in {"=", "+="} or marks[at - 1].kind != "name":
                continue
            name = marks[at - 1].text
            if at > 1 and marks[at - 2].text == ".":
                continue
            if name in bound or marks[at].text != "=":
                twice.add(name)
            bound[name] = at + 1
        return {name: at for name, at in bound.items() if name not in twice}

    def _parameters(self) -> set[str]:
        """Return the names that some function takes as parameters, so that they mean other things at other places."""
        names: set[str] = set()
        marks = self._tokens
        for at, token in enumerate(marks):
            if token.text == "=>" and at and marks[at - 1].kind == "name":
                names.add(marks[at - 1].text)
            if token.text != "(" or (at and marks[at - 1].text in _CONTROL):
                continue
            end = self._closing.get(at, at)
            if end - at <= _LONGEST_SIGNATURE and end + 1 < len(marks) and marks[end + 1].text in {"{", "=>", ":"}:
                names.update(inner.text for inner in marks[at + 1 : end] if inner.kind == "name")
        return names

    def _string(self, name: str) -> str | None:
        """Return the string that a name holds for certain."""
        at = self._bound.get(name)
        if at is None or at + 1 > len(self._tokens):
            return None
        token = self._tokens[at]
        following = self._tokens[at + 1] if at + 1 < len(self._tokens) else None
        ends = following is None or following.text in {";", ","} or following.kind == "name"
        return token.text if token.kind in {"string", "template"} and not token.holes and ends else None

    def _starts(self, at: int) -> bool:
        """Tell whether the name at a token is a function that starts commands."""
        marks, name = self._tokens, self._tokens[at].text
        before = marks[at - 1].text if at else ""
        if before in {"function", "async function"}:
            return False
        if before in {".", "?."}:
            receiver = marks[at - 2] if at > 1 else None
            if receiver is None or receiver.kind != "name":
                return False
            if name == "sync":
                return _named(receiver.text)
            return (_named(name) or name == "Command") and _RECEIVERS.search(receiver.text) is not None
        return _named(name)

    def _defines(self, at: int) -> bool:
        """Tell whether a parenthesis holds the parameters of a method and no arguments."""
        end = self._closing.get(at, at) + 1
        return end < len(self._tokens) and self._tokens[end].text == "{"

    # -- calls --------------------------------------------------------------------------------

    def _call(self, at: int) -> Iterator[Command]:
        """Read the arguments of a call whose parenthesis stands at a token."""
        arguments = self._split(at)
        if not arguments:
            return
        first, others = arguments[0], arguments[1:]
        cwd, env = self._options(others)
        lists = [self._array(argument) for argument in others[:1]]
        given = lists[0] if lists else None
        if given is None and others and others[0][0].text == "{":
            given = self._property(others[0], "args")
        whole = self._array(first) if first[0].text == "[" else None
        if whole is None and first[0].text == "{":
            whole = self._property(first, "cmd")
        if whole:
            yield from self._finished(whole, cwd, env)
            return
        line = first[0] if len(first) == 1 else None
        if line is None:
            return
        if line.kind == "name":
            text = self._string(line.text)
            if text is not None:
                yield from self._line(line._replace(kind="value", text=text), cwd, env, given or ())
        elif line.kind in {"string", "template"}:
            yield from self._line(line, cwd, env, given or self._strings(others))

    def _strings(self, arguments: Sequence[Sequence[Token]]) -> list[Word]:
        """Return the arguments that are strings themselves, as in `run('npm', 'publish')`."""
        words: list[Word] = []
        for argument in arguments:
            if len(argument) > 1 or argument[0].kind not in {"string", "template"}:
                break
            words += self._elements(argument)
        return words

    def _split(self, at: int) -> list[list[Token]]:
        """Return what stands between the commas in the bracket that opens at a token."""
        end = self._closing.get(at, at)
        parts: list[list[Token]] = [[]]
        inner = at + 1
        while inner < end:
            token = self._tokens[inner]
            if token.text == "," and token.kind == "mark":
                parts.append([])
                inner += 1
                continue
            stop = self._closing.get(inner, inner)
            parts[-1] += self._tokens[inner : min(stop, end, inner + _LONGEST_ARGUMENT) + 1]
            inner = stop + 1
        return [part for part in parts if part]

    def _index(self, token: Token) -> int:
        """Return the place of a token among all."""
        low, high = 0, len(self._tokens)
        while low < high:
            middle = (low + high) // 2
            if self._tokens[middle].start < token.start:
                low = middle + 1
            else:
                high = middle
        return low

    def _array(self, argument: Sequence[Token]) -> list[Word] | None:
        """Return the words of an array literal, or of the name of one with what is pushed to it."""
        first = argument[0]
        if first.text == "[" and first.kind == "mark":
            return [word for part in self._split(self._index(first)) for word in self._elements(part)]
        if first.kind == "name" and len(argument) == 1:
            at = self._bound.get(first.text)
            if at is None or self._tokens[at].text != "[":
                return [_unknown(first.text, first)] if first.text.lower().endswith(("args", "argv")) else None
            return self._filled(first, at)
        return None

    def _filled(self, name: Token, bound: int) -> list[Word]:
        """Return the words of an array and of what is pushed to it before a use; a condition makes them unknown."""
        pushes = [at for at in self._pushes.get(name.text, ()) if self._tokens[at].start < name.start]
        known = self._arrays.get((bound, len(pushes)))
        if known is not None:
            return known
        words = [word for part in self._split(bound) for word in self._elements(part)]
        for at in pushes:
            before = self._tokens[at - 1].text
            sure = self._tokens[at].depth == self._tokens[bound].depth and before not in _CONDITIONAL
            for part in self._split(at + 3):
                words += (word if sure else _unknown(word.text, part[0]) for word in self._elements(part))
        return self._arrays.setdefault((bound, len(pushes)), words[:_MOST_WORDS])

    def _pushing(self) -> dict[str, list[int]]:
        """Return where something is pushed to each name."""
        pushes: dict[str, list[int]] = {}
        marks = self._tokens
        for at in range(1, len(marks) - 3):
            if marks[at].kind == "name" and marks[at + 1].text == "." and marks[at + 2].text == "push":
                places = pushes.setdefault(marks[at].text, [])
                if len(places) < _MOST_WORDS:
                    places.append(at)
        return pushes

    def _elements(self, part: Sequence[Token]) -> list[Word]:
        """Return the words that one element of an array stands for."""
        first = part[0]
        if len(part) == 1:
            text = self._value(first)
            place = Word("", first.start, first.end)
            return [Word(text, place.start, place.end) if text is not None else _unknown(self._spelling(part), first)]
        possible = [token for token in part if token.kind in {"string", "template"} and part[0].kind != "template"]
        decided = any(token.text in {"?", "&&", "||", "..."} for token in part)
        if decided and possible:
            tested = {at + 1 for at, token in enumerate(part) if token.text in {"===", "!==", "==", "!="}}
            return [
                _unknown(token.text, token) for at, token in enumerate(part) if token in possible and at not in tested
            ]
        return [Word(self._spelling(part), first.start, part[-1].end, known=False)]

    def _value(self, token: Token) -> str | None:
        match token.kind:
            case "string":
                return token.text
            case "number":
                return token.text
            case "name":
                return self._string(token.text)
            case "template":
                text = token.text
                for hole in token.holes:
                    value = self._string(hole)
                    if value is None:
                        return None
                    text = text.replace("${" + hole + "}", value)
                return text
            case _:
                return None

    def _spelling(self, part: Sequence[Token]) -> str:
        return self._text[part[0].start : part[-1].end]

    # -- options and surroundings -------------------------------------------------------------

    def _options(self, arguments: Sequence[Sequence[Token]]) -> tuple[str | None, tuple[tuple[str, Word], ...]]:
        """Return the folder and the variables that an options object gives."""
        cwd, env = self._cwd, tuple(self._env.items())
        for argument in arguments:
            if argument[0].text != "{":
                continue
            for part in self._split(self._index(argument[0])):
                key = part[0].text
                value = part[2] if len(part) > 2 else part[0]
                if key == "cwd":
                    text = self._value(value) if len(part) in {1, 3} else None
                    here = self._spelling(part[2:]) == "process.cwd()" if len(part) > 2 else False
                    cwd = self._cwd if here else joined(self._cwd, text, self._surroundings)
                elif key == "env" and value.text == "{":
                    env += tuple(self._variables(value))
        return cwd, env

    def _variables(self, brace: Token) -> Iterator[tuple[str, Word]]:
        for part in self._split(self._index(brace)):
            if len(part) == 3 and part[1].text == ":":
                text = self._value(part[2])
                spelling = part[2].text if text is None else text
                yield part[0].text, Word(spelling, part[2].start, part[2].end, text is not None)
            elif len(part) > 3 and part[1].text == ":":
                yield part[0].text, Word(self._spelling(part[2:]), part[2].start, part[-1].end, known=False)

    def _property(self, argument: Sequence[Token], name: str) -> list[Word] | None:
        for part in self._split(self._index(argument[0])):
            if len(part) > 2 and part[0].text == name and part[1].text == ":":
                return self._array(part[2:])
        return None

    def _set_env(self, at: int) -> None:
        """Note `process.env.X = …`."""
        marks = self._tokens
        if at < 2 or marks[at - 2].text != "process":
            return
        name = at + 2
        equals = at + 3 if marks[at + 1].text == "." else at + 4
        if equals + 1 >= len(marks) or marks[equals].text != "=":
            return
        text = self._value(marks[equals + 1])
        sure = text is not None and marks[at].depth == 0
        value = marks[equals + 1]
        self._env[marks[name].text] = Word(text or value.text, value.start, value.end, sure)

    def _change_folder(self, at: int) -> None:
        """Note `process.chdir('x')` and `cd('x')`."""
        arguments = self._split(at + 1)
        sure = len(arguments) == 1 and len(arguments[0]) == 1 and self._tokens[at].depth == 0
        text = self._value(arguments[0][0]) if sure else None
        self._cwd = joined(self._cwd, text, self._surroundings)

    # -- commands -----------------------------------------------------------------------------

    def _finished(
        self,
        words: Sequence[Word],
        cwd: str | None,
        env: tuple[tuple[str, Word], ...],
    ) -> tuple[Command, ...]:
        command = Command(tuple(words), *_extent(words), cwd=cwd, env=env)
        found, _ = inside(command, self._surroundings, 0)
        return found

    def _line(
        self,
        line: Token,
        cwd: str | None,
        env: tuple[tuple[str, Word], ...],
        given: Sequence[Word],
    ) -> Iterator[Command]:
        """Read a command line; `given` are arguments that follow it."""
        spelt = line.kind != "value" and "\\" not in self._text[line.start : line.end]
        start, end = (line.start + 1, line.end - 1) if line.kind != "value" else (line.start, line.end)
        if _PLAIN.fullmatch(line.text) and not line.holes and "=" not in line.text.partition(" ")[0]:
            words = [
                Word(found[0], start + found.start(), start + found.end()) if spelt else Word(found[0], start, end)
                for found in re.finditer(r"\S+", line.text)
            ]
            if words:
                yield from self._finished((*words, *given), cwd, env)
            return
        holes = {hole: self._string(hole) for hole in line.holes}
        found = nested(line.text, Shell.BASH, holes.get, 0)

        def place(word: Word) -> Word:
            begins, ends = (word.start + start, word.end + start) if spelt else (start, end)
            text = self._text[begins:ends].strip("\"'") if spelt and line.holes and not word.known else word.text
            return Word(text, begins, ends, word.known)

        for at, command in enumerate(found):
            words = [place(word) for word in command.words]
            if at == len(found) - 1:
                words += given
            folder = command.cwd
            yield Command(
                tuple(words),
                *_extent(words),
                cwd=folder if folder is None or folder.startswith("/") else joined(cwd, folder, self._surroundings),
                env=(*env, *((name, place(word)) for name, word in command.env)),
                redirects=tuple(Redirect(each.operator, place(each.target)) for each in command.redirects),
                stdin=command.stdin,
            )


def _named(name: str) -> bool:
    return name in _OTHERS or _STARTERS.fullmatch(name) is not None


def _extent(words: Sequence[Word]) -> tuple[int, int]:
    """Return where a command begins and ends; arguments may stand before the program, in an array of their own."""
    start = words[0].start
    return start, max(word.end for word in words if word.start >= start)


def _unknown(text: str, token: Token) -> Word:
    return Word(text, token.start, token.end, known=False)
