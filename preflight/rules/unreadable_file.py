"""The rule unreadable-file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every file that bears on the release and cannot be read."""
    for file in project.unreadable:
        yield Finding(file.at, f"`{file.path}` cannot be read: {file.why}")
