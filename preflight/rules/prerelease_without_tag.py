"""The rule prerelease-without-tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.login import Label
from preflight.facts.toolchain import Version
from preflight.finding import Finding, Related, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project, Shipment

REFUSES = Version(11)
"""The first npm that sends no prerelease without a tag."""


def check(project: Project) -> Iterator[Finding]:
    """Object to every prerelease that npm will not send because no tag is named."""
    named = {each.name for each in project.npm_shipments if _is_named(each)}
    for shipment in project.npm_shipments:
        match shipment.label, shipment.package:
            case (None, _) | (_, None):
                pass
            case Label(automatic=True), _:
                pass
            case Label(Known(None), remedy=remedy), package if remedy and package.name not in named:
                refused = _refused(shipment)
                if refused is not None:
                    yield Finding(
                        shipment.site.at,
                        f"`{shipment.site.command}` names no tag for the prerelease `{package.version}`",
                        related=(Related(package.at, f"package `{package.name}`"), *along(shipment.site.via)),
                        remedy=remedy,
                        sure=not refused,
                        doubt=refused or None,
                        job=shipment.job,
                        package=package.name,
                    )
            case Label(Unknown(why)), package if package.name not in named and _refused(shipment) is not None:
                yield Finding(
                    shipment.site.at,
                    f"cannot tell whether the prerelease `{package.version}` gets a tag: {why}",
                    related=(Related(package.at, f"package `{package.name}`"), *along(shipment.site.via)),
                    sure=False,
                    job=shipment.job,
                    package=package.name,
                )
            case Label(), _:
                pass


def _is_named(shipment: Shipment) -> bool:
    match shipment.label:
        case Label(Known(str())):
            return True
        case Label() | None:
            return False


def _refused(shipment: Shipment) -> str | None:
    """Return why it is not sure that npm refuses, empty where it is; None where it does not."""
    doubts: list[str] = []
    for npm in shipment.site.npm:
        match npm:
            case Known(found) if found.version >= REFUSES:
                return shipment.doubt or ""
            case Unknown(why):
                doubts.append(f"which npm runs: {why}")
            case Known():
                pass
    return doubts[0] if doubts else None
