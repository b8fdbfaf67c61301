"""The rule unsupported-publisher."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.project import Impossible
from preflight.finding import Finding, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every publisher of which no version can make provenance."""
    for shipment in project.provable_shipments:
        match shipment.provenance:
            case Known(Impossible(why)):
                yield Finding(
                    shipment.site.at,
                    f"`{shipment.site.command}` cannot make provenance: {why}",
                    related=along(shipment.site.via),
                    sure=shipment.doubt is None,
                    doubt=shipment.doubt,
                    job=shipment.job,
                    package=shipment.name,
                )
            case Known() | Unknown():
                pass
