"""Tokens of JavaScript and TypeScript: as much of the languages as tells code from strings and comments."""

from __future__ import annotations

import re
from typing import NamedTuple

_BLANKS = re.compile(r"\s+")
_NAME = re.compile(r"[A-Za-z_$#\u0080-\uffff][\w$]*")
_NUMBER = re.compile(r"\.?[0-9][\w.]*")
_PUNCTUATION = re.compile(r"=>|\.\.\.|&&=?|\|\|=?|\?\?=?|\?\.|===?|!==?|[+*/%^|&<>-]=|\+\+|--|.", re.DOTALL)
_STRING = {"'": re.compile(r"'(?:[^'\\\n]|\\.)*'?", re.DOTALL), '"': re.compile(r'"(?:[^"\\\n]|\\.)*"?', re.DOTALL)}
# Longer ones do not occur, and every slash of a hostile line would be tried as the beginning of one.
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,200}\]){1,500}/\w{0,8}")
_ESCAPE = re.compile(r"\\(u\{[0-9A-Fa-f]{1,6}\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|\r\n|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_BEFORE_REGEX = frozenset(
    ["return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "throw", "new", "await", "yield"],
)
_PLAIN_HOLE = re.compile(r"\$\{([A-Za-z_]\w*)\}")


class Token(NamedTuple):
    """A piece of code: `name`, `string`, `template`, `number`, `regex` or `mark`.

    `text` is the spelling, of a string its value. `depth` counts the braces around. `holes` are the names and the
    expressions of a template's `${…}`, which stand in `text` as variables of the same length.
    """

    kind: str
    text: str
    start: int
    end: int
    depth: int
    holes: tuple[str, ...] = ()


def tokens(text: str) -> list[Token]:
    """Return the tokens of a program; what is broken is passed over."""
    found: list[Token] = []
    at = depth = 0
    if text.startswith("#!"):
        at = _line(text, 0)
    while at < len(text):
        character, start = text[at], at
        if blank := _BLANKS.match(text, at):
            at = blank.end()
        elif text.startswith("//", at):
            at = _line(text, at)
        elif text.startswith("/*", at):
            end = text.find("*/", at + 2)
            at = len(text) if end < 0 else end + 2
        elif character in _STRING:
            string = _STRING[character].match(text, at)
            at = string.end() if string else at + 1
            closed = at - start > 1 and text[at - 1] == character
            found.append(Token("string", cooked(text[start + 1 : at - 1 if closed else at]), start, at, depth))
        elif character == "`":
            at = _template_end(text, at)
            value, holes = _template(text, start + 1, max(start + 1, at - 1))
            found.append(Token("template", value, start, at, depth, holes))
        elif name := _NAME.match(text, at):
            at = name.end()
            found.append(Token("name", name[0], start, at, depth))
        elif number := _NUMBER.match(text, at):
            at = number.end()
            found.append(Token("number", number[0], start, at, depth))
        elif character == "/" and _regex_may_begin(found) and (regex := _REGEX.match(text, at)):
            at = regex.end()
            found.append(Token("regex", regex[0], start, at, depth))
        else:
            mark = _PUNCTUATION.match(text, at)
            spelling = mark[0] if mark else character
            at += len(spelling)
            if spelling == "}":
                depth = max(0, depth - 1)
            found.append(Token("mark", spelling, start, at, depth))
            if spelling == "{":
                depth += 1
    return found


def cooked(spelling: str) -> str:
    """Return the value of a string's characters."""
    return _ESCAPE.sub(_escaped, spelling) if "\\" in spelling else spelling


def _escaped(found: re.Match[str]) -> str:
    code = found[1]
    if code[0] in "ux" and len(code) > 1:
        number = int(code[1:].strip("{}"), 16)
        return chr(number) if number <= 0x10FFFF else ""
    return _ESCAPES.get(code, code)


def _line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _regex_may_begin(found: list[Token]) -> bool:
    if not found:
        return True
    last = found[-1]
    match last.kind:
        case "name":
            return last.text in _BEFORE_REGEX
        case "mark":
            return last.text not in {")", "]", "}", "++", "--"}
        case _:
            return False


def _template_end(text: str, at: int) -> int:
    """Return what follows the template that begins at a backtick."""
    waiting = ["`"]
    at += 1
    while at < len(text) and waiting:
        character = text[at]
        if character == "\\":
            at += 2
            continue
        if waiting[-1] == "`":
            if character == "`":
                waiting.pop()
            elif text.startswith("${", at):
                waiting.append("}")
                at += 1
        elif character in _STRING:
            string = _STRING[character].match(text, at)
            at = string.end() if string else at + 1
            continue
        elif character in "`{":
            waiting.append("`" if character == "`" else "}")
        elif character == "}":
            waiting.pop()
        at += 1
    return min(at, len(text))


def _template(text: str, at: int, end: int) -> tuple[str, tuple[str, ...]]:
    """Return a template's value with variables for its holes, and what the holes hold."""
    parts: list[str] = []
    holes: list[str] = []
    begins = at
    while at < end:
        if text[at] == "\\":
            at += 2
        elif text.startswith("${", at):
            parts.append(cooked(text[begins:at]))
            begins = at
            at = min(_hole_end(text, at + 2), end)
            plain = _PLAIN_HOLE.fullmatch(text, begins, at)
            size = at - begins
            holes.append(text[begins + 2 : at - 1])
            parts.append(plain[0] if plain else "${" + "_" * (size - 3) + "}" if size > 3 else "$" + "_" * (size - 1))
            begins = at
        else:
            at += 1
    parts.append(cooked(text[begins:end]))
    return "".join(parts), tuple(holes)


def _hole_end(text: str, at: int) -> int:
    depth = 1
    while at < len(text):
        character = text[at]
        if character in _STRING:
            string = _STRING[character].match(text, at)
            at = string.end() if string else at + 1
            continue
        if character == "`":
            at = _template_end(text, at)
            continue
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return at
