"""Commands that carry a script in their words, for shells that are read character by character."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.scope import joined
from preflight.readers.shell import Command, Redirect, Shell, Word, nested
from preflight.readers.wrappers import unwrap

if TYPE_CHECKING:
    from preflight.readers.scope import Surroundings

_LEVEL = 5
"""How many levels of nesting one script within another counts for."""


def inside(command: Command, surroundings: Surroundings, depth: int) -> tuple[tuple[Command, ...], bool]:
    """Return what a command runs once its wrappers are taken off, and whether it does so in a shell of its own.

    That is the command itself, or the commands of the script that it carries, whose places are that of the script.
    """
    inner = unwrap(command.words)
    cwd = command.cwd
    if inner.folder is not None:
        cwd = joined(cwd, inner.folder.text if inner.folder.known else None, surroundings)
    outer = Command(
        inner.words,
        command.start,
        command.end,
        cwd=None if inner.somewhere else cwd,
        env=command.env + inner.env,
        redirects=command.redirects,
        stdin=command.stdin,
    )
    script = inner.script
    if inner.reads_stdin and command.stdin is not None:
        script = Word(command.stdin, command.start, command.end)
    if script is None:
        return (outer,), False
    return carried(script, inner.shell, outer, surroundings, depth), True


def carried(
    script: Word,
    shell: Shell,
    outer: Command,
    surroundings: Surroundings,
    depth: int,
) -> tuple[Command, ...]:
    """Return the commands of a script that a command runs."""
    start, end = script.start, script.end

    def place(word: Word) -> Word:
        return Word(word.text, start, end, word.known)

    return tuple(
        Command(
            tuple(place(word) for word in command.words),
            start,
            end,
            cwd=beneath(command.cwd, outer, surroundings),
            env=(*outer.env, *((name, place(word)) for name, word in command.env)),
            redirects=(*(Redirect(each.operator, place(each.target)) for each in command.redirects), *outer.redirects),
            stdin=command.stdin,
        )
        for command in nested(script.text, shell, surroundings.resolve, depth + _LEVEL)
    )


def beneath(cwd: str | None, outer: Command, surroundings: Surroundings) -> str | None:
    """Return a folder that is relative to where the outer command runs."""
    return cwd if cwd is None or cwd.startswith("/") else joined(outer.cwd, cwd, surroundings)


def within(command: Command, end: int) -> Command:
    """Return a command none of whose places lies beyond an end."""

    def place(word: Word) -> Word:
        return word if word.end <= end else Word(word.text, min(word.start, end), end, word.known)

    return Command(
        tuple(place(word) for word in command.words),
        min(command.start, end),
        min(command.end, end),
        cwd=command.cwd,
        env=tuple((name, place(word)) for name, word in command.env),
        redirects=tuple(Redirect(each.operator, place(each.target)) for each in command.redirects),
        stdin=command.stdin,
    )
