"""The rule invalid-attestation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.release import Kind, Sound, Unchecked, Unsound
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Attestation, Release

CALLED = {Kind.PROVENANCE: "the provenance", Kind.PUBLISH: "npm's own attestation", None: "an attestation"}


def check(release: Release) -> Iterator[Finding]:
    """Object to every attestation that does not hold."""
    match release.attestations:
        case Known(found):
            for each in found:
                yield from _judged(release, each)
        case Unknown():
            pass


def _judged(release: Release, each: Attestation) -> Iterator[Finding]:
    what = f"{CALLED[each.kind]} of `{release.name}@{release.version}`"
    kind = each.kind.value if each.kind else None
    match each.outcome:
        case Sound():
            pass
        case Unsound(code, why):
            message = f"{what} does not hold: {why}"
            yield Finding(None, message, package=release.name, attestation=kind, code=code.value)
        case Unchecked(code, why) if each.kind:
            message = f"{what} cannot be checked: {why}"
            yield Finding(None, message, package=release.name, attestation=kind, code=code.value, sure=False)
        case Unchecked():
            # A kind that npm may add one day proves nothing, and refutes nothing.
            pass
