"""What a pipeline says once its files, `extends`, `default` and `!reference` are put together."""

from __future__ import annotations

from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING

from preflight.source.nodes import Entry, Mapping, Scalar, Sequence, entries, strings, text
from preflight.source.yaml import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.gitlab.pipeline_file import PipelineFile
    from preflight.source.nodes import Node

DEPTH = 10
"""How deep `extends` and `!reference` may lead; GitLab's own limits (docs.gitlab.com, "Optimize GitLab CI/CD")."""
LAYERS = 64
"""How many mappings one job is put together from; more is a maze."""
PIECES = 5_000
"""How many items of nested lists one key is put together from."""
RESERVED = frozenset(
    {"default", "include", "stages", "types", "variables", "workflow", "image", "services", "cache", "before_script",
     "after_script", "spec"}
)  # fmt: skip
"""Top-level keys that are no jobs."""

Layers = tuple[Mapping, ...]
"""Mappings that give way to each other, the strongest first."""


class Config:
    """All files of a pipeline as one document."""

    def __init__(self, files: Iterable[PipelineFile]) -> None:
        """Take the files of a pipeline, the weakest first."""
        self.files = tuple(files)
        self._layers: dict[str, Layers] = {}
        self._references: dict[int, Node | None] = {}

    @cached_property
    def _entries(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for file in reversed(self.files):
            for entry in entries(file.root):
                found.setdefault(entry.key.text, []).append(entry)
        return found

    @property
    def jobs(self) -> tuple[str, ...]:
        """The names of the jobs that run, in the order of the files; templates begin with a dot."""
        ordered = dict.fromkeys(entry.key.text for file in self.files for entry in entries(file.root))
        return tuple(
            name
            for name in ordered
            if not name.startswith(".") and name not in RESERVED and isinstance(self._entries[name][0].value, Mapping)
        )

    def key(self, name: str) -> Scalar:
        """Return the key under which the strongest file writes a job."""
        return self._entries[name][0].key

    def own(self, name: str) -> Layers:
        """Return what the files write under a top-level key, without what it extends."""
        values = [entry.value for entry in self._entries.get(name, ())]
        return tuple(value for value in takewhile(_is_mapping, values) if isinstance(value, Mapping))

    def top(self, name: str) -> Node | None:
        """Return the value of a top-level key that is no job."""
        found = [entry.value for entry in self._entries.get(name, ())]
        return self.resolve(_deep(found)) if found else None

    def layers(self, name: str) -> Layers:
        """Return what a job is made of: what the files write, then what it extends."""
        if name not in self._layers:
            self._layers[name] = tuple(self._gathered(name, ()))[:LAYERS]
        return self._layers[name]

    def missing(self, name: str) -> tuple[Scalar, ...]:
        """Return the templates that a job extends, itself or through others, and that no file here holds."""
        return tuple(
            wanted for layer in self.layers(name) for wanted in _extended(layer) if wanted.text not in self._entries
        )

    def _gathered(self, name: str, above: tuple[str, ...]) -> Iterator[Mapping]:
        own = self.own(name)
        yield from own
        count = len(own)
        extends = lookup(own, "extends")
        if extends is None or len(above) >= DEPTH:
            return
        # Of several templates the last one named is the strongest.
        for wanted in reversed(strings(extends.value)):
            if wanted.text not in (*above, name):
                for layer in self._gathered(wanted.text, (*above, name)):
                    yield layer
                    count += 1
                    if count >= LAYERS:
                        return

    # -- !reference ---------------------------------------------------------------------------

    def resolve(self, node: Node | None) -> Node | None:
        """Return what a `!reference` leads to; None where that is nothing that the files hold."""
        for _ in range(DEPTH):
            if not isinstance(node, Reference):
                return node
            node = self._referred(node)
        return None

    def _referred(self, reference: Reference) -> Node | None:
        # References are nodes of the files, which outlive this: their identity is theirs alone.
        if id(reference) not in self._references:
            self._references[id(reference)] = self._led_to(reference)
        return self._references[id(reference)]

    def _led_to(self, reference: Reference) -> Node | None:
        path = [item.text for item in reference.items if isinstance(item, Scalar)]
        if not path or len(path) != len(reference.items):
            return None
        layers = self.layers(path[0])
        if not layers:
            return self.top(path[0]) if len(path) == 1 else None
        found = lookup(layers, path[1]) if len(path) > 1 else None
        node: Node | None = found.value if found else _deep(layers) if len(path) == 1 else None
        for key in path[2:]:
            # A reference on the way would lead deeper than GitLab follows.
            node = node.get(key) if isinstance(node, Mapping) else None
        return node

    def find(self, node: Node | None, *path: str) -> Node | None:
        """Return the node that a chain of keys leads to, through references."""
        node = self.resolve(node)
        for key in path:
            node = self.resolve(node.get(key)) if isinstance(node, Mapping) else None
        return node

    def scalar(self, node: Node | None, *path: str) -> Scalar | None:
        """Return the scalar that a chain of keys leads to, or None for anything else and for null."""
        found = self.find(node, *path)
        return found if isinstance(found, Scalar) and found.value is not None else None

    def flat(self, node: Node | None) -> tuple[Scalar, ...]:
        """Return the scalars of a value that is one or a list of them, lists in lists and references put in."""
        found: list[Scalar] = []
        pending: list[tuple[Node | None, int]] = [(node, 0)]
        for _ in range(PIECES):
            if not pending:
                break
            each, depth = pending.pop()
            match self.resolve(each):
                case Scalar(value=value) as scalar if value is not None:
                    found.append(scalar)
                case Sequence(items) if depth < DEPTH:
                    pending += [(item, depth + 1) for item in reversed(items)]
                case _:
                    pass
        return tuple(found)

    def items(self, node: Node | None, *, nested: bool = False) -> tuple[Node, ...]:
        """Return the items of a list with references put in, and lists in it where these may be `nested`.

        A value that is no list is the only item.
        """
        found: list[Node] = []
        pending: list[tuple[Node | None, int]] = [(node, 0)]
        for _ in range(PIECES):
            if not pending:
                break
            each, depth = pending.pop()
            match self.resolve(each):
                case Sequence(items) if depth < DEPTH and (nested or not depth or isinstance(each, Reference)):
                    pending += [(item, depth + 1) for item in reversed(items)]
                case None:
                    pass
                case other:
                    found.append(other)
        return tuple(found)


def lookup(layers: Iterable[Node], key: str) -> Entry | None:
    """Return what layers say under a key: mappings united, of anything else the strongest."""
    found = [entry for layer in layers if isinstance(layer, Mapping) and (entry := layer.entry(key))]
    if len(found) < 2:
        return found[0] if found else None
    return Entry(found[0].key, _deep([entry.value for entry in found]))


def _extended(layer: Mapping) -> tuple[Scalar, ...]:
    return tuple(wanted for wanted in strings(layer.get("extends")) if "$" not in (text(wanted) or ""))


def _is_mapping(node: Node) -> bool:
    return isinstance(node, Mapping)


def _deep(values: Iterable[Node]) -> Node:
    """Unite the mappings at the start of some values, the strongest first; anything else replaces what is below."""
    found = tuple(values)
    maps = [each for each in takewhile(_is_mapping, found) if isinstance(each, Mapping)]
    if len(maps) < 2:
        return found[0]
    names = dict.fromkeys(entry.key.text for each in reversed(maps) for entry in entries(each))
    united = tuple(entry for name in names if (entry := lookup(maps, name)))
    return Mapping(maps[0].source, maps[0].start, maps[0].end, united)
