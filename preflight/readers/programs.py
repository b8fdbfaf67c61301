"""Files of the repository that a job runs: shell scripts, JavaScript programs, targets of a Makefile."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.errors import PreflightError
from preflight.source.nodes import Scalar

if TYPE_CHECKING:
    from preflight.source.files import Files
    from preflight.source.text import Location, Source

JAVASCRIPT_RUNTIMES = frozenset({"node", "tsx", "ts-node", "zx", "bun", "deno", "esno", "jiti", "babel-node"})
JAVASCRIPT = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")
SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh"})


class Text(Scalar):
    """A part of a file as a scalar, so that what is found in it has a place; its characters are the file's own."""

    __slots__ = ()

    def place(self, start: int, end: int) -> Location:
        """Return the place of characters of the part."""
        return self.source.at(min(self.start + start, self.end), min(self.start + end, self.end))


def read(files: Files, path: PurePosixPath) -> Text | None:
    """Return a file's whole text, or None where there is none that can be read."""
    if not files.exists(path):
        return None
    try:
        source = files.source(path)
    except PreflightError:
        return None
    return Text(source, 0, len(source.text), source.text, source.text)


def is_javascript(path: PurePosixPath, program: str | None) -> bool:
    """Tell whether a file is a JavaScript or TypeScript program."""
    return path.suffix in JAVASCRIPT or program in JAVASCRIPT_RUNTIMES


def is_shell(path: PurePosixPath, program: str | None, source: Source) -> bool:
    """Tell whether a file is a shell script: by what runs it, its suffix, or its first line."""
    if program is not None:
        return program in SHELLS or program in ("source", ".")
    first = source.line(1)
    return path.suffix in (".sh", ".bash") or (
        first.startswith("#!") and any(name in SHELLS for name in first.replace("/", " ").split())
    )


def module(files: Files, path: PurePosixPath, program: str | None) -> Text | None:
    """Return the text of the program that Node.js finds under a name without its suffix."""
    if program not in JAVASCRIPT_RUNTIMES:
        return None
    names = (*(path.with_name(path.name + suffix) for suffix in JAVASCRIPT), path / "index.js")
    return next((found for name in names if path.name and (found := read(files, name))), None)


def make_folder(arguments: tuple[str, ...]) -> str:
    """Return the folder that options of make name: `-C dir`, `-Cdir`, `--directory=dir`."""
    for word, following in zip(arguments, (*arguments[1:], ""), strict=False):
        if word in ("-C", "--directory"):
            return following
        for start in ("-C", "--directory="):
            if word.startswith(start):
                return word.removeprefix(start)
    return "."


def recipes(files: Files, folder: PurePosixPath, target: str) -> tuple[tuple[str, Text], ...]:
    """Return the recipes that a target of the Makefile in a folder runs, those of its prerequisites first.

    They are without make's `@` and `-` marks. Without a target it is the first one of the file.
    """
    names = ("GNUmakefile", "makefile", "Makefile")
    makefile = next((text for name in names if (text := read(files, folder / name))), None)
    if makefile is None:
        return ()
    rules = _rules(makefile)
    first = next((name for name in rules if not name.startswith(".")), "")
    found: dict[str, Text] = {}
    waiting, seen = [target or first], set[str]()
    while waiting:
        goal = waiting.pop()
        needs, recipe = rules.get(goal, ((), None))
        if goal not in seen:
            seen.add(goal)
            waiting += [goal, *(need for need in reversed(needs) if need not in seen)]
        elif recipe is not None:
            found[goal] = recipe
    return tuple(found.items())


def _rules(makefile: Text) -> dict[str, tuple[tuple[str, ...], Text | None]]:
    """Return the prerequisites and the recipe of every target; the rule with a recipe counts."""
    rules: dict[str, tuple[tuple[str, ...], Text | None]] = {}
    names: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    offset, start, end = 0, 0, 0
    for line in (*makefile.text.splitlines(keepends=True), "end:"):
        head, colon, rest = line.partition(":")
        if line.startswith("\t") or not line.strip():
            end = offset + len(line)
        elif line[0].isspace() or line.startswith("#"):
            pass
        else:
            recipe = _recipe(makefile, start, end) if end > start else None
            for name in names:
                before = rules.get(name, ((), None))
                rules[name] = ((*before[0], *needs), recipe or before[1])
            own = bool(colon) and not rest.startswith("=") and "=" not in head
            names = tuple(head.split()) if own else ()
            needs = tuple(rest.lstrip(":").split("#")[0].split(";")[0].split()) if own else ()
            start = end = offset + len(line)
        offset += len(line)
    return rules


def _recipe(makefile: Text, start: int, end: int) -> Text | None:
    text = "".join(_unmarked(line) for line in makefile.text[start:end].splitlines(keepends=True))
    return Text(makefile.source, start, end, text, text) if text.strip() else None


def _unmarked(line: str) -> str:
    """Return a line of a recipe with make's marks blanked, so that every character keeps its place."""
    bare = line.lstrip("\t @-+")
    return " " * (len(line) - len(bare)) + bare


def nowhere() -> Text:
    """Return a text that stands in no file, for places that nobody will see."""
    from preflight.source.text import Source

    return Text(Source(PurePosixPath("nowhere"), ""), 0, 0, "", "")
