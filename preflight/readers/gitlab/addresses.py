"""Addresses of registries that are put together from variables which the project keeps in its settings."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.readers.pipeline import Setting
    from preflight.readers.walk import Sent

SERVER = ("CI_SERVER_HOST", "CI_SERVER_FQDN", "CI_SERVER_URL", "CI_API_V4_URL")
"""Variables that name the GitLab server itself."""


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
def _end() -> re.Pattern[str]:
    return re.compile(r"[\s\"'\\]")
