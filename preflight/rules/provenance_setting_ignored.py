"""The rule provenance-setting-ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding, Related, Severity, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every setting that looks like provenance but that the publishing tool does not read."""
    for shipment in project.provable_shipments:
        for setting in shipment.ignored:
            yield Finding(
                setting.at,
                f"{setting.what} does nothing here: {setting.why}",
                related=(Related(shipment.site.at, "publishes here"), *along(shipment.site.via)),
                remedy=setting.remedy,
                sure=shipment.doubt is None,
                doubt=shipment.doubt,
                severity=Severity.ERROR if shipment.off else Severity.WARNING,
                job=shipment.job,
                package=shipment.name,
            )
