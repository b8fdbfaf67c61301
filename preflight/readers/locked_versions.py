"""The versions that a lockfile holds of the project's own packages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.errors import UnreadableError
from preflight.facts.tagging import Stale
from preflight.source.edits import Edit, Fix, Safety
from preflight.source.json import unescape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import PurePosixPath

    from preflight.facts.project import Package
    from preflight.source.files import Files
    from preflight.source.text import Location, Source

NPM = ("npm-shrinkwrap.json", "package-lock.json")
"""npm reads the first that is there."""
BUN = "bun.lock"
DEEPEST = 100

Way = tuple[str, ...]

_TOKEN = re.compile(r'\s*+("(?:[^"\\\n]|\\.)*+"|[{}\[\]:,]|[^\s"{}\[\]:,]++)')
_OPEN, _CLOSED = frozenset("{["), frozenset("}]")


def stale(files: Files, packages: Iterable[Package]) -> Iterator[Stale]:
    """Yield the lockfiles' versions of packages that differ from package.json.

    npm writes both into `packages` and, for the package at the lockfile's side, into the top level; `bun pm pack`
    takes the version of a workspace package from bun.lock. The lockfiles of pnpm and yarn hold none.
    """
    wanted: dict[PurePosixPath, list[Package]] = {}
    for package in packages:
        if package.version and (lock := _lock(files, package.folder)):
            wanted.setdefault(lock, []).append(package)
    for lock, locked in wanted.items():
        try:
            source = files.long(lock)
        except UnreadableError:
            # The rule that judges lockfiles as such speaks of one that cannot be read.
            continue
        yield from _stale(source, locked)


def values(source: Source, wanted: Iterable[Way]) -> dict[Way, Location]:
    """Return the places of strings in a JSON text by their way, such as `("packages", "", "version")`.

    The text is searched, not read: it may be large and need not be sound. The search ends where all are found.
    """
    found: dict[Way, Location] = {}
    missing = set(wanted)
    text, at, key = source.text, 0, ""
    above: list[str] = []
    while missing and (token := _TOKEN.match(text, at)) and len(above) <= DEEPEST:
        word, start, at = token.group(1), token.start(1), token.end()
        if word[0] in _OPEN:
            above.append(key)
            key = ""
        elif word[0] in _CLOSED:
            if not above:
                break
            above.pop()
            key = ""
        elif word == ",":
            key = ""
        elif word[0] == '"':
            follows = _TOKEN.match(text, at)
            if follows and follows.group(1) == ":":
                key, at = unescape(word[1:-1]), follows.end()
            elif (way := (*above[1:], key)) in missing:
                missing.discard(way)
                found[way] = source.at(start + 1, at - 1)
    return found


def _lock(files: Files, folder: PurePosixPath) -> PurePosixPath | None:
    """Return the lockfile that holds a package: in its folder or in the nearest above it."""
    for above in (folder, *folder.parents):
        for name in (*NPM, BUN):
            if files.exists(above / name):
                return above / name
    return None


def _stale(source: Source, packages: Iterable[Package]) -> Iterator[Stale]:
    ways = {package.name: _ways(source.path, package) for package in packages}
    found = values(source, (way for each in ways.values() for way in each))
    for package in packages:
        version = package.version or ""
        places = [found[way] for way in ways[package.name] if way in found]
        others = [place for place in places if place.text != version]
        if others:
            edits = tuple(Edit(place, version) for place in others)
            remedy = Fix(f"set it to {version}", Safety.SAFE, edits)
            yield Stale(others[0], package.name, locked=others[0].text, version=version, remedy=remedy)


def _ways(lock: PurePosixPath, package: Package) -> tuple[Way, ...]:
    inside = package.folder.relative_to(lock.parent).as_posix()
    place = "" if inside == "." else inside
    if lock.name == BUN:
        return (("workspaces", place, "version"),)
    entry = ("packages", place, "version")
    return (entry,) if place else (("version",), entry)
