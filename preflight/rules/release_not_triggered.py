"""The rule release-not-triggered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding, Related, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to a publish that waits for an event which a pipeline's own token causes."""
    for job in project.jobs:
        for unheard in job.unheard:
            yield Finding(
                unheard.at,
                f"job `{job.name}` waits for {unheard.event}, and what {unheard.what} makes with the pipeline's own "
                "token starts nothing",
                related=(Related(unheard.maker, "made here"), *along(job.chain)),
                sure=unheard.doubt is None,
                doubt=unheard.doubt,
                job=job.name,
            )
