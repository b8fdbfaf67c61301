"""The rule cancelled-publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.starts import Danger
from preflight.finding import Finding, Related, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every publish job that another run can cut short, or race."""
    said_of: set[tuple[object, str]] = set()
    for job in project.npm_jobs:
        for each in job.interruptions:
            if (each.at, job.name) in said_of:
                continue
            said_of.add((each.at, job.name))
            match each.danger:
                case Danger.CUT:
                    said = f"job `{job.name}` can be cut short while it publishes: {each.why}"
                case Danger.RACE:
                    said = f"nothing keeps two runs of job `{job.name}` apart: {each.why}"
            yield Finding(
                each.at,
                said,
                related=(
                    *(() if each.at == job.at else (Related(job.at, "the job that publishes"),)),
                    *along(job.chain),
                ),
                sure=each.doubt is None and job.doubt is None,
                doubt=each.doubt or job.doubt,
                job=job.name,
            )
