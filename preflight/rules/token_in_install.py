"""The rule token-in-install."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every place that hands the publish token to commands which run the dependencies' code."""
    for job in project.jobs:
        for leak in job.work.leaks:
            first = leak.commands[0].what if leak.commands else ""
            more = len(leak.commands) - 1
            others = f" and {more} more command{'s' if more > 1 else ''}" if more > 0 else ""
            yield Finding(
                leak.at,
                f"`{leak.name}` is in the environment of `{first}`{others}, which run{'' if more > 0 else 's'} code of "
                "the dependencies",
                related=(*along(leak.commands), *along(job.chain)),
                job=job.name,
            )
