"""The rule split-build-and-publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import ArtifactOrigin
from preflight.finding import Finding, Severity, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project

SAME_RUN = (ArtifactOrigin.JOB, ArtifactOrigin.CACHE)


def check(project: Project) -> Iterator[Finding]:
    """Object to every publish job that publishes what it did not build."""
    for job in project.publish_jobs:
        for artifact in job.artifacts:
            makers = " and ".join(f"`{name}`" for name in artifact.jobs)
            yield Finding(
                artifact.at,
                f"job `{job.name}` publishes {artifact.what}" + (f", built by {makers}" if makers else ""),
                related=(*along(artifact.related), *along(job.chain)),
                sure=artifact.sure and job.doubt is None,
                doubt=job.doubt,
                severity=None if artifact.origin in SAME_RUN else Severity.ERROR,
                job=job.name,
                label="fetched here",
            )
