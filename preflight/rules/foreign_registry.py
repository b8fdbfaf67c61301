"""The rule foreign-registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.project import On
from preflight.finding import Finding, Related, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.ci import Job, PublishSite
    from preflight.facts.fact import Fact
    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object, once for each job and registry, to what is sent to another registry than npm's."""
    asked = {
        (shipment.job, shipment.site.at): shipment.provenance
        for shipment in project.shipments
        if not shipment.site.for_npm and isinstance(shipment.provenance, Known)
    }
    for job in project.jobs:
        for site in _sites(job):
            lost = _asks(asked.get((job.name, site.at)))
            yield Finding(
                site.at,
                f"`{site.command}` sends to {site.elsewhere} and not to npm's registry, "
                + ("so the provenance that is asked for is lost" if lost else "which alone keeps provenance"),
                related=(*along(site.via), *_set(site)),
                job=job.name,
            )


def _sites(job: Job) -> tuple[PublishSite, ...]:
    """Return the first site of a job for each registry that is not npm's."""
    found: dict[str, PublishSite] = {}
    for site in job.sites:
        if site.elsewhere is not None and not site.for_npm:
            found.setdefault(site.elsewhere, site)
    return tuple(found.values())


def _asks(provenance: Fact[object] | None) -> bool:
    match provenance:
        case Known(On()):
            return True
        case Known() | Unknown() | None:
            return False


def _set(site: PublishSite) -> tuple[Related, ...]:
    match site.registry:
        case Known(_, at) if at is not None:
            return (Related(at, "the registry is set here"),)
        case Known() | Unknown():
            return ()
