"""Words of bash with quotes removed and variables put in."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from preflight.readers.shell import Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from preflight.readers.bash_tree import Tree
    from preflight.readers.scope import Allowance, Scope, Surroundings, Value

_ESCAPE = re.compile(r"\\(\n|.)", re.DOTALL)
_QUOTED_ESCAPE = re.compile(r'\\(\n|["\\$`])')
_BODY_ESCAPE = re.compile(r"\\(\n|[\\$`])")
_ANSI_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"} | {
    mark: mark for mark in "\\'\"?"
}
_PARAMETER = re.compile(r"\$\{([A-Za-z_]\w*|[0-9@*])(\[[@*0-9]+\])?")
_PLAIN_DEFAULT = re.compile(r"[^$`\"'\\]*")
_RANGE = re.compile(r"\{(\d{1,4})\.\.(\d{1,4})\}")
_BRACES = re.compile(r"([^{}]*)\{([^{}]*,[^{}]*)\}([^{}]*)")
_MOST_SPLIT = 256
WORDS = frozenset({
    "word", "string", "raw_string", "ansi_c_string", "translated_string", "concatenation", "number",
    "simple_expansion", "expansion", "command_substitution", "process_substitution", "arithmetic_expansion",
    "brace_expression", "extglob_pattern", "variable_name", "test_operator", "regex", "special_variable_name",
})  # fmt: skip
"""The kinds of nodes that `Words.fields` reads."""

_EXPANSIONS = frozenset({"simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"})


class Part:
    """A piece of a word: its text, whether it is known, and whether it stands in quotes or may be split."""

    __slots__ = ("known", "quoted", "splits", "text")

    def __init__(self, text: str, *, known: bool = True, quoted: bool = False, splits: bool = False) -> None:
        self.text = text
        self.known = known
        self.quoted = quoted
        self.splits = splits


class Words:
    """What the words of one script mean at the point that its scope describes.

    `substitute` runs the commands of a substitution and returns what they print, where that is known.
    """

    __slots__ = ("allowance", "scope", "substitute", "surroundings", "tree")

    def __init__(
        self,
        tree: Tree,
        scope: Scope,
        surroundings: Surroundings,
        *,
        substitute: Callable[[Node], str | None],
        allowance: Allowance,
    ) -> None:
        self.tree = tree
        self.scope = scope
        self.surroundings = surroundings
        self.substitute = substitute
        self.allowance = allowance

    def fields(self, node: Node) -> list[Word]:
        """Return the words that a node becomes: usually one, none for an empty unquoted variable."""
        start, end = node.start_byte, node.end_byte
        named = node.type == "command_name"
        if named and node.child_count == 1:
            node = node.children[0]
        if node.type == "word":
            text = self.tree.text[start:end]
            if "\\" not in text and "{" not in text:
                return [Word(text, start, end)]
        array = self._array(node)
        if array is not None:
            return [Word(word.text, start, end, word.known) for word in array]
        parts = self._parts(node)
        alternatives = None if named else self._braces(parts)
        if alternatives is not None:
            return [Word(text, start, end) for text in alternatives]
        return self._assembled(parts, start, end)

    def joined(self, node: Node) -> Word:
        """Return a node as one word without splitting, as in an assignment."""
        parts = self._parts(node)
        known = all(part.known for part in parts)
        return Word("".join(part.text for part in parts), node.start_byte, node.end_byte, known)

    def array(self, node: Node) -> tuple[Word, ...]:
        """Return the elements of an array literal."""
        return tuple(word for child in node.named_children if child.type != "comment" for word in self.fields(child))

    def body(self, node: Node) -> str:
        """Return the text of a here-document with known variables put in."""
        return "".join(part.text for part in self._mixed(node, node.start_byte, node.end_byte, _BODY_ESCAPE))

    def _assembled(self, parts: list[Part], start: int, end: int) -> list[Word]:
        fields: list[Word] = []
        text, known, present = "", True, False
        for part in parts:
            if not (part.splits and part.known):
                text += part.text
                known = known and part.known
                present = present or part.quoted or bool(part.text)
                continue
            pieces = part.text.split()
            self.allowance.words -= len(pieces)
            if present and (not pieces or part.text[0].isspace()) and part.text:
                fields.append(Word(text, start, end, known))
                text, known, present = "", True, False
            for piece in pieces[:-1]:
                fields.append(Word(text + piece, start, end, known))
                text, known, present = "", True, False
            if pieces:
                text, present = text + pieces[-1], True
                if part.text[-1].isspace():
                    fields.append(Word(text, start, end, known))
                    text, known, present = "", True, False
        if present:
            fields.append(Word(text, start, end, known))
        return fields

    def _braces(self, parts: list[Part]) -> list[str] | None:
        """Return the alternatives of `a{b,c}` or `{1..3}`."""
        if any(part.quoted or part.splits or not part.known for part in parts):
            return None
        text = "".join(part.text for part in parts)
        numbers = _RANGE.fullmatch(text)
        if numbers:
            first, last = int(numbers[1]), int(numbers[2])
            step = 1 if first <= last else -1
            made = [str(number) for number in range(first, last + step, step)[:_MOST_SPLIT]]
        else:
            alternatives = _BRACES.fullmatch(text)
            if alternatives is None or len(text) > _MOST_SPLIT:
                return None
            made = [alternatives[1] + middle + alternatives[3] for middle in alternatives[2].split(",")]
        self.allowance.words -= len(made)
        return made if self.allowance.words > 0 else None

    def _array(self, node: Node) -> tuple[Word, ...] | None:
        """Return the elements where a node is nothing but `"${a[@]}"`, `"$@"` or their unquoted forms."""
        inner = node
        if node.type == "string":
            named = node.named_children
            if len(named) != 1 or node.end_byte - node.start_byte != named[0].end_byte - named[0].start_byte + 2:
                return None
            inner = named[0]
        if inner.type not in {"simple_expansion", "expansion"}:
            return None
        spelling = self.tree.spelling(inner)
        if spelling in {"$@", "$*", "${@}", "${*}"}:
            value = self.scope.variables.get("@")
        elif spelling.endswith(("[@]}", "[*]}")) and spelling[2:-4].isidentifier():
            value = self.scope.variables.get(spelling[2:-4])
        else:
            return None
        if not isinstance(value, tuple) or self.allowance.words <= 0:
            return None
        self.allowance.words -= len(value)
        return value

    def _parts(self, node: Node) -> list[Part]:
        match node.type:
            case "word" | "number" | "extglob_pattern" | "regex" | "variable_name" | "test_operator":
                text = self.tree.spelling(node)
                return [Part(_ESCAPE.sub(_unescaped, text) if "\\" in text else text)]
            case "raw_string":
                return [Part(self.tree.spelling(node)[1:-1], quoted=True)]
            case "string" | "translated_string":
                return self._string(node)
            case "ansi_c_string":
                return [Part(_ANSI_ESCAPE.sub(_ansi, self.tree.spelling(node)[2:-1]), quoted=True)]
            case "concatenation" | "command_name":
                return [part for child in node.children for part in self._parts(child)]
            case kind if kind in _EXPANSIONS:
                return [self._expansion(node, quoted=False)]
            case "process_substitution":
                self.substitute(node)
                return [Part(self.tree.spelling(node), known=False)]
            case "brace_expression":
                return [Part(self.tree.spelling(node))]
            case _ if not node.is_named:
                return [Part(self.tree.spelling(node))]
            case _:
                return [Part(self.tree.spelling(node), known=False)]

    def _string(self, node: Node) -> list[Part]:
        text = self.tree.text
        start, end = node.start_byte, node.end_byte
        start = text.find('"', start, end) + 1 or start
        if end > start and text[end - 1] == '"':
            end -= 1
        return [Part("", quoted=True), *self._mixed(node, start, end, _QUOTED_ESCAPE)]

    def _mixed(self, node: Node, start: int, end: int, escape: re.Pattern[str]) -> list[Part]:
        """Return quoted text with expansions in it.

        The grammar counts blanks before an expansion as part of it, so the text between is taken from the script.
        """
        text, parts, at = self.tree.text, [], start
        for child in node.children:
            if child.type in _EXPANSIONS:
                first = child.start_byte
                while first < child.end_byte and text[first] not in "$`":
                    first += 1
                parts.append(Part(escape.sub(_unescaped, text[at:first]), quoted=True))
                parts.append(self._expansion(child, quoted=True))
                at = child.end_byte
        parts.append(Part(escape.sub(_unescaped, text[at:end]), quoted=True))
        return parts

    def _expansion(self, node: Node, *, quoted: bool) -> Part:
        spelling = self.tree.spelling(node).lstrip()
        value: Value = None
        match node.type:
            case "simple_expansion":
                value = self.variable(spelling[1:])
            case "expansion":
                value = self._parameter(spelling, node)
            case "command_substitution":
                value = self.substitute(node)
            case _:
                self.substitute(node)
        match value:
            case str(text) if self.allowance.words > 0:
                return Part(text, quoted=quoted, splits=not quoted)
            case (Word(known=True) as first, *_):
                return Part(first.text, quoted=quoted, splits=not quoted)
            case _:
                return Part(spelling, known=False, quoted=quoted)

    def variable(self, name: str) -> Value:
        """Return the value of a variable, None where it is not known."""
        variables = self.scope.variables
        if name.isdigit() and name != "0":
            positional = variables.get("@")
            if not isinstance(positional, tuple):
                return None
            place = int(name) if len(name) < 4 else len(positional) + 1
            return _text(positional[place - 1]) if place <= len(positional) else ""
        if name == "PWD":
            return self.surroundings.absolute(self.scope.cwd)
        if name == "OLDPWD":
            return self.surroundings.absolute(self.scope.previous)
        if name in variables:
            return variables[name]
        return self.surroundings.resolve("0" if name == "BASH_SOURCE" else name)

    def _parameter(self, spelling: str, node: Node) -> Value:
        found = _PARAMETER.match(spelling)
        if found is None:
            self.substitute(node)
            return None
        value = self.variable(found[1])
        rest = spelling[found.end() : -1]
        match found[2]:
            case None:
                pass
            case "[@]" | "[*]":
                value = None
            case index:
                place = int(index[1:-1]) if index[1:-1].isdigit() and len(index) < 6 else -1
                match value:
                    case tuple() if 0 <= place < len(value):
                        value = _text(value[place])
                    case str() if place == 0:
                        pass
                    case _:
                        value = None
        if not rest:
            return value
        self.substitute(node)
        if not isinstance(value, str):
            return None
        return _modified(value, rest)


def _modified(value: str, rest: str) -> str | None:
    """Return what `${X…}` makes of a known value; None for what is not worked out here."""
    operator = rest[:2] if rest[:2] in {":-", ":=", ":+", ":?", "##", "%%"} else rest[:1]
    argument = rest[len(operator) :]
    plain = _PLAIN_DEFAULT.fullmatch(argument) is not None
    match operator:
        case ":-" | ":=":
            return value or (argument if plain else None)
        case "-" | "=" | "?" | ":?":
            return value
        case ":+":
            return (argument if plain else None) if value else ""
        case "#" | "##" | "%" | "%%" if plain and argument and len(value) <= _MOST_SPLIT and len(argument) <= 32:
            lengths = range(len(value) + 1)
            if operator[0] == "#":
                for length in lengths if operator == "#" else reversed(lengths):
                    if fnmatchcase(value[:length], argument):
                        return value[length:]
                return value
            for length in reversed(lengths) if operator == "%" else lengths:
                if fnmatchcase(value[length:], argument):
                    return value[:length]
            return value
        case _:
            return None


def _text(word: Word) -> str | None:
    return word.text if word.known else None


def _unescaped(found: re.Match[str]) -> str:
    return "" if found[1] == "\n" else found[1]


def _ansi(found: re.Match[str]) -> str:
    code = found[1]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8) & 0xFF)
    return _ANSI.get(code, "\\" + code)
