"""The package.json files of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.project import Package
from preflight.records import dataclass
from preflight.source.nodes import Mapping, Number, Scalar, Sequence, find

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from preflight.source.files import Files
    from preflight.source.nodes import Node
    from preflight.source.text import Location


@dataclass(frozen=True, slots=True)
class Manifest:
    """A package.json whose content is an object; `package` is None where it has no name, as many a monorepo's root."""

    path: PurePosixPath
    node: Mapping
    package: Package | None

    @property
    def folder(self) -> PurePosixPath:
        """The folder that holds the file."""
        return self.path.parent

    @property
    def first_line(self) -> Location:
        """The first character of the file, for what is missing in it."""
        source = self.node.source
        return source.at(0, min(1, len(source.text)))


def read(files: Files, path: PurePosixPath) -> Manifest | None:
    """Read a package.json; None where it cannot be read (which `files` remembers) or holds no object.

    A value of the wrong type counts as missing, as it does for npm.
    """
    match files.tree(path):
        case Mapping() as node:
            return Manifest(path, node, _package(node, path))
        case _:
            return None


def string(node: Node | None) -> Scalar | None:
    """Return a node that is a string, not a number, or None."""
    match node:
        case Scalar(Number()):
            return None
        case Scalar(str()):
            return node
        case _:
            return None


def _package(node: Mapping, path: PurePosixPath) -> Package | None:
    name = string(node.get("name"))
    if name is None or not name.text.strip():
        return None
    return Package(
        name.text,
        path,
        name.at,
        version=_text(node, "version"),
        private=_truthy(node.get("private")),
        access=_text(node, "publishConfig", "access"),
        registry=_text(node, "publishConfig", "registry"),
        root=not path.parent.parts,
    )


def _text(node: Mapping, *keys: str) -> str | None:
    found = string(find(node, *keys))
    return found.text if found else None


def _truthy(node: Node | None) -> bool:
    """Return whether JavaScript takes a value for true; npm asks `if (manifest.private)`, so `"false"` is private."""
    match node:
        case Scalar(Number() as number):
            return any(digit in "123456789" for digit in number.lower().partition("e")[0])
        case Scalar(value):
            return bool(value)
        case Mapping() | Sequence():
            return True
        case None:
            return False
