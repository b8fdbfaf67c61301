"""Several scalars as the one script that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.source.nodes import Scalar

if TYPE_CHECKING:
    from preflight.source.text import Location


class Lines(Scalar):
    """Lines of a script from several places as one text; what is found in it stands where its line stands."""

    __slots__ = ("_parts",)

    def __init__(self, parts: tuple[Scalar, ...]) -> None:
        """Take one line at least."""
        first = parts[0]
        body = "\n".join(part.text for part in parts)
        super().__init__(first.source, first.start, first.end, body, body)
        self._parts = parts

    def place(self, start: int, end: int) -> Location:
        """Return the place of characters of the text; of those of several lines, of what stands in the first."""
        offset = 0
        for part in self._parts[:-1]:
            if start <= offset + len(part.text):
                return part.place(start - offset, end - offset)
            offset += len(part.text) + 1
        return self._parts[-1].place(start - offset, end - offset)
