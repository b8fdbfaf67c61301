"""The rule lost-provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Level
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Release

HAS = {
    Level.TRUSTED_PUBLISHER: "comes from a trusted publisher",
    Level.PROVENANCE: "has provenance without a trusted publisher",
    Level.NONE: "has neither provenance nor a trusted publisher",
}
HAD = {Level.TRUSTED_PUBLISHER: "came from a trusted publisher", Level.PROVENANCE: "had provenance"}
ASKED = {Level.TRUSTED_PUBLISHER: "a trusted publisher", Level.PROVENANCE: "provenance"}


def check(release: Release) -> Iterator[Finding]:
    """Object to a version with less trust than one before it, or than is expected."""
    match release.level:
        case Known(level):
            message = _objection(release, level)
        case Unknown():
            return
    if message:
        yield Finding(
            None,
            message,
            package=release.name,
            sure=release.waited,
            doubt=None if release.waited else "its attestations may still appear",
        )


def _objection(release: Release, level: Level) -> str | None:
    best = max(release.earlier, key=lambda each: each.level.rank, default=None)
    has = f"{release.version} {HAS[level]}"
    if best and best.level.rank > level.rank:
        return f"{best.version} {HAD[best.level]}, and {has}"
    wanted = release.expectation.level
    # Of a version without any, another rule speaks.
    if wanted and level is not Level.NONE and wanted.rank > level.rank:
        return f"{has}, and {ASKED[wanted]} is expected"
    return None
