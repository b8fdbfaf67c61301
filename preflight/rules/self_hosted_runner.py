"""The rule self-hosted-runner.

A runner of one's own that is started afresh for each job is not told apart: npm's registry refuses it as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Hosting, Runner
from preflight.facts.fact import Known, Unknown
from preflight.finding import Finding, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every publish job on a machine that is not the CI provider's own."""
    for job in project.npm_jobs:
        for runner in job.runners:
            match runner:
                case Known(Runner(Hosting.SELF_HOSTED, _, whose), at, remedy):
                    machine = f"a runner of {whose}" if whose else "a self-hosted runner"
                    yield Finding(
                        at,
                        f"job `{job.name}` publishes from {machine}",
                        related=along(job.chain),
                        remedy=remedy,
                        sure=job.doubt is None,
                        doubt=job.doubt,
                        job=job.name,
                        label="reports itself as self-hosted",
                    )
                case Unknown(why, at):
                    yield Finding(
                        at,
                        f"cannot tell whose machine job `{job.name}` publishes from: {why}",
                        related=along(job.chain),
                        sure=False,
                        job=job.name,
                    )
                case Known():
                    pass
