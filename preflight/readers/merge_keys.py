"""The merge keys of YAML: what `<<` brings into a mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.source.nodes import Entry, Mapping, Sequence, entries
from preflight.source.yaml import Reference

if TYPE_CHECKING:
    from preflight.source.nodes import Node

MERGE = "<<"


def merged(node: Node | None) -> Node | None:
    """Return a tree in which each `<<` has given way to the keys that it brings; the mapping's own keys win."""
    return _Merge().node(node) if node is not None and MERGE in node.source.text else node


class _Merge:
    """The merging of one file.

    A node that aliases share is merged once. Its anchor stands above every alias, so that going through the file from
    top to bottom never nests deeper than the file itself.
    """

    def __init__(self) -> None:
        self._done: dict[int, Node] = {}

    def node(self, node: Node) -> Node:
        known = self._done.get(id(node))
        if known is None:
            known = self._done[id(node)] = self._merged(node)
        return known

    def _merged(self, node: Node) -> Node:
        match node:
            case Mapping():
                return Mapping(node.source, node.start, node.end, self._entries(node))
            case Reference():
                return node
            case Sequence(items):
                return Sequence(node.source, node.start, node.end, tuple(self.node(item) for item in items))
            case _:
                return node

    def _entries(self, node: Mapping) -> tuple[Entry, ...]:
        found: dict[str, Entry] = {}
        brought: dict[str, Entry] = {}
        for key, value in node.entries:
            inner = self.node(value)
            if key.text != MERGE:
                found[key.text] = Entry(key, inner)
                continue
            for each in inner.items if isinstance(inner, Sequence) else (inner,):
                for entry in entries(each):
                    brought.setdefault(entry.key.text, entry)
        return tuple((brought | found).values())
