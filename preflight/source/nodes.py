"""One tree for YAML, JSON and .npmrc, whose every node knows its exact place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from preflight.source.text import Location, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.source.text import Source


class Number(str):
    """A number, spelt as in its file: `20.10` stays `20.10`."""

    __slots__ = ()


Value = str | bool | None


class Scalar:
    """A string, number (`Number`), boolean or null.

    `value` is what the file means, `text` how it is spelt once quotes and escapes are gone (`true` for a boolean).
    `start` and `end` are the place of the whole scalar with its quotes or block header.
    """

    __slots__ = ("end", "source", "start", "text", "value")
    __match_args__ = ("value",)

    def __init__(self, source: Source, start: int, end: int, value: Value, text: str) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.value = value
        self.text = text

    def __repr__(self) -> str:
        return f"Scalar({self.value!r})"

    @property
    def at(self) -> Location:
        """The place of the scalar."""
        return Location(self.source, Span(self.start, self.end))

    def place(self, start: int, end: int) -> Location:
        """Return where the characters `start` to `end` of `text` stand in the file.

        Block scalars lose their indentation and quoted ones their escapes, so that an offset in `text` is not one in
        the file; the text is aligned with the source line by line.
        """
        from preflight.source.align import align

        return Location(self.source, align(self, start, end))


class Sequence:
    """A list; `items` are its nodes."""

    __slots__ = ("end", "items", "source", "start")
    __match_args__ = ("items",)

    def __init__(self, source: Source, start: int, end: int, items: tuple[Node, ...]) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.items = items

    def __repr__(self) -> str:
        return f"Sequence({self.items!r})"

    @property
    def at(self) -> Location:
        """The place of the whole list."""
        return Location(self.source, Span(self.start, self.end))


class Entry(NamedTuple):
    """One key of a mapping with its value."""

    key: Scalar
    value: Node


class Mapping:
    """Keys with values, in the file's order; duplicate keys are kept, and the last one counts."""

    __slots__ = ("_last", "end", "entries", "source", "start")
    __match_args__ = ("entries",)

    def __init__(self, source: Source, start: int, end: int, entries: tuple[Entry, ...]) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.entries = entries
        self._last: dict[str, Entry] | None = None

    def __repr__(self) -> str:
        return f"Mapping({self.entries!r})"

    @property
    def at(self) -> Location:
        """The place of the whole mapping."""
        return Location(self.source, Span(self.start, self.end))

    def entry(self, key: str) -> Entry | None:
        """Return the last entry of that key."""
        if self._last is None:
            self._last = {entry.key.text: entry for entry in self.entries}
        return self._last.get(key)

    def get(self, key: str) -> Node | None:
        """Return the last value of that key."""
        entry = self.entry(key)
        return entry.value if entry else None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


Node = Scalar | Sequence | Mapping


def find(node: Node | None, *path: str) -> Node | None:
    """Return the node that a chain of keys leads to, or None."""
    for key in path:
        if not isinstance(node, Mapping):
            return None
        node = node.get(key)
    return node


def entry(node: Node | None, *path: str) -> Entry | None:
    """Return the last entry, key and value, that a chain of keys leads to, or None."""
    parent = find(node, *path[:-1])
    return parent.entry(path[-1]) if isinstance(parent, Mapping) else None


def strings(node: Node | None) -> tuple[Scalar, ...]:
    """Return the scalars of the common shape "one string or a list of them"; anything else is left out."""
    match node:
        case Scalar(value=str()):
            return (node,)
        case Sequence(items):
            return tuple(item for item in items if isinstance(item, Scalar) and isinstance(item.value, str))
        case _:
            return ()


def entries(node: Node | None) -> tuple[Entry, ...]:
    """Return the entries that count of a mapping: of duplicate keys the last; empty for anything else."""
    if not isinstance(node, Mapping):
        return ()
    return tuple(item for item in node.entries if node.entry(item.key.text) is item)


def text(node: Node | None) -> str | None:
    """Return the spelling of a scalar, or None for anything else and for null."""
    return node.text if isinstance(node, Scalar) and node.value is not None else None
