"""The version files that say which Node.js to install."""

from __future__ import annotations

import json
import re
from functools import cache
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from preflight.facts.fact import Unknown
from preflight.readers.node_versions import node
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from preflight.facts.fact import Fact
    from preflight.facts.toolchain import Node
    from preflight.source.text import Location

MOST_EXTENDED = 16
"""Files that a chain of `volta.extends` may have."""
_LONGEST_LINE = 4096


@dataclass(frozen=True, slots=True)
class Wish:
    """What a version file asks for, and the key or the file that says so."""

    spec: str
    said: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The keys of a package.json that name a Node.js, each None or empty where it is absent or no string.

    `runtimes` are the name and version of every entry of `devEngines.runtime`; `extends` is `volta.extends`.
    """

    volta: str | None
    engines: str | None
    _: KW_ONLY
    runtimes: tuple[tuple[str, str], ...] = ()
    extends: str | None = None

    def wish(self) -> Wish | None:
        """Return the first of `volta.node`, `devEngines.runtime` and `engines.node`, as setup-node reads them."""
        if self.volta:
            return Wish(self.volta, "volta.node")
        for name, version in self.runtimes:
            if name.lower() == "node" and version:
                return Wish(version, "devEngines.runtime")
        return Wish(self.engines, "engines.node") if self.engines else None


def node_from_file(
    name: str,
    text: str,
    at: Location | None,
    read: Callable[[str], str | None] = lambda _: None,
) -> Fact[Node]:
    """Resolve the text of setup-node's `node-version-file`.

    `name` is the file's path; `read` gives the text of another file by its path relative to the same folder as
    `name`, or None, and is asked for `volta.extends` only.
    Source: `getNodeVersionFromFile` in setup-node's src/util.ts.
    """
    wish = _wish(name, text, read)
    if wish is None:
        return Unknown(f"`{name}` names no version of Node.js", at)
    return node(wish.spec, at, f"setup-node reads {wish.said}: `{wish.spec}`")


def _wish(name: str, text: str, read: Callable[[str], str | None]) -> Wish | None:
    for _ in range(MOST_EXTENDED):
        manifest = manifest_of(text)
        if manifest is None:
            return _plain(name, text)
        wish = manifest.wish()
        if wish is not None:
            return Wish(wish.spec, f"`{wish.said}` of `{name}`")
        further = None if manifest.extends is None else normpath(join(dirname(name), manifest.extends))
        found = None if further is None else read(further)
        if further is None or found is None:
            return None
        name, text = further, found
    return None


def _plain(name: str, text: str) -> Wish | None:
    spec = mise_spec(text) if name.endswith(".toml") else line_spec(text)
    return Wish(spec, f"`{name}`") if spec else None


def manifest_of(text: str) -> Manifest | None:
    """Read the text of a package.json; None where it is no JSON object."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match document:
        case dict():
            runtime = _entry(document, "devEngines", "runtime")
            return Manifest(
                _string(_entry(document, "volta", "node")),
                _string(_entry(document, "engines", "node")),
                runtimes=_runtimes(runtime),
                extends=_string(_entry(document, "volta", "extends")),
            )
        case _:
            return None


def _entry(document: object, *path: str) -> object:
    for key in path:
        match document:
            case {**entries}:
                document = entries.get(key)
            case _:
                return None
    return document


def _string(value: object) -> str | None:
    match value:
        case str():
            return value
        case _:
            return None


def _runtimes(value: object) -> tuple[tuple[str, str], ...]:
    match value:
        case {"name": str(name), "version": str(version)}:
            return ((name, version),)
        case [*entries]:
            return tuple(pair for entry in entries if not _is_list(entry) for pair in _runtimes(entry))
        case _:
            return ()


def _is_list(value: object) -> bool:
    match value:
        case [*_]:
            return True
        case _:
            return False


@cache
def _line() -> re.Pattern[str]:
    return re.compile(r"(?:node(?:js)?\s+)?v?(\S+)")


@cache
def _using() -> re.Pattern[str]:
    return re.compile(r"\s+using:\s*['\"]?node(\d+)['\"]?\s*(?:#.*)?")


def line_spec(text: str) -> str | None:
    """Return what an `.nvmrc`, `.node-version` or `.tool-versions` asks for: the first line that is one version.

    `node` or `nodejs` may stand before it. An action's `runs.using: node24` counts too. Where no line fits, the whole
    text does, as in setup-node, which then mostly fails; None for an empty file.
    """
    lines = [line.removesuffix("\r") for line in text.split("\n") if len(line) <= _LONGEST_LINE]
    for line in lines:
        if line[:1].isspace() and (found := _using().fullmatch(line)):
            return found[1]
    for line in lines:
        if found := _line().fullmatch(line):
            return found[1]
    return " ".join(text.split()) or None


def mise_spec(text: str) -> str | None:
    """Return `tools.node` of a mise.toml: a string, the `version` of a table, or the first of a list."""
    import tomli

    try:
        document: object = tomli.loads(text)
    except (ValueError, RecursionError):
        return None
    return _tool(_entry(document, "tools", "node"))


def _tool(value: object) -> str | None:
    match value:
        case str(spec) | {"version": str(spec)} | [str(spec), *_] | [{"version": str(spec)}, *_]:
            return spec
        case _:
            return None
