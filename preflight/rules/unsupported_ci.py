"""The rule unsupported-ci.

A pipeline that is only recognised may be a leftover that nothing runs any more, where another one publishes too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known
from preflight.facts.project import On
from preflight.finding import Finding, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project

SAYS = "Automatic provenance generation not supported for provider: "
LEFT = "this pipeline may be a leftover: another one of the repository publishes where npm makes provenance"


def check(project: Project) -> Iterator[Finding]:
    """Object to every publish site in a CI system for which npm makes no provenance."""
    asking = {
        id(shipment.site)
        for shipment in project.npm_shipments
        if isinstance(shipment.provenance, Known) and isinstance(shipment.provenance.value, On)
    }
    for job in project.npm_jobs:
        for site in job.npm_sites if not job.provable else ():
            asks = id(site) in asking
            yield Finding(
                site.at,
                _message(site.command, job.system.called, asks=asks),
                related=(*along(site.via), *along(job.chain)),
                sure=site.doubt is None,
                doubt=site.doubt,
                prevents=f"{SAYS}{job.system.called}" if asks else "",
                job=job.name,
            )
    left = LEFT if project.publish_jobs else None
    for place in project.elsewhere:
        doubt = place.doubt or left
        yield Finding(
            place.at,
            _message(place.command, place.system, asks=place.asks),
            related=along(place.via),
            sure=doubt is None,
            doubt=doubt,
            prevents=f"{SAYS}{place.system}" if place.asks else "",
        )


def _message(command: str, system: str, *, asks: bool) -> str:
    if asks:
        return f"`{command}` asks for provenance on {system}, where npm makes none and refuses to publish"
    return f"`{command}` publishes from {system}, where npm makes no provenance and does not say so"
