"""Trusted publishers as somebody declares them: the configuration's `[expect]`, and the list that npm prints.

npm 11.10 to 11.19 print one JSON object for each publisher, with nothing between them: `id`, `type`, `file`,
`repository` or `project`, `environment`, `permissions` (npm/cli, `lib/trust-cmd.js` and `lib/commands/trust/`). The
registry's own answer has the same under `claims`. An array of either is read too, and an object that holds them by the
name of the package.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from preflight.errors import ConfigError, UnreadableError, UsageError
from preflight.facts.ci import System
from preflight.facts.project import Declared
from preflight.readers.package import string
from preflight.source import json
from preflight.source.files import Files
from preflight.source.nodes import Mapping, Scalar, Sequence, find
from preflight.source.problems import SyntaxProblem
from preflight.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.source.nodes import Node
    from preflight.source.text import Location

_FOLDER = ".github/workflows/"
_SYSTEMS = {"github": System.GITHUB, "gitlab": System.GITLAB, "circleci": System.CIRCLECI}
_PUBLISH = "createPackage"
_STAGE = "createStagedPackage"
_MOST = 1000
"""Publishers in one file; a package may have ten."""
_HINT = "save what `npm trust list PACKAGE --json` prints"


def expected(
    source: Source | None,
    *,
    repository: str | None = None,
    workflow: str | None = None,
    environment: str | None = None,
    staged: bool | None = None,
) -> Declared | None:
    """Return the publisher that a configuration expects; None where it says nothing about one.

    `source` is the configuration's text, `workflow` a file name or a path, `staged` whether a release must be staged.
    """
    if staged is None and not (repository or workflow or environment):
        return None
    return Declared(
        _section(source),
        repository=_slug(repository),
        file=workflow.removeprefix(_FOLDER) if workflow else None,
        environment=environment,
        publish=None if staged is None else not staged,
        stage=staged or None,
    )


def listed(file: str) -> tuple[Declared, ...]:
    """Return the publishers of a saved `npm trust list --json`.

    Raises ConfigError where the file cannot be read or holds something else.
    """
    folder, name = os.path.split(file)
    try:
        source = Files(Path(folder or ".")).source(PurePosixPath(name))
    except (UnreadableError, UsageError) as error:
        raise ConfigError(f"{file} cannot be read: {getattr(error, 'why', error)}", _HINT) from error
    shown = Source(PurePosixPath(file), source.text)
    found: list[Declared] = []
    for part in _values(shown):
        for node, package in _publishers(part, ()):
            found.append(_declared(node, package))
            if len(found) > _MOST:
                raise ConfigError(f"{file} holds more than {_MOST} trusted publishers", _HINT)
    return tuple(found)


# -- the configuration ----------------------------------------------------------------------------


def _section(source: Source | None) -> Location | None:
    if source is None:
        return None
    start = 0
    for line in source.text.split("\n"):
        if line.strip().startswith(("[expect]", "[ expect ]", "expect.", "expect ")):
            return source.at(start, start + len(line.rstrip()))
        start += len(line) + 1
    return source.at(0, 0)


def _slug(repository: str | None) -> str | None:
    """Return `Owner/Repo` of an address or of itself."""
    if repository is None:
        return None
    text = repository.removeprefix("git+").removesuffix("/").removesuffix(".git")
    return text.split("/", 3)[3] if "://" in text and text.count("/") >= 4 else text


# -- npm's list -----------------------------------------------------------------------------------


def _values(source: Source) -> Iterator[Node]:
    """Yield the JSON values of a file, of which there may be several, one after the other."""
    if not source.text.strip():
        return
    try:
        root = json.read(source).root
    except SyntaxProblem as problem:
        parts = tuple(_parts(source))
        if len(parts) < 2:
            raise _no_list(source, str(problem)) from problem
        for part in parts:
            try:
                root = json.read(part).root
            except SyntaxProblem as inner:
                raise _no_list(source, str(inner)) from inner
            if root is not None:
                yield root
        return
    if root is not None:
        yield root


def _parts(source: Source) -> Iterator[Source]:
    """Yield the objects that begin and end at the margin, each on its own lines of an otherwise empty text."""
    lines = source.text.split("\n")
    begun: int | None = None
    count = 0
    for number, line in enumerate(lines):
        if begun is None and line.startswith("{"):
            begun = number
        if begun is not None and line.rstrip() in {"}", "{}"}:
            count += 1
            if count > _MOST:
                return
            yield Source(source.path, "\n" * begun + "\n".join(lines[begun : number + 1]))
            begun = None


def _publishers(node: Node, packages: tuple[str, ...]) -> Iterator[tuple[Mapping, tuple[str, ...]]]:
    match node:
        case Sequence(items):
            for item in items:
                yield from _publishers(item, packages)
        case Mapping() if _is_publisher(node):
            name = string(node.get("package"))
            yield node, (name.text,) if name else packages
        case Mapping(entries) if entries and not packages:
            for key, value in entries:
                yield from _publishers(value, (key.text,))
        case Mapping(()):
            pass
        case Mapping() | Scalar():
            raise _no_list(node.source, f"{node.at}: this is no trusted publisher")


def _is_publisher(node: Mapping) -> bool:
    return any(node.get(key) is not None for key in ("type", "claims", "file", "permissions"))


def _declared(node: Mapping, packages: tuple[str, ...]) -> Declared:
    claims = node.get("claims") or node
    kind = string(node.get("type"))
    file = _text(claims, "file") or _text(claims, "workflow_ref", "file") or _text(claims, "ci_config_ref_uri", "file")
    repository = _text(claims, "repository") or _text(claims, "project") or _text(claims, "project_path")
    environment = _text(claims, "environment")
    allowed = _allowed(node.get("permissions"))
    return Declared(
        node.source.at(node.start, node.start + 1),
        packages=packages,
        listed=True,
        system=_SYSTEMS.get(kind.text) if kind else None,
        repository=repository,
        file=file,
        environment=environment,
        none=environment is None and file is not None,
        publish=None if allowed is None else _PUBLISH in allowed,
        stage=None if allowed is None else _STAGE in allowed,
    )


def _text(node: Node, *keys: str) -> str | None:
    found = string(find(node, *keys))
    return found.text if found and found.text else None


def _allowed(node: Node | None) -> frozenset[str] | None:
    """Return the actions that a publisher may do; None where the list does not say, or says words unknown here."""
    match node:
        case Sequence(items):
            words = frozenset(word.text for item in items if (word := string(item)))
            return words if words & {_PUBLISH, _STAGE} else None
        case _:
            return None


def _no_list(source: Source, why: str) -> ConfigError:
    return ConfigError(f"{source.path} is no list of trusted publishers: {why}", _HINT)
