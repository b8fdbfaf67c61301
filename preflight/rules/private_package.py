"""The rule private-package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding, Related, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every publishing command that names a private package."""
    for job in project.jobs:
        for site in job.sites:
            for package in site.refused:
                yield Finding(
                    site.at,
                    f"`{site.command}` names package `{package.name}`, which is private",
                    related=(Related(package.at, f"package `{package.name}`"), *along(site.via)),
                    job=job.name,
                    package=package.name,
                )
