"""The rule provenance-off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.project import Impossible, Off, On
from preflight.finding import Finding, Related, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every publish site for which nothing turns provenance on, or something turns it off."""
    for shipment in project.provable_shipments:
        match shipment.provenance:
            case Known(Off(None, why), _, remedy) if not shipment.ignored:
                yield Finding(
                    shipment.site.at,
                    f"nothing turns provenance on for `{shipment.site.command}`" + (f": {why}" if why else ""),
                    related=along(shipment.site.via),
                    remedy=remedy,
                    sure=shipment.doubt is None,
                    doubt=shipment.doubt,
                    job=shipment.job,
                    package=shipment.name,
                )
            case Known(Off(by, why), at, remedy) if by is not None:
                yield Finding(
                    shipment.site.at,
                    f"provenance is turned off for `{shipment.site.command}`: {why}",
                    related=(*along(shipment.site.via), *([Related(at, "turned off here")] if at else [])),
                    remedy=remedy,
                    sure=shipment.doubt is None,
                    doubt=shipment.doubt,
                    job=shipment.job,
                    package=shipment.name,
                )
            case Unknown(why, at):
                yield Finding(
                    shipment.site.at,
                    f"cannot tell whether `{shipment.site.command}` makes provenance: {why}",
                    related=(*along(shipment.site.via), *([Related(at, "depends on this")] if at else [])),
                    sure=False,
                    job=shipment.job,
                    package=shipment.name,
                )
            case Known(Off() | On() | Impossible()):
                pass
