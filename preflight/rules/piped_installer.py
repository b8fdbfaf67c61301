"""The rule piped-installer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every command of a publish job that runs what it downloads."""
    for job in project.jobs:
        for piped in job.work.piped:
            source = f"what `{piped.source}` answers" if piped.source else "what it downloads"
            yield Finding(
                piped.at,
                f"job `{job.name}` runs {source}, unseen",
                related=(*along(piped.via), *along(job.chain)),
                job=job.name,
                label="runs whatever it is sent",
            )
