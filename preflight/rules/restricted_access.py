"""The rule restricted-access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.login import Access, Exposure
from preflight.facts.online import New, Registered
from preflight.facts.project import By, On
from preflight.finding import Finding, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project, Shipment

ASKS_THE_REGISTRY = frozenset({Tool.NPM, Tool.LERNA, Tool.LERNA_LITE})
"""Programs that ask whether a package is public before they make provenance for it."""


def check(project: Project) -> Iterator[Finding]:
    """Object to every package that the public will not see."""
    shown = {each.name for each in project.npm_shipments if _is_public(each)}
    told: set[str | None] = set()
    for shipment in sorted(project.npm_shipments, key=lambda each: each.doubt is not None):
        match shipment.exposure:
            case Exposure(Known(Access.RESTRICTED, at, remedy), scoped):
                yield Finding(
                    at,
                    "access is set to `restricted`"
                    + ("" if scoped else ", which npm refuses for a package without a scope"),
                    related=(Related(shipment.site.at, "publishes here"),),
                    remedy=remedy,
                    sure=shipment.doubt is None,
                    doubt=shipment.doubt,
                    package=shipment.name,
                )
            case Exposure(Known(None, at, remedy), scoped) if shipment.name not in shown | told:
                doubt = _doubt(project, shipment, scoped=scoped)
                if doubt is not None:
                    told.add(shipment.name)
                    yield Finding(
                        at,
                        f"nothing makes package `{shipment.name}` public",
                        related=(Related(shipment.site.at, "publishes here"),),
                        remedy=remedy,
                        sure=not doubt,
                        doubt=doubt or None,
                        package=shipment.name,
                    )
            case Exposure(Unknown(why, at), True) if shipment.name not in shown:
                yield Finding(
                    at,
                    f"cannot tell who will see package `{shipment.name}`: {why}",
                    sure=False,
                    package=shipment.name,
                )
            case Exposure() | None:
                pass


def _is_public(shipment: Shipment) -> bool:
    match shipment.exposure:
        case Exposure(Known(Access.PUBLIC)):
            return True
        case Exposure() | None:
            return False


def _doubt(project: Project, shipment: Shipment, *, scoped: bool) -> str | None:
    """Return why it is not sure that the default hides a package, empty where it is; None where it does not."""
    found = project.online.packages.get(shipment.name or "") if project.online else None
    match found:
        case Known(value):
            return _once_known(value, shipment, scoped=scoped)
        case Unknown(why):
            return why if scoped else None
        case None:
            return "a package that npm has already stays as it is" if scoped else None


def _once_known(found: Registered | New, shipment: Shipment, *, scoped: bool) -> str | None:
    match found:
        case New() if scoped or _asks(shipment):
            return shipment.doubt or ""
        case New() | Registered():
            return None


def _asks(shipment: Shipment) -> bool:
    """Return whether the first publish fails even without a scope, because provenance is asked for by a setting."""
    match shipment.provenance, shipment.site.sender:
        case Known(On(by)), Known(tool):
            return by is not By.TRUSTED_PUBLISHING and tool in ASKS_THE_REGISTRY
        case _:
            return False
