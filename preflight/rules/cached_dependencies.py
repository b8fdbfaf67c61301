"""The rule cached-dependencies.

Whether the other job was ever made to store something bad cannot be told; that it could is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.finding import Finding, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every cache that a publish job restores and that less trusted runs can fill."""
    for job in project.npm_jobs:
        for cache in job.work.caches:
            related = (*along(cache.writers), *along(job.chain))
            match cache.shared:
                case Known(True):
                    others = next(iter(cache.writers), None)
                    by = f"{others.what} fills" if others else "less trusted runs fill"
                    yield Finding(
                        cache.at,
                        f"job `{job.name}` restores a cache ({cache.what}) that {by} too",
                        related=related,
                        remedy=cache.remedy,
                        job=job.name,
                    )
                case Unknown(why):
                    yield Finding(
                        cache.at,
                        f"cannot tell whether less trusted runs fill the cache that job `{job.name}` restores: {why}",
                        related=related,
                        sure=False,
                        job=job.name,
                    )
                case Known():
                    pass
