"""The rule nothing-publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Say so when no publish site was found, and where it was looked for."""
    if not project.jobs and not project.elsewhere:
        yield Finding(
            project.manifest,
            f"no publish site was found in {', '.join(project.looked_at) or 'this folder'}",
            related=tuple(Related(place.at, f"might publish: {place.why}") for place in project.unread),
        )
