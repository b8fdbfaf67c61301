"""The rule hosted-elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.release import Kind
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Release


def check(release: Release) -> Iterator[Finding]:
    """Object to a build on a machine that is not the CI provider's own."""
    identity = release.identity
    if identity and identity.hosted is False and release.expectation.hosted:
        message = f"built on a machine that is not the CI provider's own: `{identity.runner_environment}`"
        yield Finding(None, message, package=release.name, attestation=Kind.PROVENANCE.value)
