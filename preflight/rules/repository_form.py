"""The rule repository-form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every address of a repository that the registry may not accept as it arrives."""
    told: set[str | None] = set()
    for shipment in sorted(project.provable_shipments, key=lambda each: each.doubt is not None):
        form = shipment.fragile
        if form is not None and shipment.name not in told:
            told.add(shipment.name)
            yield Finding(
                form.at,
                f"`{form.said}`, the repository of package `{shipment.name}`, {form.why}",
                remedy=form.remedy,
                sure=shipment.doubt is None,
                doubt=shipment.doubt,
                package=shipment.name,
            )
