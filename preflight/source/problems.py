"""What is wrong with a file, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.errors import UnreadableError

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from preflight.source.text import Location


class FileError(UnreadableError):
    """A file that cannot be read; `why` completes "cannot be read: …"."""

    def __init__(self, path: PurePosixPath, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


class MissingError(FileError):
    """A file that is not there."""

    def __init__(self, path: PurePosixPath) -> None:
        super().__init__(path, "there is no such file")


# A problem is the noun for it everywhere; `Error` would claim that the program erred.
class SyntaxProblem(FileError):  # noqa: N818
    """A text that breaks the rules of its language, or a limit, at a place."""

    def __init__(self, message: str, at: Location) -> None:
        super().__init__(at.path, message)
        self.at = at

    def __str__(self) -> str:
        return f"{self.at}: {self.why}"
