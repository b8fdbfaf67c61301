"""What a script has set so far: variables, environment and folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from preflight.readers.shell import Word

Value = str | tuple["Word", ...] | None
"""A string, the elements of an array, or None for a variable that was set to something unknown."""

_LONGEST_VALUE = 4096
_LONGEST_ARRAY = 256
_LARGEST_ENVIRONMENT = 64
_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


class Surroundings:
    """The variables that are set before a script starts, and the folders that they name."""

    __slots__ = ("resolve", "roots", "start")

    def __init__(self, resolve: Callable[[str], str | None]) -> None:
        self.resolve = resolve
        self.roots = tuple(root.rstrip("/") for root in map(resolve, _ROOTS) if root and root.startswith("/"))
        self.start = resolve("PWD")

    def absolute(self, cwd: str | None) -> str | None:
        """Return the absolute path of a folder, where the surroundings tell it."""
        if cwd is None:
            return None
        if cwd.startswith("/"):
            return self.roots[0] + cwd.rstrip("/") if self.roots else None
        return _normal(f"{self.start}/{cwd}", rooted=True) if self.start else None


class Allowance:
    """What reading one script may still cost: `X="$X $X"` doubles, and so do functions that call each other twice.

    `words` counts words made by expansions, `steps` statements gone through, `rounds` turns of loops over known words.
    """

    __slots__ = ("rounds", "steps", "words")

    def __init__(self) -> None:
        self.words = 20_000
        self.steps = 20_000
        self.rounds = 256


class Scope:
    """Variables, environment and folder at one point of a script."""

    __slots__ = ("cwd", "env", "folders", "previous", "variables")

    def __init__(self) -> None:
        self.variables: dict[str, Value] = {}
        self.env: dict[str, Word] = {}
        self.cwd: str | None = "."
        self.previous: str | None = None
        self.folders: tuple[str | None, ...] = ()

    def fork(self) -> Scope:
        """Return a copy for a subshell or a branch."""
        copy = Scope()
        copy.variables = self.variables.copy()
        copy.env = self.env.copy()
        copy.cwd, copy.previous, copy.folders = self.cwd, self.previous, self.folders
        return copy

    def merge(self, others: Iterable[Scope]) -> None:
        """Forget whatever other ways to the same point disagree on."""
        for other in others:
            names = self.variables.keys() | other.variables.keys()
            for name in names:
                if name not in self.variables or self.variables[name] != other.variables.get(name):
                    self.variables[name] = None
            for name, word in other.env.items():
                if name not in self.env or self.env[name].text != word.text:
                    self.env[name] = unknown(self.env.get(name, word))
            for name in self.env.keys() - other.env.keys():
                self.env[name] = unknown(self.env[name])
            self.cwd = self.cwd if self.cwd == other.cwd else None
            self.previous = self.previous if self.previous == other.previous else None
            self.folders = self.folders if self.folders == other.folders else ()

    def assign(self, name: str, value: Value) -> None:
        """Set a variable; values beyond 4 KiB or 256 elements are not kept."""
        longest = _LONGEST_VALUE if isinstance(value, str) else _LONGEST_ARRAY
        self.variables[name] = value if value is None or len(value) <= longest else None

    def export(self, name: str, word: Word) -> None:
        """Put a variable into the environment; the last 64 are kept."""
        self.env.pop(name, None)
        self.env[name] = word
        if len(self.env) > _LARGEST_ENVIRONMENT:
            # Deleting the first key again and again makes each search for the next first key longer.
            self.env = dict(list(self.env.items())[1:])

    def enter(self, target: str | None) -> None:
        """Change the folder to one that `joined` gave."""
        self.previous, self.cwd = self.cwd, target


def unknown(word: Word) -> Word:
    """Return the word as one whose text is not certain."""
    from preflight.readers.shell import Word

    return Word(word.text, word.start, word.end, known=False)


_LONGEST_PATH = 512


def joined(cwd: str | None, path: str | None, surroundings: Surroundings) -> str | None:
    """Return the folder that a path leads to from another; None where it is unknown or outside the project."""
    if not path:
        return None
    for root in surroundings.roots:
        if path == root or path.startswith(root + "/"):
            return _normal(path[len(root) :], rooted=True)
    if path[0] in "/~" or path[1:2] == ":" or cwd is None:
        return None
    return _normal(f"{cwd}/{path}", rooted=cwd.startswith("/"))


def _normal(path: str, *, rooted: bool) -> str | None:
    parts: list[str] = []
    for part in path.split("/"):
        if part in {"", "."}:
            continue
        if part != "..":
            parts.append(part)
        elif parts and parts[-1] != "..":
            parts.pop()
        elif rooted:
            return None
        else:
            parts.append(part)
    found = "/".join(parts)
    if len(found) > _LONGEST_PATH:
        return None
    return "/" + found if rooted else found or "."
