"""Variables that a project keeps in its settings, and addresses that are put together from such."""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.readers.pipeline import Setting
from preflight.records import replace
from preflight.source.nodes import Scalar, entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.walk import Sent
    from preflight.source.files import Files
    from preflight.source.text import Location

SECRET = ("TOKEN", "AUTH", "PASSWORD", "SECRET")
PREDEFINED = ("CI_", "GITLAB_", "NPM_CONFIG_", "NPM_ID_", "SIGSTORE_ID_")
SERVER = ("CI_SERVER_HOST", "CI_SERVER_FQDN", "CI_SERVER_URL", "CI_API_V4_URL")
"""Variables that name the GitLab server itself."""
LONGEST = 200_000


def hidden(files: Files, lines: Iterable[Scalar], at: Location, *, trusted: bool) -> tuple[Setting, ...]:
    """Return the secrets that a job has from the settings of its project, which no file declares.

    GitLab gives them to every job. Known are the names that its lines and the .npmrc files refer to, and `NPM_TOKEN`
    where no token of its own lets the job publish (`trusted`).
    """
    found: dict[str, Location] = {}
    for folder in (PurePosixPath(), *(path.parent for path in files.manifests())):
        if files.exists(folder / ".npmrc"):
            for entry in entries(files.tree(folder / ".npmrc")):
                if isinstance(entry.value, Scalar):
                    found |= dict.fromkeys(_names(entry.value.text), entry.value.at)
    for line in lines:
        for name in _names(line.text):
            found.setdefault(name, line.at)
    if not trusted:
        found.setdefault("NPM_TOKEN", at)
    return tuple(
        Setting(name, Unknown(f"`{name}` is kept in the project's settings"), place) for name, place in found.items()
    )


def _names(text: str) -> Iterator[str]:
    if "$" not in text:
        return
    for name in _reference().findall(text[:LONGEST]):
        upper = name.upper()
        if any(mark in upper for mark in SECRET) and not upper.startswith(PREDEFINED):
            yield name


def placed(sent: Sent, scopes: frozenset[str], server: str) -> Sent:
    """Return a publishing command with the registries that the job wrote to an .npmrc, as far as they can be told.

    An address on the GitLab server itself is told from npm's even where the rest of it is not known. A scope that only
    a variable names is taken for each that the packages have.
    """
    configured = (each for setting in sent.configured for each in _placed(setting, scopes, server))
    return replace(sent, configured=tuple(configured))


def _placed(setting: Setting, scopes: frozenset[str], server: str) -> Iterator[Setting]:
    if not setting.name.endswith("registry"):
        yield setting
        return
    if isinstance(setting.value, Unknown) and (address := _address(setting.at.text, server)):
        setting = replace(setting, value=Known(address, setting.at))
    if setting.name.startswith("$") and setting.name.endswith(":registry"):
        yield from (replace(setting, name=f"{scope}:registry") for scope in sorted(scopes))
    else:
        yield setting


def _address(command: str, server: str) -> str | None:
    """Return the address on the GitLab server that a command writes for a registry."""
    _, found, rest = command.partition("registry=")
    value = _end().split(rest, maxsplit=1)[0] if found else ""
    if not any(name in value.partition("/api/")[0] for name in SERVER):
        return None
    _, slash, path = value.partition("/projects/")
    return f"https://{server}/api/v4{slash}{path}"


@cache
def _reference() -> re.Pattern[str]:
    return re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]{0,100})")


@cache
def _end() -> re.Pattern[str]:
    return re.compile(r"[\s\"'\\]")
