"""The tokens that a publish command is given, with what each is filled with."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.login import Filling, Token
from preflight.readers import raw_tokens, settings
from preflight.readers.placeholders import is_placeholder
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

SECRET_KEYS = ("_authToken", "_auth", "_password")
USABLE = frozenset({Filling.SECRET, Filling.LITERAL, Filling.UNKNOWN})
"""What npm's registry may take."""
_OWN_TOKEN = frozenset({Tool.SEMANTIC_RELEASE, Tool.CHANGESETS, Tool.AUTO, Tool.NPM_PUBLISH_ACTION})
"""The tools and actions that read `NPM_TOKEN` themselves."""
_NODE = "NODE_AUTH_TOKEN"


def tokens(sending: Sending, files: Files) -> Iterator[Token]:
    """Yield every token that the command would show to npm's registry, the most deliberate first.

    A secret counts by its presence. Tokens that the registry does not know are among them, told by their filling.
    """
    env = {setting.name: setting for setting in sending.env}
    if sending.sender is Tool.YARN:
        yield from _held(files, env.get("YARN_NPM_AUTH_TOKEN"), env.get("YARN_NPM_AUTH_IDENT"))
        for setting in reversed(sending.configured):
            if setting.name in {"npmAuthToken", "npmAuthIdent"}:
                yield from _filled(setting.name, setting.value, setting.at, env, files)
        for folder in settings.folders(sending):
            yield from _yarnrc(files.within(folder, ".yarnrc.yml"), env, None, files)
        return
    read = tuple(files.within(folder, ".npmrc") for folder in _npmrc_folders(sending, files))
    read = (*read, settings.user_npmrc(sending, files))
    if _for_npm(_NODE, sending, read):
        yield from _held(files, env.get(_NODE))
    yield from _held(files, env.get("NPM_CONFIG_TOKEN"))
    if sending.tool in _OWN_TOKEN:
        yield from _held(files, env.get("NPM_TOKEN"))
    yield from _held(files, *(each for each in env.values() if is_secret(settings.npm_key(each.name) or "")))
    yield from _configured(sending, env, files)
    for tree in read:
        for key, value in entries(tree):
            if is_secret(key.text):
                yield from _filled(key.text, Known(scalar_text(value) or ""), value.at, env, files)


def is_secret(key: str) -> bool:
    """Return whether an option holds a credential for npm's registry, or for whichever registry is the default."""
    place, colon, name = key.rpartition(":")
    if name.lower() not in {item.lower() for item in SECRET_KEYS}:
        return False
    return not colon or is_npm(place)


# -- places ---------------------------------------------------------------------------------------


def _configured(sending: Sending, env: dict[str, Setting], files: Files) -> Iterator[Token]:
    for setting in reversed(sending.configured):
        if setting.name == "token":
            yield from _held(files, setting)
        elif is_secret(setting.name):
            yield from _filled(setting.name, setting.value, setting.at, env, files)
    for flag in sending.flags:
        if flag.value is not None and flag.value.text and is_secret(flag.name.removeprefix("--")):
            filling = Filling.LITERAL if flag.value.known else _unknown(flag.value.text, "", flag.at, files)
            if filling is not None:
                yield Token(flag.at, flag.name, filling)


def _npmrc_folders(sending: Sending, files: Files) -> tuple[PurePosixPath, ...]:
    match settings.npm_project(sending, files):
        case Known(folder) if sending.sender is not Tool.PNPM:
            return (folder,)
        case _:
            return settings.folders(sending)


def _for_npm(name: str, sending: Sending, read: tuple[Node | None, ...]) -> bool:
    """Tell whether a variable is meant for npm's registry.

    It is not where all that refers to it is about other registries: the .npmrc that setup-node writes, or one here.
    """
    said = [
        is_npm(setting.value.value)
        for setting in sending.configured
        if setting.name.endswith("registry") and isinstance(setting.value, Known)
    ]
    for tree in read:
        for key, value in entries(tree):
            place, colon, option = key.text.rpartition(":")
            if option in SECRET_KEYS and name in settings.references(scalar_text(value) or ""):
                said.append(not colon or is_npm(place))
    return not said or any(said)


def _yarnrc(node: Node | None, env: dict[str, Setting], server: str | None, files: Files) -> Iterator[Token]:
    """Yield the tokens of a .yarnrc.yml that are for npm's registry: its own, a scope's, a registry's."""
    for key, value in entries(node):
        match key.text:
            case "npmAuthToken" | "npmAuthIdent" if is_npm(server or NPM):
                yield from _filled(key.text, Known(scalar_text(value) or ""), value.at, env, files)
            case "npmScopes" if server is None:
                for scope in entries(value):
                    own = _server(scope.value) or _server(node) or NPM
                    yield from _yarnrc(scope.value, env, own, files)
            case "npmRegistries" if server is None:
                for place in entries(value):
                    yield from _yarnrc(place.value, env, place.key.text, files)
            case _:
                pass


def _server(node: Node | None) -> str | None:
    return scalar_text(find(node, "npmPublishRegistry")) or scalar_text(find(node, "npmRegistryServer"))


# -- fillings -------------------------------------------------------------------------------------


def _held(files: Files, *found: Setting | None) -> Iterator[Token]:
    """Yield the token that a variable or an input holds, if it holds one."""
    for setting in found:
        if setting is not None and (filling := _filling(setting.value, setting.at, files)) is not None:
            yield Token(setting.at, setting.name, filling)


def _filled(name: str, value: Fact[str], at: Location, env: dict[str, Setting], files: Files) -> Iterator[Token]:
    """Yield a token that a file gives literally or through a variable that is set."""
    match value:
        case Known(text) if names := settings.references(text):
            for each in names:
                if each in env:
                    yield from _held(files, env[each])
                elif each in raw_tokens.VARIABLES:
                    yield Token(at, name, Filling.ID_TOKEN)
        case Known() | Unknown():
            if (filling := _filling(value, at, files)) is not None:
                yield Token(at, name, filling)


def _filling(value: Fact[str], at: Location, files: Files) -> Filling | None:
    """Return what a place is filled with; None where there is no token, or one that is for something else.

    No token are the empty text, and `XXXXX-XXXXX-XXXXX-XXXXX`, which actions/setup-node up to 6 exports as
    NODE_AUTH_TOKEN when it is given none.
    """
    match value:
        case Known("***"):
            return Filling.LITERAL
        case Known(text) if "$" not in text and not _github(text):
            return None if is_placeholder(text) else Filling.LITERAL
        case Known(text):
            return _unknown(text, "", at, files)
        case Unknown(why):
            return _unknown(at.text, why, at, files)


def _unknown(text: str, why: str, at: Location, files: Files) -> Filling | None:
    said = f"{text} {why}".lower()
    secrets = {name for name in _secret().findall(said) if "github_token" not in name}
    if not secrets:
        if _platform().search(said):
            return Filling.PLATFORM_TOKEN
        if _github(said):
            return None
        if raw_tokens.is_raw(text, at, files):
            return Filling.ID_TOKEN
    return Filling.SECRET if secrets or "project's settings" in why else Filling.UNKNOWN


def _github(text: str) -> bool:
    return any(name in text.lower() for name in ("github_token", "github.token", "ci_job_token"))


@cache
def _secret() -> re.Pattern[str]:
    return re.compile(r"\bsecrets\.([a-z0-9_]{1,100})")


@cache
def _platform() -> re.Pattern[str]:
    return re.compile(r"\bsecrets\.github_token\b|\bgithub\.token\b|\$\{?(?:env:)?(?:github_token|ci_job_token)\b")
