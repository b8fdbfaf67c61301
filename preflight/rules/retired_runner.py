"""The rule retired-runner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Runner
from preflight.facts.fact import Known, Unknown
from preflight.finding import Finding, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every publish job that waits for a machine which no longer exists."""
    for job in project.npm_jobs:
        for runner in job.runners:
            match runner:
                case Known(Runner(retired=str(fate), labels=labels), at, remedy):
                    yield Finding(
                        at,
                        f"job `{job.name}` never starts on `{', '.join(labels)}`: {fate}",
                        related=along(job.chain),
                        remedy=remedy,
                        sure=job.doubt is None,
                        doubt=job.doubt,
                        job=job.name,
                        label="no machine answers to it",
                    )
                case Known() | Unknown():
                    pass
