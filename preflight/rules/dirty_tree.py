"""The rule dirty-tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project

SHOWN = 3


def check(project: Project) -> Iterator[Finding]:
    """Object to changes that the tag would leave behind."""
    if project.tagging is None:
        return
    match project.tagging.dirty:
        case Known(()):
            pass
        case Known(paths):
            names = ", ".join(f"`{path}`" for path in paths[:SHOWN])
            more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
            yield Finding(None, f"uncommitted changes in {names}{more}")
        case Unknown(why, at):
            yield Finding(at, f"cannot tell whether everything is committed: {why}", sure=False)
