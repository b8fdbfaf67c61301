"""Edits of text by span, and the one place that writes files."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from preflight.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from preflight.source.text import Location


class Safety(StrEnum):
    """Whether a fix may be applied without a look."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in the place of what stands at `at`."""

    at: Location
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that settle a finding together; without edits, a title that says what to do."""

    title: str
    safety: Safety
    edits: tuple[Edit, ...] = ()


def alone(fix: Fix) -> Fix:
    """Return a fix without its edits where one of them would change what an alias uses elsewhere too."""
    if not any(edit.at.source.shares(edit.at.span) for edit in fix.edits):
        return fix
    return Fix(f"{fix.title}, by hand: an alias uses this text elsewhere too", fix.safety)


class OverlapError(ValueError):
    """Two edits want the same characters."""


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with all edits made, the last place first.

    Raises OverlapError when two edits overlap.
    """
    ordered = sorted(edits, key=lambda edit: (edit.at.span.start, edit.at.span.end))
    for before, after in pairwise(ordered):
        if after.at.span.start < before.at.span.end:
            raise OverlapError(f"two edits overlap at {after.at}")
    for edit in reversed(ordered):
        text = text[: edit.at.span.start] + edit.text + text[edit.at.span.end :]
    return text


def save(path: Path, data: bytes) -> None:
    """Write a file of preflight's own, with the folders above it: whole, or not at all. Raises OSError."""
    import os
    from contextlib import suppress
    from tempfile import mkstemp

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise
