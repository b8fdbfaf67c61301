"""Files that the user names for reports."""

from __future__ import annotations

from preflight.errors import UsageError

STANDARD_OUTPUT = "-"


def save(path: str, text: str, *, append: bool = False) -> None:
    """Write a report to a file that the user named, or to standard output where the name is `-`.

    Raises UsageError where that is not possible.
    """
    if path == STANDARD_OUTPUT:
        from preflight.cli.streams import write

        write(text)
        return
    try:
        with open(path, "a" if append else "w", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123
            file.write(text)
    except OSError as error:
        raise UsageError(f"cannot write `{path}`: {(error.strerror or 'no access').lower()}") from error
