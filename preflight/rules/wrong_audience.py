"""The rule wrong-audience."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding, Related, Severity, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to a token that is not for npm's registry."""
    for job in project.npm_jobs:
        for site in job.npm_sites:
            for wrong in site.wrong:
                yield Finding(
                    wrong.at,
                    f"{wrong.what}, and {wrong.why}",
                    related=(Related(site.at, "publishes here"), *along(site.via), *along(job.chain)),
                    remedy=wrong.remedy,
                    severity=Severity.WARNING if wrong.idle else Severity.ERROR,
                    sure=site.doubt is None and wrong.doubt is None,
                    doubt=site.doubt or wrong.doubt,
                    job=job.name,
                    label="not for npm's registry",
                )
