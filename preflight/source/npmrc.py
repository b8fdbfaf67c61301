"""npm's settings in .npmrc, a dialect of INI, read with every place kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.source.json import HALF, REPLACEMENT, STRING, unescape
from preflight.source.nodes import Entry, Mapping, Scalar, Sequence
from preflight.source.problems import SyntaxProblem

if TYPE_CHECKING:
    from preflight.source.nodes import Node
    from preflight.source.text import Source

SIZE = 256 * 1024
MOST_ITEMS = 100
"""Items of one list that are read; each line holds all that stand above it."""
CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def read(source: Source) -> Mapping:
    """Read an .npmrc as npm's `ini` package does, line by line; a line that is none of its forms is left out.

    A key without `=` is true. The entries of `key[]` are lists, each with all items up to its line. A section is a
    mapping under its name, and a key below it is none of npm's settings. `${VARIABLE}` stays as it is written.

    Reads at most 256 Ki characters. Raises SyntaxProblem for more.
    """
    text = source.text
    if len(text) > SIZE:
        raise SyntaxProblem(f"it is larger than {SIZE // 1024} KiB", source.at(0, min(1, len(text))))
    top = _Section(source, 0)
    section, sections = top, {"": top}
    start = 0
    for line in text.replace("\r", "\n").split("\n"):
        end = start + len(line)
        bare = line.strip()
        first = start + len(line) - len(line.lstrip())
        if line.startswith("[") and bare.endswith("]") and "]" not in bare[1:-1]:
            key = _scalar(source, first + 1, first + len(bare) - 1)
            section = sections.setdefault(key.text, _Section(source, first, key))
            section.end = max(section.end, first + len(bare))
        elif bare and bare[0] not in ";#=":
            section.read(first, first + len(bare))
        start = end + 1
    nested = tuple(
        Entry(part.key, part.mapping()) for part in sections.values() if part is not top and part.key is not None
    )
    return Mapping(source, 0, len(text), (*top.entries, *nested))


class _Section:
    """The lines below one header, or above all of them."""

    __slots__ = ("end", "entries", "key", "lists", "source", "start")

    def __init__(self, source: Source, start: int, key: Scalar | None = None) -> None:
        self.source = source
        self.start = self.end = start
        self.key = key
        self.entries: list[Entry] = []
        self.lists: dict[str, list[Node]] = {}

    def mapping(self) -> Mapping:
        return Mapping(self.source, self.start, self.end, tuple(self.entries))

    def read(self, start: int, end: int) -> None:
        """Read one line, without the blanks around it."""
        source = self.source
        self.end = max(self.end, end)
        equals = source.text.find("=", start, end)
        key = _scalar(source, start, end if equals < 0 else equals)
        if key.text == "__proto__":
            return
        if equals < 0:
            value = Scalar(source, key.end, key.end, value=True, text="true")
        else:
            value = _scalar(source, equals + 1, end)
        name = key.text
        if len(name) > len("[]") and name.endswith("[]"):
            name = name.removesuffix("[]")
            key = Scalar(source, key.start, key.end, name, name)
            self.lists.setdefault(name, [entry.value for entry in self.entries if entry.key.text == name][-1:])
        items = self.lists.get(name)
        if items is None:
            self.entries.append(Entry(key, value))
            return
        if len(items) >= MOST_ITEMS:
            return
        items.append(value)
        self.entries.append(Entry(key, Sequence(source, value.start, value.end, tuple(items))))


def _scalar(source: Source, start: int, end: int) -> Scalar:
    """Read a key or a value: without the blanks around it, its quotes, its escapes and its comment."""
    raw = source.text[start:end]
    start += len(raw) - len(raw.lstrip())
    raw = raw.strip()
    if len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "'\"":
        spelt, text = raw, _unquoted(raw)
    else:
        spelt, text = _unescaped(raw)
    return Scalar(source, start, start + len(spelt), CONSTANTS.get(text, text), text)


def _unquoted(raw: str) -> str:
    """Return what npm makes of a value in quotes: single ones go, then it is JSON if it can be."""
    inner = raw[1:-1] if raw[0] == "'" else raw
    string = STRING.fullmatch(inner)
    return re.sub(HALF, REPLACEMENT, unescape(string[0][1:-1])) if string else inner


def _unescaped(raw: str) -> tuple[str, str]:
    r"""Return a value up to its comment, as it is spelt and as it is meant; `\;`, `\#` and `\\` are escapes."""
    found = []
    at = 0
    while at < len(raw) and raw[at] not in ";#":
        if raw[at] == "\\" and raw[at + 1 : at + 2] in (";", "#", "\\"):
            at += 1
        found.append(raw[at])
        at += 1
    return raw[:at].rstrip(), "".join(found).strip()
