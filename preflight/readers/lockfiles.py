"""The version of a package that a lockfile holds, found by a scan of its text.

A lockfile may have ten megabytes, of which one line is wanted: no tree of it is built. The formats are those of
package-lock.json 1 to 3 and npm-shrinkwrap.json, pnpm-lock.yaml 5 to 9, yarn.lock of yarn 1 and of Berry, and
bun.lock. The binary bun.lockb tells nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.facts.toolchain import Version
from preflight.records import dataclass, field
from preflight.source.problems import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

    from preflight.source.files import Files
    from preflight.source.text import Location, Source

NAMES = ("npm-shrinkwrap.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock")
MOST = 2000
"""How many times a name is looked at in one lockfile."""
_LONGEST_PATH = 400
_ENTRY = 4000
"""Characters of an entry of package-lock.json in which its version stands."""
_NESTED = " " * 6
"""The indentation of a dependency of an importer in pnpm-lock.yaml."""

# Most runs need no lockfile: `re` compiles and keeps what is used.
_OBJECT = r"\s{0,8}:\s{0,8}\{"
_JSON_VERSION = r'"version"\s{0,8}:\s{0,8}"([^"\\\n]{1,80})"'
_JSON_NAME = r'"name"\s{0,8}:'
_YARN_VERSION = r'\r?\n  version:? "?([^"\s]{1,80})'
_PNPM_VERSION = r"""['"]?(\d[^\s'"]{0,80})"""
_NEXT_SECTION = r"\n[^\s#]"
_GROUPS = frozenset({"dependencies", "devDependencies", "optionalDependencies"})


@dataclass(frozen=True, slots=True)
class Locked:
    """A version that a lockfile holds, and where."""

    version: Version
    at: Location


@dataclass(frozen=True, slots=True)
class _Found:
    """What one lockfile says about one package."""

    own: dict[str, Locked] = field(default_factory=dict)
    """By the folder, as seen from the lockfile, whose own dependency it is; `.` is the lockfile's."""
    asked: dict[str, Locked] = field(default_factory=dict)
    """By the range that asks for it, as yarn's lockfiles are sorted."""
    others: tuple[Locked, ...] = ()
    """Those of which it is not known whose they are."""

    def of(self, folder: str, spec: str | None) -> Locked | None:
        """Return what a folder gets: its own, else that of the folders above, else the only one there is."""
        if spec is not None and (found := self.asked.get(spec.removeprefix("npm:"))):
            return found
        while folder not in self.own and folder != ".":
            folder = folder.rpartition("/")[0] or "."
        if folder in self.own:
            return self.own[folder]
        every = (*self.own.values(), *self.asked.values(), *self.others)
        return every[0] if len({each.version for each in every}) == 1 else None


class Lockfiles:
    """The lockfiles of a project, each read when first asked about."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._sources: dict[PurePosixPath, Source | None] = {}
        self._found: dict[tuple[PurePosixPath, str], _Found] = {}
        self._there: dict[PurePosixPath, tuple[PurePosixPath, ...]] = {}

    def locked(self, name: str, folder: PurePosixPath, spec: str | None = None) -> Locked | None:
        """Return the version of a package that is locked for a folder; `spec` is the range that its manifest asks for.

        The lockfiles of the nearest folder that has any count. None where they hold none, or say different things.
        """
        there = self._near(folder)
        answers = [
            found
            for path in there
            if (found := self._of(path, name).of(folder.relative_to(path.parent).as_posix(), spec))
        ]
        return answers[0] if len({each.version for each in answers}) == 1 else None

    def _near(self, folder: PurePosixPath) -> tuple[PurePosixPath, ...]:
        if folder not in self._there:
            own = tuple(path for path in (folder / each for each in NAMES) if self._files.exists(path))
            top = folder == folder.parent
            self._there[folder] = own or (() if top else self._near(folder.parent))
        return self._there[folder]

    def _of(self, path: PurePosixPath, name: str) -> _Found:
        key = (path, name)
        if key not in self._found:
            source = self._source(path)
            self._found[key] = _Found() if source is None else _scan(source, name)
        return self._found[key]

    def _source(self, path: PurePosixPath) -> Source | None:
        if path not in self._sources:
            try:
                self._sources[path] = self._files.long(path)
            except FileError:
                # A lockfile that cannot be read tells nothing, and no rule depends on it alone.
                self._sources[path] = None
        return self._sources[path]


def _scan(source: Source, name: str) -> _Found:
    match source.path.name:
        case "pnpm-lock.yaml":
            return _pnpm(source, name)
        case "yarn.lock":
            return _yarn(source, name)
        case "bun.lock":
            return _bun(source, name)
        case _ if '"node_modules/' in source.text:
            return _npm(source, name)
        case _:
            return _npm_1(source, name)


def _locked(source: Source, text: str, start: int) -> Locked | None:
    version = Version.parse(text.partition("(")[0].partition("_")[0])
    return None if version is None else Locked(version, source.at(start, start + len(text)))


def _places(text: str, wanted: str, start: int = 0, end: int | None = None) -> Iterator[int]:
    """Yield where a text occurs, at most `MOST` times."""
    limit = len(text) if end is None else end
    at = start - 1
    for _ in range(MOST):
        at = text.find(wanted, at + 1, limit)
        if at < 0:
            return
        yield at


# -- npm ------------------------------------------------------------------------------------------


def _npm(source: Source, name: str) -> _Found:
    text, key = source.text, f'node_modules/{name}"'
    own: dict[str, Locked] = {}
    others: list[Locked] = []
    for at in _places(text, key):
        quote = text.rfind('"', max(0, at - _LONGEST_PATH), at)
        found = _json_entry(source, at + len(key))
        if quote < 0 or found is None:
            continue
        above = text[quote + 1 : at].rstrip("/") or "."
        if "node_modules" in above:
            others.append(found)
        else:
            own[above] = found
    return _Found(own, others=tuple(others))


def _npm_1(source: Source, name: str) -> _Found:
    """Read the format of npm 6 and older: what stands least far to the right lies at the top of node_modules."""
    text, key = source.text, f'"{name}"'
    found: dict[int, list[Locked]] = {}
    for at in _places(text, key):
        if (entry := _json_entry(source, at + len(key))) is not None:
            found.setdefault(at - text.rfind("\n", 0, at), []).append(entry)
    top = found[min(found)] if found else []
    return _Found({".": top[0]} if len({each.version for each in top}) == 1 else {})


def _json_entry(source: Source, start: int) -> Locked | None:
    """Return the version in the object behind a key; None for a link, or for another package under that name."""
    opening = re.compile(_OBJECT).match(source.text, start)
    if opening is None:
        return None
    end = source.text.find("}", opening.end(), opening.end() + _ENTRY)
    version = re.compile(_JSON_VERSION).search(source.text, opening.end(), end if end >= 0 else opening.end() + _ENTRY)
    if version is None or re.compile(_JSON_NAME).search(source.text, opening.end(), version.start()):
        return None
    return _locked(source, version[1], version.start(1))


# -- pnpm -----------------------------------------------------------------------------------------


def _pnpm(source: Source, name: str) -> _Found:
    own: dict[str, Locked] = {}
    text = source.text
    sections = list(_importers(text))
    for start, end in sections or [(0, len(text))]:
        for spelling in (f"{name}:", f"'{name}':", f'"{name}":'):
            for at in _places(text, f"\n{_NESTED if sections else '  '}{spelling}", start, end):
                _importer(source, at + 1, spelling, own, nested=bool(sections))
    # Where nobody asks for it by name it stands in a key of `packages` alone.
    return _Found(own, others=() if own else tuple(_pnpm_packages(source, name)))


def _importers(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the sections of importers lie; a file of several documents has one in each."""
    if text.startswith("importers:"):
        yield 0, _end(text, 0)
    for at in _places(text, "\nimporters:"):
        yield at, _end(text, at + 1)


def _end(text: str, start: int) -> int:
    after = re.compile(_NEXT_SECTION).search(text, start)
    return after.start() if after else len(text)


def _importer(source: Source, at: int, spelling: str, own: dict[str, Locked], *, nested: bool) -> None:
    text = source.text
    indent = len(_NESTED) if nested else 2
    group, place = _parent(text, at, indent)
    if group not in _GROUPS:
        return
    folder = _parent(text, place, indent - 2)[0] if nested else "."
    value = at + indent + len(spelling)
    if not text[value : text.find("\n", value)].strip():
        # Since the format 6.0 it is a mapping of `specifier` and `version`.
        inner = text.find("version: ", value, value + 1000)
        if inner < 0 or text.count("\n", value, inner) > 2:
            return
        value = inner + len("version:")
    number = re.compile(_PNPM_VERSION).match(text, value + 1)
    if number and (found := _locked(source, number[1], number.start(1))):
        own[folder] = found


def _parent(text: str, at: int, indent: int) -> tuple[str, int]:
    """Return the key of the mapping that holds a line, and where its line starts."""
    for _ in range(MOST):
        if at <= 0:
            break
        at = text.rfind("\n", 0, at - 1) + 1
        line = text[at : text.find("\n", at)]
        if line.strip() and len(line) - len(line.lstrip(" ")) < indent:
            return line.strip().removesuffix(":").strip("'\""), at
    return "", 0


def _pnpm_packages(source: Source, name: str) -> Iterator[Locked]:
    wanted = re.compile(r"\n  '?/?" + re.escape(name) + r"[@/](\d[\w.+-]{0,80})")
    for count, found in enumerate(wanted.finditer(source.text)):
        if count >= MOST:
            return
        if locked := _locked(source, found[1], found.start(1)):
            yield locked


# -- yarn and bun ---------------------------------------------------------------------------------


def _yarn(source: Source, name: str) -> _Found:
    text = source.text
    asked: dict[str, Locked] = {}
    seen = -1
    for at in _places(text, f"{name}@"):
        start = text.rfind("\n", 0, at) + 1
        if start == seen or text[start] in " #" or (at > start and text[at - 1] not in ' "'):
            continue
        seen = start
        line = text[start : text.find("\n", at)].rstrip("\r")
        version = re.compile(_YARN_VERSION).match(text, start + len(line))
        if version is None or not line.endswith(":") or "@workspace:" in line:
            continue
        if found := _locked(source, version[1], version.start(1)):
            for descriptor in line.removesuffix(":").replace('"', "").split(", "):
                package, _, spec = descriptor.rpartition("@")
                if package == name:
                    asked[spec.removeprefix("npm:")] = found
    return _Found(asked=asked)


def _bun(source: Source, name: str) -> _Found:
    text, key = source.text, f'["{name}@'
    own: dict[str, Locked] = {}
    others: list[Locked] = []
    for at in _places(text, key):
        start = at + len(key)
        found = _locked(source, text[start : text.find('"', start, start + 100)], start)
        if found is None:
            continue
        if text[max(0, at - len(name) - 4) : at].replace(" ", "").endswith(f'"{name}":'):
            own["."] = found
        else:
            others.append(found)
    return _Found(own, others=tuple(others))
