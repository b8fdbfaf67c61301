"""The rule implicit-provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.project import By, On
from preflight.finding import Finding, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to provenance that rests on trusted publishing alone."""
    for shipment in project.provable_shipments:
        match shipment.provenance:
            case Known(On(By.TRUSTED_PUBLISHING), _, remedy):
                yield Finding(
                    shipment.site.at,
                    f"provenance of `{shipment.site.command}` rests on trusted publishing alone",
                    related=along(shipment.site.via),
                    remedy=remedy,
                    sure=shipment.doubt is None,
                    doubt=shipment.doubt,
                    job=shipment.job,
                    package=shipment.name,
                    label="lost without a word when the exchange fails",
                )
            case Known() | Unknown():
                pass
