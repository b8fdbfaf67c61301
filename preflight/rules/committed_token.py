"""The rule committed-token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every credential in a file of the repository."""
    for found in project.committed:
        yield Finding(
            found.at,
            f"{found.key} stands in a file of the repository"
            if " " in found.key
            else f"`{found.key}` is committed with its value",
            label="revoke it",
        )
