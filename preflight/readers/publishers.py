"""What commands do that bears on a release: who publishes, what runs something else, what changes the tools in use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.readers.calls import Call
from preflight.readers.interpreters import INTERPRETERS
from preflight.readers.launchers import LAUNCHERS, line
from preflight.readers.npm_cli import npm
from preflight.readers.pipeline import RunFile
from preflight.readers.pnpm_cli import pnpm, pnpx
from preflight.readers.releasers import RELEASERS
from preflight.readers.surroundings import SURROUNDINGS, build, written
from preflight.readers.wrappers import unwrap
from preflight.readers.yarn_cli import bun, yarn
from preflight.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from preflight.readers.flags import Place
    from preflight.readers.pipeline import Deed
    from preflight.readers.shell import Command, Word

POSSIBLE = frozenset(
    {
        "publish", "release", "shipit", "shipjs", "publib", "napi", "rush", "turbo", "lage", "wsrun", "ultra",
        "run-all", "run-s", "run-p", "concurrently", "auto ", "make", "just ", "task ", "nx ", "lerna", " version",
    }
)  # fmt: skip
"""Lower-case texts: a script that holds none of them sends nothing to a registry by itself.

It can still run a script of a package.json or a file of the repository; whoever knows their names looks for them.
"""

# `np`, and what npm accepts in the place of `publish`.
_SHORT = re.compile(r"(?:(?<![\w./-])|(?<=bin/))(?:np|publis|publi|publ|pub|pu)(?![\w.-])")


def may_publish(text: str) -> bool:
    """Tell whether a script may send something to a registry by itself; False is sure, True only worth a closer look.

    Names of scripts in a package.json and paths of files that the script runs are the caller's to look for.
    """
    lowered = text.lower()
    return any(part in lowered for part in POSSIBLE) or _SHORT.search(lowered) is not None


def deeds(command: Command, place: Place) -> tuple[Deed, ...]:
    """Tell what one simple command does, by its words alone.

    `place` turns offsets of the script into a place. The options of a publish carry their full names (`-w` is
    `--workspace`). Where a word names a script that a package.json may have or not (`yarn lerna`, `pnpm changeset`),
    both the script and what the program of that name does are returned, the script first: who knows the scripts
    drops the rest if it exists. A script's name may hold `*` (`npm-run-all "publish:*"`).
    """
    if not command.words:
        return written(command)
    return (*written(command), *_read(Call(command.words, place, read=_read)))


def _read(call: Call) -> tuple[Deed, ...]:
    """Tell what one program does with its words."""
    if call.depth:
        inner = unwrap(call.words)
        if inner.script is not None:
            return line(call, inner.script, call.runner)
        if not inner.words:
            return ()
        call = replace(call, words=inner.words, cwd=call.where(inner.folder))
    first = call.words[0]
    program = _program(first)
    if program is None:
        return (RunFile(first, None, call.words[1:]),) if _is_file(first) else ()
    if program == "cargo" and [word.text for word in call.words[1:3]] == ["npm", "publish"]:
        program = "cargo-npm"
        call = replace(call, words=call.words[1:])
    runner = call.runner or ("node_modules/.bin" if ".bin/" in first.text.replace("\\", "/") else None)
    call = replace(call, words=(replace(first, text=program, known=True), *call.words[1:]), runner=runner)
    reader = _reader(program)
    return (reader(call) if reader is not None else ()) or build(call)


def _reader(program: str) -> Callable[[Call], tuple[Deed, ...]] | None:
    match program:
        case "npm":
            return npm
        case "pnpm" | "pn":
            return pnpm
        case "pnpx" | "pnx":
            return pnpx
        case "yarn" | "yarnpkg":
            return yarn
        case "bun":
            return bun
        case _:
            tables = (RELEASERS, LAUNCHERS, INTERPRETERS, SURROUNDINGS)
            return next((table[program] for table in tables if program in table), None)


_ENDINGS = (".cmd", ".exe", ".bat")


def _program(word: Word) -> str | None:
    """Return the name of the program that a command's first word starts, or None for a file of the repository.

    A path counts for its last name where it is that of an installed program: below `node_modules/.bin`, absolute, or
    behind `$(npm bin)`.
    """
    text = word.text.replace("\\", "/")
    folder, slash, name = text.rpartition("/")
    bare = name.lower() if name.lower().endswith(_ENDINGS) else name
    for ending in _ENDINGS:
        bare = bare.removesuffix(ending)
    if not slash:
        return bare if word.known else None
    if any(mark in name for mark in "$`"):
        return None
    installed = folder.endswith(("/.bin", "node_modules/.bin")) or folder in {"$(npm bin)", "`npm bin`"}
    system = folder.startswith("/") and (folder.endswith(("/bin", "/sbin")))
    return bare if installed or system or (not word.known and folder.endswith("/bin")) else None


def _is_file(word: Word) -> bool:
    text = word.text.replace("\\", "/")
    return "/" in text and not text.startswith(("http:", "https:")) and "://" not in text
