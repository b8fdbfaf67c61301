"""Scripts of bash, PowerShell and cmd turned into the commands that they run."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 64 * 1024
"""The characters of the longest script that is read."""

DEEPEST = 50
"""The levels of nesting that are followed."""


class Shell(StrEnum):
    """The language of a script."""

    BASH = "bash"
    POWERSHELL = "powershell"
    CMD = "cmd"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command as the program receives it; `start` and `end` are offsets in the script's text.

    Where a part is not known (a variable, a command substitution), `known` is False and `text` keeps the spelling of
    that part. File name patterns (`dist/*.tgz`) stay text and count as known.
    """

    text: str
    start: int
    end: int
    known: bool = True


@dataclass(frozen=True, slots=True)
class Redirect:
    """`>`, `>>` or `<` with its target; the operator keeps the number of the stream (`2>`)."""

    operator: str
    target: Word


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command.

    `start` and `end` are its offsets in the script's text. A command with the one unknown word of an empty text stands
    for a part that is too large or too deeply nested to be read.
    """

    words: tuple[Word, ...]
    start: int
    end: int
    _: KW_ONLY
    cwd: str | None = "."
    """The folder that earlier `cd`s lead to; None where it is not known.

    Relative to where the script starts; with a leading `/`, relative to the project's root. It holds a file name
    pattern where a loop over a pattern leads there (`for p in packages/*`): then it is each of the folders that match.
    """
    env: tuple[tuple[str, Word], ...] = ()
    """Variables that earlier `export`s and the command's own prefix set, weakest first; an unset one has no text."""
    redirects: tuple[Redirect, ...] = ()
    stdin: str | None = None
    """The text of a here-document or of an `echo` piped into the command, where it is known.

    Variables without a known value keep their spelling.
    """


def commands(text: str, shell: Shell, resolve: Callable[[str], str | None]) -> tuple[Command, ...]:
    """Return the simple commands of a script in the order in which they run.

    `resolve` gives the value of a variable that the surroundings set, or None. The values of `GITHUB_WORKSPACE` and
    `CI_PROJECT_DIR` are taken for the project's root, `PWD` for the folder in which the script starts, and `0` for the
    path of the script's own file. Commands that can never run (after an `exit`, under `if false`) are left out, a loop
    over known words is unrolled, and what merely starts another command (`sudo`, `env`, `xargs`, `bash -c`) gives way
    to that command. Syntax errors never raise: what can be read is returned.
    """
    return nested(text, shell, resolve, 0)


def nested(text: str, shell: Shell, resolve: Callable[[str], str | None], depth: int) -> tuple[Command, ...]:
    """Return the commands of a script that stands within others; `depth` counts the levels around it."""
    if len(text) > LONGEST or depth >= DEEPEST:
        return (unread(0, len(text)),)
    match shell:
        case Shell.BASH:
            from preflight.readers.plain import plain

            if (found := plain(text)) is not None:
                return found
            from preflight.readers import bash

            return bash.commands(text, resolve, depth)
        case Shell.POWERSHELL:
            from preflight.readers import powershell

            return powershell.commands(text, resolve, depth)
        case Shell.CMD:
            from preflight.readers import cmd

            return cmd.commands(text, resolve, depth)
        case Shell.OTHER:
            return ()


def unread(start: int, end: int) -> Command:
    """Return the command that stands for a part of a script which cannot be read."""
    return Command((Word("", start, end, known=False),), start, end, cwd=None)
