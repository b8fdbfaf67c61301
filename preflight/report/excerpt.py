"""Lines of a file with marks under the places that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass
from preflight.report.clean import REDACTED, harmless, secrets, visible
from preflight.report.screen import Ink, Screen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from preflight.source.text import Location

TAB = 4
WIDEST = 160
"""Characters of a line that are shown where the screen has no width."""
BEFORE = 40
"""Characters shown before a mark in a line that must be cut."""
WINDOW = 1000
"""Characters of a line that are looked at, around the mark."""
MOST_LINES = 12
"""Marked lines of one file; a list of 200 callers is told by its beginning."""
REACH = 8000
"""Characters on both sides of those, in which a secret may begin or end."""
GAP = "..."


@dataclass(frozen=True, slots=True)
class Mark:
    """A place and a few words about it; `primary` is the place that the finding points at."""

    at: Location
    label: str
    _: KW_ONLY
    primary: bool = False
    shown: bool = True
    """Without, the line is there for orientation and carries no mark."""


def excerpt(marks: Iterable[Mark], screen: Screen) -> list[str]:
    """Return the lines of one file that hold the marks, with a gutter; the first mark decides what is cut."""
    by_line: dict[int, list[Mark]] = {}
    for mark in marks:
        by_line.setdefault(mark.at.line, []).append(mark)
    numbers = sorted(sorted(by_line, key=lambda number: not any(mark.primary for mark in by_line[number]))[:MOST_LINES])
    gutter = len(str(numbers[-1])) + 2
    bar = screen.ink("|", Ink.BLUE)
    lines = [" " * gutter + bar]
    for before, number in zip([numbers[0] - 1, *numbers], numbers, strict=False):
        if number > before + 1:
            lines.append(screen.ink(GAP, Ink.BLUE))
        lines += _numbered(number, by_line[number], gutter, screen)
    return lines


def _numbered(number: int, marks: Sequence[Mark], gutter: int, screen: Screen) -> Iterator[str]:
    bar = screen.ink("|", Ink.BLUE)
    shown = sorted((mark for mark in marks if mark.shown), key=lambda mark: (not mark.primary, mark.at.span.start))
    line = marks[0].at.source.line(number)
    focus = (shown or marks)[0].at.start[1] - 1
    room = (screen.width - gutter - 2) if screen.width else WIDEST
    text, seen, columns = _paint(line, focus, max(room, 20), screen)
    yield f"{screen.ink(str(number).rjust(gutter - 1), Ink.BLUE)} {bar} {text}".rstrip()
    for mark in shown:
        first, last = _extent(mark.at, number, line)
        start = columns[max(0, min(first - seen, len(columns) - 1))]
        length = max(columns[max(0, min(last - seen, len(columns) - 1))] - start, 1)
        ink = (Ink.RED if screen.colour else Ink.BOLD) if mark.primary else Ink.BLUE
        under = screen.ink(("^" if mark.primary else "-") * length, ink)
        label = screen.clean(mark.label)
        margin = f"{' ' * gutter}{bar} "
        if screen.width is None or start + length + 1 + len(label) <= room:
            yield f"{margin}{' ' * start}{under} {screen.ink(label, ink)}".rstrip()
        else:
            yield f"{margin}{' ' * start}{under}"
            yield f"{margin}{' ' * max(0, min(start, room - len(label)))}{screen.ink(label, ink)}"


def _extent(at: Location, number: int, line: str) -> tuple[int, int]:
    """Return where a mark starts and ends in its first line, counted from 0."""
    first = at.start[1] - 1
    last = at.end[1] - 1 if at.end[0] == number else len(line.rstrip())
    return first, max(first, last)


def _paint(line: str, focus: int, room: int, screen: Screen) -> tuple[str, int, list[int]]:
    """Return a line as it is shown, the first character looked at, and the column of each from there to their end."""
    start = max(0, focus - WINDOW // 2)
    cells, columns = _cells(line[start : start + WINDOW], _hidden(line, start))
    text = "".join(cells)
    offset = 0
    if columns[-1] > room:
        offset = max(0, min(columns[min(focus - start, len(columns) - 1)] - BEFORE, columns[-1] - room))
        text = _cut(cells, offset, room)
    if screen.runner:
        text = harmless(text)
    return text, start, [min(max(column - offset, 0), room) for column in columns]


def _hidden(line: str, start: int) -> dict[int, int]:
    """Return where secrets start and end within the window, also those that begin before it."""
    base = max(0, start - REACH)
    found = secrets(line[base : start + WINDOW + REACH])
    return {max(base + first - start, 0): base + last - start for first, last in found if base + last > start}


def _cells(line: str, hidden: Mapping[int, int]) -> tuple[list[str], list[int]]:
    cells: list[str] = []
    columns: list[int] = []
    width = 0
    until = 0
    for index, character in enumerate(line):
        columns.append(width)
        if index < until:
            continue
        if index in hidden:
            until = hidden[index]
            cell = REDACTED
        elif character == "\t":
            cell = " " * (TAB - width % TAB)
        else:
            cell = visible(character)
        cells.append(cell)
        width += len(cell) + (len(cell) == 1 and not cell.isascii() and _wide(cell))
    columns.append(width)
    return cells, columns


def _wide(character: str) -> bool:
    from unicodedata import east_asian_width

    return east_asian_width(character) in "WF"


def _cut(cells: Sequence[str], offset: int, room: int) -> str:
    """Return the cells from column `offset` on that fit into `room`, with dots where something was left out."""
    text, width = "", 0
    for cell in cells:
        size = len(cell) + (len(cell) == 1 and not cell.isascii() and _wide(cell))
        if offset <= width and width + size <= offset + room:
            text += cell
        width += size
    if offset:
        text = GAP + text[len(GAP) :]
    return text[: -len(GAP)] + GAP if width > offset + room else text
