"""The rule repository-directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every package of a monorepo that does not say, or says wrongly, which folder it comes from.

    A package of which it is not known whether it is sent is none of its business: nothing fails for it.
    """
    told: set[str | None] = set()
    for shipment in project.provable_shipments:
        place = shipment.misplaced
        if place is not None and shipment.doubt is None and shipment.name not in told:
            told.add(shipment.name)
            says = "names no `directory`" if place.said is None else f"names the `directory` `{place.said}`"
            yield Finding(
                place.at,
                f"the repository of package `{shipment.name}` {says}, the package lies in `{place.lies}`",
                remedy=place.remedy,
                package=shipment.name,
            )
