"""Source text, and places in it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from preflight.records import dataclass

if TYPE_CHECKING:
    from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Span:
    """Characters from `start` up to, not including, `end`; both count from 0."""

    start: int
    end: int


class Source:
    """The text of one file, without a byte order mark, under its path relative to the project's root.

    `shared` are the places that stand in several places of the tree, because an alias uses them again; the reader of
    the format fills it in.
    """

    __slots__ = ("_breaks", "path", "shared", "text")

    def __init__(self, path: PurePosixPath, text: str) -> None:
        self.path = path
        self.text = text
        self.shared: tuple[Span, ...] = ()
        self._breaks: list[int] | None = None

    def __repr__(self) -> str:
        return f"Source({str(self.path)!r})"

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column of a character, both counted from 1.

        Only a line feed ends a line, as editors and GitHub count.
        """
        breaks = self._line_breaks()
        line = bisect_right(breaks, offset - 1)
        return line + 1, offset - (breaks[line - 1] + 1 if line else 0) + 1

    def at(self, start: int, end: int) -> Location:
        """Return the place of the characters from `start` up to `end`."""
        return Location(self, Span(start, end))

    def shares(self, place: Span) -> bool:
        """Tell whether a place touches one that stands in several places of the tree, so that no fix may edit it."""
        return any(place.start <= span.end and span.start <= place.end for span in self.shared)

    def line(self, number: int) -> str:
        """Return the text of a line, counted from 1, without its line ending; empty beyond the end."""
        breaks = self._line_breaks()
        if not 1 <= number <= len(breaks) + 1:
            return ""
        start = breaks[number - 2] + 1 if number > 1 else 0
        end = breaks[number - 1] if number <= len(breaks) else len(self.text)
        return self.text[start:end].removesuffix("\r")

    def _line_breaks(self) -> list[int]:
        if self._breaks is None:
            found, at = [], self.text.find("\n")
            while at >= 0:
                found.append(at)
                at = self.text.find("\n", at + 1)
            self._breaks = found
        return self._breaks


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a source; `str()` gives `path:line:column`."""

    source: Source
    span: Span

    @property
    def path(self) -> PurePosixPath:
        """The file's path, relative to the project's root."""
        return self.source.path

    @property
    def start(self) -> tuple[int, int]:
        """Line and column of the first character, counted from 1."""
        return self.source.position(self.span.start)

    @property
    def end(self) -> tuple[int, int]:
        """Line and column after the last character, counted from 1."""
        return self.source.position(self.span.end)

    @property
    def line(self) -> int:
        """The line of the first character, counted from 1."""
        return self.start[0]

    @property
    def text(self) -> str:
        """The characters at this place."""
        return self.source.text[self.span.start : self.span.end]

    def __str__(self) -> str:
        line, column = self.start
        return f"{self.path}:{line}:{column}"
