"""Where the characters of a scalar stand in the file, whatever quotes, escapes and folds lie between."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from preflight.source.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.source.nodes import Scalar

BREAK = r"[ \t]*(?:\r\n|\n|\r)[ \t\r\n]*"
# Few scalars need them, and most runs none: `re` compiles and keeps what is used.
PLAIN = rf"(?P<fold>{BREAK})|[^ \t\r\n]+|[ \t]+"
SINGLE = rf"(?P<escape>'')|(?P<fold>{BREAK})|[^' \t\r\n]+|[ \t]+"
DOUBLE = (
    r"(?P<escape>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\[^\r\n])"
    rf"|(?P<join>\\(?:\r\n|\n|\r)[ \t\r\n]*)|(?P<fold>{BREAK})|[^\\ \t\r\n]+|[ \t]+"
)
LOOK_AHEAD = 64


class Run(NamedTuple):
    """Characters of the text from `text` on, that `start` to `end` in the file spell.

    Where the two are of the same length, they match one by one; else the whole stands for the whole.
    """

    text: int
    length: int
    start: int
    end: int


def align(scalar: Scalar, start: int, end: int) -> Span:
    """Return where the characters `start` to `end` of a scalar's text stand in its file.

    Exact for all that is spelt as it is read; what is spelt otherwise, such as an escape or a folded line break, is
    one piece. Offsets beyond the text are taken as its end. The span stays within the scalar's own, and is empty only
    where `start` is `end` or the scalar has no characters.
    """
    size = len(scalar.text)
    start = max(0, min(start, size))
    end = max(start, min(end, size))
    runs = _runs(scalar)
    first = _start(runs, start, scalar)
    if start == end:
        return Span(first, first)
    last = _end(runs, end, scalar)
    if first >= last:
        first = max(scalar.start, min(first, scalar.end - 1))
        last = min(first + 1, scalar.end)
    return Span(first, last)


def _start(runs: tuple[Run, ...], offset: int, scalar: Scalar) -> int:
    if not runs:
        return scalar.start
    run = runs[max(0, bisect_right(runs, offset, key=lambda run: run.text) - 1)]
    within = offset - run.text
    if within >= run.length:
        return min(run.end, scalar.end)
    return min(run.start + (within if run.end - run.start == run.length else 0), scalar.end)


def _end(runs: tuple[Run, ...], offset: int, scalar: Scalar) -> int:
    run = runs[max(0, bisect_right(runs, offset - 1, key=lambda run: run.text) - 1)]
    within = offset - run.text
    exact = run.end - run.start == run.length and within <= run.length
    return min(run.start + within if exact else run.end, scalar.end)


# A script is asked for the places of its words one by one.
@lru_cache(maxsize=64)
def _runs(scalar: Scalar) -> tuple[Run, ...]:
    """Return the runs of a scalar in the order of its text, without gaps."""
    source, text = scalar.source.text, scalar.text
    start, end = scalar.start, min(scalar.end, len(scalar.source.text))
    raw = source[start:end]
    if raw == text:
        return (Run(0, len(text), start, end),)
    quoted = len(raw) >= 2 and raw[0] == raw[-1] and raw[0] in "'\""
    if quoted and raw[1:-1] == text:
        return (Run(0, len(text), start + 1, end - 1),)
    if quoted:
        pattern = DOUBLE if raw[0] == '"' else SINGLE
        found = tuple(_flow(source, start + 1, end - 1, pattern))
    elif raw[:1] in ("|", ">"):
        found = tuple(_block(source, start, end, text))
    else:
        found = tuple(_flow(source, start, end, PLAIN))
    return found if _fits(found, source, text) else tuple(_guess(source, start, end, text))


def _fits(runs: tuple[Run, ...], source: str, text: str) -> bool:
    """Tell whether the runs spell the whole text."""
    return (
        bool(runs)
        and runs[-1].text + runs[-1].length == len(text)
        and all(
            source.startswith(text[run.text : run.text + run.length], run.start)
            for run in runs
            if run.length > 1 and run.end - run.start == run.length
        )
    )


def _flow(source: str, start: int, end: int, pattern: str) -> Iterator[Run]:
    """Align a plain or quoted scalar token by token."""
    at = 0
    for token in re.compile(pattern).finditer(source, start, end):
        match token.lastgroup:
            case "escape":
                length = 1
            case "fold":
                breaks = _breaks(token[0])
                length = breaks - 1 or 1
            case "join":
                length = _breaks(token[0]) - 1
            case _:
                length = len(token[0])
        yield Run(at, length, token.start(), token.end())
        at += length


def _breaks(blank: str) -> int:
    return blank.count("\n") + blank.count("\r") - blank.count("\r\n")


def _block(source: str, start: int, end: int, text: str) -> Iterator[Run]:
    """Align a block scalar line by line: without its indentation, each stands in the text as it is."""
    at = 0
    line = source.find("\n", start, end) + 1 or end
    behind = line
    indent = -1
    while line < end:
        stop = source.find("\n", line, end)
        stop = end if stop < 0 else stop
        content = source[line:stop].removesuffix("\r")
        bare = content.lstrip(" ")
        if indent < 0 and bare:
            spoken = text.lstrip("\n")
            indent = max(0, len(content) - len(bare) - (len(spoken) - len(spoken.lstrip(" "))))
        kept = content[max(indent, 0) :]
        if kept:
            found = at
            while found < len(text) and text[found] in " \n" and not text.startswith(kept, found):
                found += 1
            if not text.startswith(kept, found):
                return
            place = line + indent
            if found > at:
                yield Run(at, found - at, behind, place)
            yield Run(found, len(kept), place, place + len(kept))
            at = found + len(kept)
            behind = place + len(kept)
        line = stop + 1
    if at < len(text) and not text[at:].strip(" \n"):
        yield Run(at, len(text) - at, min(behind, end), end)


def _guess(source: str, start: int, end: int, text: str) -> Iterator[Run]:
    """Align what follows no rule known here: each character with its next likeness close by."""
    place = start
    for at, character in enumerate(text):
        found = source.find(character, place, min(end, place + LOOK_AHEAD))
        if found < 0:
            yield Run(at, 1, place, place)
        else:
            yield Run(at, 1, found, found + 1)
            place = found + 1
