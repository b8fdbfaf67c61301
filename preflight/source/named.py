"""Files that the user names on the command line, wherever they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEBI = 1024 * 1024
PIECE = 256 * 1024


def read(path: Path, most: int) -> bytes:
    """Return the bytes of a file of at most `most` bytes. Raises UsageError."""
    return b"".join(pieces(path, most))


def pieces(path: Path, most: int) -> Iterator[bytes]:
    """Yield the bytes of a file of at most `most` bytes, piece by piece. Raises UsageError."""
    size = 0
    try:
        # Unbuffered, so that a pipe gives what it has.
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123
            while piece := file.read(PIECE):
                size += len(piece)
                if size > most:
                    raise UsageError(f"`{path}` is larger than {most // MEBI} MiB")
                yield piece
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it cannot be opened"
        raise UsageError(f"cannot read `{path}`: {why.lower()}") from error
