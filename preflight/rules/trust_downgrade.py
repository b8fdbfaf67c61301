"""The rule trust-downgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Level, Registered
from preflight.facts.project import On
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.fact import Fact
    from preflight.facts.project import Project, Shipment

GAVE = {Level.TRUSTED_PUBLISHER: "came from a trusted publisher", Level.PROVENANCE: "has provenance"}
GIVES = {
    Level.PROVENANCE: "provenance without a trusted publisher",
    Level.NONE: "neither provenance nor a trusted publisher",
}


def check(project: Project) -> Iterator[Finding]:
    """Object to every publish that gives a package less trust than its last version has."""
    unanswered: dict[str, list[Shipment]] = {}
    for shipment in project.npm_shipments:
        match project.online.packages.get(shipment.name) if project.online and shipment.name else None:
            case Known(Registered() as registered):
                if registered.last:
                    yield from _compared(shipment, *registered.last)
            case Unknown(why):
                unanswered.setdefault(why, []).append(shipment)
            case _:
                pass
    # One server that does not answer is one thing to say, however many packages it was asked about.
    for why, shipments in unanswered.items():
        names = tuple(dict.fromkeys(name for each in shipments if (name := each.name)))
        yield Finding(
            shipments[0].site.at,
            f"cannot tell how much trust the last version has: {why}",
            sure=False,
            job=shipments[0].job,
            packages=names,
        )


def _compared(shipment: Shipment, version: str, level: Level) -> Iterator[Finding]:
    """Yield a finding where a publish gives less than a version has."""
    site = shipment.site
    match _given(shipment):
        case Known(given) if given.rank < level.rank:
            yield Finding(
                site.at,
                f"{version} {GAVE[level]}, and this publish gives {GIVES[given]}",
                sure=site.doubt is None,
                doubt=site.doubt,
                job=shipment.job,
                package=shipment.name,
            )
        case Unknown(why) if level is not Level.NONE:
            yield Finding(
                site.at,
                f"{version} {GAVE[level]}; cannot tell what this publish gives: {why}",
                sure=False,
                job=shipment.job,
                package=shipment.name,
            )
        case Known() | Unknown():
            pass


def _given(shipment: Shipment) -> Fact[Level]:
    """Return how much trust the version of a publish will have."""
    match shipment.site.trusted:
        case Unknown() as unknown:
            return unknown
        case Known(trusted):
            return Known(Level.TRUSTED_PUBLISHER) if trusted else _alone(shipment)


def _alone(shipment: Shipment) -> Fact[Level]:
    """Return how much trust a publish gives without a trusted publisher."""
    match shipment.provenance:
        case Known(provenance):
            return Known(Level.PROVENANCE if isinstance(provenance, On) else Level.NONE)
        case Unknown() as unknown:
            return unknown
