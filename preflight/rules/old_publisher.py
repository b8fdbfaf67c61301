"""The rule old-publisher."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.toolchain import Publisher
from preflight.finding import Finding, Related, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to a release tool that is too old for what the job relies on."""
    for job in project.npm_jobs:
        for site in job.npm_sites:
            for tool in (site.publisher, *site.through):
                match tool:
                    case Publisher(name, Known(version, at), floor, why) if floor and version < floor.version:
                        yield Finding(
                            at or site.at,
                            f"{name} {version} will run, but {floor.why} needs {floor.version} or newer "
                            f"({', '.join(reason.what for reason in why)})",
                            related=(
                                Related(site.at, "publishes here"),
                                *along(site.via),
                                *(Related(reason.at, reason.what) for reason in why if reason.at and reason.at != at),
                                *along(job.chain),
                            ),
                            sure=site.doubt is None,
                            doubt=site.doubt,
                            prevents=floor.says,
                            job=job.name,
                        )
                    case Publisher(_, Known() | Unknown()) | None:
                        pass
