"""The rule unpushed-commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to tagging a commit that is on no branch of the remote."""
    if project.tagging is None:
        return
    match project.tagging.unpushed:
        case Known(None):
            pass
        case Known(why):
            yield Finding(None, f"the commit is not pushed: {why}")
        case Unknown(why, at):
            yield Finding(at, f"cannot tell whether the commit is pushed: {why}", sure=False)
