"""The rule unfiled-changelog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to a changelog that does not mention the version about to be tagged."""
    for unfiled in project.tagging.unfiled if project.tagging else ():
        yield Finding(unfiled.at, f"`{unfiled.at.path}` does not mention {unfiled.version}", package=unfiled.package)
