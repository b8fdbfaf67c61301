"""The rule stale-lockfile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to a lockfile that holds another version of the package than package.json."""
    for stale in project.tagging.stale if project.tagging else ():
        yield Finding(
            stale.at,
            f"`{stale.at.path}` holds `{stale.package}` {stale.locked}, but package.json says {stale.version}",
            remedy=stale.remedy,
            package=stale.package,
        )
