"""The rule pin-without-version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to a commit pin that does not say which version it is."""
    for borrowed in project.borrowed:
        if borrowed.pin.full and borrowed.version is None:
            yield Finding(
                borrowed.at,
                f"no comment says which version of {borrowed.what} `{borrowed.name}` this commit is",
                job=borrowed.job,
            )
