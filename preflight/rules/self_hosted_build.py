"""The rule self-hosted-build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Hosting, Runner
from preflight.facts.fact import Known, Unknown
from preflight.finding import Finding, Related, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to a hosted job that publishes what a self-hosted machine built."""
    for job in project.npm_jobs:
        if any(isinstance(each, Known) and each.value.hosting is Hosting.SELF_HOSTED for each in job.runners):
            # The machine that publishes is refused already.
            continue
        for artifact in job.artifacts:
            for maker, runner in artifact.machines:
                match runner:
                    case Known(Runner(Hosting.SELF_HOSTED, _, whose), at):
                        machine = f"a runner of {whose}" if whose else "a self-hosted runner"
                        yield Finding(
                            at or artifact.at,
                            f"job `{maker}` builds on {machine} what job `{job.name}` publishes",
                            related=(Related(artifact.at, "fetched here"), *along(job.chain)),
                            sure=artifact.sure and job.doubt is None,
                            doubt=job.doubt,
                            job=job.name,
                        )
                    case Unknown(why, at):
                        yield Finding(
                            at or artifact.at,
                            f"cannot tell whose machine builds what job `{job.name}` publishes: {why}",
                            related=(Related(artifact.at, "fetched here"), *along(job.chain)),
                            sure=False,
                            job=job.name,
                        )
                    case Known():
                        pass
