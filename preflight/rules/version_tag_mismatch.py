"""The rule version-tag-mismatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project
    from preflight.facts.tagging import Named


def check(project: Project) -> Iterator[Finding]:
    """Object to a tag that does not name the version of the package that will be published."""
    if project.tagging is None:
        return
    match project.tagging.misnamed:
        case Known(why):
            yield Finding(project.tagging.at, why)
        case Unknown(why, at):
            yield Finding(at, f"cannot tell which package is meant: {why}", sure=False)
        case None:
            pass
    for named in project.tagging.named:
        if not named.agrees and not named.placeholder:
            yield _mismatch(named)


def _mismatch(named: Named) -> Finding:
    package = named.package
    version = package.version or "no version"
    return Finding(
        named.at,
        f"the tag is `{named.tag}`, but `{package.name}` is at {version}",
        sure=named.doubt is None,
        doubt=named.doubt,
        package=package.name,
    )
