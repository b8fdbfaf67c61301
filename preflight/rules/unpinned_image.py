"""The rule unpinned-image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.finding import Finding, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to container images of a publish job that their owner can replace."""
    for job in project.jobs:
        for image in job.images:
            match image.held:
                case Known(False):
                    yield Finding(
                        image.at,
                        f"image `{image.name}` of job `{job.name}` is not held by a digest",
                        related=along(job.chain),
                        job=job.name,
                        label="its owner can move this",
                    )
                case Unknown(why):
                    yield Finding(
                        image.at,
                        f"cannot tell whether image `{image.name}` of job `{job.name}` is held by a digest: {why}",
                        related=along(job.chain),
                        sure=False,
                        job=job.name,
                    )
                case Known():
                    pass
