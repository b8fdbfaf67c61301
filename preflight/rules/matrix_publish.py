"""The rule matrix-publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding, Related, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to a matrix of which several jobs send the same package."""
    for job in project.jobs:
        for repeat in job.repeats:
            names = " and ".join(f"`{name}`" for name in repeat.packages[:3]) or "the same package"
            more = f" and {len(repeat.packages) - 3} more" if len(repeat.packages) > 3 else ""
            yield Finding(
                repeat.site,
                f"{repeat.count} jobs of the matrix of `{job.name}` publish {names}{more}",
                related=(Related(repeat.at, "the matrix"), *along(job.chain)),
                sure=repeat.doubt is None,
                doubt=repeat.doubt,
                job=job.name,
            )
