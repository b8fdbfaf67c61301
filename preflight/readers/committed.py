"""Credentials that stand in files of the repository."""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.facts.login import Committed
from preflight.readers.placeholders import SHORTEST, is_placeholder
from preflight.readers.tokens import SECRET_KEYS
from preflight.source.nodes import Scalar, entries, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.workspace import Workspace
    from preflight.source.files import Files
    from preflight.source.nodes import Entry, Node
    from preflight.source.text import Source

_KEYS = frozenset(key.lower() for key in SECRET_KEYS)
_YARN = frozenset({"npmAuthToken", "npmAuthIdent"})
_LOCAL = ("localhost", "127.0.0.1", "0.0.0.0", "[::1]", "verdaccio", "host.docker.internal")  # noqa: S104 -- compared with
_ADDRESS = 100
"""Characters in front of a key in which the address of its registry stands."""
_MARKS = ("npm_", "_authToken", "_auth", "_password")


def committed(files: Files, workspace: Workspace) -> tuple[Committed, ...]:
    """Return the credentials that stand in the .npmrc and .yarnrc.yml files and in all that was read so far.

    Variables, placeholders, and what is for a registry on the same machine are none.
    """
    found: dict[tuple[PurePosixPath, int], Committed] = {}
    for each in (*_configured(files, workspace), *_written(files.sources)):
        found.setdefault((each.at.path, each.at.line), each)
    return tuple(found.values())


# -- configuration --------------------------------------------------------------------------------


def _configured(files: Files, workspace: Workspace) -> Iterator[Committed]:
    folders = dict.fromkeys((PurePosixPath(), *(manifest.folder for manifest in workspace.manifests)))
    for folder in folders:
        for name, reader in ((".npmrc", _npmrc), (".yarnrc.yml", _yarnrc)):
            if files.exists(folder / name):
                yield from reader(files.tree(folder / name))
    for manifest in workspace.manifests:
        yield from _npmrc(find(manifest.node, "publishConfig"))


def _npmrc(root: Node | None) -> Iterator[Committed]:
    for each in entries(root):
        place, _, name = each.key.text.rpartition(":")
        if name.lower() in _KEYS and not _is_local(place) and _is_literal(each):
            yield Committed(each.key.at, name)


def _yarnrc(root: Node | None, server: str = "") -> Iterator[Committed]:
    for each in entries(root):
        if each.key.text in _YARN:
            if not _is_local(server) and _is_literal(each):
                yield Committed(each.key.at, each.key.text)
        elif each.key.text in {"npmScopes", "npmRegistries"}:
            for inner in entries(each.value):
                named = find(inner.value, "npmRegistryServer")
                own = named.text if isinstance(named, Scalar) else inner.key.text
                yield from _yarnrc(inner.value, own)


def _is_literal(each: Entry) -> bool:
    return isinstance(each.value, Scalar) and isinstance(each.value.value, str) and not is_placeholder(each.value.text)


def _is_local(place: str) -> bool:
    return any(name in place for name in _LOCAL)


# -- scripts and pipelines ------------------------------------------------------------------------


def _written(sources: Iterable[Source]) -> Iterator[Committed]:
    """Yield what looks like a credential in any text: a token of npm, or the value of a key that holds one."""
    for source in sources:
        if not any(mark in source.text for mark in _MARKS):
            continue
        for found in _token().finditer(source.text):
            if not is_placeholder(found[0]):
                yield Committed(source.at(*found.span()), "a token of npm")
        if source.path.name == ".npmrc":
            continue
        for found in _assigned().finditer(source.text):
            if not _is_local(source.text[max(0, found.start() - _ADDRESS) : found.start()]) and _is_real(found[2]):
                yield Committed(source.at(*found.span(1)), found[1])


def _is_real(value: str) -> bool:
    mixed = any(mark.isdigit() for mark in value) and any(mark.isalpha() for mark in value)
    return len(value) >= SHORTEST and mixed and not is_placeholder(value)


@cache
def _token() -> re.Pattern[str]:
    return re.compile(r"(?<![A-Za-z0-9_])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9_])")


@cache
def _assigned() -> re.Pattern[str]:
    return re.compile(
        r"(?<![A-Za-z0-9_])(_authToken|_auth|_password)[\"']?[ \t]?[=: ][ \t]?[\"']?([A-Za-z0-9+/=_.-]{16,1000})"
    )
