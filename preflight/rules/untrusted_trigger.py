"""The rule untrusted-trigger.

What an environment asks for, and what a step looks up, is in no file: both make it unsure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.starts import Start, Trust
from preflight.finding import Finding, Related, Severity, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every publish job that people without write access can start."""
    for job in project.jobs:
        for start in job.starts:
            match start:
                case Start(at, event, Trust.STRANGER, guarded=Known(False)):
                    yield Finding(
                        at,
                        f"anyone can start job `{job.name}`, which publishes, by `{event}`",
                        related=(Related(job.at, "the job that publishes"), *along(job.chain)),
                        sure=job.doubt is None,
                        doubt=job.doubt,
                        job=job.name,
                        label="runs for strangers, with the repository's secrets",
                    )
                case Start(at, event, Trust.STRANGER, guarded=Unknown(why)):
                    yield Finding(
                        at,
                        f"cannot tell whether anyone can start job `{job.name}` by `{event}`: {why}",
                        related=(Related(job.at, "the job that publishes"), *along(job.chain)),
                        sure=False,
                        job=job.name,
                    )
                case Start(at, event, Trust.FORK, guarded=Known(False)):
                    yield Finding(
                        at,
                        f"job `{job.name}` publishes for `{event}` too, before anything is merged",
                        related=(Related(job.at, "the job that publishes"), *along(job.chain)),
                        severity=Severity.NOTE,
                        sure=job.doubt is None,
                        doubt=job.doubt,
                        job=job.name,
                    )
                case Start():
                    pass
