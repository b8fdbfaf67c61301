"""The rule tag-exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project
    from preflight.facts.tagging import Existing, Tagging


def check(project: Project) -> Iterator[Finding]:
    """Object to a tag that is there already, here or on the remote."""
    if project.tagging is None:
        return
    yield from _here(project.tagging)
    answers = project.online.tags if project.online else {}
    for tag in project.tagging.tags:
        match answers.get(tag):
            case Known(str(commit)) if project.tagging.creating or Known(commit) != project.tagging.head:
                which = "" if Known(commit) == project.tagging.head else f" and names {commit[:7]}, not HEAD"
                yield Finding(project.tagging.at, f"the tag `{tag}` is on the remote already{which}")
            case Unknown(why):
                yield Finding(None, f"cannot tell whether the tag `{tag}` is on the remote: {why}", sure=False)
            case _:
                pass


def _here(tagging: Tagging) -> Iterator[Finding]:
    match tagging.existing:
        case Known(found):
            for one in found:
                if tagging.creating or not one.same:
                    yield Finding(tagging.at, f"the tag `{one.tag}` exists already{_elsewhere(one)}")
        case Unknown(why):
            yield Finding(None, f"cannot tell whether the tag exists: {why}", sure=False)


def _elsewhere(one: Existing) -> str:
    if one.same:
        return ""
    return f" and names {one.commit[:7]}, not HEAD" if one.commit else " and names no commit"
