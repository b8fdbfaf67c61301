"""What a comment behind a value says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from preflight.source.text import Location


def version_behind(at: Location) -> str | None:
    """Return the version that a comment behind a value names, for people and for the bots that raise pins.

    It is the first word with a digit, else the only word, such as the name of a branch. Prose names nothing.
    """
    text = at.source.text
    end = text.find("\n", at.span.end)
    _, mark, said = text[at.span.end : end if end >= 0 else len(text)].partition("#")
    words = said.split() if mark else []
    return next((word for word in words if any(char.isdigit() for char in word)), words[0] if len(words) == 1 else None)
