"""The rule self-blocking-publisher."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding, Related, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to settings of the project that stop its own publish."""
    for job in project.npm_jobs:
        seen = set()
        for site in job.npm_sites:
            for block in site.blocks:
                if block in seen:
                    continue
                seen.add(block)
                doubt = site.doubt or block.doubt
                yield Finding(
                    block.at,
                    block.what,
                    related=(Related(site.at, "publishes here"), *along(site.via), *along(job.chain)),
                    remedy=block.remedy,
                    sure=doubt is None,
                    doubt=doubt,
                    prevents=block.says,
                    job=job.name,
                )
