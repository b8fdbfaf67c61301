"""The rule path-read-as-package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to a path that the npm CLI reads as something else."""
    for job in project.jobs:
        for site in job.sites:
            match site.argument:
                case None:
                    pass
                case path:
                    yield Finding(
                        path.at,
                        f"npm reads `{path.argument}` as {path.read_as}, not as a path",
                        related=along(site.via),
                        remedy=path.remedy,
                        job=job.name,
                    )
