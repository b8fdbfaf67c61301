"""The identity of the release in a line: what is built where, and sent to which registry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown

if TYPE_CHECKING:
    from preflight.facts.ci import Job, PublishSite
    from preflight.facts.project import Package, Project
    from preflight.facts.tagging import Tagging

MOST_LINES = 3
DIRECT = frozenset({Tool.NPM, Tool.PNPM, Tool.YARN, Tool.BUN})
"""Tools that publish the version that package.json names."""
_TAG = re.compile(r"[0-9A-Za-z@][0-9A-Za-z@/._+-]{0,200}")
_VERSION = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}(?:-[0-9A-Za-z.-]{1,40})?")


def identities(project: Project) -> tuple[str, ...]:
    """Return what each publish site will make, as plain foreign text without duplicates; at most three lines."""
    lines = [_identity(project, job, site) for job in project.jobs for site in job.sites]
    distinct = list(dict.fromkeys(lines))
    more = len(distinct) - MOST_LINES
    return (*distinct[:MOST_LINES], *([f"and {more} more publish site{'s' if more > 1 else ''}"] if more > 0 else []))


def tag_command(project: Project, pattern: str | None) -> str | None:
    """Return the command that tags the release by a pattern such as `v{version}`.

    None without a pattern, because the files do not tell which tags start the release, and where the version or the
    trigger is not plain to see.
    """
    if project.tagging:
        return _next_tag(project.tagging)
    sites = [(job, site) for job in project.publish_jobs for site in job.npm_sites]
    if pattern is None or len(sites) != 1:
        return None
    ((job, site),) = sites
    match site.packages:
        case Known((package,)) if package.version and _VERSION.fullmatch(package.version):
            tag = pattern.replace("{version}", package.version).replace("{name}", package.name)
            plain = site.tool in DIRECT and job.triggers == ("push",) and _TAG.fullmatch(tag)
            return f"git tag -a {tag} && git push origin {tag}" if plain else None
        case _:
            return None


def proof_command(project: Project) -> str | None:
    """Return the command that proves a release after its publish; None where no tag is checked, or none to be made."""
    if project.tagging is None or project.tagging.creating:
        return None
    from preflight.report.tagged import verify_command

    packages = tuple(f"{one.package.name}@{one.says}" for one in project.tagging.named if one.agrees)
    return verify_command(packages) if packages else None


def _next_tag(tagging: Tagging) -> str | None:
    """Return the command that makes and pushes a tag which was checked; None where it is there, or will be made."""
    if tagging.creating or len(tagging.missing) != 1:
        return None
    from shlex import quote

    tag = quote(tagging.missing[0])
    return f"git tag -a {tag} && git push origin {tag}"


def _identity(project: Project, job: Job, site: PublishSite) -> str:
    match project.repository:
        case Known(repository):
            place = f" in {repository.slug}"
        case Unknown():
            place = ""
    match site.registry:
        case Known(address):
            registry = "npm" if site.for_npm else address
        case Unknown():
            registry = "a registry that cannot be told"
    return f"{_packages(site)}  built by {job.entry}{place} → {registry}"


def _packages(site: PublishSite) -> str:
    match site.packages:
        case Known((package,)):
            return _package(package)
        case Known(()):
            return "no package"
        case Known(packages):
            return f"{len(packages)} packages"
        case Unknown():
            return "packages that cannot be told"


def _package(package: Package) -> str:
    return f"{package.name} {package.version}" if package.version else package.name
