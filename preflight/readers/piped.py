"""Commands that run what they download: `curl … | sh`, `bash <(wget …)`, `iex (irm …)`."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from preflight.readers.wrappers import program
from preflight.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.shell import Command, Word

MARKS = ("curl", "wget", "iwr", "irm", "invoke-webrequest", "invoke-restmethod", "downloadstring")
"""Lower-case texts: a script that holds none of them downloads nothing."""
DOWNLOADERS = frozenset({"curl", "wget", "iwr", "irm", "invoke-webrequest", "invoke-restmethod"})
SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "ash", "pwsh", "powershell", "iex", "invoke-expression"})
INTERPRETERS = frozenset({"node", "python", "python3", "perl", "ruby", "deno", "bun"})
SOURCING = frozenset({"source", "."})


@dataclass(frozen=True, slots=True)
class Download:
    """A download that is run: its characters in the script, and the address as far as it is told."""

    start: int
    end: int
    source: str


def piped(text: str, commands: Iterable[Command]) -> Iterator[Download]:
    """Yield what a script downloads and runs unseen; an address that names a commit cannot change and is left out."""
    fed: Command | None = None
    before: Command | None = None
    for command in commands:
        if not command.words:
            continue
        first = command.words[0]
        name = program(first).lower()
        joined = before is not None and _joined(text, before, command)
        if name in DOWNLOADERS or _loads(command):
            fed = command
            if (start := _evaluated(text, command)) is not None:
                yield from _found(command.words, start, command.end)
        elif fed is not None and joined and _reads(name, command):
            yield from _found(fed.words, min(fed.start, command.start), command.end)
        elif (word := _substituted(name, command)) is not None:
            yield from _found(command.words, word.start, command.end)
        elif not joined:
            fed = None
        before = command


def _found(words: Iterable[Word], start: int, end: int) -> Iterator[Download]:
    source = next((found for word in words if (found := _address().search(word.text))), None)
    address = source[0] if source else ""
    if not _commit().search(address):
        yield Download(start, end, address)


def _joined(text: str, before: Command, after: Command) -> bool:
    """Tell whether the one's output is the other's input; commands out of one word stand in the same place."""
    if before.start == after.start:
        return True
    gap = text[before.end : after.start].replace("\\\n", " ").rstrip()
    return gap.endswith(("|", "|&")) and not gap.endswith("||")


def _reads(name: str, command: Command) -> bool:
    """Tell whether a program runs what it is given on its standard input."""
    words = [word.text for word in command.words[1:]]
    if name in INTERPRETERS:
        return not words or words[0] == "-"
    if name not in SHELLS:
        return False
    return all(word.startswith("-") for word in words) or "-s" in words or "-" in words


def _substituted(name: str, command: Command) -> Word | None:
    """Return the first word where a download stands in the place of the command, or of the file that a shell runs."""
    first = command.words[0]
    if not first.known and _downloads(first.text, ("$(", "`")):
        return first
    if name in SHELLS | SOURCING | INTERPRETERS and any(_downloads(word.text, ("<(",)) for word in command.words[1:]):
        return first
    return None


def _downloads(text: str, openings: tuple[str, ...]) -> bool:
    inner = next((text[len(mark) :].lstrip() for mark in openings if text.startswith(mark)), "")
    return inner.partition(" ")[0] in DOWNLOADERS


def _loads(command: Command) -> bool:
    return any("downloadstring" in word.text.lower() for word in command.words) or (
        command.words[0].text.lower() == "new-object" and any("WebClient" in word.text for word in command.words)
    )


def _evaluated(text: str, command: Command) -> int | None:
    """Return where PowerShell's `iex (…)` begins that runs what a command in its brackets downloads."""
    begin = text.rfind("\n", 0, command.start) + 1
    found = _evaluator().search(text, begin, command.start)
    if found is None or "|" in text[found.end() : command.start] or ";" in text[found.end() : command.start]:
        return None
    return found.start()


@cache
def _address() -> re.Pattern[str]:
    return re.compile(r"https?://[^\s'\"`)|;]+")


@cache
def _commit() -> re.Pattern[str]:
    return re.compile(r"/[0-9a-f]{40}/")


@cache
def _evaluator() -> re.Pattern[str]:
    return re.compile(r"(?<![\w-])(?:iex|invoke-expression)\b", re.IGNORECASE)
