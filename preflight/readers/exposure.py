"""Who will see a package: what the settings of the tool that sends it say about its access."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.login import Access, Exposure
from preflight.facts.project import By
from preflight.facts.toolchain import Version
from preflight.readers import explicit, settings
from preflight.readers.settings import Option
from preflight.source.edits import Edit, Fix, Safety
from preflight.source.nodes import Mapping, Scalar, entry, find, strings
from preflight.source.problems import FileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import PurePosixPath

    from preflight.facts.fact import Fact
    from preflight.readers.sending import Sending
    from preflight.source.files import Files
    from preflight.source.nodes import Node
    from preflight.source.text import Location

_KEY = "access"
_FLAGS = ("--access", "--set-access-level", "--npm.access")
_FLAGS_WIN = Version(10, 6, 0)
"""The first npm whose command line beats publishConfig."""
_NATIVE_PNPM = Version(11)
_BEACHBALL_CODE = tuple(f"beachball.config.{kind}" for kind in ("js", "cjs", "mjs", "ts", "json"))
_WRITTEN = r"""\baccess["']?\s{0,9}:\s{0,9}["'](public|restricted)["']"""
_MAKE_PUBLIC = "set `access` to `public`"
_QUOTED = (".json", ".jsonc")


def exposure(sending: Sending, files: Files, changesets: Mapping | None) -> Exposure | None:
    """Return who will see the package that is sent; None where it is not known which one is.

    The order is npm's own: command line, publishConfig, variable, .npmrc (npm 12, `@npmcli/config`). changesets sets
    its `access` on the command line where publishConfig has none. `changesets` is the root of its configuration.
    """
    package = sending.package
    if package is None:
        return None
    scoped = package.name.startswith("@")
    for option in _options(sending, files, changesets):
        match option.value:
            case Unknown(why):
                return Exposure(Unknown(why, option.at), scoped)
            case Known(text) if text in {Access.PUBLIC, Access.RESTRICTED}:
                access = Access(text)
                return Exposure(Known(access, option.at, _replacement(option.at, access)), scoped)
            case Known():
                # npm warns of any other word, and goes on without it.
                pass
    remedy = explicit.in_manifest(sending.manifest, _KEY, '"public"', Safety.UNSAFE)
    return Exposure(Known(None, _place(sending.manifest) or package.at, remedy), scoped, remedy)


def _options(sending: Sending, files: Files, changesets: Mapping | None) -> Iterator[Option]:
    """Yield what is said about access, the strongest first."""
    given = settings.flag(sending.flags, *_FLAGS)
    published = _published(sending)
    order = [given, published]
    match sending.version:
        case Known(version) if sending.sender is Tool.NPM and version < _FLAGS_WIN:
            order.reverse()
        case _:
            pass
    yield from filter(None, order)
    yield from filter(None, [_by_tool(sending, files, changesets)])
    match sending.sender:
        case Tool.YARN | Tool.YARN_CLASSIC:
            found = settings.variable(sending.env, "YARN_NPM_PUBLISH_ACCESS".__eq__)
            yaml = settings.yaml_option(files, settings.folders(sending), ".yarnrc.yml", "npmPublishAccess")
            yield from filter(None, [found, yaml])
        case Tool.PNPM:
            yield from _pnpm(sending, files)
        case _:
            yield from filter(None, [settings.npm_option(_KEY, sending, files)])


def _pnpm(sending: Sending, files: Files) -> Iterator[Option]:
    """Yield what pnpm reads; from 11 on it publishes by itself, and npm's own settings may not reach it."""
    match sending.version:
        case Known(version) if version < _NATIVE_PNPM:
            yield from filter(None, [settings.npm_option(_KEY, sending, files)])
            return
        case _:
            pass
    own = settings.variable(sending.env, {"pnpm_config_access", "PNPM_CONFIG_ACCESS"}.__contains__)
    yaml = settings.yaml_option(files, settings.folders(sending), "pnpm-workspace.yaml", _KEY)
    yield from filter(None, [own, yaml])
    if (shared := settings.npm_option(_KEY, sending, files)) is not None:
        hidden = Unknown(f"whether this pnpm reads {shared.what}", shared.at)
        yield Option(shared.by, shared.what, hidden, shared.at)


def _published(sending: Sending) -> Option | None:
    match find(sending.manifest, "publishConfig", _KEY):
        case Scalar(value=str(text)) as node:
            return Option(By.PUBLISH_CONFIG, "`publishConfig.access`", Known(text, node.at), node.at)
        case _:
            return None


# -- release tools --------------------------------------------------------------------------------


def _by_tool(sending: Sending, files: Files, changesets: Mapping | None) -> Option | None:
    match sending.tool, sending.cwd:
        case Tool.CHANGESETS, _:
            said = _said(find(changesets, _KEY), "`access` of changesets")
            return said or (_unsaid(changesets) if changesets is not None else None)
        case Tool.LERNA | Tool.LERNA_LITE, Known(folder):
            node = find(files.tree(folder / "lerna.json"), "command", "publish", _KEY)
            return _said(node, "`command.publish.access` in `lerna.json`")
        case Tool.RELEASE_IT, Known(folder):
            return _release_it(files, folder)
        case Tool.BEACHBALL, Known(folder):
            own = _said(find(files.tree(folder / "package.json"), "beachball", _KEY), "`access` of beachball")
            return own or _in_code(files, [folder / name for name in _BEACHBALL_CODE])
        case _:
            return None


def _unsaid(changesets: Mapping) -> Option:
    """Return what changesets passes on where its configuration names none (`defaults.ts` of @changesets/config)."""
    value: Fact[str] = Known(str(Access.RESTRICTED), changesets.at)
    return Option(By.TOOL, "`access` of changesets", value, changesets.at)


def _release_it(files: Files, folder: PurePosixPath) -> Option | None:
    names = (".release-it.json", ".release-it.yaml", ".release-it.yml")
    roots: list[Node | None] = [files.tree(folder / name) for name in names if files.exists(folder / name)]
    roots.append(find(files.tree(folder / "package.json"), "release-it"))
    for root in roots:
        said = _said(find(root, "npm", _KEY), "`npm.access` of release-it")
        if said is not None:
            return said
        words = [(word, part) for word in strings(find(root, "npm", "publishArgs")) for part in word.text.split()]
        for number, (word, part) in enumerate(words):
            name, mark, value = part.partition("=")
            if name == "--access":
                value = value if mark else next((text for _, text in words[number + 1 :]), "")
                return Option(By.TOOL, "`npm.publishArgs`", Known(value, word.at), word.at)
    return _in_code(files, [folder / name for name in settings.RELEASE_IT_CODE])


def _in_code(files: Files, paths: Iterable[PurePosixPath]) -> Option | None:
    """Return the access that a configuration written as a program names; Unknown where it names it in another way."""
    for path in paths:
        if not files.exists(path):
            continue
        try:
            source = files.source(path)
        except FileError:
            continue
        found = re.search(_WRITTEN, source.text)
        if found is not None:
            at = source.at(found.start(1), found.end(1))
            return Option(By.TOOL, f"`{path}`", Known(found[1], at), at)
        if _KEY in source.text:
            at = source.at(0, 0)
            return Option(By.TOOL, f"`{path}`", Unknown(f"what `{path}` passes to npm", at), at)
    return None


def _said(node: Node | None, what: str) -> Option | None:
    match node:
        case Scalar(value=str(text)) as scalar:
            return Option(By.TOOL, what, Known(text, scalar.at), scalar.at)
        case _:
            return None


# -- remedies -------------------------------------------------------------------------------------


def _replacement(at: Location, access: Access) -> Fix | None:
    """Return the fix of a setting that restricts; with an edit only where the setting is one string of JSON."""
    if access is Access.PUBLIC:
        return None
    spelt = at.source.text[at.span.start : at.span.end]
    whole = at.path.suffix in _QUOTED and spelt == f'"{access}"'
    return Fix(_MAKE_PUBLIC, Safety.UNSAFE, (Edit(at, '"public"'),) if whole else ())


def _place(manifest: Mapping | None) -> Location | None:
    """Return the place of `publishConfig`, which lacks the setting."""
    found = entry(manifest, "publishConfig")
    return found.key.at if found else None
