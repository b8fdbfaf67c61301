"""The rule old-npm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.finding import Finding, Related, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to an npm that is too old for what the job relies on."""
    for job in project.publish_jobs:
        for site in job.npm_sites:
            for npm in site.npm:
                match npm:
                    case Known(found, at, remedy) if found.version < site.floor.version:
                        yield Finding(
                            at or job.at,
                            f"npm {found.version} will run, but {site.floor.why} needs {site.floor.version} or newer "
                            f"({', '.join(reason.what for reason in found.why)})",
                            related=(
                                Related(site.at, "publishes here"),
                                *(Related(reason.at, reason.what) for reason in found.why if reason.at),
                                *along(job.chain),
                            ),
                            remedy=remedy,
                            sure=site.doubt is None,
                            doubt=site.doubt,
                            prevents=site.floor.says,
                            job=job.name,
                        )
                    case Unknown(why, at):
                        yield Finding(
                            at or job.at,
                            f"cannot tell which npm runs `{site.command}`: {why}",
                            related=(Related(site.at, "publishes here"), *along(job.chain)),
                            sure=False,
                            job=job.name,
                        )
                    case Known():
                        pass
