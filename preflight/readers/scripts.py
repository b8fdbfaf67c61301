"""What the surroundings of a script mean to a command in it: its folder, its variables, the CI system's expressions."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.pipeline import Setting
from preflight.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from preflight.readers.pipeline import Script
    from preflight.readers.shell import Command, Word

ROOT = PurePosixPath(".")
WORKSPACE = "/workspace"
"""What stands for the folder that the repository is checked out to."""


def join(base: PurePosixPath, text: str) -> PurePosixPath:
    """Return a path below the root, lexically normalised; one that leaves the root keeps its `..`."""
    parts: list[str] = [] if text.startswith("/") else [part for part in base.parts if part != "."]
    for part in text.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return PurePosixPath(*parts)


def filled(command: Command, script: Script) -> Command:
    """Return a command whose quoted words hold the CI system's values too: they are put in before any shell reads."""
    if not any("${H" in word.text and word.known for word in command.words):
        return command
    return replace(command, words=tuple(_put_in(word, script) for word in command.words))


def _put_in(word: Word, script: Script) -> Word:
    if not word.known:
        return word
    for name, fact in script.holes:
        mark = "${" + name + "}"
        if mark in word.text:
            match fact:
                case Known(value):
                    word = replace(word, text=word.text.replace(mark, value))
                case Unknown():
                    word = replace(word, known=False)
    return word


def spelt(word: Word, script: Script) -> str:
    """Return a word as the file has it, with the CI system's own expressions in place of the holes."""
    if word.known or not script.holes:
        return word.text
    return " ".join(script.scalar.text[word.start : word.end].strip("\"'").split())


def spellings(script: Script) -> tuple[tuple[str, str], ...]:
    """Return the holes of a script with what stands there in the file; both have the same length and place."""
    found = []
    for name, _ in script.holes:
        variable = f"${{{name}}}"
        if (at := script.text.find(variable)) >= 0:
            found.append((variable, " ".join(script.scalar.text[at : at + len(variable)].split())))
    return tuple(found)


def folder(script: Script, command: Command, option: str | None) -> Fact[PurePosixPath]:
    """Return the folder a command runs in, relative to the root."""
    match script.cwd:
        case Known(base) if command.cwd is not None:
            return Known(join(join(base, command.cwd), option or "."))
        case Known():
            return Unknown("the folder that the command runs in is worked out by the script")
        case Unknown() as unknown:
            return unknown


def environment(script: Script, command: Command) -> tuple[Setting, ...]:
    """Return the variables in force at a command, weakest first."""
    own = (
        Setting(
            name,
            Known(word.text) if word.known else Unknown(f"`{word.text}` is worked out by the script"),
            script.scalar.place(word.start, word.end),
        )
        for name, word in command.env
    )
    return (*script.env, *own)


def resolver(script: Script) -> Callable[[str], str | None]:
    """Return what gives the value of a variable that a script is given."""
    values = {setting.name: setting.value for setting in script.env}
    values.update(script.holes)

    def resolve(name: str) -> str | None:
        match values.get(name):
            case Known(value):
                return value
            case _:
                return WORKSPACE if name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR") else None

    return resolve
