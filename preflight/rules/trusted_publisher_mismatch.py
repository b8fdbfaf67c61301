"""The rule trusted-publisher-mismatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.finding import Finding, Related, along
from preflight.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.facts.ci import Job, PublishSite
    from preflight.facts.project import Declared, Project

ANOTHER = "the package may have another trusted publisher for this job"
REFUSED = "E403 OIDC permission denied for this action"
STAGING = "since September 2026 npm allows it to every new trusted publisher"


def check(project: Project) -> Iterator[Finding]:
    """Object to every job that does not fit the trusted publisher it is declared to be."""
    owner = project.repository.value.slug if isinstance(project.repository, Known) else None
    names = _names(project)
    jobs = [(job, site) for job in project.npm_jobs for site in job.npm_sites if _is_trusted(site)]
    for listed in (False, True):
        declared = [each for each in project.declared if each.listed is listed]
        fitting = {
            id(each)
            for each in declared
            for job, site in jobs
            if not any(True for _ in _objections(job, site, each, owner))
        }
        for job, site in jobs:
            meant = [each for each in declared if _counts(each, names.get((job.name, site.at), frozenset()))]
            yield from _unfit(job, site, meant, owner, fitting)


def _names(project: Project) -> dict[tuple[str, object], frozenset[str]]:
    found: dict[tuple[str, object], set[str]] = {}
    for shipment in project.npm_shipments:
        if shipment.name is not None:
            found.setdefault((shipment.job, shipment.site.at), set()).add(shipment.name)
    return {key: frozenset(names) for key, names in found.items()}


def _counts(declared: Declared, names: frozenset[str]) -> bool:
    return not declared.packages or not names or not names.isdisjoint(declared.packages)


def _is_trusted(site: PublishSite) -> bool:
    match site.trusted:
        case Known(value):
            return value
        case Unknown():
            return True


def _unfit(
    job: Job, site: PublishSite, declared: Iterable[Declared], owner: str | None, fitting: set[int]
) -> Iterator[Finding]:
    """Yield what is wrong with a job that fits none of some publishers, held against the nearest of them."""
    found = [(each, tuple(_objections(job, site, each, owner))) for each in declared]
    if not found or any(not objections for _, objections in found):
        return
    nearest, objections = min(found, key=lambda pair: (pair[0].system not in {None, job.system}, len(pair[1])))
    for objection in objections:
        doubt = objection.doubt or site.doubt or _untrusted(site)
        if doubt is None and not nearest.listed and id(nearest) in fitting:
            doubt = ANOTHER
        yield replace(
            objection,
            at=objection.at or job.at,
            related=(
                *([Related(nearest.at, "declared here")] if nearest.at else []),
                Related(site.at, "publishes here"),
                *along(job.chain),
            ),
            sure=doubt is None,
            doubt=doubt,
            job=job.name,
        )


def _untrusted(site: PublishSite) -> str | None:
    match site.trusted:
        case Unknown(why):
            return why
        case Known():
            return None


def _objections(job: Job, site: PublishSite, declared: Declared, owner: str | None) -> Iterator[Finding]:
    if declared.system is not None and declared.system is not job.system:
        yield Finding(None, f"job `{job.name}` runs on {job.system}, the trusted publisher on {declared.system}")
        return
    if declared.repository is not None and owner is not None and declared.repository != owner:
        yield Finding(None, f"job `{job.name}` runs in `{owner}`, the trusted publisher is `{declared.repository}`")
    if declared.file is not None and declared.file != job.entry:
        yield Finding(None, f"job `{job.name}` starts from `{job.entry}`, the trusted publisher is `{declared.file}`")
    yield from _environment(job, declared)
    if declared.publish is False and not site.staged:
        yield Finding(
            site.at, f"`{site.command}` publishes at once, which the trusted publisher may not", prevents=REFUSED
        )
    if declared.stage is False and site.staged:
        yield Finding(
            site.at,
            f"`{site.command}` stages, which the trusted publisher may not",
            doubt=STAGING,
            prevents=REFUSED,
        )


def _environment(job: Job, declared: Declared) -> Iterator[Finding]:
    wanted = declared.environment
    match job.environment:
        case Known(name, at) if wanted is not None and name != wanted:
            has = f"has the environment `{name}`" if name is not None else "has no environment"
            yield Finding(at, f"job `{job.name}` {has}, the trusted publisher names `{wanted}`")
        case Known(str(name), at) if declared.none:
            yield Finding(
                at,
                f"job `{job.name}` has the environment `{name}`, the trusted publisher names none",
                doubt="npm's documentation calls the field optional, and some saw such a publish fail",
            )
        case Unknown(why, at) if wanted is not None:
            yield Finding(at, f"job `{job.name}` may lack the environment `{wanted}`", doubt=why)
        case Known() | Unknown():
            pass
