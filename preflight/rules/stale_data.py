"""The rule stale-data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to tables of preflight itself that were refreshed over a year ago."""
    old = sorted((table.day, table.name) for table in project.tables if table.old)
    if old:
        listed = ", ".join(f"`{name}` of {day}" for day, name in old)
        yield Finding(None, f"what this preflight knows is over a year old: {listed}")
