"""The rule already-published.

Judges the packages that the tag is about: in a repository of many, those that have no new version stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.online import New, Registered
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to a version that the registry has had already."""
    if project.online is None or project.tagging is None:
        return
    for number, named in enumerate(project.tagging.named):
        package = named.package
        version = named.says or (None if named.placeholder else package.version)
        said = project.online.packages.get(package.name)
        if version is None or said is None:
            continue
        at = (None if number else project.tagging.at) or package.at
        staged = project.online.staged.get(package.name)
        match said, staged:
            case _, Known(True):
                what = f"`{package.name}` {version} is staged already, and waits for approval"
                yield Finding(at, what, package=package.name)
            case Known(Registered(versions)), _ if _plain(version) in versions:
                yield Finding(at, f"the registry has `{package.name}` {version} already", package=package.name)
            case Known(Registered() as registered), _ if _plain(version) in registered.withdrawn:
                what = f"`{package.name}` {version} was published and withdrawn, and the registry never takes it again"
                yield Finding(at, what, package=package.name)
            case Unknown(why), _:
                what = f"cannot tell whether the registry has `{package.name}` {version} already: {why}"
                yield Finding(at, what, sure=False, package=package.name)
            case Known(Registered() | New()), _:
                pass


def _plain(version: str) -> str:
    """Return a version as the registry keeps it: without build metadata, and without a `v`."""
    return version.removeprefix("v").partition("+")[0]
