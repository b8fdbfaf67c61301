"""Scripts of PowerShell, read character by character."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.readers.bash_builtins import printed
from preflight.readers.drafts import Draft
from preflight.readers.nested import carried, inside
from preflight.readers.scope import Allowance, Scope, Surroundings, joined, unknown
from preflight.readers.shell import DEEPEST, Command, Shell, Word, unread
from preflight.readers.wrappers import program

if TYPE_CHECKING:
    from collections.abc import Callable

_ASSIGNMENT = re.compile(r"\$(?:\{([^}\n]{1,100})\}|((?:env:)?\w{1,100}))[ \t]{0,50}(\+?=)(?!=)", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:\{([^}\n]{1,100})\}|((?:env:|script:|global:|local:)?\w{1,100}|[?^$_]))", re.IGNORECASE)
_TYPE = re.compile(r"\[[\w.\[\], ]{1,100}\]")
_LOOP = re.compile(r"\([ \t]{0,50}\$(\w{1,100})[ \t]{1,50}in\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]{1,12}(?![\w.:/\\-])")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\n": ""}

_BRANCHES = frozenset({"if", "elseif", "while", "switch", "for", "foreach", "until", "catch", "trap"})
_BLOCKS = frozenset({"else", "do", "try", "finally", "begin", "process", "end", "data", "dynamicparam"})
_ENDINGS = frozenset({"exit", "return", "throw", "break", "continue"})
_FOLDERS = frozenset({"cd", "chdir", "sl", "set-location", "push-location", "pushd"})
_EVALUATORS = frozenset({"iex", "invoke-expression"})
_LISTS = frozenset({"-argumentlist", "-args"})
_MOST_TURNS = 64


def commands(text: str, resolve: Callable[[str], str | None], depth: int = 0) -> tuple[Command, ...]:
    """Return the commands of a PowerShell script in the order in which they run.

    Blocks count once where they stand, also those of functions; a `foreach` over quoted words is unrolled. What a block
    changes is unknown behind it. `depth` counts the scripts around.
    """
    run = _Run(text, Surroundings(resolve), depth)
    at = 0
    while at < len(text):
        at = run.block(at, "") + 1
    return tuple(dict.fromkeys(run.found))


class _Run:
    """One pass through a script."""

    def __init__(self, text: str, surroundings: Surroundings, depth: int) -> None:
        self.found: list[Command] = []
        self._text = text
        self._surroundings = surroundings
        self._depth = depth
        self._scope = Scope()
        self._allowance = Allowance()
        self._over = False

    # -- statements ---------------------------------------------------------------------------

    def block(self, at: int, closing: str) -> int:
        """Go through statements up to a closing bracket, and return where that stands."""
        self._depth += 1
        over = self._over
        if self._depth > DEEPEST or self._allowance.steps <= 0:
            self.found.append(unread(at, len(self._text)))
            at = len(self._text)
        while at < len(self._text) and self._text[at] != closing:
            began = at
            at = max(self._statement(at, closing), at + 1)
            self._allowance.steps -= 1 + (at - began) // 64
        if closing:
            self._over = over
        self._depth -= 1
        return at

    def _statement(self, at: int, closing: str) -> int:
        at = self._blanks(at, lines=True)
        text = self._text
        if at >= len(text) or text[at] == closing:
            return at
        if text[at] in ";|,)}":
            return at + 1
        assigned = _ASSIGNMENT.match(text, at)
        if assigned is not None:
            return self._assignment(assigned, closing)
        keyword = _WORD.match(text, at)
        match keyword[0].lower() if keyword else "":
            case "foreach" if (loop := _LOOP.match(text, self._blanks(at + 7))) is not None:
                return self._foreach(loop)
            case name if name in _BRANCHES:
                return self._branch(at + len(name))
            case name if name in _BLOCKS:
                return self._branch(at + len(name), sure=name in {"try", "finally", "begin", "process", "end"})
            case "function" | "filter" | "param" | "class" | "enum":
                return self._branch(max(text.find("{", at), at + 5) if text[at] != "p" else at + 5)
            case _:
                return self._pipeline(at, closing)

    def _branch(self, at: int, *, sure: bool = False) -> int:
        """Go through the condition and the block of a keyword."""
        at = self._blanks(at, lines=True)
        before = self._scope.fork()
        if self._text[at : at + 1] in {"(", "["}:
            at = self._blanks(
                self._group(at) if self._text[at] == "(" else self._text.find("]", at) + 1 or len(self._text)
            )
            after = self._blanks(at, lines=True)
            at = after if self._text[after : after + 1] == "{" else at
        if self._text[at : at + 1] == "{":
            at = self._group(at)
        if not sure:
            self._scope.merge((before,))
        return at

    def _group(self, at: int) -> int:
        """Go through `( … )` or `{ … }` and return what follows."""
        return self.block(at + 1, ")" if self._text[at] == "(" else "}") + 1

    def _foreach(self, loop: re.Match[str]) -> int:
        end = self._end_of_group(loop.start())
        words = self._list(loop.end(), end - 1)
        body = self._blanks(end, lines=True)
        if self._text[body : body + 1] != "{":
            return end
        if not words or len(words) > min(_MOST_TURNS, self._allowance.rounds):
            self._scope.assign(loop[1].lower(), None)
            self._group(loop.start())
            return self._branch(body)
        self._allowance.rounds -= len(words)
        at = body
        for word in words:
            self._scope.assign(loop[1].lower(), word)
            at = self._group(body)
        return at

    def _list(self, at: int, end: int) -> list[str]:
        """Return the words of `'a', 'b'` or `@('a', 'b')`; none where anything else stands there."""
        text = self._text[at:end].strip()
        if text.startswith("@(") and text.endswith(")"):
            text = text[2:-1]
        words = []
        for part in text.split(",") if len(text) <= 4096 else ():
            word = part.strip()
            if len(word) < 2 or word[0] not in "'\"" or word[-1] != word[0] or "$" in word or word[0] in word[1:-1]:
                return []
            words.append(word[1:-1])
        return words

    def _end_of_group(self, at: int) -> int:
        """Return what follows a bracket's counterpart, without going through what it holds."""
        depth, text = 0, self._text
        self._allowance.steps -= (len(text) - at) // 64
        while at < len(text):
            character = text[at]
            if character in "'\"":
                at = text.find(character, at + 1)
                if at < 0:
                    return len(text)
            elif character in "({":
                depth += 1
            elif character in ")}":
                depth -= 1
                if depth == 0:
                    return at + 1
            at += 1
        return len(text)

    def _assignment(self, found: re.Match[str], closing: str) -> int:
        name = (found[1] or found[2]).lower()
        at = self._blanks(found.end())
        draft = Draft()
        end = self._value(draft, at) if self._text[at : at + 1] in {"'", '"', "$", "@"} else at
        draft.finish(end)
        after = self._blanks(end)
        alone = end > at and (after >= len(self._text) or self._text[after] in ";\n\r}" or self._text[after] == closing)
        word = draft.words[0] if draft.words else Word("", at, end)
        known = alone and found[3] == "=" and word.known
        if not alone:
            end = self._pipeline(at, closing)
            word = Word(self._text[at:end].strip(), at, end, known=False)
        if name.startswith("env:"):
            self._scope.export((found[1] or found[2])[4:], word if known else unknown(word))
        self._scope.assign(name, word.text if known else None)
        return end

    def _line(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end

    # -- commands -----------------------------------------------------------------------------

    def _pipeline(self, at: int, closing: str) -> int:
        """Go through commands joined by `|`, `&&` and `||` up to the end of the statement."""
        stdin: str | None = None
        sure = True
        while at < len(self._text):
            draft, end, called = self._draft(at, closing)
            at = end
            expression = not called and bool(draft.words) and self._expresses(draft.words[0])
            piped = self._text[at : at + 1] == "|" and self._text[at : at + 2] != "||"
            said: str | None = None
            if expression:
                said = self._say(draft)
            elif draft.words and not self._over:
                said = self._perform(draft, stdin, sure=sure)
            stdin = said if piped else None
            if piped:
                at += 1
            elif self._text[at : at + 2] in {"&&", "||"}:
                sure = False
                at += 2
            else:
                return at + 1 if self._text[at : at + 1] == "&" else at
            at = self._blanks(at, lines=True)
        return at

    def _say(self, draft: Draft) -> str | None:
        """Return the text that an expression prints; one that is sent to a file counts as an `echo`."""
        if draft.redirects and not self._over:
            draft.precede("echo")
            command = draft.command(self._scope)
            self.found += () if command is None else (command,)
            return None
        return draft.words[0].text if len(draft.words) == 1 and draft.words[0].known else None

    def _expresses(self, word: Word) -> bool:
        """Tell whether a statement that begins with this word is an expression and no command."""
        first = self._text[word.start : word.start + 1]
        return first in "'\"$@[(-+{" or first.isdigit()

    def _perform(self, draft: Draft, stdin: str | None, *, sure: bool) -> str | None:
        command = draft.command(self._scope, stdin)
        if command is None:
            return None
        name = program(command.words[0]).lower()
        if name in _EVALUATORS and (script := _argument(command.words, "-command")) is not None:
            self.found += carried(script, Shell.POWERSHELL, command, self._surroundings, self._depth)
            return None
        if name in {"start-process", "saps", "start"}:
            command = _started(command)
        found, apart = inside(command, self._surroundings, self._depth)
        self.found += found
        if not apart:
            self._move(found[0])
        if sure and name in _ENDINGS:
            self._over = True
        return (
            printed(command, self._surroundings)
            if name != "write-output"
            else " ".join(w.text for w in command.words[1:])
        )

    def _move(self, command: Command) -> None:
        scope, name = self._scope, program(command.words[0]).lower()
        if name in _FOLDERS:
            if name.startswith("push"):
                scope.folders = (*scope.folders[-63:], scope.cwd)
            target = _argument(command.words, "-path", "-literalpath")
            path = target.text.replace("\\", "/") if target is not None and target.known else None
            scope.enter(joined(scope.cwd, path, self._surroundings))
        elif name in {"popd", "pop-location"}:
            scope.enter(scope.folders[-1] if scope.folders else None)
            scope.folders = scope.folders[:-1]
        elif name in {"remove-item", "ri", "rm", "del"}:
            for word in command.words[1:]:
                if word.text.lower().startswith("env:"):
                    variable = word.text[4:].lstrip("\\/")
                    scope.assign("env:" + variable.lower(), "")
                    scope.export(variable, Word("", word.start, word.end))

    def _draft(self, at: int, closing: str) -> tuple[Draft, int, bool]:
        """Read words up to the end of a command; say whether `&` or `.` calls what the first one names."""
        text, draft, called = self._text, Draft(), False
        at = self._blanks(at)
        if text[at : at + 1] in {"&", "."} and text[at + 1 : at + 2] in {" ", "\t", "'", '"', "$", "("}:
            called, at = True, self._blanks(at + 1)
        while at < len(text):
            character = text[at]
            if character in "\n;|" or text.startswith("&&", at):
                break
            if (character in ")}" and (character == closing or not draft.begun)) or (
                character == "&" and not draft.begun
            ):
                break
            if character.isspace():
                draft.finish(at)
                at += 1
            elif character == "#" and not draft.begun:
                at = self._line(at)
            elif text.startswith("<#", at):
                at = self._past("#>", at)
            elif character == "`":
                at = self._escape(draft, at)
            elif character == ">" and not (draft.begun and draft.words == []):
                operator = ">>" if text.startswith(">>", at) else ">"
                draft.redirect(operator, at)
                at += len(operator) + (2 if text.startswith("&1", at + len(operator)) else 0)
            elif character in "({":
                draft.unknown(character, at)
                before = self._scope.fork()
                at = self._group(at)
                self._scope.merge((before,))
            elif character in "'\"$@":
                at = self._value(draft, at)
            else:
                draft.literal(character, at)
                at += 1
        at = min(at, len(text))
        draft.finish(at)
        return draft, at, called

    def _escape(self, draft: Draft, at: int) -> int:
        following = self._text[at + 1 : at + 2]
        if following in {"\n", "\r"}:
            draft.finish(at)
            return at + (3 if self._text.startswith("\r\n", at + 1) else 2)
        draft.literal(_ESCAPES.get(following, following), at)
        return min(at + 2, len(self._text))

    # -- values -------------------------------------------------------------------------------

    def _value(self, draft: Draft, at: int) -> int:
        """Read a quoted text, a here-string, a variable or a subexpression; return what follows."""
        text = self._text
        if text[at] == "@" and text[at + 1 : at + 2] in {"'", '"'} and text[at + 2 : at + 3] in {"\n", "\r"}:
            quote, begins = text[at + 1], text.find("\n", at) + 1
            ends = text.find(f"\n{quote}@", begins - 1)
            ends = len(text) if ends < 0 else ends
            if quote == "'":
                draft.literal(text[begins:ends], at)
            else:
                draft.literal("", at)
                self._interpolate(draft, begins, ends)
            return min(ends + 3, len(text))
        if text[at] == "'":
            return self._raw(draft, at)
        if text[at] == '"':
            return self._string(draft, at)
        if text[at] == "@":
            if text[at + 1 : at + 2] == "(":
                draft.unknown("@(…)", at)
                return self._group(at + 1)
            if text[at + 1 : at + 2] == "{":
                draft.unknown("@{…}", at)
                return self._end_of_group(at + 1)
            draft.literal("@", at)
            return at + 1
        return self._expansion(draft, at, quoted=False)

    def _raw(self, draft: Draft, at: int) -> int:
        text, begins = self._text, at
        draft.literal("", at)
        while True:
            end = text.find("'", at + 1)
            if end < 0:
                draft.literal(text[at + 1 :], begins)
                return len(text)
            draft.literal(text[at + 1 : end], begins)
            if text[end + 1 : end + 2] != "'":
                return end + 1
            draft.literal("'", begins)
            at = end + 1

    def _string(self, draft: Draft, at: int) -> int:
        draft.literal("", at)
        return self._interpolate(draft, at + 1, len(self._text), quote='"') + 1

    def _interpolate(self, draft: Draft, at: int, end: int, *, quote: str = "") -> int:
        text = self._text
        while at < end:
            character = text[at]
            if character == "`":
                following = text[at + 1 : at + 2]
                draft.literal(_ESCAPES.get(following, following), at)
                at += 2
            elif character == "$":
                at = self._expansion(draft, at, quoted=True)
            elif character == quote:
                if text[at + 1 : at + 2] != quote:
                    return at
                draft.literal(quote, at)
                at += 2
            else:
                draft.literal(character, at)
                at += 1
        return min(at, end)

    def _expansion(self, draft: Draft, at: int, *, quoted: bool) -> int:
        text = self._text
        if text.startswith("$(", at):
            draft.unknown("$(…)", at)
            return min(self._group(at + 1), len(text))
        found = _VARIABLE.match(text, at)
        if found is None:
            draft.literal("$", at)
            return at + 1
        end = found.end()
        if not quoted and text[end : end + 1] in {".", "["} and text[end + 1 : end + 2] not in {"/", "\\"}:
            while end < len(text) and (text[end].isalnum() or text[end] in "._[]'\""):
                end += 1
            draft.unknown(text[at:end], at)
            return end
        value = self._variable((found[1] or found[2]).lower(), found[1] or found[2])
        if value is None:
            draft.unknown(found[0], at)
        else:
            draft.literal(value, at)
        return end

    def _variable(self, name: str, spelling: str) -> str | None:
        scope = self._scope
        name = name.removeprefix("script:").removeprefix("global:").removeprefix("local:")
        if name.startswith("env:"):
            for variable, word in scope.env.items():
                if variable.lower() == name[4:]:
                    return word.text if word.known else None
            value = self._surroundings.resolve(spelling[4:])
            return self._surroundings.resolve(spelling[4:].upper()) if value is None else value
        if name in {"true", "false"}:
            return name.capitalize()
        if name == "pwd":
            return self._surroundings.absolute(scope.cwd)
        if name == "psscriptroot":
            path = self._surroundings.resolve("0")
            return path.rpartition("/")[0] or "." if path else None
        known = scope.variables.get(name)
        if known is None and name not in scope.variables:
            # A hole that the caller made in the text has the name of a variable that no script uses.
            known = self._surroundings.resolve(spelling)
        return known if isinstance(known, str) else None

    def _blanks(self, at: int, *, lines: bool = False) -> int:
        """Return where the next thing stands that is neither blank nor comment."""
        text = self._text
        while at < len(text):
            if text[at] in " \t\r\f\v" or (lines and text[at] == "\n"):
                at += 1
            elif text[at] == "`" and text[at + 1 : at + 2] in {"\n", "\r"}:
                at += 3 if text.startswith("\r\n", at + 1) else 2
            elif text[at] == "#":
                at = self._line(at)
            elif text.startswith("<#", at):
                at = self._past("#>", at)
            else:
                break
        return at

    def _past(self, mark: str, at: int) -> int:
        end = self._text.find(mark, at)
        return len(self._text) if end < 0 else end + len(mark)


def _argument(words: tuple[Word, ...], *names: str) -> Word | None:
    """Return what follows one of the parameters, or the first word that is none."""
    for at, word in enumerate(words[1:], 1):
        if word.text.lower() in names:
            return words[at + 1] if at + 1 < len(words) else None
        if not word.text.startswith("-"):
            return word
    return None


def _started(command: Command) -> Command:
    """Return what `Start-Process` starts."""
    file = _argument(command.words, "-filepath")
    if file is None:
        return command
    words, before = [file], ""
    for word in command.words[command.words.index(file) + 1 :]:
        option, before = before, word.text.lower()
        if before in _LISTS:
            continue
        if word.text.startswith("-") and option not in _LISTS:
            break
        words += [Word(part.strip(), word.start, word.end, word.known) for part in word.text.split(",") if part.strip()]
    return Command(
        tuple(words),
        command.start,
        command.end,
        cwd=command.cwd,
        env=command.env,
        redirects=command.redirects,
    )
