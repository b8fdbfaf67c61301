"""The rule script-injection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to text of strangers that becomes part of a publish job's script."""
    for job in project.jobs:
        for paste in job.work.pastes:
            yield Finding(
                paste.at,
                f"`{paste.expression}` becomes part of a script of job `{job.name}`, and {paste.whose} decides what it "
                "says",
                related=along(job.chain),
                remedy=paste.remedy,
                sure=paste.doubt is None,
                doubt=paste.doubt,
                job=job.name,
                label="pasted before the shell reads it",
            )
