"""The rule unguarded-publish.

Protected branches and rulesets are in no file: a push that needs a review looks like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known
from preflight.facts.starts import Trust
from preflight.finding import Finding, Related, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object once to every publish job that anyone with write access can start."""
    said: set[object] = set()
    for job in project.npm_jobs:
        starts = [start for start in job.starts if start.trust is Trust.WRITER and start.deed is not None]
        open_to_all = [start for start in starts if isinstance(start.guarded, Known) and not start.guarded.value]
        if not open_to_all or job.at in said:
            continue
        said.add(job.at)
        deeds = sorted({start.deed for start in open_to_all if start.deed is not None})
        yield Finding(
            job.at,
            f"{' or '.join(deeds)} is enough for job `{job.name}` to publish, and no environment asks for a review",
            related=(*(Related(start.at, f"starts it: `{start.event}`") for start in open_to_all), *along(job.chain)),
            sure=job.doubt is None,
            doubt=job.doubt,
            job=job.name,
        )
