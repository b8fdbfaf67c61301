"""The rule missing-attestation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Level
from preflight.facts.release import Kind, State
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Release


def check(release: Release) -> Iterator[Finding]:
    """Object to a version without provenance, where some is expected."""
    what = f"`{release.name}@{release.version}`"
    match release.attestations:
        case Unknown(why):
            said = f"cannot tell whether {what} has provenance: {why}"
            yield Finding(None, said, package=release.name, sure=False, attestation=Kind.PROVENANCE.value)
            return
        case Known(found):
            pass
    if any(each.kind is Kind.PROVENANCE for each in found) or release.expectation.level is Level.NONE:
        return
    match release.state:
        case Known(State.ADVERTISED_BUT_MISSING):
            message = f"the registry names attestations of {what}, and answers 404 to whoever asks for them"
        case _:
            message = f"{what} has no provenance"
    yield Finding(
        None,
        message,
        package=release.name,
        sure=release.waited,
        doubt=None if release.waited else "it may still appear",
        attestation=Kind.PROVENANCE.value,
    )
