"""What starts a publish job, and whether a condition keeps out those who could make it happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.starts import Start, Trust
from preflight.readers.github.reach import most

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.ci import PublishSite
    from preflight.readers.github.events import Kind
    from preflight.readers.github.ways import Way

DEEDS = {
    "push": "a push to a branch",
    "workflow_dispatch": "a start by hand",
    "repository_dispatch": "a dispatch",
}
OUTSIDE = (Trust.STRANGER, Trust.FORK)
WHO = ("actor", "sender", "author_association", ".user.login")
"""Parts of the names by which a condition asks who somebody is."""
ASKING = ("getCollaboratorPermissionLevel", "/collaborators/", "check-user-permission", "user-permission",
          "actor-permission", "check-permission", "getMembership", "team-member", "author_association",
          "authorAssociation")  # fmt: skip
"""What a step holds that looks up what the person who started the run may do."""
NAMING = ("github.actor", "github.triggering_actor", "GITHUB_ACTOR", "GITHUB_TRIGGERING_ACTOR", "$ACTOR",
          "comment.user.login", "sender.login")  # fmt: skip
CAUSES = ("github.event", "GITHUB_EVENT", "github.ref", "GITHUB_REF", "github.head_ref", *NAMING)
"""What a script looks at to tell what started it."""
TESTS = ("if ", "if(", "[[", "[ ", "case ", "==", "test ", "grep")


def starts(way: Way, sites: tuple[PublishSite, ...]) -> tuple[Start, ...]:
    """Return the events that start a publish job; one that an `if` surely keeps from it is left out."""
    return tuple(_starts(way, sites))


def _starts(way: Way, sites: tuple[PublishSite, ...]) -> Iterator[Start]:
    for kind in way.kinds:
        if most(way.lets(run) for run in kind.others) is not False:
            deed = DEEDS.get(kind.event)
            yield Start(kind.at, kind.event, kind.trust, guarded=_guarded(way, kind, sites), deed=deed)


def _guarded(way: Way, kind: Kind, sites: tuple[PublishSite, ...]) -> Fact[bool]:
    outside = kind.trust in OUTSIDE
    let = most(way.lets(run, free=outside) for run in kind.runs)
    if kind.trust is Trust.FORK and all(site.tool is Tool.SEMANTIC_RELEASE for site in sites):
        # env-ci: "This run was triggered in a pull request and therefore a new version won't be published."
        return Known(value=True)
    match let:
        case False:
            return Known(value=True)
        case Unknown() as unknown if outside or any(part in each for each in way.conditions for part in WHO):
            return unknown
        case _:
            doubt = next(_doubts(way, kind, outside=outside), None)
            return Unknown(doubt) if doubt else Known(value=False)


def _doubts(way: Way, kind: Kind, *, outside: bool) -> Iterator[str]:
    """Return what may keep such people out and cannot be seen."""
    if kind.doubt is not None:
        yield kind.doubt
    for name in way.environments():
        yield f"{name} may ask for a review first"
    if any(_looks(script.text) for gates in way.gates for _, script, _ in gates if script is not None):
        yield "the script that publishes looks at what started it"
    if outside and any(_asks(job.text) for job, _ in way.jobs):
        yield "a step looks at who started the run"


def _looks(script: str) -> bool:
    return any(_tests(line, CAUSES) for line in script.splitlines())


def _asks(job: str) -> bool:
    # A condition of the job or of a step is evaluated elsewhere.
    lines = [line for line in job.splitlines() if not line.lstrip(" -").startswith("if:")]
    return any(mark in line for line in lines for mark in ASKING) or any(_tests(line, NAMING) for line in lines)


def _tests(line: str, names: tuple[str, ...]) -> bool:
    return any(name in line for name in names) and any(test in line for test in TESTS)
