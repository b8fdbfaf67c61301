"""The rule ambiguous-file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every place of a file that programs read differently."""
    for each in project.ambiguous:
        yield Finding(each.at, f"this may be read differently: {each.what}", sure=each.doubt is None, doubt=each.doubt)
