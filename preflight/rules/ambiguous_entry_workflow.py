"""The rule ambiguous-entry-workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known
from preflight.finding import Finding, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.ci import Job
    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every publish job that several workflows lead to, where npm matches the name of one."""
    ways: dict[object, list[Job]] = {}
    for job in project.publish_jobs:
        if any(not (isinstance(site.trusted, Known) and not site.trusted.value) for site in job.npm_sites):
            ways.setdefault(job.at, []).append(job)
    for jobs in ways.values():
        yield from _several(jobs)


def _several(jobs: list[Job]) -> Iterator[Finding]:
    entries: dict[str | None, dict[str, Job]] = {}
    for job in jobs:
        for name in _names(job):
            entries.setdefault(name, {}).setdefault(job.entry, job)
    for name, found in entries.items():
        if len(found) > 1:
            files = ", ".join(f"`{file}`" for file in found)
            doubts = [job.doubt for job in found.values()]
            doubt = "which packages each of them sends" if name is None else None if None in doubts else doubts[0]
            yield Finding(
                jobs[0].at,
                f"job `{jobs[0].name}` is reached from {files}, and npm matches the file that was started",
                related=tuple(
                    Related(job.callers[-1].at if job.callers else job.at, f"`{file}` leads to it")
                    for file, job in found.items()
                ),
                sure=doubt is None,
                doubt=doubt,
                job=jobs[0].name,
                package=name,
            )


def _names(job: Job) -> Iterator[str | None]:
    """Return the packages that a job sends; None where that cannot be told."""
    for site in job.npm_sites:
        match site.packages:
            case Known(packages) if packages:
                yield from (package.name for package in packages)
            case _:
                yield None
