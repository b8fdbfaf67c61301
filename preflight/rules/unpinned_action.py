"""The rule unpinned-action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to borrowed code that its owner can change under the release."""
    for borrowed in project.borrowed:
        if not borrowed.pin.full:
            held = f"held by `{borrowed.pin.ref}` only" if borrowed.pin.ref else "not held by anything"
            yield Finding(
                borrowed.at,
                f"{borrowed.what} `{borrowed.name}` is {held}, not by a full commit",
                remedy=borrowed.remedy,
                job=borrowed.job,
                label="its owner can move this" if borrowed.pin.ref else None,
            )
