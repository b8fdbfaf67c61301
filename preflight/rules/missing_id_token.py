"""The rule missing-id-token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.finding import Finding, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every publish job that may not mint an OIDC token."""
    for job in project.publish_jobs:
        match job.id_token:
            case Known(False, at, remedy):
                yield Finding(
                    at,
                    f"job `{job.name}` publishes but may not mint an OIDC token",
                    related=along(job.chain),
                    remedy=remedy,
                    sure=job.doubt is None,
                    doubt=job.doubt,
                    job=job.name,
                    label="grants no id token",
                )
            case Unknown(why, at):
                yield Finding(
                    at,
                    f"cannot tell whether job `{job.name}` may mint an OIDC token: {why}",
                    related=along(job.chain),
                    sure=False,
                    job=job.name,
                )
            case Known():
                pass
