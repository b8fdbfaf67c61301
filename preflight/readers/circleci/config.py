"""What a CircleCI configuration declares: jobs, commands, executors, orbs, parameters."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.readers.merge_keys import merged
from preflight.records import dataclass
from preflight.source.nodes import Mapping, Scalar, find, text
from preflight.source.problems import FileError, MissingError

if TYPE_CHECKING:
    from preflight.source.files import Files
    from preflight.source.nodes import Entry, Node
    from preflight.source.text import Location

ENTRY = PurePosixPath(".circleci/config.yml")
NEXT = PurePosixPath(".circleci/continue_config.yml")
"""The configuration that a setup workflow goes on with unless it names another (orb `circleci/continuation`)."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A job, a command or an executor where it is declared; the names in it are those of its `library`."""

    name: str
    library: Library
    key: Scalar
    node: Mapping

    @property
    def at(self) -> Location:
        """The place of its key."""
        return self.key.at


class Library:
    """What one level declares: the configuration itself, or an orb that is written into it."""

    def __init__(self, root: Mapping) -> None:
        """Take the top of a configuration, or of an inline orb."""
        self.root = root
        self._orbs: dict[str, Library] = {}

    def find(self, kind: str, name: str) -> Definition | None:
        """Return a declaration of a kind (`jobs`, `commands`, `executors`) by its name, `orb/name` for an inline orb.

        None where there is no such thing, or where an orb of the registry has it.
        """
        library, rest = self, name
        while "/" in rest:
            orb, _, rest = rest.partition("/")
            inner = library.inline(orb)
            if inner is None:
                return None
            library = inner
        entry = _entry(library.root, kind, rest)
        match entry:
            case (key, Mapping() as node):
                return Definition(name, library, key, node)
            case _:
                return None

    def inline(self, name: str) -> Library | None:
        """Return an orb that is written into the configuration."""
        if name not in self._orbs:
            match find(self.root, "orbs", name):
                case Mapping() as node:
                    self._orbs[name] = Library(node)
                case _:
                    return None
        return self._orbs[name]

    def orb(self, name: str) -> str | None:
        """Return the orb of the registry that `orb/name` means, as `circleci/node@7.1.0`; None where it means none."""
        library, rest = self, name
        while "/" in rest:
            orb, _, rest = rest.partition("/")
            if (reference := text(find(library.root, "orbs", orb))) is not None:
                return reference
            inner = library.inline(orb)
            if inner is None:
                return None
            library = inner
        return None


@dataclass(frozen=True, slots=True)
class Config:
    """One configuration file."""

    path: PurePosixPath
    root: Mapping
    library: Library

    @classmethod
    def read(cls, files: Files, path: PurePosixPath) -> Config | None:
        """Return a configuration; None where there is none, or none that can be read, which is then recorded."""
        try:
            document = files.document(path)
        except MissingError:
            return None
        except FileError as error:
            files.record(error)
            return None
        root = merged(document.root)
        return cls(path, root, Library(root)) if isinstance(root, Mapping) else None

    @property
    def setup(self) -> bool:
        """Whether its workflows only choose the configuration that does the work."""
        match self.root.get("setup"):
            case Scalar(value=bool(wanted)):
                return wanted
            case _:
                return False


def _entry(root: Node | None, kind: str, name: str) -> Entry | None:
    declared = find(root, kind)
    return declared.entry(name) if isinstance(declared, Mapping) else None
