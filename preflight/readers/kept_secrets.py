"""Secrets that the settings of a project keep, which no file declares."""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.facts.fact import Unknown
from preflight.readers.pipeline import Setting
from preflight.source.nodes import Scalar, entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.source.files import Files
    from preflight.source.text import Location

SECRET = ("TOKEN", "AUTH", "PASSWORD", "SECRET")
PREDEFINED = ("CI_", "GITLAB_", "NPM_CONFIG_", "NPM_ID_", "SIGSTORE_ID_")
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


@cache
def _reference() -> re.Pattern[str]:
    return re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]{0,100})")
