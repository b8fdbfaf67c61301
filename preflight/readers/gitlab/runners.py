"""The machine that the `tags` of a job ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Hosting, Runner
from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.gitlab.values import GITLAB
from preflight.source.edits import Edit, Fix, Safety, alone

if TYPE_CHECKING:
    from preflight.readers.gitlab.jobs import JobNode
    from preflight.readers.gitlab.values import Values
    from preflight.source.nodes import Entry

HOSTED = "saas-"
"""How the tags of the runners at gitlab.com begin (docs.gitlab.com, "GitLab-hosted runners")."""
USUAL = "saas-linux-small-amd64"


def runner(job: JobNode, values: Values, server: str) -> Fact[Runner]:
    """Return whose machine runs a job, at its `tags`, else at its key; with a remedy where it is self-hosted.

    A job without tags gets a runner of gitlab.com there. On any other server all machines are somebody's own.
    """
    found = job.entry("tags")
    at = found.value.at if found else job.at
    tags = job.config.flat(found.value) if found else ()
    facts = [values.fact(tag) for tag in tags]
    known = tuple(fact.value for fact in facts if isinstance(fact, Known))
    if server != GITLAB:
        return Known(Runner(Hosting.SELF_HOSTED, known, f"the GitLab server `{server}`"), at)
    if any(not tag.startswith(HOSTED) for tag in known):
        return Known(Runner(Hosting.SELF_HOSTED, known), at, _remedy(found))
    for tag, fact in zip(tags, facts, strict=True):
        match fact:
            case Unknown(why):
                return Unknown(why, tag.at)
            case Known():
                pass
    if not tags and (template := next(iter(job.missing), None)):
        return Unknown(f"`{template.text}`, which the job extends, is not in this repository", template.at)
    return Known(Runner(Hosting.HOSTED, known), at)


def _remedy(found: Entry | None) -> Fix | None:
    if found is None:
        return None
    at = found.value.at
    text = f"- {USUAL}" if at.text.startswith("-") else f"[{USUAL}]"
    return alone(Fix(f"run on `{USUAL}`", Safety.UNSAFE, (Edit(at, text),)))
