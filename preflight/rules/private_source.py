"""The rule private-source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Visibility
from preflight.facts.project import By, On
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every publish that asks for provenance while not everybody may see the source."""
    match project.visibility:
        case None | Known(Visibility.PUBLIC):
            return
        case Known(visibility):
            yield from _objections(project, f"the source repository is {visibility}", None)
        case Unknown(why):
            yield from _objections(project, "cannot tell whether everybody may see the source repository", why)


def _objections(project: Project, said: str, doubt: str | None) -> Iterator[Finding]:
    """Yield one finding for each command that asks for provenance."""
    for shipment in project.provable_shipments:
        site = shipment.site
        match shipment.provenance:
            case Known(On(by)):
                lost = by is By.TRUSTED_PUBLISHING
                effect = "provenance is lost silently" if lost else "the registry refuses its provenance"
                yield Finding(
                    site.at,
                    f"{said}: {doubt}" if doubt else f"{said}, so {effect}",
                    sure=doubt is None and site.doubt is None,
                    doubt=site.doubt,
                    prevents="" if lost else None,
                    job=shipment.job,
                    package=shipment.name,
                )
            case Known() | Unknown():
                pass
