"""The rule long-lived-token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.login import Token
from preflight.finding import Finding, Related, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to a token that publishes where trusted publishing could, and would not even be tried."""
    committed = {(found.at.path, found.at.line) for found in project.committed}
    for job in project.npm_jobs:
        for site in job.npm_sites:
            match site.token, site.trusted:
                case Token(at), _ if (at.path, at.line) in committed:
                    # It has to go for a worse reason.
                    pass
                case Token(at, name), Known(False) if site.trustable:
                    yield Finding(
                        at,
                        f"`{name}` is a long-lived token, and `{site.command}` could publish without one",
                        related=(Related(site.at, "publishes here"), *along(site.via), *along(job.chain)),
                        sure=site.doubt is None,
                        doubt=site.doubt,
                        job=job.name,
                        label="trusted publishing is not tried",
                    )
                case Token(at, name), Unknown(why) if site.trustable:
                    yield Finding(
                        at,
                        f"cannot tell whether `{site.command}` publishes with the token in `{name}` alone: {why}",
                        related=(Related(site.at, "publishes here"), *along(site.via), *along(job.chain)),
                        sure=False,
                        job=job.name,
                    )
                case _:
                    pass
