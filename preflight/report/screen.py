"""What a report is written on."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass
from preflight.report.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

NARROWEST = 40
LONGEST_CODE = 60
"""Characters of code between back-ticks that are kept on one line."""


class Ink(StrEnum):
    """A way to set text apart, as the numbers of its terminal sequence."""

    BOLD = "1"
    DIM = "2"
    RED = "1;31"
    YELLOW = "1;33"
    BLUE = "1;34"
    CYAN = "1;36"
    GREEN = "1;32"
    MAGENTA = "1;35"


_ASCII = {
    "✔": "ok",
    "✘": "x",
    "●": "!",
    "–": "-",  # noqa: RUF001
    "·": "-",
    "→": "->",
    "…": "...",
    "■": "#",
    "□": ".",
    "▼": "v",
    "▲": "^",
}
"""What stands for the few signs of ours where the encoding cannot carry them."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A terminal, a pipe or a file; `width` is None where lines must not be wrapped."""

    width: int | None = None
    _: KW_ONLY
    colour: bool = False
    signs: bool = True
    """Whether signs beyond ASCII may be used."""
    runner: bool = False
    """Whether a CI runner reads along and obeys commands."""

    def ink(self, text: str, ink: Ink) -> str:
        """Return text in an ink."""
        return f"\x1b[{ink}m{text}\x1b[0m" if self.colour and text else text

    def clean(self, text: str) -> str:
        """Return foreign text as it may be shown here."""
        return clean(text, runner=self.runner)

    def sign(self, sign: str) -> str:
        """Return a sign of ours as this screen can show it."""
        return sign if self.signs else _ASCII.get(sign, sign)

    def wrap(self, text: str, indent: str, first: str | None = None) -> list[str]:
        """Return prose as lines: behind `first`, then behind `indent`; words, paths and short code are never broken."""
        first = indent if first is None else first
        # For a runner, a line that begins with `::` in the middle of a text would be a command.
        if self.width is None or self.runner:
            return [(first + text).rstrip()]
        width = max(self.width, NARROWEST)
        lines, line = [], first
        empty = True
        for word in _words(text, min(LONGEST_CODE, width - len(indent))):
            if not empty and len(line) + 1 + len(word) > width:
                lines.append(line)
                line, empty = indent, True
            line += word if empty else f" {word}"
            empty = False
        return [*lines, line.rstrip()]


def _words(text: str, longest: int) -> Iterator[str]:
    """Return the words of a text; what stands between back-ticks is one word, so that it can be copied."""
    words = text.split()
    at = 0
    while at < len(words):
        last, length = at, len(words[at])
        ticks = words[at].count("`")
        while ticks % 2 and last + 1 < len(words) and length < longest:
            last += 1
            length += 1 + len(words[last])
            ticks += words[last].count("`")
        if ticks % 2 or length > longest:
            last = at
        yield " ".join(words[at : last + 1])
        at = last + 1
