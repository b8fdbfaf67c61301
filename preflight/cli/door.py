"""The fast door: command lines that are understood without Typer, whose import takes longer than a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.cli.settings import COMMANDS, GLOBAL, Given

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from preflight.cli.settings import Option

FAST = frozenset({"check", "plan", "tag"})
"""Commands that the fast door knows; they take one folder, or one tag, at most."""


def fast(words: Sequence[str]) -> Given | None:
    """Read a command line; None for everything that is not plain, such as help, mistakes and other commands."""
    words = forward(words)
    if not words or words[0] not in FAST:
        return None
    command, rest = words[0], iter(words[1:])
    options = _names(COMMANDS[command])
    given: dict[str, tuple[str, ...]] = {}
    roots: list[str] = []
    for word in rest:
        if not word.startswith("-"):
            roots.append(word)
            continue
        name, mark, value = word.partition("=")
        option = options.get(name)
        if option is None or (mark and (option.kind.bare or not name.startswith("--"))):
            return None
        if option.kind.bare:
            value = "true"
        elif not mark:
            value = next(rest, "-")
            if value.startswith("-"):
                return None
        given[option.key] = (*given.get(option.key, ()), value)
    if len(roots) > 1 or "" in roots:
        return None
    return Given(command, tuple(roots), given)


def forward(words: Sequence[str]) -> tuple[str, ...]:
    """Return a command line with the options before its command put behind it; without them where there is none."""
    options = _names(GLOBAL)
    at = 0
    while at < len(words) and words[at].startswith("-"):
        name, mark, _ = words[at].partition("=")
        option = options.get(name)
        if option is None:
            break
        at += 1 if mark or option.kind.bare else 2
    if at >= len(words) or words[at] not in COMMANDS:
        # Typer then speaks of what is wrong or missing, rather than of the good options before it.
        return tuple(words[at:])
    # The options of `config` belong to the command below it.
    behind = at + 2 if words[at] == "config" and at + 1 < len(words) and not words[at + 1].startswith("-") else at + 1
    return (*words[at:behind], *words[:at], *words[behind:])


def _names(options: Iterable[Option]) -> dict[str, Option]:
    return {name: option for option in options for name in option.names}
