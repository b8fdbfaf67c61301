"""The one door through which files of the repository are opened."""

# Plain system calls: below an open folder pathlib has none, and it takes five times as long over 20,000 entries.
from __future__ import annotations

import os
import stat
from contextlib import suppress
from errno import EACCES, EINVAL, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EPERM
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.errors import UsageError
from preflight.facts.project import Unreadable
from preflight.source.document import Document
from preflight.source.globs import Globs
from preflight.source.problems import FileError, MissingError, SyntaxProblem
from preflight.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from preflight.source.nodes import Node
    from preflight.source.text import Location

SIZE = 1024 * 1024
YAML_SIZE = 256 * 1024
LONG = 16 * 1024 * 1024
"""Of a file that is searched and not parsed."""
TOTAL = 64 * 1024 * 1024
ENTRIES = 20_000
DEPTH = 32
EFFORT = 25_000
"""Commands and steps that are followed in one run; a maze of scripts that run each other has no end."""

YAML = (".yml", ".yaml")
JSON = (".json", ".jsonc")
MANIFEST = "package.json"
SKIPPED = frozenset({"node_modules", ".git"})
GITHUB = ".github"

AT_FOLDERS = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
"""Whether the system can open a name in an open folder without following a link, which Windows cannot."""
SAFELY = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
FOLDER = getattr(os, "O_DIRECTORY", 0)
ABSENT = frozenset({ENOENT, ENOTDIR, ENAMETOOLONG, EINVAL})
LINKED = frozenset({ELOOP, ENOTDIR})

A_FOLDER = "it is a folder"
OUTSIDE = "it lies outside the repository"


def decode(data: bytes) -> str:
    """Return the text of a file: UTF-8 without its byte order mark.

    Raises UnicodeDecodeError for any other encoding.
    """
    return data.decode("utf-8").removeprefix("\ufeff")


class Files:
    """The files below one folder, each read at most once.

    A path is relative to the folder and may not lead out of it, neither by `..` nor by a link. Text is UTF-8 of at
    most 1 MiB (YAML: 256 KiB), all files together 64 MiB. `unreadable` collects what could not be read.
    """

    def __init__(self, root: Path) -> None:
        """Take the folder to read below; raises UsageError where there is none."""
        self.root = os.path.realpath(root)
        if not os.path.isdir(self.root):
            raise UsageError(f"{root} is not a folder")
        self.unreadable: list[Unreadable] = []
        self._recorded: set[PurePosixPath] = set()
        self._sources: dict[PurePosixPath, Source | FileError] = {}
        self._above: dict[tuple[PurePosixPath, str], PurePosixPath | None] = {}
        self._documents: dict[tuple[PurePosixPath, bool], tuple[Document, ...] | FileError] = {}
        self._within: dict[tuple[PurePosixPath, str], Node | None] = {}
        self._folders: dict[str, str | None] = {"": self.root}
        self._manifests: tuple[PurePosixPath, ...] | None = None
        self._size = 0
        self._effort = EFFORT

    # -- one file -------------------------------------------------------------------------------

    def source(self, path: PurePosixPath) -> Source:
        """Return the text of a file.

        Raises MissingError where there is none, and FileError where it is too large, not UTF-8, not a regular file,
        outside the repository, or refused by the system.
        """
        known = self._sources.get(path)
        if known is None:
            try:
                known = Source(path, self._text(path))
            except FileError as error:
                known = error
            self._sources[path] = known
        if isinstance(known, FileError):
            raise known.with_traceback(None)
        return known

    def long(self, path: PurePosixPath) -> Source:
        """Return the text of a file of at most 16 MiB that is only searched, such as a lockfile; it is not kept.

        Raises what `source` raises.
        """
        return Source(path, self._text(path, LONG))

    def document(self, path: PurePosixPath, *, comments: bool = False) -> Document:
        """Return the tree of a file with its doubts; of several YAML documents the first.

        The kind follows from the name: JSON, .npmrc, else YAML. `comments` allows them in JSON.

        Raises FileError as `source` does, and SyntaxProblem.
        """
        documents = self.documents(path, comments=comments)
        return documents[0] if documents else Document(None, self.source(path))

    def documents(self, path: PurePosixPath, *, comments: bool = False) -> tuple[Document, ...]:
        """Return all documents of a file, which only YAML may have several of.

        Raises FileError as `source` does, and SyntaxProblem.
        """
        known = self._documents.get((path, comments))
        if known is None:
            try:
                known = _parsed(self.source(path), comments=comments)
            except FileError as error:
                known = error
            self._documents[path, comments] = known
        if isinstance(known, FileError):
            raise known.with_traceback(None)
        return known

    def tree(self, path: PurePosixPath, *, comments: bool = False) -> Node | None:
        """Return the tree of a file; None where there is none, or none that can be read, which is then recorded."""
        try:
            return self.document(path, comments=comments).root
        except MissingError:
            return None
        except FileError as error:
            self.record(error)
            return None

    def within(self, folder: PurePosixPath, name: str) -> Node | None:
        """Return the tree of a file in a folder as `tree` does; asked again, as for each package, it costs little."""
        key = (folder, name)
        if key not in self._within:
            self._within[key] = self.tree(folder / name)
        return self._within[key]

    def record(self, error: FileError) -> None:
        """Remember, once, that a file could not be read."""
        at = error.at if isinstance(error, SyntaxProblem) else None
        self._record(error.path, error.why, at=at)

    def _record(self, path: PurePosixPath, why: str, *, at: Location | None = None) -> None:
        if path not in self._recorded:
            self._recorded.add(path)
            self.unreadable.append(Unreadable(path, why, at))

    def spend(self, path: PurePosixPath, effort: int = 1) -> bool:
        """Take from the effort that one run may cost; once it is used up, say no and record the file that asked."""
        if self._effort < effort:
            self._effort = 0
            self._record(path, f"to follow what it runs takes more than {EFFORT:,} steps")
            return False
        self._effort -= effort
        return True

    @property
    def read(self) -> tuple[Document, ...]:
        """All documents read so far, in the order they were asked for."""
        return tuple(document for known in self._documents.values() if isinstance(known, tuple) for document in known)

    @property
    def sources(self) -> tuple[Source, ...]:
        """All texts read so far, in the order they were asked for."""
        return tuple(known for known in self._sources.values() if isinstance(known, Source))

    # -- what there is --------------------------------------------------------------------------

    def exists(self, path: PurePosixPath) -> bool:
        """Tell whether a path leads to something inside the repository."""
        return self._real(path) is not None

    def above(self, start: PurePosixPath, name: str) -> PurePosixPath | None:
        """Return the nearest folder, from one up to the project's root, that holds a file of that name."""
        key = (start, name)
        if key not in self._above:
            self._above[key] = next((folder for folder in (start, *start.parents) if self.exists(folder / name)), None)
        return self._above[key]

    def is_dir(self, path: PurePosixPath) -> bool:
        """Tell whether a path leads to a folder inside the repository."""
        real = self._real(path)
        return real is not None and os.path.isdir(real)

    def folder(self, path: PurePosixPath) -> tuple[str, ...]:
        """Return the names in a folder in order, at most 20,000; none where there is no such folder."""
        real = self._real(path)
        if real is None:
            return ()
        try:
            with os.scandir(real) as entries:
                names = sorted(entry.name for entry, _ in zip(entries, range(ENTRIES + 1), strict=False))
        except NotADirectoryError:
            return ()
        except OSError as error:
            self._record(path, _why(error))
            return ()
        if len(names) > ENTRIES:
            self._record(path, f"it holds more than {ENTRIES:,} entries")
        return tuple(names[:ENTRIES])

    def manifests(self) -> tuple[PurePosixPath, ...]:
        """Return every package.json in order, the top one first.

        Not searched: `node_modules`, hidden folders other than `.github`, linked folders, folders more than 32 levels
        down, and what lies beyond 20,000 entries; the last two are recorded.
        """
        if self._manifests is None:
            found = sorted(self._walk(), key=lambda path: (len(path.parts), path.parts))
            self._manifests = tuple(found)
        return self._manifests

    def glob(self, *patterns: str) -> tuple[PurePosixPath, ...]:
        """Return the manifests of the folders that the patterns of a workspace name, in order.

        `*` is any part of a name, `**` any number of folders, `{a,b}` a choice. A pattern after `!` takes away what
        the ones before it gave.
        """
        globs = Globs(patterns)
        return tuple(path for path in self.manifests() if path.parent.as_posix() in globs)

    def _walk(self) -> Iterator[PurePosixPath]:
        visited = 0
        # Breadth first, so that a limit cuts off what is deepest.
        pending: list[tuple[str, int]] = [("", 0)]
        for folder, depth in pending:
            real = os.path.join(self.root, folder) if folder else self.root
            try:
                with os.scandir(real) as scanned:
                    first = [entry for entry, _ in zip(scanned, range(ENTRIES + 1), strict=False)]
                    entries = sorted(first, key=lambda entry: entry.name)
            except OSError as error:
                self._record(PurePosixPath(folder or "."), _why(error))
                continue
            for entry in entries:
                visited += 1
                if visited > ENTRIES:
                    self._record(PurePosixPath("."), f"it holds more than {ENTRIES:,} files and folders")
                    return
                name = entry.name
                if name == MANIFEST and not _is_folder(entry):
                    yield PurePosixPath(folder, name)
                elif _searched(name, folder) and _is_folder(entry):
                    if depth >= DEPTH:
                        self._record(PurePosixPath(folder, name), f"it lies more than {DEPTH} folders deep")
                    else:
                        pending.append((f"{folder}/{name}" if folder else name, depth + 1))

    # -- opening --------------------------------------------------------------------------------

    def _real(self, path: PurePosixPath) -> str | None:
        """Return where a path leads, or None if nowhere or outside."""
        parts = _parts(path)
        if parts is None:
            return None
        if not parts:
            return self.root
        parent = "/".join(parts[:-1])
        if parent not in self._folders:
            self._folders[parent] = self._resolved(os.path.join(self.root, *parts[:-1]))
        folder = self._folders[parent]
        if folder is None:
            return None
        real = os.path.join(folder, parts[-1])
        with suppress(OSError, ValueError):
            return self._resolved(real) if stat.S_ISLNK(os.lstat(real).st_mode) else real
        return None

    def _resolved(self, path: str) -> str | None:
        try:
            real = os.path.realpath(path, strict=True)
        except (OSError, ValueError):
            return None
        return real if real == self.root or real.startswith(self.root.rstrip(os.sep) + os.sep) else None

    def _text(self, path: PurePosixPath, limit: int | None = None) -> str:
        parts = _parts(path)
        if parts is None:
            raise FileError(path, OUTSIDE)
        limit = limit or (YAML_SIZE if path.suffix in YAML else SIZE)
        try:
            descriptor = self._open(path, parts)
            try:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode):
                    raise FileError(path, A_FOLDER if stat.S_ISDIR(status.st_mode) else "it is no regular file")
                data = b"" if status.st_size > limit else _all(descriptor, limit + 1)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise (MissingError(path) if error.errno in ABSENT else FileError(path, _why(error))) from error
        except ValueError as error:
            raise MissingError(path) from error
        if status.st_size > limit or len(data) > limit:
            raise FileError(path, f"it is larger than {limit // 1024} KiB")
        self._size += len(data)
        if self._size > TOTAL:
            raise FileError(path, f"more than {TOTAL // 1024 // 1024} MiB would be read in all")
        try:
            return decode(data)
        except UnicodeDecodeError as error:
            raise FileError(path, f"it is not UTF-8 (byte {error.start})") from error

    def _open(self, path: PurePosixPath, parts: list[str]) -> int:
        """Open a file without leaving the root, through links only if they stay inside."""
        plainly = _open_below if AT_FOLDERS else _open_checked
        try:
            return plainly(self.root, parts)
        except OSError as error:
            if error.errno not in LINKED:
                raise
        full = os.path.join(self.root, *parts)
        real = self._resolved(full)
        if real is None:
            if not os.path.lexists(full):
                raise MissingError(path)
            inside = self._resolved(os.path.dirname(full)) is not None
            broken = inside and not os.path.exists(full)
            raise FileError(path, "its link leads nowhere" if broken else OUTSIDE)
        try:
            return plainly(self.root, os.path.relpath(real, self.root).split(os.sep))
        except OSError as error:
            raise FileError(path, _why(error)) from error


def _parsed(source: Source, *, comments: bool) -> tuple[Document, ...]:
    name, suffix = source.path.name, source.path.suffix
    if suffix in JSON:
        from preflight.source import json

        return (json.read(source, comments=comments),)
    if name == ".npmrc":
        from preflight.source import npmrc

        return (Document(npmrc.read(source), source),)
    from preflight.source import yaml

    return yaml.read(source)


def _parts(path: PurePosixPath) -> list[str] | None:
    """Return the names that a path goes through once `..` is resolved; None if it leads out."""
    if path.is_absolute():
        return None
    parts: list[str] = []
    for part in path.parts:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            return None
    # A drive, a stream or a backslash means something else on Windows.
    if os.sep != "/" and any(set(part) & set(":\\") for part in parts):
        return None
    return parts


def _open_below(root: str, parts: list[str]) -> int:
    """Open a file name by name, without following any link."""
    folder = os.open(root, os.O_RDONLY | FOLDER | SAFELY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | FOLDER | SAFELY, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(parts[-1] if parts else ".", os.O_RDONLY | SAFELY, dir_fd=folder)
    finally:
        os.close(folder)


def _open_checked(root: str, parts: list[str]) -> int:
    """Open a file after a look at each name on the way, where the system cannot do both at once."""
    full = root
    status = os.lstat(root)
    for part in parts:
        full = os.path.join(full, part)
        status = os.lstat(full)
        if stat.S_ISLNK(status.st_mode) or getattr(status, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_REPARSE_POINT:
            raise OSError(ELOOP, os.strerror(ELOOP))
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
    descriptor = os.open(full, os.O_RDONLY | SAFELY)
    if not os.path.samestat(os.fstat(descriptor), status):
        os.close(descriptor)
        raise OSError(ELOOP, os.strerror(ELOOP))
    return descriptor


def _all(descriptor: int, limit: int) -> bytes:
    """Read a file up to a limit in bytes."""
    parts = []
    while limit > 0 and (part := os.read(descriptor, limit)):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)


def _searched(name: str, folder: str) -> bool:
    hidden = name.startswith(".") and name != GITHUB and folder.partition("/")[0] != GITHUB
    return name not in SKIPPED and not hidden


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _why(error: OSError) -> str:
    if error.errno in (EACCES, EPERM):
        return "permission is denied"
    if error.errno == EISDIR:
        return A_FOLDER
    return f"the system refuses: {(error.strerror or 'unknown error').lower()}"
