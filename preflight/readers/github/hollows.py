"""Scripts whose `${{ }}` are replaced by shell variables of the same length, so that a shell can read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.github.syntax import holes

if TYPE_CHECKING:
    from collections.abc import Iterator


def named_holes(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the variable that stands for each `${{ }}`, and where it starts and ends."""
    for number, (start, end, _) in enumerate(holes(text)):
        yield f"H{number:x}".ljust(end - start - 3, "_"), start, end


def hollow(text: str) -> str:
    """Return a script with each `${{ }}` replaced; every other character keeps its place."""
    if "${{" not in text:
        return text
    parts: list[str] = []
    last = 0
    for name, start, end in named_holes(text):
        parts += [text[last:start], "${" + name + "}"]
        last = end
    return "".join([*parts, text[last:]])
