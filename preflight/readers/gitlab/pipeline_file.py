"""One file of a GitLab pipeline: its header, its merge keys, nothing resolved beyond the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.records import dataclass
from preflight.source.nodes import Entry, Mapping, Sequence, entries, find
from preflight.source.problems import FileError, MissingError
from preflight.source.yaml import Reference

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from preflight.source.document import Document
    from preflight.source.files import Files
    from preflight.source.nodes import Node

MERGE = "<<"


@dataclass(frozen=True, slots=True)
class PipelineFile:
    """The jobs and settings of one file; `spec` is the header that declares the file's inputs."""

    path: PurePosixPath
    document: Document
    root: Mapping
    spec: Node | None

    @classmethod
    def read(cls, files: Files, path: PurePosixPath) -> PipelineFile | None:
        """Return a file; None where there is none, or none that can be read, which is then recorded."""
        try:
            documents = files.documents(path)
        except MissingError:
            return None
        except FileError as error:
            files.record(error)
            return None
        header = find(documents[0].root, "spec") if documents else None
        # Only a first document with `spec` is a header; without one GitLab reads the first and no other.
        content = documents[1:2] if header is not None and len(documents) > 1 else documents[:1]
        for document in content:
            root = merged(document.root)
            if isinstance(root, Mapping):
                return cls(path, document, root, header)
        return None


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
