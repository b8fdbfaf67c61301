"""The rule unlocked-install."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.finding import Finding, Related, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.ci import Via
    from preflight.facts.project import Project
    from preflight.facts.work import Install


def check(project: Project) -> Iterator[Finding]:
    """Object to every installation without the lockfile in a job that publishes, or in one that feeds it."""
    for job in project.jobs:
        for install in job.work.installs:
            yield from _judged(install, job.name, "", job.chain)
    for feeder in project.feeders:
        fed = " and ".join(f"`{name}`" for name in feeder.feeds)
        for install in feeder.work.installs:
            yield from _judged(install, feeder.name, f", which builds for {fed}", ())


def _judged(install: Install, job: str, what: str, chain: tuple[Via, ...]) -> Iterator[Finding]:
    related = (*(Related(link.at, link.what) for link in install.via), *along(chain))
    match install.locked:
        case Known(False, at, remedy):
            yield Finding(
                at or install.at,
                f"`{install.command}` in job `{job}`{what}, installs without the lockfile: {install.why}"
                if what
                else f"`{install.command}` in job `{job}` installs without the lockfile: {install.why}",
                related=related,
                remedy=remedy,
                job=job,
            )
        case Unknown(why, at):
            yield Finding(
                at or install.at,
                f"cannot tell whether `{install.command}` in job `{job}` keeps to the lockfile: {why}",
                related=related,
                sure=False,
                job=job,
            )
        case Known():
            pass
