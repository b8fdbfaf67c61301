"""The rule floating-npm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding, Related, Severity, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.ci import Job
    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every upgrade of npm that follows the newest release, or that is known to fail."""
    for job in project.npm_jobs:
        for upgrade in job.upgrades:
            if upgrade.fails is not None:
                yield Finding(
                    upgrade.at,
                    f"`{upgrade.spec}` cannot be installed in job `{job.name}`: {upgrade.fails}",
                    related=_related(job),
                    remedy=upgrade.remedy,
                    severity=Severity.ERROR,
                    job=job.name,
                )
            elif upgrade.floats:
                yield Finding(
                    upgrade.at,
                    f"`{upgrade.spec}` takes whatever npm is newest, and stops working on the day that one needs "
                    "a newer Node.js",
                    related=_related(job),
                    remedy=upgrade.remedy,
                    prevents="",
                    job=job.name,
                )


def _related(job: Job) -> tuple[Related, ...]:
    return (*(Related(site.at, "publishes here") for site in job.npm_sites[:1]), *along(job.chain))
