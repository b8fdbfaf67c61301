"""How a publish command proves to npm's registry that it may publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Credential, Tool
from preflight.facts.fact import Known, Unknown
from preflight.readers import settings
from preflight.readers.registries import NPM, is_npm
from preflight.source.nodes import entries, find
from preflight.source.nodes import text as scalar_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

    from preflight.facts.fact import Fact
    from preflight.readers.pipeline import Setting
    from preflight.readers.sending import Sending
    from preflight.source.files import Files
    from preflight.source.nodes import Node
    from preflight.source.text import Location

_SECRET_KEYS = ("_authToken", "_auth", "_password")
_OWN_TOKEN = frozenset({Tool.SEMANTIC_RELEASE, Tool.CHANGESETS, Tool.AUTO, Tool.NPM_PUBLISH_ACTION})
"""The tools and actions that read `NPM_TOKEN` themselves."""
_DUMMY = "XXXXX-XXXXX-XXXXX-XXXXX"
"""What actions/setup-node up to 6 exports as NODE_AUTH_TOKEN when it is given none."""


def credential(sending: Sending, files: Files) -> Fact[Credential]:
    """Return what the command can show: an OIDC token, a token at its place, both or nothing.

    A secret counts by its presence; the token of GitHub Actions is none of npm's. Unknown where it cannot be told
    whether an OIDC token is granted.
    """
    token = next(_tokens(sending, files), None)
    match sending.oidc:
        case Known(True, at):
            return Known(Credential.BOTH, token) if token else Known(Credential.OIDC, at)
        case Known():
            return Known(Credential.TOKEN, token) if token else Known(Credential.NONE, sending.at)
        case Unknown() as unknown:
            return unknown


def _tokens(sending: Sending, files: Files) -> Iterator[Location]:
    """Yield the place of every token that the command can use, the most deliberate first."""
    env = {setting.name: setting for setting in sending.env}
    if sending.sender is Tool.YARN:
        yield from _usable(env.get("YARN_NPM_AUTH_TOKEN"), env.get("YARN_NPM_AUTH_IDENT"))
        for setting in reversed(sending.configured):
            if setting.name in {"npmAuthToken", "npmAuthIdent"}:
                yield from _filled(setting.value, setting.at, env)
        for folder in settings.folders(sending):
            yield from _yarnrc(files.tree(folder / ".yarnrc.yml"), env, None)
        return
    yield from _usable(env.get("NODE_AUTH_TOKEN"), env.get("NPM_CONFIG_TOKEN"))
    if sending.tool in _OWN_TOKEN:
        yield from _usable(env.get("NPM_TOKEN"))
    yield from _usable(*(setting for setting in env.values() if _is_secret(settings.npm_key(setting.name) or "")))
    yield from _configured(sending, env)
    read = [files.tree(folder / ".npmrc") for folder in _npmrc_folders(sending, files)]
    for tree in (*read, settings.user_npmrc(sending, files)):
        for key, value in entries(tree):
            if _is_secret(key.text):
                yield from _filled(Known(scalar_text(value) or ""), value.at, env)


def _configured(sending: Sending, env: dict[str, Setting]) -> Iterator[Location]:
    for setting in reversed(sending.configured):
        if setting.name == "token":
            yield from _usable(setting)
        elif _is_secret(setting.name):
            yield from _filled(setting.value, setting.at, env)
    for flag in sending.flags:
        if flag.value is not None and flag.value.text and _is_secret(flag.name.removeprefix("--")):
            yield flag.at


def _npmrc_folders(sending: Sending, files: Files) -> tuple[PurePosixPath, ...]:
    match settings.npm_project(sending, files):
        case Known(folder) if sending.sender is not Tool.PNPM:
            return (folder,)
        case _:
            return settings.folders(sending)


def _is_secret(key: str) -> bool:
    """Return whether an option holds a credential for npm's registry, or for whichever registry is the default."""
    place, colon, name = key.rpartition(":")
    if name.lower() not in {item.lower() for item in _SECRET_KEYS}:
        return False
    return not colon or is_npm(place)


def _usable(*found: Setting | None) -> Iterator[Location]:
    for setting in found:
        if setting is not None and _is_token(setting):
            yield setting.at


def _is_token(setting: Setting) -> bool:
    match setting.value:
        case Known(text):
            return text.strip() not in {"", _DUMMY, "undefined"} and not _is_github(text)
        case Unknown(why):
            return not _is_github(setting.at.text) and not _is_github(why)


def _is_github(text: str) -> bool:
    return any(name in text.lower() for name in ("github_token", "github.token", "ci_job_token"))


def _filled(value: Fact[str], at: Location, env: dict[str, Setting]) -> Iterator[Location]:
    """Yield the place of a token that a file gives literally or through a variable that is set."""
    match value:
        case Known(text):
            names = settings.references(text)
            if names:
                yield from _usable(*(env.get(name) for name in names))
            elif text.strip() and text.strip() != "undefined":
                yield at
        case Unknown(why):
            if not _is_github(why) and not _is_github(at.text):
                yield at


def _yarnrc(node: Node | None, env: dict[str, Setting], server: str | None) -> Iterator[Location]:
    """Yield the tokens of a .yarnrc.yml that are for npm's registry: its own, a scope's, a registry's."""
    for key, value in entries(node):
        match key.text:
            case "npmAuthToken" | "npmAuthIdent" if is_npm(server or NPM):
                yield from _filled(Known(scalar_text(value) or ""), value.at, env)
            case "npmScopes" if server is None:
                for scope in entries(value):
                    own = _server(scope.value) or _server(node) or NPM
                    yield from _yarnrc(scope.value, env, own)
            case "npmRegistries" if server is None:
                for place in entries(value):
                    yield from _yarnrc(place.value, env, place.key.text)
            case _:
                pass


def _server(node: Node | None) -> str | None:
    return scalar_text(find(node, "npmPublishRegistry")) or scalar_text(find(node, "npmRegistryServer"))
