"""The rule missing-publish-attestation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.release import Kind
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Release


def check(release: Release) -> Iterator[Finding]:
    """Object to provenance without npm's own attestation beside it."""
    match release.attestations:
        case Known(found) if not any(each.kind is Kind.PUBLISH for each in found):
            yield Finding(
                None,
                f"npm attests no publish of `{release.name}@{release.version}`",
                package=release.name,
                sure=release.waited,
                doubt=None if release.waited else "it may still appear",
                attestation=Kind.PUBLISH.value,
            )
        case Known() | Unknown():
            pass
