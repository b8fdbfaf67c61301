"""The rule invalid-workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to a publish workflow that cannot run at all."""
    for broken in project.broken:
        yield Finding(broken.at, broken.what, job=broken.job)
