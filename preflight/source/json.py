"""JSON as RFC 8259 has it, with comments on request, read with every place kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.source.document import Ambiguity, Document, Doubt
from preflight.source.nodes import Entry, Mapping, Number, Scalar, Sequence
from preflight.source.problems import SyntaxProblem

if TYPE_CHECKING:
    from preflight.source.nodes import Node
    from preflight.source.text import Source

SIZE = 1024 * 1024
DEPTH = 200

BLANK = " \t\n\r"
PLAIN = r'[^"\\\x00-\x1f]*'
STRING = re.compile(rf'"{PLAIN}(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{{4}}){PLAIN})*"')
KEY = re.compile(rf"[ \t\n\r]*({STRING.pattern})[ \t\n\r]*:[ \t\n\r]*")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
SPACE = re.compile(r"[ \t\n\r]*")
NEXT = re.compile(r"[ \t\n\r]*([,\]}]?)")
# Few files need this one and the two below: `re` compiles and keeps what is used.
ESCAPE = r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\(.)"
ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
COMMENT = r'["]|//|/\*'
HALF = "[\ud800-\udfff]"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def read(source: Source, *, comments: bool = False) -> Document:
    """Read a JSON file; `comments` allows comments and a comma after the last item, as many tools' settings do.

    A key that stands twice is kept twice, and noted, since the last one counts for npm but not for every program. Half
    a surrogate pair becomes U+FFFD, which is what a registry receives, and is noted too.

    Reads at most 1 Mi characters and 200 levels. Raises SyntaxProblem for anything beyond and for what is no JSON.
    """
    return _Reader(source).document(comments=comments)


def unescape(spelt: str) -> str:
    """Return what a JSON string between its quotes stands for; half a surrogate pair stays one."""
    return re.sub(ESCAPE, _unescaped, spelt) if "\\" in spelt else spelt


def _unescaped(escape: re.Match[str]) -> str:
    high, low, single, sign = escape.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    if single:
        return chr(int(single, 16))
    return ESCAPED.get(sign, sign)


def uncommented(text: str) -> str:
    """Return the text with blanks in the place of its comments."""
    parts = []
    done = 0
    found = re.search(COMMENT, text)
    while found:
        start = found.start()
        if found[0] == '"':
            string = STRING.match(text, start)
            if string is None:
                break
            stop = string.end()
        else:
            line = found[0] == "//"
            stop = text.find("\n" if line else "*/", start + 2)
            if stop < 0 and not line:
                break
            stop = len(text) if stop < 0 else stop if line else stop + 2
            parts += [text[done:start], re.sub(r"[^\n]", " ", text[start:stop])]
            done = stop
        found = re.compile(COMMENT).search(text, stop)
    return "".join([*parts, text[done:]])


class _Reader:
    """Builds the tree of one file, without recursion."""

    __slots__ = ("ambiguities", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.ambiguities: list[Ambiguity] = []

    # One loop over all values is what makes it fast.
    def document(self, *, comments: bool) -> Document:  # noqa: PLR0915
        source = self.source
        text = source.text
        if len(text) > SIZE:
            raise self.refusal(f"it is larger than {SIZE // 1024} KiB", 0)
        if comments:
            text = uncommented(text)
        string_at, next_at = STRING.match, NEXT.match
        # The open collections around the current one: their items, keys and start.
        stack: list[tuple[list[Node], list[Scalar] | None, int]] = []
        items: list[Node] = []
        keys: list[Scalar] | None = None
        opened = 0
        node: Node
        at = self.skip(text, 0)
        while True:
            sign = text[at : at + 1]
            start = at
            if sign == '"':
                string = string_at(text, at)
                if string is None:
                    raise self.string_refusal(text, at)
                at = string.end()
                spelt = text[start + 1 : at - 1]
                if "\\" in spelt:
                    spelt = self.unescape(spelt, start, at)
                node = Scalar(source, start, at, spelt, spelt)
            elif sign in ("{", "["):
                stack.append((items, keys, opened))
                if len(stack) > DEPTH:
                    raise self.refusal(f"it nests more than {DEPTH} levels deep", at)
                items, keys, opened = [], [] if sign == "{" else None, at
                at = self.skip(text, at + 1)
                closing = "}" if sign == "{" else "]"
                if text[at : at + 1] != closing:
                    if keys is not None:
                        at = self.key(text, at, keys)
                    continue
                at += 1
                items, keys, opened = stack.pop()
                node = Mapping(source, start, at, ()) if sign == "{" else Sequence(source, start, at, ())
            elif sign and sign in "-0123456789":
                number = NUMBER.match(text, at)
                if number is None:
                    raise self.refusal("a digit is missing after `-`", at)
                at = number.end()
                node = Scalar(source, start, at, Number(number[0]), number[0])
            else:
                word = next((word for word in WORDS if text.startswith(word, at)), None)
                if word is None:
                    raise self.refusal("a value is missing here", at)
                at += len(word)
                node = Scalar(source, start, at, WORDS[word], word)
            # What follows a value: a comma, or the ends of the collections that it closes.
            while True:
                items.append(node)
                follows = next_at(text, at)
                mark = follows[1] if follows else ""
                at = follows.end() if follows else at
                if not stack:
                    if mark or at < len(text):
                        raise self.refusal("something follows the end", at - len(mark))
                    return Document(node, source, ambiguities=tuple(self.ambiguities))
                closing = "]" if keys is None else "}"
                if mark == ",":
                    at = self.skip(text, at)
                    if not (comments and text[at : at + 1] == closing):
                        if keys is not None:
                            at = self.key(text, at, keys)
                        break
                    at += 1
                elif mark != closing:
                    raise self.refusal(f"`,` or `{closing}` is missing here", at - len(mark))
                if keys is None:
                    node = Sequence(source, opened, at, tuple(items))
                else:
                    node = Mapping(source, opened, at, self.entries(keys, items))
                items, keys, opened = stack.pop()

    def key(self, text: str, at: int, keys: list[Scalar]) -> int:
        """Read a key up to its value."""
        match = KEY.match(text, at)
        if match is None:
            raise self.key_refusal(text, at)
        start, end = match.span(1)
        spelt = text[start + 1 : end - 1]
        if "\\" in spelt:
            spelt = self.unescape(spelt, start, end)
        keys.append(Scalar(self.source, start, end, spelt, spelt))
        return match.end()

    def entries(self, keys: list[Scalar], values: list[Node]) -> tuple[Entry, ...]:
        found = tuple(map(Entry, keys, values))
        if len({key.text for key in keys}) < len(keys):
            seen: set[str] = set()
            for key in keys:
                if key.text in seen:
                    self.doubt(Doubt.DUPLICATE_KEY, f"the key `{key.text[:200]}` stands twice", key.start, key.end)
                seen.add(key.text)
        return found

    def unescape(self, spelt: str, start: int, end: int) -> str:
        """Return what a string with escapes stands for."""
        plain, halves = re.subn(HALF, REPLACEMENT, unescape(spelt))
        if halves:
            self.doubt(Doubt.SURROGATE, "half of a surrogate pair is no character", start, end)
        return plain

    def skip(self, text: str, at: int) -> int:
        blank = SPACE.match(text, at)
        return blank.end() if blank else at

    def doubt(self, doubt: Doubt, why: str, start: int, end: int) -> None:
        self.ambiguities.append(Ambiguity(self.source.at(start, end), why, doubt=doubt))

    def refusal(self, why: str, at: int) -> SyntaxProblem:
        return SyntaxProblem(f"this is not JSON: {why}", self.source.at(at, min(at + 1, len(self.source.text))))

    def string_refusal(self, text: str, at: int) -> SyntaxProblem:
        """Say what is wrong with the string that starts here."""
        good = re.compile(STRING.pattern.removesuffix('"')).match(text, at)
        stop = good.end() if good else at
        match text[stop : stop + 1]:
            case "":
                return self.refusal("a string has no end", at)
            case "\\":
                return self.refusal("an escape is unknown", stop)
            case _:
                return self.refusal("a control character stands in a string", stop)

    def key_refusal(self, text: str, at: int) -> SyntaxProblem:
        """Say what is wrong with the key that should start here."""
        if text[at : at + 1] != '"':
            return self.refusal("a key in double quotes is missing here", at)
        string = STRING.match(text, at)
        if string is None:
            return self.string_refusal(text, at)
        return self.refusal("`:` is missing after a key", self.skip(text, string.end()))
