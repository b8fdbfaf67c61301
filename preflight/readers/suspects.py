"""Which scripts could publish at all, so that only these are walked with everything that surrounds them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from preflight.readers import programs
from preflight.readers.pipeline import Publish, RunFile, RunScript
from preflight.readers.publishers import deeds, may_publish
from preflight.readers.scripts import ROOT, WORKSPACE, join
from preflight.readers.shell import Shell, commands
from preflight.source.nodes import Scalar, entries

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from preflight.readers.pipeline import Deed
    from preflight.readers.workspace import Workspace
    from preflight.source.files import Files
    from preflight.source.text import Location

ENDINGS = (".sh", ".bash", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")
LONGEST = 200
"""A word longer than that names no file that is looked for."""
SEPARATORS = str.maketrans(dict.fromkeys("\"'`;&|()<>=,", " "))
RUNNERS = frozenset({"make", "just", "task"})


class Suspects:
    """Scripts of the project that could publish; one that is not suspected surely does not, as far as files tell.

    First come words that a text must hold, which costs next to nothing; only what has one is parsed, once for each
    text however many jobs run it.
    """

    def __init__(self, files: Files, workspace: Workspace) -> None:
        self._files = files
        self._workspace = workspace
        self._programs: dict[PurePosixPath, bool] = {}
        self._texts: dict[str, bool] = {}

    @cached_property
    def scripts(self) -> frozenset[str]:
        """Names of package.json scripts that may publish, through other scripts too."""
        texts = self._named
        rough = {name for name, text, folder in texts if may_publish(text) or self._names_program(text, folder)}
        while more := {name for name, text, _ in texts if name not in rough and _names(text, rough)}:
            rough |= more
        runs = [(name, self._deeds(text), folder) for name, text, folder in texts if name in rough]
        found = {
            name
            for name, done, folder in runs
            if done is None or any(self._sends(deed, frozenset(), folder) for deed in done)
        }
        while more := {
            name
            for name, done, folder in runs
            if name not in found and any(self._sends(deed, _around(found), folder) for deed in done or ())
        }:
            found |= more
        return _around(found)

    @cached_property
    def _named(self) -> tuple[tuple[str, str, PurePosixPath], ...]:
        """The scripts of every package.json: name, text, folder."""
        return tuple(
            (entry.key.text, entry.value.text, manifest.folder)
            for manifest in self._workspace.manifests
            for entry in entries(manifest.node.get("scripts"))
            if isinstance(entry.value, Scalar)
        )

    @cached_property
    def _plain(self) -> frozenset[str]:
        """Names of scripts that may publish by their words alone, for files that run them."""
        return _around({name for name, text, _ in self._named if may_publish(text)})

    def suspect(self, text: str, parsed: str | None = None) -> bool:
        """Tell whether a script could publish.

        `parsed` is the text as bash can read it; without it the words alone decide, as for another shell's script.
        """
        if not (may_publish(text) or _names(text, self.scripts) or self._names_program(text, stray=True)):
            return False
        if parsed is None:
            return True
        if parsed not in self._texts:
            done = self._deeds(parsed)
            self._texts[parsed] = done is None or any(self._sends(deed, self.scripts, stray=True) for deed in done)
        return self._texts[parsed]

    def _deeds(self, text: str) -> tuple[Deed, ...] | None:
        """Return what a script does by its text alone; None where a command is put together when it runs."""
        found: list[Deed] = []
        for command in commands(text, Shell.BASH, lambda _: None):
            if command.words and not command.words[0].known:
                return None
            found += deeds(command, _nowhere)
        return tuple(found)

    def _sends(self, deed: Deed, scripts: frozenset[str], folder: PurePosixPath = ROOT, *, stray: bool = False) -> bool:
        match deed:
            case Publish():
                return True
            case RunScript(name):
                return name in scripts or ("*" in name and any(fnmatchcase(each, name) for each in scripts))
            case RunFile(word, program):
                return not word.known or program in RUNNERS or self._publishes(word.text, folder, stray=stray)
            case _:
                return False

    def _names_program(self, text: str, folder: PurePosixPath = ROOT, *, stray: bool = False) -> bool:
        words = text.translate(SEPARATORS).split()
        return any(
            word in RUNNERS or (("/" in word or word.endswith(ENDINGS)) and self._publishes(word, folder, stray=stray))
            for word in words
        )

    def _publishes(self, word: str, folder: PurePosixPath, *, stray: bool) -> bool:
        """Tell whether a word names a file of the repository that could publish.

        It is looked for from a folder; a `stray` one, of a script that may have gone elsewhere, beside every manifest.
        """
        if word.startswith(("http:", "https:", "@")) or "*" in word or len(word) > LONGEST:
            return False
        if word.startswith(("$", "}}/")):
            # Below a folder that a variable or an expression names, such as the one of an action.
            return word.endswith(ENDINGS)
        bare = word.removeprefix(WORKSPACE)
        folders = (folder, *(manifest.folder for manifest in self._workspace.manifests)) if stray else (folder,)
        return any(self._program(join(each, bare)) for each in dict.fromkeys(folders))

    def _program(self, path: PurePosixPath) -> bool:
        if path not in self._programs:
            self._programs[path] = False  # a file that names itself
            self._programs[path] = self._read_program(path)
        return self._programs[path]

    def _read_program(self, path: PurePosixPath) -> bool:
        found = programs.read(self._files, path) or programs.read(self._files, path.parent / f"{path.name}.js")
        if found is None:
            return False
        text = found.text
        if not (may_publish(text) or _names(text, self._plain) or self._names_program(text, stray=True)):
            return False
        if programs.is_javascript(path, None):
            from preflight.readers.javascript import commands_in

            done = [deed for command in commands_in(found.text) for deed in deeds(command, _nowhere)]
            return any(self._sends(deed, self._plain, stray=True) for deed in done)
        if programs.is_shell(path, None, found.source):
            said = self._deeds(found.text)
            return said is None or any(self._sends(deed, self._plain, stray=True) for deed in said)
        return True


def _around(names: set[str]) -> frozenset[str]:
    """Return names of scripts with those that they run before and after of themselves, as npm does."""
    bare = {name.removeprefix(mark) for name in names for mark in ("pre", "post") if name.startswith(mark)}
    return frozenset(names | bare - {""})


def _names(text: str, names: frozenset[str] | set[str]) -> bool:
    """Tell whether a text has the name of one of some scripts as a word, also as `npm:name` or with a pattern."""
    return any(
        word in names or _bare(word) in names or ("*" in word and any(fnmatchcase(name, _bare(word)) for name in names))
        for word in text.translate(SEPARATORS).split()
    )


def _bare(word: str) -> str:
    """Return the name in `npm:release` as concurrently writes it."""
    return word.split(":", 1)[1] if word.startswith(("npm:", "yarn:", "pnpm:", "bun:")) else word


def _nowhere(start: int, end: int) -> Location:
    """Return a place for what is only counted."""
    return _NOWHERE.place(start, end)


_NOWHERE = programs.nowhere()
