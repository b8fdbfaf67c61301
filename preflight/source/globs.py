"""The patterns by which a workspace names its folders."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 1024
CHOICES = 64


class Globs:
    """Patterns such as `packages/*`, `./apps/**/` and `!packages/legacy`; of those that fit, the last one decides."""

    __slots__ = ("patterns",)

    def __init__(self, patterns: Iterable[str]) -> None:
        """Take patterns in npm's or pnpm's spelling; those over 1,024 characters are left out."""
        self.patterns = tuple(
            (pattern.startswith("!"), _names(choice))
            for pattern in patterns
            if len(pattern) <= LONGEST
            for choice in _choices(pattern.lstrip("!"))
        )

    def __contains__(self, folder: str) -> bool:
        """Tell whether a folder, relative to the root and `.` for itself, is one of those named."""
        names = _names(folder)
        chosen = False
        for without, pattern in self.patterns:
            if chosen == without and _fits(pattern, names):
                chosen = not without
        return chosen


def _names(path: str) -> tuple[str, ...]:
    return tuple(name for name in path.split("/") if name not in ("", "."))


def _choices(pattern: str) -> tuple[str, ...]:
    """Spell out `{a,b}`, nested or not; at most 64 patterns come of one, else it is taken as it stands."""
    pending = [pattern]
    found: list[str] = []
    while pending:
        if len(pending) + len(found) > CHOICES:
            return (pattern,)
        one = pending.pop()
        close = one.find("}")
        start = one.rfind("{", 0, close) if close >= 0 else -1
        if start < 0:
            found.append(one)
        else:
            pending += [one[:start] + choice + one[close + 1 :] for choice in one[start + 1 : close].split(",")]
    return tuple(found)


def _fits(pattern: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Match name by name; on a mismatch only the last `**` takes one name more, so that it stays linear."""
    at = name = 0
    star = behind = -1
    while name < len(names):
        if at < len(pattern) and pattern[at] == "**":
            star, behind = at, name
            at += 1
        elif at < len(pattern) and _named(pattern[at], names[name]):
            at += 1
            name += 1
        elif star >= 0:
            behind += 1
            at, name = star + 1, behind
        else:
            return False
    return all(part == "**" for part in pattern[at:])


def _named(pattern: str, name: str) -> bool:
    """Tell whether a pattern fits one name; a leading dot is never meant by a wildcard."""
    if name.startswith(".") and not pattern.startswith("."):
        return False
    return pattern == name or fnmatchcase(name, pattern)
